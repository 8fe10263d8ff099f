//! Codes of six digits: mailed, kept as a keyed hash, good for a quarter of an hour and five tries.

use std::sync::Arc;

use imegha_cloud::backend::{Condition, Record, RecordStore, Write};
use imegha_cloud::clock::Clock;
use imegha_crypto::{Hash, Id};
use subtle::ConstantTimeEq as _;

use crate::error::{Error, Result};
use crate::problem::ProblemCode;
use crate::registry::{
    Collection, Due, DueKind, Field, Fields, PlatformKey, PlatformRecord, PlatformSchema, PlatformValue as V, damaged,
};
use crate::secret::{ServerSecret, random};

/// The codes of all accounts: at most one each.
#[derive(Clone, Debug)]
pub(super) struct Codes {
    store: Arc<dyn RecordStore<PlatformSchema>>,
    clock: Arc<dyn Clock>,
    secret: ServerSecret,
}

impl Codes {
    pub(super) fn new(
        store: Arc<dyn RecordStore<PlatformSchema>>,
        clock: Arc<dyn Clock>,
        secret: ServerSecret,
    ) -> Self {
        Self { store, clock, secret }
    }

    /// Makes a new code in place of the one before. With `never`, the code is one that is never right, and everything else alike.
    ///
    /// # Errors
    /// [`ProblemCode::TooManyTries`] within a minute of the last, and after the fifth until a day has passed.
    pub(super) async fn issue(&self, account: &Id, never: bool) -> Result<String> {
        let now_ms = self.clock.now_ms();
        let before = self.code(account).await?;
        let sends = match &before {
            Some(before) => before.next_send(now_ms)?,
            None => 1,
        };
        let code = draw()?;
        let code_hash = if never { Hash::from_bytes(random()?) } else { self.hash(account, &code) };
        let version = before.as_ref().map_or(0, |before| before.version) + 1;
        let issued = Code { version, code_hash, tries: 0, sends, sent_ms: now_ms };
        let mut writes = vec![
            Write::Put(issued.to_record(account), Code::unchanged(before.as_ref())),
            Due::code(*account, issued.kept_until_ms()).put(),
        ];
        if let Some(before) = before.filter(|before| before.kept_until_ms() != issued.kept_until_ms()) {
            writes.push(Due::code(*account, before.kept_until_ms()).delete());
        }
        match self.store.transact(&writes).await {
            // Somebody asked at the same moment, and theirs is mailed.
            Err(error) if error.kind() == imegha_cloud::ErrorKind::Conflict => Err(Error::too_many(RESEND_AFTER_MS)),
            done => done.map(|()| code).map_err(Error::from),
        }
    }

    /// Whether `code` is right.
    ///
    /// # Errors
    /// [`ProblemCode::WrongCode`], also for an account that awaits none; [`ProblemCode::CodeExpired`].
    pub(super) async fn check(&self, account: &Id, code: &str) -> Result<()> {
        let Some(kept) = self.code(account).await? else { return Err(Error::refused(ProblemCode::WrongCode)) };
        if kept.tries >= MAX_TRIES || kept.sent_ms.saturating_add(GOOD_FOR_MS) <= self.clock.now_ms() {
            return Err(Error::refused(ProblemCode::CodeExpired));
        }
        // The try is counted before the code is looked at, on the record that was read: guesses side by side do not share one.
        let tried = Code { version: kept.version + 1, tries: kept.tries + 1, ..kept.clone() };
        match self.store.transact(&[Write::Put(tried.to_record(account), Code::unchanged(Some(&kept)))]).await {
            Err(error) if error.kind() == imegha_cloud::ErrorKind::Conflict => {
                return Err(Error::too_many(CONTENDED_MS));
            }
            done => done?,
        }
        let right: bool = self.hash(account, code).as_bytes().ct_eq(kept.code_hash.as_bytes()).into();
        if right { Ok(()) } else { Err(Error::refused(ProblemCode::WrongCode)) }
    }

    pub(super) async fn forget(&self, account: &Id) -> Result<()> {
        let Some(code) = self.code(account).await? else { return Ok(()) };
        let writes = [Write::Delete(key(account), Condition::None), Due::code(*account, code.kept_until_ms()).delete()];
        Ok(self.store.transact(&writes).await?)
    }

    pub(super) async fn sweep(&self, limit: usize) -> Result<()> {
        for due in Due::come(self.store.as_ref(), DueKind::Code, self.clock.now_ms(), limit).await? {
            let V::Id(account) = due.what else { return Err(damaged()) };
            self.forget(&account).await?;
            self.store.transact(&[due.delete()]).await?;
        }
        Ok(())
    }

    async fn code(&self, account: &Id) -> Result<Option<Code>> {
        self.store.get(&key(account)).await?.as_ref().map(Code::from_record).transpose()
    }

    /// Six digits are guessed in a moment; under the server's secret their hash tells nothing to who has only the store.
    fn hash(&self, account: &Id, code: &str) -> Hash {
        self.secret.keyed_hash("code", &[account.as_bytes(), code.as_bytes()])
    }
}

#[derive(Clone)]
struct Code {
    version: u64,
    code_hash: Hash,
    tries: u64,
    sends: u64,
    sent_ms: u64,
}

impl Code {
    /// The number of the next mail.
    fn next_send(&self, now_ms: u64) -> Result<u64> {
        let next_ms = match self.sends >= MAX_SENDS {
            true => self.kept_until_ms(),
            false => self.sent_ms.saturating_add(RESEND_AFTER_MS),
        };
        if next_ms > now_ms {
            return Err(Error::too_many(next_ms - now_ms));
        }
        Ok(if self.sends >= MAX_SENDS { 1 } else { self.sends + 1 })
    }

    /// The record outlives the code, since it counts the mails.
    fn kept_until_ms(&self) -> u64 {
        self.sent_ms.saturating_add(KEPT_FOR_MS)
    }

    /// That nobody has written the record since it was read.
    fn unchanged(before: Option<&Self>) -> Condition<PlatformSchema> {
        match before {
            Some(before) => Condition::Equals(Field::Version, V::U64(before.version)),
            None => Condition::Absent,
        }
    }

    fn to_record(&self, account: &Id) -> PlatformRecord {
        Record::new(key(account))
            .with(Field::Version, V::U64(self.version))
            .with(Field::CodeHash, V::Hash(self.code_hash))
            .with(Field::Tries, V::U64(self.tries))
            .with(Field::Sends, V::U64(self.sends))
            .with(Field::Sent, V::Time(self.sent_ms))
    }

    fn from_record(record: &PlatformRecord) -> Result<Self> {
        let fields = Fields(record);
        Ok(Self {
            version: fields.u64(Field::Version)?,
            code_hash: fields.hash(Field::CodeHash)?,
            tries: fields.u64(Field::Tries)?,
            sends: fields.u64(Field::Sends)?,
            sent_ms: fields.time(Field::Sent)?,
        })
    }
}

/// Six digits, each code as likely as any other.
fn draw() -> Result<String> {
    loop {
        let number = u32::from_be_bytes(random()?);
        // The top of the range would make small codes likelier.
        if number < u32::MAX - u32::MAX % 1_000_000 {
            return Ok(format!("{:06}", number % 1_000_000));
        }
    }
}

fn key(account: &Id) -> PlatformKey {
    PlatformKey::new(Collection::Code, [V::Id(*account)], [])
}

/// How long a code is good.
pub(super) const GOOD_FOR_MS: u64 = 15 * 60 * 1000;
const MAX_TRIES: u64 = 5;
const RESEND_AFTER_MS: u64 = 60 * 1000;
const MAX_SENDS: u64 = 5;
const KEPT_FOR_MS: u64 = 24 * 60 * 60 * 1000;
const CONTENDED_MS: u64 = 1000;
