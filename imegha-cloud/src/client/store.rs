//! Where a cloud is kept.

use std::sync::Arc;

use crate::backend::blobs::MAX_LISTING;
use crate::backend::{BlobMeta, BlobStore, Key, ObjectName, Page, Query, Record, RecordStore, UploadMeta};
use crate::client::Watch;
use crate::client::device::DeviceStore;
use crate::client::retry::{Attempts, persist};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result};
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

    /// The objects in the order of their names, a page at a time.
    pub(crate) fn objects(&self) -> Objects<'_> {
        Objects { store: self, after: None }
    }

    /// The unfinished uploads, asked for again for a moment when there is no answer.
    pub(crate) async fn uploads(&self) -> Result<Vec<UploadMeta>> {
        persist(Attempts::at_read(&self.clock), &Watch::default(), |_| self.blobs.uploads()).await
    }
}

/// The way through the listing of a store's objects.
pub(crate) struct Objects<'a> {
    store: &'a Store,
    after: Option<ObjectName>,
}

impl Objects<'_> {
    /// The next objects, asked for again for a moment when there is no answer; nothing after the last.
    ///
    /// # Errors
    /// `CannotOpen` when storage lists them out of order: it might go on for ever, and show one of them twice.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<BlobMeta>>> {
        let Store { clock, blobs, .. } = self.store;
        let after = self.after.as_ref();
        let page = persist(Attempts::at_read(clock), &Watch::default(), |_| blobs.list(after, MAX_LISTING)).await?;
        for meta in &page {
            if self.after.is_some_and(|after| meta.name <= after) {
                return Err(Error::new(ErrorKind::CannotOpen, "storage lists objects out of order"));
            }
            self.after = Some(meta.name);
        }
        Ok((!page.is_empty()).then_some(page))
    }
}
