//! [`AwsBlobs`]: a [`BlobStore`] that is a bucket of S3.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::{ByteStream, DateTime};
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumType};
use bytes::Bytes;
use futures::stream::{self, BoxStream};
use futures::{StreamExt as _, TryStreamExt as _};
use imegha_crypto::SealedObject;

use super::AwsConfig;
use super::error::{cut, dishonest, object, request};
use super::retries::Attempts;
use super::upload::AwsUpload;
use crate::backend::blobs::{MAX_LISTING, check_limit};
use crate::backend::body::{content_range, exactly};
use crate::backend::{BlobBody, BlobMeta, BlobStore, ObjectName, Upload, UploadId, UploadMeta};
use crate::error::{Error, ErrorKind, Result};

/// Objects in a bucket. A handle: a clone is the same store.
///
/// Puts and completed uploads are conditional (`If-None-Match: *`): an object is never written over. Of a versioned
/// bucket a deleted object's versions are deleted too.
#[derive(Clone)]
pub struct AwsBlobs {
    pub(super) bucket: Arc<Bucket>,
}

/// A bucket, or the part of one whose names begin with a prefix.
pub(super) struct Bucket {
    pub(super) client: Client,
    pub(super) name: String,
    prefix: String,
}

impl AwsBlobs {
    /// The objects in `bucket`, with the credentials of the default chain. Asks nothing of the bucket yet.
    ///
    /// # Errors
    /// `Malformed` when no region is set.
    pub async fn open(bucket: &str, config: &AwsConfig) -> Result<Self> {
        Self::with_sdk(bucket, config, &config.load().await)
    }

    /// The same with credentials, HTTP client and whatever else `sdk` says, but for retries and timeouts.
    ///
    /// # Errors
    /// `Malformed` when no region is set.
    pub fn with_sdk(bucket: &str, config: &AwsConfig, sdk: &SdkConfig) -> Result<Self> {
        let bucket = Bucket { client: config.s3(sdk)?, name: bucket.to_owned(), prefix: config.prefix.clone() };
        Ok(Self { bucket: Arc::new(bucket) })
    }
}

impl fmt::Debug for AwsBlobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsBlobs")
            .field("bucket", &self.bucket.name)
            .field("prefix", &self.bucket.prefix)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl BlobStore for AwsBlobs {
    async fn put(&self, name: &ObjectName, object: SealedObject) -> Result<()> {
        let bytes = Bytes::from(object.into_bytes());
        let attempts = Attempts::default();
        let put = self
            .bucket
            .client
            .put_object()
            .bucket(&self.bucket.name)
            .key(self.bucket.key(name))
            .if_none_match("*")
            .checksum_algorithm(ChecksumAlgorithm::Crc32)
            .body(ByteStream::from(bytes.clone()))
            .customize()
            .interceptor(attempts.clone())
            .send()
            .await
            .map(drop)
            .map_err(request("writing an object"));
        match put {
            // What is there may have come with an attempt whose answer was lost.
            Err(error) if error.kind() == ErrorKind::AlreadyExists && attempts.were_several() => {
                if self.is_there(name, &bytes).await? { Ok(()) } else { Err(error) }
            }
            put => put,
        }
    }

    async fn get(&self, name: &ObjectName, range: Option<Range<u64>>) -> Result<BlobBody> {
        if range.as_ref().is_some_and(|range| range.is_empty() || range.start > LAST_BYTE) {
            return Err(Error::new(ErrorKind::Malformed, "the object has no such range"));
        }
        let header = |range: &Range<u64>| format!("bytes={}-{}", range.start, (range.end - 1).min(LAST_BYTE));
        let answer = self
            .bucket
            .client
            .get_object()
            .bucket(&self.bucket.name)
            .key(self.bucket.key(name))
            .set_range(range.as_ref().map(header))
            .send()
            .await
            .map_err(object("reading an object"))?;
        let (size, got) = sent(&answer, range).ok_or_else(dishonest)?;
        let stream = exactly(pieces(answer.body), got.end - got.start, dishonest);
        Ok(BlobBody { size, range: got, stream })
    }

    async fn head(&self, name: &ObjectName) -> Result<BlobMeta> {
        let answer = self
            .bucket
            .client
            .head_object()
            .bucket(&self.bucket.name)
            .key(self.bucket.key(name))
            .send()
            .await
            .map_err(object("reading an object"))?;
        meta(*name, answer.content_length, answer.last_modified).ok_or_else(dishonest)
    }

    async fn delete(&self, name: &ObjectName) -> Result<()> {
        let deleted = self
            .bucket
            .client
            .delete_object()
            .bucket(&self.bucket.name)
            .key(self.bucket.key(name))
            .send()
            .await
            .map_err(request("deleting an object"))?;
        // A versioned bucket has only marked it as deleted.
        if deleted.delete_marker == Some(true) { self.bucket.delete_versions(name).await } else { Ok(()) }
    }

    async fn list(&self, after: Option<&ObjectName>, limit: usize) -> Result<Vec<BlobMeta>> {
        check_limit(limit)?;
        let mut found: Vec<BlobMeta> = Vec::new();
        let mut next = None;
        loop {
            let page = self
                .bucket
                .client
                .list_objects_v2()
                .bucket(&self.bucket.name)
                .prefix(&self.bucket.prefix)
                .set_start_after(after.map(|after| self.bucket.key(after)))
                .set_continuation_token(next)
                .max_keys((limit - found.len()) as i32)
                .send()
                .await
                .map_err(request("listing objects"))?;
            for object in page.contents() {
                let Some(name) = self.bucket.name_of(object.key()) else { continue };
                if found.last().map(|last| &last.name).or(after).is_some_and(|before| *before >= name) {
                    return Err(dishonest());
                }
                found.push(meta(name, object.size, object.last_modified).ok_or_else(dishonest)?);
            }
            if found.len() > limit {
                return Err(dishonest());
            }
            next = page.next_continuation_token.filter(|_| page.is_truncated == Some(true));
            if next.is_none() || found.len() == limit {
                return Ok(found);
            }
        }
    }

    async fn begin_upload(&self, name: &ObjectName) -> Result<Box<dyn Upload>> {
        let begun = self
            .bucket
            .client
            .create_multipart_upload()
            .bucket(&self.bucket.name)
            .key(self.bucket.key(name))
            .checksum_algorithm(ChecksumAlgorithm::Crc32)
            .checksum_type(ChecksumType::FullObject)
            .send()
            .await
            .map_err(request("beginning an upload"))?;
        let id = UploadId::parse(begun.upload_id().unwrap_or_default()).map_err(|_| dishonest())?;
        Ok(Box::new(AwsUpload::new(self.clone(), *name, id)))
    }

    async fn resume_upload(&self, name: &ObjectName, id: &UploadId) -> Result<Box<dyn Upload>> {
        let upload = AwsUpload::new(self.clone(), *name, id.clone());
        upload.look().await?;
        Ok(Box::new(upload))
    }

    async fn uploads(&self) -> Result<Vec<UploadMeta>> {
        let mut found = Vec::new();
        let (mut key, mut id) = (None, None);
        loop {
            let page = self
                .bucket
                .client
                .list_multipart_uploads()
                .bucket(&self.bucket.name)
                .prefix(&self.bucket.prefix)
                .set_key_marker(key)
                .set_upload_id_marker(id)
                .max_uploads(MAX_LISTING as i32)
                .send()
                .await
                .map_err(request("listing uploads"))?;
            for upload in page.uploads() {
                let Some(name) = self.bucket.name_of(upload.key()) else { continue };
                let id = UploadId::parse(upload.upload_id().unwrap_or_default()).map_err(|_| dishonest())?;
                let begun_ms = upload.initiated.and_then(seconds).ok_or_else(dishonest)?;
                found.push(UploadMeta { name, id, begun_ms });
            }
            if page.is_truncated != Some(true) || page.next_key_marker.is_none() {
                return Ok(found);
            }
            (key, id) = (page.next_key_marker, page.next_upload_id_marker);
        }
    }
}

impl AwsBlobs {
    /// Whether an object is there and is made of just these bytes.
    async fn is_there(&self, name: &ObjectName, bytes: &[u8]) -> Result<bool> {
        let mut body = match self.get(name, None).await {
            Ok(body) if body.size == bytes.len() as u64 => body.stream,
            Ok(_) => return Ok(false),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        let mut left = bytes;
        while let Some(piece) = body.try_next().await? {
            match left.strip_prefix(&piece[..]) {
                Some(rest) => left = rest,
                None => return Ok(false),
            }
        }
        Ok(left.is_empty())
    }
}

impl Bucket {
    /// The key of an object.
    pub(super) fn key(&self, name: &ObjectName) -> String {
        format!("{}{name}", self.prefix)
    }

    /// The name of the object of a key, unless it is not one of this store's.
    fn name_of(&self, key: Option<&str>) -> Option<ObjectName> {
        ObjectName::parse(key?.strip_prefix(&self.prefix)?).ok()
    }

    /// Deletes every version of an object, and the markers that it was deleted.
    async fn delete_versions(&self, name: &ObjectName) -> Result<()> {
        let (mut key, mut id) = (None, None);
        loop {
            let page = self
                .client
                .list_object_versions()
                .bucket(&self.name)
                .prefix(self.key(name))
                .set_key_marker(key)
                .set_version_id_marker(id)
                .send()
                .await
                .map_err(request("listing an object's versions"))?;
            let versions = page.versions().iter().map(|version| (version.key(), version.version_id()));
            let markers = page.delete_markers().iter().map(|marker| (marker.key(), marker.version_id()));
            for (of, version) in versions.chain(markers) {
                if of == Some(self.key(name).as_str()) {
                    self.delete_version(name, version).await?;
                }
            }
            if page.is_truncated != Some(true) || page.next_key_marker.is_none() {
                return Ok(());
            }
            (key, id) = (page.next_key_marker, page.next_version_id_marker);
        }
    }

    async fn delete_version(&self, name: &ObjectName, version: Option<&str>) -> Result<()> {
        let deletion = self.client.delete_object().bucket(&self.name).key(self.key(name));
        let deleted = deletion.version_id(version.ok_or_else(dishonest)?).send().await;
        deleted.map(drop).map_err(request("deleting an object's version"))
    }
}

/// The size of the object and the range that an answer carries, if that is what was asked for.
fn sent(answer: &GetObjectOutput, asked: Option<Range<u64>>) -> Option<(u64, Range<u64>)> {
    let len = u64::try_from(answer.content_length?).ok()?;
    match (asked, answer.content_range()) {
        (None, None) => Some((len, 0..len)),
        (Some(asked), Some(said)) => {
            let (got, size) = content_range(said)?;
            let fits = got == (asked.start..asked.end.min(size)) && got.end - got.start == len;
            fits.then_some((size, got))
        }
        // A whole object in a range's place, or a range in a whole one's: none of it is read.
        _ => None,
    }
}

fn pieces(body: ByteStream) -> BoxStream<'static, Result<Bytes>> {
    stream::try_unfold(body, |mut body| async move {
        match body.next().await {
            Some(Ok(piece)) => Ok(Some((piece, body))),
            Some(Err(error)) => Err(cut(error)),
            None => Ok(None),
        }
    })
    .boxed()
}

fn meta(name: ObjectName, size: Option<i64>, modified: Option<DateTime>) -> Option<BlobMeta> {
    Some(BlobMeta { name, size: u64::try_from(size?).ok()?, stored_ms: seconds(modified?)? })
}

/// A time in milliseconds, of whole seconds: more of it stands in a listing of some services, and in a header of none.
fn seconds(time: DateTime) -> Option<u64> {
    u64::try_from(time.secs()).ok()?.checked_mul(1_000)
}

/// Past every object that there may be.
const LAST_BYTE: u64 = i64::MAX as u64 - 1;

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(len: i64, range: Option<&str>) -> GetObjectOutput {
        GetObjectOutput::builder().content_length(len).set_content_range(range.map(str::to_owned)).build()
    }

    #[test]
    fn only_what_was_asked_for_is_read() {
        assert_eq!(sent(&answer(10, None), None), Some((10, 0..10)));
        assert_eq!(sent(&answer(5, Some("bytes 2-6/10")), Some(2..7)), Some((10, 2..7)));
        assert_eq!(sent(&answer(8, Some("bytes 2-9/10")), Some(2..99)), Some((10, 2..10)));
        for (answer, asked) in [
            // The whole object, a part of it, a shifted range, a shorter one, a longer one, another length, none.
            (answer(10, None), Some(2..7)),
            (answer(5, Some("bytes 2-6/10")), None),
            (answer(5, Some("bytes 3-7/10")), Some(2..7)),
            (answer(4, Some("bytes 2-5/10")), Some(2..7)),
            (answer(6, Some("bytes 2-7/10")), Some(2..7)),
            (answer(4, Some("bytes 2-6/10")), Some(2..7)),
            (answer(-1, None), None),
            (GetObjectOutput::builder().build(), None),
        ] {
            assert_eq!(sent(&answer, asked.clone()), None, "{asked:?}");
        }
    }
}
