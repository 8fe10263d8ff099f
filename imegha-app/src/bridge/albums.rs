//! Albums, as the pages ask for them.

use imegha_worker::protocol::{Album, Entry, ErrorCode, Failure, Reply, Request};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::arranging::{Arranging, Rearrangement};
use super::client::Client;
use super::message::failure;

impl Client {
    /// All albums, the newest first.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn albums(self) -> Result<Vec<Album>, Failure> {
        match self.ask(Request::Albums).await? {
            Reply::Albums { albums } => Ok(albums),
            _ => Err(failure(ErrorCode::Version)),
        }
    }

    /// An album, with its files in their order.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn album(self, album: String) -> Result<(Album, Vec<Entry>), Failure> {
        match self.ask(Request::Album { album }).await? {
            Reply::Album { album, files } => Ok((album, files)),
            _ => Err(failure(ErrorCode::Version)),
        }
    }

    /// Makes an album of these files. If they cannot be added it is deleted again; without a network it stays, with those that were added.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn create_album(self, title: String, files: Vec<String>) -> Result<Album, Failure> {
        self.stored_album(Request::CreateAlbum { title, files }).await
    }

    /// Adds files to the end of an album, and answers how many of them had not been in it.
    ///
    /// # Errors
    /// As [`Client::ask`]; [`ErrorCode::AlbumFull`] when there would be too many.
    pub(crate) async fn add_to_album(self, album: String, files: Vec<String>) -> Result<u64, Failure> {
        match self.ask(Request::AddToAlbum { album, files }).await? {
            Reply::AddedToAlbum { count } => Ok(count),
            _ => Err(failure(ErrorCode::Version)),
        }
    }

    /// Takes files out of an album. They stay where they are.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn remove_from_album(self, album: String, files: Vec<String>) -> Result<(), Failure> {
        self.ask(Request::RemoveFromAlbum { album, files }).await.map(|_| ())
    }

    /// Moves files within an album, once the moves before are written. `failed` hears of each of them that could not be.
    pub(crate) fn rearrange(self, wanted: Rearrangement, failed: impl Fn(&Failure) + 'static) {
        if !self.arranging.try_update(|arranging| arranging.add(wanted)).unwrap_or_default() {
            return;
        }
        spawn_local(async move {
            while let Some(Rearrangement { album, files, before }) = self.next_rearrangement() {
                let done = self.ask(Request::MoveInAlbum { album, files, before }).await;
                // When the session is over, that it is has been said.
                let is_in = self.session.with_untracked(Option::is_some);
                if let Err(failure) = done
                    && is_in
                {
                    failed(&failure);
                }
            }
        });
    }

    fn next_rearrangement(self) -> Option<Rearrangement> {
        self.arranging.try_update(Arranging::next).flatten()
    }

    /// Gives an album another title.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn rename_album(self, album: String, title: String) -> Result<Album, Failure> {
        self.stored_album(Request::RenameAlbum { album, title }).await
    }

    /// Has one of its files shown for an album.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn cover_album(self, album: String, file: String) -> Result<Album, Failure> {
        self.stored_album(Request::CoverAlbum { album, file }).await
    }

    /// Deletes an album. Its files stay where they are.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn delete_album(self, album: String) -> Result<(), Failure> {
        self.ask(Request::DeleteAlbum { album }).await.map(|_| ())
    }

    async fn stored_album(self, request: Request) -> Result<Album, Failure> {
        match self.ask(request).await? {
            Reply::AlbumStored(album) => Ok(album),
            _ => Err(failure(ErrorCode::Version)),
        }
    }
}
