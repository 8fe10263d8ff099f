//! How much a cloud holds: every object and every record once, by its kind, on every backend.

use std::sync::Arc;

use imegha_cloud::backend::{Key, ObjectName};
use imegha_cloud::schema::{CloudValue, Collection, Field};
use imegha_cloud::{Amount, BytesSource, Cloud, Content, ErrorKind, MemoryDevice, PriceList, Requests, Store, Usage};
use imegha_crypto::Id;

use crate::adversary::{Failing, Failure, Plan, Recorded, SmallPages, TamperingRecords};
use crate::sample;
use crate::storage::{Records, Storage, bytes, keys};

/// What an object of so many bytes of plaintext takes: the prefix, the salt, the commitment, and 16 bytes for each begun chunk.
fn sealed(len: u64) -> u64 {
    88 + len + 16 * (len / 16_384 + 1)
}

fn amount(lens: &[u64]) -> Amount {
    Amount { count: lens.len() as u64, bytes: lens.iter().map(|len| sealed(*len)).sum() }
}

fn of(len: usize) -> Content {
    Content::new(BytesSource::new(bytes(len, len as u64)))
}

/// A cloud with something of every kind is counted to the byte.
async fn counts_to_the_byte(storage: &Storage) {
    let recorded = Recorded::new(&storage.records);
    let records: Arc<Records> = recorded.clone();
    let cloud = Cloud::create(keys(), Store { records: records.clone(), ..storage.store() }).await.unwrap();
    let root = cloud.root();
    assert_eq!(cloud.usage().await.unwrap().objects(), Amount::default());
    let folder = cloud.create_folder(&root, "folder").await.unwrap().id;
    let inner = cloud.create_folder(&folder, "inner").await.unwrap().id;
    cloud.create_folder(&folder, "empty").await.unwrap();
    let file = cloud.upload(&root, "a", of(10)).await.unwrap().id;
    cloud.upload(&folder, "b", of(16_384)).await.unwrap();
    let deep = cloud.upload(&inner, "c", of(0)).await.unwrap().id;
    for len in [20, 30] {
        cloud.replace(&file, of(len)).await.unwrap();
    }
    cloud.replace(&deep, of(40_000)).await.unwrap();
    // In the trash: a file with an older revision, and one in a folder.
    let dropped = cloud.create_folder(&root, "dropped").await.unwrap().id;
    cloud.upload(&dropped, "d", of(50)).await.unwrap();
    let other = cloud.upload(&root, "e", of(60)).await.unwrap().id;
    cloud.replace(&other, of(70)).await.unwrap();
    cloud.trash(&[dropped, other]).await.unwrap();
    // Nobody's.
    storage.blobs.put(&ObjectName::from_salt([0; 24]), sample::object(200, 7)).await.unwrap();
    storage.blobs.put(&ObjectName::from_salt([0xff; 24]), sample::object(300, 7)).await.unwrap();
    let upload = storage.blobs.begin_upload(&ObjectName::from_salt([8; 24])).await.unwrap();
    upload.put_part(1, 0, sample::part(200, 8)).await.unwrap();

    let usage = cloud.usage().await.unwrap();
    assert_eq!(usage.newest, amount(&[30, 16_384, 40_000]), "{}", storage.name);
    assert_eq!(usage.older, amount(&[10, 20, 0]));
    assert_eq!(usage.trash, amount(&[50, 60, 70]));
    assert_eq!(usage.thumbnails, Amount::default());
    assert_eq!(usage.orphaned, Amount { count: 2, bytes: 500 });
    assert_eq!((usage.unfinished, usage.missing, usage.unreadable), (1, 0, 0));
    assert_eq!((usage.objects().count, storage.objects().await.0), (11, 11));

    // The records are those that there are, in number and in bytes.
    let mut keys_written: Vec<_> = recorded.written().into_iter().map(|record| record.key).collect();
    keys_written.sort_by_key(Key::to_bytes);
    keys_written.dedup();
    let mut expected = Amount::default();
    for key in keys_written {
        if let Some(record) = storage.records.get(&key).await.unwrap() {
            expected.count += 1;
            expected.bytes += record.to_bytes().len() as u64;
        }
    }
    assert_eq!(usage.records, expected, "{}", storage.name);

    // A device that has seen nothing, and one that gets three records at a time, count the same.
    let small = Store { records: Arc::new(SmallPages(storage.records.clone())), ..storage.store() };
    for store in [storage.store(), small] {
        assert_eq!(Cloud::open(keys(), store).await.unwrap().usage().await.unwrap(), usage);
    }
    let estimate = usage.estimate(&PriceList::AWS_2025, &Requests::default());
    assert!(estimate.total() == estimate.objects && estimate.objects.0 > 0, "{estimate:?}");
    upload.abort().await.unwrap();
}

#[tokio::test]
async fn everything_is_counted_once_and_by_its_kind() {
    for storage in Storage::all().await {
        counts_to_the_byte(&storage).await;
    }
}

#[tokio::test]
async fn more_objects_and_records_than_a_page_holds_are_counted() {
    for storage in [Storage::memory(), Storage::embedded()] {
        let cloud = storage.create().await;
        for number in 0..1_100_u64 {
            let mut salt = [0; 24];
            salt[..8].copy_from_slice(&(number * 0x003a_0000_0000_0001).to_be_bytes());
            storage.blobs.put(&ObjectName::from_salt(salt), sample::object(104, 7)).await.unwrap();
        }
        let small = Store { records: Arc::new(SmallPages(storage.records.clone())), ..storage.store() };
        for number in 0..25 {
            cloud.upload(&cloud.root(), &number.to_string(), of(number)).await.unwrap();
        }
        let usage = Cloud::open(keys(), small).await.unwrap().usage().await.unwrap();
        assert_eq!(usage.orphaned, Amount { count: 1_100, bytes: 114_400 });
        assert_eq!(usage.newest, amount(&(0..25).collect::<Vec<_>>()));
    }
}

#[tokio::test]
async fn what_is_missing_or_cannot_be_read_is_said_and_the_rest_counted() {
    for storage in Storage::all().await {
        let adversary = TamperingRecords::new(&storage.records);
        let cloud = Cloud::create(keys(), Store { records: adversary.clone(), ..storage.store() }).await.unwrap();
        let folder = cloud.create_folder(&cloud.root(), "folder").await.unwrap().id;
        let mut lost = Vec::new();
        for len in [10, 20, 30] {
            let file = cloud.upload(&folder, &len.to_string(), of(len)).await.unwrap().id;
            let record = storage.records.get(&child(folder, file)).await.unwrap().unwrap();
            let Some(CloudValue::Salt(salt)) = record.field(Field::Object).cloned() else { panic!("a file has one") };
            lost.push((file, ObjectName::from_salt(salt)));
        }
        let control = cloud.usage().await.unwrap();
        assert_eq!((control.newest, control.missing), (amount(&[10, 20, 30]), 0));

        // A record that storage withholds: of a file, and of the folder that the files are in.
        let file = lost[0].0;
        adversary.attack(Box::new(move |key, record| record.filter(|_| *key != child(folder, file))));
        let usage = cloud.usage().await.unwrap();
        assert_eq!((usage.unreadable, usage.newest, usage.orphaned), (1, amount(&[20, 30]), amount(&[10])));
        let root = cloud.root();
        adversary.attack(Box::new(move |key, record| record.filter(|_| *key != child(root, folder))));
        let usage = cloud.usage().await.unwrap();
        assert_eq!((usage.unreadable, usage.newest), (1, amount(&[10, 20, 30])), "{}", storage.name);
        adversary.stop();
        assert_eq!(cloud.usage().await.unwrap(), control);

        for (_, object) in &lost[1..] {
            storage.blobs.delete(object).await.unwrap();
        }
        let usage = cloud.usage().await.unwrap();
        assert_eq!((usage.missing, usage.newest), (2, amount(&[10])));
    }
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_asked_again_and_told_when_it_stays_away() {
    for storage in [Storage::memory(), Storage::embedded()] {
        let honest = storage.create().await;
        let file = honest.upload(&honest.root(), "a", of(10)).await.unwrap().id;
        honest.replace(&file, of(20)).await.unwrap();
        let expected = honest.usage().await.unwrap();
        let device = Arc::new(MemoryDevice::new());
        Cloud::open(keys(), storage.store_of(device.clone())).await.unwrap();
        let count = async |plan: &Arc<Plan>| -> imegha_cloud::Result<Usage> {
            let store = storage.store_of(device.clone());
            let (records, blobs) = (Failing::new(&storage.records, plan), Failing::new(&storage.blobs, plan));
            Cloud::open(keys(), Store { records, blobs, ..store }).await?.usage().await
        };
        for fail_at in 0.. {
            let plan = Plan::new(fail_at, Failure::Gone);
            let result = count(&plan).await;
            if !plan.failed() {
                assert!(result.unwrap() == expected && fail_at > 10, "{fail_at}");
                break;
            }
            assert_eq!(result.unwrap_err().kind(), ErrorKind::Unavailable, "{} {fail_at}", storage.name);
            assert_eq!(count(&Plan::new(fail_at, Failure::Before)).await.unwrap(), expected, "{fail_at}");
        }
    }
}

/// Nothing is opened by its content: a store that has no bytes to give is counted all the same.
#[tokio::test]
async fn no_content_is_read() {
    let storage = Storage::memory();
    let cloud = storage.create().await;
    cloud.upload(&cloud.root(), "a", of(100_000)).await.unwrap();
    let adversary = crate::adversary::TamperingBlobs::new(&storage.blobs);
    adversary.change(false, |_, _| panic!("an object is read"));
    let store = Store { blobs: adversary, ..storage.store() };
    assert_eq!(Cloud::open(keys(), store).await.unwrap().usage().await.unwrap().newest, amount(&[100_000]));
}

fn child(parent: Id, node: Id) -> Key<imegha_cloud::schema::CloudSchema> {
    Key::new(Collection::Children, [CloudValue::Id(parent)], [CloudValue::Id(node)])
}
