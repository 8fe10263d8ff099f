//! What a recovery is to sign: 32 random bytes, of which only the hash is kept, good for ten minutes and one success.

use imegha_cloud::backend::{Condition, Record, Write};
use imegha_crypto::{Hash, Id};

use super::Registry;
use super::due::{Due, DueKind};
use super::fields::{Fields, PlatformKey, PlatformRecord, damaged};
use super::schema::{Collection, Field, PlatformSchema, PlatformValue as V};
use crate::error::Result;

/// A challenge, and what it is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Challenge {
    /// The hash of its bytes.
    pub(crate) hash: Hash,
    /// The account, or the invented one of an address that has none.
    pub(crate) account: Id,
    /// What it may be used for.
    pub(crate) step: Step,
    /// When it ends.
    pub(crate) expires_ms: u64,
}

/// The steps of a recovery that are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// To be served the wraps.
    Open,
    /// To add a password, of this `H(auth)`: the one that was taken with the code.
    Finish(Hash),
}

impl Registry {
    /// Keeps a new challenge.
    pub(crate) async fn put_challenge(&self, hash: Hash, account: Id, step: Step) -> Result<()> {
        let challenge = Challenge { hash, account, step, expires_ms: self.now_ms().saturating_add(GOOD_FOR_MS) };
        let writes =
            [Write::Put(challenge.to_record(), Condition::Absent), Due::challenge(hash, challenge.expires_ms).put()];
        Ok(self.store.transact(&writes).await?)
    }

    /// The challenge of these bytes' hash, while it is good.
    pub(crate) async fn challenge(&self, hash: &Hash) -> Result<Option<Challenge>> {
        let Some(record) = self.store.get(&key(hash)).await? else { return Ok(None) };
        let challenge = Challenge::from_record(*hash, &record)?;
        Ok((challenge.expires_ms > self.now_ms()).then_some(challenge))
    }

    /// Uses a challenge up. Whether it was still there: of two who use it one is told no.
    pub(crate) async fn use_up(&self, challenge: &Challenge) -> Result<bool> {
        self.transact(&challenge.using_up()).await
    }

    /// Removes challenges whose time is over, at most `limit`.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`](crate::ErrorKind::Storage).
    pub async fn sweep_challenges(&self, limit: usize) -> Result<()> {
        for due in Due::come(self.store.as_ref(), DueKind::Challenge, self.now_ms(), limit).await? {
            let V::Hash(hash) = due.what else { return Err(damaged()) };
            self.store.transact(&[Write::Delete(key(&hash), Condition::None), due.delete()]).await?;
        }
        Ok(())
    }
}

impl Challenge {
    /// What uses it up, together with what it is used for.
    pub(crate) fn using_up(&self) -> [Write<PlatformSchema>; 2] {
        [
            Write::Delete(key(&self.hash), Condition::Equals(Field::Account, V::Id(self.account))),
            Due::challenge(self.hash, self.expires_ms).delete(),
        ]
    }

    fn to_record(&self) -> PlatformRecord {
        let record = Record::new(key(&self.hash))
            .with(Field::Account, V::Id(self.account))
            .with(Field::Expires, V::Time(self.expires_ms));
        match self.step {
            Step::Open => record.with(Field::Step, V::U64(1)),
            Step::Finish(auth_hash) => record.with(Field::Step, V::U64(2)).with(Field::AuthHash, V::Hash(auth_hash)),
        }
    }

    fn from_record(hash: Hash, record: &PlatformRecord) -> Result<Self> {
        let fields = Fields(record);
        let step = match fields.u64(Field::Step)? {
            1 => Step::Open,
            2 => Step::Finish(fields.hash(Field::AuthHash)?),
            _ => return Err(damaged()),
        };
        Ok(Self { hash, account: fields.id(Field::Account)?, step, expires_ms: fields.time(Field::Expires)? })
    }
}

fn key(hash: &Hash) -> PlatformKey {
    PlatformKey::new(Collection::Challenge, [V::Hash(*hash)], [])
}

const GOOD_FOR_MS: u64 = 10 * 60 * 1000;
