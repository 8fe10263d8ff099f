//! Whose requests are served: those of the owner's newest identity that this gateway knows (FORMAT 7).
//!
//! It is known from the deployment, which pins the first; from the owner, who tells the history; and from the record that other instances
//! before the same store write when they are told. The record has no proof with it: what was verified was, when it was written. Whoever
//! can write into the storage needs no gateway to do so, and gains nothing here. But nothing that the record ever says has a process
//! serve an identity again that it has seen replaced.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use imegha_crypto::{Fingerprint, PublicIdentity};

use super::Gateway;
use super::newest::{DAMAGED, Newest};
use crate::error::{Error, ErrorKind, Result};

/// What a process knows of the owner. Gateways of one cloud share it.
#[derive(Debug)]
pub(super) struct Owner {
    first: PublicIdentity,
    known: Mutex<Known>,
    /// Held from before the record is read until what it says is known, and while it is written.
    pub(super) reading: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct Known {
    newest: Arc<Newest>,
    /// The identities before the newest, as far as this process has seen them.
    replaced: BTreeSet<Fingerprint>,
    /// When the record was last read, in milliseconds since 1970.
    read_ms: Option<u64>,
    unknown: Allowance,
}

impl Owner {
    pub(super) fn new(first: PublicIdentity) -> Self {
        let newest = Arc::new(Newest::first(first.clone()));
        let known = Known { newest, replaced: BTreeSet::new(), read_ms: None, unknown: Allowance::default() };
        Self { first, known: Mutex::new(known), reading: tokio::sync::Mutex::default() }
    }

    /// The identity that the deployment pins: its fingerprint is the audience of every request.
    pub(super) fn first(&self) -> &PublicIdentity {
        &self.first
    }

    /// The newest that is known.
    pub(super) fn newest(&self) -> Arc<Newest> {
        self.lock().newest.clone()
    }

    /// The newest, if the record was read a short while ago.
    fn fresh(&self, now_ms: u64) -> Option<Arc<Newest>> {
        let known = self.lock();
        let fresh = known.read_ms.is_some_and(|read| now_ms.abs_diff(read) < FRESH_MS);
        fresh.then(|| known.newest.clone())
    }

    /// Takes what the record said when it was read at that time, unless this process knows better.
    fn learn(&self, stored: Option<Newest>, read_ms: u64) {
        let mut known = self.lock();
        known.read_ms = Some(read_ms);
        match stored {
            None if known.newest.seq() == 0 => {}
            Some(stored) if stored == *known.newest => {}
            Some(stored) if stored.seq() > known.newest.seq() && !known.has_had(&stored.fingerprint()) => {
                known.go_on(stored);
            }
            _ => tracing::error!(
                "the record of the owner's newest identity is older than it was, or another: it is not heeded"
            ),
        }
    }

    /// Takes what was told, verified, and is kept: the newest, and all before it.
    pub(super) fn take(&self, told: Newest, before: BTreeSet<Fingerprint>) {
        let mut known = self.lock();
        known.replaced.extend(before);
        if told.seq() > known.newest.seq() {
            known.go_on(told);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        // Nothing between two changes of it panics.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Whether that identity is the newest, or was it.
    fn has_had(&self, identity: &Fingerprint) -> bool {
        self.newest.fingerprint() == *identity || self.replaced.contains(identity)
    }

    fn go_on(&mut self, newest: Newest) {
        self.replaced.insert(self.newest.fingerprint());
        self.newest = Arc::new(newest);
    }
}

impl Gateway {
    /// The newest identity, for a request that says that the identity `keyid` signed it.
    ///
    /// The record is read when that was last done a minute ago, and for whom nobody knows: another instance may have been told of him.
    ///
    /// # Errors
    /// As the store gives them: then nobody knows who is to be served. `Backend` for a record that is damaged.
    pub(super) async fn newest_for(&self, keyid: &Fingerprint) -> Result<Arc<Newest>> {
        let owner = &self.inner.owner;
        if owner.newest().fingerprint() == *keyid {
            if let Some(newest) = owner.fresh(self.now_ms()) {
                return Ok(newest);
            }
            let _reading = owner.reading.lock().await;
            // Of all who waited for it only the first reads it.
            if owner.fresh(self.now_ms()).is_none() {
                self.look().await?;
            }
            return Ok(owner.newest());
        }
        {
            let mut known = owner.lock();
            if !known.unknown.takes(self.now_ms()) {
                // Never read, it could not be for a while: there is nothing to judge anybody by.
                return match known.read_ms {
                    Some(_) => Ok(known.newest.clone()),
                    None => Err(Error::new(ErrorKind::Unavailable, "the owner's newest identity cannot be read now")),
                };
            }
        }
        let _reading = owner.reading.lock().await;
        self.look().await?;
        Ok(owner.newest())
    }

    /// Reads the record and takes what it says, which is nothing as long as the first identity is the newest. Whoever calls this holds
    /// `reading`.
    pub(super) async fn look(&self) -> Result<Option<Newest>> {
        let read_ms = self.now_ms();
        let record = self.inner.records.get(&Newest::key()).await.map_err(|error| match error.kind() {
            // What storage gives is no record at all.
            ErrorKind::Malformed | ErrorKind::CannotOpen => Error::with_source(ErrorKind::Backend, DAMAGED, error),
            _ => error,
        })?;
        let stored = record.as_ref().map(Newest::from_record).transpose()?;
        self.inner.owner.learn(stored.clone(), read_ms);
        Ok(stored)
    }

    fn now_ms(&self) -> u64 {
        self.inner.options.clock.now_ms()
    }
}

/// How often the record is read for somebody unknown, who may be anybody: ten times in a row, and once a second.
#[derive(Debug)]
struct Allowance {
    left: u64,
    /// When it last grew, in seconds since 1970.
    at: u64,
}

impl Allowance {
    const MOST: u64 = 10;

    fn takes(&mut self, now_ms: u64) -> bool {
        let now = now_ms / 1000;
        self.left = self.left.saturating_add(now.abs_diff(self.at)).min(Self::MOST);
        self.at = now;
        let takes = self.left > 0;
        self.left = self.left.saturating_sub(1);
        takes
    }
}

impl Default for Allowance {
    fn default() -> Self {
        Self { left: Self::MOST, at: 0 }
    }
}

/// For how long an identity is served that another instance has been told is no longer the newest.
const FRESH_MS: u64 = 60_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_unknown_has_the_record_read_ten_times_and_once_a_second() {
        let mut allowance = Allowance::default();
        let mut taken = |now_ms| (0..100).filter(|_| allowance.takes(now_ms)).count();
        assert_eq!(taken(1_790_000_000_000), 10);
        assert_eq!(taken(1_790_000_000_999), 0);
        assert_eq!(taken(1_790_000_001_000), 1);
        assert_eq!(taken(1_790_000_003_999), 2);
        assert_eq!(taken(1_790_000_100_000), 10);
        // A clock that goes back does not stop it for good.
        assert_eq!(taken(1_790_000_000_000), 10);
        assert_eq!(taken(1_790_000_000_000), 0);
    }
}
