//! The keys of albums (FORMAT 5).

use zeroize::Zeroizing;

use crate::envelope::wrapped;
use crate::error::Result;
use crate::id::Id;
use crate::keys::file::FileKey;
use crate::keys::purpose::{Purpose, PurposeKey};
use crate::label::Label;
use crate::primitives::kdf;
use crate::sealed::Sealed;
use crate::secret::{Secret, secret_keys};

secret_keys! {
    /// The key of an album. File keys are wrapped under it, so that an album holds no copies.
    AlbumKey;
    /// The key of an album's records.
    AlbumMetadataKey;
}

/// Where an item of an album stands: what its wrapped file key is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlbumItem {
    /// The album.
    pub album: Id,
    /// The item in it.
    pub item: Id,
    /// The node that it shows.
    pub node: Id,
    /// The node's revision.
    pub revision: u64,
    /// The album's epoch.
    pub album_epoch: u32,
}

impl AlbumKey {
    /// A new random key.
    ///
    /// # Errors
    /// [`Error::Platform`](crate::Error::Platform) without randomness.
    pub fn generate() -> Result<Self> {
        Secret::generate().map(Self)
    }

    /// Wraps it under the key for [`Purpose::Albums`].
    ///
    /// # Errors
    /// [`Error::Key`](crate::Error::Key) when `albums` is for something else.
    pub fn wrap(&self, albums: &PurposeKey, album: &Id, album_epoch: u32) -> Result<Sealed> {
        wrapped::wrap(albums.of(Purpose::Albums)?, &of_album(album, album_epoch), &self.0)
    }

    /// Unwraps it.
    ///
    /// # Errors
    /// [`Error::Key`](crate::Error::Key) when `albums` is for something else,
    /// [`Error::CannotOpen`](crate::Error::CannotOpen): another key, album or epoch.
    pub fn unwrap(wrap: &Sealed, albums: &PurposeKey, album: &Id, album_epoch: u32) -> Result<Self> {
        wrapped::unwrap(albums.of(Purpose::Albums)?, &of_album(album, album_epoch), wrap).map(Self)
    }

    /// Wraps a file's key for an item of the album.
    ///
    /// # Errors
    /// [`Error::Platform`](crate::Error::Platform) when the platform's cryptography fails.
    pub fn wrap_item(&self, file_key: &FileKey, place: &AlbumItem) -> Result<Sealed> {
        wrapped::wrap(&self.0, &of_item(place), &file_key.0)
    }

    /// Unwraps a file's key.
    ///
    /// # Errors
    /// [`Error::CannotOpen`](crate::Error::CannotOpen): another key or place.
    pub fn unwrap_item(&self, wrap: &Sealed, place: &AlbumItem) -> Result<FileKey> {
        wrapped::unwrap(&self.0, &of_item(place), wrap).map(FileKey)
    }

    /// Derives the key of the album's records.
    pub fn derive_metadata_key(&self, album: &Id, album_epoch: u32) -> AlbumMetadataKey {
        AlbumMetadataKey(kdf::expand(self.0.expose(), &Label::new("album-metadata-key").id(album).u32(album_epoch)))
    }
}

impl AlbumMetadataKey {
    /// Seals the record of an album: its title, cover and order.
    ///
    /// # Errors
    /// [`Error::Platform`](crate::Error::Platform) when the platform's cryptography fails.
    pub fn seal_album(&self, album: &Id, edit: u64, payload: &[u8]) -> Result<Sealed> {
        wrapped::seal(&self.0, &Label::new("record/album").id(album).u64(edit), payload)
    }

    /// Opens the record of an album.
    ///
    /// # Errors
    /// [`Error::CannotOpen`](crate::Error::CannotOpen): another key, album or edit.
    pub fn open_album(&self, sealed: &Sealed, album: &Id, edit: u64) -> Result<Zeroizing<Vec<u8>>> {
        wrapped::open(&self.0, &Label::new("record/album").id(album).u64(edit), sealed)
    }

    /// Seals the record of an item.
    ///
    /// # Errors
    /// [`Error::Platform`](crate::Error::Platform) when the platform's cryptography fails.
    pub fn seal_item(&self, album: &Id, item: &Id, edit: u64, payload: &[u8]) -> Result<Sealed> {
        wrapped::seal(&self.0, &Label::new("record/album-item").id(album).id(item).u64(edit), payload)
    }

    /// Opens the record of an item.
    ///
    /// # Errors
    /// [`Error::CannotOpen`](crate::Error::CannotOpen): another key, album, item or edit.
    pub fn open_item(&self, sealed: &Sealed, album: &Id, item: &Id, edit: u64) -> Result<Zeroizing<Vec<u8>>> {
        wrapped::open(&self.0, &Label::new("record/album-item").id(album).id(item).u64(edit), sealed)
    }
}

fn of_album(album: &Id, album_epoch: u32) -> Label {
    Label::new("wrap/album-key").id(album).u32(album_epoch)
}

fn of_item(place: &AlbumItem) -> Label {
    Label::new("wrap/album-item")
        .id(&place.album)
        .id(&place.item)
        .id(&place.node)
        .u64(place.revision)
        .u32(place.album_epoch)
}
