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
    /// The epoch of the album's key that it stands under.
    pub(super) album_epoch: u32,
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
    pub(super) fn generate(album: &KnownAlbum, revision: &Revision, rank: Rank, added_ms: u64) -> Result<Self> {
        let (id, album_epoch) = (Id::generate()?, album.epoch);
        Ok(Self { id, node: revision.node, album_epoch, revision: revision.number, edit: 1, rank, added_ms })
    }

    /// Opens the record of an item of `album`.
    pub(crate) fn open(record: &Record<CloudSchema>, album: &KnownAlbum) -> Result<Self> {
        let ([CloudValue::Id(of)], [CloudValue::Id(id)]) = (&record.key.partition[..], &record.key.sort[..]) else {
            return Err(refused());
        };
        let fields = Fields(record);
        if *of != album.id {
            return Err(refused());
        }
        let album_epoch = fields.epoch(Field::AlbumEpoch)?;
        let (_, metadata) = album.key_of(album_epoch)?;
        let (edit, sealed) = (fields.number(Field::Edit)?, fields.sealed(Field::Meta)?);
        let payload: Payload = json::decode(&metadata.open_item(sealed, of, id, edit)?)?;
        Ok(Self {
            id: *id,
            node: fields.id(Field::NodeId)?,
            album_epoch,
            revision: fields.number(Field::Revision)?,
            edit,
            rank: Rank::from_bytes(payload.rank.0)?,
            added_ms: payload.added.0,
        })
    }

    /// Opens what the item is for who has no other key than the album's.
    pub(crate) fn open_file_key(&self, record: &Record<CloudSchema>, album: &KnownAlbum) -> Result<FileKey> {
        let (key, _) = album.key_of(self.album_epoch)?;
        Ok(key.unwrap_item(Fields(record).sealed(Field::FileKey)?, &self.place(album))?)
    }

    pub(super) fn to_record(&self, album: &KnownAlbum, file_key: &FileKey, now_ms: u64) -> Result<Record<CloudSchema>> {
        let (key, _) = album.key_of(self.album_epoch)?;
        let wrapped = key.wrap_item(file_key, &self.place(album))?;
        let record = Record::new(key::album_item(&album.id, &self.id))
            .with(Field::AlbumEpoch, CloudValue::U64(self.album_epoch.into()))
            .with(Field::NodeId, CloudValue::Id(self.node))
            .with(Field::Revision, CloudValue::U64(self.revision))
            .with(Field::FileKey, CloudValue::Sealed(wrapped))
            .with(Field::Written, CloudValue::Time(now_ms));
        self.update(record, album)
    }

    /// The item under the album's latest key, from its record under the former.
    pub(super) fn renewed(
        &self,
        record: &Record<CloudSchema>,
        album: &KnownAlbum,
    ) -> Result<(Self, Record<CloudSchema>)> {
        let file_key = self.open_file_key(record, album)?;
        let item = Self { album_epoch: album.epoch, ..self.clone() };
        let record = item.to_record(album, &file_key, Fields(record).time(Field::Written)?)?;
        Ok((item, record))
    }

    /// `record`, the item's own, with the item where it is now.
    pub(super) fn update(&self, record: Record<CloudSchema>, album: &KnownAlbum) -> Result<Record<CloudSchema>> {
        let payload = json::encode(&Payload { rank: Base64(self.rank.to_vec()), added: Decimal(self.added_ms) });
        let (_, metadata) = album.key_of(self.album_epoch)?;
        let sealed = metadata.seal_item(&album.id, &self.id, self.edit, &payload)?;
        Ok(record.with(Field::Edit, CloudValue::U64(self.edit)).with(Field::Meta, CloudValue::Sealed(sealed)))
    }

    fn place(&self, album: &KnownAlbum) -> AlbumItem {
        let Self { id: item, node, album_epoch, revision, .. } = *self;
        AlbumItem { album: album.id, item, node, revision, album_epoch }
    }
}

fn refused() -> Error {
    Error::new(ErrorKind::CannotOpen, "the record of an album's item is not of its form")
}
