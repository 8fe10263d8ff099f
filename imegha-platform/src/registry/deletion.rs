//! The end of an account: at once for everybody who asks, and then record by record.

use imegha_cloud::backend::{Condition, Query, Write};
use imegha_crypto::Id;

use super::account::Claim;
use super::claims::contended;
use super::due::{Due, DueKind};
use super::fields::{PlatformKey, damaged};
use super::schema::{Collection, PlatformSchema, PlatformValue as V};
use super::sessions::session_key;
use super::{AccountRecord, AccountState, Registry, SessionRecord};
use crate::error::{Error, Result};
use crate::problem::ProblemCode;

impl Registry {
    /// Begins to delete an account: in one transaction it has no address, no tag and no sessions any more. Again is no error.
    ///
    /// # Errors
    /// [`SignedOut`](ProblemCode::SignedOut) for an account that is not confirmed; [`ErrorKind::Storage`](crate::ErrorKind::Storage).
    pub async fn begin_deletion(&self, id: &Id) -> Result<()> {
        for _ in 0..ATTEMPTS {
            let keys = self.account_keys(id).await?;
            let Some(keys) = keys.filter(|keys| keys.account.state != AccountState::Deleting) else { return Ok(()) };
            let account = &keys.account;
            if account.state != AccountState::Confirmed {
                return Err(Error::refused(ProblemCode::SignedOut));
            }
            let deleting = AccountRecord {
                version: account.version + 1,
                state: AccountState::Deleting,
                sessions_ended: account.sessions_ended + 1,
                ..account.clone()
            };
            let mut writes = vec![
                Write::Put(deleting.to_record(), account.unchanged()),
                Due::deletion(*id, account.created_ms).put(),
            ];
            let mut claims = vec![Claim::tag_key(&account.tag)];
            claims.extend(keys.emails().into_iter().map(Claim::email_key));
            writes.extend(self.releases(claims, id).await?);
            if self.transact(&writes).await? {
                return Ok(());
            }
        }
        Err(contended())
    }

    /// Deletes every record of an account whose deletion has begun, the account's own last: whoever goes on after a stop finds what is left.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`](crate::ErrorKind::Storage).
    pub async fn finish_deletion(&self, id: &Id) -> Result<()> {
        let Some(account) = self.account(id).await? else { return Ok(()) };
        if account.state != AccountState::Deleting {
            return Ok(());
        }
        self.remove_people(id).await?;
        for collection in OF_AN_ACCOUNT {
            self.delete_partition(collection, id).await?;
        }
        let writes = [
            Write::Delete(AccountRecord::key(id), account.unchanged()),
            Due::deletion(*id, account.created_ms).delete(),
        ];
        self.transact(&writes).await.map(drop)
    }

    /// Accounts whose deletion has begun, at most `limit`.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`](crate::ErrorKind::Storage).
    pub async fn deleting(&self, limit: usize) -> Result<Vec<Id>> {
        let due = Due::come(self.store.as_ref(), DueKind::Deletion, self.now_ms(), limit).await?;
        due.into_iter().map(|due| if let V::Id(id) = due.what { Ok(id) } else { Err(damaged()) }).collect()
    }

    /// Deletes what an account has in a collection, some records at a time.
    async fn delete_partition(&self, collection: Collection, id: &Id) -> Result<()> {
        let mut query = Query::new(collection, [V::Id(*id)]);
        query.limit = AT_ONCE;
        loop {
            let page = self.store.query(&query).await?;
            let mut writes = Vec::new();
            for record in page.records {
                writes.extend(self.deletes(collection, record.key).await?);
            }
            if writes.is_empty() {
                return Ok(());
            }
            self.store.transact(&writes).await?;
        }
    }

    /// What deletes a record, and those that stand elsewhere for it.
    async fn deletes(&self, collection: Collection, key: PlatformKey) -> Result<Vec<Write<PlatformSchema>>> {
        if let (Collection::AccountSession, [V::Hash(hash)]) = (collection, key.sort.as_slice())
            && let Some(record) = self.store.get(&session_key(hash)).await?
        {
            return Ok(SessionRecord::from_record(*hash, &record)?.deletes().to_vec());
        }
        Ok(vec![Write::Delete(key, Condition::None)])
    }
}

/// The collections whose partition is an account.
const OF_AN_ACCOUNT: [Collection; 6] = [
    Collection::AccountSession,
    Collection::PasswordWrap,
    Collection::RecoveryWrap,
    Collection::PreviousDek,
    Collection::Identity,
    Collection::History,
];

/// How many records one transaction deletes: a session is three writes, of which a transaction has at most a hundred.
const AT_ONCE: usize = 30;
const ATTEMPTS: usize = 8;
