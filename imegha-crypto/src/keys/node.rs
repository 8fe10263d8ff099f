//! The keys of files and folders (FORMAT 5).

use crate::envelope::wrapped;
use crate::error::Result;
use crate::id::Id;
use crate::keys::dek::Dek;
use crate::keys::metadata::MetadataKey;
use crate::label::Label;
use crate::primitives::kdf;
use crate::sealed::Sealed;
use crate::secret::{Secret, secret_keys};

secret_keys! {
    /// The key of a file or folder. Each is wrapped under its parent's, so that sharing a folder is sealing one key.
    NodeKey;
}

impl NodeKey {
    /// A new random key.
    ///
    /// # Errors
    /// [`Error::Platform`](crate::Error::Platform) without randomness.
    pub fn generate() -> Result<Self> {
        Secret::generate().map(Self)
    }

    /// Wraps the key of a root under the DEK.
    ///
    /// # Errors
    /// [`Error::Platform`](crate::Error::Platform) when the platform's cryptography fails.
    pub fn wrap_root(&self, dek: &Dek, node: &Id, node_epoch: u32, dek_epoch: u32) -> Result<Sealed> {
        wrapped::wrap(&dek.0, &context(node, &Id::ZERO, node_epoch, dek_epoch), &self.0)
    }

    /// Unwraps the key of a root.
    ///
    /// # Errors
    /// [`Error::CannotOpen`](crate::Error::CannotOpen): another DEK, node or epoch.
    pub fn unwrap_root(wrap: &Sealed, dek: &Dek, node: &Id, node_epoch: u32, dek_epoch: u32) -> Result<Self> {
        wrapped::unwrap(&dek.0, &context(node, &Id::ZERO, node_epoch, dek_epoch), wrap).map(Self)
    }

    /// Wraps it under the key of the folder that it lies in.
    ///
    /// # Errors
    /// [`Error::Platform`](crate::Error::Platform) when the platform's cryptography fails.
    pub fn wrap(&self, parent: &Self, node: &Id, parent_id: &Id, node_epoch: u32, parent_epoch: u32) -> Result<Sealed> {
        wrapped::wrap(&parent.0, &context(node, parent_id, node_epoch, parent_epoch), &self.0)
    }

    /// Unwraps it with the key of the folder that it lies in.
    ///
    /// # Errors
    /// [`Error::CannotOpen`](crate::Error::CannotOpen): another parent's key, node, parent or epoch.
    pub fn unwrap(
        wrap: &Sealed,
        parent: &Self,
        node: &Id,
        parent_id: &Id,
        node_epoch: u32,
        parent_epoch: u32,
    ) -> Result<Self> {
        wrapped::unwrap(&parent.0, &context(node, parent_id, node_epoch, parent_epoch), wrap).map(Self)
    }

    /// Derives the key of the node's records.
    pub fn derive_metadata_key(&self, node: &Id, node_epoch: u32) -> MetadataKey {
        MetadataKey(kdf::expand(self.0.expose(), &Label::new("metadata-key").id(node).u32(node_epoch)))
    }
}

fn context(node: &Id, parent: &Id, node_epoch: u32, parent_epoch: u32) -> Label {
    Label::new("wrap/node-key").id(node).id(parent).u32(node_epoch).u32(parent_epoch)
}
