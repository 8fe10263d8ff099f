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

#[cfg(test)]
mod tests {
    use imegha_crypto::Id;

    use super::*;
    use crate::schema::{CloudSchema, CloudValue, Collection, Field};

    type K = Key<CloudSchema>;

    fn node() -> Record<CloudSchema> {
        let key = K::new(Collection::Node, [CloudValue::Id(Id::from_bytes([0xab; 16]))], [CloudValue::U64(1)]);
        Record::new(key).with(Field::Parent, CloudValue::Id(Id::from_bytes([0xcd; 16])))
    }

    /// The item of `node`, as hex.
    fn shown(prefix: &str) -> Vec<(String, String)> {
        let item = from_record(prefix, &node()).unwrap();
        let mut shown: Vec<_> =
            item.keys().map(|name| (name.clone(), hex::encode(attribute(&item, name).unwrap()))).collect();
        shown.sort();
        shown
    }

    #[test]
    fn an_item_is_as_it_is_written_down() {
        let (id, parent) = ("ab".repeat(16), "cd".repeat(16));
        let mut expected = [
            ("parent".to_owned(), format!("01{parent}")),
            ("pk".to_owned(), format!("6e6f646500010010{id}")),
            ("sk".to_owned(), "0200080000000000000001".to_owned()),
        ];
        assert_eq!(shown(""), expected);
        expected[1].1 = format!("6d696e652f6e6f646500010010{id}");
        assert_eq!(shown("mine/"), expected);
    }

    #[test]
    fn a_place_without_parts_is_one_byte() {
        let record = Record::<CloudSchema>::new(K::new(Collection::Nonce, [], []));
        let item = from_record("", &record).unwrap();
        assert_eq!(attribute(&item, SORT).unwrap(), [0]);
        assert_eq!(to_record("", &item).unwrap(), record);
    }

    #[test]
    fn a_record_comes_back_and_nothing_else_does() {
        let item = from_record("mine/", &node()).unwrap();
        assert_eq!(to_record("mine/", &item).unwrap(), node());
        let refused = |item: &Item| to_record::<CloudSchema>("mine/", item).unwrap_err().kind();
        assert_eq!(to_record::<CloudSchema>("yours/", &item).unwrap_err().kind(), ErrorKind::Malformed);
        for missing in [PARTITION, SORT] {
            let mut item = item.clone();
            item.remove(missing);
            assert_eq!(refused(&item), ErrorKind::Malformed);
        }
        for (name, value) in [
            ("parent", bytes(vec![])),
            ("parent", bytes(vec![1; 16])),
            ("parent", bytes(vec![99; 17])),
            ("parent", AttributeValue::S("a name".to_owned())),
            ("unheard_of", bytes(vec![1; 17])),
            (SORT, bytes(vec![0, 0])),
        ] {
            let mut item = item.clone();
            item.insert(name.to_owned(), value);
            assert_eq!(refused(&item), ErrorKind::Malformed, "{name}");
        }
    }

    #[test]
    fn no_field_is_named_like_a_key() {
        assert!(Field::ALL.iter().all(|field| ![PARTITION, SORT].contains(&field.name())));
    }

    #[test]
    fn an_item_is_no_longer_than_its_record() {
        let record = node();
        let item = from_record("", &record).unwrap();
        let len: usize = item.keys().map(|name| name.len() + attribute(&item, name).unwrap().len()).sum();
        assert!(len <= record.to_bytes().len());
        // With the longest prefix, what the traits take is below what DynamoDB does.
        const { assert!(crate::backend::records::MAX_RECORD_LEN + 32 < 400_000) };
    }
}
