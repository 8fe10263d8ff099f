//! The album itself: its key, title and cover.

use imegha_crypto::{AlbumKey, AlbumMetadataKey, Id, PurposeKey};
use serde::{Deserialize, Serialize};

use crate::backend::Record;
use crate::client::json::{self, Decimal, Fixed};
use crate::error::{Error, ErrorKind, Result};
use crate::files::fields::Fields;
use crate::log::key;
use crate::schema::{CloudSchema, CloudValue, Field};

/// An album, as a person sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Album {
    /// Its id.
    pub id: Id,
    /// Its title. Several may have the same; that of a damaged one is its id.
    pub title: String,
    /// The file that is shown for it: the one that was chosen, or else the first; nothing for an empty one.
    pub cover: Option<Id>,
    /// How many files it shows.
    pub files: usize,
    /// When it was made, in milliseconds since 1970 by the maker's clock.
    pub created_ms: u64,
    /// Why it cannot be shown, if it cannot: `CannotOpen` for what is damaged, `Rollback` for what storage shows in an older state or
    /// not at all. Everything else but `id` and `title` is empty then.
    pub damaged: Option<ErrorKind>,
}

/// What can be changed of an album itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlbumDraft {
    /// Its title: 1 to 200 bytes of UTF-8, not of white space alone, without control characters.
    pub title: String,
    /// The file that is to be shown for it, one of its own; nothing for the first.
    pub cover: Option<Id>,
}

impl AlbumDraft {
    /// Whether the title can be one.
    ///
    /// # Errors
    /// `Malformed`, with what is wrong.
    pub fn check(&self) -> Result<()> {
        let title = &self.title;
        if title.trim().is_empty() || title.len() > MAX_TITLE_LEN || title.chars().any(char::is_control) {
            return Err(Error::new(
                ErrorKind::Malformed,
                "an album's title has 1 to 200 bytes and no control characters",
            ));
        }
        Ok(())
    }
}

impl Album {
    /// An album that is there and cannot be opened.
    pub(super) fn damaged(id: Id, why: ErrorKind) -> Self {
        Self { id, title: id.to_string(), cover: None, files: 0, created_ms: 0, damaged: Some(why) }
    }
}

/// An album that was opened.
#[derive(Clone, Debug)]
pub(crate) struct KnownAlbum {
    pub(crate) id: Id,
    pub(crate) epoch: u32,
    pub(crate) key: AlbumKey,
    pub(super) edit: u64,
    pub(super) created_ms: u64,
    pub(super) draft: AlbumDraft,
}

/// The payload of FORMAT 5, `album`.
#[derive(Serialize, Deserialize)]
struct Payload {
    title: String,
    created: Decimal,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cover: Option<Fixed<16>>,
}

impl KnownAlbum {
    /// An album that was not there before, with a key of its own.
    pub(super) fn generate(draft: AlbumDraft, created_ms: u64) -> Result<Self> {
        Ok(Self { id: Id::generate()?, epoch: 1, key: AlbumKey::generate()?, edit: 1, created_ms, draft })
    }

    /// Opens the record of an album. `albums` is the purpose key of that name.
    pub(crate) fn open(record: &Record<CloudSchema>, albums: &PurposeKey) -> Result<Self> {
        let ([], [CloudValue::Id(id)]) = (&record.key.partition[..], &record.key.sort[..]) else {
            return Err(refused());
        };
        let fields = Fields(record);
        let (epoch, edit) = (fields.epoch(Field::AlbumEpoch)?, fields.number(Field::Edit)?);
        let key = AlbumKey::unwrap(fields.sealed(Field::AlbumKey)?, albums, id, epoch)?;
        let metadata = key.derive_metadata_key(id, epoch);
        let payload: Payload = json::decode(&metadata.open_album(fields.sealed(Field::Meta)?, id, edit)?)?;
        let draft = AlbumDraft { title: payload.title, cover: payload.cover.map(|cover| Id::from_bytes(cover.0)) };
        // Only the owner writes it, but a reader does not rely on what another version let through.
        draft.check().map_err(|_| refused())?;
        Ok(Self { id: *id, epoch, key, edit, created_ms: payload.created.0, draft })
    }

    pub(super) fn to_record(&self, albums: &PurposeKey, now_ms: u64) -> Result<Record<CloudSchema>> {
        let payload = json::encode(&Payload {
            title: self.draft.title.clone(),
            created: Decimal(self.created_ms),
            cover: self.draft.cover.map(|cover| Fixed(*cover.as_bytes())),
        });
        let sealed = self.metadata_key().seal_album(&self.id, self.edit, &payload)?;
        let wrapped = self.key.wrap(albums, &self.id, self.epoch)?;
        Ok(Record::new(key::album(&self.id))
            .with(Field::AlbumEpoch, CloudValue::U64(self.epoch.into()))
            .with(Field::AlbumKey, CloudValue::Sealed(wrapped))
            .with(Field::Edit, CloudValue::U64(self.edit))
            .with(Field::Meta, CloudValue::Sealed(sealed))
            .with(Field::Written, CloudValue::Time(now_ms)))
    }

    pub(super) fn metadata_key(&self) -> AlbumMetadataKey {
        self.key.derive_metadata_key(&self.id, self.epoch)
    }
}

const MAX_TITLE_LEN: usize = 200;

fn refused() -> Error {
    Error::new(ErrorKind::CannotOpen, "the record of an album is not of its form")
}
