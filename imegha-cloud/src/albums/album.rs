//! The album itself: its key, title and cover.

use imegha_crypto::{AlbumKey, AlbumMetadataKey, Id, PurposeKey};
use serde::{Deserialize, Serialize};

use crate::backend::Record;
use crate::client::PurposeKeys;
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
    /// Whether its key is to be replaced before anything more is sealed under it: it stands under a DEK that somebody may know.
    pub(super) stale: bool,
    /// The key before this one, for as long as it holds items that were not wrapped again yet.
    pub(super) former: Option<FormerKey>,
}

/// A key that an album had.
#[derive(Clone, Debug)]
pub(super) struct FormerKey {
    pub(super) key: AlbumKey,
    pub(super) epoch: u32,
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
        let (id, key) = (Id::generate()?, AlbumKey::generate()?);
        Ok(Self { id, epoch: 1, key, edit: 1, created_ms, draft, stale: false, former: None })
    }

    /// Opens the record of an album. `albums` are the purpose keys of that name.
    pub(crate) fn open(record: &Record<CloudSchema>, albums: &PurposeKeys) -> Result<Self> {
        let ([], [CloudValue::Id(id)]) = (&record.key.partition[..], &record.key.sort[..]) else {
            return Err(refused());
        };
        let fields = Fields(record);
        let (epoch, edit) = (fields.epoch(Field::AlbumEpoch)?, fields.number(Field::Edit)?);
        let unwrap = |field, epoch| {
            let wrapped = fields.sealed(field)?;
            Ok::<_, Error>(albums.open(|albums| AlbumKey::unwrap(wrapped, albums, id, epoch))?)
        };
        let (dek_epoch, key) = unwrap(Field::AlbumKey, epoch)?;
        let former = match record.field(Field::FormerKey) {
            Some(_) => {
                let epoch = fields.epoch(Field::FormerEpoch)?;
                Some(FormerKey { key: unwrap(Field::FormerKey, epoch)?.1, epoch })
            }
            None => None,
        };
        let metadata = key.derive_metadata_key(id, epoch);
        let payload: Payload = json::decode(&metadata.open_album(fields.sealed(Field::Meta)?, id, edit)?)?;
        let draft = AlbumDraft { title: payload.title, cover: payload.cover.map(|cover| Id::from_bytes(cover.0)) };
        // Only the owner writes it, but a reader does not rely on what another version let through.
        draft.check().map_err(|_| refused())?;
        let stale = record.field(Field::Stale).is_some() || albums.is_earlier(dek_epoch);
        let created_ms = payload.created.0;
        Ok(Self { id: *id, epoch, key, edit, created_ms, draft, stale, former })
    }

    pub(super) fn to_record(&self, albums: &PurposeKey, now_ms: u64) -> Result<Record<CloudSchema>> {
        let payload = json::encode(&Payload {
            title: self.draft.title.clone(),
            created: Decimal(self.created_ms),
            cover: self.draft.cover.map(|cover| Fixed(*cover.as_bytes())),
        });
        let sealed = self.metadata_key().seal_album(&self.id, self.edit, &payload)?;
        let wrapped = self.key.wrap(albums, &self.id, self.epoch)?;
        let record = match &self.former {
            Some(FormerKey { key, epoch }) => Record::new(key::album(&self.id))
                .with(Field::FormerKey, CloudValue::Sealed(key.wrap(albums, &self.id, *epoch)?))
                .with(Field::FormerEpoch, CloudValue::U64((*epoch).into())),
            None => Record::new(key::album(&self.id)),
        };
        let record = match self.stale {
            true => record.with(Field::Stale, CloudValue::U64(1)),
            false => record,
        };
        Ok(record
            .with(Field::AlbumEpoch, CloudValue::U64(self.epoch.into()))
            .with(Field::AlbumKey, CloudValue::Sealed(wrapped))
            .with(Field::Edit, CloudValue::U64(self.edit))
            .with(Field::Meta, CloudValue::Sealed(sealed))
            .with(Field::Written, CloudValue::Time(now_ms)))
    }

    /// The key of an epoch, the latest or the former, with the one that seals what there is to say of items.
    pub(super) fn key_of(&self, epoch: u32) -> Result<(&AlbumKey, AlbumMetadataKey)> {
        let key = match &self.former {
            _ if epoch == self.epoch => &self.key,
            Some(former) if epoch == former.epoch => &former.key,
            _ => return Err(refused()),
        };
        Ok((key, key.derive_metadata_key(&self.id, epoch)))
    }

    pub(super) fn metadata_key(&self) -> AlbumMetadataKey {
        self.key.derive_metadata_key(&self.id, self.epoch)
    }
}

const MAX_TITLE_LEN: usize = 200;

fn refused() -> Error {
    Error::new(ErrorKind::CannotOpen, "the record of an album is not of its form")
}
