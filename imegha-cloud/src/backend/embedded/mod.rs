//! Storage on one machine: records in an SQLite file, objects as files in a folder.
//!
//! What was acknowledged survives a crash of the process and of the machine. Opening does file I/O and blocks;
//! everything after it runs on Tokio's threads for blocking work, so it needs a Tokio runtime.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> imegha_cloud::Result<()> {
//! use imegha_cloud::backend::embedded::Embedded;
//! use imegha_cloud::backend::BlobStore as _;
//! use imegha_cloud::schema::CloudSchema;
//!
//! # let folder = tempfile::tempdir().expect("a temporary folder");
//! # let folder = folder.path().join("cloud");
//! let Embedded { records, blobs } = Embedded::<CloudSchema>::open(&folder)?;
//! assert!(blobs.list(None, 10).await?.is_empty());
//! # drop(records); Ok(()) }
//! ```

mod blobs;
mod config;
mod error;
mod folder;
mod records;
mod snapshot;
mod upload;

use std::path::Path;

pub use blobs::EmbeddedBlobs;
pub use config::EmbeddedConfig;
pub use records::EmbeddedRecords;
pub use snapshot::{CloudCopy, check_cloud, check_database, copy_cloud, copy_database};

use crate::backend::Schema;
use crate::error::{Error, ErrorKind, Result};

/// Both stores of a cloud, in one folder: `cloud.sqlite` and `blobs/`.
#[derive(Clone, Debug)]
pub struct Embedded<S: Schema> {
    /// The records.
    pub records: EmbeddedRecords<S>,
    /// The objects.
    pub blobs: EmbeddedBlobs,
}

impl<S: Schema> Embedded<S> {
    /// Opens the cloud in `folder`, and makes it when there is none.
    ///
    /// # Errors
    /// As [`EmbeddedBlobs::open`] and [`EmbeddedRecords::open`].
    pub fn open(folder: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(folder, &EmbeddedConfig::default())
    }

    /// The same with limits and a clock.
    ///
    /// # Errors
    /// As [`EmbeddedBlobs::open`] and [`EmbeddedRecords::open`].
    pub fn open_with(folder: impl AsRef<Path>, config: &EmbeddedConfig) -> Result<Self> {
        let folder = folder.as_ref();
        folder::create(folder)?;
        // The blobs' lock comes first: it keeps a second process away from both.
        let blobs = EmbeddedBlobs::open_with(folder.join(BLOBS), config)?;
        let records = EmbeddedRecords::open_with(folder.join(DATABASE), config)?;
        Ok(Self { records, blobs })
    }
}

const DATABASE: &str = "cloud.sqlite";
const BLOBS: &str = "blobs";

/// Runs `work` where it may block.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(stopped) if stopped.is_panic() => std::panic::resume_unwind(stopped.into_panic()),
        Err(stopped) => Err(Error::with_source(ErrorKind::Unavailable, "the program is stopping", stopped)),
    }
}
