//! Where a cloud is kept.

use std::sync::Arc;

use crate::backend::{BlobStore, RecordStore};
use crate::client::device::DeviceStore;
use crate::clock::Clock;
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
