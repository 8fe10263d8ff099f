//! Log and records of a cloud, copied to another place.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use imegha_crypto::{Hash, Id};

use super::{MigrateProgress, Migrated, elsewhere};
use crate::backend::records::MAX_KEYS;
use crate::backend::{Condition, ObjectName, Query, Record, Write};
use crate::client::retry::{Attempts, persist};
use crate::client::{Cloud, MemoryDevice, Owners, Store, Watch};
use crate::error::{Error, ErrorKind, Result};
use crate::files::fields::Fields;
use crate::files::named_objects;
use crate::log::{Head, Log, Position, key};
use crate::schema::{CloudSchema, CloudValue, Collection, Field};

/// What a place holds before anything is copied to it.
pub(super) enum Found {
    /// No head: nothing, or what an earlier run copied.
    Nothing,
    /// An older state of the same cloud, which has left from there.
    Older,
    /// This cloud, with all that the source has: it has arrived.
    Arrived(Cloud),
}

/// A run of [`Cloud::migrate`].
pub(super) struct Copying<'a> {
    pub(super) from: &'a Cloud,
    pub(super) to: &'a Store,
    pub(super) progress: &'a (dyn Fn(MigrateProgress) + Send + Sync),
    /// The head that the new place has, if any.
    head: Option<Hash>,
    /// Whether there may be records that this run has not put there.
    used: bool,
    /// The records that are in the new place, as the log's bytes of their keys and their hashes.
    there: BTreeMap<Vec<u8>, Hash>,
    /// The objects that each of these records names.
    named: BTreeMap<Vec<u8>, Vec<(ObjectName, u64)>>,
    pub(super) objects_there: Option<BTreeMap<ObjectName, u64>>,
    pub(super) copied: Copied,
}

/// What a run has copied.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Copied {
    records: u64,
    pub(super) objects: u64,
    pub(super) bytes: u64,
}

impl<'a> Copying<'a> {
    pub(super) fn new(from: &'a Cloud, to: &'a Store, progress: &'a (dyn Fn(MigrateProgress) + Send + Sync)) -> Self {
        Self {
            from,
            to,
            progress,
            head: None,
            used: false,
            there: BTreeMap::new(),
            named: BTreeMap::new(),
            objects_there: None,
            copied: Copied::default(),
        }
    }

    pub(super) fn arrived(&self, cloud: Cloud) -> Migrated {
        let Copied { records, objects, bytes } = self.copied;
        Migrated { cloud, records, objects, bytes }
    }

    /// Says what is there, and refuses what is not to be written over.
    pub(super) async fn look(&mut self) -> Result<Found> {
        let other = || {
            Error::new(ErrorKind::AlreadyExists, "there is another cloud in that storage, or another state of this one")
        };
        let Some(head) = self.to.get(&key::head()).await? else {
            let own = self.to.get(&key::cloud()).await?;
            return if own.is_none() { Ok(Found::Nothing) } else { Err(other()) };
        };
        // As a device sees it that has never been there: what this one remembers is of the old place.
        let store = Store { device: std::sync::Arc::new(MemoryDevice::new()), ..self.to.clone() };
        let keys = self.from.keys().clone().with_cloud(self.from.id());
        let there = match Cloud::open(keys, store).await {
            Err(error) if matches!(error.kind(), ErrorKind::CannotOpen | ErrorKind::NotFound | ErrorKind::Rollback) => {
                return Err(other());
            }
            there => there?,
        };
        let (ours, theirs) = (self.from.log().refresh().await?, there.log().position().await);
        self.head = Some(*Fields(&head).hash(Field::Hash)?);
        self.used = true;
        match there.left_for().await? {
            // It takes changes. Then it must be the one that this cloud has left for.
            None if self.from.left_for().await?.is_some() && leads_through(there.log(), ours).await? => {
                Ok(Found::Arrived(Cloud::open(self.from.keys().clone(), self.to.clone()).await?))
            }
            Some(_) if leads_through(self.from.log(), theirs).await? => Ok(Found::Older),
            _ => Err(other()),
        }
    }

    /// What this copy is called: an id that lies beside it until the cloud has arrived. A cloud that has left already needs the one that
    /// it has left for: then none is made.
    pub(super) async fn ticket(&mut self, left_for: Option<Id>) -> Result<Id> {
        for _ in 0..TRIES {
            if let Some(record) = self.to.get(&key::ticket()).await? {
                let fields = Fields(&record);
                if fields.id(Field::CloudId)? != self.from.id() {
                    return Err(Error::new(ErrorKind::AlreadyExists, "another cloud is being moved to that storage"));
                }
                self.used = true;
                return fields.id(Field::Moved);
            }
            if left_for.is_some() {
                return Err(elsewhere());
            }
            let record = Record::new(key::ticket())
                .with(Field::CloudId, CloudValue::Id(self.from.id()))
                .with(Field::Moved, CloudValue::Id(Id::generate()?));
            match self.write(&[Write::Put(record, Condition::Absent)]).await {
                Err(error) if error.kind() != ErrorKind::Conflict => return Err(error),
                // Whoever was first, the next look says what it is called.
                _ => {}
            }
        }
        Err(Error::new(ErrorKind::Conflict, "others write to that storage meanwhile"))
    }

    /// Copies everything up to a place of the log, but for the head and the cloud's own record; then looks at all of it.
    pub(super) async fn copy(&mut self, upto: Position) -> Result<()> {
        if self.from.log().has_unknown().await? {
            return Err(Error::new(
                ErrorKind::Version,
                "a later version keeps records here that this one does not know",
            ));
        }
        self.copy_log(upto).await?;
        let gone = self.walk(upto).await?;
        self.remove(gone).await?;
        let mut tries = 1;
        while self.copy_records().await? > 0 {
            if tries == TRIES {
                return Err(Error::new(ErrorKind::CannotOpen, "the new place does not show what was copied to it"));
            }
            tries += 1;
        }
        self.copy_objects().await
    }

    /// The objects that the records name, with their lengths.
    pub(super) fn named(&self) -> BTreeMap<ObjectName, u64> {
        self.named.values().flatten().copied().collect()
    }

    /// Puts the cloud's own record and the head that `upto` is. With them it is a cloud that opens, and has left.
    pub(super) async fn put_head(&mut self, upto: Position) -> Result<()> {
        let moved = || Error::new(ErrorKind::Conflict, "the log has gone on meanwhile");
        let head = self.from.store().get(&key::head()).await?.ok_or_else(moved)?;
        let keys = self.from.keys();
        if Head::open(&head, &Owners::of(keys), &self.from.id())?.0.position != upto {
            return Err(moved());
        }
        if self.head == Some(upto.hash) {
            return Ok(());
        }
        let own = self.from.cloud_record().await?;
        let condition = match self.head {
            None => Condition::Absent,
            Some(hash) => Condition::Equals(Field::Hash, CloudValue::Hash(hash)),
        };
        match self.write(&[Write::Put(own, Condition::None), Write::Put(head, condition)]).await {
            // An attempt before this, or another run, has done it.
            Err(error) if error.kind() == ErrorKind::Conflict => {
                let there = self.to.get(&key::head()).await?;
                let same = there.is_some_and(|there| Fields(&there).hash(Field::Hash).ok() == Some(&upto.hash));
                if same { Ok(()) } else { Err(error) }
            }
            written => written,
        }
    }

    /// Copies the entries that are not there. They are put in order, so that what is there is a beginning of the log.
    async fn copy_log(&mut self, upto: Position) -> Result<()> {
        let mut last = self.last_entry().await?;
        if last > upto.seq {
            return Err(Error::new(ErrorKind::AlreadyExists, "the log in that storage has gone on without this cloud"));
        }
        while last < upto.seq {
            let mut query = Query::new(Collection::Log, []);
            query.after = Some(vec![CloudValue::U64(last)]);
            query.limit = usize::try_from(upto.seq - last).unwrap_or(MOST_WRITES).min(MOST_WRITES);
            let page = self.from.store().query(&query).await?.records;
            let missing = || Error::new(ErrorKind::CannotOpen, "the log does not lead to its head");
            if page.is_empty() || (last + 1..).zip(&page).any(|(seq, record)| record.key != key::entry(seq)) {
                return Err(missing());
            }
            let writes: Vec<_> = page.into_iter().map(|record| Write::Put(record, Condition::Absent)).collect();
            let before = last;
            match self.write(&writes).await {
                Ok(()) => {
                    self.copied.records += writes.len() as u64;
                    last += writes.len() as u64;
                }
                // They may be there: from an attempt whose answer was lost, or from another run.
                Err(error) if error.kind() == ErrorKind::Conflict => {
                    last = self.last_entry().await?;
                    if last <= before {
                        return Err(error);
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn last_entry(&self) -> Result<u64> {
        let mut query = Query::new(Collection::Log, []);
        (query.descending, query.limit) = (true, 1);
        let page = self.to.query(&query).await?.records;
        Ok(match page.first().map(|record| &record.key.sort[..]) {
            Some([CloudValue::U64(seq)]) => *seq,
            _ => 0,
        })
    }

    /// Reads the copied log from its first entry to `upto`, which it must lead to, and gives the keys of records that were once and
    /// are not any more.
    async fn walk(&self, upto: Position) -> Result<BTreeSet<Vec<u8>>> {
        let log = Log::new(self.from.id(), self.from.keys(), self.to);
        let mut way = log.way(Position::START, upto);
        let mut gone = BTreeSet::new();
        while let Some(page) = way.next().await? {
            for (name, hash) in page.iter().flat_map(|(_, entry)| entry.records()) {
                match hash {
                    Some(_) => gone.remove(name),
                    None => gone.insert(name.to_vec()),
                };
            }
        }
        Ok(gone)
    }

    /// Removes what is not there any more in the source.
    async fn remove(&mut self, gone: BTreeSet<Vec<u8>>) -> Result<()> {
        let doubtful = |name: &Vec<u8>| self.used || self.there.contains_key(name);
        let names: Vec<_> = gone.into_iter().filter(|name| doubtful(name)).collect();
        for names in names.chunks(MOST_WRITES) {
            let keys = names.iter().map(|name| key::known(name)).collect::<Result<Vec<_>>>()?;
            // The ticket goes when the cloud has arrived.
            let writes = keys.into_iter().filter(|key| *key != key::ticket());
            let writes: Vec<_> = writes.map(|key| Write::Delete(key, Condition::None)).collect();
            if !writes.is_empty() {
                self.write(&writes).await?;
            }
            for name in names {
                self.there.remove(name);
                self.named.remove(name);
            }
        }
        Ok(())
    }

    /// Copies the records whose latest hash is not known to be there, and says how many. What this run has put is read back by the next
    /// call: only what the place has shown counts as there.
    async fn copy_records(&mut self) -> Result<u64> {
        let own = key::cloud().to_bytes();
        let mut wanted = Vec::new();
        for partition in self.from.log().partitions().await? {
            let new = |(name, hash): &(Vec<u8>, Hash)| *name != own && self.there.get(name) != Some(hash);
            wanted.extend(partition.records.into_iter().filter(new));
        }
        // A few batches at a time: of a record that is there only its hash stays, and what it names.
        let to = self.to;
        let shown = stream::iter(wanted).chunks(MAX_KEYS).map(|batch| async move {
            let keys = batch.iter().map(|(name, _)| key::known(name)).collect::<Result<Vec<_>>>()?;
            let shown = to.get_all(&keys).await?;
            Ok::<_, Error>(batch.into_iter().zip(keys).zip(shown))
        });
        let mut shown = std::pin::pin!(shown.buffered(AT_ONCE));
        let mut missing = Vec::new();
        while let Some(batch) = shown.try_next().await? {
            for (((name, hash), key), shown) in batch {
                match shown.filter(|record| Hash::of(&record.to_bytes()) == hash) {
                    Some(record) => {
                        self.named.insert(name.clone(), named_objects(&record));
                        self.there.insert(name, hash);
                    }
                    None => missing.push(key),
                }
            }
        }
        let count = missing.len() as u64;
        for keys in missing.chunks(MOST_WRITES) {
            let log = self.from.log();
            let read = stream::iter(keys.to_vec()).map(|key| async move { log.read(&key).await });
            let read: Vec<Option<Record<_>>> = read.buffered(AT_ONCE).try_collect().await?;
            // One that is gone by now was removed by somebody since: the log will say so in the next round.
            let (mut writes, mut bytes) = (Vec::new(), 0);
            for record in read.into_iter().flatten() {
                let len = record.to_bytes().len();
                if !writes.is_empty() && bytes + len > MOST_BYTES {
                    self.write(&std::mem::take(&mut writes)).await?;
                    bytes = 0;
                }
                bytes += len;
                writes.push(Write::Put(record, Condition::None));
            }
            if !writes.is_empty() {
                self.write(&writes).await?;
            }
        }
        self.copied.records += count;
        Ok(count)
    }

    /// Writes to the new place, again for a while when there is no answer: the same writes twice are the same, or meet their own doing.
    async fn write(&self, writes: &[Write<CloudSchema>]) -> Result<()> {
        let attempts = Attempts::at_network(&self.to.clock);
        persist(attempts, &Watch::default(), |_| self.to.records.transact(writes)).await
    }
}

/// Whether a log has that place on its way.
async fn leads_through(log: &Log, place: Position) -> Result<bool> {
    let mut way = log.whole().await;
    while let Some(page) = way.next().await? {
        if page.iter().any(|(position, _)| *position == place) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Writes of one transaction: a gateway adds one of its own.
const MOST_WRITES: usize = 64;
/// And their bytes, so that a gateway passes them on whatever it stands on.
const MOST_BYTES: usize = 1024 * 1024;
/// Requests under way at a time.
const AT_ONCE: usize = 8;
/// How often is tried what others may disturb.
const TRIES: u32 = 5;
