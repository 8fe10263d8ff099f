//! What this device remembers of other people, while something is done with it.

use futures::lock::MutexGuard;
use imegha_crypto::{Dek, Id, Purpose, PurposeKey, Sealed};
use imegha_platform::client::{Account, KnownPerson};

use super::super::Worker;
use super::super::lock::Lock;
use super::super::tabs::name_of;
use crate::acquaintances::Acquaintances;
use crate::protocol::{ErrorCode, Failure};

/// It is held by one tab at a time, from before something is asked until what came of it is kept: what another tab saw in between would be lost,
/// and an older key could come back.
pub(super) struct Book<'a> {
    /// What is remembered.
    pub(super) known: Acquaintances,
    /// As it was kept.
    before: Acquaintances,
    account: Id,
    key: PurposeKey,
    /// How often keys had been dropped when it was opened.
    drops: u32,
    _here: MutexGuard<'a, ()>,
    _there: Option<Lock>,
}

impl Book<'_> {
    /// Remembers somebody whose keys hold.
    pub(super) fn remember(&mut self, known: &KnownPerson, is_renewed: bool) {
        self.known.remember(known, is_renewed);
    }

    /// Keeps what has changed, and lets go of it. Where that fails nothing was taken: neither keys nor a mark may be on the screen that are
    /// gone after a reload.
    pub(super) async fn keep(self, worker: &Worker) -> Result<(), Failure> {
        if worker.drops.get() != self.drops {
            return Err(Failure::new(ErrorCode::Stopped));
        }
        if self.known == self.before {
            return Ok(());
        }
        let sealed = self.key.seal_local(NAME, &self.account, &self.known.to_bytes())?;
        Ok(worker.device()?.remember_people(&self.account, &sealed).await?)
    }
}

impl Worker {
    /// Opens it. What does not open is none: a new device begins the same way. What cannot be read at the moment is an error, or it would be
    /// written over.
    pub(super) async fn book(&self, account: &Account) -> Result<Book<'_>, Failure> {
        let drops = self.drops.get();
        let here = self.acquainting.lock().await;
        let there = match Lock::is_there() {
            true => Lock::wait(&format!("imegha-people-{}", name_of(&account.id))).await.ok(),
            false => None,
        };
        let key = |dek: &Dek| dek.derive_purpose_key(Purpose::Settings, &account.id);
        let kept = self.device()?.people(&account.id).await?;
        // Before the account's keys were renewed it was sealed under the former.
        let deks = std::iter::once(&account.dek).chain(account.earlier().map(|earlier| earlier.dek));
        let opened = kept.and_then(|kept: Sealed| {
            deks.map(|dek| key(dek).open_local(&kept, NAME, &account.id)).find_map(Result::ok)
        });
        let known = opened.and_then(|bytes| Acquaintances::parse(&bytes)).unwrap_or_default();
        Ok(Book {
            before: known.clone(),
            known,
            account: account.id,
            key: key(&account.dek),
            drops,
            _here: here,
            _there: there,
        })
    }
}

/// What the sealing is for.
const NAME: &str = "people";
