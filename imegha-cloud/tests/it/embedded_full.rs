//! ATTACKS 57: a cloud that is full. What is there stays readable, what is refused did not happen, and purging makes room.

use std::collections::BTreeMap;
use std::sync::Arc;

use imegha_cloud::backend::embedded::{Embedded, EmbeddedConfig};
use imegha_cloud::clock::SystemClock;
use imegha_cloud::{BytesSource, Cloud, Content, Entry, ErrorKind, MemoryDevice, OnTaken, Result, Store};
use imegha_crypto::Id;

use crate::storage::{bytes, keys};

/// A cloud in a folder with these quotas, and its folder.
fn store(blobs: u64, records: u64) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let config = EmbeddedConfig::default().with_quotas(blobs, records);
    let Embedded { records, blobs } = Embedded::open_with(folder.path(), &config).unwrap();
    let store = Store {
        records: Arc::new(records),
        blobs: Arc::new(blobs),
        clock: Arc::new(SystemClock),
        device: Arc::new(MemoryDevice::new()),
    };
    (folder, store)
}

fn content(len: usize, seed: u64) -> Content {
    Content::new(BytesSource::new(bytes(len, seed)))
}

/// Every file by its path, opened.
async fn everything(cloud: &Cloud) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![(cloud.root(), String::new())];
    while let Some((id, path)) = folders.pop() {
        for Entry { id, name, damaged, kind, .. } in cloud.list(&id).await.unwrap() {
            assert_eq!(damaged, None);
            let path = format!("{path}/{name}");
            match kind {
                imegha_cloud::NodeKind::Folder => folders.push((id, path)),
                _ => drop(found.insert(path, cloud.download(&id).await.unwrap().bytes().await.unwrap())),
            }
        }
    }
    found
}

fn is_full<T>(result: Result<T>) -> bool {
    match result {
        Ok(_) => false,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::StorageFull, "{error:?}");
            true
        }
    }
}

#[tokio::test]
async fn a57_a_full_database_leaves_every_file_readable_and_purging_makes_room() {
    let (_folder, store) = store(u64::MAX, 400 * 1024);
    let cloud = Cloud::create(keys(), store.clone()).await.unwrap();
    let root = cloud.root();
    let [one, two] =
        [cloud.create_folder(&root, "one").await.unwrap(), cloud.create_folder(&root, "two").await.unwrap()];
    let mut waste = Vec::new();
    for n in 0..30 {
        waste.push(cloud.upload(&two.id, &format!("waste {n}"), content(100, n)).await.unwrap().id);
    }
    cloud.trash(&waste).await.unwrap();
    let mut files = Vec::new();
    while files.len() < 10_000 {
        match cloud.upload(&one.id, &format!("file {:04}", files.len()), content(500, files.len() as u64)).await {
            Ok(entry) => files.push(entry),
            refused => {
                assert!(is_full(refused));
                break;
            }
        }
    }
    assert!(files.len() > 30, "{} files", files.len());

    // Some change still fits, where it takes a page that is not full; soon none does. Whatever is refused did not happen.
    let mut refused = 0;
    for round in 0..60 {
        let file = &files[round % files.len()];
        let before = everything(&cloud).await;
        let new_name = format!("a much longer name of round {round}: {}", "x".repeat(900));
        let full = match round % 5 {
            0 => is_full(cloud.rename(&file.id, &new_name).await),
            1 => is_full(cloud.move_to(&[file.id], &two.id, OnTaken::KeepBoth).await),
            2 => is_full(cloud.replace(&file.id, content(700, 7)).await),
            3 => is_full(cloud.create_folder(&root, &new_name).await),
            _ => is_full(cloud.upload(&one.id, &new_name, content(10, 1)).await),
        };
        let after = everything(&cloud).await;
        if full {
            refused += 1;
            assert_eq!(after, before, "round {round}");
        }
        // Another device, without a memory, sees the same.
        if round % 20 == 19 {
            let device = Arc::new(MemoryDevice::new());
            let other = Cloud::open(keys(), Store { device, ..store.clone() }).await.unwrap();
            assert_eq!(everything(&other).await, after);
        }
    }
    assert!(refused > 30, "{refused} of 60 were refused");
    let before = everything(&cloud).await;

    // What is in the trash can go when nothing else can come, and its room is room.
    cloud.purge(&waste).await.unwrap();
    assert_eq!(everything(&cloud).await, before);
    cloud.rename(&files[0].id, "renamed after all").await.unwrap();
    cloud.move_to(&[files[0].id], &root, OnTaken::Refuse).await.unwrap();
    cloud.upload(&root, "uploaded after all", content(500, 1)).await.unwrap();
    assert_eq!(everything(&cloud).await["/uploaded after all"], bytes(500, 1));
}

#[tokio::test]
async fn a57_used_up_room_for_objects_leaves_every_file_readable_and_purging_makes_room() {
    let (_folder, store) = store(300_000, u64::MAX);
    let cloud = Cloud::create(keys(), store.clone()).await.unwrap();
    let root = cloud.root();
    let mut files: Vec<Id> = Vec::new();
    while let Ok(entry) =
        cloud.upload(&root, &format!("file {}", files.len()), content(40_000, files.len() as u64)).await
    {
        files.push(entry.id);
    }
    assert_eq!(files.len(), 7);
    let before = everything(&cloud).await;
    let objects = store.blobs.list(None, 100).await.unwrap();
    for _ in 0..3 {
        assert!(is_full(cloud.upload(&root, "one more", content(40_000, 9)).await));
        assert!(is_full(cloud.replace(&files[0], content(40_000, 9)).await));
        // In parts, of which the first fits.
        assert!(is_full(cloud.upload(&root, "a large one", content(9 * 1024 * 1024, 9)).await));
    }
    assert_eq!(everything(&cloud).await, before);
    assert_eq!(store.blobs.list(None, 100).await.unwrap(), objects, "what was refused left nothing");
    assert_eq!(store.blobs.uploads().await.unwrap(), []);

    // What needs no object goes on, and what is purged makes room: to the trash alone it does not.
    cloud.rename(&files[1], "another name").await.unwrap();
    cloud.trash(&files[2..4]).await.unwrap();
    assert!(is_full(cloud.upload(&root, "one more", content(40_000, 9)).await));
    let purged = cloud.purge(&files[2..4]).await.unwrap();
    assert_eq!((purged.nodes, purged.objects), (2, 2));
    cloud.upload(&root, "one more", content(40_000, 9)).await.unwrap();
    cloud.replace(&files[0], content(40_000, 10)).await.unwrap();
    assert!(is_full(cloud.upload(&root, "and another", content(40_000, 9)).await));
    assert_eq!(everything(&cloud).await["/file 0"], bytes(40_000, 10));
}
