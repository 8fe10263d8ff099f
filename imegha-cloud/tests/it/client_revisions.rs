//! Older revisions of a file: going back to one, and removing them.

use std::sync::Arc;

use imegha_cloud::clock::ManualClock;
use imegha_cloud::schema::{CloudValue, Collection, Field};
use imegha_cloud::{
    Action, AuditFilter, BytesSource, Cloud, Content, Depth, Entry, ErrorKind, KeepRevisions, Purged, Store,
};
use imegha_crypto::Id;

use crate::adversary::{TamperingBlobs, TamperingRecords};
use crate::client_audit::audited;
use crate::storage::{NOW_MS, Storage, bytes, keys};

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

fn content(text: &str) -> Content {
    Content::new(BytesSource::new(text.to_owned()))
}

/// A file that was saved so many times, a day after each other: "1", "2" and so on.
async fn saved(storage: &Storage, times: u64) -> (Cloud, Entry) {
    let clock = Arc::new(ManualClock::new(NOW_MS));
    let store = Store { clock: clock.clone(), ..storage.store() };
    let cloud = Cloud::create(keys(), store).await.unwrap();
    let first = content("1").mime("text/plain").modified_ms(7);
    let mut file = cloud.upload(&cloud.root(), "diary.txt", first).await.unwrap();
    for number in 2..=times {
        clock.advance(DAY_MS);
        file = cloud.replace(&file.id, content(&number.to_string())).await.unwrap();
    }
    (cloud, file)
}

async fn numbers(cloud: &Cloud, file: &Id) -> Vec<u64> {
    cloud.revisions(file).await.unwrap().iter().map(|revision| revision.number).collect()
}

async fn read(cloud: &Cloud, file: &Id) -> Vec<u8> {
    cloud.download(file).await.unwrap().bytes().await.unwrap()
}

#[tokio::test]
async fn going_back_is_a_new_revision_with_the_bytes_of_the_old_one() {
    for storage in Storage::all().await {
        let (cloud, file) = saved(&storage, 3).await;
        let back = cloud.restore_revision(&file.id, 1).await.unwrap();
        assert_eq!((back.revision, back.mime.as_deref(), back.modified_ms), (4, Some("text/plain"), Some(7)));
        assert_eq!(read(&cloud, &file.id).await, b"1", "{}", storage.name);
        assert_eq!(numbers(&cloud, &file.id).await, [4, 3, 2, 1]);
        // The newest is where it is.
        let entries = cloud.refresh().await.unwrap();
        assert_eq!(cloud.restore_revision(&file.id, 4).await.unwrap(), back);
        assert_eq!(cloud.refresh().await.unwrap(), entries);
        for none in [0, 5] {
            let none = cloud.restore_revision(&file.id, none).await.unwrap_err();
            assert_eq!(none.kind(), ErrorKind::NotFound);
        }
        let other = Cloud::open(keys(), storage.store()).await.unwrap();
        assert_eq!(read(&other, &file.id).await, b"1");
    }
}

/// A megabyte and some, so that it is more than one chunk, and the last of them is what is damaged.
#[tokio::test]
async fn a_damaged_revision_is_not_gone_back_to_and_nothing_changes() {
    let memory = Storage::memory();
    let blobs = TamperingBlobs::new(&memory.blobs);
    let records = memory.records.clone();
    let storage = memory.with(records, blobs.clone());
    let cloud = storage.create().await;
    let file = cloud.upload(&cloud.root(), "a", Content::new(BytesSource::new(bytes(1_200_000, 1)))).await.unwrap();
    let newest = cloud.replace(&file.id, content("newer")).await.unwrap();
    let objects = storage.objects().await;
    blobs.change(false, |_, mut object| {
        if object.len() > 1_000_000 {
            *object.last_mut().unwrap() ^= 1;
        }
        object
    });
    assert_eq!(cloud.restore_revision(&file.id, 1).await.unwrap_err().kind(), ErrorKind::CannotOpen);
    blobs.stop();
    assert_eq!(cloud.entry(&file.id).await.unwrap(), newest);
    assert_eq!(storage.objects().await, objects, "nothing is left over");
    assert_eq!(cloud.restore_revision(&file.id, 1).await.unwrap().revision, 3);
}

#[tokio::test]
async fn what_no_rule_keeps_is_removed_with_its_objects_and_only_that() {
    for storage in Storage::all().await {
        let (cloud, file) = saved(&storage, 6).await;
        let other = cloud.upload(&cloud.root(), "other", content("untouched")).await.unwrap();
        cloud.replace(&other.id, content("untouched too")).await.unwrap();
        assert_eq!(storage.objects().await, (8, 0));

        let all = KeepRevisions::none().last(5);
        assert_eq!(cloud.prune(&file.id, &all).await.unwrap(), Purged::default());
        // Revision 2 was written on the second day, and so on.
        let keep = KeepRevisions::none().last(1).since_ms(NOW_MS + 3 * DAY_MS);
        let prunable: Vec<_> = cloud.prunable(&file.id, &keep).await.unwrap().iter().map(|old| old.number).collect();
        assert_eq!(prunable, [3, 2, 1]);
        assert_eq!(numbers(&cloud, &file.id).await, [6, 5, 4, 3, 2, 1], "asking changes nothing");
        let purged = cloud.prune(&file.id, &keep).await.unwrap();
        assert_eq!((purged.nodes, purged.objects), (0, 3), "{}", storage.name);
        assert_eq!(numbers(&cloud, &file.id).await, [6, 5, 4]);
        assert_eq!(storage.objects().await, (5, 0));
        assert_eq!(cloud.download_revision(&file.id, 4).await.unwrap().bytes().await.unwrap(), b"4");
        let gone = cloud.download_revision(&file.id, 3).await.unwrap_err();
        assert_eq!(gone.kind(), ErrorKind::NotFound);

        assert_eq!(cloud.prune(&file.id, &KeepRevisions::none()).await.unwrap().objects, 2);
        assert_eq!(numbers(&cloud, &file.id).await, [6]);
        assert_eq!(read(&cloud, &file.id).await, b"6");
        assert_eq!(numbers(&cloud, &other.id).await, [2, 1]);
        let pruned = audited(&cloud, AuditFilter::new().action(Action::Prune)).await.unwrap();
        assert_eq!(pruned.iter().map(|entry| &entry.nodes[..]).collect::<Vec<_>>(), [[file.id]; 2]);

        let again = Cloud::open(keys(), storage.store()).await.unwrap();
        assert!(again.verify(Depth::Deep).await.unwrap().problems.is_empty(), "{}", storage.name);
        assert_eq!(numbers(&again, &file.id).await, [6]);
    }
}

/// More than one transaction holds.
#[tokio::test]
async fn many_revisions_are_removed_and_numbers_go_on() {
    let storage = Storage::memory();
    let (cloud, file) = saved(&storage, 230).await;
    assert_eq!(cloud.prune(&file.id, &KeepRevisions::none().last(4)).await.unwrap().objects, 225);
    assert_eq!(numbers(&cloud, &file.id).await, [230, 229, 228, 227, 226]);
    assert_eq!(storage.objects().await, (5, 0));
    assert_eq!(cloud.replace(&file.id, content("next")).await.unwrap().revision, 231);
}

#[tokio::test]
async fn only_files_outside_the_trash_are_pruned() {
    let storage = Storage::memory();
    let (cloud, file) = saved(&storage, 2).await;
    let keep = KeepRevisions::none();
    let kind = async |node: &Id| cloud.prune(node, &keep).await.unwrap_err().kind();
    let folder = cloud.create_folder(&cloud.root(), "folder").await.unwrap().id;
    for node in [folder, cloud.root(), Id::from_bytes([9; 16])] {
        assert!(matches!(kind(&node).await, ErrorKind::NotFound | ErrorKind::Malformed));
    }
    cloud.trash(&[file.id]).await.unwrap();
    assert_eq!(kind(&file.id).await, ErrorKind::NotFound);
    cloud.restore(&[file.id]).await.unwrap();
    assert_eq!(numbers(&cloud, &file.id).await, [2, 1]);
    assert_eq!(cloud.prune(&file.id, &keep).await.unwrap().objects, 1);
}

/// It is not known when it was written, nor what it was.
#[tokio::test]
async fn a_damaged_revision_stays_and_stands_in_nobodys_way() {
    let memory = Storage::memory();
    let records = TamperingRecords::new(&memory.records);
    let blobs = memory.blobs.clone();
    let storage = memory.with(records.clone(), blobs);
    let (cloud, file) = saved(&storage, 4).await;
    let id = file.id;
    records.attack(Box::new(move |key, record| {
        let second = key.collection == Collection::Revision && key.sort == [CloudValue::U64(2)];
        if second { record.map(|record| record.with(Field::Size, CloudValue::U64(1))) } else { record }
    }));
    assert_eq!(cloud.prune(&id, &KeepRevisions::none()).await.unwrap().objects, 2);
    records.stop();
    assert_eq!(numbers(&cloud, &id).await, [4, 2]);
}

/// Two devices: one removes what the other has just gone past.
#[tokio::test]
async fn a_device_that_saves_meanwhile_loses_nothing() {
    let storage = Storage::embedded();
    let (_, file) = saved(&storage, 5).await;
    let open = async || Cloud::open(keys(), storage.store_in_real_time()).await.unwrap();
    let (one, two) = (open().await, open().await);
    let keep = KeepRevisions::none().last(1);
    let prune = async {
        for _ in 0..8 {
            one.prune(&file.id, &keep).await.unwrap();
        }
    };
    let save = async {
        for number in 6..=12 {
            two.replace(&file.id, content(&number.to_string())).await.unwrap();
        }
    };
    futures::join!(prune, save);
    one.prune(&file.id, &keep).await.unwrap();
    assert_eq!(numbers(&two, &file.id).await, [12, 11]);
    assert_eq!(read(&one, &file.id).await, b"12");
    assert_eq!(storage.objects().await, (2, 0));
    assert!(two.verify(Depth::Deep).await.unwrap().problems.is_empty());
}
