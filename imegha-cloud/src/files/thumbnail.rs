//! The thumbnail of a file: stored beside its content, and read.

use imegha_crypto::{ContentKind, ContentSealer, FileKey, Id};

use super::object::{Reader, Stored};
use super::revision::Revision;
use super::sending;
use crate::backend::ObjectName;
use crate::client::{About, Cloud};
use crate::error::{Error, ErrorKind, Result};
use crate::log::NotAppended;
use crate::photos::Thumbnail;

/// What a revision says of its thumbnail.
#[derive(Clone, Debug)]
pub(crate) struct ThumbnailPart {
    pub(crate) mime: String,
    /// Bytes of plaintext.
    pub(crate) size: u64,
    pub(crate) object: ObjectName,
    pub(crate) object_len: u64,
    pub(crate) commitment: [u8; 32],
}

/// A thumbnail with what opens it.
#[derive(Clone, Debug)]
pub(crate) struct KeptThumbnail {
    pub(crate) node: Id,
    pub(crate) number: u64,
    pub(crate) file_key: FileKey,
    pub(crate) part: ThumbnailPart,
}

impl KeptThumbnail {
    /// The thumbnail of a revision, if it has one.
    pub(crate) fn of(revision: &Revision) -> Option<Self> {
        let Revision { node, number, ref file_key, .. } = *revision;
        Some(Self { node, number, file_key: file_key.clone(), part: revision.thumbnail.clone()? })
    }
}

impl Cloud {
    /// The thumbnail of a file, as of its newest revision. [`Entry::has_thumbnail`](field@crate::Entry::has_thumbnail) tells whether
    /// there is one.
    ///
    /// Of a file that was listed, or saved, by this device and has not changed since, this is one request for the object. It is as of
    /// the last time that the log was read: by a listing, or by anything else.
    ///
    /// # Errors
    /// `NotFound` when there is no such file, or it has none; `CannotOpen` when it is damaged; otherwise as [`Cloud::download`].
    pub async fn thumbnail(&self, file: &Id) -> Result<Thumbnail> {
        if let Some(kept) = self.tree().seen_thumbnail(file).await {
            match self.read_thumbnail(&kept).await {
                // The revision that it is of may have been removed by another device.
                Err(error) if error.kind() == ErrorKind::CannotOpen => {}
                read => return read,
            }
        }
        let (_, revision) = self.as_file(self.tree().open_latest(file).await?)?;
        match KeptThumbnail::of(&revision) {
            Some(kept) => self.read_thumbnail(&kept).await,
            None => Err(Error::new(ErrorKind::NotFound, "this file has no thumbnail")),
        }
    }

    pub(super) async fn read_thumbnail(&self, kept: &KeptThumbnail) -> Result<Thumbnail> {
        let bytes = Reader::of_thumbnail(self.store(), kept)?.read_whole().await?;
        let thumbnail = Thumbnail { mime: kept.part.mime.clone(), bytes };
        // Only the owner writes it, but a reader does not rely on what another version let through.
        thumbnail.check().map_err(|_| Error::new(ErrorKind::CannotOpen, "a thumbnail is not of its form"))?;
        Ok(thumbnail)
    }

    /// Stores the thumbnail of a content that was stored, if it is to have one, under the key that follows from the content's.
    pub(super) async fn store_thumbnail(
        &self,
        stored: &mut Stored,
        number: u64,
        about: &About,
    ) -> Result<(), NotAppended> {
        let Some(Thumbnail { mime, bytes }) = about.thumbnail.clone() else { return Ok(()) };
        let size = bytes.len() as u64;
        let mut sealer =
            ContentSealer::new(&stored.file_key, ContentKind::Thumbnail, &stored.node, number).map_err(Error::from)?;
        let (object, commitment) = (ObjectName::from_salt(sealer.salt()), sealer.commitment());
        let object_len = sending::store_whole(self.store(), &about.watch, &object, &mut sealer, bytes).await?;
        stored.thumbnail = Some(ThumbnailPart { mime, size, object, object_len, commitment });
        Ok(())
    }
}
