//! What cannot be opened, stored on the disk, or had from the store.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use imegha_cloud::{Cloud, Entry, ErrorKind, MemoryDevice, NotExported, Store};
use imegha_crypto::Id;

use super::{expected, export, manifest, of, plain};
use crate::adversary::{Failing, Failure, Plan, TamperingBlobs, TamperingRecords};
use crate::storage::{Storage, keys};

#[tokio::test]
async fn what_cannot_be_opened_is_told_and_the_rest_is_there() {
    for storage in Storage::all().await {
        let temporary = tempfile::tempdir().unwrap();
        let top = temporary.path();
        let (records, blobs) = (TamperingRecords::new(&storage.records), TamperingBlobs::new(&storage.blobs));
        let store = Store { records: records.clone(), blobs: blobs.clone(), ..storage.store() };
        let cloud = Cloud::create(keys(), store).await.unwrap();
        let folder = cloud.create_folder(&cloud.root(), "folder").await.unwrap();
        let file = async |parent: &Id, name: &str| cloud.upload(parent, name, of(name.as_bytes())).await.unwrap();
        file(&cloud.root(), "sound").await;
        let damaged = file(&cloud.root(), "damaged").await;
        let withheld = file(&folder.id, "withheld").await;
        file(&folder.id, "inner").await;
        cloud.replace(&damaged.id, of(b"damaged, too")).await.unwrap();

        // The newest object of one file, whole but for a bit; the record of another.
        let objects = cloud.revisions(&damaged.id).await.unwrap();
        let newest = objects[0].object;
        blobs.change(true, move |name, mut bytes| {
            if *name == newest {
                bytes[100] ^= 1;
            }
            bytes
        });
        let place = child(&folder.id, &withheld.id);
        records.attack(Box::new(move |key, record| record.filter(|_| *key != place)));
        let exported = export(&cloud, top).await.unwrap();
        let failed = |entry: &Entry, path: &str, why| NotExported {
            node: entry.id,
            revision: None,
            cloud_path: path.to_owned(),
            why,
        };
        let told = [
            failed(&damaged, "damaged", ErrorKind::CannotOpen),
            failed(&withheld, &format!("folder/{}", withheld.id), ErrorKind::Rollback),
        ];
        assert_eq!(exported.failed, told, "{}", storage.name);
        assert_eq!((exported.files, exported.revisions), (2, 1));
        let there = [
            ("files/", &b""[..]),
            ("files/folder/", b""),
            ("files/folder/inner", b"inner"),
            ("files/sound", b"sound"),
            ("revisions/", b""),
            ("revisions/damaged/", b""),
            ("revisions/damaged/1", b"damaged"),
        ];
        assert_eq!(plain(top), expected(there));
        let failed = manifest(top).into_iter().find(|line| line["kind"] == "failed").unwrap();
        let (id, why) = (damaged.id.to_string(), "CannotOpen");
        assert_eq!(failed, serde_json::json!({"kind": "failed", "cloud_path": "damaged", "id": id, "why": why}));

        // Storage that is well again, and the same folder.
        records.stop();
        blobs.stop();
        let exported = export(&cloud, top).await.unwrap();
        assert_eq!((exported.files, exported.kept, exported.failed.len()), (4, 3, 0));
        assert_eq!(fs::read(top.join("files/damaged")).unwrap(), b"damaged, too");
        assert_eq!(fs::read(top.join("files/folder/withheld")).unwrap(), b"withheld");

        // The state of the whole cloud is no single file's.
        records.attack(Box::new(|key, record| {
            record.filter(|_| key.collection != imegha_cloud::schema::Collection::Head)
        }));
        assert_eq!(export(&cloud, top).await.unwrap_err().kind(), ErrorKind::Rollback);
    }
}

/// Folders so deep that the disk has no path for them: what lies above is there.
#[cfg(unix)]
#[tokio::test]
async fn what_the_disk_has_no_path_for_is_told_and_the_rest_is_there() {
    let storage = Storage::memory();
    let cloud = storage.create().await;
    let mut folder = cloud.root();
    for depth in 0..25 {
        folder = cloud.create_folder(&folder, &format!("{depth:0>200}")).await.unwrap().id;
        let file = cloud.upload(&folder, "file", of(b"1")).await.unwrap().id;
        cloud.replace(&file, of(b"2")).await.unwrap();
    }
    cloud.upload(&cloud.root(), "last", of(b"3")).await.unwrap();
    let temporary = tempfile::tempdir().unwrap();
    let exported = export(&cloud, temporary.path()).await.unwrap();
    assert!(exported.failed.iter().all(|failed| failed.why == ErrorKind::Backend), "{:?}", exported.failed);
    assert!((1..=3).contains(&exported.failed.len()) && exported.folders >= 4 && exported.folders < 25);
    assert!(exported.files >= exported.folders && exported.files <= exported.folders + 1);
    let top = temporary.path().join("files");
    assert_eq!(fs::read(top.join("last")).unwrap(), b"3");
    assert_eq!(fs::read(top.join("0".repeat(200)).join("file")).unwrap(), b"2");
    assert_eq!(manifest(temporary.path()).last().unwrap()["failed"], exported.failed.len());
}

#[tokio::test]
async fn a_store_that_fails_costs_nothing_but_time() {
    for storage in [Storage::memory(), Storage::embedded()] {
        let honest = storage.create().await;
        let folder = honest.create_folder(&honest.root(), "folder").await.unwrap().id;
        let file = honest.upload(&folder, "a", of(b"1")).await.unwrap().id;
        honest.replace(&file, of(b"22")).await.unwrap();
        honest.upload(&honest.root(), "b", of(b"333")).await.unwrap();
        let device = Arc::new(MemoryDevice::new());
        Cloud::open(keys(), storage.store_of(device.clone())).await.unwrap();
        let temporary = tempfile::tempdir().unwrap();
        let reference = temporary.path().join("reference");
        let expected = export(&honest, &reference).await.unwrap();
        // When it was begun is another time each: a device that asks again has waited.
        let whole = |top: &Path| (plain(top), manifest(top)[1..].to_vec());
        let (reference, mut gone) = (whole(&reference), 0);
        for fail_at in 0.. {
            let run = async |failure, top: &Path| {
                let plan = Plan::new(fail_at, failure);
                let (records, blobs) = (Failing::new(&storage.records, &plan), Failing::new(&storage.blobs, &plan));
                let store = Store { records, blobs, ..storage.store_of(device.clone()) };
                let result = match Cloud::open(keys(), store).await {
                    Ok(cloud) => export(&cloud, top).await,
                    Err(error) => Err(error),
                };
                (result, plan.failed())
            };
            let at = |name: &str| temporary.path().join(format!("{name} {fail_at}"));
            let (result, failed) = run(Failure::Before, &at("once")).await;
            assert_eq!(result.unwrap(), expected, "{} {fail_at}", storage.name);
            assert!(whole(&at("once")) == reference);
            if !failed {
                break;
            }
            // The store stays away: that is said, and what is there is whole. Then it is back.
            let (result, _) = run(Failure::Gone, &at("gone")).await;
            assert_eq!(result.unwrap_err().kind(), ErrorKind::Unavailable, "{} {fail_at}", storage.name);
            if at("gone").exists() {
                let there = plain(&at("gone"));
                assert!(there.iter().all(|(path, bytes)| reference.0.get(path) == Some(bytes)), "{:?}", there.keys());
                let mut exported = export(&honest, &at("gone")).await.unwrap();
                exported.kept = 0;
                assert_eq!(exported, expected);
                assert!(whole(&at("gone")) == reference);
                gone += 1;
            }
        }
        assert!(gone > 5, "{gone}");
    }
}

fn child(parent: &Id, node: &Id) -> imegha_cloud::backend::Key<imegha_cloud::schema::CloudSchema> {
    use imegha_cloud::schema::{CloudValue, Collection};
    imegha_cloud::backend::Key::new(Collection::Children, [CloudValue::Id(*parent)], [CloudValue::Id(*node)])
}
