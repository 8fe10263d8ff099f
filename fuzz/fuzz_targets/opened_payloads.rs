//! What a client reads after it has opened it: the payload of a log entry, of a node and of a revision (RECORDS.md 3).
//!
//! Who has the keys, or wrote them with a faulty program, chooses these bytes. Nothing panics: a cloud opens or says why not, and a
//! node is shown or is damaged.
#![no_main]

use std::sync::{Arc, LazyLock};

use arbitrary::Arbitrary;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use futures::executor::block_on;
use imegha_cloud::backend::memory::{MemoryBlobs, MemoryRecords};
use imegha_cloud::backend::{Condition, Key, Record, RecordStore as _, Write};
use imegha_cloud::clock::ManualClock;
use imegha_cloud::schema::{CloudSchema, CloudValue, Collection, Field};
use imegha_cloud::{Cloud, CloudKeys, MemoryDevice, Store};
use imegha_crypto::{Dek, FileKey, Hash, Id, Identity, NodeKey, Purpose, Sealed, log};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    /// The first entry of a log.
    Entry(&'a [u8]),
    /// The payloads of a node.
    Node { meta: &'a [u8], revision: &'a [u8], kind: u8 },
}

struct World {
    keys: CloudKeys,
    dek: Dek,
    identity: Arc<Identity>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let identity = Arc::new(Identity::generate().expect("an identity"));
    let dek = Dek::generate().expect("a key");
    let keys = CloudKeys::new(Id::from_bytes([1; 16]), dek.clone(), 1, identity.clone()).with_cloud(CLOUD);
    World { keys, dek, identity }
});

const CLOUD: Id = Id::from_bytes([2; 16]);
const NODE: Id = Id::from_bytes([3; 16]);

fuzz_target!(|input: Input<'_>| {
    block_on(async {
        let records = Arc::new(MemoryRecords::<CloudSchema>::new());
        match input {
            Input::Entry(payload) => {
                let cloud = Record::new(only(Collection::Cloud))
                    .with(Field::CloudId, CloudValue::Id(CLOUD))
                    .with(Field::NodeId, CloudValue::Id(NODE))
                    .with(Field::Written, CloudValue::Time(1));
                let mut writes = vec![put(cloud)];
                writes.extend(append(1, &Hash::from_bytes([0; 32]), payload));
                records.transact(&writes).await.expect("written");
            }
            Input::Node { meta, revision, kind } => {
                Cloud::create(WORLD.keys.clone(), store(&records)).await.expect("created");
                let child = child(&records, meta, revision, kind).await;
                let head = records.get(&only(Collection::Head)).await.expect("read").expect("a head");
                let Some(CloudValue::Hash(previous)) = head.field(Field::Hash) else { panic!("a head has a hash") };
                let payload = entry(&child);
                let mut writes = vec![put(child)];
                writes.extend(append(2, previous, payload.as_bytes()));
                records.transact(&writes).await.expect("written");
            }
        }
        let Ok(cloud) = Cloud::open(WORLD.keys.clone(), store(&records)).await else { return };
        for entry in cloud.list(&cloud.root()).await.unwrap_or_default() {
            assert_eq!(entry.id, NODE);
            let _ = cloud.download(&entry.id).await;
        }
        let _ = cloud.find("a", 10).await;
        let _ = cloud.list_trash().await;
    });
});

/// A node of the root with these payloads, sealed and signed as a client would.
async fn child(records: &MemoryRecords<CloudSchema>, meta: &[u8], revision: &[u8], kind: u8) -> Record<CloudSchema> {
    let query = imegha_cloud::backend::Query::new(Collection::Children, [CloudValue::Id(Id::ZERO)]);
    let root = records.query(&query).await.expect("read").records.pop().expect("a root");
    let (Some(CloudValue::Sealed(wrap)), [CloudValue::Id(parent)]) = (root.field(Field::NodeKey), &root.key.sort[..])
    else {
        panic!("a root has a key and an id")
    };
    let root_key = NodeKey::unwrap_root(wrap, &WORLD.dek, parent, 1, 1).expect("the root's key");
    let key = NodeKey::generate().expect("a key");
    let metadata = key.derive_metadata_key(&NODE, 1);
    let file_key = FileKey::generate().expect("a key").wrap(&key, &NODE, 1, 1).expect("wrapped");
    let revision = metadata.seal_revision(&NODE, 1, 1, revision).expect("sealed");
    let signature = WORLD.identity.sign_revision(&CLOUD, &NODE, 1, 1, &revision, &file_key);
    let sealed = |sealed: Sealed| CloudValue::Sealed(sealed);
    Record::new(Key::new(Collection::Children, [CloudValue::Id(*parent)], [CloudValue::Id(NODE)]))
        .with(Field::Kind, CloudValue::U64(1 + u64::from(kind % 2)))
        .with(Field::Edit, CloudValue::U64(1))
        .with(Field::NodeEpoch, CloudValue::U64(1))
        .with(Field::ParentEpoch, CloudValue::U64(1))
        .with(Field::NodeKey, sealed(key.wrap(&root_key, &NODE, parent, 1, 1).expect("wrapped")))
        .with(Field::Meta, sealed(metadata.seal_node(&NODE, parent, 1, meta).expect("sealed")))
        .with(Field::Written, CloudValue::Time(1))
        .with(Field::Revision, CloudValue::U64(1))
        .with(Field::RevisionEpoch, CloudValue::U64(1))
        .with(Field::RevisionMeta, sealed(revision))
        .with(Field::FileKey, sealed(file_key))
        .with(Field::Signature, CloudValue::Signature(signature))
        .with(Field::Object, CloudValue::Salt([9; 24]))
        .with(Field::Size, CloudValue::U64(1_000))
}

/// The payload of the entry that says that the record was written.
fn entry(record: &Record<CloudSchema>) -> String {
    let base64 = Base64UrlUnpadded::encode_string;
    let (node, key) = (base64(NODE.as_bytes()), base64(&record.key.to_bytes()));
    let hash = base64(Hash::of(&record.to_bytes()).as_bytes());
    format!(
        r#"{{"time":"1","action":"upload","dek_epoch":1,"nodes":[{{"node":"{node}","epoch":1}}],"records":[{{"key":"{key}","hash":"{hash}"}}]}}"#
    )
}

/// An entry of the log behind `previous`, and the signed head.
fn append(seq: u64, previous: &Hash, payload: &[u8]) -> [Write<CloudSchema>; 2] {
    let key = WORLD.dek.derive_purpose_key(Purpose::Log, &CLOUD);
    let entry = log::seal_entry(&key, &CLOUD, seq, previous, payload).expect("sealed");
    let hash = log::entry_hash(&CLOUD, seq, previous, &entry);
    let head = Record::new(only(Collection::Head))
        .with(Field::Seq, CloudValue::U64(seq))
        .with(Field::Hash, CloudValue::Hash(hash))
        .with(Field::Written, CloudValue::Time(1))
        .with(Field::Signature, CloudValue::Signature(WORLD.identity.sign_head(&CLOUD, seq, &hash, 1)));
    let place = Key::new(Collection::Log, [], [CloudValue::U64(seq)]);
    [put(Record::new(place).with(Field::Entry, CloudValue::Sealed(entry))), put(head)]
}

fn only(collection: Collection) -> Key<CloudSchema> {
    Key::new(collection, [], [CloudValue::U64(1)])
}

fn put(record: Record<CloudSchema>) -> Write<CloudSchema> {
    Write::Put(record, Condition::None)
}

fn store(records: &Arc<MemoryRecords<CloudSchema>>) -> Store {
    Store {
        records: records.clone(),
        blobs: Arc::new(MemoryBlobs::new()),
        clock: Arc::new(ManualClock::new(1_790_000_000_000)),
        device: Arc::new(MemoryDevice::new()),
    }
}
