//! [`MemoryRecords`]: a [`RecordStore`] that is an ordered map.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::backend::records::{PageFilling, check_keys, check_writes};
use crate::backend::{Key, Page, Query, Record, RecordStore, Schema, Write};
use crate::error::{Error, Result};

/// Records in memory.
#[derive(Clone)]
pub struct MemoryRecords<S: Schema> {
    records: Arc<Mutex<Records<S>>>,
}

/// Records by partition and place.
type Records<S> = BTreeMap<(Vec<u8>, Vec<u8>), Record<S>>;

impl<S: Schema> MemoryRecords<S> {
    /// An empty store.
    pub fn new() -> Self {
        Self { records: Arc::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Records<S>> {
        // A transaction changes the map only after everything that can panic, so a poisoned map is whole.
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Schema> Default for MemoryRecords<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Schema> fmt::Debug for MemoryRecords<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryRecords").field("records", &self.lock().len()).finish()
    }
}

#[async_trait]
impl<S: Schema> RecordStore<S> for MemoryRecords<S> {
    async fn get(&self, key: &Key<S>) -> Result<Option<Record<S>>> {
        key.check()?;
        Ok(self.lock().get(&place(key)).cloned())
    }

    async fn get_all(&self, keys: &[Key<S>]) -> Result<Vec<Option<Record<S>>>> {
        check_keys(keys)?;
        let records = self.lock();
        Ok(keys.iter().map(|key| records.get(&place(key)).cloned()).collect())
    }

    async fn query(&self, query: &Query<S>) -> Result<Page<S>> {
        query.check()?;
        let partition = query.partition_bytes();
        let after = query.after_bytes().map(|sort| Bound::Excluded((partition.clone(), sort)));
        let first = Bound::Included((partition.clone(), Vec::new()));
        let past = Bound::Excluded((successor(&partition), Vec::new()));
        let records = self.lock();
        let mut in_order: Box<dyn Iterator<Item = &Record<S>>> = if query.descending {
            Box::new(records.range((first, after.unwrap_or(past))).rev().map(|(_, record)| record))
        } else {
            Box::new(records.range((after.unwrap_or(first), past)).map(|(_, record)| record))
        };
        let mut page = PageFilling::new(query.limit);
        let more = in_order.any(|record| !page.takes(record.clone()));
        Ok(page.finish(more))
    }

    async fn transact(&self, writes: &[Write<S>]) -> Result<()> {
        check_writes(writes)?;
        let mut records = self.lock();
        let failed = writes.iter().position(|write| !write.condition().holds(records.get(&place(write.key()))));
        if let Some(index) = failed {
            return Err(Error::failed_condition(index));
        }
        for write in writes {
            match write {
                Write::Put(record, _) => {
                    records.insert(place(&record.key), record.clone());
                }
                Write::Delete(key, _) => {
                    records.remove(&place(key));
                }
                Write::Check(..) => {}
            }
        }
        Ok(())
    }
}

fn place<S: Schema>(key: &Key<S>) -> (Vec<u8>, Vec<u8>) {
    (key.partition_bytes(), key.sort_bytes())
}

/// The smallest byte string that is larger than `bytes`.
fn successor(bytes: &[u8]) -> Vec<u8> {
    let mut next = bytes.to_vec();
    next.push(0);
    next
}
