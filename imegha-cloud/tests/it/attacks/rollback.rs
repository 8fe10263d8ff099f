//! Storage shows an older state, another one, or one record that is not the newest.

use std::sync::Arc;

use imegha_cloud::{BytesSource, Cloud, Content, ErrorKind, MemoryDevice, Store};

use super::insider::child;
use crate::adversary::{Recorded, TamperingRecords};
use crate::storage::{Records, Storage, keys};

fn content(text: &'static str) -> Content {
    Content::new(BytesSource::new(text))
}

/// The same cloud, shown from other records.
fn showing(store: &Store, records: Arc<Records>) -> Store {
    Store { records, ..store.clone() }
}

/// Stopped where the log that was read must end at the signed head (`last != to` in `Walk::next`): without that line this turns red.
#[tokio::test]
async fn a09_a_whole_older_state() {
    for storage in Storage::all().await {
        let recorded = Recorded::new(&storage.records);
        let store = showing(&storage.store_of(Arc::new(MemoryDevice::new())), recorded.clone());
        let cloud = Cloud::create(keys(), store.clone()).await.unwrap();
        cloud.upload(&cloud.root(), "first", content("1")).await.unwrap();
        let then = recorded.count();
        cloud.upload(&cloud.root(), "second", content("2")).await.unwrap();
        drop(cloud);

        // The control: what storage has now is taken, by the device that wrote it and by one that has seen nothing.
        let now = recorded.count();
        let shown = recorded.state_after(now).await;
        let cloud = Cloud::open(keys(), showing(&store, shown)).await.unwrap();
        assert_eq!(cloud.list(&cloud.root()).await.unwrap().len(), 2);
        // So is the older state, by a device that has seen nothing: this is the limit that SECURITY.md names.
        for count in then..now {
            let older = recorded.state_after(count).await;
            Cloud::open(keys(), showing(&storage.store(), older)).await.unwrap();
        }

        // The attack: the device that saw the newer state reports any older one, and an empty one.
        for count in 0..now {
            let older = recorded.state_after(count).await;
            let known = keys().with_cloud(cloud.id());
            let error = Cloud::open(known, showing(&store, older)).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Rollback, "{} {count}", storage.name);
        }
    }
}

/// The same under a client that is open. Stopped by the same line.
#[tokio::test]
async fn a09_an_older_head_under_an_open_client() {
    for storage in Storage::all().await {
        let adversary = TamperingRecords::new(&storage.records);
        let cloud = Cloud::create(keys(), showing(&storage.store(), adversary.clone())).await.unwrap();
        let head_key = head_key();
        let older = storage.records.get(&head_key).await.unwrap().unwrap();
        let file = cloud.upload(&cloud.root(), "x", content("1")).await.unwrap();
        assert_eq!(cloud.list(&cloud.root()).await.unwrap(), std::slice::from_ref(&file));

        adversary.replay(older);
        assert_eq!(cloud.list(&cloud.root()).await.unwrap_err().kind(), ErrorKind::Rollback);
        assert_eq!(cloud.download(&file.id).await.unwrap_err().kind(), ErrorKind::Rollback);
        assert_eq!(cloud.upload(&cloud.root(), "y", content("2")).await.unwrap_err().kind(), ErrorKind::Rollback);
        adversary.attack(Box::new(move |key, record| if *key == head_key { None } else { record }));
        assert_eq!(cloud.list(&cloud.root()).await.unwrap_err().kind(), ErrorKind::Rollback);
        adversary.stop();
        assert_eq!(cloud.list(&cloud.root()).await.unwrap(), [file]);
    }
}

/// Storage shows two devices two histories, both signed by the owner. Stopped, at the same number, by the end that must be the head
/// (`last != to` in `Walk::next`); at a higher one by the entries, which open only behind their own predecessor (`log::open_entry`
/// there). Without either line this turns red.
#[tokio::test]
async fn a09_a_fork() {
    for storage in Storage::all().await {
        let recorded = Recorded::new(&storage.records);
        let store = showing(&storage.store_of(Arc::new(MemoryDevice::new())), recorded.clone());
        let one = Cloud::create(keys(), store.clone()).await.unwrap();
        let other_store = storage.store_of(Arc::new(MemoryDevice::new()));
        let fork = recorded.state_after(recorded.count()).await;
        let other = Cloud::open(keys(), showing(&other_store, fork.clone())).await.unwrap();

        one.upload(&one.root(), "one", content("1")).await.unwrap();
        for number in 0..3 {
            // The control: each device goes on with the history that it was shown.
            other.create_folder(&other.root(), &number.to_string()).await.unwrap();
            Cloud::open(keys(), showing(&other_store, fork.clone())).await.unwrap();
            Cloud::open(keys(), store.clone()).await.unwrap();
            // The attack: it is shown the other's.
            let error = Cloud::open(keys(), showing(&store, fork.clone())).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Rollback, "{} {number}", storage.name);
            let error = Cloud::open(keys(), showing(&other_store, recorded.clone())).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Rollback, "{} {number}", storage.name);
        }
    }
}

/// One stale record under the newest head: reported, and the rest of the folder stays readable.
/// Stopped by the comparison with the log's latest hash (`hash == expected` in `Log::read`): without that line this turns red.
#[tokio::test]
async fn a09_one_stale_record_under_the_newest_head() {
    for storage in Storage::all().await {
        let adversary = TamperingRecords::new(&storage.records);
        let cloud = Cloud::create(keys(), showing(&storage.store(), adversary.clone())).await.unwrap();
        let root = cloud.root();
        let file = cloud.upload(&root, "letter", content("older")).await.unwrap();
        let other = cloud.upload(&root, "other", content("other")).await.unwrap();
        let stale = child(&storage, &root, &file.id).await;
        let newest = cloud.replace(&file.id, content("newer")).await.unwrap();
        let control = async || {
            assert_eq!(cloud.list(&root).await.unwrap(), [newest.clone(), other.clone()]);
            assert_eq!(cloud.download(&file.id).await.unwrap().bytes().await.unwrap(), b"newer");
        };
        control().await;

        let refused = async |kind: ErrorKind| {
            let listed = cloud.list(&root).await.unwrap();
            let damaged = listed.iter().find(|entry| entry.id == file.id).unwrap();
            assert_eq!((damaged.damaged, damaged.name.as_str(), damaged.size), (Some(kind), "", 0));
            assert!(listed.contains(&other), "the rest of the folder is readable");
            for error in [
                cloud.entry(&file.id).await.unwrap_err(),
                cloud.download(&file.id).await.unwrap_err(),
                cloud.replace(&file.id, content("x")).await.unwrap_err(),
            ] {
                assert_eq!(error.kind(), kind, "{}", storage.name);
            }
            assert_eq!(cloud.download(&other.id).await.unwrap().bytes().await.unwrap(), b"other");
        };
        adversary.replay(stale.clone());
        refused(ErrorKind::Rollback).await;
        control_after(&adversary, &control).await;

        // The record that storage leaves out is in the list, too.
        let key = stale.key.clone();
        adversary.attack(Box::new(move |asked, record| if *asked == key { None } else { record }));
        refused(ErrorKind::Rollback).await;
        control_after(&adversary, &control).await;

        // What never was is no rollback: it cannot be opened.
        let mut forged = child(&storage, &root, &other.id).await;
        forged.key = stale.key.clone();
        adversary.replay(forged);
        refused(ErrorKind::CannotOpen).await;
        control_after(&adversary, &control).await;

        // A second device, which has seen nothing, compares with the same log.
        adversary.replay(stale);
        let second = Cloud::open(keys(), showing(&storage.store(), adversary.clone())).await.unwrap();
        assert_eq!(second.download(&file.id).await.unwrap_err().kind(), ErrorKind::Rollback);
        control_after(&adversary, &control).await;
    }
}

/// An entry of the log is left out, changed, or of another place: the head cannot be reached.
/// Stopped by the chain (`log::open_entry` in `Walk::next`): without that line this turns red.
#[tokio::test]
async fn a09_a_log_that_does_not_lead_to_its_head() {
    for storage in Storage::all().await {
        let adversary = TamperingRecords::new(&storage.records);
        let writer = storage.create().await;
        let remembered = storage.store_of(Arc::new(MemoryDevice::new()));
        let shown = showing(&remembered, adversary.clone());
        Cloud::open(keys(), shown.clone()).await.unwrap();
        for number in 0..4 {
            writer.create_folder(&writer.root(), &number.to_string()).await.unwrap();
        }
        let entry = async |seq| {
            let key = log_key(seq);
            storage.records.get(&key).await.unwrap().unwrap()
        };
        let (third, fourth) = (entry(3).await, entry(4).await);
        let moved = imegha_cloud::backend::Record { key: third.key.clone(), fields: fourth.fields.clone() };
        let key = third.key.clone();
        let attacks: [crate::adversary::RecordAttack; 2] = [
            Box::new(move |asked, record| if *asked == key { None } else { record }),
            Box::new(move |asked, record| if *asked == moved.key { Some(moved.clone()) } else { record }),
        ];
        for attack in attacks {
            adversary.attack(attack);
            let error = Cloud::open(keys(), shown.clone()).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Rollback, "a device that remembers");
            let error = Cloud::open(keys(), showing(&storage.store(), adversary.clone())).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::CannotOpen, "a device that has seen nothing");
        }
        adversary.stop();
        let cloud = Cloud::open(keys(), shown).await.unwrap();
        assert_eq!(cloud.list(&cloud.root()).await.unwrap().len(), 4);
    }
}

async fn control_after(adversary: &TamperingRecords, control: &impl AsyncFn()) {
    adversary.stop();
    control().await;
}

fn head_key() -> imegha_cloud::backend::Key<imegha_cloud::schema::CloudSchema> {
    use imegha_cloud::schema::{CloudValue, Collection};
    imegha_cloud::backend::Key::new(Collection::Head, [], [CloudValue::U64(1)])
}

fn log_key(seq: u64) -> imegha_cloud::backend::Key<imegha_cloud::schema::CloudSchema> {
    use imegha_cloud::schema::{CloudValue, Collection};
    imegha_cloud::backend::Key::new(Collection::Log, [], [CloudValue::U64(seq)])
}
