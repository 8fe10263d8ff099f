//! Blobs: immutable sealed objects under random names.

use std::fmt;
use std::ops::Range;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use imegha_crypto::{SealedObject, SealedPart};

use super::presign::{Announced, PresignedUrl};
use crate::error::{Error, ErrorKind, Result};

/// A store of immutable objects, shaped like one S3 bucket.
///
/// An object appears whole or not at all, and never changes.
/// A behaviour that the conformance suite does not test does not exist.
#[async_trait]
pub trait BlobStore: Send + Sync + fmt::Debug {
    /// Stores a small object in one request.
    ///
    /// # Errors
    /// `AlreadyExists` when the name is taken; the object that is there stays as it is.
    async fn put(&self, name: &ObjectName, object: SealedObject) -> Result<()>;

    /// The bytes of an object, all of them or a range.
    ///
    /// A range that begins at or past the end is `Malformed`; one that ends past it is cut.
    async fn get(&self, name: &ObjectName, range: Option<Range<u64>>) -> Result<BlobBody>;

    /// Size and time of an object.
    async fn head(&self, name: &ObjectName) -> Result<BlobMeta>;

    /// Removes an object; removing what is not there is no error.
    async fn delete(&self, name: &ObjectName) -> Result<()>;

    /// At most `limit` (1 to 1,000) objects in the order of their names, after `after`.
    async fn list(&self, after: Option<&ObjectName>, limit: usize) -> Result<Vec<BlobMeta>>;

    /// Begins an upload in parts. Nothing is visible under `name` until it completes.
    async fn begin_upload(&self, name: &ObjectName) -> Result<Box<dyn Upload>>;

    /// Goes on with an upload that was begun, by this process or another.
    ///
    /// # Errors
    /// `NotFound` when it was completed, aborted, or never begun under that name.
    async fn resume_upload(&self, name: &ObjectName, id: &UploadId) -> Result<Box<dyn Upload>>;

    /// The uploads that were begun and neither completed nor aborted.
    async fn uploads(&self) -> Result<Vec<UploadMeta>>;
}

/// An upload in parts. Parts may be sent in any order and at the same time.
#[async_trait]
pub trait Upload: Send + Sync + fmt::Debug {
    /// What [`BlobStore::resume_upload`] takes.
    fn id(&self) -> &UploadId;

    /// Sends part `number`, counted from 1, whose first byte lies at `offset` of the object.
    /// The same number sent again replaces what was sent. A part sent over the bytes of one of another number
    /// takes them away from it: a backend may then miss that other one when the upload completes.
    ///
    /// Every part but the last holds at least [`MIN_PART_LEN`], and there are at most [`MAX_PARTS`], as S3 has it.
    ///
    /// # Errors
    /// `Malformed` for another number; `NotFound` when the upload was completed or aborted; `StorageFull`.
    async fn put_part(&self, number: u32, offset: u64, part: SealedPart) -> Result<()>;

    /// An address whose `PUT`, with the checksum, sends that part, where the store has such addresses; see
    /// [`Presign`](super::Presign). There may be none for a part that replaces another: it is sent by [`Upload::put_part`].
    ///
    /// # Errors
    /// As [`Upload::put_part`]; that the upload is gone is told when the address is used.
    async fn presign_part(&self, _number: u32, _offset: u64, _announced: &Announced) -> Result<Option<PresignedUrl>> {
        Ok(None)
    }

    /// Makes the object of parts 1 to `parts` visible under its name, `size` bytes in all.
    ///
    /// # Errors
    /// `AlreadyExists` when the name is taken; `Malformed` when a part is missing or too short, or when the parts do not
    /// join to `size`: see [`check_join`]. The upload is still there then. `NotFound` when it was completed or aborted.
    async fn complete(&self, parts: u32, size: u64) -> Result<()>;

    /// Drops the upload and its parts; dropping what is not there is no error.
    async fn abort(&self) -> Result<()>;
}

/// The most parts of an upload, as S3 has it.
pub const MAX_PARTS: u32 = 10_000;

/// The fewest bytes of a part that is not the last, as S3 has it.
pub const MIN_PART_LEN: u64 = 5 * 1024 * 1024;

/// The most objects of one listing, as S3 has it.
pub const MAX_LISTING: usize = 1_000;

/// Checks the number of a part.
///
/// # Errors
/// `Malformed` when it is not 1 to [`MAX_PARTS`].
pub fn check_part(number: u32) -> Result<()> {
    if number == 0 || number > MAX_PARTS {
        return Err(Error::new(ErrorKind::Malformed, "an upload has parts 1 to 10,000"));
    }
    Ok(())
}

/// Checks the limit of a listing.
///
/// # Errors
/// `Malformed` when it is not 1 to [`MAX_LISTING`].
pub fn check_limit(limit: usize) -> Result<()> {
    if limit == 0 || limit > MAX_LISTING {
        return Err(Error::new(ErrorKind::Malformed, "a listing has 1 to 1,000 objects"));
    }
    Ok(())
}

/// The range of an object of `size` bytes that a read yields: all of it, or `range` cut at its end.
///
/// # Errors
/// `Malformed` when the range is empty, or begins at or past the end.
pub fn cut_range(range: Option<Range<u64>>, size: u64) -> Result<Range<u64>> {
    let Some(range) = range else { return Ok(0..size) };
    if range.is_empty() || range.start >= size {
        return Err(Error::new(ErrorKind::Malformed, "the object has no such range"));
    }
    Ok(range.start..range.end.min(size))
}

/// Checks that parts 1 to `parts` join to `size` bytes without gap or overlap. `part` tells a part's offset and length.
///
/// # Errors
/// `Malformed` when one is missing, is not where the one before it ends, or is shorter than [`MIN_PART_LEN`]
/// and not the last.
pub fn check_join(parts: u32, size: u64, part: impl Fn(u32) -> Option<(u64, u64)>) -> Result<()> {
    check_part(parts)?;
    let mut end = 0;
    for number in 1..=parts {
        let (offset, len) = part(number).ok_or_else(|| Error::new(ErrorKind::Malformed, "a part is missing"))?;
        if offset != end {
            return Err(Error::new(ErrorKind::Malformed, "the parts do not join"));
        }
        if number < parts && len < MIN_PART_LEN {
            return Err(Error::new(ErrorKind::Malformed, "a part is too short"));
        }
        end += len;
    }
    if end != size {
        return Err(Error::new(ErrorKind::Malformed, "the parts are not of that size"));
    }
    Ok(())
}

/// The name of an object: its salt, written as 48 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectName([u8; 24]);

impl ObjectName {
    /// The name of the object with that salt.
    pub fn from_salt(salt: [u8; 24]) -> Self {
        Self(salt)
    }

    /// The salt.
    pub fn as_bytes(&self) -> &[u8; 24] {
        &self.0
    }

    /// Reads 48 lower-case hex digits.
    ///
    /// # Errors
    /// `Malformed` for anything else.
    pub fn parse(text: &str) -> Result<Self> {
        let malformed = || Error::new(ErrorKind::Malformed, "not the name of an object");
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(malformed());
        }
        let mut salt = [0; 24];
        hex::decode_to_slice(text, &mut salt).map_err(|_| malformed())?;
        Ok(Self(salt))
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectName({self})")
    }
}

/// What a backend calls an upload: 1 to 256 bytes of visible ASCII.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UploadId(String);

impl UploadId {
    /// Checks the form.
    ///
    /// # Errors
    /// `Malformed` when it is empty, too long, or not visible ASCII.
    pub fn parse(text: &str) -> Result<Self> {
        if text.is_empty() || text.len() > 256 || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::new(ErrorKind::Malformed, "not the id of an upload"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is known of an object without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobMeta {
    /// Its name.
    pub name: ObjectName,
    /// Its length in bytes.
    pub size: u64,
    /// When it was stored, in milliseconds since 1970, by the backend's clock.
    pub stored_ms: u64,
}

/// What is known of an unfinished upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadMeta {
    /// The name that it will have.
    pub name: ObjectName,
    /// Its id.
    pub id: UploadId,
    /// When it was begun, in milliseconds since 1970, by the backend's clock.
    pub begun_ms: u64,
}

/// The bytes of an object as they come: from a store, so not to be trusted before they are opened.
pub struct BlobBody {
    /// The object's whole length as the store says it.
    pub size: u64,
    /// The range of the object that `stream` yields.
    pub range: Range<u64>,
    /// The bytes.
    pub stream: BoxStream<'static, Result<Bytes>>,
}

impl fmt::Debug for BlobBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlobBody").field("size", &self.size).field("range", &self.range).finish_non_exhaustive()
    }
}
