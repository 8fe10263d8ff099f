//! Storage shows a new device a checkpoint that is damaged, of another place, of another cloud, or made up. It then reads the whole log, or
//! refuses what it would have refused without any.

use std::sync::Arc;

use imegha_cloud::backend::{Condition, Record, Write};
use imegha_cloud::schema::{CloudSchema, CloudValue, Collection, Field};
use imegha_cloud::{AuditFilter, Cloud, Depth, ErrorKind, Fault, MemoryDevice, Problem, Store};
use imegha_crypto::{Hash, Id, Purpose, Sealed, log};

use super::insider::sealed;
use crate::adversary::{Recorded, TamperingBlobs, TamperingRecords, read_object};
use crate::client_audit::audited;
use crate::client_checkpoints::{Seen, change, edit_memory, every, log_len, place_key, seen_anew};
use crate::storage::{Records, Storage, keys};

/// A cloud with a checkpoint, and what storage had at every moment.
struct There {
    storage: Storage,
    recorded: Arc<Recorded>,
    cloud: Cloud,
    /// The record that leads to the checkpoint.
    place: Record<CloudSchema>,
}

impl There {
    async fn new(storage: Storage) -> Self {
        let recorded = Recorded::new(&storage.records);
        let cloud = Cloud::create(keys(), Store { records: recorded.clone(), ..storage.store() }).await.unwrap();
        let cloud = cloud.checkpoint_every(every(10));
        for name in ["one", "two", "three"] {
            cloud.create_folder(&cloud.root(), name).await.unwrap();
        }
        change(&cloud, 4).await;
        let doomed = cloud.create_folder(&cloud.root(), "doomed").await.unwrap();
        cloud.trash(&[doomed.id]).await.unwrap();
        change(&cloud, 5).await;
        let place = storage.records.get(&place_key()).await.unwrap().expect("there is a checkpoint");
        Self { storage, recorded, cloud, place }
    }

    /// A new device is shown other records, and sees the truth all the same, from the first entry on.
    async fn reads_all(&self, records: Arc<Records>, what: &str) {
        let (_, seen, read) = seen_anew(Store { records, ..self.storage.store() }).await;
        assert_eq!(seen, Seen::by(&self.cloud).await, "{}: {what}", self.storage.name);
        let len = log_len(&self.storage).await;
        assert!(read >= len, "{}: {what}: {read} of {len}", self.storage.name);
    }

    /// The control: what storage has is enough to start from the checkpoint.
    async fn starts_at_the_checkpoint(&self) {
        let (_, seen, read) = seen_anew(self.storage.store()).await;
        assert_eq!(seen, Seen::by(&self.cloud).await, "{}", self.storage.name);
        assert!(read < log_len(&self.storage).await, "{}: {read}", self.storage.name);
    }

    /// Places of the log with their hashes, as the heads had them.
    fn places(&self) -> Vec<(u64, Hash)> {
        let written = self.recorded.written().into_iter();
        written
            .filter(|record| record.key.collection == Collection::Head)
            .map(|head| match (head.field(Field::Seq), head.field(Field::Hash)) {
                (Some(CloudValue::U64(seq)), Some(CloudValue::Hash(hash))) => (*seq, *hash),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    /// The record that leads to the checkpoint, with another place.
    fn at(&self, seq: u64, hash: Hash) -> Record<CloudSchema> {
        self.place.clone().with(Field::Seq, CloudValue::U64(seq)).with(Field::Hash, CloudValue::Hash(hash))
    }
}

fn purpose(cloud: &Id) -> imegha_crypto::PurposeKey {
    keys().dek.derive_purpose_key(Purpose::Log, cloud)
}

/// Stopped by the commitment and the tags of its chunks (`Reader::fetch`), and by the SHA-256 of the entry (`Cut::take`).
#[tokio::test]
async fn a01_a_bit_of_a_checkpoint() {
    for storage in Storage::all().await {
        let there = There::new(storage).await;
        there.starts_at_the_checkpoint().await;
        let object = there.storage.blobs.list(None, 10).await.unwrap().remove(0);
        let len = usize::try_from(object.size).unwrap();
        // Of the prefix, the salt, the commitment, the first chunk, its end.
        for at in [7, 8, 40, 60, 88, 200, len - 1] {
            let adversary = TamperingBlobs::new(&there.storage.blobs);
            adversary.change(true, move |_, mut bytes| {
                bytes[at] ^= 1;
                bytes
            });
            let (_, seen, read) = seen_anew(Store { blobs: adversary, ..there.storage.store() }).await;
            assert_eq!(seen, Seen::by(&there.cloud).await, "{at}");
            assert!(read >= log_len(&there.storage).await, "{at}: {read}");
        }
    }
}

/// Stopped by the length that the entry says (`body.size != self.len` in `Reader::fetch`) and by the end of its last chunk.
#[tokio::test]
async fn a02_a_checkpoint_that_is_cut_longer_or_gone() {
    for storage in Storage::all().await {
        let there = There::new(storage).await;
        let object = there.storage.blobs.list(None, 10).await.unwrap().remove(0);
        let len = usize::try_from(object.size).unwrap();
        for (lie, to) in [(false, 0), (false, 88), (true, 88), (false, len - 1), (true, len - 1), (true, len + 1)] {
            let adversary = TamperingBlobs::new(&there.storage.blobs);
            adversary.change(lie, move |_, mut bytes| {
                bytes.resize(to, 0);
                bytes
            });
            let (_, seen, read) = seen_anew(Store { blobs: adversary, ..there.storage.store() }).await;
            assert_eq!(seen, Seen::by(&there.cloud).await, "{to}");
            assert!(read >= log_len(&there.storage).await, "{to}: {read}");
        }
        there.starts_at_the_checkpoint().await;
        there.storage.blobs.delete(&object.name).await.unwrap();
        there.reads_all(there.storage.records.clone(), "gone").await;
    }
}

/// An older index under the newest object's name, and the newest under an older place's. Stopped by the prefix that the object must begin
/// with, and by the entry that must name the very place (`named.at() == at` in `Log::index_from_checkpoint`): without that line this turns red.
#[tokio::test]
async fn a08_an_older_checkpoint_or_another_place() {
    for storage in Storage::all().await {
        let there = There::new(storage).await;
        let first = there.storage.blobs.list(None, 10).await.unwrap().remove(0);
        let older = read_object(&*there.storage.blobs, &first.name).await.unwrap();
        let renamed = there.cloud.list(&there.cloud.root()).await.unwrap().remove(0);
        there.cloud.rename(&renamed.id, "renamed").await.unwrap();
        change(&there.cloud, 12).await;
        there.starts_at_the_checkpoint().await;

        let blobs = TamperingBlobs::new(&there.storage.blobs);
        blobs.change(false, move |_, _| older.clone());
        let (_, seen, read) = seen_anew(Store { blobs, ..there.storage.store() }).await;
        assert!(seen == Seen::by(&there.cloud).await && read >= log_len(&there.storage).await, "{read}");

        // Every place that the log ever was at, but for the one that has a checkpoint whose object is there.
        let newest = there.storage.records.get(&place_key()).await.unwrap().unwrap();
        let records = TamperingRecords::new(&there.storage.records);
        for (seq, hash) in there.places() {
            let place = there.at(seq, hash);
            if place.field(Field::Seq) != newest.field(Field::Seq) {
                records.replay(place);
                there.reads_all(records.clone(), &format!("at {seq}")).await;
            }
        }
    }
}

/// A place that is none: the beginning, the head, the future, one with another hash. Stopped by the bounds, and by the entries, which open
/// only behind their own predecessor (`log::open_entry` in `Walk::next`).
#[tokio::test]
async fn a09_a_place_that_is_none() {
    for storage in Storage::all().await {
        let there = There::new(storage).await;
        there.starts_at_the_checkpoint().await;
        let records = TamperingRecords::new(&there.storage.records);
        let (len, real) = (log_len(&there.storage).await, there.places());
        let (at, hash) = match (there.place.field(Field::Seq), there.place.field(Field::Hash)) {
            (Some(CloudValue::U64(seq)), Some(CloudValue::Hash(hash))) => (*seq, *hash),
            other => panic!("{other:?}"),
        };
        for (seq, hash) in [
            (0, Hash::ZERO),
            (0, hash),
            (at - 1, hash),
            (at, Hash::of(b"made up")),
            (at, Hash::ZERO),
            (at + 1, hash),
            (len, real.last().unwrap().1),
            (len, hash),
            (len + 1, hash),
            (u64::MAX, hash),
        ] {
            records.replay(there.at(seq, hash));
            there.reads_all(records.clone(), &format!("{seq}")).await;
        }
        // Nothing that it needs, and something else in its place.
        records.replay(Record::new(place_key()));
        there.reads_all(records.clone(), "empty").await;
        records.replay(there.place.clone().with(Field::Hash, CloudValue::U64(7)));
        there.reads_all(records.clone(), "a number").await;
        // It is a record like any other, so whoever looks at everything is told.
        let known = Cloud::open(keys(), Store { records, ..there.storage.store() }).await.unwrap();
        let problems = known.verify(Depth::Quick).await.unwrap().problems;
        assert_eq!(problems, [Problem { node: None, what: Fault::CannotOpen }]);
    }
}

/// A checkpoint makes nobody forget: who has seen a newer state reports an older one, whatever lies beside it. Stopped by the end that the
/// way must have (`last != to` in `Walk::next`): without that line this turns red.
#[tokio::test]
async fn a09_a_checkpoint_beside_an_older_state() {
    for storage in Storage::all().await {
        let there = There::new(storage).await;
        let device = Arc::new(MemoryDevice::new());
        let store = there.storage.store_of(device.clone());
        drop(Cloud::open(keys(), store.clone()).await.unwrap());
        let older = there.recorded.state_after(there.recorded.count() - 2).await;
        older.transact(&[Write::Put(there.place.clone(), Condition::None)]).await.unwrap();
        let error = Cloud::open(keys(), Store { records: older.clone(), ..store.clone() }).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Rollback, "{}", there.storage.name);
        // Who has seen nothing takes the older state, and it is whole: this is the limit that SECURITY.md names.
        let (_, seen, _) = seen_anew(Store { records: older, ..there.storage.store() }).await;
        assert_ne!(seen, Seen::by(&there.cloud).await);
        Cloud::open(keys(), store).await.unwrap();
    }
}

/// Of another cloud of the same owner, with its object. Stopped by the chain: entries open for their own cloud alone.
#[tokio::test]
async fn a14_the_checkpoint_of_another_cloud() {
    for (storage, other) in Storage::all().await.into_iter().zip(Storage::all().await) {
        let (there, other) = (There::new(storage).await, There::new(other).await);
        there.starts_at_the_checkpoint().await;
        other.starts_at_the_checkpoint().await;
        let records = TamperingRecords::new(&there.storage.records);
        records.replay(other.place.clone());
        there.reads_all(records.clone(), "the record").await;
        let foreign = other.storage.blobs.list(None, 10).await.unwrap().remove(0);
        let foreign = read_object(&*other.storage.blobs, &foreign.name).await.unwrap();
        let blobs = TamperingBlobs::new(&there.storage.blobs);
        blobs.change(false, move |_, _| foreign.clone());
        let (_, seen, read) = seen_anew(Store { blobs: blobs.clone(), ..there.storage.store() }).await;
        assert!(seen == Seen::by(&there.cloud).await && read >= log_len(&there.storage).await, "{read}");
        let (_, seen, _) = seen_anew(Store { records, blobs, ..there.storage.store() }).await;
        assert_eq!(seen, Seen::by(&there.cloud).await);
    }
}

/// Entries behind the checkpoint altered, exchanged or cut: refused, as without it. Entries before it are not read by who starts there, and
/// missed by whoever reads the log. Stopped by the chain in `Walk::next`.
#[tokio::test]
async fn a19_the_log_before_and_behind_a_checkpoint() {
    for storage in Storage::all().await {
        let there = There::new(storage).await;
        there.starts_at_the_checkpoint().await;
        let Some(CloudValue::U64(at)) = there.place.field(Field::Seq).cloned() else { panic!("no place") };
        let len = log_len(&there.storage).await;
        let records = TamperingRecords::new(&there.storage.records);
        let store = || Store { records: records.clone(), ..there.storage.store() };
        for entry in at + 1..=len {
            for cut in [true, false] {
                records.attack(Box::new(move |key, record| match key.sort[..] {
                    [CloudValue::U64(seq)] if key.collection == Collection::Log && seq == entry => {
                        record.filter(|_| !cut).map(damaged)
                    }
                    _ => record,
                }));
                let error = Cloud::open(keys(), store()).await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::CannotOpen, "{entry} {cut}");
            }
        }
        // The limit: what lies before the checkpoint is not looked at to open the cloud, and by everything that looks at the log.
        records.attack(Box::new(move |key, record| match key.sort[..] {
            [CloudValue::U64(2)] if key.collection == Collection::Log => record.map(damaged),
            _ => record,
        }));
        let (stranger, seen, _) = seen_anew(store()).await;
        assert_eq!(seen, Seen::by(&there.cloud).await);
        assert_eq!(audited(&stranger, AuditFilter::new()).await.unwrap_err().kind(), ErrorKind::CannotOpen);
        let problems = stranger.verify(Depth::Quick).await.unwrap().problems;
        assert_eq!(problems, [Problem { node: None, what: Fault::Log }]);
    }
}

/// Somebody who has the key of the log and the storage, and not the owner's identity, names an index of his own. Stopped by the head, which
/// the entry must lead to.
#[tokio::test]
async fn a63_a_checkpoint_that_the_owner_did_not_sign() {
    for storage in Storage::all().await {
        let there = There::new(storage).await;
        there.starts_at_the_checkpoint().await;
        let (cloud, purpose) = (there.cloud.id(), purpose(&there.cloud.id()));
        let places = there.places();
        let Some(CloudValue::U64(at)) = there.place.field(Field::Seq).cloned() else { panic!("no place") };
        let previous = places.iter().find(|(seq, _)| *seq == at).unwrap().1;
        let key = imegha_cloud::backend::Key::new(Collection::Log, [], [CloudValue::U64(at + 1)]);
        let record = there.storage.records.get(&key).await.unwrap().unwrap();
        let payload = log::open_entry(sealed(&record, Field::Entry), &purpose, &cloud, at + 1, &previous).unwrap();
        let mut payload: serde_json::Value = serde_json::from_slice(&payload).unwrap();
        assert_eq!((&payload["action"], &payload["checkpoint"]["seq"]), (&"checkpoint".into(), &at.to_string().into()));
        // The control: the same words, sealed again. Not even that has the same hash.
        for size in [payload["checkpoint"]["size"].clone(), "9".into()] {
            payload["checkpoint"]["size"] = size;
            let text = payload.to_string();
            let forged: Sealed = log::seal_entry(&purpose, &cloud, at + 1, &previous, text.as_bytes()).unwrap();
            let forged = record.clone().with(Field::Entry, CloudValue::Sealed(forged));
            let records = TamperingRecords::new(&there.storage.records);
            records.replay(forged);
            let store = Store { records, ..there.storage.store() };
            assert_eq!(Cloud::open(keys(), store).await.unwrap_err().kind(), ErrorKind::CannotOpen);
        }
        there.starts_at_the_checkpoint().await;
    }
}

/// A device of the owner's whose memory is wrong makes a checkpoint of it, and a new device takes that for the truth: nobody but the owner
/// could. Whoever reads the log finds it (`says_what` in `Log::check`): without that line this turns red.
#[tokio::test]
async fn a63_a_wrong_checkpoint_of_the_owners_own() {
    for storage in Storage::all().await {
        let device = Arc::new(MemoryDevice::new());
        let cloud = Cloud::create(keys(), storage.store_of(device.clone())).await.unwrap();
        let before = edit_memory(&device, &cloud.id(), |memory| memory["records"].clone()).await;
        cloud.create_folder(&cloud.root(), "hidden").await.unwrap();
        edit_memory(&device, &cloud.id(), |memory| {
            assert_ne!(memory.insert("records".to_owned(), before.clone()), Some(before))
        })
        .await;

        let problems = async |cloud: &Cloud| cloud.verify(Depth::Quick).await.unwrap().problems;
        let found = [Problem { node: None, what: Fault::Log }];
        let wrong = Cloud::open(keys(), storage.store_of(device)).await.unwrap().checkpoint_every(every(3));
        assert_eq!(problems(&wrong).await, found, "{}", storage.name);
        change(&wrong, 3).await;
        let (stranger, seen, read) = seen_anew(storage.store()).await;
        assert!(read < log_len(&storage).await, "{}: {read}", storage.name);
        assert_eq!(problems(&stranger).await, found, "{}", storage.name);
        // The control: who has read every entry sees what is hidden, and finds nothing wrong with that.
        assert_ne!(seen, Seen::by(&cloud).await);
        assert_eq!(problems(&cloud).await, []);
    }
}

fn damaged(record: Record<CloudSchema>) -> Record<CloudSchema> {
    let mut bytes = sealed(&record, Field::Entry).as_bytes().to_vec();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    record.with(Field::Entry, CloudValue::Sealed(Sealed::from_received(bytes).unwrap()))
}
