//! Collecting what nobody names, and looking whether everything is there.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use imegha_cloud::backend::memory::MemoryBlobs;
use imegha_cloud::backend::{Key, ObjectName};
use imegha_cloud::clock::{Clock as _, ManualClock, SystemClock};
use imegha_cloud::schema::{CloudValue, Collection};
use imegha_cloud::{
    BytesSource, CancelToken, Cloud, Collected, Content, Depth, ErrorKind, Fault, Problem, Report, Store, StreamSource,
};

use crate::adversary::{TamperingBlobs, TamperingRecords};
use crate::storage::{Storage, keys};
use crate::{sample, storage};

const HOUR_MS: u64 = 3_600_000;

fn content(text: &str) -> Content {
    Content::new(BytesSource::new(text.to_owned()))
}

/// A device whose clock shows the backends' time, and can be moved.
fn in_time(storage: &Storage) -> (Arc<ManualClock>, Store) {
    let clock = Arc::new(ManualClock::new(SystemClock.now_ms()));
    (clock.clone(), Store { clock, ..storage.store() })
}

#[tokio::test]
async fn only_what_nobody_names_and_nobody_waits_for_is_collected() {
    for storage in Storage::all().await {
        let (clock, store) = in_time(&storage);
        let cloud = Cloud::create(keys(), store).await.unwrap();
        let file = cloud.upload(&cloud.root(), "file", content("1")).await.unwrap();
        cloud.replace(&file.id, content("2")).await.unwrap();
        let trashed = cloud.upload(&cloud.root(), "trashed", content("3")).await.unwrap();
        cloud.trash(&[trashed.id]).await.unwrap();
        // An orphan, and an upload that nobody finishes.
        storage.blobs.put(&ObjectName::from_salt([7; 24]), sample::object(200, 7)).await.unwrap();
        let upload = storage.blobs.begin_upload(&ObjectName::from_salt([8; 24])).await.unwrap();
        upload.put_part(1, 0, sample::part(200, 8)).await.unwrap();
        assert_eq!(storage.objects().await, (4, 1));

        assert_eq!(cloud.gc().await.unwrap(), Collected::default(), "they are too young");
        clock.advance(23 * HOUR_MS);
        assert_eq!(cloud.gc().await.unwrap(), Collected::default());
        clock.advance(2 * HOUR_MS);
        let orphan = Collected { objects: 1, bytes: 200, uploads: 0 };
        assert_eq!(cloud.collectable().await.unwrap(), orphan);
        assert_eq!((cloud.gc().await.unwrap(), storage.objects().await), (orphan, (3, 1)), "{}", storage.name);
        clock.advance(6 * 24 * HOUR_MS);
        assert_eq!(cloud.collectable().await.unwrap(), Collected { objects: 0, bytes: 0, uploads: 1 });
        assert_eq!(cloud.gc().await.unwrap(), Collected { objects: 0, bytes: 0, uploads: 1 });
        assert_eq!(storage.objects().await, (3, 0));
        assert_eq!(cloud.gc().await.unwrap(), Collected::default());
        for revision in [1, 2] {
            cloud.download_revision(&file.id, revision).await.unwrap().bytes().await.unwrap();
        }
        assert_eq!(cloud.download(&trashed.id).await.unwrap().bytes().await.unwrap(), b"3");
    }
}

#[tokio::test]
async fn nothing_is_collected_while_a_record_cannot_be_read() {
    for storage in Storage::all().await {
        let adversary = TamperingRecords::new(&storage.records);
        let (clock, store) = in_time(&storage);
        let cloud = Cloud::create(keys(), Store { records: adversary.clone(), ..store }).await.unwrap();
        let folder = cloud.create_folder(&cloud.root(), "folder").await.unwrap();
        let file = cloud.upload(&folder.id, "file", content("1")).await.unwrap();
        cloud.replace(&file.id, content("2")).await.unwrap();
        storage.blobs.put(&ObjectName::from_salt([7; 24]), sample::object(200, 7)).await.unwrap();
        clock.advance(25 * HOUR_MS);
        let withheld = [
            Key::new(Collection::Children, [CloudValue::Id(folder.id)], [CloudValue::Id(file.id)]),
            Key::new(Collection::Revision, [CloudValue::Id(file.id)], [CloudValue::U64(1)]),
        ];
        for key in withheld {
            adversary.attack(Box::new(move |asked, record| if *asked == key { None } else { record }));
            assert_eq!(cloud.gc().await.unwrap_err().kind(), ErrorKind::Rollback, "{}", storage.name);
            assert_eq!(storage.objects().await.0, 3);
        }
        adversary.stop();
        assert_eq!(cloud.gc().await.unwrap().objects, 1);
        assert_eq!(cloud.download_revision(&file.id, 1).await.unwrap().bytes().await.unwrap(), b"1");
    }
}

/// The object is complete, then the device sleeps for a day and another one collects: what was never named is not named then.
/// Stopped by `Cloud::refuse_forgotten` in the commit of an upload and of a replacement: without those lines this turns red.
#[tokio::test]
async fn what_was_collected_is_not_named_afterwards() {
    for storage in [Storage::memory(), Storage::embedded()] {
        let (clock, store) = in_time(&storage);
        let honest = Cloud::create(keys(), store).await.unwrap();
        let old = honest.upload(&honest.root(), "old", content("old")).await.unwrap();
        for (hours, kept) in [(1, true), (13, true), (19, false), (26, false)] {
            for replaces in [false, true] {
                let (own_clock, store) = in_time(&storage);
                let sleeping = TamperingRecords::new(&storage.records);
                let cloud = Cloud::open(keys(), Store { records: sleeping.clone(), ..store }).await.unwrap();
                // The object is stored, then the device sleeps, and wakes up when it reads the log's head.
                let (asleep, other_clock) = (own_clock.clone(), clock.clone());
                let stored = Arc::new(AtomicBool::new(false));
                let is_stored = stored.clone();
                sleeping.attack(Box::new(move |key, record| {
                    if key.collection == Collection::Head && is_stored.swap(false, Ordering::SeqCst) {
                        asleep.advance(hours * HOUR_MS);
                        other_clock.set(asleep.now_ms());
                    }
                    record
                }));
                let progress = move |done, _| stored.store(done > 0, Ordering::SeqCst);
                let new = content("new").progress(progress);
                let result = match replaces {
                    false => cloud.upload(&cloud.root(), &format!("new {hours}"), new).await,
                    true => cloud.replace(&old.id, new).await,
                };
                assert_eq!(result.is_ok(), kept, "{} {hours} {replaces}: {result:?}", storage.name);
                if let Err(error) = result {
                    assert_eq!(error.kind(), ErrorKind::NotFound);
                }
                honest.gc().await.unwrap();
                let report = honest.verify(Depth::Deep).await.unwrap();
                assert_eq!(report.problems, [], "{} {hours} {replaces}", storage.name);
            }
        }
    }
}

#[tokio::test]
async fn what_is_as_it_should_be_is_counted() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let folder = cloud.create_folder(&cloud.root(), "folder").await.unwrap();
        let file = cloud.upload(&folder.id, "file", content("1")).await.unwrap();
        cloud.replace(&file.id, Content::new(BytesSource::new(storage::bytes(20_000, 1)))).await.unwrap();
        let gone = cloud.upload(&folder.id, "gone", content("2")).await.unwrap();
        cloud.trash(&[gone.id]).await.unwrap();
        let bytes = 2 * (88 + 17) + (88 + 20_000 + 32);
        for depth in [Depth::Quick, Depth::Deep] {
            // The cloud, two for each of root, trash, folder and two files, one revision.
            let expected = Report { records: 12, nodes: 5, objects: 3, bytes, problems: Vec::new() };
            for device in [&cloud, &Cloud::open(keys(), storage.store()).await.unwrap()] {
                assert_eq!(device.verify(depth).await.unwrap(), expected, "{} {depth:?}", storage.name);
            }
        }
    }
}

#[tokio::test]
async fn who_waits_is_told_how_far_it_is() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let file = cloud.upload(&cloud.root(), "file", content("1")).await.unwrap();
        let large = storage::bytes(3_000_000, 1);
        cloud.replace(&file.id, Content::new(BytesSource::new(large))).await.unwrap();
        for depth in [Depth::Quick, Depth::Deep] {
            let told = Mutex::new(Vec::new());
            let report = cloud.verify_with(depth, |looked| told.lock().unwrap().push(looked)).await.unwrap();
            assert_eq!(report.problems, []);
            let told = told.into_inner().unwrap();
            let (first, last) = (told.first().unwrap(), told.last().unwrap());
            assert_eq!((first.objects, first.bytes), (0, 0), "{} {depth:?}", storage.name);
            assert_eq!((last.objects, last.of_objects), (2, 2), "{} {depth:?}", storage.name);
            assert!(told.iter().all(|one| one.of_bytes == report.bytes && one.bytes <= report.bytes));
            assert!(told.windows(2).all(|pair| pair[0].bytes <= pair[1].bytes));
            // A large object is told of while it is read.
            let within = told.iter().filter(|one| one.bytes > 0 && one.objects < 2).count();
            assert!(depth == Depth::Quick || within > 2, "{} {within}", storage.name);
        }
    }
}

#[tokio::test]
async fn what_is_not_as_it_should_be_is_found_and_nothing_else() {
    for storage in Storage::all().await {
        let (records, blobs) = (TamperingRecords::new(&storage.records), TamperingBlobs::new(&storage.blobs));
        let store = Store { records: records.clone(), blobs: blobs.clone(), ..storage.store() };
        let cloud = Cloud::create(keys(), store).await.unwrap();
        let folder = cloud.create_folder(&cloud.root(), "folder").await.unwrap();
        let file = cloud.upload(&folder.id, "file", content("1")).await.unwrap();
        cloud.replace(&file.id, content("2")).await.unwrap();
        let other = cloud.upload(&cloud.root(), "other", content("3")).await.unwrap();
        let sound = cloud.verify(Depth::Deep).await.unwrap();
        assert_eq!(sound.problems, []);
        let problems = async |depth| cloud.verify(depth).await.unwrap().problems;
        let problem = |node, what| Problem { node: Some(node), what };

        // A file's record, a folder's, a locator, an older revision, withheld.
        let child = |parent, node| Key::new(Collection::Children, [CloudValue::Id(parent)], [CloudValue::Id(node)]);
        let cases = [
            (child(folder.id, file.id), vec![problem(file.id, Fault::Withheld), problem(file.id, Fault::Unreachable)]),
            (
                child(cloud.root(), folder.id),
                vec![problem(folder.id, Fault::Withheld), problem(file.id, Fault::Unreachable)],
            ),
            (
                Key::new(Collection::Node, [CloudValue::Id(file.id)], [CloudValue::U64(1)]),
                vec![
                    problem(file.id, Fault::Withheld),
                    problem(file.id, Fault::CannotOpen),
                    problem(file.id, Fault::Unreachable),
                ],
            ),
            (
                Key::new(Collection::Revision, [CloudValue::Id(file.id)], [CloudValue::U64(1)]),
                vec![problem(file.id, Fault::Withheld)],
            ),
        ];
        for (withheld, expected) in cases {
            let key = withheld.clone();
            records.attack(Box::new(move |asked, record| if *asked == key { None } else { record }));
            assert_eq!(problems(Depth::Quick).await, expected, "{} {withheld:?}", storage.name);
        }
        // An entry of the log: nothing that is read by the log's latest state needs it.
        let entry = Key::new(Collection::Log, [], [CloudValue::U64(2)]);
        records.attack(Box::new(move |asked, record| if *asked == entry { None } else { record }));
        assert_eq!(problems(Depth::Quick).await, [Problem { node: None, what: Fault::Log }]);
        records.stop();

        // An object of the right length that does not open: only who reads it knows.
        let name = cloud.revisions(&other.id).await.unwrap()[0].object;
        blobs.change(true, move |object, mut bytes| {
            *bytes.last_mut().unwrap() ^= u8::from(*object == name);
            bytes
        });
        assert_eq!(problems(Depth::Quick).await, []);
        assert_eq!(problems(Depth::Deep).await, [problem(other.id, Fault::ObjectDamaged)], "{}", storage.name);
        blobs.stop();
        // One that is gone.
        storage.blobs.delete(&name).await.unwrap();
        assert_eq!(problems(Depth::Quick).await, [problem(other.id, Fault::ObjectMissing)]);
        storage.blobs.put(&name, sample::object(88 + 18, 1)).await.unwrap();
        assert_eq!(problems(Depth::Quick).await, [problem(other.id, Fault::ObjectDamaged)]);
        let report = cloud.verify(Depth::Deep).await.unwrap();
        assert_eq!((report.records, report.nodes, report.objects), (sound.records, sound.nodes, sound.objects - 1));
    }
}

/// An upload that rests between its object and its record: within the day it goes on with that object, later it begins anew, since
/// another device may collect it. Stopped by `is_forgotten` where the object is looked for again (`resumption::find`): without that line
/// the upload is refused for ever.
#[tokio::test]
async fn an_upload_that_rested_too_long_begins_anew() {
    for (hours, goes_on) in [(1, true), (17, true), (19, false), (30, false)] {
        // The backend's clock goes with the device's.
        let clock = Arc::new(ManualClock::new(storage::NOW_MS));
        let storage = Storage::memory();
        let records = storage.records.clone();
        let storage = storage.with(records, Arc::new(MemoryBlobs::with_clock(clock.clone())));
        let store = Store { clock: clock.clone(), ..storage.store() };
        let cloud = Cloud::create(keys(), store).await.unwrap();
        let (root, upload) = (cloud.root(), imegha_crypto::Id::generate().unwrap());
        let data = storage::bytes(9 << 20, hours);
        let content = || Content::new(BytesSource::new(data.clone())).resumable(&upload);
        let token = CancelToken::new();
        let (pause, ends) = (token.clone(), AtomicU32::new(0));
        // Once when the last part has arrived, once when the object is complete.
        let stopped = content().cancel(&token).progress(move |done, total| {
            if done == total && ends.fetch_add(1, Ordering::SeqCst) == 1 {
                pause.pause();
            }
        });
        let error = cloud.upload(&root, "file", stopped).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
        let rested = storage.blobs.list(None, 10).await.unwrap();
        assert_eq!((rested.len(), storage.objects().await), (1, (1, 0)));
        clock.advance(hours * HOUR_MS);
        let file = cloud.upload(&root, "file", content()).await.unwrap();
        let named = cloud.revisions(&file.id).await.unwrap()[0].object;
        assert_eq!(named == rested[0].name, goes_on, "{hours}");
        clock.advance(30 * HOUR_MS);
        cloud.gc().await.unwrap();
        assert_eq!(storage.objects().await, (1, 0));
        assert!(cloud.download(&file.id).await.unwrap().bytes().await.unwrap() == data);
        assert_eq!(cloud.verify(Depth::Quick).await.unwrap().problems, []);
    }
}

/// A cancelled or failed transfer leaves nothing for `gc`; a process that dies does.
#[tokio::test]
async fn what_a_device_leaves_that_dies_is_collected() {
    for storage in [Storage::memory(), Storage::embedded()] {
        let (clock, store) = in_time(&storage);
        let cloud = Cloud::create(keys(), store).await.unwrap();
        // Two parts are sent, then the process is gone.
        let long = storage::bytes(9 << 20, 1);
        let source =
            StreamSource::new(futures::stream::iter([Ok(long.clone().into()), Ok(long.into())]).chain_pending(), None);
        let root = cloud.root();
        let uploading = cloud.upload(&root, "file", Content::new(source));
        assert!(tokio::time::timeout(std::time::Duration::from_millis(800), uploading).await.is_err());
        assert_eq!(storage.objects().await, (0, 1), "{}", storage.name);
        clock.advance(8 * 24 * HOUR_MS);
        assert_eq!(cloud.gc().await.unwrap().uploads, 1);
        assert_eq!(storage.objects().await, (0, 0));
    }
}

trait ChainPending: futures::Stream + Sized {
    /// The same, and then nothing for ever.
    fn chain_pending(self) -> futures::stream::Chain<Self, futures::stream::Pending<Self::Item>> {
        futures::StreamExt::chain(self, futures::stream::pending())
    }
}

impl<S: futures::Stream + Sized> ChainPending for S {}
