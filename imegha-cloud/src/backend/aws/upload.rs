//! One upload in parts to S3.
//!
//! S3 joins parts in the order of their numbers and knows no offsets. This side checks what the parts join to before it
//! asks for it: by what it has sent itself, and where parts came from elsewhere, or to an address that was signed here, by
//! their listing. So an upload of n parts by one handle is n + 2 requests.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use aws_sdk_s3::operation::complete_multipart_upload::CompleteMultipartUploadError;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use imegha_crypto::SealedPart;

use super::AwsBlobs;
use super::error::{dishonest, is_other_part, request, upload};
use super::retries::Attempts;
use crate::backend::blobs::{MAX_LISTING, check_join, check_part};
use crate::backend::{Announced, BlobStore as _, ObjectName, PresignedUrl, Upload, UploadId};
use crate::error::{ErrorKind, Result};

#[derive(Debug)]
pub(super) struct AwsUpload {
    store: AwsBlobs,
    name: ObjectName,
    id: UploadId,
    /// What this handle has sent.
    sent: Mutex<Parts>,
    /// The parts that others were given an address for, and where they begin.
    announced: Mutex<BTreeMap<u32, (u64, Announced)>>,
}

type Parts = BTreeMap<u32, Part>;

/// A part that S3 has.
#[derive(Clone, Debug)]
struct Part {
    /// Where it begins. Of a part that another handle sent nobody knows: then it is where the one before it ends.
    offset: Option<u64>,
    len: u64,
    /// What S3 calls these bytes.
    etag: String,
}

impl AwsUpload {
    pub(super) fn new(store: AwsBlobs, name: ObjectName, id: UploadId) -> Self {
        Self { store, name, id, sent: Mutex::default(), announced: Mutex::default() }
    }

    /// Sees that the upload is there.
    pub(super) async fn look(&self) -> Result<()> {
        self.page(None, 1).await.map(drop)
    }

    fn lock(&self) -> MutexGuard<'_, Parts> {
        // Each change of the map is one insert, so a poisoned one is whole.
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_announced(&self) -> MutexGuard<'_, BTreeMap<u32, (u64, Announced)>> {
        self.announced.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The parts that S3 has, with the offsets of those that this handle sent, or signed an address for.
    async fn listed(&self) -> Result<Parts> {
        let (own, mut parts) = (self.lock().clone(), Parts::new());
        let mut after = None;
        loop {
            let (page, next) = self.page(after, MAX_LISTING).await?;
            for (number, part) in page {
                // S3 has one part of a number. Of a service that lists those that were there before as well, it is the one sent here.
                let is_own = |part: &Part| own.get(&number).is_some_and(|own| own.etag == part.etag);
                if !parts.get(&number).is_some_and(is_own) {
                    parts.insert(number, part);
                }
            }
            match next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        for (number, (offset, announced)) in &*self.lock_announced() {
            if let Some(part) = parts.get_mut(number).filter(|part| part.len == announced.len) {
                part.offset = Some(*offset);
            }
        }
        for (number, own) in &own {
            if let Some(part) = parts.get_mut(number).filter(|part| part.etag == own.etag) {
                part.offset = own.offset;
            }
        }
        Ok(parts)
    }

    async fn page(&self, after: Option<String>, limit: usize) -> Result<(Vec<(u32, Part)>, Option<String>)> {
        let bucket = &self.store.bucket;
        let page = bucket
            .client
            .list_parts()
            .bucket(&bucket.name)
            .key(bucket.key(&self.name))
            .upload_id(self.id.as_str())
            .set_part_number_marker(after)
            .max_parts(limit as i32)
            .send()
            .await
            .map_err(upload("listing the parts of an upload"))?;
        let mut parts = Vec::new();
        for part in page.parts() {
            let number = part.part_number.and_then(|number| u32::try_from(number).ok()).ok_or_else(dishonest)?;
            let len = part.size.and_then(|size| u64::try_from(size).ok()).ok_or_else(dishonest)?;
            let etag = part.e_tag().ok_or_else(dishonest)?.to_owned();
            parts.push((number, Part { offset: None, len, etag }));
        }
        Ok((parts, page.next_part_number_marker.filter(|_| page.is_truncated == Some(true))))
    }

    /// Asks S3 to join the parts 1 to `count`. `None` when it has others than these.
    async fn join(&self, parts: &Parts, count: u32, size: u64) -> Result<Option<()>> {
        let bucket = &self.store.bucket;
        let parts = parts
            .range(..=count)
            .map(|(number, part)| CompletedPart::builder().part_number(*number as i32).e_tag(&part.etag).build());
        let attempts = Attempts::default();
        let completed = bucket
            .client
            .complete_multipart_upload()
            .bucket(&bucket.name)
            .key(bucket.key(&self.name))
            .upload_id(self.id.as_str())
            .multipart_upload(CompletedMultipartUpload::builder().set_parts(Some(parts.collect())).build())
            .if_none_match("*")
            .customize()
            .interceptor(attempts.clone())
            .send()
            .await;
        let mut error = match completed {
            Ok(_) => return Ok(Some(())),
            Err(error) if is_other_part(&error) => return Ok(None),
            Err(error) => request::<CompleteMultipartUploadError>("completing an upload")(error),
        };
        if error.kind() == ErrorKind::AlreadyExists {
            match self.look().await {
                // As long as this upload is there, it is another's object.
                Ok(()) => return Err(error),
                Err(gone) => error = gone,
            }
        }
        // An upload that is gone may have been completed by an attempt whose answer was lost.
        if error.kind() == ErrorKind::NotFound && attempts.were_several() {
            match self.store.head(&self.name).await {
                Ok(meta) if meta.size == size => return Ok(Some(())),
                Err(unknown) if unknown.kind() != ErrorKind::NotFound => return Err(unknown),
                _ => {}
            }
        }
        Err(error)
    }
}

#[async_trait]
impl Upload for AwsUpload {
    fn id(&self) -> &UploadId {
        &self.id
    }

    async fn put_part(&self, number: u32, offset: u64, part: SealedPart) -> Result<()> {
        check_part(number)?;
        let bucket = &self.store.bucket;
        let bytes = part.into_bytes();
        let len = bytes.len() as u64;
        let sent = bucket
            .client
            .upload_part()
            .bucket(&bucket.name)
            .key(bucket.key(&self.name))
            .upload_id(self.id.as_str())
            .part_number(number as i32)
            .checksum_algorithm(ChecksumAlgorithm::Crc32)
            .body(ByteStream::from(bytes))
            .send()
            .await
            .map_err(request("sending a part"))?;
        let etag = sent.e_tag().ok_or_else(dishonest)?.to_owned();
        self.lock().insert(number, Part { offset: Some(offset), len, etag });
        Ok(())
    }

    async fn presign_part(&self, number: u32, offset: u64, announced: &Announced) -> Result<Option<PresignedUrl>> {
        check_part(number)?;
        // What replaces other bytes is sent from here: then it is known which of the two is meant.
        let replaces = *self.lock_announced().entry(number).or_insert((offset, *announced)) != (offset, *announced);
        if replaces || self.lock().contains_key(&number) {
            return Ok(None);
        }
        self.store.presign_part(&self.name, &self.id, number, announced).await.map(Some)
    }

    async fn complete(&self, parts: u32, size: u64) -> Result<()> {
        check_part(parts)?;
        let own = self.lock().clone();
        if check(&own, parts, size).is_ok() && self.join(&own, parts, size).await?.is_some() {
            return Ok(());
        }
        // Another handle has sent some of them, or sent some again.
        let listed = self.listed().await?;
        check(&listed, parts, size)?;
        match self.join(&listed, parts, size).await? {
            Some(()) => Ok(()),
            None => Err(dishonest()),
        }
    }

    async fn abort(&self) -> Result<()> {
        let bucket = &self.store.bucket;
        let aborted = bucket
            .client
            .abort_multipart_upload()
            .bucket(&bucket.name)
            .key(bucket.key(&self.name))
            .upload_id(self.id.as_str())
            .send()
            .await
            .map(drop)
            .map_err(request("dropping an upload"));
        match aborted {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            aborted => aborted,
        }
    }
}

/// Checks that the parts 1 to `count` join to `size` bytes.
fn check(parts: &Parts, count: u32, size: u64) -> Result<()> {
    let mut end = 0;
    let places: BTreeMap<u32, (u64, u64)> = parts
        .iter()
        .map(|(number, part)| {
            let offset = part.offset.unwrap_or(end);
            end = offset.saturating_add(part.len);
            (*number, (offset, part.len))
        })
        .collect();
    check_join(count, size, |number| places.get(&number).copied())
}
