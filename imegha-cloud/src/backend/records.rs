//! Records: small typed rows under ordered keys, written by all-or-nothing transactions.

use std::collections::BTreeMap;
use std::fmt::Debug;

use async_trait::async_trait;

use super::schema::{Name, Schema, Value};
use crate::error::Result;

/// A store of records, shaped like one DynamoDB table.
///
/// Implementations are linearizable: a read that starts after a write was acknowledged sees it.
/// A behaviour that the conformance suite does not test does not exist.
#[async_trait]
pub trait RecordStore<S: Schema>: Send + Sync + Debug {
    /// The record under `key`, if there is one.
    async fn get(&self, key: &Key<S>) -> Result<Option<Record<S>>>;

    /// One page of a partition in the order of its sort keys.
    async fn query(&self, query: &Query<S>) -> Result<Page<S>>;

    /// All of `writes`, or none.
    ///
    /// # Errors
    /// `Conflict` when a condition does not hold; `Malformed` for no write, more than [`MAX_WRITES`],
    /// or two writes of one key; `StorageFull` when there is no room. Nothing is written then.
    async fn transact(&self, writes: &[Write<S>]) -> Result<()>;
}

/// The most writes of one transaction, as DynamoDB has it.
pub const MAX_WRITES: usize = 100;

/// The most bytes of one record, keys and names counted: below DynamoDB's 400 KB.
pub const MAX_RECORD_LEN: usize = 380 * 1024;

/// The most records of one page.
pub const MAX_PAGE: usize = 1_000;

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
    /// At most so many, 1 to [`MAX_PAGE`].
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
}

/// One page of records.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<S: Schema> {
    /// The records, in order.
    pub records: Vec<Record<S>>,
    /// Where the next page begins, if there may be one.
    pub next: Option<Vec<S::Value>>,
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
