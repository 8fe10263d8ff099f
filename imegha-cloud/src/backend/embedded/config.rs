//! Limits and clock of the embedded stores.

use std::sync::Arc;

use crate::clock::{Clock, SystemClock};

/// What an embedded store may use. The default has no limit.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EmbeddedConfig {
    /// The most bytes of all objects and unfinished parts together.
    pub blob_quota: Option<u64>,
    /// The most bytes of the SQLite file, rounded down to its pages of 4 KiB.
    pub record_quota: Option<u64>,
    /// The clock that objects and uploads are dated by.
    pub clock: Arc<dyn Clock>,
}

impl Default for EmbeddedConfig {
    fn default() -> Self {
        Self { blob_quota: None, record_quota: None, clock: Arc::new(SystemClock) }
    }
}

impl EmbeddedConfig {
    /// The same with a quota for objects and one for records, both in bytes.
    #[must_use]
    pub fn with_quotas(mut self, blobs: u64, records: u64) -> Self {
        self.blob_quota = Some(blobs);
        self.record_quota = Some(records);
        self
    }

    /// The same on another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }
}
