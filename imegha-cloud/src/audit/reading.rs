//! Reading the audit log, a page at a time.

use std::fmt;

use super::entry::AuditEntry;
use super::filter::AuditFilter;
use crate::client::{Cloud, Owners};
use crate::error::Result;
use crate::log::Position;

/// What the owner did, the newest first, a page at a time: [`Cloud::audit`].
pub struct Audit {
    cloud: Cloud,
    filter: AuditFilter,
    /// Places in the log between which pages lie, all of them on the way to the head.
    legs: Vec<Position>,
}

impl Cloud {
    /// What the owner did, from the newest to the first, as far as `filter` takes it. What other devices do from now on is not in it.
    ///
    /// The whole log is read once before anything is given, entry by entry from the first to the signed head that this device knows, and
    /// again page by page. So no page has an entry that is not the owner's or not in its place, and none is missing; memory holds a
    /// page of 200 entries, and 40 bytes for each page.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use imegha_cloud::backend::memory::{MemoryBlobs, MemoryRecords};
    /// # use imegha_cloud::clock::SystemClock;
    /// # use imegha_cloud::{CloudKeys, MemoryDevice, Store};
    /// # use imegha_crypto::{Dek, Id, Identity};
    /// use imegha_cloud::{Action, AuditFilter, Cloud};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// # let keys = CloudKeys::new(Id::generate()?, Dek::generate()?, 1, Arc::new(Identity::generate()?));
    /// # let store = Store {
    /// #     records: Arc::new(MemoryRecords::default()),
    /// #     blobs: Arc::new(MemoryBlobs::default()),
    /// #     clock: Arc::new(SystemClock),
    /// #     device: Arc::new(MemoryDevice::new()),
    /// # };
    /// # let cloud = Cloud::create(keys, store).await?;
    /// let folder = cloud.create_folder(&cloud.root(), "Letters").await?;
    /// cloud.rename(&folder.id, "Post").await?;
    ///
    /// let mut audit = cloud.audit(AuditFilter::new().node(&folder.id)).await?;
    /// while let Some(entries) = audit.next_page().await? {
    ///     for entry in &entries {
    ///         println!("{}", entry.to_json_line());
    ///     }
    ///     assert_eq!([&entries[0].action, &entries[1].action], [&Action::Rename.into(), &Action::CreateFolder.into()]);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// `CannotOpen` when an entry is missing, changed or in another's place; `Rollback` when storage shows an older state than this
    /// device has seen; `Unavailable` when the store stays away.
    pub async fn audit(&self, filter: AuditFilter) -> Result<Audit> {
        self.log().refresh().await?;
        Ok(Audit { cloud: self.clone(), filter, legs: self.log().legs().await? })
    }
}

impl Audit {
    /// The next entries, each older than the one before it: at least one and at most 200. Nothing when there are no more.
    ///
    /// # Errors
    /// `Rollback` when storage shows something else than it did when reading began; `Unavailable` when the store stays away. The page
    /// can be asked for again.
    pub async fn next_page(&mut self) -> Result<Option<Vec<AuditEntry>>> {
        let owners = Owners::of(self.cloud.keys());
        while let [.., from, to] = self.legs[..] {
            let entries = self.cloud.log().walk(from, to).await?;
            self.legs.pop();
            let entries = entries.iter().rev().map(|(position, entry)| AuditEntry::of(position, entry, &owners));
            let entries: Vec<_> = entries.filter(|entry| self.filter.takes(entry)).collect();
            if !entries.is_empty() {
                return Ok(Some(entries));
            }
        }
        Ok(None)
    }
}

impl fmt::Debug for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Audit").field("cloud", &self.cloud).field("filter", &self.filter).finish_non_exhaustive()
    }
}
