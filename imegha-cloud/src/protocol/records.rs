//! Records as JSON.

use serde::{Deserialize, Serialize};

use super::encoding::unique;
use super::{Base64Url, Decimal};
use crate::backend::{Condition, Key, Name, Page, Query, Record, Value, Write};
use crate::error::{Error, ErrorKind, Result};
use crate::schema::{CloudSchema, CloudValue, Collection, Field};

/// A value, by its kind: `{"u64": "7"}`, `{"sealed": "…"}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WireValue {
    /// An id.
    Id(Base64Url),
    /// A number.
    U64(Decimal),
    /// Milliseconds since 1970.
    Time(Decimal),
    /// A hash or a fingerprint.
    Hash(Base64Url),
    /// An Ed25519 signature.
    Signature(Base64Url),
    /// An Ed25519 public key.
    PublicKey(Base64Url),
    /// A salt: the name of an object.
    Salt(Base64Url),
    /// Something that only a key opens.
    Sealed(Base64Url),
    /// The two public keys of an identity, one after the other.
    Identity(Base64Url),
}

impl WireValue {
    fn of(value: &CloudValue) -> Self {
        let bytes = || Base64Url(value.to_bytes());
        match value {
            CloudValue::Id(_) => Self::Id(bytes()),
            CloudValue::U64(number) => Self::U64(Decimal(*number)),
            CloudValue::Time(ms) => Self::Time(Decimal(*ms)),
            CloudValue::Hash(_) => Self::Hash(bytes()),
            CloudValue::Signature(_) => Self::Signature(bytes()),
            CloudValue::PublicKey(_) => Self::PublicKey(bytes()),
            CloudValue::Salt(_) => Self::Salt(bytes()),
            CloudValue::Sealed(_) => Self::Sealed(bytes()),
            CloudValue::Identity(_) => Self::Identity(bytes()),
        }
    }

    fn into_value(self) -> Result<CloudValue> {
        match self {
            Self::Id(bytes) => CloudValue::from_bytes(1, &bytes.0),
            Self::U64(number) => Ok(CloudValue::U64(number.0)),
            Self::Time(ms) => Ok(CloudValue::Time(ms.0)),
            Self::Hash(bytes) => CloudValue::from_bytes(4, &bytes.0),
            Self::Signature(bytes) => CloudValue::from_bytes(5, &bytes.0),
            Self::PublicKey(bytes) => CloudValue::from_bytes(6, &bytes.0),
            Self::Salt(bytes) => CloudValue::from_bytes(7, &bytes.0),
            Self::Sealed(bytes) => CloudValue::from_bytes(8, &bytes.0),
            Self::Identity(bytes) => CloudValue::from_bytes(9, &bytes.0),
        }
    }
}

/// Where a record stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WireKey {
    /// The collection's name as it is stored.
    pub collection: String,
    /// The parts of its partition.
    pub partition: Vec<WireValue>,
    /// The parts of its place.
    pub sort: Vec<WireValue>,
}

impl WireKey {
    /// As it goes over the wire.
    pub fn of(key: &Key<CloudSchema>) -> Self {
        Self {
            collection: key.collection.name().to_owned(),
            partition: wire_values(&key.partition),
            sort: wire_values(&key.sort),
        }
    }

    /// As it comes from the wire.
    ///
    /// # Errors
    /// `Malformed` for an unknown collection and values that are none.
    pub fn into_key(self) -> Result<Key<CloudSchema>> {
        Ok(Key::new(collection(&self.collection)?, values(self.partition)?, values(self.sort)?))
    }
}

/// A record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WireRecord {
    /// Where it stands.
    pub key: WireKey,
    /// Its values by the stored names of its fields.
    #[serde(serialize_with = "members", deserialize_with = "unique")]
    pub fields: Vec<(String, WireValue)>,
}

impl WireRecord {
    /// As it goes over the wire.
    pub fn of(record: &Record<CloudSchema>) -> Self {
        let fields = record.fields.iter().map(|(field, value)| (field.name().to_owned(), WireValue::of(value)));
        Self { key: WireKey::of(&record.key), fields: fields.collect() }
    }

    /// As it comes from the wire.
    ///
    /// # Errors
    /// `Malformed` for unknown names and values that are none.
    pub fn into_record(self) -> Result<Record<CloudSchema>> {
        let mut record = Record::new(self.key.into_key()?);
        for (name, value) in self.fields {
            record.fields.insert(field(&name)?, value.into_value()?);
        }
        Ok(record)
    }
}

/// Reads a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetRequest {
    /// Where it stands.
    pub key: WireKey,
}

/// A record, if there is one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GetAnswer {
    /// The record.
    pub record: Option<WireRecord>,
}

/// Reads several records.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetAllRequest {
    /// Where they stand.
    pub keys: Vec<WireKey>,
}

impl GetAllRequest {
    /// As it goes over the wire.
    pub fn of(keys: &[Key<CloudSchema>]) -> Self {
        Self { keys: keys.iter().map(WireKey::of).collect() }
    }

    /// As it comes from the wire.
    ///
    /// # Errors
    /// `Malformed` for an unknown collection and values that are none.
    pub fn into_keys(self) -> Result<Vec<Key<CloudSchema>>> {
        self.keys.into_iter().map(WireKey::into_key).collect()
    }
}

/// For each key that was asked for its record, if there is one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GetAllAnswer {
    /// The records, in the order of the keys.
    pub records: Vec<Option<WireRecord>>,
}

impl GetAllAnswer {
    /// As it goes over the wire.
    pub fn of(records: &[Option<Record<CloudSchema>>]) -> Self {
        Self { records: records.iter().map(|record| record.as_ref().map(WireRecord::of)).collect() }
    }

    /// As it comes from the wire.
    ///
    /// # Errors
    /// `Malformed` for unknown names and values that are none.
    pub fn into_records(self) -> Result<Vec<Option<Record<CloudSchema>>>> {
        self.records.into_iter().map(|record| record.map(WireRecord::into_record).transpose()).collect()
    }
}

/// Reads a page of a partition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueryRequest {
    /// The collection's name as it is stored.
    pub collection: String,
    /// The parts of the partition.
    pub partition: Vec<WireValue>,
    /// The place after which the page begins.
    pub after: Option<Vec<WireValue>>,
    /// From the largest to the smallest.
    pub descending: bool,
    /// At most so many.
    pub limit: u32,
}

impl QueryRequest {
    /// As it goes over the wire.
    pub fn of(query: &Query<CloudSchema>) -> Self {
        Self {
            collection: query.collection.name().to_owned(),
            partition: wire_values(&query.partition),
            after: query.after.as_deref().map(wire_values),
            descending: query.descending,
            limit: u32::try_from(query.limit).unwrap_or(u32::MAX),
        }
    }

    /// As it comes from the wire.
    ///
    /// # Errors
    /// `Malformed` for an unknown collection and values that are none.
    pub fn into_query(self) -> Result<Query<CloudSchema>> {
        Ok(Query {
            collection: collection(&self.collection)?,
            partition: values(self.partition)?,
            after: self.after.map(values).transpose()?,
            descending: self.descending,
            limit: self.limit as usize,
        })
    }
}

/// A page of records.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageAnswer {
    /// The records, in order.
    pub records: Vec<WireRecord>,
    /// Where the next page begins, if there may be one.
    pub next: Option<Vec<WireValue>>,
}

impl PageAnswer {
    /// As it goes over the wire.
    pub fn of(page: &Page<CloudSchema>) -> Self {
        Self { records: page.records.iter().map(WireRecord::of).collect(), next: page.next.as_deref().map(wire_values) }
    }

    /// As it comes from the wire.
    ///
    /// # Errors
    /// `Malformed` for unknown names and values that are none.
    pub fn into_page(self) -> Result<Page<CloudSchema>> {
        Ok(Page {
            records: self.records.into_iter().map(WireRecord::into_record).collect::<Result<_>>()?,
            next: self.next.map(values).transpose()?,
        })
    }
}

/// Writes records, all or none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransactRequest {
    /// The writes, in order.
    pub writes: Vec<WireWrite>,
}

impl TransactRequest {
    /// As it goes over the wire.
    pub fn of(writes: &[Write<CloudSchema>]) -> Self {
        Self { writes: writes.iter().map(WireWrite::of).collect() }
    }

    /// As it comes from the wire.
    ///
    /// # Errors
    /// `Malformed` for unknown names and values that are none.
    pub fn into_writes(self) -> Result<Vec<Write<CloudSchema>>> {
        self.writes.into_iter().map(WireWrite::into_write).collect()
    }
}

/// One write: `{"put": {"record": …, "if": "absent"}}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum WireWrite {
    /// Puts a record in place of whatever is there.
    Put {
        /// The record.
        record: WireRecord,
        /// What must hold of the one that is there.
        r#if: WireCondition,
    },
    /// Removes a record.
    Delete {
        /// Where it stands.
        key: WireKey,
        /// What must hold of it.
        r#if: WireCondition,
    },
    /// Writes nothing.
    Check {
        /// Where the record stands.
        key: WireKey,
        /// What must hold of it.
        r#if: WireCondition,
    },
}

impl WireWrite {
    fn of(write: &Write<CloudSchema>) -> Self {
        let r#if = WireCondition::of(write.condition());
        match write {
            Write::Put(record, _) => Self::Put { record: WireRecord::of(record), r#if },
            Write::Delete(key, _) => Self::Delete { key: WireKey::of(key), r#if },
            Write::Check(key, _) => Self::Check { key: WireKey::of(key), r#if },
        }
    }

    fn into_write(self) -> Result<Write<CloudSchema>> {
        Ok(match self {
            Self::Put { record, r#if } => Write::Put(record.into_record()?, r#if.into_condition()?),
            Self::Delete { key, r#if } => Write::Delete(key.into_key()?, r#if.into_condition()?),
            Self::Check { key, r#if } => Write::Check(key.into_key()?, r#if.into_condition()?),
        })
    }
}

/// What must hold of the record that is there: `"absent"`, `{"equals": {"field": "seq", "value": {"u64": "7"}}}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum WireCondition {
    /// Anything.
    None,
    /// No record.
    Absent,
    /// Some record.
    Present,
    /// A record with that value.
    Equals {
        /// The field's name as it is stored.
        field: String,
        /// The value.
        value: WireValue,
    },
}

impl WireCondition {
    fn of(condition: &Condition<CloudSchema>) -> Self {
        match condition {
            Condition::None => Self::None,
            Condition::Absent => Self::Absent,
            Condition::Present => Self::Present,
            Condition::Equals(field, value) => {
                Self::Equals { field: field.name().to_owned(), value: WireValue::of(value) }
            }
        }
    }

    fn into_condition(self) -> Result<Condition<CloudSchema>> {
        Ok(match self {
            Self::None => Condition::None,
            Self::Absent => Condition::Absent,
            Self::Present => Condition::Present,
            Self::Equals { field: name, value } => Condition::Equals(field(&name)?, value.into_value()?),
        })
    }
}

fn wire_values(values: &[CloudValue]) -> Vec<WireValue> {
    values.iter().map(WireValue::of).collect()
}

fn values(values: Vec<WireValue>) -> Result<Vec<CloudValue>> {
    values.into_iter().map(WireValue::into_value).collect()
}

fn collection(name: &str) -> Result<Collection> {
    Collection::from_name(name).ok_or_else(|| Error::new(ErrorKind::Malformed, "no such collection"))
}

fn field(name: &str) -> Result<Field> {
    Field::from_name(name).ok_or_else(|| Error::new(ErrorKind::Malformed, "no such field"))
}

fn members<S: serde::Serializer>(fields: &[(String, WireValue)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(fields.iter().map(|(name, value)| (name, value)))
}

#[cfg(test)]
mod tests {
    use imegha_crypto::{Hash, Id, Sealed, Signature};

    use super::*;

    fn record() -> Record<CloudSchema> {
        let key =
            Key::new(Collection::Revision, [CloudValue::Id(Id::from_bytes([1; 16]))], [CloudValue::U64(u64::MAX)]);
        Record::new(key)
            .with(Field::Entry, CloudValue::Sealed(Sealed::from_received(vec![3; 72]).unwrap()))
            .with(Field::Hash, CloudValue::Hash(Hash::ZERO))
            .with(Field::Object, CloudValue::Salt([4; 24]))
            .with(Field::Signature, CloudValue::Signature(Signature::from_bytes([5; 64])))
            .with(Field::Wrap, CloudValue::PublicKey([6; 32]))
            .with(Field::Written, CloudValue::Time(7))
    }

    #[test]
    fn writes_come_back_as_they_were() {
        let key = record().key;
        let writes = vec![
            Write::Put(record(), Condition::None),
            Write::Put(record(), Condition::Absent),
            Write::Delete(key.clone(), Condition::Present),
            Write::Check(key, Condition::Equals(Field::Seq, CloudValue::U64(1))),
        ];
        let json = serde_json::to_string(&TransactRequest::of(&writes)).unwrap();
        let read: TransactRequest = serde_json::from_str(&json).unwrap();
        assert_eq!(read.into_writes().unwrap(), writes);
    }

    #[test]
    fn a_write_has_this_form() {
        let key = Key::<CloudSchema>::new(Collection::Log, [], [CloudValue::U64(7)]);
        let put = Write::Put(
            Record::new(key).with(Field::Hash, CloudValue::Hash(Hash::ZERO)),
            Condition::Equals(Field::Seq, CloudValue::U64(1 << 60)),
        );
        assert_eq!(
            serde_json::to_value(TransactRequest::of(&[put])).unwrap(),
            serde_json::json!({"writes": [{"put": {
                "record": {
                    "key": {"collection": "log", "partition": [], "sort": [{"u64": "7"}]},
                    "fields": {"hash": {"hash": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}},
                },
                "if": {"equals": {"field": "seq", "value": {"u64": "1152921504606846976"}}},
            }}]})
        );
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let good = r#"{"writes":[{"put":{"record":{"key":{"collection":"log","partition":[],"sort":[]},"fields":{"seq":{"u64":"1"}}},"if":"none"}}]}"#;
        let read = |json: &str| serde_json::from_str::<TransactRequest>(json).ok()?.into_writes().ok();
        assert!(read(good).is_some());
        for (from, to) in [
            (r#""if":"none""#, r#""if":"sometimes""#),
            (r#","if":"none""#, ""),
            (r#""if":"none""#, r#""if":"none","more":1"#),
            (r#""if":"none""#, r#""if":"none","if":"absent""#),
            ("log", "diary"),
            (r#""seq":"#, r#""text":"#),
            (r#"{"u64":"1"}"#, r#"{"u64":1}"#),
            (r#"{"u64":"1"}"#, r#"{"text":"1"}"#),
            (r#"{"u64":"1"}"#, r#"{"u64":"1","time":"1"}"#),
            (r#"{"u64":"1"}"#, r#"{"id":"AAAA"}"#),
            (r#"{"u64":"1"}"#, r#"{"sealed":"aGVsbG8"}"#),
            (r#"{"u64":"1"}"#, r#"{"identity":"aGVsbG8"}"#),
            (r#""seq":{"u64":"1"}"#, r#""seq":{"u64":"1"},"seq":{"u64":"2"}"#),
            (r#""put""#, r#""update""#),
        ] {
            let json = good.replace(from, to);
            assert_ne!(json, good);
            assert!(read(&json).is_none(), "{json}");
        }
    }
}
