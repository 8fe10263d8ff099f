//! A store that remembers which keys were written, so that a test can dump what a store cannot scan, and that lets
//! every race be run.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use imegha_cloud::Result;
use imegha_cloud::backend::{Key, Page, Query, Record, RecordStore, Write};
use imegha_platform::registry::PlatformSchema;

#[derive(Clone, Debug)]
pub(crate) struct Recording {
    inner: Arc<dyn RecordStore<PlatformSchema>>,
    written: Arc<Mutex<BTreeMap<Vec<u8>, Key<PlatformSchema>>>>,
}

impl Recording {
    pub(crate) fn new(inner: Arc<dyn RecordStore<PlatformSchema>>) -> Self {
        Self { inner, written: Arc::default() }
    }

    /// Every record that there is.
    pub(crate) async fn dump(&self) -> Vec<Record<PlatformSchema>> {
        let keys: Vec<_> = self.written.lock().unwrap().values().cloned().collect();
        let mut records = Vec::new();
        for key in keys {
            records.extend(self.inner.get(&key).await.unwrap());
        }
        records
    }
}

#[async_trait]
impl RecordStore<PlatformSchema> for Recording {
    async fn get(&self, key: &Key<PlatformSchema>) -> Result<Option<Record<PlatformSchema>>> {
        let record = self.inner.get(key).await;
        // Whoever else runs reads now too: between a flow's reading and its writing there is always a race.
        tokio::task::yield_now().await;
        record
    }

    async fn query(&self, query: &Query<PlatformSchema>) -> Result<Page<PlatformSchema>> {
        self.inner.query(query).await
    }

    async fn transact(&self, writes: &[Write<PlatformSchema>]) -> Result<()> {
        for write in writes {
            self.written.lock().unwrap().insert(write.key().to_bytes(), write.key().clone());
        }
        self.inner.transact(writes).await
    }
}
