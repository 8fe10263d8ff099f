//! The key of a node's records: names, kinds, sizes, types (FORMAT 5).

use zeroize::Zeroizing;

use crate::envelope::wrapped;
use crate::error::Result;
use crate::id::Id;
use crate::label::Label;
use crate::sealed::Sealed;
use crate::secret::secret_keys;

secret_keys! {
    /// The key of a node's records. It opens names and types, never content.
    MetadataKey;
}

impl MetadataKey {
    /// Seals the record of a node: its name and kind. The parent is bound, so that no record moves to another folder.
    ///
    /// # Errors
    /// [`Error::Platform`](crate::Error::Platform) when the platform's cryptography fails.
    pub fn seal_node(&self, node: &Id, parent: &Id, edit: u64, payload: &[u8]) -> Result<Sealed> {
        wrapped::seal(&self.0, &of_node(node, parent, edit), payload)
    }

    /// Opens the record of a node.
    ///
    /// # Errors
    /// [`Error::CannotOpen`](crate::Error::CannotOpen): another key, node, parent or edit.
    pub fn open_node(&self, sealed: &Sealed, node: &Id, parent: &Id, edit: u64) -> Result<Zeroizing<Vec<u8>>> {
        wrapped::open(&self.0, &of_node(node, parent, edit), sealed)
    }

    /// Seals the record of a revision: size and hash of the plaintext, type, times, commitments.
    ///
    /// # Errors
    /// [`Error::Platform`](crate::Error::Platform) when the platform's cryptography fails.
    pub fn seal_revision(&self, node: &Id, revision: u64, node_epoch: u32, payload: &[u8]) -> Result<Sealed> {
        wrapped::seal(&self.0, &of_revision(node, revision, node_epoch), payload)
    }

    /// Opens the record of a revision.
    ///
    /// # Errors
    /// [`Error::CannotOpen`](crate::Error::CannotOpen): another key, node, revision or epoch.
    pub fn open_revision(
        &self,
        sealed: &Sealed,
        node: &Id,
        revision: u64,
        node_epoch: u32,
    ) -> Result<Zeroizing<Vec<u8>>> {
        wrapped::open(&self.0, &of_revision(node, revision, node_epoch), sealed)
    }
}

fn of_node(node: &Id, parent: &Id, edit: u64) -> Label {
    Label::new("record/node").id(node).id(parent).u64(edit)
}

fn of_revision(node: &Id, revision: u64, node_epoch: u32) -> Label {
    Label::new("record/revision").id(node).u64(revision).u32(node_epoch)
}
