//! The first 32 bytes of an object, which say what it is and are bound to its content (FORMAT 6).

use crate::content::layout::HEAD_LEN;
use crate::error::{Error, Result};
use crate::id::Id;
use crate::label::Label;
use crate::primitives::seal::{COMMITMENT_LEN, SALT_LEN};

/// What an object holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContentKind {
    /// The content of a file, under its file key.
    Content,
    /// Its thumbnail, under a key derived from the file key.
    Thumbnail,
}

pub(super) const PREFIX_LEN: usize = 32;

/// `"IMEGHA" || 0x01 || kind(1) || node id(16) || u64 revision`
#[derive(Clone, Copy)]
pub(super) struct Prefix([u8; PREFIX_LEN]);

impl Prefix {
    pub(super) fn new(kind: ContentKind, node: &Id, revision: u64) -> Self {
        let mut bytes = [0; PREFIX_LEN];
        bytes[..6].copy_from_slice(b"IMEGHA");
        bytes[6] = 1;
        bytes[7] = match kind {
            ContentKind::Content => 1,
            ContentKind::Thumbnail => 2,
        };
        bytes[8..24].copy_from_slice(node.as_bytes());
        bytes[24..].copy_from_slice(&revision.to_be_bytes());
        Self(bytes)
    }

    /// An object's first 88 bytes: the prefix, then what every sealing begins with.
    pub(super) fn head(&self, salt: &[u8; SALT_LEN], commitment: &[u8; COMMITMENT_LEN]) -> [u8; HEAD_LEN] {
        let mut head = [0; HEAD_LEN];
        let (prefix, header) = head.split_at_mut(PREFIX_LEN);
        prefix.copy_from_slice(&self.0);
        header[..SALT_LEN].copy_from_slice(salt);
        header[SALT_LEN..].copy_from_slice(commitment);
        head
    }

    /// What the content is sealed under.
    pub(super) fn context(&self) -> Label {
        Label::new("file").part(self.0)
    }

    /// Compares what an object begins with: there is one version, the kind that was asked for, and the place that was
    /// asked for. Nothing else is tried.
    pub(super) fn check(&self, found: &[u8]) -> Result<()> {
        if self.0 == found { Ok(()) } else { Err(Error::CannotOpen) }
    }
}

/// The first 88 bytes of the object of that kind, node and revision, sealed with that salt and commitment: what a reader who has both
/// from a signed record need not fetch, and compares when it does.
pub fn object_head(
    kind: ContentKind,
    node: &Id,
    revision: u64,
    salt: &[u8; SALT_LEN],
    commitment: &[u8; COMMITMENT_LEN],
) -> [u8; HEAD_LEN] {
    Prefix::new(kind, node, revision).head(salt, commitment)
}
