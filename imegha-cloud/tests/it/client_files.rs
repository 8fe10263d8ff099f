//! What goes into a cloud comes out of it, on every backend.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use imegha_cloud::backend::ObjectName;
use imegha_cloud::{
    BytesSource, CancelToken, Cloud, Content, Error, ErrorKind, FileDevice, FileSource, NodeKind, Store, StreamSource,
    ToDisk,
};
use imegha_crypto::{Hash, Id};

use crate::adversary::{FullDevice, SmallPages};
use crate::storage::{Storage, bytes, keys, other_keys};

const PART: usize = 8 * 1024 * 1024;

fn content(bytes: &[u8]) -> Content {
    Content::new(BytesSource::new(bytes.to_vec()))
}

async fn read(cloud: &Cloud, file: &Id) -> Vec<u8> {
    cloud.download(file).await.unwrap().bytes().await.unwrap()
}

#[tokio::test]
async fn files_of_every_length_come_back() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        for (number, len) in
            [0, 1, 16_383, 16_384, 16_385, PART - 1, PART, PART + 1, 20 * 1024 * 1024].into_iter().enumerate()
        {
            let data = bytes(len, len as u64 + 1);
            let name = format!("{len}.bin");
            let entry =
                cloud.upload(&cloud.root(), &name, content(&data).mime("image/jpeg").modified_ms(5)).await.unwrap();
            assert_eq!((entry.size, entry.name.as_str(), entry.revision), (len as u64, name.as_str(), 1));
            assert_eq!(entry.sha256, Some(Hash::of(&data)));
            assert_eq!((entry.mime.as_deref(), entry.modified_ms), (Some("image/jpeg"), Some(5)));
            assert_eq!(entry.kind, NodeKind::File);

            // Another device, which has seen nothing, reads the same.
            let other = Cloud::open(keys(), storage.store()).await.unwrap();
            let listed = other.list(&other.root()).await.unwrap();
            assert_eq!(listed.len(), number + 1);
            assert!(listed.contains(&entry), "{} {len}", storage.name);
            assert!(read(&other, &entry.id).await == data, "{} {len}", storage.name);
        }
    }
}

#[tokio::test]
async fn a_source_of_unknown_length_comes_back() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        for len in [0, 100_000, 2 * PART, 2 * PART + 1] {
            let data = bytes(len, 3);
            let pieces: Vec<_> = data.chunks(77_777).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
            let source = StreamSource::new(futures::stream::iter(pieces), None);
            let entry = cloud.upload(&cloud.root(), &len.to_string(), Content::new(source)).await.unwrap();
            assert_eq!(entry.size, len as u64);
            assert!(read(&cloud, &entry.id).await == data, "{} {len}", storage.name);
        }
    }
}

#[tokio::test]
async fn ranges_are_what_the_file_holds_there() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let data = bytes(5 * 1024 * 1024 + 7, 1);
        let file = cloud.upload(&cloud.root(), "video", content(&data)).await.unwrap().id;
        let len = data.len() as u64;
        for range in [
            0..0,
            0..1,
            0..16_384,
            16_383..16_385,
            16_384..32_768,
            100_000..4_500_000,
            len - 1..len,
            len..len,
            4 * 1024 * 1024 - 1..4 * 1024 * 1024 + 1,
            0..len,
        ] {
            let download = cloud.download_range(&file, range.clone()).await.unwrap();
            assert_eq!(download.len(), range.end - range.start);
            let read = download.bytes().await.unwrap();
            assert!(read == data[range.start as usize..range.end as usize], "{} {range:?}", storage.name);
        }
        for (start, end) in [(0, len + 1), (len + 1, len + 2), (2, 1)] {
            let error = cloud.download_range(&file, start..end).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed);
        }
    }
}

#[tokio::test]
async fn folders_nest_and_names_are_unique_in_each() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let root = cloud.root();
        let photos = cloud.create_folder(&root, "Fotos von früher 🏞").await.unwrap();
        let year = cloud.create_folder(&photos.id, "2026").await.unwrap();
        let file = cloud.upload(&year.id, "Straße.txt", content(b"x")).await.unwrap();
        cloud.upload(&photos.id, "Straße.txt", content(b"y")).await.unwrap();
        assert_eq!(cloud.path(&file.id).await.unwrap(), [photos.clone(), year.clone(), file.clone()]);
        assert_eq!(cloud.entry(&photos.id).await.unwrap(), photos);
        assert_eq!(cloud.path(&root).await.unwrap(), []);

        // The same name after NFC and case folding is taken.
        for name in ["Straße.txt", "STRASSE.TXT", "straße.txt"] {
            let error = cloud.upload(&year.id, name, content(b"z")).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::AlreadyExists, "{name}");
            let error = cloud.create_folder(&year.id, name).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::AlreadyExists, "{name}");
        }
        let decomposed = cloud.create_folder(&root, "Fotos von fru\u{308}her 🏞").await.unwrap_err();
        assert_eq!(decomposed.kind(), ErrorKind::AlreadyExists);
        assert_eq!(cloud.free_name(&year.id, "strasse.txt").await.unwrap(), "strasse (2).txt");
        assert_eq!(cloud.free_name(&year.id, "new.txt").await.unwrap(), "new.txt");
        for name in ["", ".", "..", "a/b", "a\0", "a\nb"] {
            let error = cloud.upload(&root, name, content(b"")).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed, "{name:?}");
        }

        // Folders come before files, each by name.
        cloud.upload(&root, "a.txt", content(b"")).await.unwrap();
        cloud.create_folder(&root, "Zoo").await.unwrap();
        let again = Cloud::open(keys(), storage.store()).await.unwrap();
        let names: Vec<_> = again.list(&root).await.unwrap().into_iter().map(|entry| entry.shown_name).collect();
        assert_eq!(names, ["Fotos von früher 🏞", "Zoo", "a.txt"]);
        // Nothing but the object of the uploads that were taken is stored.
        assert_eq!(storage.objects().await, (3, 0));

        let nothing = Id::from_bytes([9; 16]);
        for error in [
            cloud.list(&nothing).await.unwrap_err(),
            cloud.list(&file.id).await.unwrap_err(),
            cloud.create_folder(&nothing, "x").await.unwrap_err(),
            cloud.upload(&file.id, "x", content(b"")).await.unwrap_err(),
            cloud.download(&nothing).await.unwrap_err(),
            cloud.download(&photos.id).await.unwrap_err(),
            cloud.replace(&photos.id, content(b"")).await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::NotFound);
        }
    }
}

#[tokio::test]
async fn replacing_keeps_what_was_before() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let file = cloud.upload(&cloud.root(), "letter.txt", content(b"first").mime("text/plain")).await.unwrap();
        let second = cloud.replace(&file.id, content(b"second!")).await.unwrap();
        assert_eq!((second.revision, second.size, second.mime.as_deref()), (2, 7, None));
        assert_eq!((second.name.as_str(), second.created_ms), ("letter.txt", file.created_ms));
        cloud.replace(&file.id, content(b"")).await.unwrap();

        let again = Cloud::open(keys(), storage.store()).await.unwrap();
        assert_eq!(again.list(&again.root()).await.unwrap().len(), 1);
        let revisions = again.revisions(&file.id).await.unwrap();
        assert_eq!(
            revisions.iter().map(|revision| (revision.number, revision.size)).collect::<Vec<_>>(),
            [(3, 0), (2, 7), (1, 5)]
        );
        for (number, text) in [(1, "first"), (2, "second!"), (3, "")] {
            let download = again.download_revision(&file.id, number).await.unwrap();
            assert_eq!(download.bytes().await.unwrap(), text.as_bytes());
        }
        assert_eq!(read(&again, &file.id).await, b"");
        assert_eq!(again.download_revision(&file.id, 4).await.unwrap_err().kind(), ErrorKind::NotFound);
    }
}

#[tokio::test]
async fn a_source_that_lies_or_fails_leaves_nothing() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        for (said, has) in [(10, 9), (10, 11), (0, 1), (2 * PART + 1, 2 * PART), (2 * PART, 2 * PART + 1)] {
            let pieces: Vec<_> =
                bytes(has, 1).chunks(PART / 3).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
            let source = StreamSource::new(futures::stream::iter(pieces), Some(said as u64));
            let error = cloud.upload(&cloud.root(), "x", Content::new(source)).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Source, "{said} {has}");
        }
        let pieces = [Ok(Bytes::from(bytes(2 * PART, 1))), Err(Error::new(ErrorKind::Source, "unplugged"))];
        let source = StreamSource::new(futures::stream::iter(pieces), None);
        let error = cloud.upload(&cloud.root(), "x", Content::new(source)).await.unwrap_err();
        assert_eq!((error.kind(), error.context()), (ErrorKind::Source, "unplugged"));
        assert_eq!(storage.objects().await, (0, 0));
        assert_eq!(cloud.list(&cloud.root()).await.unwrap(), []);
    }
}

#[tokio::test]
async fn what_is_cancelled_leaves_nothing() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        // At the beginning, after a part, and when everything is stored but the record.
        for at in [0, PART as u64, 3 * PART as u64] {
            let cancel = CancelToken::new();
            let pulled = cancel.clone();
            let content = content(&bytes(3 * PART, 1)).cancel(&cancel).progress(move |done, _| {
                if done >= at {
                    pulled.cancel();
                }
            });
            let error = cloud.upload(&cloud.root(), "x", content).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Cancelled, "{} {at}", storage.name);
            assert_eq!(storage.objects().await, (0, 0), "{} {at}", storage.name);
            assert_eq!(cloud.list(&cloud.root()).await.unwrap(), []);
        }
        // One that waits for its source can be cancelled too.
        let cancel = CancelToken::new();
        let source = StreamSource::new(futures::stream::pending(), None);
        let root = cloud.root();
        let (result, ()) =
            futures::join!(cloud.upload(&root, "x", Content::new(source).cancel(&cancel)), async { cancel.cancel() });
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Cancelled);
    }
}

#[tokio::test]
async fn progress_goes_forward_to_the_end() {
    let storage = Storage::memory();
    let cloud = storage.create().await;
    for len in [0, 5, 2 * PART + 5] {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let content = content(&bytes(len, 1)).progress({
            let seen = seen.clone();
            move |done, total| seen.lock().unwrap().push((done, total))
        });
        cloud.upload(&cloud.root(), &len.to_string(), content).await.unwrap();
        let seen = seen.lock().unwrap();
        assert!(seen.is_sorted() && seen.iter().all(|(_, total)| *total == len as u64), "{seen:?}");
        assert_eq!((seen[0].0, seen[seen.len() - 1].0), (0, len as u64));
    }
}

#[tokio::test]
async fn a_download_to_disk_appears_whole_or_not_at_all() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let folder = tempfile::tempdir().unwrap();
        let files = || std::fs::read_dir(folder.path()).unwrap().count();
        let data = bytes(9 * 1024 * 1024, 4);
        std::fs::write(folder.path().join("source"), &data).unwrap();
        let source = FileSource::open(folder.path().join("source")).await.unwrap();
        let file = cloud.upload(&cloud.root(), "big", Content::new(source)).await.unwrap();

        let path = folder.path().join("copy");
        let entry = cloud.download_to_path(&file.id, &path, ToDisk::new()).await.unwrap();
        assert_eq!(entry, file);
        assert!(std::fs::read(&path).unwrap() == data);
        assert_eq!(files(), 2);

        let error = cloud.download_to_path(&file.id, &path, ToDisk::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        std::fs::write(&path, "old").unwrap();
        cloud.download_to_path(&file.id, &path, ToDisk::new().overwrite()).await.unwrap();
        assert!(std::fs::read(&path).unwrap() == data);

        let cancel = CancelToken::new();
        let pulled = cancel.clone();
        let to = ToDisk::new().cancel(&cancel).progress(move |done, _| {
            if done > 0 {
                pulled.cancel();
            }
        });
        let error = cloud.download_to_path(&file.id, folder.path().join("third"), to).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
        // The thread that holds the temporary file drops it a moment later.
        for _ in 0..100 {
            if files() == 2 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert_eq!(files(), 2);
        let missing = FileSource::open(folder.path().join("missing")).await.unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::Source);
    }
}

#[tokio::test]
async fn a_cloud_is_created_once_and_opened_by_its_keys() {
    for storage in Storage::all().await {
        assert_eq!(Cloud::open(keys(), storage.store()).await.unwrap_err().kind(), ErrorKind::NotFound);
        let cloud = storage.create().await;
        let error = Cloud::create(keys(), storage.store()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        let again = Cloud::open(keys().with_cloud(cloud.id()), storage.store()).await.unwrap();
        assert_eq!((again.id(), again.root()), (cloud.id(), cloud.root()));

        let stranger = Cloud::open(other_keys(), storage.store()).await.unwrap_err();
        assert_eq!(stranger.kind(), ErrorKind::CannotOpen);
        let mut mixed = keys();
        mixed.dek = other_keys().dek;
        assert_eq!(Cloud::open(mixed, storage.store()).await.unwrap_err().kind(), ErrorKind::CannotOpen);
        // A device that knows the cloud's id is not given another cloud.
        let other = Cloud::open(keys().with_cloud(Id::from_bytes([1; 16])), storage.store()).await.unwrap_err();
        assert_eq!(other.kind(), ErrorKind::Rollback);
    }
}

#[tokio::test]
async fn what_a_device_keeps_is_sealed_and_outlives_the_process() {
    let storage = Storage::memory();
    let folder = tempfile::tempdir().unwrap();
    let store = || storage.store_of(Arc::new(FileDevice::new(folder.path().join("device"))));
    let cloud = Cloud::create(keys(), store()).await.unwrap();
    let file = cloud.upload(&cloud.root(), "a name to look for", content(b"x")).await.unwrap();
    let again = Cloud::open(keys(), store()).await.unwrap();
    assert_eq!(again.list(&again.root()).await.unwrap(), [file]);

    let path = folder.path().join("device").join(format!("{}.index", cloud.id()));
    let mut kept = std::fs::read(&path).unwrap();
    assert_eq!(std::fs::read_dir(folder.path().join("device")).unwrap().count(), 1);
    let name = cloud.root();
    assert!(!kept.windows(16).any(|window| window == name.as_bytes()));
    // A memory that cannot be opened is told, not forgotten.
    kept[100] ^= 1;
    std::fs::write(&path, kept).unwrap();
    assert_eq!(Cloud::open(keys(), store()).await.unwrap_err().kind(), ErrorKind::CannotOpen);
}

/// Pages end where the store likes.
#[tokio::test]
async fn folders_and_logs_are_read_page_by_page() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        for number in 0..10 {
            cloud.create_folder(&cloud.root(), &format!("{number}")).await.unwrap();
        }
        let store = Store { records: Arc::new(SmallPages(storage.records.clone())), ..storage.store() };
        let paged = Cloud::open(keys(), store).await.unwrap();
        assert_eq!(paged.list(&paged.root()).await.unwrap(), cloud.list(&cloud.root()).await.unwrap());
        assert_eq!(paged.list(&paged.root()).await.unwrap().len(), 10);
    }
}

/// A device that dies between the transaction and its own memory of it, or whose disk is full, loses nothing.
#[tokio::test]
async fn a_device_that_could_not_remember_reads_on() {
    let storage = Storage::memory();
    let device = Arc::new(FullDevice::default());
    let cloud = Cloud::create(keys(), storage.store_of(device.clone())).await.unwrap();
    device.full.store(true, Ordering::SeqCst);
    let file = cloud.upload(&cloud.root(), "x", content(b"x")).await.unwrap();
    // What was acknowledged is there, but a device that cannot remember what it was shown says so.
    assert_eq!(cloud.list(&cloud.root()).await.unwrap_err().kind(), ErrorKind::StorageFull);
    drop(cloud);
    device.full.store(false, Ordering::SeqCst);
    let again = Cloud::open(keys(), storage.store_of(device)).await.unwrap();
    assert_eq!(again.list(&again.root()).await.unwrap(), [file]);
}

#[tokio::test]
async fn objects_are_named_by_their_salt() {
    let storage = Storage::memory();
    let cloud = storage.create().await;
    let file = cloud.upload(&cloud.root(), "x", content(b"x")).await.unwrap();
    let revision = cloud.revisions(&file.id).await.unwrap().remove(0);
    let stored = crate::adversary::read_object(&*storage.blobs, &revision.object).await.unwrap();
    assert_eq!(ObjectName::from_salt(stored[32..56].try_into().unwrap()), revision.object);
    assert_eq!(revision.object_len, stored.len() as u64);
}

/// The futures of the client go to other threads.
#[tokio::test(flavor = "multi_thread")]
async fn a_cloud_is_shared_between_tasks() {
    let storage = Storage::memory();
    let cloud = storage.create().await;
    let tasks: Vec<_> = (0..8)
        .map(|number| {
            let cloud = cloud.clone();
            tokio::spawn(async move {
                let folder = cloud.create_folder(&cloud.root(), &format!("folder {number}")).await.unwrap();
                let file = cloud.upload(&folder.id, "x", content(&bytes(100_000, number))).await.unwrap();
                assert_eq!(cloud.list(&folder.id).await.unwrap(), std::slice::from_ref(&file));
                assert!(read(&cloud, &file.id).await == bytes(100_000, number));
                cloud.replace(&file.id, content(b"y")).await.unwrap();
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(cloud.list(&cloud.root()).await.unwrap().len(), 8);
}
