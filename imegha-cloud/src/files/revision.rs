//! One saved state of a file: what is sealed about it, and the owner's signature over that.

use imegha_crypto::{FileKey, Hash, Id, Identity, NodeKey, PublicIdentity, Sealed, Signature};
use serde::{Deserialize, Serialize};

use super::fields::Fields;
use super::thumbnail::ThumbnailPart;
use crate::backend::{ObjectName, Record};
use crate::client::json::{self, Decimal, Fixed};
use crate::client::{About, Owners};
use crate::error::{Error, ErrorKind, Result};
use crate::log::key;
use crate::photos::Thumbnail;
use crate::schema::{CloudSchema, CloudValue, Collection, Field};

/// A revision of a file, opened: its signature was the owner's.
///
/// [`Cloud`](crate::Cloud) reads files by it. It stands by itself because a reader need not be the owner: who was given a node's
/// key opens revisions with no more than that key and the owner's public identity.
#[derive(Clone, Debug)]
pub struct Revision {
    /// The file.
    pub node: Id,
    /// Its number, from 1.
    pub number: u64,
    /// The node epoch under which it was written.
    pub epoch: u32,
    /// Bytes of plaintext.
    pub size: u64,
    /// SHA-256 of the plaintext.
    pub sha256: Hash,
    /// The MIME type, if whoever uploaded it knew.
    pub mime: Option<String>,
    /// When the file was last modified before it was uploaded, in milliseconds since 1970, if that is known.
    pub modified_ms: Option<u64>,
    /// When a photo was taken, in milliseconds since 1970, if that is known.
    pub taken_ms: Option<u64>,
    /// Width and height of an image or video as it is shown, in pixels, if they are known.
    pub dimensions: Option<(u32, u32)>,
    /// When the revision was written, in milliseconds since 1970 by the writer's clock.
    pub written_ms: u64,
    /// The name of its object.
    pub object: ObjectName,
    /// The object's length in bytes.
    pub object_len: u64,
    pub(crate) commitment: [u8; 32],
    pub(crate) file_key: FileKey,
    pub(crate) thumbnail: Option<ThumbnailPart>,
}

/// The payload of FORMAT 5, `revision`.
#[derive(Serialize, Deserialize)]
struct Payload {
    size: Decimal,
    sha256: Fixed<32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mime: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    modified: Option<Decimal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    taken: Option<Decimal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    height: Option<u32>,
    written: Decimal,
    /// The commitment in the content object's header.
    content: Fixed<32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    thumbnail: Option<ThumbnailPayload>,
}

#[derive(Serialize, Deserialize)]
struct ThumbnailPayload {
    mime: String,
    size: Decimal,
    /// The commitment in the thumbnail object's header.
    content: Fixed<32>,
}

impl Revision {
    /// Reads the revision that stands in `record`: a file's own record, or that of an older revision.
    ///
    /// The signature over it must be `owner`'s: everyone who may read the file holds `key`, so that the key proves nothing
    /// about who wrote.
    ///
    /// # Errors
    /// `CannotOpen`.
    pub fn open(
        record: &Record<CloudSchema>,
        cloud: &Id,
        node: &Id,
        key: &NodeKey,
        owner: &PublicIdentity,
    ) -> Result<Self> {
        Self::open_signed_by(record, cloud, node, key, &Owners::one(owner))
    }

    /// The same for the owner, who had other identities before.
    pub(crate) fn open_signed_by(
        record: &Record<CloudSchema>,
        cloud: &Id,
        node: &Id,
        key: &NodeKey,
        owners: &Owners,
    ) -> Result<Self> {
        let fields = Fields(record);
        let (number, epoch) = (fields.number(Field::Revision)?, fields.epoch(Field::RevisionEpoch)?);
        let (meta, wrapped) = (fields.sealed(Field::RevisionMeta)?, fields.sealed(Field::FileKey)?);
        let signature = fields.signature(Field::Signature)?;
        owners.verify(|owner| owner.verify_revision(cloud, node, number, epoch, meta, wrapped, signature))?;
        let metadata = key.derive_metadata_key(node, epoch);
        let payload: Payload = json::decode(&metadata.open_revision(meta, node, number, epoch)?)?;
        let file_key = FileKey::unwrap(wrapped, key, node, number, epoch)?;
        let thumbnail = match payload.thumbnail {
            // Where a version wrote that knew of no thumbnails, one of the two may be missing.
            Some(payload) if record.field(Field::Thumbnail).is_some() => Some(ThumbnailPart {
                mime: payload.mime,
                size: payload.size.0,
                object: ObjectName::from_salt(fields.salt(Field::Thumbnail)?),
                object_len: fields.number(Field::ThumbnailSize)?,
                commitment: payload.content.0,
            }),
            _ => None,
        };
        Ok(Self {
            node: *node,
            number,
            epoch,
            size: payload.size.0,
            sha256: Hash::from_bytes(payload.sha256.0),
            mime: payload.mime,
            modified_ms: payload.modified.map(|modified| modified.0),
            taken_ms: payload.taken.map(|taken| taken.0),
            dimensions: payload.width.zip(payload.height),
            written_ms: payload.written.0,
            object: ObjectName::from_salt(fields.salt(Field::Object)?),
            object_len: fields.number(Field::Size)?,
            commitment: payload.content.0,
            file_key,
            thumbnail,
        })
    }

    /// Whether it has a thumbnail.
    pub fn has_thumbnail(&self) -> bool {
        self.thumbnail.is_some()
    }

    /// The revision, if its number is that of the place of `record`, which it was opened from.
    pub(crate) fn stands_in(self, record: &Record<CloudSchema>) -> Result<Self> {
        match record.key.collection == Collection::Revision && record.key != key::revision(&self.node, self.number) {
            true => Err(Error::new(ErrorKind::CannotOpen, "a revision stands in the place of another")),
            false => Ok(self),
        }
    }

    /// Seals and signs the revision, ready to stand in records.
    pub(crate) fn seal(&self, cloud: &Id, key: &NodeKey, owner: &Identity) -> Result<SealedRevision> {
        let payload = json::encode(&Payload {
            size: Decimal(self.size),
            sha256: Fixed(*self.sha256.as_bytes()),
            mime: self.mime.clone(),
            modified: self.modified_ms.map(Decimal),
            taken: self.taken_ms.map(Decimal),
            width: self.dimensions.map(|(width, _)| width),
            height: self.dimensions.map(|(_, height)| height),
            written: Decimal(self.written_ms),
            content: Fixed(self.commitment),
            thumbnail: self.thumbnail.as_ref().map(|thumbnail| ThumbnailPayload {
                mime: thumbnail.mime.clone(),
                size: Decimal(thumbnail.size),
                content: Fixed(thumbnail.commitment),
            }),
        });
        let metadata = key.derive_metadata_key(&self.node, self.epoch);
        let meta = metadata.seal_revision(&self.node, self.number, self.epoch, &payload)?;
        let wrapped = self.file_key.wrap(key, &self.node, self.number, self.epoch)?;
        let signature = owner.sign_revision(cloud, &self.node, self.number, self.epoch, &meta, &wrapped);
        Ok(SealedRevision {
            number: self.number,
            epoch: self.epoch,
            meta,
            wrapped,
            signature,
            object: *self.object.as_bytes(),
            object_len: self.object_len,
            thumbnail: self.thumbnail.as_ref().map(|thumbnail| (*thumbnail.object.as_bytes(), thumbnail.object_len)),
        })
    }
}

/// The fields of a revision as they are stored.
#[derive(Clone, Debug)]
pub(crate) struct SealedRevision {
    number: u64,
    epoch: u32,
    meta: Sealed,
    wrapped: Sealed,
    signature: Signature,
    object: [u8; 24],
    object_len: u64,
    /// Name and length of the thumbnail's object.
    thumbnail: Option<([u8; 24], u64)>,
}

impl SealedRevision {
    /// The revision in `record`, as it stands there.
    pub(crate) fn of(record: &Record<CloudSchema>) -> Result<Self> {
        let fields = Fields(record);
        Ok(Self {
            number: fields.number(Field::Revision)?,
            epoch: fields.epoch(Field::RevisionEpoch)?,
            meta: fields.sealed(Field::RevisionMeta)?.clone(),
            wrapped: fields.sealed(Field::FileKey)?.clone(),
            signature: *fields.signature(Field::Signature)?,
            object: fields.salt(Field::Object)?,
            object_len: fields.number(Field::Size)?,
            thumbnail: match record.field(Field::Thumbnail) {
                Some(_) => Some((fields.salt(Field::Thumbnail)?, fields.number(Field::ThumbnailSize)?)),
                None => None,
            },
        })
    }

    /// `record` with this as its revision.
    pub(crate) fn write(self, mut record: Record<CloudSchema>) -> Record<CloudSchema> {
        record.fields.remove(&Field::Thumbnail);
        record.fields.remove(&Field::ThumbnailSize);
        if let Some((object, len)) = self.thumbnail {
            record = record
                .with(Field::Thumbnail, CloudValue::Salt(object))
                .with(Field::ThumbnailSize, CloudValue::U64(len));
        }
        record
            .with(Field::Revision, CloudValue::U64(self.number))
            .with(Field::RevisionEpoch, CloudValue::U64(self.epoch.into()))
            .with(Field::RevisionMeta, CloudValue::Sealed(self.meta))
            .with(Field::FileKey, CloudValue::Sealed(self.wrapped))
            .with(Field::Signature, CloudValue::Signature(self.signature))
            .with(Field::Object, CloudValue::Salt(self.object))
            .with(Field::Size, CloudValue::U64(self.object_len))
    }

    /// The record of a revision that is no longer the newest.
    pub(crate) fn to_old_record(&self, node: &Id, written_ms: u64) -> Record<CloudSchema> {
        let record = Record::new(key::revision(node, self.number)).with(Field::Written, CloudValue::Time(written_ms));
        self.clone().write(record)
    }
}

/// Checks what a caller says of a content: a MIME type has up to 255 visible ASCII characters and spaces.
pub(crate) fn check(about: &About) -> Result<()> {
    let is_mime = |mime: &String| mime.len() <= 255 && mime.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if !about.mime.as_ref().is_none_or(is_mime) {
        return Err(Error::new(ErrorKind::Malformed, "this is not a MIME type"));
    }
    about.thumbnail.as_ref().map_or(Ok(()), Thumbnail::check)
}
