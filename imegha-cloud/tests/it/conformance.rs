//! Every backend passes the one suite.

use std::sync::Arc;

use imegha_cloud::backend::memory::{MemoryBlobs, MemoryRecords};
use imegha_cloud::backend::{BlobStore, RecordStore};
use imegha_cloud::schema::CloudSchema;

type Records = Arc<dyn RecordStore<CloudSchema>>;
type Blobs = Arc<dyn BlobStore>;

async fn memory_records_store() -> (Records, ()) {
    (Arc::new(MemoryRecords::new()), ())
}

async fn memory_blobs_store() -> (Blobs, ()) {
    (Arc::new(MemoryBlobs::new()), ())
}

imegha_cloud::record_conformance!(memory_records, memory_records_store);
imegha_cloud::blob_conformance!(memory_blobs, memory_blobs_store);
