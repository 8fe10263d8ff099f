//! Nonces: each signed request that changes something is served once.

use std::sync::atomic::Ordering;

use imegha_crypto::Id;
use imegha_crypto::request::Received;

use super::Gateway;
use crate::backend::{Condition, Key, Query, Record, Write};
use crate::error::{Error, ErrorKind, Result};
use crate::schema::{CloudSchema, CloudValue, Collection};

/// How far a client's clock may be from the gateway's, in seconds.
pub(super) const WINDOW: u64 = 60;

/// How long a nonce is kept, in seconds: twice the window, since a request may be dated in the future.
const KEPT: u64 = 120;

/// How often old nonces are purged, in seconds.
const PURGE_EVERY: u64 = 30;

/// The most nonces that are purged in one transaction.
const PURGE_PAGE: usize = crate::backend::records::MAX_WRITES;

/// The number used once of a verified request.
#[derive(Clone, Debug)]
pub(super) struct Nonce(Key<CloudSchema>);

impl Nonce {
    pub(super) fn of(received: &Received) -> Self {
        // By time first: the oldest are purged from the front. By signer, so that nobody can use up another's.
        let place = [
            CloudValue::Time(received.created()),
            CloudValue::Hash(imegha_crypto::Hash::from_bytes(*received.keyid().as_bytes())),
            CloudValue::Id(Id::from_bytes(received.nonce())),
        ];
        Self(Key::new(Collection::Nonce, [], place))
    }

    /// The write that fails when it was used before.
    fn write(&self) -> Write<CloudSchema> {
        Write::Put(Record::new(self.0.clone()), Condition::Absent)
    }
}

impl Gateway {
    /// Uses a nonce up, before something is changed that no transaction covers.
    ///
    /// # Errors
    /// `Replayed` when it was used before.
    pub(super) async fn spend(&self, nonce: &Nonce) -> Result<()> {
        self.purge_nonces().await;
        self.inner.records.transact(&[nonce.write()]).await.map_err(|error| match error.kind() {
            ErrorKind::Conflict => replayed(),
            _ => error,
        })
    }

    /// The same before something is removed: a store too full to keep a nonce must still be able to make room.
    /// Removing is done once however often it is asked for, and no name is ever given a second time.
    pub(super) async fn spend_to_remove(&self, nonce: &Nonce) -> Result<()> {
        match self.spend(nonce).await {
            Err(error) if error.kind() == ErrorKind::StorageFull => Ok(()),
            spent => spent,
        }
    }

    /// Writes records and uses the nonce up, both or neither.
    ///
    /// # Errors
    /// `Replayed` when the nonce was used before, otherwise as [`RecordStore::transact`](crate::backend::RecordStore).
    pub(super) async fn transact_once(&self, nonce: &Nonce, writes: Vec<Write<CloudSchema>>) -> Result<()> {
        if writes.len() >= crate::backend::records::MAX_WRITES {
            // There is no room for one more write. A nonce that is used up without its transaction costs nothing:
            // the client signs a new request anyway.
            self.spend(nonce).await?;
            return self.inner.records.transact(&writes).await;
        }
        self.purge_nonces().await;
        // The nonce stands first, so that a replay is told as one whatever else would fail.
        let with_nonce: Vec<_> = std::iter::once(nonce.write()).chain(writes).collect();
        self.inner.records.transact(&with_nonce).await.map_err(|error| match error.failed_write() {
            Some(0) => replayed(),
            Some(index) => Error::failed_condition(index - 1),
            None => error,
        })
    }

    /// Removes nonces of requests that are past the window. What fails is tried again the next time.
    async fn purge_nonces(&self) {
        let now = self.now();
        let last = self.inner.purged.load(Ordering::Relaxed);
        let due = now.abs_diff(last) >= PURGE_EVERY;
        if !due || self.inner.purged.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_err() {
            return;
        }
        while let Ok(PURGE_PAGE) = self.purge_page(now).await {}
    }

    async fn purge_page(&self, now: u64) -> Result<usize> {
        let mut query = Query::new(Collection::Nonce, []);
        query.limit = PURGE_PAGE;
        let page = self.inner.records.query(&query).await?;
        let old = |key: &Key<CloudSchema>| matches!(key.sort.first(), Some(CloudValue::Time(created)) if created.saturating_add(KEPT) < now);
        let keys = page.records.into_iter().map(|record| record.key).take_while(old);
        let writes: Vec<_> = keys.map(|key| Write::Delete(key, Condition::None)).collect();
        if !writes.is_empty() {
            self.inner.records.transact(&writes).await?;
        }
        Ok(writes.len())
    }

    /// Seconds since 1970.
    pub(super) fn now(&self) -> u64 {
        self.inner.options.clock.now_ms() / 1000
    }
}

fn replayed() -> Error {
    Error::new(ErrorKind::Replayed, "this request was served before")
}
