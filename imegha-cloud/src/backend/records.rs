//! Records: small typed rows under ordered keys, written by all-or-nothing transactions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use async_trait::async_trait;

use super::schema::{Name, Schema, Value};
use crate::error::{Error, ErrorKind, Result};

/// A store of records, shaped like one DynamoDB table.
///
/// Implementations are linearizable: a read that starts after a write was acknowledged sees it.
/// A behaviour that the conformance suite does not test does not exist.
#[async_trait]
pub trait RecordStore<S: Schema>: Send + Sync + Debug {
    /// The record under `key`, if there is one.
    async fn get(&self, key: &Key<S>) -> Result<Option<Record<S>>>;

    /// The records under several keys, in the order of the keys. Each is what [`get`](Self::get) could have given meanwhile; they
    /// need not be of one moment.
    ///
    /// As it stands here it asks for one after the other; a backend that can asks once.
    ///
    /// # Errors
    /// `Malformed` for what [`check_keys`] refuses.
    async fn get_all(&self, keys: &[Key<S>]) -> Result<Vec<Option<Record<S>>>> {
        check_keys(keys)?;
        let mut records = Vec::with_capacity(keys.len());
        for key in keys {
            records.push(self.get(key).await?);
        }
        Ok(records)
    }

    /// One page of a partition in the order of its sort keys.
    async fn query(&self, query: &Query<S>) -> Result<Page<S>>;

    /// All of `writes`, or none.
    ///
    /// # Errors
    /// `Conflict` when a condition does not hold, and [`Error::failed_write`] says which is the first;
    /// `Malformed` for what [`check_writes`] refuses; `StorageFull` when there is no room. Nothing is written then.
    async fn transact(&self, writes: &[Write<S>]) -> Result<()>;
}

/// The most keys of one [`RecordStore::get_all`]: their records are as long as a transaction's at most.
pub const MAX_KEYS: usize = 10;

/// The most writes of one transaction, as DynamoDB has it.
pub const MAX_WRITES: usize = 100;

/// The most bytes of one record, keys and names counted: below DynamoDB's 400 KB.
pub const MAX_RECORD_LEN: usize = 380 * 1024;

/// The most bytes of one transaction's records: below the 4 MB of DynamoDB.
pub const MAX_TRANSACTION_LEN: usize = 4_000_000;

/// The most bytes of a key's partition, as DynamoDB has it.
pub const MAX_PARTITION_LEN: usize = 2_048;

/// The most bytes of a key's place in its partition, as DynamoDB has it.
pub const MAX_SORT_LEN: usize = 1_024;

/// The most records of one page.
pub const MAX_PAGE: usize = 1_000;

/// A page ends before the record that would make it longer than this, whatever its limit: as DynamoDB has it.
/// A single record is a page all the same.
pub const MAX_PAGE_LEN: usize = 1024 * 1024;

/// Checks what [`RecordStore::get_all`] refuses before it looks at what is stored.
///
/// # Errors
/// `Malformed` for no key, more than [`MAX_KEYS`], one that is there twice, and what [`Key::check`] refuses.
pub fn check_keys<S: Schema>(keys: &[Key<S>]) -> Result<()> {
    if keys.is_empty() || keys.len() > MAX_KEYS {
        return Err(Error::new(ErrorKind::Malformed, "1 to 10 records are read at once"));
    }
    let mut places = BTreeSet::new();
    for key in keys {
        key.check()?;
        if !places.insert((key.partition_bytes(), key.sort_bytes())) {
            return Err(Error::new(ErrorKind::Malformed, "a record is read once at a time"));
        }
    }
    Ok(())
}

/// Checks what every backend refuses before it looks at what is stored.
///
/// # Errors
/// `Malformed` for no write, more than [`MAX_WRITES`], two writes of one key, and what is longer than
/// [`MAX_RECORD_LEN`], [`MAX_TRANSACTION_LEN`], [`MAX_PARTITION_LEN`] or [`MAX_SORT_LEN`].
pub fn check_writes<S: Schema>(writes: &[Write<S>]) -> Result<()> {
    if writes.is_empty() || writes.len() > MAX_WRITES {
        return Err(Error::new(ErrorKind::Malformed, "a transaction has 1 to 100 writes"));
    }
    let mut keys = BTreeSet::new();
    let mut total = 0;
    for write in writes {
        let key = write.key();
        key.check()?;
        if !keys.insert((key.partition_bytes(), key.sort_bytes())) {
            return Err(Error::new(ErrorKind::Malformed, "a transaction writes a key once"));
        }
        if let Write::Put(record, _) = write {
            let len = record.to_bytes().len();
            total += len;
            if len > MAX_RECORD_LEN {
                return Err(Error::new(ErrorKind::Malformed, "a record is too long"));
            }
        }
    }
    if total > MAX_TRANSACTION_LEN {
        return Err(Error::new(ErrorKind::Malformed, "a transaction is too long"));
    }
    Ok(())
}

/// Where a record stands: a collection, the parts of its partition, the parts of its place in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Key<S: Schema> {
    /// The kind of record.
    pub collection: S::Collection,
    /// What is queried together.
    pub partition: Vec<S::Value>,
    /// The place within the partition; compared part by part as [`Key::sort_bytes`] orders it.
    pub sort: Vec<S::Value>,
}

impl<S: Schema> Key<S> {
    /// A key from its parts.
    pub fn new(collection: S::Collection, partition: impl Into<Vec<S::Value>>, sort: impl Into<Vec<S::Value>>) -> Self {
        Self { collection, partition: partition.into(), sort: sort.into() }
    }

    /// The partition as bytes: the collection's name, a zero byte, then `tag || u16 length || bytes` of each part.
    pub fn partition_bytes(&self) -> Vec<u8> {
        partition_bytes::<S>(self.collection, &self.partition)
    }

    /// The place in the partition as bytes: `tag || u16 length || bytes` of each part. Integers sort by size.
    pub fn sort_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        join(&mut out, &self.sort);
        out
    }

    /// Both, unambiguously joined: `u16 length || partition || sort`. What the log names a record by.
    pub fn to_bytes(&self) -> Vec<u8> {
        let partition = self.partition_bytes();
        let mut out = (partition.len() as u16).to_be_bytes().to_vec();
        out.extend(partition);
        out.extend(self.sort_bytes());
        out
    }

    /// Reads what [`Key::partition_bytes`] and [`Key::sort_bytes`] wrote.
    ///
    /// # Errors
    /// `Malformed` for an unknown collection, an unknown value, and bytes left over.
    pub fn from_parts(partition: &[u8], sort: &[u8]) -> Result<Self> {
        let end = partition.iter().position(|byte| *byte == 0).ok_or_else(malformed)?;
        let name = std::str::from_utf8(&partition[..end]).map_err(|_| malformed())?;
        Ok(Self {
            collection: S::Collection::from_name(name).ok_or_else(malformed)?,
            partition: split(&partition[end + 1..])?,
            sort: split(sort)?,
        })
    }

    /// Checks the lengths that every backend refuses.
    ///
    /// # Errors
    /// `Malformed` past [`MAX_PARTITION_LEN`] or [`MAX_SORT_LEN`].
    pub fn check(&self) -> Result<()> {
        check_lengths(&self.partition_bytes(), &self.sort_bytes())
    }
}

/// The fields of a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Record<S: Schema> {
    /// Where it stands.
    pub key: Key<S>,
    /// Its values by field.
    pub fields: BTreeMap<S::Field, S::Value>,
}

impl<S: Schema> Record<S> {
    /// A record without fields.
    pub fn new(key: Key<S>) -> Self {
        Self { key, fields: BTreeMap::new() }
    }

    /// The same with one field set.
    #[must_use]
    pub fn with(mut self, field: S::Field, value: S::Value) -> Self {
        self.fields.insert(field, value);
        self
    }

    /// The value of a field.
    pub fn field(&self, field: S::Field) -> Option<&S::Value> {
        self.fields.get(&field)
    }

    /// The record as bytes, the same on every backend: the key's bytes behind their u32 length, then each field in
    /// the order of its stored name as `u8 length || name || tag || u32 length || bytes`. What the log hashes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let key = self.key.to_bytes();
        let mut out = (key.len() as u32).to_be_bytes().to_vec();
        out.extend(key);
        out.extend(self.fields_to_bytes());
        out
    }

    /// The fields alone, in the form that they have in [`Record::to_bytes`].
    pub fn fields_to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut fields: Vec<_> = self.fields.iter().map(|(field, value)| (field.name(), value)).collect();
        fields.sort_by_key(|(name, _)| *name);
        for (name, value) in fields {
            out.push(name.len() as u8);
            out.extend(name.as_bytes());
            out.push(value.tag());
            let bytes = value.to_bytes();
            out.extend((bytes.len() as u32).to_be_bytes());
            out.extend(bytes);
        }
        out
    }

    /// Reads what [`Record::fields_to_bytes`] wrote.
    ///
    /// # Errors
    /// `Malformed` for an unknown field or value, one that is there twice, and bytes that are cut.
    pub fn from_key_and_fields(key: Key<S>, mut bytes: &[u8]) -> Result<Self> {
        let mut record = Self::new(key);
        while !bytes.is_empty() {
            let [name_len] = take(&mut bytes)?;
            let name = std::str::from_utf8(take_slice(&mut bytes, name_len.into())?).map_err(|_| malformed())?;
            let field = S::Field::from_name(name).ok_or_else(malformed)?;
            let [tag] = take(&mut bytes)?;
            let len = u32::from_be_bytes(take(&mut bytes)?);
            let value = S::Value::from_bytes(tag, take_slice(&mut bytes, len as usize)?)?;
            if record.fields.insert(field, value).is_some() {
                return Err(malformed());
            }
        }
        Ok(record)
    }
}

/// What must hold of the record that is there for a write to happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition<S: Schema> {
    /// Anything.
    None,
    /// No record under the key.
    Absent,
    /// Some record under the key.
    Present,
    /// A record under the key whose field has that value.
    Equals(S::Field, S::Value),
}

impl<S: Schema> Condition<S> {
    /// Whether it holds of the record that is there, if there is one.
    pub fn holds(&self, there: Option<&Record<S>>) -> bool {
        match self {
            Self::None => true,
            Self::Absent => there.is_none(),
            Self::Present => there.is_some(),
            Self::Equals(field, value) => there.is_some_and(|record| record.field(*field) == Some(value)),
        }
    }
}

/// One write of a transaction.
#[derive(Clone, Debug, PartialEq)]
pub enum Write<S: Schema> {
    /// Puts a record in place of whatever is there.
    Put(Record<S>, Condition<S>),
    /// Removes a record; removing what is not there is no error unless the condition says so.
    Delete(Key<S>, Condition<S>),
    /// Writes nothing, and fails the transaction unless the condition holds.
    Check(Key<S>, Condition<S>),
}

impl<S: Schema> Write<S> {
    /// The key that is written or checked.
    pub fn key(&self) -> &Key<S> {
        match self {
            Self::Put(record, _) => &record.key,
            Self::Delete(key, _) | Self::Check(key, _) => key,
        }
    }

    /// The condition.
    pub fn condition(&self) -> &Condition<S> {
        match self {
            Self::Put(_, condition) | Self::Delete(_, condition) | Self::Check(_, condition) => condition,
        }
    }
}

/// Which records of a partition to read.
#[derive(Clone, Debug, PartialEq)]
pub struct Query<S: Schema> {
    /// The kind of record.
    pub collection: S::Collection,
    /// The partition.
    pub partition: Vec<S::Value>,
    /// Only what comes after this place (before it, when descending), exclusive. A page's `next` goes here.
    pub after: Option<Vec<S::Value>>,
    /// From the largest to the smallest.
    pub descending: bool,
    /// At most so many, 1 to [`MAX_PAGE`]; a page may be shorter (see [`MAX_PAGE_LEN`]) and still have a next one.
    pub limit: usize,
}

impl<S: Schema> Query<S> {
    /// The first page of a partition, ascending, of at most [`MAX_PAGE`] records.
    pub fn new(collection: S::Collection, partition: impl Into<Vec<S::Value>>) -> Self {
        Self { collection, partition: partition.into(), after: None, descending: false, limit: MAX_PAGE }
    }

    /// The partition as bytes, as in [`Key::partition_bytes`].
    pub fn partition_bytes(&self) -> Vec<u8> {
        partition_bytes::<S>(self.collection, &self.partition)
    }

    /// `after` as bytes, as in [`Key::sort_bytes`].
    pub fn after_bytes(&self) -> Option<Vec<u8>> {
        self.after.as_ref().map(|after| {
            let mut out = Vec::new();
            join(&mut out, after);
            out
        })
    }

    /// Checks the limit and the lengths that every backend refuses.
    ///
    /// # Errors
    /// `Malformed` for a limit of 0 or past [`MAX_PAGE`], and for keys that are too long.
    pub fn check(&self) -> Result<()> {
        if self.limit == 0 || self.limit > MAX_PAGE {
            return Err(Error::new(ErrorKind::Malformed, "a page has 1 to 1,000 records"));
        }
        check_lengths(&self.partition_bytes(), &self.after_bytes().unwrap_or_default())
    }
}

/// One page of records.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<S: Schema> {
    /// The records, in order.
    pub records: Vec<Record<S>>,
    /// Where the next page begins, if there may be one.
    pub next: Option<Vec<S::Value>>,
}

/// A page that a backend fills, record by record, until no more belongs on it.
#[derive(Debug)]
pub(crate) struct PageFilling<S: Schema> {
    records: Vec<Record<S>>,
    limit: usize,
    len: usize,
}

impl<S: Schema> PageFilling<S> {
    /// An empty page for at most `limit` records.
    pub(crate) fn new(limit: usize) -> Self {
        Self { records: Vec::new(), limit, len: 0 }
    }

    /// Whether it has as many records as were asked for: whatever comes next need not be looked at.
    pub(crate) fn is_full(&self) -> bool {
        self.records.len() == self.limit
    }

    /// Puts a record on the page, or says that it belongs on the next one.
    pub(crate) fn takes(&mut self, record: Record<S>) -> bool {
        self.len += record.to_bytes().len();
        let fits = !self.is_full() && (self.records.is_empty() || self.len <= MAX_PAGE_LEN);
        if fits {
            self.records.push(record);
        }
        fits
    }

    /// The page, and where the next one begins if there is `more`.
    pub(crate) fn finish(self, more: bool) -> Page<S> {
        let next = self.records.last().filter(|_| more).map(|last| last.key.sort.clone());
        Page { records: self.records, next }
    }
}

fn partition_bytes<S: Schema>(collection: S::Collection, partition: &[S::Value]) -> Vec<u8> {
    let mut out = collection.name().as_bytes().to_vec();
    out.push(0);
    join(&mut out, partition);
    out
}

fn join<V: Value>(out: &mut Vec<u8>, parts: &[V]) {
    for part in parts {
        let bytes = part.to_bytes();
        out.push(part.tag());
        out.extend((bytes.len() as u16).to_be_bytes());
        out.extend(bytes);
    }
}

fn split<V: Value>(mut bytes: &[u8]) -> Result<Vec<V>> {
    let mut parts = Vec::new();
    while !bytes.is_empty() {
        let [tag] = take(&mut bytes)?;
        let len = u16::from_be_bytes(take(&mut bytes)?);
        parts.push(V::from_bytes(tag, take_slice(&mut bytes, len.into())?)?);
    }
    Ok(parts)
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk().ok_or_else(malformed)?;
    *bytes = rest;
    Ok(*head)
}

fn take_slice<'a>(bytes: &mut &'a [u8], len: usize) -> Result<&'a [u8]> {
    let (head, rest) = bytes.split_at_checked(len).ok_or_else(malformed)?;
    *bytes = rest;
    Ok(head)
}

fn check_lengths(partition: &[u8], sort: &[u8]) -> Result<()> {
    if partition.len() > MAX_PARTITION_LEN || sort.len() > MAX_SORT_LEN {
        return Err(Error::new(ErrorKind::Malformed, "a key is too long"));
    }
    Ok(())
}

fn malformed() -> Error {
    Error::new(ErrorKind::Malformed, "not a record of this store")
}
