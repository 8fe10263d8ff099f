//! Going on under renewed keys: a new epoch of the DEK and a new identity, after a password, a phrase or a device was seen.
//!
//! One entry of the log begins the epoch. From it on nobody's signature counts but the new identity's, and what is written is sealed under
//! the new DEK. Keys of files, folders and albums that stand under the former one are stale by that alone, each replaced before the next
//! thing is sealed under it. What was written before stays as it is, and opens by the keys of its epoch, which the cloud keeps for whoever
//! has the new ones.

use imegha_crypto::{Dek, Id};

use super::cloud::Cloud;
use super::epochs::{Deks, EarlierKeys};
use super::keys::CloudKeys;
use super::recovery::{Beside, read_identity, write_identity};
use super::retry::Attempts;
use super::store::Store;
use crate::backend::{Condition, Record, Write};
use crate::error::{ErrorKind, Result};
use crate::files::fields::Fields;
use crate::log::{Action, Change, NotAppended, Position, key};
use crate::schema::{CloudSchema, CloudValue, Collection, Field};

impl Cloud {
    /// Keeps what the recovery phrase will open this cloud by once its keys are `renewed`, before they are: whatever happens in between,
    /// the phrase opens it. [`CloudKeys::recovery_wrap`] of these is what is kept; without one there is nothing to do.
    ///
    /// Then the platform is told, and the cloud opened with the renewed keys: that ends the epoch of these.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use imegha_cloud::backend::memory::{MemoryBlobs, MemoryRecords};
    /// # use imegha_cloud::clock::SystemClock;
    /// # use imegha_cloud::{MemoryDevice, Store};
    /// # use imegha_crypto::{Dek, Id, Identity, RecoveryPhrase};
    /// use imegha_cloud::{Cloud, CloudKeys, EarlierKeys};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// # let (account, dek, identity) = (Id::generate()?, Dek::generate()?, Arc::new(Identity::generate()?));
    /// # let store = Store {
    /// #     records: Arc::new(MemoryRecords::default()),
    /// #     blobs: Arc::new(MemoryBlobs::default()),
    /// #     clock: Arc::new(SystemClock),
    /// #     device: Arc::new(MemoryDevice::new()),
    /// # };
    /// let seen = CloudKeys::new(account, dek.clone(), 1, identity.clone());
    /// let cloud = Cloud::create(seen.clone(), store.clone()).await?;
    /// let folder = cloud.create_folder(&cloud.root(), "Letters").await?;
    ///
    /// let phrase = RecoveryPhrase::generate()?;
    /// let (new_dek, new_identity) = (Dek::generate()?, Arc::new(Identity::generate()?));
    /// let wrap = new_dek.wrap_by_recovery(&phrase.derive_keys().kek, &account, 2)?;
    /// let renewed = CloudKeys::new(account, new_dek, 2, new_identity)
    ///     .with_recovery_wrap(wrap)
    ///     .with_earlier([EarlierKeys { dek, dek_epoch: 1, identity }]);
    /// cloud.prepare_renewal(&renewed).await?;
    ///
    /// let cloud = Cloud::open(renewed, store.clone()).await?;
    /// assert_eq!(cloud.list(&cloud.root()).await?, [folder]);
    /// # let store = Store { device: Arc::new(MemoryDevice::new()), ..store };
    /// assert!(Cloud::open(seen, store).await.is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`add_recovery_wrap`](Self::add_recovery_wrap).
    pub async fn prepare_renewal(&self, renewed: &CloudKeys) -> Result<()> {
        match &renewed.recovery_wrap {
            Some(wrap) => self.keep_wrap(renewed, wrap, Beside::Others).await,
            None => Ok(()),
        }
    }

    /// Has the cloud go on under the newest keys, where it does not yet. What can be read without that is read, whatever keeps the store
    /// from writing now: the next change begins with it.
    pub(crate) async fn begin_epoch_if_it_can(&self) -> Result<()> {
        let _writer = self.writer().lock().await;
        let mut attempts = Attempts::at_race(&self.store().clock);
        while self.log().is_behind().await {
            let base = self.log().refresh().await?;
            match self.begin_epoch(base, &mut attempts).await {
                Ok(()) => {}
                Err(not) if matches!(not.error.kind(), ErrorKind::CannotOpen | ErrorKind::Rollback) => {
                    return Err(not.error);
                }
                Err(not) => {
                    tracing::warn!(kind = ?not.error.kind(), "a cloud does not go on under renewed keys yet");
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Begins the epoch of the newest keys, if the cloud is in an earlier one still and the log still ends at `base`.
    pub(crate) async fn begin_epoch(&self, base: Position, attempts: &mut Attempts) -> Result<(), NotAppended> {
        if !self.log().is_behind().await {
            return Ok(());
        }
        let change = Change { action: Action::RenewKeys, nodes: Vec::new(), writes: self.renewal().await? };
        match self.log().append(base, &change).await {
            Ok(()) => {
                self.log().keep_checkpoint().await;
                Ok(())
            }
            Err(not) if not.certain => Ok(attempts.again(not.error).await?),
            Err(not) => Err(not),
        }
    }

    /// What begins an epoch: the keys of those before, for who comes with the new ones alone; and what a phrase opened by the former goes.
    pub(crate) async fn renewal(&self) -> Result<Vec<Write<CloudSchema>>> {
        let (keys, now_ms) = (self.keys(), self.store().clock.now_ms());
        let mut writes = Vec::new();
        for earlier in &keys.earlier {
            let place = key::earlier(earlier.dek_epoch);
            if self.log().hash(&place.to_bytes()).await.is_none()
                && let Some(record) = keys.earlier_record(earlier, now_ms)?
            {
                writes.push(Write::Put(record, Condition::None));
            }
        }
        let mut kept = false;
        let mut listing = self.log().listing(Collection::Wrap, &[]);
        while let Some(page) = listing.next().await? {
            for (place, record) in page {
                // One that is damaged may be that of the new epoch; what a stranger has planted is none of the log's.
                let Ok(record) = record else { continue };
                let fields = Fields(&record);
                kept |= fields.sealed(Field::Wrap).ok() == keys.recovery_wrap.as_ref();
                if fields.epoch(Field::DekEpoch)? < keys.dek_epoch && writes.len() < MOST_WRITES {
                    writes.push(Write::Delete(place, Condition::None));
                }
            }
        }
        if let Some(wrap) = keys.recovery_wrap.as_ref().filter(|_| !kept) {
            writes.push(Write::Put(keys.recovery_record(wrap, now_ms)?, Condition::Absent));
        }
        Ok(writes)
    }
}

impl CloudKeys {
    /// The same with the keys of all epochs before, as far as the cloud in `store` keeps them.
    pub(super) async fn with_earlier_of(self, store: &Store) -> Result<Self> {
        let (mut next, mut earlier) = (self.dek.clone(), Vec::new());
        for epoch in (1..self.dek_epoch).rev() {
            let Some(record) = store.get(&key::earlier(epoch)).await? else { break };
            // Storage makes none that the DEK opens. Where one is missing or damaged, what is older cannot be opened either.
            let Ok(keys) = open(&record, &next, &self.account, epoch) else { break };
            next = keys.dek.clone();
            earlier.push(keys);
        }
        Ok(self.with_earlier(earlier))
    }

    /// The record of an epoch's keys, for whoever has those of the next; `None` where these are not known.
    fn earlier_record(&self, earlier: &EarlierKeys, now_ms: u64) -> Result<Option<Record<CloudSchema>>> {
        let EarlierKeys { dek, dek_epoch, identity } = earlier;
        let next_epoch = dek_epoch.saturating_add(1);
        let deks = Deks::of(self);
        let Some(next) = deks.in_epoch(next_epoch) else { return Ok(None) };
        let wrap = next.wrap_previous(dek, &self.account, *dek_epoch, next_epoch)?;
        let record = Record::new(key::earlier(*dek_epoch))
            .with(Field::Wrap, CloudValue::Sealed(wrap))
            .with(Field::Written, CloudValue::Time(now_ms));
        write_identity(record, identity, dek, &self.account, *dek_epoch).map(Some)
    }
}

/// The keys of an epoch, from its record and the DEK of the next.
fn open(record: &Record<CloudSchema>, next: &Dek, account: &Id, epoch: u32) -> Result<EarlierKeys> {
    let fields = Fields(record);
    let dek = next.unwrap_previous(fields.sealed(Field::Wrap)?, account, epoch, epoch + 1)?;
    let identity = read_identity(&fields, &dek, account, epoch)?;
    Ok(EarlierKeys { dek, dek_epoch: epoch, identity })
}

/// More wraps than an account has phrases, and few enough for one transaction beside the rest.
const MOST_WRITES: usize = 50;
