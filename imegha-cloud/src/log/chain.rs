//! The log itself: read up to its head, and written to (FORMAT 11).

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use futures::lock::Mutex;
use imegha_crypto::{Hash, Id, Identity, Purpose, Sealed, log};

use super::action::Action;
use super::change::{Change, Entry};
use super::checkpoint::{Checkpoint, DISTANCE};
use super::head::Head;
use super::index::{Index, Position};
use super::key::{self, CloudKey};
use crate::backend::{Condition, Record, Write};
use crate::client::keys::CloudKeys;
use crate::client::retry::Attempts;
use crate::client::store::Store;
use crate::client::{Deks, Owners, PurposeKeys, check_signer};
use crate::error::{Error, ErrorKind, Result};
use crate::schema::{CloudSchema, CloudValue, Field};

/// The owner's log of one cloud, as far as this device has seen it.
///
/// Everything that is read from the records goes through here, so that nothing is taken that is not the log's latest.
pub(crate) struct Log {
    pub(super) cloud: Id,
    pub(super) purpose: PurposeKeys,
    pub(super) owners: Owners,
    identity: Arc<Identity>,
    dek_epoch: u32,
    pub(super) store: Store,
    pub(super) state: Mutex<State>,
    /// How many entries come between two checkpoints.
    pub(crate) distance: AtomicU64,
}

pub(super) struct State {
    pub(super) index: Index,
    /// What was loaded or saved last.
    saved: Position,
    /// The hash of the bytes that this were.
    saved_bytes: Option<Hash>,
    /// Before the log has that many entries no checkpoint is written, because one could not be.
    pub(super) next_checkpoint: u64,
}

/// Why a change was not appended.
#[derive(Debug)]
pub(crate) struct NotAppended {
    pub(crate) error: Error,
    /// Whether it is certain that nothing was written, now or later. Without an answer from the store it is not.
    pub(crate) certain: bool,
}

impl Log {
    /// The log of a cloud that is about to be created: nothing is read.
    pub(crate) fn new(cloud: Id, keys: &CloudKeys, store: &Store) -> Self {
        Self {
            cloud,
            purpose: Deks::of(keys).purpose(Purpose::Log, &cloud),
            owners: Owners::of(keys),
            identity: keys.identity.clone(),
            dek_epoch: keys.dek_epoch,
            store: store.clone(),
            state: Mutex::new(State {
                index: Index::new(),
                saved: Position::START,
                saved_bytes: None,
                next_checkpoint: 0,
            }),
            distance: AtomicU64::new(DISTANCE),
        }
    }

    /// The log of a cloud that is there, read up to its head: from what the device remembers, or, where it remembers nothing, from the
    /// newest checkpoint, or from the beginning.
    pub(crate) async fn open(cloud: Id, keys: &CloudKeys, store: &Store) -> Result<Self> {
        let log = Self::new(cloud, keys, store);
        let mut state = log.state.lock().await;
        match store.device.load(&cloud).await? {
            Some(bytes) => {
                state.saved_bytes = Some(Hash::of(&bytes));
                state.index = log.open_index(bytes)?;
                state.saved = state.index.position();
                log.advance(&mut state).await?;
            }
            None => log.begin(&mut state).await?,
        }
        if state.index.position() == Position::START {
            return Err(Error::new(ErrorKind::CannotOpen, "this cloud has no log"));
        }
        log.save(&mut state).await?;
        drop(state);
        Ok(log)
    }

    /// Reads the log on a device that knows nothing of it.
    async fn begin(&self, state: &mut State) -> Result<()> {
        let mut shown = self.store.get_all(&[key::head(), key::checkpoint()]).await?.into_iter();
        let (head, place) = (shown.next().flatten(), shown.next().flatten());
        let mut from_checkpoint = None;
        if let (Some(head), Some(place)) = (&head, &place) {
            match self.index_from_checkpoint(head, place).await {
                Ok(index) => from_checkpoint = Some(index),
                // Missing, damaged, older, made up: it is as if there were none, and the log decides from its first entry on.
                Err(error) => tracing::debug!(kind = ?error.kind(), "a checkpoint of the log is of no use"),
            }
        }
        match from_checkpoint {
            Some(index) => state.index = index,
            None => {
                self.advance_to(state, head).await?;
                state.index.miss_checkpoint();
            }
        }
        Ok(())
    }

    /// Reads what was written since, and remembers it.
    ///
    /// # Errors
    /// `Rollback` when storage shows a head that is older than, or does not descend from, the one that this device knows.
    pub(crate) async fn refresh(&self) -> Result<Position> {
        let mut state = self.state.lock().await;
        self.advance(&mut state).await?;
        self.save(&mut state).await?;
        Ok(state.index.position())
    }

    /// The same, and in the same request what storage shows under a key: for [`Log::confirm`], nothing of it is verified.
    ///
    /// # Errors
    /// As [`Log::refresh`].
    pub(crate) async fn refresh_with(&self, key: &CloudKey) -> Result<Option<Record<CloudSchema>>> {
        let mut state = self.state.lock().await;
        let mut shown = self.store.get_all(&[key::head(), key.clone()]).await?.into_iter();
        let (head, shown) = (shown.next().flatten(), shown.next().flatten());
        self.advance_to(&mut state, head).await?;
        self.save(&mut state).await?;
        Ok(shown)
    }

    /// Whether the cloud is still in an epoch of the DEK that is over: [`Action::RenewKeys`] is to come before anything else.
    pub(crate) async fn is_behind(&self) -> bool {
        self.state.lock().await.index.dek_epoch() < self.dek_epoch
    }

    /// How far the log has been read.
    pub(crate) async fn position(&self) -> Position {
        self.state.lock().await.index.position()
    }

    /// Reads the whole log again, from its first entry to the last that is known, and holds it against what this device knows: that may
    /// have begun with a checkpoint.
    ///
    /// # Errors
    /// `CannotOpen` when the log says something else; and when it does not lead there, as [`Walk::next`](super::walk::Walk::next).
    pub(crate) async fn check(&self) -> Result<()> {
        let mut read = Index::new();
        loop {
            let to = self.position().await;
            let mut way = self.way(read.position(), to);
            while let Some(entries) = way.next().await? {
                entries.iter().try_for_each(|(position, entry)| read.apply(*position, entry))?;
            }
            let state = self.state.lock().await;
            // Else it was read on meanwhile.
            if state.index.position() == to {
                return match state.index.says_what(&read) {
                    true => Ok(()),
                    false => {
                        Err(Error::new(ErrorKind::CannotOpen, "this device knows something else than the log says"))
                    }
                };
            }
        }
    }

    /// Writes a change, its entry and the new head in one transaction, if the log still ends at `base`.
    ///
    /// # Errors
    /// `Conflict` when somebody else wrote first: build the change anew on the new state.
    pub(crate) async fn append(&self, base: Position, change: &Change) -> Result<(), NotAppended> {
        self.append_with(base, change, None, Attempts::at_network(&self.store.clock)).await
    }

    /// The same, with what the entry has to say of a checkpoint, and as often as there are attempts at storage that does not answer.
    pub(super) async fn append_with(
        &self,
        base: Position,
        change: &Change,
        checkpoint: Option<&Checkpoint>,
        mut attempts: Attempts,
    ) -> Result<(), NotAppended> {
        let mut state = self.state.lock().await;
        if state.index.position() != base {
            return Err(NotAppended::certainly(lost_race()));
        }
        if state.index.has_left() && change.action != Action::Arrive {
            return Err(NotAppended::certainly(Error::new(ErrorKind::Moved, "this cloud has moved to another place")));
        }
        // Nothing but the renewal itself leads from one epoch to the next: what is written with it is what the next one opens by.
        let begins = matches!(change.action, Action::CreateCloud | Action::RenewKeys | Action::Arrive);
        if state.index.dek_epoch() < self.dek_epoch && !begins {
            return Err(NotAppended::certainly(Error::new(
                ErrorKind::Conflict,
                "this cloud is to go on under renewed keys first",
            )));
        }
        let ms = self.store.clock.now_ms();
        let entry = Entry::of(change, ms, self.dek_epoch).with(checkpoint);
        let seq = base.seq + 1;
        let sealed = log::seal_entry(self.purpose.newest(), &self.cloud, seq, &base.hash, &entry.to_payload())
            .map_err(|error| NotAppended::certainly(error.into()))?;
        let position = Position { seq, hash: log::entry_hash(&self.cloud, seq, &base.hash, &sealed) };
        let head = Head::sign(&self.identity, &self.cloud, position, ms);

        let mut writes = change.writes.clone();
        writes.push(Write::Put(
            Record::new(key::entry(seq)).with(Field::Entry, CloudValue::Sealed(sealed)),
            Condition::Absent,
        ));
        let condition = match base {
            Position::START => Condition::Absent,
            base => Condition::Equals(Field::Hash, CloudValue::Hash(base.hash)),
        };
        writes.push(Write::Put(head.to_record(), condition));

        // The same bytes at every attempt: of two that arrive only one is written, and either is ours.
        // An attempt without an answer may arrive yet, whatever the store says to a later one. Only a log that has moved on
        // without it, whose head it is conditional on, rules that out.
        let mut unanswered = false;
        let refused = |error, unanswered: bool| NotAppended { error, certain: !unanswered };
        loop {
            let Err(error) = self.store.records.transact(&writes).await else {
                state.index.apply(position, &entry).map_err(NotAppended::uncertainly)?;
                break;
            };
            if says_nothing_was_written(error.kind()) && error.kind() != ErrorKind::Conflict {
                return Err(refused(error, unanswered));
            }
            // Without an answer it may have been written; and a conflict may be with an attempt of our own. The log knows.
            match self.advance(&mut state).await {
                Ok(passed) if passed.first() == Some(&position) => break,
                Ok(passed) if !passed.is_empty() => return Err(NotAppended::certainly(lost_race())),
                Ok(_) if error.kind() == ErrorKind::Conflict => return Err(refused(error, unanswered)),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Unavailable => {}
                Err(error) => return Err(NotAppended::uncertainly(error)),
            }
            unanswered = true;
            attempts.again(error).await.map_err(NotAppended::uncertainly)?;
        }
        // The change stands, whatever becomes of this: what is not saved now is saved by the next refresh, and a device that
        // dies before reads on from what it saved last.
        if let Err(error) = self.save(&mut state).await {
            tracing::warn!(kind = ?error.kind(), "the device could not remember the head of the log");
        }
        Ok(())
    }

    /// Takes the head and everything between it and what is known. Returns the positions that were passed.
    async fn advance(&self, state: &mut State) -> Result<Vec<Position>> {
        let head = self.store.get(&key::head()).await?;
        self.advance_to(state, head).await
    }

    /// Takes a head that storage shows.
    async fn advance_to(&self, state: &mut State, head: Option<Record<CloudSchema>>) -> Result<Vec<Position>> {
        let known = state.index.position();
        let Some(record) = head else {
            return match known {
                Position::START => Ok(Vec::new()),
                _ => Err(Error::new(ErrorKind::Rollback, "storage has lost the log that this device has seen")),
            };
        };
        let (head, signed_in) = Head::open(&record, &self.owners, &self.cloud)?;
        let entries = self.walk(known, head.position).await?;
        check_signer(signed_in, entries.last().map_or(state.index.dek_epoch(), |(_, entry)| entry.dek_epoch()))?;
        let mut passed = Vec::new();
        for (position, entry) in entries {
            state.index.apply(position, &entry)?;
            passed.push(position);
        }
        Ok(passed)
    }

    fn open_index(&self, bytes: Vec<u8>) -> Result<Index> {
        let payload = Sealed::from_received(bytes)
            .and_then(|sealed| self.purpose.open(|purpose| purpose.open_local(&sealed, INDEX, &self.cloud)))
            .map_err(|error| {
                let context = "this device's memory of the cloud cannot be opened";
                Error::with_source(ErrorKind::CannotOpen, context, error)
            })?;
        Index::from_payload(&payload.1)
    }

    async fn save(&self, state: &mut State) -> Result<()> {
        let ours = state.index.position();
        if state.saved == ours {
            return Ok(());
        }
        // Another process of this device may have saved meanwhile: what is remembered only ever goes forward.
        if let Some(bytes) = self.store.device.load(&self.cloud).await?
            && state.saved_bytes != Some(Hash::of(&bytes))
        {
            let theirs = self.open_index(bytes)?.position();
            if theirs.seq == ours.seq && theirs.hash != ours.hash {
                let context = "storage showed another state to another process of this device";
                return Err(Error::new(ErrorKind::Rollback, context));
            }
            if theirs.seq >= ours.seq {
                state.saved = ours;
                return Ok(());
            }
        }
        let sealed = self.purpose.newest().seal_local(INDEX, &self.cloud, &state.index.to_payload())?.into_bytes();
        let hash = Hash::of(&sealed);
        self.store.device.save(&self.cloud, sealed).await?;
        (state.saved, state.saved_bytes) = (ours, Some(hash));
        Ok(())
    }
}

impl NotAppended {
    fn certainly(error: Error) -> Self {
        Self { error, certain: true }
    }

    fn uncertainly(error: Error) -> Self {
        Self { error, certain: false }
    }
}

/// What fails before the transaction is sent leaves nothing written.
impl From<Error> for NotAppended {
    fn from(error: Error) -> Self {
        Self::certainly(error)
    }
}

impl From<NotAppended> for Error {
    fn from(not: NotAppended) -> Self {
        not.error
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").field("cloud", &self.cloud).finish_non_exhaustive()
    }
}

/// The name of the local index among what a device keeps sealed.
const INDEX: &str = "index";

fn lost_race() -> Error {
    Error::new(ErrorKind::Conflict, "another device wrote first")
}

/// Whether an error of a transaction is an answer: the store refused, and will not write it later.
fn says_nothing_was_written(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Conflict
            | ErrorKind::AlreadyExists
            | ErrorKind::NotFound
            | ErrorKind::Malformed
            | ErrorKind::StorageFull
            | ErrorKind::Denied
            | ErrorKind::ClockSkew
            | ErrorKind::Version
    )
}
