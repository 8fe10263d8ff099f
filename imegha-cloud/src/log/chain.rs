//! The log itself: read up to its head, and written to (FORMAT 11).

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use futures::lock::Mutex;
use imegha_crypto::{Hash, Id, Identity, Purpose, PurposeKey, Sealed, log};

use super::change::{Change, Entry};
use super::head::Head;
use super::index::{Index, Position};
use super::key::{self, CloudKey};
use crate::backend::{Condition, Query, Record, Write};
use crate::client::json;
use crate::client::keys::CloudKeys;
use crate::client::retry::Attempts;
use crate::client::store::Store;
use crate::error::{Error, ErrorKind, Result};
use crate::schema::{CloudSchema, CloudValue, Collection, Field};

/// The owner's log of one cloud, as far as this device has seen it.
///
/// Everything that is read from the records goes through here, so that nothing is taken that is not the log's latest.
pub(crate) struct Log {
    cloud: Id,
    purpose: PurposeKey,
    identity: Arc<Identity>,
    dek_epoch: u32,
    store: Store,
    state: Mutex<State>,
}

struct State {
    index: Index,
    /// What was loaded or saved last.
    saved: Position,
    /// The hash of the bytes that this were.
    saved_bytes: Option<Hash>,
}

/// The records of one partition, as the log has them.
#[derive(Debug)]
pub(crate) struct Partition {
    pub(crate) collection: Collection,
    pub(crate) parts: Vec<CloudValue>,
    /// The bytes of each key, and the hash of the record under it.
    pub(crate) records: Vec<(Vec<u8>, Hash)>,
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
            purpose: keys.dek.derive_purpose_key(Purpose::Log, &cloud),
            identity: keys.identity.clone(),
            dek_epoch: keys.dek_epoch,
            store: store.clone(),
            state: Mutex::new(State { index: Index::new(), saved: Position::START, saved_bytes: None }),
        }
    }

    /// The log of a cloud that is there, read from what the device remembers up to its head.
    pub(crate) async fn open(cloud: Id, keys: &CloudKeys, store: &Store) -> Result<Self> {
        let log = Self::new(cloud, keys, store);
        if let Some(bytes) = store.device.load(&cloud).await? {
            let mut state = log.state.lock().await;
            state.saved_bytes = Some(Hash::of(&bytes));
            state.index = log.open_index(bytes)?;
            state.saved = state.index.position();
        }
        if log.refresh().await? == Position::START {
            return Err(Error::new(ErrorKind::CannotOpen, "this cloud has no log"));
        }
        Ok(log)
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

    /// How far the log has been read.
    pub(crate) async fn position(&self) -> Position {
        self.state.lock().await.index.position()
    }

    /// The record under a key, if the log says that there is one.
    ///
    /// # Errors
    /// `Rollback` when storage shows an older record, or none where there is one; `CannotOpen` when it shows what never was.
    pub(crate) async fn read(&self, key: &CloudKey) -> Result<Option<Record<CloudSchema>>> {
        let name = key.to_bytes();
        for _ in 0..READS {
            let expected = self.hash(&name).await;
            let found = self.store.get(key).await?;
            let hash = found.as_ref().map(hash_of);
            if hash == expected {
                return Ok(found);
            }
            // Another device may have written it: then the log, read after the record, says so.
            self.refresh().await?;
            let latest = self.hash(&name).await;
            if hash == latest {
                return Ok(found);
            }
            if latest == expected {
                return Err(self.refused(&name, hash).await?);
            }
        }
        Err(Error::new(ErrorKind::Conflict, "a record changes faster than it can be read"))
    }

    /// All records of a partition, each as [`Log::read`] gives it; those that storage leaves out among them.
    pub(crate) async fn list(
        &self,
        collection: Collection,
        partition: &[CloudValue],
    ) -> Result<Vec<(CloudKey, Result<Record<CloudSchema>>)>> {
        self.refresh().await?;
        let mut expected: BTreeMap<Vec<u8>, Hash> = {
            let state = self.state.lock().await;
            let prefix = key::prefix(collection, partition);
            state.index.partition(&prefix).map(|(name, hash)| (name.to_vec(), hash)).collect()
        };
        let mut listed = Vec::with_capacity(expected.len());
        let mut doubtful = Vec::new();
        for record in self.query(collection, partition).await? {
            if expected.remove(&record.key.to_bytes()) == Some(hash_of(&record)) {
                listed.push((record.key.clone(), Ok(record)));
            } else {
                doubtful.push(record.key);
            }
        }
        for name in expected.keys() {
            doubtful.push(key::from_bytes(name)?);
        }
        for key in doubtful {
            match self.read(&key).await {
                Ok(Some(record)) => listed.push((key, Ok(record))),
                Ok(None) => {}
                Err(error) if matches!(error.kind(), ErrorKind::Rollback | ErrorKind::CannotOpen) => {
                    listed.push((key, Err(error)));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(listed)
    }

    /// The log's latest hash of the record under a key, given as [`Key::to_bytes`](crate::backend::Key::to_bytes).
    pub(crate) async fn hash(&self, name: &[u8]) -> Option<Hash> {
        self.state.lock().await.index.hash(name)
    }

    /// Keys and hashes of a partition, as the log has them.
    pub(crate) async fn hashes(
        &self,
        collection: Collection,
        partition: &[CloudValue],
    ) -> Result<Vec<(CloudKey, Hash)>> {
        let state = self.state.lock().await;
        let prefix = key::prefix(collection, partition);
        state.index.partition(&prefix).map(|(name, hash)| Ok((key::from_bytes(name)?, hash))).collect()
    }

    /// Every partition that the log has records in.
    pub(crate) async fn partitions(&self) -> Result<Vec<Partition>> {
        let state = self.state.lock().await;
        let mut partitions: Vec<Partition> = Vec::new();
        for (name, hash) in state.index.records() {
            let key = key::from_bytes(name)?;
            let record = (name.to_vec(), hash);
            match partitions.last_mut() {
                Some(last) if last.collection == key.collection && last.parts == key.partition => {
                    last.records.push(record);
                }
                _ => {
                    let records = vec![record];
                    partitions.push(Partition { collection: key.collection, parts: key.partition, records });
                }
            }
        }
        Ok(partitions)
    }

    /// Reads the whole log again, from its first entry to the last that is known.
    pub(crate) async fn check(&self) -> Result<()> {
        self.walk(Position::START, self.position().await).await.map(drop)
    }

    /// The log's latest epoch of a node.
    pub(crate) async fn epoch(&self, node: &Id) -> Option<u32> {
        self.state.lock().await.index.epoch(node)
    }

    /// Writes a change, its entry and the new head in one transaction, if the log still ends at `base`.
    ///
    /// # Errors
    /// `Conflict` when somebody else wrote first: build the change anew on the new state.
    pub(crate) async fn append(&self, base: Position, change: &Change) -> Result<(), NotAppended> {
        let mut state = self.state.lock().await;
        if state.index.position() != base {
            return Err(NotAppended::certainly(lost_race()));
        }
        let ms = self.store.clock.now_ms();
        let entry = Entry::of(change, ms, self.dek_epoch);
        let seq = base.seq + 1;
        let sealed = log::seal_entry(&self.purpose, &self.cloud, seq, &base.hash, &json::encode(&entry))
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
        let mut attempts = Attempts::at_network(&self.store.clock);
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
        let known = state.index.position();
        let Some(record) = self.store.get(&key::head()).await? else {
            return match known {
                Position::START => Ok(Vec::new()),
                _ => Err(Error::new(ErrorKind::Rollback, "storage has lost the log that this device has seen")),
            };
        };
        let head = Head::open(&record, self.identity.public(), &self.cloud)?.position;
        let mut passed = Vec::new();
        for (position, entry) in self.walk(known, head).await? {
            state.index.apply(position, &entry)?;
            passed.push(position);
        }
        Ok(passed)
    }

    /// The entries after `from` up to `to`, which must be what the last of them hashes to; none when the two are the same.
    async fn walk(&self, from: Position, to: Position) -> Result<Vec<(Position, Entry)>> {
        let unlinked = || match (from, to.seq.cmp(&from.seq)) {
            (Position::START, _) => Error::new(ErrorKind::CannotOpen, "the log does not lead to its head"),
            (_, Ordering::Less) => {
                Error::new(ErrorKind::Rollback, "storage shows an older state than this device has seen")
            }
            (_, Ordering::Equal) => {
                Error::new(ErrorKind::Rollback, "storage shows a state beside the one that this device has seen")
            }
            (_, Ordering::Greater) => {
                Error::new(ErrorKind::Rollback, "the log does not lead from what this device has seen to its head")
            }
        };
        let mut entries = Vec::new();
        let mut last = from;
        while last.seq < to.seq {
            let mut query = Query::new(Collection::Log, []);
            query.after = Some(vec![CloudValue::U64(last.seq)]);
            query.limit = ENTRIES_A_PAGE;
            let page = self.store.query(&query).await?;
            if page.records.is_empty() {
                return Err(unlinked());
            }
            for record in page.records {
                let seq = last.seq + 1;
                let Some(CloudValue::Sealed(sealed)) = record.field(Field::Entry) else {
                    return Err(unlinked());
                };
                if record.key != key::entry(seq) {
                    return Err(unlinked());
                }
                let payload =
                    log::open_entry(sealed, &self.purpose, &self.cloud, seq, &last.hash).map_err(|_| unlinked())?;
                let entry: Entry = json::decode(&payload)?;
                entry.check()?;
                last = Position { seq, hash: log::entry_hash(&self.cloud, seq, &last.hash, sealed) };
                entries.push((last, entry));
                if seq == to.seq {
                    break;
                }
            }
        }
        // The head is signed, so this makes every entry the owner's. It also refuses a head that lies behind or beside `from`.
        if last != to { Err(unlinked()) } else { Ok(entries) }
    }

    /// All records of a partition as storage has them: nothing of it is verified but that it ends.
    async fn query(&self, collection: Collection, partition: &[CloudValue]) -> Result<Vec<Record<CloudSchema>>> {
        let disordered = || Error::new(ErrorKind::CannotOpen, "storage lists records out of order");
        let mut records: Vec<Record<CloudSchema>> = Vec::new();
        let mut query = Query::new(collection, partition);
        loop {
            let page = self.store.query(&query).await?;
            for record in page.records {
                let ascends = records.last().is_none_or(|last| last.key.sort_bytes() < record.key.sort_bytes());
                if !ascends || record.key.collection != collection || record.key.partition != partition {
                    return Err(disordered());
                }
                records.push(record);
            }
            let Some(next) = page.next else { return Ok(records) };
            let before = query.after_bytes();
            query.after = Some(next);
            if query.after_bytes() <= before {
                return Err(disordered());
            }
        }
    }

    /// What to say of a record that is not the log's latest: whether it once was decides.
    async fn refused(&self, name: &[u8], hash: Option<Hash>) -> Result<Error> {
        let Some(hash) = hash else {
            return Ok(Error::new(ErrorKind::Rollback, "storage has lost a record that this device knows of"));
        };
        let position = self.state.lock().await.index.position();
        let once = self
            .walk(Position::START, position)
            .await?
            .iter()
            .any(|(_, entry)| entry.records().any(|(key, written)| key == name && written == Some(hash)));
        Ok(match once {
            true => Error::new(ErrorKind::Rollback, "storage shows an older record than this device has seen"),
            false => Error::new(ErrorKind::CannotOpen, "storage shows a record that the owner did not write"),
        })
    }

    fn open_index(&self, bytes: Vec<u8>) -> Result<Index> {
        let payload = Sealed::from_received(bytes)
            .and_then(|sealed| self.purpose.open_local(&sealed, INDEX, &self.cloud))
            .map_err(|error| {
                let context = "this device's memory of the cloud cannot be opened";
                Error::with_source(ErrorKind::CannotOpen, context, error)
            })?;
        Index::from_payload(&payload)
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
        let sealed = self.purpose.seal_local(INDEX, &self.cloud, &state.index.to_payload())?.into_bytes();
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
/// How often a record is read that other devices change meanwhile.
const READS: u32 = 8;
/// Entries hold at most a transaction's keys and hashes: some 15 KB.
const ENTRIES_A_PAGE: usize = 200;

fn hash_of(record: &Record<CloudSchema>) -> Hash {
    Hash::of(&record.to_bytes())
}

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
