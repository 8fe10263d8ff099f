//! What ends by itself, in the order of its end, so that sweeping needs no scan.

use imegha_cloud::backend::{Condition, Query, Record, RecordStore, Write};
use imegha_crypto::{Hash, Id};

use super::fields::{PlatformKey, damaged};
use super::schema::{Collection, PlatformSchema, PlatformValue as V};
use crate::error::Result;

/// Something that ends at a time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Due {
    pub(crate) kind: DueKind,
    pub(crate) at_ms: u64,
    pub(crate) what: V,
}

/// What it is that ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DueKind {
    /// An account that was not confirmed (its id).
    Unconfirmed,
    /// A session (the hash of its token).
    Session,
    /// The code that confirms an account (the account's id).
    Code,
    /// Failed sign-ins (the keyed hash of the email).
    Lockout,
    /// The code of a recovery (the account's id, or the one that was invented for an address without one).
    RecoveryCode,
    /// The code that moves an account to another address (the account's id).
    EmailChangeCode,
    /// An account that is being deleted (its id).
    Deletion,
    /// What a recovery is to sign (the hash of the challenge).
    Challenge,
    /// Pokes (whose they are).
    Poke,
}

impl DueKind {
    pub(crate) fn number(self) -> u64 {
        match self {
            Self::Unconfirmed => 1,
            Self::Session => 2,
            Self::Code => 3,
            Self::Lockout => 4,
            Self::RecoveryCode => 20,
            Self::EmailChangeCode => 21,
            Self::Deletion => 5,
            Self::Challenge => 6,
            Self::Poke => 16,
        }
    }
}

impl Due {
    pub(crate) fn unconfirmed(account: Id, at_ms: u64) -> Self {
        Self { kind: DueKind::Unconfirmed, at_ms, what: V::Id(account) }
    }

    pub(crate) fn session(id: Hash, at_ms: u64) -> Self {
        Self { kind: DueKind::Session, at_ms, what: V::Hash(id) }
    }

    pub(crate) fn lockout(who: Hash, at_ms: u64) -> Self {
        Self { kind: DueKind::Lockout, at_ms, what: V::Hash(who) }
    }

    pub(crate) fn deletion(account: Id, at_ms: u64) -> Self {
        Self { kind: DueKind::Deletion, at_ms, what: V::Id(account) }
    }

    pub(crate) fn challenge(hash: Hash, at_ms: u64) -> Self {
        Self { kind: DueKind::Challenge, at_ms, what: V::Hash(hash) }
    }

    pub(crate) fn poke(to: Id, at_ms: u64) -> Self {
        Self { kind: DueKind::Poke, at_ms, what: V::Id(to) }
    }

    pub(crate) fn put(&self) -> Write<PlatformSchema> {
        Write::Put(Record::new(self.key()), Condition::None)
    }

    pub(crate) fn delete(&self) -> Write<PlatformSchema> {
        Write::Delete(self.key(), Condition::None)
    }

    /// At most `limit` things of a kind whose time has come, the oldest first.
    pub(crate) async fn come(
        store: &dyn RecordStore<PlatformSchema>,
        kind: DueKind,
        now_ms: u64,
        limit: usize,
    ) -> Result<Vec<Self>> {
        let mut query = Query::new(Collection::Due, [V::U64(kind.number())]);
        query.limit = limit;
        let mut due = Vec::new();
        for record in store.query(&query).await?.records {
            let [V::Time(at_ms), what] = record.key.sort.as_slice() else { return Err(damaged()) };
            if *at_ms > now_ms {
                break;
            }
            due.push(Self { kind, at_ms: *at_ms, what: what.clone() });
        }
        Ok(due)
    }

    fn key(&self) -> PlatformKey {
        PlatformKey::new(Collection::Due, [V::U64(self.kind.number())], [V::Time(self.at_ms), self.what.clone()])
    }
}
