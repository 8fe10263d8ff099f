//! Pokes: that a connection has something new. They are kept for a minute, so that every instance of the platform hears of them.

use imegha_cloud::backend::{Condition, Record, Write};
use imegha_crypto::Id;

use super::connection::{Connection, Standing};
use super::{Collection, Due, DueKind, Field, Fields, PlatformKey, PlatformValue as V, Registry, damaged};
use crate::error::{Error, Result};
use crate::problem::ProblemCode;

/// What there is something new of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PokeKind {
    /// A message: the one kind of which devices show a notification.
    Message,
    /// The feed that the other keeps for the account.
    Feed,
    /// The connection itself: a request, an answer, a card, an end.
    Connection,
}

/// That one person poked another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PokeRecord {
    /// Who.
    pub from: Id,
    /// What about.
    pub kind: PokeKind,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
}

impl PokeKind {
    fn number(self) -> u64 {
        match self {
            Self::Message => 1,
            Self::Feed => 2,
            Self::Connection => 3,
        }
    }

    fn from_number(number: u64) -> Result<Self> {
        [Self::Message, Self::Feed, Self::Connection]
            .into_iter()
            .find(|kind| kind.number() == number)
            .ok_or_else(damaged)
    }
}

impl Registry {
    /// Has `to` hear that `from` has something new. Of one person and kind the newest stands.
    ///
    /// # Errors
    /// [`ProblemCode::NotFound`] unless the two are connected.
    pub async fn poke(&self, from: &Id, to: &Id, kind: PokeKind) -> Result<()> {
        let connected = Condition::Equals(Field::ConnectionState, V::U64(Standing::Connected.number()));
        // The connection is a condition of the write: between strangers there is no moment in which a poke gets through.
        let mut writes = vec![Write::Check(Connection::key(to, from), connected)];
        writes.extend(self.poke_writes(from, to, kind).await?);
        if self.transact(&writes).await? { Ok(()) } else { Err(Error::refused(ProblemCode::NotFound)) }
    }

    /// Has `to` hear that the connection with `from` has changed, whatever it is now.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`](crate::ErrorKind::Storage).
    pub async fn tell_connection(&self, from: &Id, to: &Id) -> Result<()> {
        Ok(self.store.transact(&self.poke_writes(from, to, PokeKind::Connection).await?).await?)
    }

    /// What an account was poked about and is still to hear, once for each person and kind.
    ///
    /// # Errors
    /// As every method here.
    pub async fn pokes(&self, to: &Id) -> Result<Vec<PokeRecord>> {
        let now_ms = self.now_ms();
        let records = self.partition(Collection::Poke, to).await?;
        let pokes: Result<Vec<_>> = records.iter().map(poke).collect();
        Ok(pokes?.into_iter().filter(|poke| !is_over(poke, now_ms)).collect())
    }

    /// Removes pokes whose minute is over, of at most `limit` accounts.
    ///
    /// # Errors
    /// As every method here.
    pub async fn sweep_pokes(&self, limit: usize) -> Result<()> {
        for due in Due::come(self.store.as_ref(), DueKind::Poke, self.now_ms(), limit).await? {
            let V::Id(to) = due.what else { return Err(damaged()) };
            self.drop_pokes(&to, self.now_ms()).await?;
            self.store.transact(&[due.delete()]).await?;
        }
        Ok(())
    }

    /// Removes an account's pokes that are over at `now_ms`.
    pub(super) async fn drop_pokes(&self, to: &Id, now_ms: u64) -> Result<()> {
        for record in self.partition(Collection::Poke, to).await? {
            let poke = poke(&record)?;
            if is_over(&poke, now_ms) {
                // One that has been renewed meanwhile stays.
                let as_read = Condition::Equals(Field::Poked, V::Time(poke.at_ms));
                self.transact(&[Write::Delete(record.key, as_read)]).await?;
            }
        }
        Ok(())
    }

    /// Removes what `to` was told of `from`.
    pub(super) async fn forget_pokes(&self, from: &Id, to: &Id) -> Result<()> {
        let kinds = [PokeKind::Message, PokeKind::Feed, PokeKind::Connection];
        let deletes = kinds.map(|kind| Write::Delete(key(from, to, kind), Condition::None));
        Ok(self.store.transact(&deletes).await?)
    }

    async fn poke_writes(&self, from: &Id, to: &Id, kind: PokeKind) -> Result<[Write<super::PlatformSchema>; 2]> {
        let key = key(from, to, kind);
        let before = self.store.get(&key).await?.as_ref().map(poke).transpose()?;
        // Two of one millisecond are two all the same to whoever has heard the first.
        let at_ms = self.now_ms().max(before.map_or(0, |before| before.at_ms.saturating_add(1)));
        let record = Record::new(key).with(Field::Poked, V::Time(at_ms));
        Ok([Write::Put(record, Condition::None), Due::poke(*to, at_ms.saturating_add(KEPT_MS)).put()])
    }
}

fn poke(record: &super::PlatformRecord) -> Result<PokeRecord> {
    let [V::Id(from), V::U64(kind)] = record.key.sort.as_slice() else { return Err(damaged()) };
    Ok(PokeRecord { from: *from, kind: PokeKind::from_number(*kind)?, at_ms: Fields(record).time(Field::Poked)? })
}

fn key(from: &Id, to: &Id, kind: PokeKind) -> PlatformKey {
    PlatformKey::new(Collection::Poke, [V::Id(*to)], [V::Id(*from), V::U64(kind.number())])
}

fn is_over(poke: &PokeRecord, now_ms: u64) -> bool {
    poke.at_ms.saturating_add(KEPT_MS) <= now_ms
}

/// How long a poke is kept: several times as long as an instance takes to look.
const KEPT_MS: u64 = 60 * 1000;
