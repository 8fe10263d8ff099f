//! What a profile can be.

use std::fmt;

use super::{Picture, Profile};
use crate::error::{Error, ErrorKind, Result};

impl Profile {
    /// Whether it can be kept.
    ///
    /// # Errors
    /// `Malformed`, with what is wrong.
    pub fn check(&self) -> Result<()> {
        let refused = |why| Err(Error::new(ErrorKind::Malformed, why));
        if self.name.len() > MAX_NAME_LEN || self.name.chars().any(char::is_control) {
            return refused("a profile's name has up to 200 bytes and no control characters");
        }
        if self.bio.len() > MAX_BIO_LEN || self.bio.chars().any(|one| one.is_control() && one != '\n') {
            return refused("a profile's words have up to 4,096 bytes and no control characters but line breaks");
        }
        if self.phone.len() > MAX_PHONE_LEN || self.phone.chars().any(char::is_control) {
            return refused("a profile's number has up to 64 bytes and no control characters");
        }
        match &self.picture {
            Some(picture) => picture.check(),
            None => Ok(()),
        }
    }
}

impl Picture {
    /// Whether it can be kept. Its bytes are not looked at.
    ///
    /// # Errors
    /// `Malformed`, with what is wrong.
    pub fn check(&self) -> Result<()> {
        if self.bytes.is_empty() || self.bytes.len() > Self::MAX_LEN {
            return Err(Error::new(ErrorKind::Malformed, "a profile's picture has up to 192 KiB"));
        }
        if !PICTURES.contains(&&self.mime[..]) {
            return Err(Error::new(ErrorKind::Malformed, "a profile's picture is JPEG, PNG or WebP"));
        }
        Ok(())
    }

    /// As many bytes as it may have: sealed and in base64url they still fit into a record.
    pub const MAX_LEN: usize = 192 * 1024;
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({}, {} bytes)", self.mime, self.bytes.len())
    }
}

const MAX_NAME_LEN: usize = 200;
const MAX_BIO_LEN: usize = 4_096;
const MAX_PHONE_LEN: usize = 64;
/// What every browser decodes, and nothing that runs.
const PICTURES: &[&str] = &["image/jpeg", "image/png", "image/webp"];
