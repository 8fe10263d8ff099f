//! Where the cloud is, as its page asks for it, and taking another place for it.

use imegha_worker::protocol::{ErrorCode, Failure, Place, PublicPlace, Reply, Request, Taken};
use leptos::prelude::*;

use super::client::Client;
use super::folder::FolderView;
use super::message::failure;
use super::page;

impl Client {
    /// Where somebody goes who has just got in: to the files, or to where a cloud is connected, if there is none.
    pub(crate) fn start_page(self) -> &'static str {
        let has_cloud = self.session.with_untracked(|session| session.as_ref().is_none_or(|session| session.has_cloud));
        if has_cloud { "/files" } else { "/settings/cloud" }
    }

    /// Where the cloud is.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn place(self) -> Result<Place, Failure> {
        let public = page::meta("imegha-public").and_then(|json| serde_json::from_str::<PublicPlace>(&json).ok());
        match self.ask(Request::Place { public }).await? {
            Reply::Place(place) => {
                let is_open = place.cloud.as_ref().is_some_and(|cloud| cloud.open);
                if self
                    .session
                    .with_untracked(|session| session.as_ref().is_some_and(|session| session.has_cloud != is_open))
                {
                    self.has_cloud(is_open);
                }
                Ok(place)
            }
            _ => Err(failure(ErrorCode::Version)),
        }
    }

    /// Takes the gateway at an address for the account's cloud.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn connect(self, address: String) -> Result<Taken, Failure> {
        self.take(Request::Connect { address }).await
    }

    /// Moves the cloud to the gateway at an address; [`Client::moved`] says how far it is.
    ///
    /// # Errors
    /// As [`Client::ask`]; [`ErrorCode::Cancelled`] when it was stopped, [`ErrorCode::HalfMoved`] when it has to be gone on with.
    pub(crate) async fn move_cloud(self, address: String) -> Result<Taken, Failure> {
        self.take(Request::MoveCloud { address }).await
    }

    /// Stops the move, unless the cloud has left already.
    pub(crate) fn stop_moving(self) {
        // What asked for the move is answered that it was stopped.
        self.tell(Request::StopMoving);
    }

    async fn take(self, request: Request) -> Result<Taken, Failure> {
        self.moved.set(None);
        self.moving.set(true);
        let answer = self.ask(request).await;
        self.moving.set(false);
        let Reply::Taken(taken) = answer? else { return Err(failure(ErrorCode::Version)) };
        if matches!(taken, Taken::Yes { .. }) {
            self.has_cloud(true);
            // What was read at the old place.
            self.folder.set(FolderView::Loading);
            self.reread();
        }
        Ok(taken)
    }

    fn has_cloud(self, has_cloud: bool) {
        self.session.update(|session| {
            if let Some(session) = session {
                session.has_cloud = has_cloud;
            }
        });
    }
}
