//! An account with all its keys, as one version of them, and the way to the next.

use imegha_cloud::backend::{Condition, Write};
use imegha_crypto::{Email, Id, KeysStatement, PublicIdentity, Signature};

use super::account::Claim;
use super::claims::contended;
use super::fields::{PlatformRecord, damaged};
use super::keys::public_identity;
use super::keys::{self, IdentityRecord, PasswordWrapRecord, PreviousDekRecord, RecoveryWrapRecord};
use super::schema::{Collection, PlatformSchema};
use super::{AccountRecord, Registry};
use crate::error::{Error, Result};
use crate::problem::ProblemCode;
use crate::protocol::{FIRST_DEK_EPOCH, HistoryEntry};

/// An account and every key that is kept of it, all of one version.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountKeys {
    /// The account.
    pub account: AccountRecord,
    /// The DEK by passwords, the newest last.
    pub passwords: Vec<PasswordWrapRecord>,
    /// The DEK by recovery phrases, the newest last.
    pub phrases: Vec<RecoveryWrapRecord>,
    /// The DEKs of earlier epochs, each wrapped by the next, from the first.
    pub previous: Vec<PreviousDekRecord>,
    /// Every identity there ever was, in the order of their fingerprints.
    pub identities: Vec<IdentityRecord>,
    /// How one identity followed another.
    pub history: Vec<HistoryEntry>,
}

impl AccountKeys {
    /// The most wraps by password, or by phrase.
    pub const MAX_WRAPS: usize = imegha_crypto::AccountRecord::MAX_WRAPS;
    /// The most epochs of the DEK, each with an identity. An account with so many is answered in some 600 KB, and an answer has a mebibyte at
    /// most; so has a page of other people's connections, each with its whole history.
    pub const MAX_EPOCHS: usize = 200;

    /// What the identity signs of them (FORMAT 12).
    ///
    /// # Errors
    /// [`ErrorKind::Storage`](crate::ErrorKind::Storage) for an account without a phrase, which there is not.
    pub fn statement(&self) -> Result<KeysStatement> {
        let passwords = self.passwords.iter().map(|wrap| (wrap.id, wrap.wrap.hash()));
        let mut wraps: Vec<_> = passwords.chain(self.phrases.iter().map(|wrap| (wrap.id, wrap.wrap.hash()))).collect();
        wraps.sort_unstable();
        Ok(KeysStatement {
            account: self.account.id,
            version: self.account.keys_version,
            dek_epoch: self.account.dek_epoch,
            recovery_public: self.phrases.last().ok_or_else(damaged)?.public_key,
            wraps: wraps.into_iter().map(|(_, hash)| hash).collect(),
        })
    }

    /// The newest wrap by password: of the others each one waits to be dropped.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`](crate::ErrorKind::Storage) for an account without one, which there is not.
    pub fn newest_password(&self) -> Result<&PasswordWrapRecord> {
        self.passwords.last().ok_or_else(damaged)
    }

    /// The next version: these keys, changed, with the signature over them of the identity that is current after it. A history that `change` goes
    /// on with is the caller's to verify.
    ///
    /// # Errors
    /// [`Conflict`](ProblemCode::Conflict) unless `version` is the next; [`KeyRefused`](ProblemCode::KeyRefused) for too many wraps,
    /// or none, an id that is there already, and a signature that is not the identity's over exactly this.
    pub fn next(&self, version: u64, signature: &Signature, change: impl FnOnce(&mut Self)) -> Result<Self> {
        if self.account.keys_version.checked_add(1) != Some(version) {
            return Err(Error::refused(ProblemCode::Conflict));
        }
        let mut next = self.clone();
        next.account.keys_version = version;
        next.account.keys_signature = *signature;
        change(&mut next);
        let wraps = 1..=Self::MAX_WRAPS;
        let mut ids: Vec<Id> = next.passwords.iter().map(|wrap| wrap.id).collect();
        ids.extend(next.phrases.iter().map(|wrap| wrap.id));
        ids.sort_unstable();
        let twice = ids.windows(2).any(|pair| pair[0] == pair[1]);
        if twice || !wraps.contains(&next.passwords.len()) || !wraps.contains(&next.phrases.len()) {
            return Err(Error::refused(ProblemCode::KeyRefused));
        }
        let refused = |error| Error::refused(ProblemCode::KeyRefused).caused_by(error);
        next.statement()?.verify(&next.identity()?, signature).map_err(refused)?;
        Ok(next)
    }

    /// The current identity's public keys.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`](crate::ErrorKind::Storage) for a history that is damaged.
    pub fn identity(&self) -> Result<PublicIdentity> {
        public_identity(self.history.last().ok_or_else(damaged)?)
    }

    /// The addresses that lead to the account.
    pub(super) fn emails(&self) -> Vec<&Email> {
        let mut emails = vec![&self.account.email];
        for wrap in &self.passwords {
            if !emails.contains(&&wrap.email) {
                emails.push(&wrap.email);
            }
        }
        emails
    }
}

impl Registry {
    /// An account with all its keys, whatever its state.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`](crate::ErrorKind::Storage); [`Unavailable`](ProblemCode::Unavailable) when others write without end.
    pub async fn account_keys(&self, id: &Id) -> Result<Option<AccountKeys>> {
        for _ in 0..ATTEMPTS {
            let Some(account) = self.account(id).await? else { return Ok(None) };
            let passwords = self.password_wraps(id).await?;
            let mut phrases = self.read(Collection::RecoveryWrap, id, RecoveryWrapRecord::from_record).await?;
            phrases.sort_by_key(|wrap| (wrap.added, wrap.id));
            // Of most accounts there is none.
            let previous = match account.dek_epoch {
                FIRST_DEK_EPOCH => Vec::new(),
                _ => self.read(Collection::PreviousDek, id, PreviousDekRecord::from_record).await?,
            };
            let identities = self.read(Collection::Identity, id, IdentityRecord::from_record).await?;
            let history = self.history(id).await?;
            // Every change of a key writes the account too: unchanged, it held all the time.
            if self.account(id).await?.is_some_and(|again| again.version == account.version) {
                return Ok(Some(AccountKeys { account, passwords, phrases, previous, identities, history }));
            }
        }
        Err(contended())
    }

    /// Puts `after` in the place of `before`, in one transaction with `more`: what is new is kept, what is gone deleted, addresses that lead to
    /// the account now are claimed and those that do not any more released. Whether it was done: not when anybody has written the account since
    /// `before` was read, or a condition of `more` does not hold.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`](crate::ErrorKind::Storage); [`CodeExpired`](ProblemCode::CodeExpired) when another account has confirmed
    /// an address that is to be claimed: its code is worth nothing any more.
    pub(crate) async fn replace_keys(
        &self,
        before: &AccountKeys,
        after: &AccountKeys,
        more: &[Write<PlatformSchema>],
    ) -> Result<bool> {
        let id = before.account.id;
        let account = AccountRecord { version: before.account.version + 1, ..after.account.clone() };
        let mut writes = vec![Write::Put(account.to_record(), before.account.unchanged())];
        let (old, new) = (records(before), records(after));
        for record in &new {
            if !old.contains(record) {
                writes.push(Write::Put(record.clone(), Condition::None));
            }
        }
        for record in old {
            if !new.iter().any(|kept| kept.key == record.key) {
                writes.push(Write::Delete(record.key, Condition::None));
            }
        }
        let (leads, led) = (after.emails(), before.emails());
        for email in leads.iter().filter(|email| !led.contains(email)) {
            let key = Claim::email_key(email);
            let claim = self.claim_at(&key).await?;
            if claim.as_ref().is_some_and(|claim| claim.account != id && !claim.yields_to(email, self.now_ms())) {
                return Err(Error::refused(ProblemCode::CodeExpired));
            }
            let ours = Claim { account: id, email: (*email).clone(), expires_ms: None };
            writes.push(Write::Put(ours.to_record(key), Claim::unchanged(claim.as_ref())));
        }
        let left = led.iter().filter(|email| !leads.contains(email)).map(|email| Claim::email_key(email));
        writes.extend(self.releases(left.collect::<Vec<_>>(), &id).await?);
        if after.account.email != before.account.email {
            // The tag's claim names the address too, and not one that the account has left.
            let key = Claim::tag_key(&before.account.tag);
            let ours = Claim { account: id, email: after.account.email.clone(), expires_ms: None };
            writes.push(Write::Put(ours.to_record(key), Claim::is_of(&id)));
        }
        writes.extend_from_slice(more);
        self.transact(&writes).await
    }

    async fn read<T>(
        &self,
        collection: Collection,
        account: &Id,
        read: impl Fn(&PlatformRecord) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.partition(collection, account).await?.iter().map(read).collect()
    }
}

/// Each key as its record.
fn records(keys: &AccountKeys) -> Vec<PlatformRecord> {
    let id = &keys.account.id;
    let mut records: Vec<_> = keys.passwords.iter().map(|wrap| wrap.to_record(id)).collect();
    records.extend(keys.phrases.iter().map(|wrap| wrap.to_record(id)));
    records.extend(keys.previous.iter().map(|wrap| wrap.to_record(id)));
    records.extend(keys.identities.iter().map(|identity| identity.to_record(id)));
    records.extend(keys.history.iter().map(|entry| keys::history_record(id, entry)));
    records
}

/// How often an account that was written meanwhile is read again.
const ATTEMPTS: usize = 8;
