//! What cannot be gone on with: another source, another file, what storage has lost.

use std::sync::Arc;

use bytes::Bytes;
use imegha_cloud::{BytesSource, CancelToken, Cloud, Content, ErrorKind, MemoryDevice, Store, Unfinished};
use imegha_crypto::{Hash, Id};

use super::{PART, Unsized, pause_at, read, resumable, stream};
use crate::storage::{Storage, bytes, keys};
use crate::watched::Watched;

/// Changes of a source between two runs.
fn changes(data: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let flipped = |at: usize| {
        let mut data = data.to_vec();
        data[at] ^= 1;
        data
    };
    vec![
        ("the first byte", flipped(0)),
        ("the last byte", flipped(data.len() - 1)),
        ("cut behind a part", data[..PART].to_vec()),
        ("cut to nothing", Vec::new()),
        ("longer", [data, &[1]].concat()),
        ("longer by a part", [data, &vec![1; PART]].concat()),
    ]
}

#[tokio::test]
async fn a_source_that_changed_is_uploaded_anew() {
    let storage = Storage::memory();
    let watched = Watched::new(&storage.blobs);
    let cloud = Cloud::create(keys(), Store { blobs: watched.clone(), ..storage.store() }).await.unwrap();
    let data: Bytes = bytes(2 * PART, 1).into();
    for known in [true, false] {
        for at in [PART, 2 * PART] {
            for (change, changed) in changes(&data) {
                // What was not sealed yet may change: one such case is enough.
                if at == PART && change != "the last byte" {
                    continue;
                }
                let case = format!("{change}, {at} bytes sent, size known: {known}");
                let changed = Bytes::from(changed);
                let size = |data: &Bytes| known.then_some(data.len() as u64);
                let begin = |name: &'static str, upload: &Id| {
                    let content = Content::new(stream(&data, size(&data))).resumable(upload);
                    pause_at(&cloud, name, content, at as u64)
                };
                // With a source that goes back.
                let upload = Id::generate().unwrap();
                let objects = storage.objects().await;
                begin("x", &upload).await;
                let begun = watched.sent().last().unwrap().object;
                let before = watched.sent().len();
                let content = match known {
                    true => resumable(&changed, &upload),
                    false => Content::new(Unsized(BytesSource::new(changed.clone()))).resumable(&upload),
                };
                let entry = cloud.upload(&cloud.root(), &case, content).await.expect(&case);
                assert!(read(&cloud, &entry.id).await == changed, "{case}");
                assert_eq!(entry.sha256, Some(Hash::of(&changed)), "{case}");
                let sealed_again = watched.sent()[before..].iter().any(|sent| sent.object == begun && sent.number == 1);
                assert!(!sealed_again, "{case}");
                assert_eq!(storage.objects().await, (objects.0 + 1, 0), "{case}");
                assert_eq!(cloud.unfinished().await.unwrap(), [], "{case}");

                // With one that does not: the next try begins anew.
                let upload = Id::generate().unwrap();
                begin("y", &upload).await;
                let content = || Content::new(stream(&changed, size(&changed))).resumable(&upload);
                let name = format!("{case}, again");
                match cloud.upload(&cloud.root(), &name, content()).await {
                    // It could tell by the length, or it goes on: what changed was not sealed yet.
                    Ok(entry) => {
                        assert!(at == PART || known && changed.len() != data.len(), "{case}");
                        assert!(read(&cloud, &entry.id).await == changed, "{case}");
                    }
                    Err(error) => {
                        assert_eq!(error.kind(), ErrorKind::Source, "{case}");
                        assert_eq!(storage.objects().await, (objects.0 + 1, 0), "{case}");
                        assert_eq!(cloud.unfinished().await.unwrap(), [], "{case}");
                        let entry = cloud.upload(&cloud.root(), &name, content()).await.expect(&case);
                        assert!(read(&cloud, &entry.id).await == changed, "{case}");
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn an_upload_that_storage_forgot_begins_anew() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let data: Bytes = bytes(2 * PART + 5, 1).into();
        for at in [PART, data.len()] {
            let (upload, name) = (Id::generate().unwrap(), at.to_string());
            pause_at(&cloud, &name, resumable(&data, &upload), at as u64).await;
            // Collected because it lay there too long.
            for begun in storage.blobs.uploads().await.unwrap() {
                // A request that the pause let go of may still come to its end over there.
                match storage.blobs.resume_upload(&begun.name, &begun.id).await {
                    Ok(begun) => begun.abort().await.unwrap(),
                    Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound),
                }
            }
            let names = cloud.list(&cloud.root()).await.unwrap().len();
            let objects = storage.blobs.list(None, 1_000).await.unwrap();
            if objects.len() > names {
                for object in &objects {
                    if at == data.len() && names == 1 {
                        // The complete object, which nothing names: it is the one that is not the first file's.
                        let first = &cloud.list(&cloud.root()).await.unwrap()[0];
                        let named = cloud.revisions(&first.id).await.unwrap()[0].object;
                        if object.name != named {
                            storage.blobs.delete(&object.name).await.unwrap();
                        }
                    }
                }
            }
            // The source cannot go back, and need not: nothing of it was read yet.
            let content = Content::new(stream(&data, Some(data.len() as u64))).resumable(&upload);
            let entry = cloud.upload(&cloud.root(), &name, content).await.unwrap();
            assert!(read(&cloud, &entry.id).await == data, "{}", storage.name);
            assert_eq!(storage.objects().await, (names + 1, 0));
        }
    }
}

#[tokio::test]
async fn an_upload_of_which_storage_lost_parts_begins_anew() {
    let storage = Storage::memory();
    let data: Bytes = bytes(3 * PART, 1).into();
    let (device, upload) = (Arc::new(MemoryDevice::new()), Id::generate().unwrap());
    let losing = Watched::new(&storage.blobs);
    losing.lose_parts();
    let store = Store { blobs: losing, ..storage.store_of(device.clone()) };
    let cloud = Cloud::create(keys(), store).await.unwrap();
    pause_at(&cloud, "x", resumable(&data, &upload), PART as u64).await;

    let cloud = Cloud::open(keys(), storage.store_of(device)).await.unwrap();
    let entry = cloud.upload(&cloud.root(), "x", resumable(&data, &upload)).await.unwrap();
    assert!(read(&cloud, &entry.id).await == data);
    assert_eq!(storage.objects().await, (1, 0));
}

#[tokio::test]
async fn a_file_that_was_replaced_meanwhile_is_a_conflict_once() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let file = cloud.upload(&cloud.root(), "x", Content::new(BytesSource::new("first"))).await.unwrap().id;
        let data: Bytes = bytes(2 * PART, 1).into();
        let upload = Id::generate().unwrap();
        let token = CancelToken::new();
        let pulled = token.clone();
        let content = resumable(&data, &upload).cancel(&token).progress(move |done, _| {
            if done > 0 {
                pulled.pause();
            }
        });
        assert_eq!(cloud.replace(&file, content).await.unwrap_err().kind(), ErrorKind::Cancelled);
        let [Unfinished { file: Some(begun), name, .. }] = &cloud.unfinished().await.unwrap()[..] else {
            panic!("one")
        };
        assert_eq!((begun, name.as_str()), (&file, "x"));

        cloud.replace(&file, Content::new(BytesSource::new("second"))).await.unwrap();
        let refused = cloud.replace(&file, resumable(&data, &upload)).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Conflict);
        assert_eq!((storage.objects().await, cloud.unfinished().await.unwrap()), ((2, 0), vec![]));
        assert_eq!(read(&cloud, &file).await, b"second");
        // Whoever insists saves it over the other's.
        let entry = cloud.replace(&file, resumable(&data, &upload)).await.unwrap();
        assert_eq!(entry.revision, 3);
        assert!(read(&cloud, &file).await == data);
    }
}

/// An object is sealed for its file: the journal of one is of no use to another.
#[tokio::test]
async fn an_upload_does_not_go_on_as_another_file() {
    let storage = Storage::memory();
    let cloud = storage.create().await;
    let file = cloud.upload(&cloud.root(), "x", Content::new(BytesSource::new("first"))).await.unwrap().id;
    let data: Bytes = bytes(2 * PART, 1).into();
    let upload = Id::generate().unwrap();
    pause_at(&cloud, "new", resumable(&data, &upload), PART as u64).await;
    cloud.replace(&file, resumable(&data, &upload)).await.unwrap();
    assert!(read(&cloud, &file).await == data);
    assert_eq!(storage.objects().await, (2, 0));
}
