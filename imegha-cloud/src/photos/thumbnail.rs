//! The small picture of a file.

use std::fmt;

use crate::error::{Error, ErrorKind, Result};

/// A small picture of a file, made by the device that uploads it. It is kept as an object of its own, under a key of its own.
#[derive(Clone, PartialEq, Eq)]
pub struct Thumbnail {
    /// `image/jpeg`, `image/png` or `image/webp`. Whoever shows it still decodes it as something that may come from anybody.
    pub mime: String,
    /// Up to 64 KiB.
    pub bytes: Vec<u8>,
}

impl Thumbnail {
    /// As many bytes as it may have.
    pub const MAX_LEN: usize = 64 * 1024;

    /// Whether it can be kept. Its bytes are not looked at.
    ///
    /// # Errors
    /// `Malformed`, with what is wrong.
    pub fn check(&self) -> Result<()> {
        if self.bytes.is_empty() || self.bytes.len() > Self::MAX_LEN {
            return Err(Error::new(ErrorKind::Malformed, "a thumbnail has up to 64 KiB"));
        }
        if !MIMES.contains(&&self.mime[..]) {
            return Err(Error::new(ErrorKind::Malformed, "a thumbnail is JPEG, PNG or WebP"));
        }
        Ok(())
    }
}

impl fmt::Debug for Thumbnail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Thumbnail({}, {} bytes)", self.mime, self.bytes.len())
    }
}

/// What every browser decodes, and nothing that runs.
const MIMES: &[&str] = &["image/jpeg", "image/png", "image/webp"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_thumbnail_is_refused() {
        let thumbnail = |mime: &str, len| Thumbnail { mime: mime.to_owned(), bytes: vec![0; len] };
        for mime in ["image/jpeg", "image/png", "image/webp"] {
            thumbnail(mime, 1).check().unwrap();
            thumbnail(mime, Thumbnail::MAX_LEN).check().unwrap();
        }
        for (mime, len) in
            [("image/jpeg", 0), ("image/jpeg", Thumbnail::MAX_LEN + 1), ("image/svg+xml", 1), ("", 1), ("image/gif", 1)]
        {
            let refused = thumbnail(mime, len).check().unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::Malformed, "{mime} {len}");
        }
    }
}
