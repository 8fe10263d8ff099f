//! Codes of six digits: mailed, kept as a keyed hash, good for a quarter of an hour and five tries. Also the counters of codes that
//! another service makes, mails and looks at.

use std::sync::Arc;

use imegha_cloud::backend::{Condition, Record, RecordStore, Write};
use imegha_cloud::clock::Clock;
use imegha_crypto::{Hash, Id};
use subtle::ConstantTimeEq as _;

use super::purpose::{self, Purpose};
use crate::error::{Error, Result};
use crate::problem::ProblemCode;
use crate::registry::{Due, DueKind, Field, Fields, PlatformRecord, PlatformSchema, PlatformValue as V, damaged};
use crate::secret::{ServerSecret, random};

/// The codes of all accounts: at most one for each purpose.
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
    /// [`ProblemCode::TooManyTries`] within a minute of the last, and after the fifth until its purpose's rest is over.
    pub(super) async fn issue(&self, account: &Id, purpose: Purpose<'_>, never: bool) -> Result<String> {
        let code = draw()?;
        let hash = purpose.hash(&self.secret, account, &code);
        self.count_mail(account, purpose, (!never).then_some(hash)).await.map(|()| code)
    }

    /// Counts a code that somebody else makes and mails, with the limits of [`issue`](Self::issue).
    ///
    /// # Errors
    /// As [`issue`](Self::issue).
    #[cfg(feature = "aws")]
    pub(super) async fn await_code(&self, account: &Id, purpose: Purpose<'_>, never: bool) -> Result<()> {
        let hash = purpose.awaited(&self.secret, account);
        self.count_mail(account, purpose, (!never).then_some(hash)).await
    }

    /// Whether `code` is right. Yields what uses it up.
    ///
    /// # Errors
    /// [`ProblemCode::WrongCode`], also for an account that awaits none; [`ProblemCode::CodeExpired`].
    pub(super) async fn check(&self, account: &Id, purpose: Purpose<'_>, code: &str) -> Result<Tried> {
        let tried = self.count_try(account, purpose).await?;
        if tried.is(&purpose.hash(&self.secret, account, code)) { Ok(tried) } else { Err(wrong()) }
    }

    /// Counts a try before anybody looks at the code, on the record that was read: guesses side by side do not share one.
    ///
    /// # Errors
    /// [`ProblemCode::WrongCode`] for an account that awaits none; [`ProblemCode::CodeExpired`].
    pub(super) async fn count_try(&self, account: &Id, purpose: Purpose<'_>) -> Result<Tried> {
        let kind = purpose.kind();
        let kept = self.code(account, kind).await?.ok_or_else(wrong)?;
        if kept.tries >= MAX_TRIES || kept.sent_ms.saturating_add(GOOD_FOR_MS) <= self.clock.now_ms() {
            return Err(Error::refused(ProblemCode::CodeExpired));
        }
        let tried = Code { version: kept.version + 1, tries: kept.tries + 1, ..kept.clone() };
        match self.store.transact(&[Write::Put(tried.to_record(account, kind), Code::unchanged(Some(&kept)))]).await {
            Err(error) if error.kind() == imegha_cloud::ErrorKind::Conflict => Err(Error::too_many(CONTENDED_MS)),
            done => done.map(|()| Tried { account: *account, kind, code: tried }).map_err(Error::from),
        }
    }

    /// Keeps the hash of a code that was right, so that the same one is right again.
    #[cfg(feature = "aws")]
    pub(super) async fn keep(&self, tried: &Tried, purpose: Purpose<'_>, code: &str) -> Result<()> {
        let hash = purpose.hash(&self.secret, &tried.account, code);
        let right = Code { version: tried.code.version + 1, code_hash: hash, ..tried.code.clone() };
        let write = Write::Put(right.to_record(&tried.account, tried.kind), Code::unchanged(Some(&tried.code)));
        match self.store.transact(&[write]).await {
            // Another try was counted meanwhile: who looks next asks the one who made the code.
            Err(error) if error.kind() == imegha_cloud::ErrorKind::Conflict => Ok(()),
            done => Ok(done?),
        }
    }

    /// Whether `code` is the one that was kept.
    #[cfg(feature = "aws")]
    pub(super) fn is(&self, tried: &Tried, purpose: Purpose<'_>, code: &str) -> bool {
        tried.is(&purpose.hash(&self.secret, &tried.account, code))
    }

    /// Whether it is a code that somebody else makes, for just that purpose, and that has not been right yet.
    #[cfg(feature = "aws")]
    pub(super) fn is_awaited(&self, tried: &Tried, purpose: Purpose<'_>) -> bool {
        tried.is(&purpose.awaited(&self.secret, &tried.account))
    }

    /// Uses a code up that somebody else has found right.
    #[cfg(feature = "aws")]
    pub(super) async fn use_up(&self, tried: &Tried) -> Result<()> {
        match self.store.transact(&[tried.used_up()]).await {
            Err(error) if error.kind() == imegha_cloud::ErrorKind::Conflict => Ok(()),
            done => Ok(done?),
        }
    }

    /// Accounts whose move to another address has ended without its code, at most `limit`.
    #[cfg(feature = "aws")]
    pub(super) async fn moves_that_ended(&self, limit: usize) -> Result<Vec<Id>> {
        let due = Due::come(self.store.as_ref(), DueKind::EmailChangeCode, self.clock.now_ms(), limit).await?;
        due.into_iter().map(|due| if let V::Id(account) = due.what { Ok(account) } else { Err(damaged()) }).collect()
    }

    /// Forgets an account's codes, whatever they are for.
    pub(super) async fn forget(&self, account: &Id) -> Result<()> {
        for kind in Purpose::KINDS {
            self.forget_one(account, kind).await?;
        }
        Ok(())
    }

    pub(super) async fn sweep(&self, limit: usize) -> Result<()> {
        for kind in Purpose::KINDS {
            for due in Due::come(self.store.as_ref(), kind, self.clock.now_ms(), limit).await? {
                let V::Id(account) = due.what else { return Err(damaged()) };
                self.forget_one(&account, kind).await?;
                self.store.transact(&[due.delete()]).await?;
            }
        }
        Ok(())
    }

    async fn count_mail(&self, account: &Id, purpose: Purpose<'_>, code_hash: Option<Hash>) -> Result<()> {
        let now_ms = self.clock.now_ms();
        let kind = purpose.kind();
        let before = self.code(account, kind).await?;
        let sends = match &before {
            Some(before) => before.next_send(now_ms, purpose.rest_ms())?,
            None => 1,
        };
        let code_hash = match code_hash {
            Some(code_hash) => code_hash,
            None => Hash::from_bytes(random()?),
        };
        let version = before.as_ref().map_or(0, |before| before.version) + 1;
        let issued = Code { version, code_hash, tries: 0, sends, sent_ms: now_ms };
        let mut writes = vec![
            Write::Put(issued.to_record(account, kind), Code::unchanged(before.as_ref())),
            purpose::due(account, kind, issued.kept_until_ms()).put(),
        ];
        if let Some(before) = before.filter(|before| before.kept_until_ms() != issued.kept_until_ms()) {
            writes.push(purpose::due(account, kind, before.kept_until_ms()).delete());
        }
        match self.store.transact(&writes).await {
            // Somebody asked at the same moment, and theirs is mailed.
            Err(error) if error.kind() == imegha_cloud::ErrorKind::Conflict => Err(Error::too_many(RESEND_AFTER_MS)),
            done => Ok(done?),
        }
    }

    async fn forget_one(&self, account: &Id, kind: DueKind) -> Result<()> {
        let Some(code) = self.code(account, kind).await? else { return Ok(()) };
        let due = purpose::due(account, kind, code.kept_until_ms());
        let writes = [Write::Delete(purpose::key(account, kind), Condition::None), due.delete()];
        Ok(self.store.transact(&writes).await?)
    }

    async fn code(&self, account: &Id, kind: DueKind) -> Result<Option<Code>> {
        self.store.get(&purpose::key(account, kind)).await?.as_ref().map(Code::from_record).transpose()
    }
}

/// A try that was counted.
#[derive(Debug)]
pub(super) struct Tried {
    account: Id,
    kind: DueKind,
    code: Code,
}

impl Tried {
    /// Whether this is the hash that stands there.
    pub(super) fn is(&self, hash: &Hash) -> bool {
        self.code.code_hash.as_bytes().ct_eq(hash.as_bytes()).into()
    }

    /// Uses the code up, to stand in the transaction of what it allows. Its record stays and goes on counting mails.
    pub(super) fn used_up(&self) -> Write<PlatformSchema> {
        let used = Code { version: self.code.version + 1, tries: MAX_TRIES, ..self.code.clone() };
        Write::Put(used.to_record(&self.account, self.kind), Code::unchanged(Some(&self.code)))
    }
}

#[derive(Clone, Debug)]
struct Code {
    version: u64,
    code_hash: Hash,
    tries: u64,
    sends: u64,
    sent_ms: u64,
}

impl Code {
    /// The number of the next mail.
    fn next_send(&self, now_ms: u64, rest_ms: u64) -> Result<u64> {
        let wait_ms = if self.sends >= MAX_SENDS { rest_ms } else { RESEND_AFTER_MS };
        let next_ms = self.sent_ms.saturating_add(wait_ms);
        if next_ms > now_ms {
            return Err(Error::too_many(next_ms - now_ms));
        }
        // Five in a row again only after a day without any.
        Ok(if self.kept_until_ms() <= now_ms { 1 } else { (self.sends + 1).min(MAX_SENDS) })
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

    fn to_record(&self, account: &Id, kind: DueKind) -> PlatformRecord {
        Record::new(purpose::key(account, kind))
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

fn wrong() -> Error {
    Error::refused(ProblemCode::WrongCode)
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

/// How long a code is good.
pub(super) const GOOD_FOR_MS: u64 = 15 * 60 * 1000;
const MAX_TRIES: u64 = 5;
const RESEND_AFTER_MS: u64 = 60 * 1000;
const MAX_SENDS: u64 = 5;
const KEPT_FOR_MS: u64 = DAY_MS;
pub(super) const HOUR_MS: u64 = 60 * 60 * 1000;
pub(super) const DAY_MS: u64 = 24 * HOUR_MS;
const CONTENDED_MS: u64 = 1000;
