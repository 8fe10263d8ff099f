//! Stale keys are replaced before the next write, whatever the size of what they hold, and whatever fails on the way.

use std::sync::Arc;

use imegha_cloud::backend::{Key, Query, Record};
use imegha_cloud::schema::{CloudSchema, CloudValue, Collection, Field};
use imegha_cloud::{BytesSource, Cloud, Content, Depth, Entry, ErrorKind, OnTaken, Store};
use imegha_crypto::Id;

use crate::adversary::{Failing, Failure, Plan, Recorded, TamperingRecords};
use crate::attacks::insider::child;
use crate::storage::{Records, Storage, keys};

fn content(text: &str) -> Content {
    Content::new(BytesSource::new(text.to_owned()))
}

async fn text(cloud: &Cloud, file: &Id, revision: u64) -> String {
    let download = cloud.download_revision(file, revision).await.unwrap();
    String::from_utf8(download.bytes().await.unwrap()).unwrap()
}

fn number(record: &Record<CloudSchema>, field: Field) -> Option<u64> {
    match record.field(field) {
        Some(CloudValue::U64(number)) => Some(*number),
        _ => None,
    }
}

async fn children(records: &Arc<Records>, folder: &Id) -> Vec<Record<CloudSchema>> {
    records.query(&Query::new(Collection::Children, [CloudValue::Id(*folder)])).await.unwrap().records
}

/// Everything that `cloud` and a device without memory see is whole, and both see the same.
async fn sound(storage: &Storage, cloud: &Cloud) {
    let fresh = Cloud::open(keys(), storage.store()).await.unwrap();
    for device in [cloud, &fresh] {
        let report = device.verify(Depth::Deep).await.unwrap();
        assert_eq!(report.problems, [], "{}", storage.name);
    }
}

#[tokio::test]
async fn what_is_moved_is_stale_and_the_next_write_replaces_its_key() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let root = cloud.root();
        let [shared, own] = ["shared", "own"].map(|name| cloud.create_folder(&root, name));
        let (shared, own) = (shared.await.unwrap(), own.await.unwrap());
        let folder = cloud.create_folder(&shared.id, "folder").await.unwrap();
        let inner = cloud.create_folder(&folder.id, "inner").await.unwrap();
        let file = cloud.upload(&folder.id, "file", content("1")).await.unwrap();
        cloud.replace(&file.id, content("2")).await.unwrap();

        cloud.move_to(&[folder.id], &own.id, OnTaken::Refuse).await.unwrap();
        let moved = child(&storage, &own.id, &folder.id).await;
        assert_eq!((number(&moved, Field::Stale), number(&moved, Field::NodeEpoch)), (Some(1), Some(1)));
        // Reading replaces nothing.
        assert_eq!(text(&cloud, &file.id, 1).await, "1");
        assert_eq!(number(&child(&storage, &own.id, &folder.id).await, Field::NodeEpoch), Some(1));

        cloud.upload(&folder.id, "new", content("new")).await.unwrap();
        let renewed = child(&storage, &own.id, &folder.id).await;
        assert_eq!((number(&renewed, Field::Stale), number(&renewed, Field::NodeEpoch)), (None, Some(2)));
        assert_eq!(number(&renewed, Field::FormerEpoch), None);
        for record in children(&storage.records, &folder.id).await {
            assert_eq!(number(&record, Field::ParentEpoch), Some(2), "{}", storage.name);
            // What was there is stale now itself; what is new is not.
            let old = [inner.id, file.id].map(CloudValue::Id).contains(&record.key.sort[0]);
            assert_eq!(number(&record, Field::Stale).is_some(), old);
        }
        cloud.replace(&file.id, content("3")).await.unwrap();
        let renewed = child(&storage, &folder.id, &file.id).await;
        assert_eq!((number(&renewed, Field::Stale), number(&renewed, Field::NodeEpoch)), (None, Some(2)));
        for revision in 1..=3 {
            assert_eq!(text(&cloud, &file.id, revision).await, revision.to_string());
        }
        // Only the newest time is new: what a key is wrapped under is no edit of a person's.
        let entries = cloud.list(&folder.id).await.unwrap();
        assert_eq!(entries.iter().find(|entry| entry.id == inner.id), Some(&inner));
        sound(&storage, &cloud).await;
    }
}

#[tokio::test]
async fn every_key_on_the_way_is_replaced() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let a = cloud.create_folder(&cloud.root(), "a").await.unwrap();
        let b = cloud.create_folder(&a.id, "b").await.unwrap();
        let c = cloud.create_folder(&b.id, "c").await.unwrap();
        let file = cloud.upload(&c.id, "file", content("1")).await.unwrap();
        let beside = cloud.create_folder(&a.id, "beside").await.unwrap();
        let other = Cloud::open(keys(), storage.store()).await.unwrap();
        other.list(&c.id).await.unwrap();
        cloud.mark_stale(&a.id).await.unwrap();
        let seq = cloud.refresh().await.unwrap();
        cloud.mark_stale(&a.id).await.unwrap();
        assert_eq!(cloud.refresh().await.unwrap(), seq, "it is marked once");

        other.rename(&file.id, "renamed").await.unwrap();
        let epoch = async |parent: &Id, node: &Id| number(&child(&storage, parent, node).await, Field::NodeEpoch);
        assert_eq!(epoch(&cloud.root(), &a.id).await, Some(2), "{}", storage.name);
        assert_eq!(epoch(&a.id, &b.id).await, Some(2));
        assert_eq!(epoch(&b.id, &c.id).await, Some(2));
        assert_eq!(epoch(&c.id, &file.id).await, Some(2));
        assert_eq!(epoch(&a.id, &beside.id).await, Some(1));
        // Beside the way the mark stays until something is written there.
        assert_eq!(number(&child(&storage, &a.id, &beside.id).await, Field::Stale), Some(1));
        cloud.create_folder(&beside.id, "new").await.unwrap();
        assert_eq!(epoch(&a.id, &beside.id).await, Some(2));
        // The root can be stale as well.
        cloud.mark_stale(&cloud.root()).await.unwrap();
        cloud.create_folder(&cloud.root(), "new").await.unwrap();
        assert_eq!(epoch(&Id::ZERO, &cloud.root()).await, Some(2));
        assert_eq!(other.path(&file.id).await.unwrap().len(), 4);
        sound(&storage, &other).await;
    }
}

#[tokio::test]
async fn a_folder_of_250_and_a_file_of_120_revisions_go_over_in_several_changes() {
    for storage in [Storage::memory(), Storage::embedded()] {
        let cloud = storage.create().await;
        let folder = cloud.create_folder(&cloud.root(), "folder").await.unwrap();
        let mut nodes: Vec<Entry> = Vec::new();
        for number in 0..249 {
            nodes.push(cloud.create_folder(&folder.id, &number.to_string()).await.unwrap());
        }
        let file = cloud.upload(&folder.id, "file", content("1")).await.unwrap();
        for revision in 2..=120 {
            cloud.replace(&file.id, content(&revision.to_string())).await.unwrap();
        }
        // A device that has opened it all before.
        let other = Cloud::open(keys(), storage.store()).await.unwrap();
        let before = other.list(&folder.id).await.unwrap();

        cloud.mark_stale(&folder.id).await.unwrap();
        let seq = cloud.refresh().await.unwrap();
        cloud.upload(&folder.id, "new", content("new")).await.unwrap();
        assert_eq!(cloud.refresh().await.unwrap(), seq + 4, "three changes for the key, one for the file");
        cloud.replace(&file.id, content("121")).await.unwrap();
        assert_eq!(cloud.refresh().await.unwrap(), seq + 7);
        for device in [&cloud, &other, &Cloud::open(keys(), storage.store()).await.unwrap()] {
            let mut after = device.list(&folder.id).await.unwrap();
            after.retain(|entry| entry.name != "new" && entry.id != file.id);
            let before: Vec<_> = before.iter().filter(|entry| entry.id != file.id).cloned().collect();
            assert_eq!(after, before, "{}", storage.name);
            assert_eq!(device.revisions(&file.id).await.unwrap().len(), 121);
            for revision in [1, 60, 120, 121] {
                assert_eq!(text(device, &file.id, revision).await, revision.to_string());
            }
        }
        for record in children(&storage.records, &folder.id).await {
            assert_eq!(number(&record, Field::ParentEpoch), Some(2));
        }
        sound(&storage, &cloud).await;
    }
}

/// A folder of 130 and a file of 110 revisions in it, both marked: each takes two changes.
struct Scene {
    recorded: Arc<Recorded>,
    storage: Storage,
    folder: Entry,
    file: Entry,
}

impl Scene {
    async fn new() -> Self {
        let storage = Storage::memory();
        let recorded = Recorded::new(&storage.records);
        let store = Store { records: recorded.clone(), ..storage.store() };
        let cloud = Cloud::create(keys(), store).await.unwrap();
        let folder = cloud.create_folder(&cloud.root(), "folder").await.unwrap();
        for number in 0..129 {
            cloud.create_folder(&folder.id, &number.to_string()).await.unwrap();
        }
        let file = cloud.upload(&folder.id, "file", content("1")).await.unwrap();
        for revision in 2..=110 {
            cloud.replace(&file.id, content(&revision.to_string())).await.unwrap();
        }
        cloud.mark_stale(&folder.id).await.unwrap();
        Self { recorded, storage, folder, file }
    }

    /// The same, in records of its own.
    async fn copy(&self) -> Storage {
        let records = self.recorded.state_after(self.recorded.count()).await;
        Storage::memory().with(records, self.storage.blobs.clone())
    }

    /// Everything is there and opens, whatever was written.
    async fn check(&self, storage: &Storage, at: &str) {
        let cloud = Cloud::open(keys(), storage.store()).await.expect(at);
        let listed = cloud.list(&self.folder.id).await.expect(at);
        assert!(listed.len() == 130 && listed.iter().all(|entry| entry.damaged.is_none()), "{at}");
        let revisions = cloud.revisions(&self.file.id).await.expect(at);
        assert!((110..=111).contains(&revisions.len()), "{at}");
        for revision in [1, 50, 110] {
            assert_eq!(text(&cloud, &self.file.id, revision).await, revision.to_string(), "{at}");
        }
    }
}

#[tokio::test]
async fn a_connection_that_dies_at_any_call_leaves_everything_readable_and_the_next_write_goes_on() {
    let scene = Scene::new().await;
    for failure in [Failure::Gone, Failure::After] {
        let mut unfinished = 0;
        for fail_at in 0.. {
            let storage = scene.copy().await;
            let plan = Plan::new(fail_at, failure);
            let store = storage.store();
            let store = Store {
                records: Failing::new(&storage.records, &plan),
                blobs: Failing::new(&storage.blobs, &plan),
                ..store
            };
            let at = format!("{failure:?} at call {fail_at}");
            let result = match Cloud::open(keys(), store).await {
                Ok(cloud) => cloud.replace(&scene.file.id, content("111")).await.map(drop),
                Err(error) => Err(error),
            };
            if let Err(error) = &result {
                assert_eq!((error.kind(), failure), (ErrorKind::Unavailable, Failure::Gone), "{at}");
            }
            scene.check(&storage, &at).await;
            let cloud = Cloud::open(keys(), storage.store()).await.unwrap();
            let folder = child(&storage, &cloud.root(), &scene.folder.id).await;
            unfinished += u32::from(number(&folder, Field::FormerEpoch).is_some());
            unfinished += u32::from(
                number(&child(&storage, &scene.folder.id, &scene.file.id).await, Field::FormerEpoch).is_some(),
            );

            // Another device finishes it.
            cloud.rename(&scene.file.id, "renamed").await.expect(&at);
            scene.check(&storage, &at).await;
            let folder = child(&storage, &cloud.root(), &scene.folder.id).await;
            let file = child(&storage, &scene.folder.id, &scene.file.id).await;
            for record in [folder, file] {
                assert_eq!((number(&record, Field::Stale), number(&record, Field::FormerEpoch)), (None, None), "{at}");
                assert_eq!(number(&record, Field::NodeEpoch), Some(2), "{at}: once, not twice");
            }
            if !plan.failed() {
                assert!(result.is_ok() && fail_at > 10, "{at}");
                break;
            }
        }
        assert!(unfinished > 0 || failure == Failure::After, "the middle was seen");
    }
}

#[tokio::test]
async fn a_key_that_is_half_replaced_is_no_hindrance() {
    let scene = Scene::new().await;
    let storage = scene.copy().await;
    // Dies after the first of two changes.
    let recorded = Recorded::new(&storage.records);
    let count = async |fail_at| {
        let storage = scene.copy().await;
        let plan = Plan::new(fail_at, Failure::Gone);
        let store = Store { records: Failing::new(&storage.records, &plan), ..storage.store() };
        let Ok(cloud) = Cloud::open(keys(), store).await else { return None };
        let _ = cloud.create_folder(&scene.folder.id, "new").await;
        let folder = child(&storage, &cloud.root(), &scene.folder.id).await;
        number(&folder, Field::FormerEpoch).map(|_| storage)
    };
    drop(recorded);
    let mut half = None;
    for fail_at in 0..100 {
        half = count(fail_at).await;
        if half.is_some() {
            break;
        }
    }
    let storage = half.expect("there is a half");
    let cloud = Cloud::open(keys(), storage.store()).await.unwrap();
    let root = cloud.root();
    let under = async |epoch| {
        let records = children(&storage.records, &scene.folder.id).await;
        let ids: Vec<_> = records.iter().filter(|record| number(record, Field::ParentEpoch) == Some(epoch)).collect();
        ids.iter().map(|record| record.key.sort[0].clone()).collect::<Vec<_>>()
    };
    let (old, new) = (under(1).await, under(2).await);
    assert!(old.len() > 20 && new.len() > 90, "{} {}", old.len(), new.len());
    let id = |value: &CloudValue| match value {
        CloudValue::Id(id) => *id,
        other => panic!("{other:?}"),
    };
    // Out of the folder, from under either key.
    cloud.move_to(&[id(&old[0]), id(&new[0])], &root, OnTaken::KeepBoth).await.unwrap();
    // The folder itself moves, with both its keys, and its parent's key is replaced under it.
    let other = cloud.create_folder(&root, "other").await.unwrap();
    cloud.move_to(&[scene.folder.id], &other.id, OnTaken::Refuse).await.unwrap();
    cloud.mark_stale(&other.id).await.unwrap();
    cloud.create_folder(&other.id, "beside").await.unwrap();
    let record = child(&storage, &other.id, &scene.folder.id).await;
    assert_eq!((number(&record, Field::FormerEpoch), number(&record, Field::ParentEpoch)), (Some(1), Some(2)));
    assert_eq!(cloud.list(&scene.folder.id).await.unwrap().len(), 128);
    // Stale again before it was finished: finished, then replaced once more.
    cloud.create_folder(&scene.folder.id, "new").await.unwrap();
    let record = child(&storage, &other.id, &scene.folder.id).await;
    assert_eq!((number(&record, Field::FormerEpoch), number(&record, Field::NodeEpoch)), (None, Some(3)));
    assert_eq!(under(3).await.len(), 129);
    sound(&storage, &cloud).await;
}

/// A child that storage withholds keeps the key that it stands under, and keeps nobody from writing.
#[tokio::test]
async fn a_withheld_child_keeps_its_key_and_nobody_from_writing() {
    for storage in Storage::all().await {
        let adversary = TamperingRecords::new(&storage.records);
        let store = Store { records: adversary.clone(), ..storage.store() };
        let cloud = Cloud::create(keys(), store).await.unwrap();
        let folder = cloud.create_folder(&cloud.root(), "folder").await.unwrap();
        let lost = cloud.upload(&folder.id, "lost", content("lost")).await.unwrap();
        let there = cloud.upload(&folder.id, "there", content("there")).await.unwrap();
        cloud.mark_stale(&folder.id).await.unwrap();

        let key = Key::new(Collection::Children, [CloudValue::Id(folder.id)], [CloudValue::Id(lost.id)]);
        adversary.attack(Box::new(move |asked, record| if *asked == key { None } else { record }));
        cloud.upload(&folder.id, "new", content("new")).await.unwrap();
        cloud.upload(&folder.id, "newer", content("newer")).await.unwrap();
        let stray = cloud.upload(&cloud.root(), "there", content("stray")).await.unwrap();
        cloud.move_to(&[stray.id], &folder.id, OnTaken::KeepBoth).await.unwrap();
        cloud.move_to(&[stray.id], &cloud.root(), OnTaken::KeepBoth).await.unwrap();
        let record = child(&storage, &cloud.root(), &folder.id).await;
        assert_eq!((number(&record, Field::NodeEpoch), number(&record, Field::FormerEpoch)), (Some(2), Some(1)));
        // A second time there is no place for another key.
        cloud.mark_stale(&folder.id).await.unwrap();
        let error = cloud.upload(&folder.id, "newest", content("")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Rollback, "{}", storage.name);

        adversary.stop();
        assert_eq!(cloud.download(&lost.id).await.unwrap().bytes().await.unwrap(), b"lost");
        cloud.upload(&folder.id, "newest", content("")).await.unwrap();
        let record = child(&storage, &cloud.root(), &folder.id).await;
        assert_eq!((number(&record, Field::NodeEpoch), number(&record, Field::FormerEpoch)), (Some(3), None));
        assert_eq!(cloud.download(&there.id).await.unwrap().bytes().await.unwrap(), b"there");
        sound(&storage, &cloud).await;
    }
}

/// Two devices write under one stale folder at once: its key is replaced once, and a third, which reads all the while, sees nothing
/// damaged in between.
#[tokio::test(flavor = "multi_thread")]
async fn two_devices_replace_one_key_once_and_a_reader_sees_no_seam() {
    for storage in Storage::all().await {
        let first = Cloud::create(keys(), storage.store_in_real_time()).await.unwrap();
        let folder = first.create_folder(&first.root(), "folder").await.unwrap().id;
        let mut inner = Vec::new();
        for number in 0..110 {
            inner.push(first.create_folder(&folder, &number.to_string()).await.unwrap().id);
        }
        let second = Cloud::open(keys(), storage.store_in_real_time()).await.unwrap();
        let reader = Cloud::open(keys(), storage.store_in_real_time()).await.unwrap();
        first.mark_stale(&folder).await.unwrap();
        let write = |cloud: Cloud, name: &'static str, inner: Id| {
            tokio::spawn(async move {
                cloud.upload(&folder, name, content(name)).await.unwrap();
                cloud.upload(&inner, name, content(name)).await.unwrap();
                cloud.rename(&inner, name).await.map(drop).unwrap_err();
            })
        };
        let writers = [write(first.clone(), "first", inner[0]), write(second, "second", inner[0])];
        while !writers.iter().all(tokio::task::JoinHandle::is_finished) {
            for entry in reader.list(&folder).await.unwrap() {
                assert_eq!(entry.damaged, None, "{}", storage.name);
            }
            reader.path(&inner[1]).await.unwrap();
        }
        for writer in writers {
            writer.await.unwrap();
        }
        for (parent, node) in [(first.root(), folder), (folder, inner[0])] {
            let record = child(&storage, &parent, &node).await;
            assert_eq!((number(&record, Field::NodeEpoch), number(&record, Field::Stale)), (Some(2), None));
        }
        assert_eq!(reader.list(&folder).await.unwrap().len(), 112);
        sound(&storage, &first).await;
    }
}
