//! Sessions: opaque tokens, of which only the hash is kept.

use imegha_cloud::backend::{Condition, Record, Write};
use imegha_crypto::{Hash, Id};

use super::due::{Due, DueKind};
use super::fields::{Fields, PlatformKey, PlatformRecord, damaged};
use super::keys::place_hash;
use super::schema::{Collection, Field, PlatformSchema, PlatformValue as V};
use super::{AccountRecord, AccountState, PasswordWrapRecord, Registry};
use crate::error::Result;

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRecord {
    /// The hash of its token.
    pub id: Hash,
    /// Whose it is.
    pub account: Id,
    /// The password wrap that it signed in with.
    pub wrap_id: Id,
    /// How often the account's sessions had all been ended when it began: see [`AccountRecord::sessions_ended`].
    pub sessions_ended: u64,
    /// When it began, in milliseconds since 1970.
    pub created_ms: u64,
    /// When it ends.
    pub expires_ms: u64,
}

impl Registry {
    /// Begins a session.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`](crate::ErrorKind::Storage), as every method here.
    pub async fn begin_session(
        &self,
        id: Hash,
        account: &AccountRecord,
        wrap_id: Id,
        lifetime_ms: u64,
    ) -> Result<SessionRecord> {
        let session = self.new_session(id, account, wrap_id, lifetime_ms);
        self.store.transact(&session.puts()).await?;
        Ok(session)
    }

    /// A session that is not kept yet: [`SessionRecord::puts`] keeps it.
    pub(crate) fn new_session(
        &self,
        id: Hash,
        account: &AccountRecord,
        wrap_id: Id,
        lifetime_ms: u64,
    ) -> SessionRecord {
        let created_ms = self.now_ms();
        SessionRecord {
            id,
            account: account.id,
            wrap_id,
            sessions_ended: account.sessions_ended,
            created_ms,
            expires_ms: created_ms.saturating_add(lifetime_ms),
        }
    }

    /// An account and one of its wraps by password, as one request, for a session that began with it.
    ///
    /// # Errors
    /// As every method here.
    pub(crate) async fn account_with_wrap(
        &self,
        account: &Id,
        wrap_id: &Id,
    ) -> Result<Option<(AccountRecord, PasswordWrapRecord)>> {
        let keys = [AccountRecord::key(account), PasswordWrapRecord::key(account, wrap_id)];
        let mut records = self.store.get_all(&keys).await?.into_iter();
        let (Some(Some(record)), Some(Some(wrap))) = (records.next(), records.next()) else { return Ok(None) };
        Ok(Some((AccountRecord::from_record(account, &record)?, PasswordWrapRecord::from_record(&wrap)?)))
    }

    /// Whether a session has not ended since it was read: by itself, with its wrap, with all of the account's, or with the account. One request.
    pub(crate) async fn goes_on(&self, session: &SessionRecord) -> Result<bool> {
        let wrap = PasswordWrapRecord::key(&session.account, &session.wrap_id);
        let keys = [session_key(&session.id), AccountRecord::key(&session.account), wrap];
        let [Some(_), Some(account), Some(_)] = &self.store.get_all(&keys).await?[..] else { return Ok(false) };
        let account = AccountRecord::from_record(&session.account, account)?;
        Ok(session.expires_ms > self.now_ms() && session.is_under(&account))
    }

    /// The session of a token, unless it has ended.
    ///
    /// # Errors
    /// As every method here.
    pub async fn session(&self, id: &Hash) -> Result<Option<SessionRecord>> {
        let Some(record) = self.store.get(&session_key(id)).await? else { return Ok(None) };
        let session = SessionRecord::from_record(*id, &record)?;
        Ok((session.expires_ms > self.now_ms()).then_some(session))
    }

    /// The sessions of an account, the newest first.
    ///
    /// # Errors
    /// As every method here.
    pub async fn sessions(&self, account: &Id) -> Result<Vec<SessionRecord>> {
        let mut sessions = Vec::new();
        for record in self.partition(Collection::AccountSession, account).await? {
            sessions.extend(self.session(&place_hash(&record)?).await?);
        }
        sessions.sort_by_key(|session| std::cmp::Reverse((session.created_ms, session.id)));
        Ok(sessions)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// As every method here.
    pub async fn end_session(&self, session: &SessionRecord) -> Result<()> {
        Ok(self.store.transact(&session.deletes()).await?)
    }

    /// Removes sessions whose time is over, at most `limit`.
    ///
    /// # Errors
    /// As every method here.
    pub async fn sweep_sessions(&self, limit: usize) -> Result<()> {
        for due in Due::come(self.store.as_ref(), DueKind::Session, self.now_ms(), limit).await? {
            let V::Hash(id) = due.what else { return Err(damaged()) };
            match self.store.get(&session_key(&id)).await? {
                Some(record) => self.end_session(&SessionRecord::from_record(id, &record)?).await?,
                None => self.store.transact(&[due.delete()]).await?,
            }
        }
        Ok(())
    }
}

impl SessionRecord {
    /// Whether the account, as it is now, lets the session go on. The rest is that its wrap is there.
    pub(crate) fn is_under(&self, account: &AccountRecord) -> bool {
        account.state == AccountState::Confirmed && account.sessions_ended == self.sessions_ended
    }

    /// The same session once `account` has new keys, and `wrap_id` is in its own wrap's place: it goes on, where all others end. Not when it has
    /// ended meanwhile.
    pub(crate) fn goes_over(&self, account: &AccountRecord, wrap_id: Id) -> Write<PlatformSchema> {
        let over = Self { wrap_id, sessions_ended: account.sessions_ended, ..self.clone() };
        Write::Put(over.to_record(), Condition::Equals(Field::WrapId, V::Id(self.wrap_id)))
    }

    /// Whether it has gone over to new keys since the account was read.
    pub(crate) fn is_ahead_of(&self, account: &AccountRecord) -> bool {
        self.sessions_ended > account.sessions_ended
    }

    fn account_key(&self) -> PlatformKey {
        PlatformKey::new(Collection::AccountSession, [V::Id(self.account)], [V::Hash(self.id)])
    }

    pub(crate) fn puts(&self) -> [Write<PlatformSchema>; 3] {
        [
            Write::Put(self.to_record(), Condition::Absent),
            Write::Put(Record::new(self.account_key()), Condition::None),
            Due::session(self.id, self.expires_ms).put(),
        ]
    }

    pub(super) fn deletes(&self) -> [Write<PlatformSchema>; 3] {
        [
            Write::Delete(session_key(&self.id), Condition::None),
            Write::Delete(self.account_key(), Condition::None),
            Due::session(self.id, self.expires_ms).delete(),
        ]
    }

    fn to_record(&self) -> PlatformRecord {
        Record::new(session_key(&self.id))
            .with(Field::Account, V::Id(self.account))
            .with(Field::WrapId, V::Id(self.wrap_id))
            .with(Field::SessionsEnded, V::U64(self.sessions_ended))
            .with(Field::Created, V::Time(self.created_ms))
            .with(Field::Expires, V::Time(self.expires_ms))
    }

    pub(super) fn from_record(id: Hash, record: &PlatformRecord) -> Result<Self> {
        let fields = Fields(record);
        Ok(Self {
            id,
            account: fields.id(Field::Account)?,
            wrap_id: fields.id(Field::WrapId)?,
            sessions_ended: fields.u64(Field::SessionsEnded)?,
            created_ms: fields.time(Field::Created)?,
            expires_ms: fields.time(Field::Expires)?,
        })
    }
}

pub(super) fn session_key(id: &Hash) -> PlatformKey {
    PlatformKey::new(Collection::Session, [V::Hash(*id)], [])
}
