//! The keys of a revision's content and thumbnail (FORMAT 5).

use crate::envelope::wrapped;
use crate::error::Result;
use crate::id::Id;
use crate::keys::node::NodeKey;
use crate::label::Label;
use crate::primitives::kdf;
use crate::sealed::Sealed;
use crate::secret::{Secret, secret_keys};

secret_keys! {
    /// The key of one revision's content. A new revision has a new one.
    FileKey;
    /// The key of one revision's thumbnail.
    ThumbnailKey;
}

impl FileKey {
    /// A new random key.
    ///
    /// # Errors
    /// [`Error::Platform`](crate::Error::Platform) without randomness.
    pub fn generate() -> Result<Self> {
        Secret::generate().map(Self)
    }

    /// Wraps it under the key of its node.
    ///
    /// # Errors
    /// [`Error::Platform`](crate::Error::Platform) when the platform's cryptography fails.
    pub fn wrap(&self, node_key: &NodeKey, node: &Id, revision: u64, node_epoch: u32) -> Result<Sealed> {
        wrapped::wrap(&node_key.0, &context(node, revision, node_epoch), &self.0)
    }

    /// Unwraps it with the key of its node.
    ///
    /// # Errors
    /// [`Error::CannotOpen`](crate::Error::CannotOpen): another key, node, revision or epoch.
    pub fn unwrap(wrap: &Sealed, node_key: &NodeKey, node: &Id, revision: u64, node_epoch: u32) -> Result<Self> {
        wrapped::unwrap(&node_key.0, &context(node, revision, node_epoch), wrap).map(Self)
    }

    /// The key's bytes, for the payload of an upload's journal, which is sealed before it is kept
    /// ([`PurposeKey::seal_journal`](crate::PurposeKey::seal_journal)). They belong nowhere else.
    pub fn expose_for_journal(&self) -> &[u8; 32] {
        self.0.expose()
    }

    /// The key of these bytes, from the payload of a journal that was opened.
    pub fn from_journal(bytes: &[u8; 32]) -> Self {
        Self(Secret::from_slice(bytes).expect("32 bytes are 32 bytes"))
    }

    /// Derives the key of the revision's thumbnail.
    pub fn derive_thumbnail_key(&self, node: &Id, revision: u64) -> ThumbnailKey {
        ThumbnailKey(kdf::expand(self.0.expose(), &Label::new("thumbnail-key").id(node).u64(revision)))
    }
}

fn context(node: &Id, revision: u64, node_epoch: u32) -> Label {
    Label::new("wrap/file-key").id(node).u64(revision).u32(node_epoch)
}
