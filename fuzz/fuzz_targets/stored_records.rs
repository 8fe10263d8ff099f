//! Records as they come from storage: keys and fields (RECORDS.md 1).
//!
//! Nothing panics, and what is read is written again as the same bytes: the log hashes them.
#![no_main]

use imegha_cloud::backend::{Key, ObjectName, Record, Schema, UploadId};
use imegha_cloud::schema::CloudSchema;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (Vec<u8>, Vec<u8>, Vec<u8>, String)| {
    let (partition, sort, fields, name) = input;
    read::<CloudSchema>(&partition, &sort, &fields);
    if let Ok(object) = ObjectName::parse(&name) {
        assert_eq!(object.to_string(), name);
    }
    if let Ok(id) = UploadId::parse(&name) {
        assert_eq!(id.as_str(), name);
    }
});

fn read<S: Schema>(partition: &[u8], sort: &[u8], fields: &[u8]) {
    let Ok(key) = Key::<S>::from_parts(partition, sort) else { return };
    assert_eq!((key.partition_bytes().as_slice(), key.sort_bytes().as_slice()), (partition, sort));
    let Ok(record) = Record::from_key_and_fields(key.clone(), fields) else { return };
    let again = Record::from_key_and_fields(key, &record.fields_to_bytes()).expect("what is written is read");
    assert_eq!(again.to_bytes(), record.to_bytes());
}
