//! The revisions of a file, as the pages ask for them.

use imegha_worker::protocol::{Amount, Entry, ErrorCode, Failure, Keep, Reply, Request, Revision};
use leptos::prelude::*;

use super::client::Client;
use super::message::failure;

impl Client {
    /// The revisions of a file, the newest first.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn revisions(self, node: String) -> Result<Vec<Revision>, Failure> {
        match self.ask(Request::Revisions { node }).await? {
            Reply::Revisions { revisions } => Ok(revisions),
            _ => Err(failure(ErrorCode::Version)),
        }
    }

    /// Makes an older revision the newest again.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn restore_revision(self, node: String, number: u64) -> Result<Entry, Failure> {
        match self.ask(Request::RestoreRevision { node, number }).await? {
            Reply::Stored(entry) => {
                self.folder.update(|view| view.replace(&entry));
                Ok(entry)
            }
            _ => Err(failure(ErrorCode::Version)),
        }
    }

    /// What [`Client::prune`] would remove.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn prunable(self, node: String, keep: Keep) -> Result<Amount, Failure> {
        self.amount(Request::Prunable { node, keep }).await
    }

    /// Removes older revisions of a file for good, and answers what was removed.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn prune(self, node: String, keep: Keep) -> Result<Amount, Failure> {
        self.amount(Request::Prune { node, keep }).await
    }

    async fn amount(self, request: Request) -> Result<Amount, Failure> {
        match self.ask(request).await? {
            Reply::Pruned(amount) => Ok(amount),
            _ => Err(failure(ErrorCode::Version)),
        }
    }
}
