//! Storage shows a record in the place of another, or none.

use imegha_cloud::backend::{Condition, Key, Record, Write};
use imegha_cloud::schema::{CloudSchema, CloudValue, Collection, Field};
use imegha_cloud::{BytesSource, Cloud, Content, Depth, ErrorKind, Fault, Problem, Revision, Store};
use imegha_crypto::{Id, NodeKey};

use super::insider::{child, node_key, sealed};
use crate::adversary::TamperingRecords;
use crate::storage::{Storage, keys, other_keys};

fn content(text: &'static str) -> Content {
    Content::new(BytesSource::new(text))
}

fn child_key(parent: &Id, node: &Id) -> Key<CloudSchema> {
    Key::new(Collection::Children, [CloudValue::Id(*parent)], [CloudValue::Id(*node)])
}

fn at(record: &Record<CloudSchema>, key: Key<CloudSchema>) -> Record<CloudSchema> {
    Record { key, fields: record.fields.clone() }
}

/// Stopped by the log's hash, which is of the key and all fields (`Log::read`): without that line this turns red where the place is not
/// in what is sealed as well, as with the times.
#[tokio::test]
async fn a14_a_record_moved_to_another_folder_id_field_or_account() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let root = cloud.root();
        let folder = cloud.create_folder(&root, "folder").await.unwrap();
        let file = cloud.upload(&root, "file", content("1")).await.unwrap();
        cloud.replace(&file.id, content("2")).await.unwrap();
        let other = cloud.upload(&root, "other", content("3")).await.unwrap();
        // Another account's cloud, with a file at its root.
        let elsewhere = Storage::memory();
        let stranger = Cloud::create(other_keys(), elsewhere.store()).await.unwrap();
        let strange = stranger.upload(&stranger.root(), "file", content("4")).await.unwrap();

        let own = child(&storage, &root, &file.id).await;
        let beside = child(&storage, &root, &other.id).await;
        let foreign = child(&elsewhere, &stranger.root(), &strange.id).await;
        let revision = Key::new(Collection::Revision, [CloudValue::Id(file.id)], [CloudValue::U64(1)]);
        let revision = storage.records.get(&revision).await.unwrap().unwrap();
        let field = |field| own.field(field).unwrap().clone();
        let mut older = own.clone();
        older.fields.extend(revision.fields.clone());
        let attacks = [
            ("the other file's in its place", at(&beside, own.key.clone())),
            ("another account's", at(&foreign, own.key.clone())),
            ("name and key exchanged", {
                let changed = own.clone().with(Field::Meta, field(Field::NodeKey));
                changed.with(Field::NodeKey, field(Field::Meta))
            }),
            ("the revision in the place of the name", own.clone().with(Field::Meta, field(Field::RevisionMeta))),
            ("the file's key in the place of the node's", own.clone().with(Field::NodeKey, field(Field::FileKey))),
            ("the older revision as the newest", older),
            ("another time", own.clone().with(Field::Written, CloudValue::Time(1))),
            ("as if it had been trashed", {
                let changed = own.clone().with(Field::Trashed, CloudValue::Time(1));
                changed.with(Field::Origin, CloudValue::Id(folder.id))
            }),
            ("the mark of a stale key added", own.clone().with(Field::Stale, CloudValue::U64(1))),
        ];
        let put = async |record: &Record<CloudSchema>| {
            storage.records.transact(&[Write::Put(record.clone(), Condition::None)]).await.unwrap();
        };
        let control = async || {
            for device in [&cloud, &Cloud::open(keys(), storage.store()).await.unwrap()] {
                assert_eq!(device.download(&file.id).await.unwrap().bytes().await.unwrap(), b"2");
                assert!(device.list(&root).await.unwrap().iter().all(|entry| entry.damaged.is_none()));
            }
        };
        control().await;
        for (what, attack) in attacks {
            put(&attack).await;
            for device in [&cloud, &Cloud::open(keys(), storage.store()).await.unwrap()] {
                let what = format!("{}: {what}", storage.name);
                assert_eq!(device.download(&file.id).await.unwrap_err().kind(), ErrorKind::CannotOpen, "{what}");
                let listed = device.list(&root).await.unwrap();
                let entry = listed.iter().find(|entry| entry.id == file.id).unwrap();
                assert_eq!((entry.damaged, entry.name.as_str()), (Some(ErrorKind::CannotOpen), ""), "{what}");
                assert!(device.rename(&file.id, "new").await.is_err() && device.trash(&[file.id]).await.is_err());
            }
            put(&own).await;
            control().await;
        }

        // To another folder, with and without the record that says where it stands: the log knows better.
        let moved = at(&own, child_key(&folder.id, &file.id));
        put(&moved).await;
        let listed = cloud.list(&folder.id).await.unwrap();
        assert_eq!((listed.len(), listed[0].damaged), (1, Some(ErrorKind::CannotOpen)), "{}", storage.name);
        let locator = Key::new(Collection::Node, [CloudValue::Id(file.id)], [CloudValue::U64(1)]);
        let honest = storage.records.get(&locator).await.unwrap().unwrap();
        put(&Record::new(locator.clone()).with(Field::Parent, CloudValue::Id(folder.id))).await;
        for device in [&cloud, &Cloud::open(keys(), storage.store()).await.unwrap()] {
            assert_eq!(device.entry(&file.id).await.unwrap().parent, root);
            assert_eq!(device.download(&file.id).await.unwrap().bytes().await.unwrap(), b"2");
            assert!(!device.verify(Depth::Quick).await.unwrap().problems.is_empty(), "{}", storage.name);
        }
        put(&honest).await;
        storage.records.transact(&[Write::Delete(moved.key, Condition::None)]).await.unwrap();
        // An older revision under another number.
        let renumbered = Key::new(Collection::Revision, [CloudValue::Id(file.id)], [CloudValue::U64(7)]);
        put(&at(&revision, renumbered)).await;
        assert_eq!(cloud.download_revision(&file.id, 7).await.unwrap_err().kind(), ErrorKind::CannotOpen);
        control().await;
    }
}

/// Who has no log is stopped by what is sealed: the place is in the label of each (`NodeKey::unwrap`, `MetadataKey::open_node`) and under
/// the owner's signature (`PublicIdentity::verify_revision`, which turns this red alone).
#[tokio::test]
async fn a14_a_record_moved_under_readers_without_the_log() {
    let storage = Storage::memory();
    let cloud = storage.create().await;
    let root = cloud.root();
    let file = cloud.upload(&root, "file", content("1")).await.unwrap();
    let other = Id::generate().unwrap();
    let (root_key, key) = (node_key(&storage, &[root]).await, node_key(&storage, &[root, file.id]).await);
    let record = child(&storage, &root, &file.id).await;
    let owner = keys().identity;
    let revision = |record: &Record<CloudSchema>, cloud: &Id, node: &Id| {
        Revision::open(record, cloud, node, &key, owner.public()).map_err(|error| error.kind())
    };
    assert!(revision(&record, &cloud.id(), &file.id).is_ok());
    assert_eq!(revision(&record, &cloud.id(), &other).unwrap_err(), ErrorKind::CannotOpen);
    assert_eq!(revision(&record, &other, &file.id).unwrap_err(), ErrorKind::CannotOpen);
    let (meta, wrapped) = (record.field(Field::RevisionMeta).unwrap(), record.field(Field::FileKey).unwrap());
    let exchanged = record.clone().with(Field::RevisionMeta, wrapped.clone()).with(Field::FileKey, meta.clone());
    assert_eq!(revision(&exchanged, &cloud.id(), &file.id).unwrap_err(), ErrorKind::CannotOpen);

    let unwraps = |node: &Id, parent: &Id| {
        NodeKey::unwrap(sealed(&record, Field::NodeKey), &root_key, node, parent, 1, 1).is_ok()
    };
    assert!(unwraps(&file.id, &root) && !unwraps(&other, &root) && !unwraps(&file.id, &other));
    let opens = |node: &Id, parent: &Id, edit| {
        key.derive_metadata_key(node, 1).open_node(sealed(&record, Field::Meta), node, parent, edit).is_ok()
    };
    assert!(opens(&file.id, &root, 1));
    assert!(!opens(&other, &root, 1) && !opens(&file.id, &other, 1) && !opens(&file.id, &root, 2));
}

/// Stopped by what the log expects in a folder and storage did not list (`for name in expected.keys()` in `Log::list`): without those
/// lines this turns red.
#[tokio::test]
async fn a15_a_record_dropped_from_a_listing() {
    for storage in Storage::all().await {
        let adversary = TamperingRecords::new(&storage.records);
        let store = Store { records: adversary.clone(), ..storage.store() };
        let cloud = Cloud::create(keys(), store.clone()).await.unwrap();
        let folder = cloud.create_folder(&cloud.root(), "folder").await.unwrap();
        for name in ["one", "two", "three"] {
            cloud.upload(&folder.id, name, content("x")).await.unwrap();
        }
        let listed = cloud.list(&folder.id).await.unwrap();
        assert!(listed.len() == 3 && listed.iter().all(|entry| entry.damaged.is_none()));
        assert_eq!(cloud.verify(Depth::Quick).await.unwrap().problems, []);

        let dropped = listed[1].id;
        let key = child_key(&folder.id, &dropped);
        adversary.attack(Box::new(move |asked, record| if *asked == key { None } else { record }));
        let fresh = Store { device: std::sync::Arc::new(imegha_cloud::MemoryDevice::new()), ..store.clone() };
        for device in [&cloud, &Cloud::open(keys(), fresh).await.unwrap()] {
            let shown = device.list(&folder.id).await.unwrap();
            assert_eq!(shown.len(), 3, "{}", storage.name);
            let missing = shown.iter().find(|entry| entry.id == dropped).unwrap();
            assert_eq!(missing.damaged, Some(ErrorKind::Rollback));
            let problems = device.verify(Depth::Quick).await.unwrap().problems;
            assert!(problems.contains(&Problem { node: Some(dropped), what: Fault::Withheld }), "{problems:?}");
            assert!(problems.iter().all(|problem| problem.node == Some(dropped)));
        }
        adversary.stop();
        assert_eq!(cloud.list(&folder.id).await.unwrap(), listed);
    }
}
