//! Moving files and folders to another folder.

use imegha_crypto::Id;

use super::entry::Entry;
use super::placing::Aim;
use crate::client::Cloud;
use crate::error::Result;

/// What to do when a name is taken where something is moved to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnTaken {
    /// Refuse with `AlreadyExists`.
    Refuse,
    /// Give what is moved the first of "name (2)", "name (3)" … that is free.
    KeepBoth,
    /// Move the file of that name to the trash. A folder is never replaced: that is `AlreadyExists`.
    Replace,
}

impl Cloud {
    /// Moves files and folders into a folder, and tells what became of each. What is in that folder already stays as it is; what lies
    /// below another of `nodes` goes with it.
    ///
    /// Up to 32 of them, 16 with [`OnTaken::Replace`], are moved in one transaction, all or none. More are moved in several: what can
    /// be refused is refused before the first, but when the store goes away between two of them, the earlier ones stand.
    ///
    /// # Errors
    /// `NotFound` when a node or the folder is not there, or only in the trash; `AlreadyExists` for a name that is taken, as
    /// `taken` says; `Malformed` for the root, for a folder into itself or below, and for folders nested without end.
    pub async fn move_to(&self, nodes: &[Id], folder: &Id, taken: OnTaken) -> Result<Vec<Entry>> {
        self.place(nodes, Aim::Folder(*folder, taken)).await
    }
}
