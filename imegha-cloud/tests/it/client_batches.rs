//! Many small files at once: one transaction for as many as it holds, and an answer for each of them.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use imegha_cloud::clock::{Clock as _, ManualClock, SystemClock};
use imegha_cloud::{
    Action, AuditFilter, BytesSource, CancelToken, Cloud, Content, Depth, ErrorKind, MemoryDevice, OnTaken, Store,
    StreamSource, Thumbnail,
};
use imegha_crypto::Id;

use crate::adversary::{Failing, Failure, Plan, Recorded};
use crate::client_audit::audited;
use crate::storage::{Storage, bytes, keys};

fn content(text: &str) -> Content {
    Content::new(BytesSource::new(text.to_owned()))
}

fn numbered(count: usize) -> Vec<(String, Content)> {
    (0..count).map(|number| (format!("{number:04}"), content(&number.to_string()))).collect()
}

#[tokio::test]
async fn a_thousand_small_files_are_some_twenty_transactions() {
    // Less by a little: of more not all objects would be listed.
    const FILES: usize = 990;
    for storage in Storage::all().await {
        let recorded = Recorded::new(&storage.records);
        let store = Store { records: recorded.clone(), ..storage.store() };
        let cloud = Cloud::create(keys(), store).await.unwrap();
        let folder = cloud.create_folder(&cloud.root(), "folder").await.unwrap();
        let before = recorded.count();
        let results = cloud.upload_all(&folder.id, numbered(FILES)).await;
        assert_eq!(recorded.count() - before, FILES.div_ceil(Cloud::MAX_BATCH), "{}", storage.name);

        let entries: Vec<_> = results.into_iter().map(Result::unwrap).collect();
        assert!(entries.iter().enumerate().all(|(number, entry)| entry.name == format!("{number:04}")));
        let stranger = Cloud::open(keys(), storage.store()).await.unwrap();
        assert_eq!(stranger.list(&folder.id).await.unwrap(), entries, "{}", storage.name);
        for number in [0, 47, 48, FILES - 1] {
            let read = stranger.download(&entries[number].id).await.unwrap().bytes().await.unwrap();
            assert_eq!(read, number.to_string().as_bytes());
        }
        let uploads = audited(&stranger, AuditFilter::new().action(Action::Upload)).await.unwrap();
        assert_eq!(uploads.iter().map(|entry| entry.nodes.len()).sum::<usize>(), FILES);
        assert_eq!(stranger.verify(Depth::Quick).await.unwrap().problems, []);
        assert_eq!(storage.objects().await, (FILES, 0));
    }
}

#[tokio::test]
async fn of_each_file_is_told_what_became_of_it() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        cloud.upload(&cloud.root(), "Taken", content("1")).await.unwrap();
        let cancelled = CancelToken::new();
        cancelled.cancel();
        let gone = StreamSource::new(futures::stream::iter([Ok("two".into())]), Some(7));
        let unknown = StreamSource::new(futures::stream::iter([Ok("as long as it is".into())]), None);
        let large = bytes(Cloud::MAX_SMALL as usize + 1, 1);
        let seen = Arc::new(AtomicU32::new(0));
        let told = seen.clone();
        let thumbnail = Thumbnail { mime: "image/png".to_owned(), bytes: vec![7; 100] };
        let mut files = vec![
            ("first".to_owned(), content("1")),
            ("tAKEN".to_owned(), content("2")),
            ("a/b".to_owned(), content("3")),
            ("FIRST".to_owned(), content("4")),
            ("cancelled".to_owned(), content("5").cancel(&cancelled)),
            ("short".to_owned(), Content::new(gone)),
            ("unknown".to_owned(), Content::new(unknown)),
            ("large".to_owned(), Content::new(BytesSource::new(large.clone()))),
            ("picture".to_owned(), content("6").thumbnail(thumbnail.clone())),
            (
                "last".to_owned(),
                content("7").progress(move |done, _| {
                    told.fetch_max(done as u32, Ordering::SeqCst);
                }),
            ),
        ];
        files.push(("mime".to_owned(), content("8").mime("x".repeat(256))));
        let results = cloud.upload_all(&cloud.root(), files).await;
        let kinds: Vec<_> =
            results.iter().map(|result| result.as_ref().map_err(imegha_cloud::Error::kind).err()).collect();
        let expected = [
            None,
            Some(ErrorKind::AlreadyExists),
            Some(ErrorKind::Malformed),
            Some(ErrorKind::AlreadyExists),
            Some(ErrorKind::Cancelled),
            Some(ErrorKind::Source),
            None,
            None,
            None,
            None,
            Some(ErrorKind::Malformed),
        ];
        assert_eq!(kinds, expected, "{}", storage.name);
        assert_eq!(seen.load(Ordering::SeqCst), 1);
        let names: HashSet<_> = cloud.list(&cloud.root()).await.unwrap().into_iter().map(|entry| entry.name).collect();
        let there = ["Taken", "first", "unknown", "large", "picture", "last"];
        assert_eq!(names, there.into_iter().map(str::to_owned).collect());
        let picture = results[8].as_ref().unwrap();
        assert_eq!(cloud.thumbnail(&picture.id).await.unwrap(), thumbnail);
        let read = cloud.download(&results[7].as_ref().unwrap().id).await.unwrap().bytes().await.unwrap();
        assert!(read == large);
        // Of what failed nothing is left: six contents and a thumbnail.
        assert_eq!(storage.objects().await, (7, 0), "{}", storage.name);

        for parent in [Id::generate().unwrap(), picture.id] {
            let results = cloud.upload_all(&parent, numbered(3)).await;
            let not_found =
                |result: &imegha_cloud::Result<_>| result.as_ref().unwrap_err().kind() == ErrorKind::NotFound;
            assert!(results.iter().all(not_found), "{results:?}");
        }
        assert!(cloud.upload_all(&cloud.root(), Vec::new()).await.is_empty());
        assert_eq!(storage.objects().await, (7, 0));
    }
}

#[tokio::test]
async fn of_two_of_one_name_the_first_is_saved_whatever_their_lengths() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let large = || Content::new(BytesSource::new(bytes(Cloud::MAX_SMALL as usize + 1, 1)));
        let unknown = || Content::new(StreamSource::new(futures::stream::iter([Ok("unknown".into())]), None));
        let files = [
            ("a", content("small")),
            ("b", content("small")),
            ("A", large()),
            ("b", unknown()),
            ("c", large()),
            ("c", content("small")),
        ];
        let files = files.map(|(name, content)| (name.to_owned(), content)).into();
        let results = cloud.upload_all(&cloud.root(), files).await;
        let sizes: Vec<_> = results.iter().map(|result| result.as_ref().map(|entry| entry.size)).collect();
        let taken = |size: &imegha_cloud::Result<_, &imegha_cloud::Error>| {
            size.as_ref().is_err_and(|error| error.kind() == ErrorKind::AlreadyExists)
        };
        assert!([2, 3, 5].iter().all(|at| taken(&sizes[*at])), "{}: {sizes:?}", storage.name);
        let saved = sizes.into_iter().filter_map(Result::ok).collect::<Vec<_>>();
        assert_eq!(saved, [5, 5, Cloud::MAX_SMALL + 1]);
        assert_eq!(storage.objects().await, (3, 0));
    }
}

#[tokio::test]
async fn an_upload_that_another_process_saves_with_others_is_not_saved_twice() {
    let storage = Storage::memory();
    let device = Arc::new(MemoryDevice::new());
    let upload = Id::generate().unwrap();
    let files =
        |name: &str| vec![(name.to_owned(), content("1").resumable(&upload)), ("more".to_owned(), content("2"))];
    let second = Cloud::create(keys(), storage.store_of(device.clone())).await.unwrap();
    let plan = Plan::new(0, Failure::DiesBefore);
    let store = Store { blobs: Failing::new(&storage.blobs, &plan), ..storage.store_of(device) };
    let first = Cloud::open(keys(), store).await.unwrap();
    let root = first.root();
    let mut saving = Box::pin(first.upload_all(&root, files("first")));
    assert!(plan.until_death(&mut saving).await.is_none(), "it hangs");

    let results = second.upload_all(&root, files("second")).await;
    assert_eq!(results[0].as_ref().unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(results[1].as_ref().unwrap().name, "more");
    // Once nobody works on it any more it is saved; of two in one call each by itself.
    drop(saving);
    let twice = ["second", "again"].into_iter().flat_map(|name| files(name).into_iter().take(1)).collect();
    let results = second.upload_all(&root, twice).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
}

#[tokio::test]
async fn a_folder_that_was_moved_has_its_key_replaced_first() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let [outer, folder] = [
            cloud.create_folder(&cloud.root(), "outer").await.unwrap(),
            cloud.create_folder(&cloud.root(), "folder").await.unwrap(),
        ];
        cloud.move_to(&[folder.id], &outer.id, OnTaken::Refuse).await.unwrap();
        let results = cloud.upload_all(&folder.id, numbered(5)).await;
        assert!(results.iter().all(Result::is_ok), "{results:?}");
        let done = audited(&cloud, AuditFilter::new()).await.unwrap();
        assert_eq!([&done[0].action, &done[1].action], [&Action::Upload.into(), &Action::Rekey.into()]);
        let stranger = Cloud::open(keys(), storage.store()).await.unwrap();
        assert_eq!(stranger.list(&folder.id).await.unwrap().len(), 5, "{}", storage.name);
        assert_eq!(stranger.verify(Depth::Deep).await.unwrap().problems, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_devices_at_once_save_all_of_theirs() {
    for storage in Storage::all().await {
        let first = Cloud::create(keys(), storage.store_in_real_time()).await.unwrap();
        let second = Cloud::open(keys(), storage.store_in_real_time()).await.unwrap();
        let save = |cloud: Cloud, device: &'static str| async move {
            let files = (0..100).map(|number| (format!("{device} {number}"), content(device))).collect();
            let results = cloud.upload_all(&cloud.root(), files).await;
            assert!(results.iter().all(Result::is_ok), "{results:?}");
        };
        let (a, b) = (tokio::spawn(save(first.clone(), "a")), tokio::spawn(save(second.clone(), "b")));
        a.await.unwrap();
        b.await.unwrap();
        assert_eq!(first.list(&first.root()).await.unwrap().len(), 200, "{}", storage.name);
        assert_eq!(second.verify(Depth::Deep).await.unwrap().problems, []);
        assert_eq!(storage.objects().await, (200, 0));
    }
}

/// Whatever fails, and whenever: all of a batch is there, or none of it; and who was told that it is finds it there.
#[tokio::test]
async fn a_batch_is_saved_whole_or_not_at_all() {
    for failure in
        [Failure::Before, Failure::After, Failure::Gone, Failure::Lost, Failure::DiesBefore, Failure::DiesAfter]
    {
        let (mut steps, mut whole, mut none) = (0, 0, 0);
        loop {
            let storage = Storage::memory();
            let device = Arc::new(MemoryDevice::new());
            drop(Cloud::create(keys(), storage.store_of(device.clone())).await.unwrap());
            let plan = Plan::new(u32::MAX, failure);
            let store = Store {
                records: Failing::new(&storage.records, &plan),
                blobs: Failing::new(&storage.blobs, &plan),
                ..storage.store_of(device)
            };
            let cloud = Cloud::open(keys(), store).await.unwrap();
            plan.fail_after(steps);
            let results = plan.until_death(cloud.upload_all(&cloud.root(), numbered(3))).await;
            let there = Cloud::open(keys(), storage.store()).await.unwrap();
            let count = there.list(&there.root()).await.unwrap().len();
            match count {
                0 => none += 1,
                3 => whole += 1,
                // One that was not stored was not saved with the others: that is told.
                2 if matches!(failure, Failure::Before | Failure::After) => {}
                _ => panic!("{failure:?} {steps}: {count} of 3"),
            }
            if let Some(results) = results {
                let saved = results.iter().filter(|result| result.is_ok()).count();
                let unknown = |result: &imegha_cloud::Result<_>| {
                    result.as_ref().is_err_and(|error| error.kind() == ErrorKind::Unavailable)
                };
                assert!(saved == count || results.iter().all(unknown), "{failure:?} {steps}: {count}, {results:?}");
            }
            assert_eq!(there.verify(Depth::Deep).await.unwrap().problems, []);
            let clock = Arc::new(ManualClock::new(SystemClock.now_ms() + 30 * 24 * 3_600_000));
            Cloud::open(keys(), Store { clock, ..storage.store() }).await.unwrap().gc().await.unwrap();
            assert_eq!(storage.objects().await, (count, 0), "{failure:?} {steps}");
            if !plan.failed() {
                break;
            }
            steps += 1;
        }
        assert!(steps >= 5 && whole > 0, "{failure:?}: {steps} steps, {whole} whole, {none} none");
        if !matches!(failure, Failure::Before | Failure::After) {
            assert!(none > 0, "{failure:?}");
        }
    }
}
