//! A folder of very many entries, as another device with a faster way to fill it would have left it.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use imegha_cloud::backend::{Condition, Key, Record, Write};
use imegha_cloud::schema::{CloudSchema, CloudValue, Collection, Field};
use imegha_cloud::{Cloud, Entry};
use imegha_crypto::{Hash, Id, NodeKey, Purpose, log};
use serde_json::{Value, json};

use crate::attacks::insider::node_key;
use crate::storage::{NOW_MS, Storage, keys};

/// Writes `count` folders into a folder of the root, many in an entry of the log: whoever makes them one by one reads the names of all
/// before it each time.
pub(crate) async fn fill(storage: &Storage, cloud: &Cloud, folder: &Entry, count: usize) {
    let way = [cloud.root(), folder.id];
    let parent_key = node_key(storage, &way).await;
    let purpose = keys().dek.derive_purpose_key(Purpose::Log, &cloud.id());
    let head_key = Key::<CloudSchema>::new(Collection::Head, [], [CloudValue::U64(1)]);
    let head = storage.records.get(&head_key).await.unwrap().unwrap();
    let (Some(CloudValue::U64(mut seq)), Some(CloudValue::Hash(mut hash))) =
        (head.field(Field::Seq).cloned(), head.field(Field::Hash).cloned())
    else {
        panic!("a head has both")
    };
    let mut writes = Vec::new();
    let numbers: Vec<usize> = (0..count).collect();
    for some in numbers.chunks(A_LOG_ENTRY) {
        let made: Vec<_> = some.iter().map(|number| made(&parent_key, &folder.id, *number)).collect();
        let nodes: Vec<Value> = made.iter().map(|(id, _)| json!({"node": base64(id.as_bytes()), "epoch": 1})).collect();
        let records = made.iter().flat_map(|(_, records)| records);
        let listed: Vec<Value> = records
            .clone()
            .map(|record| {
                let hash = Hash::of(&record.to_bytes());
                json!({"key": base64(&record.key.to_bytes()), "hash": base64(hash.as_bytes())})
            })
            .collect();
        let entry = json!({
            "time": NOW_MS.to_string(), "action": "create-folder", "dek_epoch": 1, "nodes": nodes, "records": listed,
        });
        seq += 1;
        let sealed = log::seal_entry(&purpose, &cloud.id(), seq, &hash, entry.to_string().as_bytes()).unwrap();
        hash = log::entry_hash(&cloud.id(), seq, &hash, &sealed);
        writes.extend(records.cloned());
        let key = Key::new(Collection::Log, [], [CloudValue::U64(seq)]);
        writes.push(Record::new(key).with(Field::Entry, CloudValue::Sealed(sealed)));
    }
    let signature = keys().identity.sign_head(&cloud.id(), seq, &hash, NOW_MS);
    writes.push(
        Record::new(head_key)
            .with(Field::Seq, CloudValue::U64(seq))
            .with(Field::Hash, CloudValue::Hash(hash))
            .with(Field::Written, CloudValue::Time(NOW_MS))
            .with(Field::Signature, CloudValue::Signature(signature)),
    );
    let writes: Vec<_> = writes.into_iter().map(|record| Write::Put(record, Condition::None)).collect();
    for some in writes.chunks(50) {
        storage.records.transact(some).await.unwrap();
    }
}

/// The records of a folder in the folder.
fn made(parent_key: &NodeKey, parent: &Id, number: usize) -> (Id, [Record<CloudSchema>; 2]) {
    let (id, key) = (Id::generate().unwrap(), NodeKey::generate().unwrap());
    let meta = json!({"name": format!("{number:05}"), "kind": "folder", "created": NOW_MS.to_string()});
    let meta = key.derive_metadata_key(&id, 1).seal_node(&id, parent, 1, meta.to_string().as_bytes()).unwrap();
    let one = || CloudValue::U64(1);
    let child = Record::new(Key::new(Collection::Children, [CloudValue::Id(*parent)], [CloudValue::Id(id)]))
        .with(Field::Kind, one())
        .with(Field::Edit, one())
        .with(Field::NodeEpoch, one())
        .with(Field::ParentEpoch, one())
        .with(Field::NodeKey, CloudValue::Sealed(key.wrap(parent_key, &id, parent, 1, 1).unwrap()))
        .with(Field::Meta, CloudValue::Sealed(meta))
        .with(Field::Written, CloudValue::Time(NOW_MS));
    let locator = Record::new(Key::new(Collection::Node, [CloudValue::Id(id)], [one()]))
        .with(Field::Parent, CloudValue::Id(*parent));
    (id, [child, locator])
}

fn base64(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// So many that the entry is a record of the size that every backend takes.
const A_LOG_ENTRY: usize = 800;
