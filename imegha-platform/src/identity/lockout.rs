//! Failed sign-ins, and the delay that grows with them.

use std::sync::Arc;

use imegha_cloud::backend::{Condition, Record, RecordStore, Write};
use imegha_cloud::clock::Clock;
use imegha_crypto::{Email, Hash};

use crate::error::{Error, Result};
use crate::registry::{
    Collection, Due, DueKind, Field, Fields, PlatformKey, PlatformRecord, PlatformSchema, PlatformValue as V, damaged,
};
use crate::secret::ServerSecret;

/// The lock-outs of all addresses, those without an account too: a lock-out must not tell which they are. The addresses stand there
/// as keyed hashes, and are forgotten after a day.
#[derive(Clone, Debug)]
pub(super) struct Lockouts {
    store: Arc<dyn RecordStore<PlatformSchema>>,
    clock: Arc<dyn Clock>,
    secret: ServerSecret,
}

/// A sign-in that was counted as failed before it was looked at.
#[derive(Debug)]
#[must_use]
pub(super) struct Attempt {
    who: Hash,
    lockout: Lockout,
}

impl Lockouts {
    pub(super) fn new(
        store: Arc<dyn RecordStore<PlatformSchema>>,
        clock: Arc<dyn Clock>,
        secret: ServerSecret,
    ) -> Self {
        Self { store, clock, secret }
    }

    /// Counts a sign-in as failed, so that guesses side by side do not share a count.
    ///
    /// # Errors
    /// [`TooManyTries`](crate::ProblemCode::TooManyTries) while the address is locked.
    pub(super) async fn begin(&self, email: &Email) -> Result<Attempt> {
        let who = self.who(email);
        for _ in 0..ATTEMPTS {
            let now_ms = self.clock.now_ms();
            let before = self.store.get(&key(&who)).await?.as_ref().map(Lockout::from_record).transpose()?;
            if let Some(before) = before.as_ref().filter(|before| before.locked_until_ms > now_ms) {
                return Err(Error::too_many(before.locked_until_ms - now_ms));
            }
            let lockout = Lockout::after(before.as_ref(), now_ms);
            let condition = match &before {
                Some(before) => before.unchanged(),
                None => Condition::Absent,
            };
            let mut writes =
                vec![Write::Put(lockout.to_record(&who), condition), Due::lockout(who, lockout.expires_ms).put()];
            if let Some(before) = before.filter(|before| before.expires_ms != lockout.expires_ms) {
                writes.push(Due::lockout(who, before.expires_ms).delete());
            }
            match self.store.transact(&writes).await {
                Err(error) if error.kind() == imegha_cloud::ErrorKind::Conflict => {}
                done => return done.map(|()| Attempt { who, lockout }).map_err(Error::from),
            }
        }
        Err(Error::too_many(CONTENDED_MS))
    }

    /// The sign-in was right: what failed before is forgotten, unless more has failed meanwhile.
    pub(super) async fn clear(&self, attempt: Attempt) -> Result<()> {
        match self.store.transact(&attempt.lockout.deletes(&attempt.who)).await {
            Err(error) if error.kind() == imegha_cloud::ErrorKind::Conflict => Ok(()),
            done => Ok(done?),
        }
    }

    /// Forgets what failed for an address: its owner has proven otherwise who they are.
    pub(super) async fn forget(&self, email: &Email) -> Result<()> {
        let who = self.who(email);
        for _ in 0..ATTEMPTS {
            let kept = self.store.get(&key(&who)).await?.as_ref().map(Lockout::from_record).transpose()?;
            let Some(lockout) = kept else { return Ok(()) };
            match self.store.transact(&lockout.deletes(&who)).await {
                Err(error) if error.kind() == imegha_cloud::ErrorKind::Conflict => {}
                done => return Ok(done?),
            }
        }
        // Somebody is guessing all the time; the guesses are counted, and the next right sign-in forgets them.
        Ok(())
    }

    fn who(&self, email: &Email) -> Hash {
        who(&self.secret, email)
    }

    pub(super) async fn sweep(&self, limit: usize) -> Result<()> {
        let now_ms = self.clock.now_ms();
        for due in Due::come(self.store.as_ref(), DueKind::Lockout, now_ms, limit).await? {
            let V::Hash(who) = due.what else { return Err(damaged()) };
            let lockout = self.store.get(&key(&who)).await?.as_ref().map(Lockout::from_record).transpose()?;
            let mut writes = vec![due.delete()];
            if let Some(lockout) = lockout.filter(|lockout| lockout.expires_ms <= now_ms) {
                writes.push(Write::Delete(key(&who), lockout.unchanged()));
            }
            match self.store.transact(&writes).await {
                Err(error) if error.kind() == imegha_cloud::ErrorKind::Conflict => {}
                done => done?,
            }
        }
        Ok(())
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Lockout {
    version: u64,
    failures: u64,
    locked_until_ms: u64,
    expires_ms: u64,
}

impl Lockout {
    /// What there is after one more failure at `now_ms`.
    fn after(before: Option<&Self>, now_ms: u64) -> Self {
        let version = before.map_or(0, |before| before.version) + 1;
        let before = before.filter(|before| before.expires_ms > now_ms);
        let failures = before.map_or(0, |before| before.failures) + 1;
        Self {
            version,
            failures,
            locked_until_ms: now_ms.saturating_add(delay_ms(failures)),
            expires_ms: before.map_or(now_ms.saturating_add(KEPT_FOR_MS), |before| before.expires_ms),
        }
    }

    fn unchanged(&self) -> Condition<PlatformSchema> {
        Condition::Equals(Field::Version, V::U64(self.version))
    }

    fn deletes(&self, who: &Hash) -> [Write<PlatformSchema>; 2] {
        [Write::Delete(key(who), self.unchanged()), Due::lockout(*who, self.expires_ms).delete()]
    }

    fn to_record(&self, who: &Hash) -> PlatformRecord {
        Record::new(key(who))
            .with(Field::Version, V::U64(self.version))
            .with(Field::Tries, V::U64(self.failures))
            .with(Field::LockedUntil, V::Time(self.locked_until_ms))
            .with(Field::Expires, V::Time(self.expires_ms))
    }

    fn from_record(record: &PlatformRecord) -> Result<Self> {
        let fields = Fields(record);
        Ok(Self {
            version: fields.u64(Field::Version)?,
            failures: fields.u64(Field::Tries)?,
            locked_until_ms: fields.time(Field::LockedUntil)?,
            expires_ms: fields.time(Field::Expires)?,
        })
    }
}

/// How long an address waits after so many failures in a row: nothing for four, then 1 s, doubling up to a quarter of an hour.
/// Whoever knows an address can make its owner wait; the bound keeps that an annoyance.
fn delay_ms(failures: u64) -> u64 {
    match failures.checked_sub(FREE_FAILURES + 1) {
        None => 0,
        Some(doublings) if doublings < 10 => 1000 << doublings,
        Some(_) => MAX_DELAY_MS,
    }
}

fn who(secret: &ServerSecret, email: &Email) -> Hash {
    secret.keyed_hash("lockout", &[email.as_str().as_bytes()])
}

/// Where the failed sign-ins of an address are.
pub(crate) fn lockout_key(secret: &ServerSecret, email: &Email) -> PlatformKey {
    key(&who(secret, email))
}

fn key(who: &Hash) -> PlatformKey {
    PlatformKey::new(Collection::Lockout, [V::Hash(*who)], [])
}

const FREE_FAILURES: u64 = 4;
const MAX_DELAY_MS: u64 = 15 * 60 * 1000;
const KEPT_FOR_MS: u64 = 24 * 60 * 60 * 1000;
const ATTEMPTS: usize = 8;
const CONTENDED_MS: u64 = 1000;

#[cfg(test)]
mod tests {
    use super::delay_ms;

    #[test]
    fn the_delay_grows_and_is_bounded() {
        let delays: Vec<_> = (1..=17).map(|failures| delay_ms(failures) / 1000).collect();
        assert_eq!(delays, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
        assert_eq!(delay_ms(u64::MAX), 900_000);
    }
}
