//! How a record is an item of a table: `RECORDS.md`, section 7.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::backend::records::{Key, MAX_PARTITION_LEN, Record};
use crate::backend::schema::{Name as _, Schema, Value};
use crate::error::{Error, ErrorKind, Result};

/// An item, or its key alone.
pub(super) type Item = HashMap<String, AttributeValue>;

/// The attribute of the partition key.
pub(super) const PARTITION: &str = "pk";
/// The attribute of the sort key.
pub(super) const SORT: &str = "sk";

/// The key of a record.
pub(super) fn key<S: Schema>(prefix: &str, key: &Key<S>) -> Result<Item> {
    place(prefix, key.partition_bytes(), key.sort_bytes())
}

/// The key of what is, or would be, at a place.
pub(super) fn place(prefix: &str, partition: Vec<u8>, sort: Vec<u8>) -> Result<Item> {
    let partition = partition_value(prefix, partition)?;
    Ok(HashMap::from([(PARTITION.to_owned(), partition), (SORT.to_owned(), sort_value(sort))]))
}

/// The partition key of a partition.
pub(super) fn partition_value(prefix: &str, partition: Vec<u8>) -> Result<AttributeValue> {
    let partition = [prefix.as_bytes(), &partition].concat();
    if partition.len() > MAX_PARTITION_LEN {
        return Err(Error::new(ErrorKind::Malformed, "a key is too long"));
    }
    Ok(bytes(partition))
}

/// A record as an item.
pub(super) fn from_record<S: Schema>(prefix: &str, record: &Record<S>) -> Result<Item> {
    let mut item = key(prefix, &record.key)?;
    for (field, field_value) in &record.fields {
        debug_assert!(![PARTITION, SORT].contains(&field.name()), "a field is named like a key of the table");
        item.insert(field.name().to_owned(), value(field_value));
    }
    Ok(item)
}

/// The record that an item is, of a partition as it was asked for.
pub(super) fn to_record<S: Schema>(prefix: &str, item: &Item) -> Result<Record<S>> {
    let partition = attribute(item, PARTITION)?.strip_prefix(prefix.as_bytes()).ok_or_else(malformed)?;
    let sort = match attribute(item, SORT)? {
        NOWHERE => &[],
        sort => sort,
    };
    let mut record = Record::new(Key::from_parts(partition, sort)?);
    for name in item.keys().filter(|name| ![PARTITION, SORT].contains(&name.as_str())) {
        let field = S::Field::from_name(name).ok_or_else(malformed)?;
        let (tag, value) = attribute(item, name)?.split_first().ok_or_else(malformed)?;
        record.fields.insert(field, S::Value::from_bytes(*tag, value)?);
    }
    Ok(record)
}

/// A value as an attribute: its tag, then its bytes.
pub(super) fn value<V: Value>(value: &V) -> AttributeValue {
    let mut out = vec![value.tag()];
    out.extend(value.to_bytes());
    bytes(out)
}

fn sort_value(sort: Vec<u8>) -> AttributeValue {
    bytes(if sort.is_empty() { NOWHERE.to_vec() } else { sort })
}

fn attribute<'a>(item: &'a Item, name: &str) -> Result<&'a [u8]> {
    match item.get(name) {
        Some(AttributeValue::B(bytes)) => Ok(bytes.as_ref()),
        _ => Err(malformed()),
    }
}

fn bytes(bytes: Vec<u8>) -> AttributeValue {
    AttributeValue::B(Blob::new(bytes))
}

fn malformed() -> Error {
    Error::new(ErrorKind::Malformed, "not a record of this store")
}

/// The sort key of a record whose place has no parts: DynamoDB takes no empty one. Every other begins with a part, which
/// has three bytes or more, so this one is nobody else's and comes first.
const NOWHERE: &[u8] = &[0];
