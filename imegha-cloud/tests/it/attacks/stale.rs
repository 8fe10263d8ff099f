//! Somebody was given keys and should not have them any more; storage helps.

use imegha_cloud::backend::{Condition, Query, Record, Write};
use imegha_cloud::schema::{CloudSchema, CloudValue, Collection, Field};
use imegha_cloud::{BytesSource, Cloud, Content, ErrorKind, MemoryDevice, OnTaken, Revision, Store};
use imegha_crypto::{FileKey, Id, Identity, NodeKey};

use super::insider::{child, node_key, sealed};
use crate::adversary::{Recorded, TamperingRecords};
use crate::storage::{Storage, keys, other_keys};

fn content(text: &'static str) -> Content {
    Content::new(BytesSource::new(text))
}

fn number(record: &Record<CloudSchema>, field: Field) -> u64 {
    match record.field(field) {
        Some(CloudValue::U64(number)) => *number,
        other => panic!("{other:?}"),
    }
}

/// The keys of one node, as somebody got to know them.
struct Known {
    id: Id,
    key: NodeKey,
}

impl Known {
    async fn of(storage: &Storage, way: &[Id]) -> Self {
        Self { id: *way.last().unwrap(), key: node_key(storage, way).await }
    }

    /// Whether the key opens that of a child of the node, under whatever epochs.
    fn opens_child(&self, record: &Record<CloudSchema>) -> bool {
        let [CloudValue::Id(child)] = record.key.sort[..] else { panic!("a child") };
        let wrapped = sealed(record, Field::NodeKey);
        (1..5)
            .any(|own| (1..5).any(|parent| NodeKey::unwrap(wrapped, &self.key, &child, &self.id, own, parent).is_ok()))
    }

    /// Whether the key opens the name of the node, or its newest file key, under whatever epoch.
    fn opens_own(&self, record: &Record<CloudSchema>) -> [bool; 2] {
        let [CloudValue::Id(parent)] = record.key.partition[..] else { panic!("a parent") };
        let (meta, edit) = (sealed(record, Field::Meta), number(record, Field::Edit));
        let name = (1..5).any(|epoch| {
            self.key.derive_metadata_key(&self.id, epoch).open_node(meta, &self.id, &parent, edit).is_ok()
        });
        let file = record.field(Field::FileKey).is_some_and(|_| {
            let (wrapped, revision) = (sealed(record, Field::FileKey), number(record, Field::Revision));
            (1..5).any(|epoch| FileKey::unwrap(wrapped, &self.key, &self.id, revision, epoch).is_ok())
        });
        [name, file]
    }
}

async fn children(storage: &Storage, folder: &Id) -> Vec<Record<CloudSchema>> {
    let query = Query::new(Collection::Children, [CloudValue::Id(*folder)]);
    storage.records.query(&query).await.unwrap().records
}

/// The key of a folder was given away, then the grant is revoked, or the folder moved out of one whose key was given away: what is
/// written from then on opens with none of the old keys. Stopped by `Cloud::renew` before each write (of uploads and replacements,
/// `create_folder`, `rename`, and `Placing::enter`) and by the marks that it leaves on the children (`ParentKey::rewrap`): without
/// either this turns red.
#[tokio::test]
async fn a64_nothing_new_is_sealed_under_a_stale_key() {
    for moves in [false, true] {
        for storage in Storage::all().await {
            let cloud = storage.create().await;
            let root = cloud.root();
            let shared = cloud.create_folder(&root, "shared").await.unwrap().id;
            let own = cloud.create_folder(&root, "own").await.unwrap().id;
            let folder = cloud.create_folder(&shared, "folder").await.unwrap().id;
            let inner = cloud.create_folder(&folder, "inner").await.unwrap().id;
            let file = cloud.upload(&folder, "file", content("1")).await.unwrap().id;
            let at_rest = cloud.upload(&folder, "at rest", content("1")).await.unwrap().id;
            let stray = cloud.upload(&own, "stray", content("1")).await.unwrap().id;
            let way = [root, shared, folder];
            let known_folder = Known::of(&storage, &way).await;
            let known_inner = Known::of(&storage, &[&way[..], &[inner]].concat()).await;
            let known_file = Known::of(&storage, &[&way[..], &[file]].concat()).await;
            // The control: as long as it is shared, the keys open what is written.
            cloud.rename(&file, "shared file").await.unwrap();
            cloud.replace(&file, content("2")).await.unwrap();
            assert!(children(&storage, &folder).await.iter().all(|record| known_folder.opens_child(record)));
            assert_eq!(known_file.opens_own(&child(&storage, &folder, &file).await), [true, true]);

            if moves {
                cloud.move_to(&[folder], &own, OnTaken::Refuse).await.unwrap();
            } else {
                cloud.mark_stale(&folder).await.unwrap();
            }
            cloud.upload(&folder, "new", content("new")).await.unwrap();
            cloud.create_folder(&folder, "new folder").await.unwrap();
            cloud.rename(&file, "secret name").await.unwrap();
            cloud.replace(&file, content("secret")).await.unwrap();
            cloud.upload(&inner, "new", content("new")).await.unwrap();
            cloud.move_to(&[stray], &inner, OnTaken::Refuse).await.unwrap();
            let context = format!("{} moved: {moves}", storage.name);
            let records = children(&storage, &folder).await;
            assert_eq!(records.len(), 5);
            assert!(!records.iter().any(|record| known_folder.opens_child(record)), "{context}");
            assert_eq!(known_file.opens_own(&child(&storage, &folder, &file).await), [false, false], "{context}");
            let below = children(&storage, &inner).await;
            assert_eq!(below.len(), 2);
            assert!(!below.iter().any(|record| known_inner.opens_child(record)), "{context}");
            // What nobody wrote to keeps its key: that was known, and so was what it opens.
            assert_eq!(cloud.download(&at_rest).await.unwrap().bytes().await.unwrap(), b"1");
            assert_eq!(cloud.download_revision(&file, 2).await.unwrap().bytes().await.unwrap(), b"2");
        }
    }
}

/// Moving something under another name is a new name; moving it into a stale folder is a new key under the folder's.
#[tokio::test]
async fn a64_a_move_seals_nothing_under_a_stale_key() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let root = cloud.root();
        let shared = cloud.create_folder(&root, "shared").await.unwrap().id;
        let file = cloud.upload(&root, "file", content("1")).await.unwrap().id;
        let twin = cloud.upload(&shared, "file", content("2")).await.unwrap().id;
        let known_shared = Known::of(&storage, &[root, shared]).await;
        let known_twin = Known::of(&storage, &[root, shared, twin]).await;
        assert!(known_shared.opens_child(&child(&storage, &shared, &twin).await));
        assert_eq!(known_twin.opens_own(&child(&storage, &shared, &twin).await), [true, true]);

        cloud.mark_stale(&twin).await.unwrap();
        let moved = cloud.move_to(&[twin], &root, OnTaken::KeepBoth).await.unwrap();
        assert_eq!(moved[0].name, "file (2)");
        assert_eq!(known_twin.opens_own(&child(&storage, &root, &twin).await), [false, false], "{}", storage.name);

        cloud.mark_stale(&shared).await.unwrap();
        cloud.move_to(&[file], &shared, OnTaken::Refuse).await.unwrap();
        assert!(!known_shared.opens_child(&child(&storage, &shared, &file).await), "{}", storage.name);
    }
}

/// Storage shows the record of a stale folder or file as it was: with the key that was given away, or without the mark. Nothing is
/// written then. Stopped by the log's hash (`Log::read`), for a device that has seen nothing as well: without that line this turns red.
#[tokio::test]
async fn a64_storage_replays_the_old_wrap() {
    for storage in Storage::all().await {
        let adversary = TamperingRecords::new(&storage.records);
        let recorded = Recorded::new(&(adversary.clone() as std::sync::Arc<crate::storage::Records>));
        let store = Store { records: recorded.clone(), ..storage.store() };
        let cloud = Cloud::create(keys(), store.clone()).await.unwrap();
        let root = cloud.root();
        let folder = cloud.create_folder(&root, "folder").await.unwrap().id;
        let file = cloud.upload(&folder, "file", content("1")).await.unwrap().id;
        let unmarked = child(&storage, &root, &folder).await;
        let known = Known::of(&storage, &[root, folder]).await;
        cloud.mark_stale(&folder).await.unwrap();
        let marked = child(&storage, &root, &folder).await;
        let old_file = child(&storage, &folder, &file).await;

        let writes = async |device: &Cloud| {
            [
                device.upload(&folder, "new", content("new")).await.map(drop),
                device.create_folder(&folder, "new folder").await.map(drop),
                device.rename(&file, "new name").await.map(drop),
                device.replace(&file, content("new")).await.map(drop),
                device.move_to(&[file], &root, OnTaken::Refuse).await.map(drop),
            ]
        };
        let fresh = async || {
            let store = Store { device: std::sync::Arc::new(MemoryDevice::new()), ..store.clone() };
            Cloud::open(keys(), store).await.unwrap()
        };
        let refused = async |device: &Cloud, stale: &Record<CloudSchema>| {
            let (count, objects) = (recorded.count(), storage.objects().await);
            adversary.replay(stale.clone());
            for result in writes(device).await {
                assert_eq!(result.unwrap_err().kind(), ErrorKind::Rollback, "{}", storage.name);
            }
            adversary.stop();
            assert_eq!((recorded.count(), storage.objects().await), (count, objects), "nothing was written");
        };
        refused(&cloud, &unmarked).await;
        refused(&fresh().await, &unmarked).await;
        // The control: the new key, and the write.
        cloud.rename(&file, "renamed").await.unwrap();
        assert_eq!(number(&child(&storage, &root, &folder).await, Field::NodeEpoch), 2);
        refused(&fresh().await, &unmarked).await;
        refused(&fresh().await, &marked).await;
        // A device that has the new key in memory does not ask, and writes under no other.
        adversary.replay(marked);
        cloud.upload(&folder, "from memory", content("x")).await.unwrap();
        adversary.stop();
        assert!(!children(&storage, &folder).await.iter().any(|record| known.opens_child(record)), "{}", storage.name);
        // The file's alone: the folder can be written to, the file not.
        adversary.replay(old_file);
        assert_eq!(cloud.rename(&file, "again").await.unwrap_err().kind(), ErrorKind::Rollback);
        assert_eq!(cloud.replace(&file, content("3")).await.unwrap_err().kind(), ErrorKind::Rollback);
        adversary.stop();
        for result in writes(&cloud).await {
            result.unwrap();
        }
    }
}

/// Whoever knows an old key, and even its parent's, replaces it by one of his own. The owner's devices have the log, which knows of another
/// hash and another epoch (`Log::read`, `Tree::open_in`: red only without both); who has no log has the owner's signature over the revision
/// under the new epoch (`PublicIdentity::verify_revision` in `Revision::open`): without that line this turns red.
#[tokio::test]
async fn a64_a_key_holder_forges_a_new_key() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let root = cloud.root();
        let file = cloud.upload(&root, "file", content("1")).await.unwrap().id;
        cloud.mark_stale(&file).await.unwrap();
        let honest = child(&storage, &root, &file).await;
        let (root_key, key) = (node_key(&storage, &[root]).await, node_key(&storage, &[root, file]).await);
        let file_key = FileKey::unwrap(sealed(&honest, Field::FileKey), &key, &file, 1, 1).unwrap();
        let name = key.derive_metadata_key(&file, 1).open_node(sealed(&honest, Field::Meta), &file, &root, 1).unwrap();
        let meta = sealed(&honest, Field::RevisionMeta);
        let revision = key.derive_metadata_key(&file, 1).open_revision(meta, &file, 1, 1).unwrap();

        let own = NodeKey::generate().unwrap();
        let metadata = own.derive_metadata_key(&file, 2);
        let forge = |signer: &Identity| {
            let meta = metadata.seal_revision(&file, 1, 2, &revision).unwrap();
            let wrapped = file_key.wrap(&own, &file, 1, 2).unwrap();
            let signature = signer.sign_revision(&cloud.id(), &file, 1, 2, &meta, &wrapped);
            let mut record = honest.clone();
            record.fields.remove(&Field::Stale);
            record
                .with(Field::Edit, CloudValue::U64(2))
                .with(Field::NodeEpoch, CloudValue::U64(2))
                .with(Field::RevisionEpoch, CloudValue::U64(2))
                .with(Field::NodeKey, CloudValue::Sealed(own.wrap(&root_key, &file, &root, 2, 1).unwrap()))
                .with(Field::Meta, CloudValue::Sealed(metadata.seal_node(&file, &root, 2, &name).unwrap()))
                .with(Field::RevisionMeta, CloudValue::Sealed(meta))
                .with(Field::FileKey, CloudValue::Sealed(wrapped))
                .with(Field::Signature, CloudValue::Signature(signature))
        };
        let owner = keys().identity;
        let open = |record: &Record<CloudSchema>| {
            Revision::open(record, &cloud.id(), &file, &own, owner.public()).map_err(|error| error.kind())
        };
        // The control: signed by the owner it would be good.
        assert_eq!(open(&forge(&owner)).unwrap().epoch, 2);
        let forged = forge(&other_keys().identity);
        assert_eq!(open(&forged).unwrap_err(), ErrorKind::CannotOpen);
        let copied = forged.clone().with(Field::Signature, honest.field(Field::Signature).unwrap().clone());
        assert_eq!(open(&copied).unwrap_err(), ErrorKind::CannotOpen);

        for record in [forged, copied, forge(&owner)] {
            storage.records.transact(&[Write::Put(record, Condition::None)]).await.unwrap();
            for device in [&cloud, &Cloud::open(keys(), storage.store()).await.unwrap()] {
                assert_eq!(device.download(&file).await.unwrap_err().kind(), ErrorKind::CannotOpen, "{}", storage.name);
                assert_eq!(device.replace(&file, content("2")).await.unwrap_err().kind(), ErrorKind::CannotOpen);
            }
        }
        storage.records.transact(&[Write::Put(honest, Condition::None)]).await.unwrap();
        assert_eq!(cloud.replace(&file, content("2")).await.unwrap().revision, 2);
    }
}
