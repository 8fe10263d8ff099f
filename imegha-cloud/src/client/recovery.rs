//! Opening a cloud without the platform: the recovery phrase, and access to the storage.

use std::sync::Arc;

use imegha_crypto::{Dek, Fingerprint, Hash, Id, Identity, RecoveryKeys, RecoveryPhrase, Sealed};

use super::cloud::Cloud;
use super::epochs::Owners;
use super::keys::CloudKeys;
use super::retry::Attempts;
use super::store::Store;
use crate::backend::{Condition, Query, Record, Write};
use crate::error::{Error, ErrorKind, Result};
use crate::files::fields::Fields;
use crate::log::key::{self, CloudKey};
use crate::log::{Action, Change, Head};
use crate::schema::{CloudSchema, CloudValue, Collection, Field};

impl Cloud {
    /// Keeps what a recovery phrase opens this cloud by, for one that was made without ([`CloudKeys::recovery_wrap`]): the DEK of its keys,
    /// wrapped by the phrase. Where it keeps one already nothing is written.
    ///
    /// # Errors
    /// `Moved` when this cloud has left from here; `Unavailable` when the store stays away; `Conflict` when others write without end.
    pub async fn keep_recovery_wrap(&self, wrap: &Sealed) -> Result<()> {
        self.keep_wrap(self.keys(), wrap, Beside::None).await
    }

    /// Keeps what a new recovery phrase opens this cloud by, beside what is kept for others. Where this wrap is kept already nothing is
    /// written. Once the words were asked back: [`drop_other_recovery_wraps`](Self::drop_other_recovery_wraps).
    ///
    /// # Errors
    /// As [`keep_recovery_wrap`](Self::keep_recovery_wrap).
    pub async fn add_recovery_wrap(&self, wrap: &Sealed) -> Result<()> {
        self.keep_wrap(self.keys(), wrap, Beside::Others).await
    }

    /// Drops what other recovery phrases open this cloud by. Where there is nothing else nothing is written. What a stranger has planted in
    /// the storage is not the log's and stays.
    ///
    /// # Errors
    /// `NotFound` when this wrap is not kept, and nothing is dropped: no phrase would be left; else as
    /// [`keep_recovery_wrap`](Self::keep_recovery_wrap).
    pub async fn drop_other_recovery_wraps(&self, wrap: &Sealed) -> Result<()> {
        let _writer = self.writer().lock().await;
        let mut attempts = Attempts::at_race(&self.store().clock);
        loop {
            let base = self.log().refresh().await?;
            let found = self.recovery_wraps(wrap).await?;
            if !found.kept {
                return Err(Error::new(ErrorKind::NotFound, "this cloud does not keep that recovery wrap"));
            }
            if found.others.is_empty() {
                return Ok(());
            }
            let writes = found.others.into_iter().take(AT_ONCE).map(|key| Write::Delete(key, Condition::None));
            let change = Change { action: Action::DropRecovery, nodes: Vec::new(), writes: writes.collect() };
            self.commit(base, &change, &mut attempts).await?;
        }
    }

    /// Keeps a wrap of these keys, which the cloud may not be under yet, unless there is one already: any, or this one.
    pub(super) async fn keep_wrap(&self, keys: &CloudKeys, wrap: &Sealed, beside: Beside) -> Result<()> {
        let _writer = self.writer().lock().await;
        let mut attempts = Attempts::at_race(&self.store().clock);
        loop {
            let base = self.log().refresh().await?;
            let kept = match beside {
                Beside::None => self.log().has_any(Collection::Wrap, &[]).await,
                Beside::Others => self.recovery_wraps(wrap).await?.kept,
            };
            if kept {
                return Ok(());
            }
            let record = keys.recovery_record(wrap, self.store().clock.now_ms())?;
            let writes = vec![Write::Put(record, Condition::Absent)];
            let change = Change { action: Action::KeepRecovery, nodes: Vec::new(), writes };
            if self.commit(base, &change, &mut attempts).await? {
                return Ok(());
            }
        }
    }

    /// What the log has for recovery phrases, against one of them.
    async fn recovery_wraps(&self, wrap: &Sealed) -> Result<Found> {
        let mut found = Found { kept: false, others: Vec::new() };
        let mut listing = self.log().listing(Collection::Wrap, &[]);
        while let Some(page) = listing.next().await? {
            for (key, record) in page {
                // One that is damaged opens nothing: it is no phrase's any more.
                let is_this =
                    record.is_ok_and(|record| Fields(&record).sealed(Field::Wrap).is_ok_and(|kept| kept == wrap));
                match is_this {
                    true => found.kept = true,
                    // What a stranger has planted is listed as what cannot be taken, and is none of the log's.
                    false if self.log().hash(&key.to_bytes()).await.is_some() => found.others.push(key),
                    false => {}
                }
            }
        }
        Ok(found)
    }

    /// Whether the log has something that a recovery phrase opens this cloud by. What a stranger has planted in the storage does not count.
    ///
    /// # Errors
    /// `Rollback` and `CannotOpen` as for everything that is read; `Unavailable` when the store stays away.
    pub async fn has_recovery_wrap(&self) -> Result<bool> {
        self.log().refresh().await?;
        Ok(self.log().has_any(Collection::Wrap, &[]).await)
    }
}

impl CloudKeys {
    /// The keys of the cloud in `store`, by its recovery phrase alone: what [`Cloud::open`](crate::Cloud::open) wants when the
    /// platform is gone, or has forgotten the account.
    ///
    /// Storage cannot make anything that the phrase opens, and the identity is bound to the DEK; that nothing was taken from the
    /// cloud, or put back, is for [`Cloud::open`](crate::Cloud::open) to see. The keys are those that the cloud is under, with those of the
    /// epochs before; what is kept for a renewal that did not come is passed over.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use imegha_cloud::backend::memory::{MemoryBlobs, MemoryRecords};
    /// # use imegha_cloud::clock::SystemClock;
    /// # use imegha_cloud::{Cloud, CloudKeys, MemoryDevice, Store};
    /// # use imegha_crypto::{Dek, Id, Identity, RecoveryPhrase};
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// # let (account, dek, identity) = (Id::generate()?, Dek::generate()?, Arc::new(Identity::generate()?));
    /// # let store = Store {
    /// #     records: Arc::new(MemoryRecords::default()),
    /// #     blobs: Arc::new(MemoryBlobs::default()),
    /// #     clock: Arc::new(SystemClock),
    /// #     device: Arc::new(MemoryDevice::new()),
    /// # };
    /// let phrase = RecoveryPhrase::generate()?;
    /// let wrap = dek.wrap_by_recovery(&phrase.derive_keys().kek, &account, 1)?;
    /// let keys = CloudKeys::new(account, dek, 1, identity).with_recovery_wrap(wrap);
    /// let cloud = Cloud::create(keys, store.clone()).await?;
    /// let folder = cloud.create_folder(&cloud.root(), "Photos").await?;
    ///
    /// // Another device, years later: 24 words and the storage.
    /// # let store = Store { device: Arc::new(MemoryDevice::new()), ..store };
    /// let keys = CloudKeys::recover(&phrase, &store).await?;
    /// let cloud = Cloud::open(keys, store).await?;
    /// assert_eq!(cloud.list(&cloud.root()).await?, [folder]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// `NotFound` when this storage keeps nothing for a phrase, `CannotOpen` when it keeps nothing for this one; `Unavailable` when
    /// the store stays away.
    pub async fn recover(phrase: &RecoveryPhrase, store: &Store) -> Result<Self> {
        let phrase = phrase.derive_keys();
        let mut query = Query::new(Collection::Wrap, []);
        let (mut any, mut opened) = (false, Vec::new());
        for _ in 0..MAX_PAGES {
            let page = store.query(&query).await?;
            any |= !page.records.is_empty();
            for record in &page.records {
                // Of another phrase, or planted: neither says anything about the others.
                opened.extend(open(record, &phrase));
            }
            let Some(next) = page.next else { break };
            query.after = Some(next);
        }
        let why = match any {
            true => Error::new(ErrorKind::CannotOpen, "nothing here opens by this phrase"),
            false => Error::new(ErrorKind::NotFound, "this storage keeps nothing for a recovery phrase"),
        };
        match Self::in_use(opened, store).await? {
            Some(keys) => keys.with_earlier_of(store).await,
            None => Err(why),
        }
    }

    /// Of several the keys whose identity has signed the head of the log; and where none has, the newest.
    async fn in_use(mut opened: Vec<Self>, store: &Store) -> Result<Option<Self>> {
        opened.sort_by_key(|keys| keys.dek_epoch);
        if opened.len() > 1
            && let [Some(cloud), Some(head)] = &store.get_all(&[key::cloud(), key::head()]).await?[..]
            && let Ok(cloud) = Fields(cloud).id(Field::CloudId)
        {
            let signed = |keys: &Self| Head::open(head, &Owners::one(keys.identity.public()), &cloud).is_ok();
            if let Some(place) = opened.iter().rposition(signed) {
                return Ok(Some(opened.swap_remove(place)));
            }
        }
        Ok(opened.pop())
    }

    /// The record that lets a phrase open the cloud, for `wrap` of the DEK by that phrase.
    pub(crate) fn recovery_record(&self, wrap: &Sealed, now_ms: u64) -> Result<Record<CloudSchema>> {
        let record = Record::new(key::wrap(&Id::generate()?))
            .with(Field::DekEpoch, CloudValue::U64(self.dek_epoch.into()))
            .with(Field::Wrap, CloudValue::Sealed(wrap.clone()))
            .with(Field::Written, CloudValue::Time(now_ms));
        write_identity(record, &self.identity, &self.dek, &self.account, self.dek_epoch)
    }
}

/// The keys of an account, if this record is of that phrase.
fn open(record: &Record<CloudSchema>, phrase: &RecoveryKeys) -> Result<CloudKeys> {
    let fields = Fields(record);
    let (account, epoch) = (fields.id(Field::Account)?, fields.epoch(Field::DekEpoch)?);
    let dek = Dek::unwrap_by_recovery(fields.sealed(Field::Wrap)?, &phrase.kek, &account, epoch)?;
    let identity = read_identity(&fields, &dek, &account, epoch)?;
    Ok(CloudKeys::new(account, dek, epoch, identity))
}

/// `record` with the identity of an epoch, under its DEK.
pub(super) fn write_identity(
    record: Record<CloudSchema>,
    identity: &Identity,
    dek: &Dek,
    account: &Id,
    epoch: u32,
) -> Result<Record<CloudSchema>> {
    Ok(record
        .with(Field::Account, CloudValue::Id(*account))
        .with(Field::Identity, CloudValue::Sealed(identity.wrap(dek, account, epoch)?))
        .with(Field::Fingerprint, CloudValue::Hash(Hash::from_bytes(*identity.fingerprint().as_bytes()))))
}

/// Opens what [`write_identity`] wrote.
pub(super) fn read_identity(fields: &Fields<'_>, dek: &Dek, account: &Id, epoch: u32) -> Result<Arc<Identity>> {
    let fingerprint = Fingerprint::from_bytes(*fields.hash(Field::Fingerprint)?.as_bytes());
    Ok(Arc::new(Identity::unwrap(fields.sealed(Field::Identity)?, dek, account, epoch, &fingerprint)?))
}

/// Beside what else a wrap is kept.
#[derive(Clone, Copy)]
pub(super) enum Beside {
    None,
    Others,
}

/// Whether a wrap is kept, and the records of all others.
struct Found {
    kept: bool,
    others: Vec<CloudKey>,
}

/// How many wraps one change drops: a transaction holds a hundred writes, and the log's own are among them.
const AT_ONCE: usize = 50;

/// Storage that goes on for ever is not listened to for ever. A cloud has one wrap for each phrase that is in use: one, or two.
const MAX_PAGES: usize = 16;
