//! The registry: accounts, email addresses, iMTags, encrypted and public keys, sessions, connections, devices. Nothing that people keep.
//!
//! It stands on a [`RecordStore`] of a [closed schema](PlatformSchema), whose every field [discloses](disclosure) one of the
//! things that the published policy names. Every change is one transaction; nothing is scanned.

mod account;
mod account_keys;
mod challenges;
mod claims;
mod deletion;
mod disclosure;
mod due;
mod fields;
mod keys;
mod people;
mod person;
mod schema;
mod sessions;

use std::sync::Arc;

use imegha_cloud::backend::{Query, Record, RecordStore, Write};
use imegha_cloud::clock::Clock;
use imegha_crypto::{Id, Sealed};

pub use account::{AccountRecord, AccountState, Pending};
pub use account_keys::AccountKeys;
pub(crate) use challenges::{Challenge, Step};
pub use claims::NewAccount;
pub use disclosure::{Disclosure, allows, disclosure, key_disclosure};
pub(crate) use due::{Due, DueKind};
pub(crate) use fields::{Fields, PlatformKey, PlatformRecord, damaged};
pub(crate) use keys::public_identity;
pub use keys::{IdentityRecord, PasswordWrapRecord, PreviousDekRecord, RecoveryWrapRecord};
pub use people::{
    Acted, Action, Card, ConnectionView, Device, PersonRecord, PokeKind, PokeRecord, PushService, Standing,
};
pub use schema::{Collection, Field, MAX_CARD_LEN, PUSH_TOKEN_LEN, PlatformSchema, PlatformValue};
pub use sessions::SessionRecord;

use crate::error::{Error, Result};
use crate::problem::ProblemCode;
use crate::protocol::HistoryEntry;

/// The accounts of a platform, over any store of [`PlatformSchema`].
#[derive(Clone, Debug)]
pub struct Registry {
    store: Arc<dyn RecordStore<PlatformSchema>>,
    clock: Arc<dyn Clock>,
}

impl Registry {
    /// A registry over `store`.
    pub fn new(store: Arc<dyn RecordStore<PlatformSchema>>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// An account, whatever its state.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`](crate::ErrorKind::Storage), as every method here.
    pub async fn account(&self, id: &Id) -> Result<Option<AccountRecord>> {
        let record = self.store.get(&AccountRecord::key(id)).await?;
        record.map(|record| AccountRecord::from_record(id, &record)).transpose()
    }

    /// The wraps of an account's DEK by passwords, the newest last.
    ///
    /// # Errors
    /// As every method here.
    pub async fn password_wraps(&self, account: &Id) -> Result<Vec<PasswordWrapRecord>> {
        let records = self.partition(Collection::PasswordWrap, account).await?;
        let mut wraps: Vec<_> = records.iter().map(PasswordWrapRecord::from_record).collect::<Result<_>>()?;
        wraps.sort_by_key(|wrap| (wrap.added, wrap.id));
        Ok(wraps)
    }

    /// An account's key history, from its first entry.
    ///
    /// # Errors
    /// As every method here.
    pub async fn history(&self, account: &Id) -> Result<Vec<HistoryEntry>> {
        let records = self.partition(Collection::History, account).await?;
        records.iter().map(keys::history_entry).collect()
    }

    /// Keeps the sealed address of an account's gateway.
    ///
    /// # Errors
    /// [`ProblemCode::Conflict`] unless `edit` is the one after that which is there.
    pub async fn set_gateway(&self, id: &Id, edit: u64, sealed: Sealed) -> Result<()> {
        let conflict = || Error::refused(ProblemCode::Conflict);
        let account = self.account(id).await?.ok_or_else(|| Error::refused(ProblemCode::SignedOut))?;
        let before = account.gateway.as_ref().map_or(0, |(edit, _)| *edit);
        if before.checked_add(1) != Some(edit) {
            return Err(conflict());
        }
        let changed = AccountRecord { version: account.version + 1, gateway: Some((edit, sealed)), ..account.clone() };
        let done = self.transact(&[Write::Put(changed.to_record(), account.unchanged())]).await?;
        if done { Ok(()) } else { Err(conflict()) }
    }

    /// Changes what an account's record says beside its keys, unless it is not there any more.
    ///
    /// # Errors
    /// As every method here; [`Unavailable`](ProblemCode::Unavailable) when others write without end.
    pub(crate) async fn change_account(&self, id: &Id, change: impl Fn(&mut AccountRecord)) -> Result<()> {
        for _ in 0..ATTEMPTS {
            let Some(account) = self.account(id).await? else { return Ok(()) };
            let mut changed = account.clone();
            change(&mut changed);
            if changed == account {
                return Ok(());
            }
            changed.version = account.version + 1;
            if self.transact(&[Write::Put(changed.to_record(), account.unchanged())]).await? {
                return Ok(());
            }
        }
        Err(claims::contended())
    }

    pub(crate) fn now_ms(&self) -> u64 {
        self.clock.now_ms()
    }

    /// Every record of an account's partition.
    async fn partition(&self, collection: Collection, account: &Id) -> Result<Vec<Record<PlatformSchema>>> {
        let mut query = Query::new(collection, [PlatformValue::Id(*account)]);
        let mut records = Vec::new();
        loop {
            let page = self.store.query(&query).await?;
            records.extend(page.records);
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(records),
            }
        }
    }
}

/// How often a lost race is run again.
const ATTEMPTS: usize = 8;
