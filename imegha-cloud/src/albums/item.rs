//! An item of an album: a file in its place.

use imegha_crypto::{AlbumItem, FileKey, Id};
use serde::{Deserialize, Serialize};

use super::album::KnownAlbum;
use super::rank::Rank;
use crate::backend::Record;
use crate::client::json::{self, Base64, Decimal};
use crate::error::{Error, ErrorKind, Result};
use crate::files::Revision;
use crate::files::fields::Fields;
use crate::log::key;
use crate::schema::{CloudSchema, CloudValue, Field};

/// An item that was opened.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) id: Id,
    /// The file.
    pub(crate) node: Id,
    /// The revision whose key it wraps: the newest when it was added.
    pub(super) revision: u64,
    pub(super) edit: u64,
    pub(super) rank: Rank,
    pub(super) added_ms: u64,
}

/// The payload of FORMAT 5, `album-item`.
#[derive(Serialize, Deserialize)]
struct Payload {
    rank: Base64,
    added: Decimal,
}

impl Item {
    /// An item that was not there before.
    pub(super) fn generate(revision: &Revision, rank: Rank, added_ms: u64) -> Result<Self> {
        Ok(Self { id: Id::generate()?, node: revision.node, revision: revision.number, edit: 1, rank, added_ms })
    }

    /// Opens the record of an item of `album`.
    pub(crate) fn open(record: &Record<CloudSchema>, album: &KnownAlbum) -> Result<Self> {
        let ([CloudValue::Id(of)], [CloudValue::Id(id)]) = (&record.key.partition[..], &record.key.sort[..]) else {
            return Err(refused());
        };
        let fields = Fields(record);
        if *of != album.id || fields.epoch(Field::AlbumEpoch)? != album.epoch {
            return Err(refused());
        }
        let (edit, sealed) = (fields.number(Field::Edit)?, fields.sealed(Field::Meta)?);
        let payload: Payload = json::decode(&album.metadata_key().open_item(sealed, of, id, edit)?)?;
        Ok(Self {
            id: *id,
            node: fields.id(Field::NodeId)?,
            revision: fields.number(Field::Revision)?,
            edit,
            rank: Rank::from_bytes(payload.rank.0)?,
            added_ms: payload.added.0,
        })
    }

    /// Opens what the item is for who has no other key than the album's.
    pub(crate) fn open_file_key(&self, record: &Record<CloudSchema>, album: &KnownAlbum) -> Result<FileKey> {
        Ok(album.key.unwrap_item(Fields(record).sealed(Field::FileKey)?, &self.place(album))?)
    }

    pub(super) fn to_record(&self, album: &KnownAlbum, file_key: &FileKey, now_ms: u64) -> Result<Record<CloudSchema>> {
        let wrapped = album.key.wrap_item(file_key, &self.place(album))?;
        let record = Record::new(key::album_item(&album.id, &self.id))
            .with(Field::AlbumEpoch, CloudValue::U64(album.epoch.into()))
            .with(Field::NodeId, CloudValue::Id(self.node))
            .with(Field::Revision, CloudValue::U64(self.revision))
            .with(Field::FileKey, CloudValue::Sealed(wrapped))
            .with(Field::Written, CloudValue::Time(now_ms));
        self.update(record, album)
    }

    /// `record`, the item's own, with the item where it is now.
    pub(super) fn update(&self, record: Record<CloudSchema>, album: &KnownAlbum) -> Result<Record<CloudSchema>> {
        let payload = json::encode(&Payload { rank: Base64(self.rank.to_vec()), added: Decimal(self.added_ms) });
        let sealed = album.metadata_key().seal_item(&album.id, &self.id, self.edit, &payload)?;
        Ok(record.with(Field::Edit, CloudValue::U64(self.edit)).with(Field::Meta, CloudValue::Sealed(sealed)))
    }

    fn place(&self, album: &KnownAlbum) -> AlbumItem {
        let Self { id: item, node, revision, .. } = *self;
        AlbumItem { album: album.id, item, node, revision, album_epoch: album.epoch }
    }
}

fn refused() -> Error {
    Error::new(ErrorKind::CannotOpen, "the record of an album's item is not of its form")
}
