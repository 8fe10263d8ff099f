//! A real blob store that writes down what is sent to it.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use imegha_cloud::Result;
use imegha_cloud::backend::{BlobBody, BlobMeta, BlobStore, ObjectName, Upload, UploadId, UploadMeta};
use imegha_crypto::{SealedObject, SealedPart};

use crate::storage::Blobs;

/// One part that was sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) object: ObjectName,
    pub(crate) number: u32,
    pub(crate) offset: u64,
    pub(crate) part: SealedPart,
    /// Whether the sender was told that it arrived.
    pub(crate) acknowledged: bool,
}

/// The store, and what was sent to it in parts.
#[derive(Debug)]
pub(crate) struct Watched {
    inner: Arc<Blobs>,
    log: Arc<Log>,
}

#[derive(Debug, Default)]
struct Log {
    sent: Mutex<Vec<Sent>>,
    /// Whether parts are acknowledged and lost.
    loses: AtomicBool,
}

impl Watched {
    pub(crate) fn new(inner: &Arc<Blobs>) -> Arc<Self> {
        Arc::new(Self { inner: inner.clone(), log: Arc::default() })
    }

    /// All parts, in the order of sending.
    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.log.sent.lock().unwrap().clone()
    }

    /// The numbers of the parts that were sent, in the order of sending.
    pub(crate) fn numbers(&self) -> Vec<u32> {
        self.sent().iter().map(|sent| sent.number).collect()
    }

    /// The numbers of those that arrived.
    pub(crate) fn acknowledged(&self) -> Vec<u32> {
        self.sent().iter().filter(|sent| sent.acknowledged).map(|sent| sent.number).collect()
    }

    /// From now on parts are acknowledged and lost.
    pub(crate) fn lose_parts(&self) {
        self.log.loses.store(true, Ordering::SeqCst);
    }

    fn watch(&self, upload: Box<dyn Upload>, object: &ObjectName) -> Box<dyn Upload> {
        Box::new(WatchedUpload { inner: upload, object: *object, log: self.log.clone() })
    }
}

#[async_trait]
impl BlobStore for Watched {
    async fn put(&self, name: &ObjectName, object: SealedObject) -> Result<()> {
        self.inner.put(name, object).await
    }

    async fn get(&self, name: &ObjectName, range: Option<Range<u64>>) -> Result<BlobBody> {
        self.inner.get(name, range).await
    }

    async fn head(&self, name: &ObjectName) -> Result<BlobMeta> {
        self.inner.head(name).await
    }

    async fn delete(&self, name: &ObjectName) -> Result<()> {
        self.inner.delete(name).await
    }

    async fn list(&self, after: Option<&ObjectName>, limit: usize) -> Result<Vec<BlobMeta>> {
        self.inner.list(after, limit).await
    }

    async fn begin_upload(&self, name: &ObjectName) -> Result<Box<dyn Upload>> {
        Ok(self.watch(self.inner.begin_upload(name).await?, name))
    }

    async fn resume_upload(&self, name: &ObjectName, id: &UploadId) -> Result<Box<dyn Upload>> {
        Ok(self.watch(self.inner.resume_upload(name, id).await?, name))
    }

    async fn uploads(&self) -> Result<Vec<UploadMeta>> {
        self.inner.uploads().await
    }
}

#[derive(Debug)]
struct WatchedUpload {
    inner: Box<dyn Upload>,
    object: ObjectName,
    log: Arc<Log>,
}

#[async_trait]
impl Upload for WatchedUpload {
    fn id(&self) -> &UploadId {
        self.inner.id()
    }

    async fn put_part(&self, number: u32, offset: u64, part: SealedPart) -> Result<()> {
        let at = {
            let mut sent = self.log.sent.lock().unwrap();
            sent.push(Sent { object: self.object, number, offset, part: part.clone(), acknowledged: false });
            sent.len() - 1
        };
        if !self.log.loses.load(Ordering::SeqCst) {
            self.inner.put_part(number, offset, part).await?;
        }
        self.log.sent.lock().unwrap()[at].acknowledged = true;
        Ok(())
    }

    async fn complete(&self, parts: u32, size: u64) -> Result<()> {
        self.inner.complete(parts, size).await
    }

    async fn abort(&self) -> Result<()> {
        self.inner.abort().await
    }
}
