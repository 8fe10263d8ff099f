//! What is exported, who hears of it, and who stops it.

use std::fmt;

#[cfg(not(target_arch = "wasm32"))]
use crate::client::ToDisk;
use crate::client::{CancelToken, Watch};

/// What [`Cloud::export`](crate::Cloud::export) writes, who hears of it, and who stops it.
#[derive(Clone, Default)]
pub struct ExportOptions {
    pub(super) revisions: bool,
    pub(super) watch: Watch,
}

impl ExportOptions {
    /// The newest revision of every file.
    pub fn new() -> Self {
        Self::default()
    }

    /// Also every older revision.
    #[must_use]
    pub fn revisions(mut self) -> Self {
        self.revisions = true;
        self
    }

    /// Calls `progress` after each file with how many files, older revisions among them, and how many bytes are there by now. How many
    /// there are in all nobody knows before the end.
    #[must_use]
    pub fn progress(mut self, progress: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        self.watch.progress = Some(std::sync::Arc::new(progress));
        self
    }

    /// Stops when `token` is cancelled. What was written until then stays, each file whole, and the next export goes on from there.
    #[must_use]
    pub fn cancel(mut self, token: &CancelToken) -> Self {
        self.watch.cancel = token.clone();
        self
    }

    /// How one file is written.
    #[cfg(not(target_arch = "wasm32"))]
    pub(super) fn to_disk(&self, overwrite: bool) -> ToDisk {
        let to = ToDisk::new().cancel(&self.watch.cancel);
        if overwrite { to.overwrite() } else { to }
    }
}

impl fmt::Debug for ExportOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExportOptions").field("revisions", &self.revisions).finish_non_exhaustive()
    }
}
