//! Pausing, going on, giving up.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use imegha_cloud::{BytesSource, CancelToken, Cloud, Content, ErrorKind, Store, Unfinished};
use imegha_crypto::Id;

use super::{PART, pause_at, read, resumable};
use crate::storage::{Storage, bytes, keys};
use crate::watched::Watched;

#[tokio::test]
async fn what_is_paused_goes_on() {
    for storage in Storage::all().await {
        let watched = Watched::new(&storage.blobs);
        let store = Store { blobs: watched.clone(), ..storage.store_in_real_time() };
        let cloud = Cloud::create(keys(), store).await.unwrap();
        let (data, folder): (Bytes, _) = (bytes(4 * PART, 1).into(), cloud.create_folder(&cloud.root(), "f").await);
        let folder = folder.unwrap().id;
        for at in [0, PART, 2 * PART, 4 * PART] {
            let (upload, name) = (Id::generate().unwrap(), at.to_string());
            let earlier = watched.sent().len();
            let token = pause_at(&cloud, &name, resumable(&data, &upload), at as u64).await;
            assert!(token.is_paused() && !token.is_cancelled());
            let arrived: Vec<u32> =
                watched.sent()[earlier..].iter().filter(|sent| sent.acknowledged).map(|sent| sent.number).collect();
            let unfinished = cloud.unfinished().await.unwrap();
            if at == 0 {
                // Not a byte was read, so there is nothing to go on with.
                assert_eq!((unfinished, storage.objects().await.1), (vec![], 0));
            } else {
                assert!(arrived.len() * PART >= at);
                let expected = Unfinished {
                    upload,
                    file: None,
                    folder: cloud.root(),
                    name: name.clone(),
                    size: Some(data.len() as u64),
                    sent: (arrived.len() * PART) as u64,
                    begun_ms: unfinished[0].begun_ms,
                };
                assert_eq!(unfinished, [expected], "{}", storage.name);
            }
            assert!(cloud.list(&cloud.root()).await.unwrap().iter().all(|entry| entry.name != name));

            // It goes on into another folder, under another name.
            let between = watched.sent().len();
            let first = Arc::new(Mutex::new(None));
            let heard = first.clone();
            let content = resumable(&data, &upload).progress(move |done, _| {
                heard.lock().unwrap().get_or_insert(done);
            });
            let entry = cloud.upload(&folder, &format!("renamed {at}"), content).await.unwrap();
            assert!(read(&cloud, &entry.id).await == data && entry.parent == folder);
            let again: Vec<u32> = watched.sent()[between..].iter().map(|sent| sent.number).collect();
            assert!(again.iter().all(|number| !arrived.contains(number)), "{arrived:?} {again:?}");
            assert_eq!(arrived.len() + again.len(), 4, "{}", storage.name);
            assert_eq!(*first.lock().unwrap(), Some(0));
            assert_eq!(cloud.unfinished().await.unwrap(), []);
            assert_eq!(storage.objects().await.1, 0);
        }
    }
}

#[tokio::test]
async fn what_is_given_up_leaves_nothing() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let data: Bytes = bytes(3 * PART, 1).into();
        for at in [PART, 3 * PART] {
            // Paused, then given up.
            let upload = Id::generate().unwrap();
            let token = pause_at(&cloud, "x", resumable(&data, &upload), at as u64).await;
            if at < 3 * PART {
                assert_eq!(storage.objects().await, (0, 1));
            }
            cloud.discard_upload(&upload).await.unwrap();
            assert_eq!((storage.objects().await, cloud.unfinished().await.unwrap()), ((0, 0), vec![]), "{at}");
            cloud.discard_upload(&upload).await.unwrap();
            token.cancel();
            assert!(token.is_cancelled() && !token.is_paused());
            token.pause();
            assert!(token.is_cancelled() && !token.is_paused());

            // Paused, gone on with, cancelled.
            pause_at(&cloud, "x", resumable(&data, &upload), at as u64).await;
            let token = CancelToken::new();
            let pulled = token.clone();
            let content = resumable(&data, &upload).cancel(&token).progress(move |done, _| {
                if done > 0 {
                    pulled.cancel();
                }
            });
            let error = cloud.upload(&cloud.root(), "x", content).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Cancelled);
            assert_eq!((storage.objects().await, cloud.unfinished().await.unwrap()), ((0, 0), vec![]), "{at}");
        }
        // What has no journal is cancelled by a pause.
        pause_at(&cloud, "x", Content::new(BytesSource::new(data.clone())), PART as u64).await;
        assert_eq!(storage.objects().await, (0, 0));
        // Giving up what was uploaded to its end takes nothing away.
        let upload = Id::generate().unwrap();
        let entry = cloud.upload(&cloud.root(), "x", resumable(&data, &upload)).await.unwrap();
        cloud.discard_upload(&upload).await.unwrap();
        assert!(read(&cloud, &entry.id).await == data);
    }
}
