//! Every backend passes the one suite.

mod memory {
    use std::sync::Arc;

    use imegha_cloud::backend::memory::{MemoryBlobs, MemoryRecords};
    use imegha_cloud::backend::{BlobStore, RecordStore};
    use imegha_cloud::schema::CloudSchema;

    async fn new_records() -> (Arc<dyn RecordStore<CloudSchema>>, ()) {
        (Arc::new(MemoryRecords::new()), ())
    }

    async fn new_blobs() -> (Arc<dyn BlobStore>, ()) {
        (Arc::new(MemoryBlobs::new()), ())
    }

    imegha_cloud::record_conformance!(records, new_records);
    imegha_cloud::blob_conformance!(blobs, new_blobs);
}

#[cfg(feature = "embedded")]
mod embedded {
    use std::sync::Arc;

    use imegha_cloud::backend::embedded::{EmbeddedBlobs, EmbeddedRecords};
    use imegha_cloud::backend::{BlobStore, RecordStore};
    use imegha_cloud::schema::CloudSchema;
    use tempfile::TempDir;

    async fn new_records() -> (Arc<dyn RecordStore<CloudSchema>>, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        (Arc::new(EmbeddedRecords::open(folder.path().join("cloud.sqlite")).unwrap()), folder)
    }

    async fn new_blobs() -> (Arc<dyn BlobStore>, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        (Arc::new(EmbeddedBlobs::open(folder.path().join("blobs")).unwrap()), folder)
    }

    imegha_cloud::record_conformance!(records, new_records);
    imegha_cloud::blob_conformance!(blobs, new_blobs);
}

#[cfg(all(feature = "gateway", feature = "remote"))]
mod remote_on_memory {
    use std::sync::Arc;

    use imegha_cloud::backend::memory::{MemoryBlobs, MemoryRecords};

    use crate::served::Served;

    async fn served() -> (Served, ()) {
        (Served::start(Arc::new(MemoryRecords::new()), Arc::new(MemoryBlobs::new())).await, ())
    }

    crate::served::remote_conformance!(served);
}

#[cfg(all(feature = "gateway", feature = "remote", feature = "embedded"))]
mod remote_on_embedded {
    use std::sync::Arc;

    use imegha_cloud::backend::embedded::Embedded;
    use tempfile::TempDir;

    use crate::served::Served;

    async fn served() -> (Served, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let Embedded { records, blobs } = Embedded::open(folder.path()).unwrap();
        (Served::start(Arc::new(records), Arc::new(blobs)).await, folder)
    }

    crate::served::remote_conformance!(served);
}
