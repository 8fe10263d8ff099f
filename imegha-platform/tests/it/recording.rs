//! A store that remembers which keys were written, so that a test can dump what a store cannot scan, that lets every race be run, and
//! that can die.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use imegha_cloud::backend::{Key, Page, Query, Record, RecordStore, Write};
use imegha_cloud::{Error, ErrorKind, Result};
use imegha_platform::registry::PlatformSchema;

use crate::random::Random;

#[derive(Clone, Debug)]
pub(crate) struct Recording {
    inner: Arc<dyn RecordStore<PlatformSchema>>,
    written: Arc<Mutex<BTreeMap<Vec<u8>, Key<PlatformSchema>>>>,
    life: Arc<Mutex<Life>>,
    order: Arc<Mutex<Option<Random>>>,
}

/// How long a server over this store lives.
#[derive(Debug, Default)]
struct Life {
    dead: bool,
    /// How many writes are left until the one that it dies at, and whether that one is still written.
    left: Option<(u64, bool)>,
}

impl Recording {
    pub(crate) fn new(inner: Arc<dyn RecordStore<PlatformSchema>>) -> Self {
        Self { inner, written: Arc::default(), life: Arc::default(), order: Arc::default() }
    }

    /// The same records, for a server that lives.
    pub(crate) fn reborn(&self) -> Self {
        Self { life: Arc::default(), ..self.clone() }
    }

    /// Whoever uses this store dies at the write behind so many: before it is written, or before its answer comes. From then on nothing is
    /// read or written.
    pub(crate) fn die_at(&self, writes: u64, written: bool) {
        self.life.lock().unwrap().left = Some((writes, written));
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.life.lock().unwrap().dead
    }

    /// From now on who runs next is drawn by this seed.
    pub(crate) fn order_by(&self, seed: u64) {
        *self.order.lock().unwrap() = Some(Random::new(seed));
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

    fn check_alive(&self) -> Result<()> {
        if self.is_dead() { Err(dead()) } else { Ok(()) }
    }

    /// Whether this write is the last, and whether it is still written.
    fn last(&self) -> Option<bool> {
        let mut life = self.life.lock().unwrap();
        let (left, written) = life.left?;
        life.left = left.checked_sub(1).map(|left| (left, written));
        life.dead = left == 0;
        life.dead.then_some(written)
    }

    /// Lets others run: once, or as often as is drawn.
    async fn let_others_run(&self, at_least: u64) {
        let drawn = self.order.lock().unwrap().as_mut().map(|random| random.below(4));
        for _ in 0..drawn.unwrap_or(at_least) {
            tokio::task::yield_now().await;
        }
    }
}

#[async_trait]
impl RecordStore<PlatformSchema> for Recording {
    async fn get(&self, key: &Key<PlatformSchema>) -> Result<Option<Record<PlatformSchema>>> {
        self.check_alive()?;
        let record = self.inner.get(key).await;
        // Whoever else runs reads now too: between a flow's reading and its writing there is always a race.
        self.let_others_run(1).await;
        record
    }

    async fn query(&self, query: &Query<PlatformSchema>) -> Result<Page<PlatformSchema>> {
        self.check_alive()?;
        self.let_others_run(0).await;
        self.inner.query(query).await
    }

    async fn transact(&self, writes: &[Write<PlatformSchema>]) -> Result<()> {
        self.check_alive()?;
        self.let_others_run(0).await;
        let last = self.last();
        if last == Some(false) {
            return Err(dead());
        }
        for write in writes {
            self.written.lock().unwrap().insert(write.key().to_bytes(), write.key().clone());
        }
        let done = self.inner.transact(writes).await;
        if last.is_some() { Err(dead()) } else { done }
    }
}

fn dead() -> Error {
    Error::new(ErrorKind::Unavailable, "the test has ended this server")
}
