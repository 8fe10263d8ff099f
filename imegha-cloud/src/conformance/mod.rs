//! What every backend does, as tests: one suite, for whoever writes a backend.
//!
//! [`records`] and [`blobs`] are plain async functions that take an empty store and panic where it misbehaves.
//! [`record_conformance!`](crate::record_conformance) and [`blob_conformance!`](crate::blob_conformance) give each
//! of them a test of its own.
//!
//! ```
//! # #[cfg(feature = "conformance")] {
//! use std::sync::Arc;
//! use imegha_cloud::backend::memory::MemoryRecords;
//! use imegha_cloud::backend::RecordStore;
//! use imegha_cloud::schema::CloudSchema;
//!
//! // The second value is kept until the test ends: a temporary folder, a server.
//! async fn store() -> (Arc<dyn RecordStore<CloudSchema>>, ()) {
//!     (Arc::new(MemoryRecords::new()), ())
//! }
//!
//! imegha_cloud::record_conformance!(memory_records, store);
//! # }
//! ```

pub mod blobs;
mod naming;
pub mod records;
mod sample;

pub use sample::SampleSchema;
