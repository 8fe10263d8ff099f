//! Where a cloud is kept.

use std::sync::Arc;

use crate::backend::blobs::MAX_LISTING;
use crate::backend::{BlobMeta, BlobStore, Key, ObjectName, Page, Query, Record, RecordStore, UploadMeta};
use crate::client::Watch;
use crate::client::device::DeviceStore;
use crate::client::retry::{Attempts, persist};
use crate::clock::Clock;
use crate::error::Result;
use crate::schema::CloudSchema;

/// The storage of a cloud, and what a device adds to it.
#[derive(Clone, Debug)]
pub struct Store {
    /// The records.
    pub records: Arc<dyn RecordStore<CloudSchema>>,
    /// The objects.
    pub blobs: Arc<dyn BlobStore>,
    /// The device's clock.
    pub clock: Arc<dyn Clock>,
    /// What this device remembers of its clouds.
    pub device: Arc<dyn DeviceStore>,
}

impl Store {
    /// Reads a record, and asks again for a moment when there is no answer.
    pub(crate) async fn get(&self, key: &Key<CloudSchema>) -> Result<Option<Record<CloudSchema>>> {
        persist(Attempts::at_read(&self.clock), &Watch::default(), |_| self.records.get(key)).await
    }

    /// Reads several records in one request, and asks again for a moment when there is no answer.
    pub(crate) async fn get_all(&self, keys: &[Key<CloudSchema>]) -> Result<Vec<Option<Record<CloudSchema>>>> {
        persist(Attempts::at_read(&self.clock), &Watch::default(), |_| self.records.get_all(keys)).await
    }

    /// Reads a page of records, and asks again for a moment when there is no answer.
    pub(crate) async fn query(&self, query: &Query<CloudSchema>) -> Result<Page<CloudSchema>> {
        persist(Attempts::at_read(&self.clock), &Watch::default(), |_| self.records.query(query)).await
    }

    /// Size and time of an object, asked for again for a moment when there is no answer.
    pub(crate) async fn head(&self, object: &ObjectName) -> Result<BlobMeta> {
        persist(Attempts::at_read(&self.clock), &Watch::default(), |_| self.blobs.head(object)).await
    }

    /// A page of objects, asked for again for a moment when there is no answer.
    pub(crate) async fn objects(&self, after: Option<&ObjectName>) -> Result<Vec<BlobMeta>> {
        persist(Attempts::at_read(&self.clock), &Watch::default(), |_| self.blobs.list(after, MAX_LISTING)).await
    }

    /// The unfinished uploads, asked for again for a moment when there is no answer.
    pub(crate) async fn uploads(&self) -> Result<Vec<UploadMeta>> {
        persist(Attempts::at_read(&self.clock), &Watch::default(), |_| self.blobs.uploads()).await
    }
}
