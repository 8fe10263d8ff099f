//! Where a cloud keeps its bytes: the traits, and the backends that implement them.
//!
//! A backend is two stores of the shape of S3 and DynamoDB. [`BlobStore`] keeps immutable sealed objects,
//! [`RecordStore`] small records of closed types under typed keys. Neither can be handed free text:
//! a blob is made only by sealing, a record's values are the closed enum of its [`Schema`].

#[cfg(all(feature = "aws", not(target_arch = "wasm32")))]
pub mod aws;
pub mod blobs;
#[cfg(any(feature = "remote", all(feature = "aws", not(target_arch = "wasm32"))))]
mod body;
#[cfg(feature = "embedded")]
pub mod embedded;
pub mod memory;
pub mod presign;
pub mod records;
#[cfg(feature = "remote")]
pub mod remote;
pub mod schema;

pub use blobs::{BlobBody, BlobMeta, BlobStore, ObjectName, Upload, UploadId, UploadMeta};
pub use presign::{Announced, Presign, PresignedUrl};
pub use records::{Condition, Key, Page, Query, Record, RecordStore, Write};
pub use schema::{Name, Schema, Value};
