//! Storage in memory: for tests, and the traits' reference.
//!
//! What these two do is what the traits mean. Both are handles: a clone is the same store.

mod blobs;
mod records;

pub use blobs::MemoryBlobs;
pub use records::MemoryRecords;
