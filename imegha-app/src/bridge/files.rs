//! What a person does with files and folders, beside sending and fetching them.

use std::collections::BTreeSet;

use imegha_worker::protocol::{Entry, ErrorCode, Failure, Hit, Listing, OnTaken, Photo, Reply, Request, Trashed};
use leptos::prelude::*;

use super::client::Client;
use super::message::failure;

/// What takes back a thing that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Undo {
    /// Out of the trash, to where it was.
    Restore(Vec<String>),
    /// Back to this folder.
    MoveBack {
        /// What was moved.
        nodes: Vec<String>,
        /// Where it was.
        folder: String,
    },
    /// Back to its name.
    Rename {
        /// What was renamed.
        node: String,
        /// What it was called.
        name: String,
    },
}

impl Client {
    /// What a folder holds, for who looks at another than the one on the screen; the root without an id.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn list(self, folder: Option<String>) -> Result<Listing, Failure> {
        match self.ask(Request::List { folder }).await? {
            Reply::Listing(listing) => Ok(listing),
            _ => Err(failure(ErrorCode::Version)),
        }
    }

    /// Makes a folder in another one, which may be the one on the screen.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn make_folder(self, parent: String, name: String) -> Result<Entry, Failure> {
        match self.ask(Request::CreateFolder { parent: Some(parent.clone()), name }).await? {
            Reply::Stored(entry) => {
                self.put(&parent, entry.clone());
                Ok(entry)
            }
            _ => Err(failure(ErrorCode::Version)),
        }
    }

    /// Gives a file or folder another name.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn rename(self, node: String, name: String) -> Result<Entry, Failure> {
        match self.ask(Request::Rename { node, name }).await? {
            Reply::Stored(entry) => {
                self.folder.update(|view| view.replace(&entry));
                Ok(entry)
            }
            _ => Err(failure(ErrorCode::Version)),
        }
    }

    /// Moves files and folders to another folder, to the root without one: all of them, or none.
    ///
    /// # Errors
    /// As [`Client::ask`]; [`ErrorCode::NameTaken`] when `taken` says to ask.
    pub(crate) async fn move_to(
        self,
        nodes: Vec<String>,
        folder: Option<String>,
        taken: OnTaken,
    ) -> Result<(), Failure> {
        let gone: BTreeSet<String> = nodes.iter().cloned().collect();
        self.ask(Request::Move { nodes, folder, taken }).await?;
        self.folder.update(|view| view.remove(&gone));
        self.reread();
        Ok(())
    }

    /// Moves files and folders to the trash.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn trash(self, nodes: Vec<String>) -> Result<(), Failure> {
        let gone: BTreeSet<String> = nodes.iter().cloned().collect();
        self.ask(Request::Trash { nodes }).await?;
        self.folder.update(|view| view.remove(&gone));
        Ok(())
    }

    /// What the trash holds, the latest first.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn list_trash(self) -> Result<Vec<Trashed>, Failure> {
        match self.ask(Request::ListTrash).await? {
            Reply::Trash { entries } => Ok(entries),
            _ => Err(failure(ErrorCode::Version)),
        }
    }

    /// Puts what is in the trash back to where it was.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn restore(self, nodes: Vec<String>) -> Result<(), Failure> {
        self.ask(Request::Restore { nodes }).await?;
        self.reread();
        Ok(())
    }

    /// Removes what is in the trash for good; all of it without ids.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn purge(self, nodes: Option<Vec<String>>) -> Result<(), Failure> {
        self.ask(Request::Purge { nodes }).await.map(|_| ())
    }

    /// Looks for names in all folders, and says whether there are more than are told.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn find(self, text: String) -> Result<(Vec<Hit>, bool), Failure> {
        match self.ask(Request::Find { text }).await? {
            Reply::Found { hits, more } => Ok((hits, more)),
            _ => Err(failure(ErrorCode::Version)),
        }
    }

    /// The images of all folders, the latest first.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn photos(self) -> Result<Vec<Photo>, Failure> {
        match self.ask(Request::Photos).await? {
            Reply::Photos { photos } => Ok(photos),
            _ => Err(failure(ErrorCode::Version)),
        }
    }

    /// Takes back what was done.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn undo(self, undo: Undo) -> Result<(), Failure> {
        match undo {
            Undo::Restore(nodes) => self.restore(nodes).await,
            Undo::MoveBack { nodes, folder } => self.move_to(nodes, Some(folder), OnTaken::KeepBoth).await,
            Undo::Rename { node, name } => self.rename(node, name).await.map(|_| ()),
        }
    }
}
