//! Records as they come from storage: keys and fields (RECORDS.md 1).
//!
//! Nothing panics, and what is read is written again as the same bytes: the log hashes them.
#![no_main]

use arbitrary::Arbitrary;
use imegha_cloud::backend::{Key, Name as _, ObjectName, Record, UploadId};
use imegha_cloud::schema::{CloudSchema, Collection, Field};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    /// Bytes of any form.
    Raw { partition: &'a [u8], sort: &'a [u8], fields: &'a [u8] },
    /// Names that there are, types and lengths that may be anything.
    Formed { collection: u8, partition: Vec<Value<'a>>, sort: Vec<Value<'a>>, fields: Vec<(u8, Value<'a>)> },
    /// The names of objects and uploads.
    Name(&'a str),
}

/// A value whose length may be a lie.
#[derive(Arbitrary, Debug)]
struct Value<'a> {
    tag: u8,
    lie: Option<u32>,
    bytes: &'a [u8],
}

impl Value<'_> {
    fn len(&self) -> u32 {
        self.lie.unwrap_or(self.bytes.len() as u32)
    }
}

fuzz_target!(|input: Input<'_>| {
    match input {
        Input::Raw { partition, sort, fields } => read(partition, sort, fields),
        Input::Formed { collection, partition, sort, fields } => {
            let collection = Collection::ALL[usize::from(collection) % Collection::ALL.len()].name();
            let partition = [collection.as_bytes(), &[0], &parts(&partition)].concat();
            let mut bytes = Vec::new();
            for (field, value) in &fields {
                let name = Field::ALL[usize::from(*field) % Field::ALL.len()].name();
                bytes.push(name.len() as u8);
                bytes.extend(name.as_bytes());
                bytes.push(value.tag % 10);
                bytes.extend(value.len().to_be_bytes());
                bytes.extend(value.bytes);
            }
            read(&partition, &parts(&sort), &bytes);
        }
        Input::Name(name) => {
            if let Ok(object) = ObjectName::parse(name) {
                assert_eq!(object.to_string(), name);
            }
            if let Ok(id) = UploadId::parse(name) {
                assert_eq!(id.as_str(), name);
            }
        }
    }
});

fn parts(values: &[Value<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for value in values {
        bytes.push(value.tag % 10);
        bytes.extend((value.len() as u16).to_be_bytes());
        bytes.extend(value.bytes);
    }
    bytes
}

fn read(partition: &[u8], sort: &[u8], fields: &[u8]) {
    let Ok(key) = Key::<CloudSchema>::from_parts(partition, sort) else { return };
    assert_eq!((key.partition_bytes().as_slice(), key.sort_bytes().as_slice()), (partition, sort));
    let Ok(record) = Record::from_key_and_fields(key.clone(), fields) else { return };
    let again = Record::from_key_and_fields(key, &record.fields_to_bytes()).expect("what is written is read");
    assert_eq!(again.to_bytes(), record.to_bytes());
}
