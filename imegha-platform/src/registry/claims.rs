//! Claiming an email address and an iMTag, confirming them, and releasing what was never confirmed.

use imegha_cloud::backend::{Condition, Write};
use imegha_crypto::{Email, Id};

use super::account::Claim;
use super::due::{Due, DueKind};
use super::fields::{PlatformKey, damaged};
use super::keys::{self, IdentityRecord, PasswordWrapRecord, RecoveryWrapRecord};
use super::schema::{PlatformSchema, PlatformValue as V};
use super::{AccountRecord, AccountState, Registry};
use crate::error::{Error, ErrorKind, Result};
use crate::problem::ProblemCode;
use crate::protocol::HistoryEntry;

/// A new account with its keys, all of it checked already.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The account. Its state, version and time are set when it is claimed.
    pub account: AccountRecord,
    /// Its first password wrap.
    pub password_wrap: PasswordWrapRecord,
    /// Its first recovery wrap.
    pub recovery_wrap: RecoveryWrapRecord,
    /// Its first identity.
    pub identity: IdentityRecord,
    /// Entry 0 of its key history.
    pub entry: HistoryEntry,
}

impl Registry {
    /// Claims email and tag for a new account, and keeps its keys, in one transaction. Without confirmation all of it ends after
    /// 24 hours. An email that another account has is not told: the account becomes a [decoy](AccountState::Decoy), and holds the tag
    /// as any other.
    ///
    /// The same account again, while it is not confirmed, is answered as the first time: an answer may have been lost.
    ///
    /// # Errors
    /// [`ProblemCode::TagTaken`], [`ProblemCode::AccountExists`].
    pub async fn claim(&self, new: &NewAccount) -> Result<AccountRecord> {
        for _ in 0..ATTEMPTS {
            if let Some(existing) = self.account(&new.account.id).await? {
                let same = matches!(existing.state, AccountState::Unconfirmed | AccountState::Decoy)
                    && existing.fingerprint == new.account.fingerprint
                    && existing.email == new.account.email
                    && existing.tag == new.account.tag;
                return if same { Ok(existing) } else { Err(Error::refused(ProblemCode::AccountExists)) };
            }
            let now_ms = self.now_ms();
            let email_claim = self.email_claim(&new.account.email).await?;
            let tag_claim = self.claim_at(&Claim::tag_key(&new.account.tag)).await?;
            if tag_claim.as_ref().is_some_and(|claim| !claim.yields_to(&new.account.email, now_ms)) {
                return Err(Error::refused(ProblemCode::TagTaken));
            }
            let decoy = email_claim.as_ref().is_some_and(|claim| !claim.yields_to(&new.account.email, now_ms));
            let state = if decoy { AccountState::Decoy } else { AccountState::Unconfirmed };
            let account = AccountRecord { version: 1, state, created_ms: now_ms, ..new.account.clone() };
            let claim =
                Claim { account: account.id, email: account.email.clone(), expires_ms: Some(account.expires_ms()) };

            let mut writes = vec![
                Write::Put(account.to_record(), Condition::Absent),
                Write::Put(claim.to_record(Claim::tag_key(&account.tag)), Claim::unchanged(tag_claim.as_ref())),
                Write::Put(new.password_wrap.to_record(&account.id), Condition::None),
                Write::Put(new.recovery_wrap.to_record(&account.id), Condition::None),
                Write::Put(new.identity.to_record(&account.id), Condition::None),
                Write::Put(keys::history_record(&account.id, &new.entry), Condition::None),
                Due::unconfirmed(account.id, account.expires_ms()).put(),
            ];
            if !decoy {
                let key = Claim::email_key(&account.email);
                writes.push(Write::Put(claim.to_record(key), Claim::unchanged(email_claim.as_ref())));
            }
            if self.transact(&writes).await? {
                return Ok(account);
            }
        }
        Err(contended())
    }

    /// Makes an account whose code was right a confirmed one, and its claims final. Once confirmed, again is no error.
    ///
    /// # Errors
    /// [`ProblemCode::WrongCode`] for no account and for a decoy; [`ProblemCode::CodeExpired`] after 24 hours, and when the same
    /// mailbox has confirmed another account meanwhile.
    pub async fn confirm(&self, id: &Id) -> Result<()> {
        let expired = || Error::refused(ProblemCode::CodeExpired);
        for _ in 0..ATTEMPTS {
            let account = match self.account(id).await? {
                Some(account) if account.state == AccountState::Confirmed => return Ok(()),
                Some(account) if account.state == AccountState::Unconfirmed => account,
                _ => return Err(Error::refused(ProblemCode::WrongCode)),
            };
            let now_ms = self.now_ms();
            if account.expires_ms() <= now_ms {
                return Err(expired());
            }
            let email_claim = self.email_claim(&account.email).await?;
            let tag_claim = self.claim_at(&Claim::tag_key(&account.tag)).await?;
            let taken =
                |claim: &Option<Claim>| claim.as_ref().is_some_and(|claim| !claim.yields_to(&account.email, now_ms));
            if taken(&email_claim) || taken(&tag_claim) {
                return Err(expired());
            }
            let claim = Claim { account: account.id, email: account.email.clone(), expires_ms: None };
            let confirmed =
                AccountRecord { version: account.version + 1, state: AccountState::Confirmed, ..account.clone() };
            let writes = [
                Write::Put(confirmed.to_record(), account.unchanged()),
                Write::Put(claim.to_record(Claim::email_key(&account.email)), Claim::unchanged(email_claim.as_ref())),
                Write::Put(claim.to_record(Claim::tag_key(&account.tag)), Claim::unchanged(tag_claim.as_ref())),
                Due::unconfirmed(account.id, account.expires_ms()).delete(),
            ];
            if self.transact(&writes).await? {
                return Ok(());
            }
        }
        Err(contended())
    }

    /// The confirmed account that has an email address. Who is only claiming one is not found.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`].
    pub async fn account_id_by_email(&self, email: &Email) -> Result<Option<Id>> {
        let claim = self.email_claim(email).await?;
        Ok(claim.filter(|claim| claim.expires_ms.is_none()).map(|claim| claim.account))
    }

    /// Whether another account than `except` has an email address for good.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`].
    pub async fn is_taken(&self, email: &Email, except: &Id) -> Result<bool> {
        let claim = self.email_claim(email).await?;
        Ok(claim.is_some_and(|claim| claim.account != *except && !claim.yields_to(email, self.now_ms())))
    }

    /// Accounts whose 24 hours without confirmation are over, at most `limit`.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`].
    pub async fn unconfirmed(&self, limit: usize) -> Result<Vec<Id>> {
        let due = Due::come(self.store.as_ref(), DueKind::Unconfirmed, self.now_ms(), limit).await?;
        due.into_iter()
            .map(|due| match due.what {
                V::Id(id) => Ok(id),
                _ => Err(damaged()),
            })
            .collect()
    }

    /// Begins to delete an account that was not confirmed in time: it claims nothing any more, and can never be confirmed. A confirmed one stays.
    /// The rest goes as that of every account whose [deletion](Self::deleting) has begun.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`].
    pub async fn release(&self, id: &Id) -> Result<()> {
        let Some(account) = self.account(id).await? else { return Ok(()) };
        let awaits = matches!(account.state, AccountState::Unconfirmed | AccountState::Decoy);
        if !awaits || account.expires_ms() > self.now_ms() {
            return Ok(());
        }
        let released = AccountRecord { version: account.version + 1, state: AccountState::Deleting, ..account.clone() };
        let mut writes = vec![
            Write::Put(released.to_record(), account.unchanged()),
            Due::unconfirmed(*id, account.expires_ms()).delete(),
            Due::deletion(*id, account.created_ms).put(),
        ];
        writes.extend(self.releases([Claim::email_key(&account.email), Claim::tag_key(&account.tag)], id).await?);
        // Lost against somebody who took the claim over or another sweep: the next sweep sees what is left.
        self.transact(&writes).await.map(drop)
    }

    /// What gives back those of these claims that are this account's.
    pub(super) async fn releases(
        &self,
        keys: impl IntoIterator<Item = PlatformKey>,
        id: &Id,
    ) -> Result<Vec<Write<PlatformSchema>>> {
        let mut writes = Vec::new();
        for key in keys {
            if self.claim_at(&key).await?.is_some_and(|claim| claim.account == *id) {
                writes.push(Write::Delete(key, Claim::is_of(id)));
            }
        }
        Ok(writes)
    }

    pub(super) async fn email_claim(&self, email: &Email) -> Result<Option<Claim>> {
        self.claim_at(&Claim::email_key(email)).await
    }

    pub(super) async fn claim_at(&self, key: &PlatformKey) -> Result<Option<Claim>> {
        self.store.get(key).await?.as_ref().map(Claim::from_record).transpose()
    }

    /// Whether the writes were done; not when a condition did not hold.
    pub(super) async fn transact(&self, writes: &[Write<PlatformSchema>]) -> Result<bool> {
        match self.store.transact(writes).await {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == imegha_cloud::ErrorKind::Conflict => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

pub(super) fn contended() -> Error {
    Error::new(ErrorKind::Refused(ProblemCode::Unavailable), "too many changed the same record at once")
}

/// How often a lost race is run again: a claim is contended by few, and each round somebody wins.
const ATTEMPTS: usize = 8;
