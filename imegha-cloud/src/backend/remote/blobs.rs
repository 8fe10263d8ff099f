//! [`RemoteBlobs`]: a [`BlobStore`] behind a gateway.

use std::ops::Range;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_RANGE};
use http::{HeaderMap, StatusCode};
use imegha_crypto::{SealedObject, SealedPart};

use super::connection::{Question, Remote};
use super::direct::Put;
use super::error::dishonest;
use crate::backend::blobs::{check_limit, check_part};
use crate::backend::body::{content_range, exactly};
use crate::backend::{BlobBody, BlobMeta, BlobStore, ObjectName, Upload, UploadId, UploadMeta};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::{
    BegunAnswer, CompleteRequest, Decimal, ObjectAnswer, ObjectsAnswer, UploadAnswer, UploadsAnswer, path,
};

/// Objects behind a gateway.
#[derive(Clone, Debug)]
pub struct RemoteBlobs {
    remote: Remote,
}

impl RemoteBlobs {
    /// The objects of the cloud that the gateway serves.
    pub fn new(remote: Remote) -> Self {
        Self { remote }
    }
}

#[async_trait]
impl BlobStore for RemoteBlobs {
    async fn put(&self, name: &ObjectName, object: SealedObject) -> Result<()> {
        let bytes = Bytes::from(object.into_bytes());
        let direct = self.remote.direct_from().takes(bytes.len());
        if direct && self.remote.put_straight(&path::blob_direct(name), &bytes, Put::Object).await? {
            return Ok(());
        }
        self.remote.tell(Question::put(path::blob(name), bytes)).await
    }

    async fn get(&self, name: &ObjectName, range: Option<Range<u64>>) -> Result<BlobBody> {
        let question = Question::get(path::blob_or_direct(name));
        let Some(range) = range else {
            let answer = self.remote.read(question).await?;
            let size = length(&answer.headers).filter(|_| answer.status == StatusCode::OK).ok_or_else(dishonest)?;
            return Ok(BlobBody { size, range: 0..size, stream: exactly(answer.body, size, dishonest) });
        };
        if range.is_empty() || range.start > LAST_BYTE {
            return Err(Error::new(ErrorKind::Malformed, "the object has no such range"));
        }
        let question = question.with_range(format!("bytes={}-{}", range.start, (range.end - 1).min(LAST_BYTE)));
        let answer = self.remote.read(question).await?;
        // A whole object in a range's place, another range, another length: none of it is read.
        let said = answer.headers.get(CONTENT_RANGE).and_then(|said| said.to_str().ok()).and_then(content_range);
        let sent = said.filter(|_| answer.status == StatusCode::PARTIAL_CONTENT);
        let (got, size) = sent.ok_or_else(dishonest)?;
        let len = got.end - got.start;
        if got != (range.start..range.end.min(size)) || length(&answer.headers).is_some_and(|said| said != len) {
            return Err(dishonest());
        }
        Ok(BlobBody { size, range: got, stream: exactly(answer.body, len, dishonest) })
    }

    async fn head(&self, name: &ObjectName) -> Result<BlobMeta> {
        let answer: ObjectAnswer = self.remote.ask(Question::get(path::blob_meta(name))).await?;
        answer.into_meta().ok().filter(|meta| meta.name == *name).ok_or_else(dishonest)
    }

    async fn delete(&self, name: &ObjectName) -> Result<()> {
        self.remote.tell(Question::delete(path::blob(name))).await
    }

    async fn list(&self, after: Option<&ObjectName>, limit: usize) -> Result<Vec<BlobMeta>> {
        check_limit(limit)?;
        let answer: ObjectsAnswer = self.remote.ask(Question::get(path::blobs_page(after, limit))).await?;
        let page: Result<Vec<BlobMeta>> = answer.objects.into_iter().map(ObjectAnswer::into_meta).collect();
        let page = page.map_err(|_| dishonest())?;
        let names = || after.into_iter().chain(page.iter().map(|meta| &meta.name));
        let in_order = names().zip(names().skip(1)).all(|(one, next)| one < next);
        if in_order && page.len() <= limit { Ok(page) } else { Err(dishonest()) }
    }

    async fn begin_upload(&self, name: &ObjectName) -> Result<Box<dyn Upload>> {
        let answer: BegunAnswer = self.remote.ask(Question::post_nothing(path::blob_uploads(name))).await?;
        let id = UploadId::parse(&answer.id).map_err(|_| dishonest())?;
        Ok(Box::new(RemoteUpload { remote: self.remote.clone(), name: *name, id }))
    }

    async fn resume_upload(&self, name: &ObjectName, id: &UploadId) -> Result<Box<dyn Upload>> {
        self.remote.tell(Question::get(path::upload(name, id))).await?;
        Ok(Box::new(RemoteUpload { remote: self.remote.clone(), name: *name, id: id.clone() }))
    }

    async fn uploads(&self) -> Result<Vec<UploadMeta>> {
        let answer: UploadsAnswer = self.remote.ask(Question::get(path::UPLOADS)).await?;
        let uploads: Result<_> = answer.uploads.into_iter().map(UploadAnswer::into_meta).collect();
        uploads.map_err(|_| dishonest())
    }
}

#[derive(Debug)]
struct RemoteUpload {
    remote: Remote,
    name: ObjectName,
    id: UploadId,
}

#[async_trait]
impl Upload for RemoteUpload {
    fn id(&self) -> &UploadId {
        &self.id
    }

    async fn put_part(&self, number: u32, offset: u64, part: SealedPart) -> Result<()> {
        check_part(number)?;
        let bytes = Bytes::from(part.into_bytes());
        let path = path::upload_part_direct(&self.name, &self.id, number, offset);
        let direct = self.remote.direct_from().takes(bytes.len());
        if direct && self.remote.put_straight(&path, &bytes, Put::Part).await? {
            return Ok(());
        }
        let path = path::upload_part(&self.name, &self.id, number, offset);
        // The same bytes at the same place: sending them twice is sending them once.
        self.remote.tell(Question::put(path, bytes).again()).await
    }

    async fn complete(&self, parts: u32, size: u64) -> Result<()> {
        let path = path::upload_complete(&self.name, &self.id);
        self.remote.tell(Question::post(path, &CompleteRequest { parts, size: Decimal(size) })).await
    }

    async fn abort(&self) -> Result<()> {
        self.remote.tell(Question::delete(path::upload(&self.name, &self.id))).await
    }
}

fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok().and_then(Decimal::parse).map(|len| len.0)
}

/// Past every object that there may be, and as far as storage behind a gateway can count.
const LAST_BYTE: u64 = i64::MAX as u64 - 1;
