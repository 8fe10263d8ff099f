//! Thumbnails: kept beside a file's content, and everything that becomes of a file becomes of them.

use std::sync::Arc;

use imegha_cloud::backend::Key;
use imegha_cloud::clock::{Clock as _, ManualClock, SystemClock};
use imegha_cloud::schema::{CloudValue, Collection, Field};
use imegha_cloud::{
    BytesSource, CancelToken, Cloud, Content, Depth, Entry, ErrorKind, Fault, KeepRevisions, OnTaken, Problem,
    Revision, Store, Thumbnail,
};
use imegha_crypto::Id;

use crate::adversary::{Failing, Failure, Plan, TamperingBlobs};
use crate::attacks::insider;
use crate::storage::{Storage, bytes, keys};

pub(crate) fn thumbnail(len: usize, seed: u64) -> Thumbnail {
    Thumbnail { mime: "image/webp".to_owned(), bytes: bytes(len, seed) }
}

/// A photo that is all one has of one.
fn photo(text: &str, seed: u64) -> Content {
    let content = Content::new(BytesSource::new(text.to_owned())).mime("image/heic").taken_ms(1_234_567_890_123);
    content.dimensions(4_000, 3_000).thumbnail(thumbnail(20_000, seed))
}

fn plain(text: &str) -> Content {
    Content::new(BytesSource::new(text.to_owned()))
}

async fn shown(cloud: &Cloud, file: &Entry) -> Result<Thumbnail, ErrorKind> {
    cloud.thumbnail(&file.id).await.map_err(|error| error.kind())
}

#[tokio::test]
async fn a_listing_tells_of_it_and_one_request_brings_it() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let file = cloud.upload(&cloud.root(), "sea.heic", photo("waves", 1)).await.unwrap();
        let bare = cloud.upload(&cloud.root(), "bare", plain("x")).await.unwrap();
        let largest = Thumbnail { bytes: bytes(Thumbnail::MAX_LEN, 7), mime: "image/jpeg".to_owned() };
        let large = cloud.upload(&cloud.root(), "large", plain("y").thumbnail(largest.clone())).await.unwrap();
        assert_eq!((file.taken_ms, file.dimensions), (Some(1_234_567_890_123), Some((4_000, 3_000))));
        assert_eq!((bare.taken_ms, bare.dimensions), (None, None));
        assert_eq!(storage.objects().await.0, 5, "{}", storage.name);

        let plan = Plan::new(u32::MAX, Failure::Before);
        let records = Failing::new(&storage.records, &plan);
        let store = Store { records, blobs: Failing::new(&storage.blobs, &plan), ..storage.store() };
        let other = Cloud::open(keys(), store).await.unwrap();
        let mut listed = other.list(&cloud.root()).await.unwrap();
        listed.sort_by_key(|entry| entry.name.clone());
        assert_eq!(listed, [bare.clone(), large.clone(), file.clone()], "{}", storage.name);
        assert_eq!([&bare, &large, &file].map(|entry| entry.has_thumbnail), [false, true, true]);
        for (entry, expected) in [(&file, &thumbnail(20_000, 1)), (&large, &largest)] {
            let before = plan.calls();
            assert_eq!(shown(&other, entry).await.as_ref(), Ok(expected), "{}", storage.name);
            assert_eq!(plan.calls(), before + 1);
            // The device that saved it knows it as well, and so does one that never listed it.
            assert_eq!(shown(&cloud, entry).await.as_ref(), Ok(expected));
            let third = Cloud::open(keys(), storage.store()).await.unwrap();
            assert_eq!(shown(&third, entry).await.as_ref(), Ok(expected));
        }
        for none in [bare.id, cloud.root(), Id::from_bytes([7; 16])] {
            assert_eq!(other.thumbnail(&none).await.unwrap_err().kind(), ErrorKind::NotFound, "{}", storage.name);
        }
        assert_eq!(cloud.download(&file.id).await.unwrap().bytes().await.unwrap(), b"waves");
    }
}

#[tokio::test]
async fn it_goes_where_its_revision_goes() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let root = cloud.root();
        let file = cloud.upload(&root, "a", photo("1", 1)).await.unwrap();
        let second = cloud.replace(&file.id, plain("2")).await.unwrap();
        assert!(!second.has_thumbnail && second.taken_ms.is_none());
        assert_eq!(shown(&cloud, &file).await, Err(ErrorKind::NotFound));
        cloud.replace(&file.id, photo("3", 3)).await.unwrap();
        assert_eq!(shown(&cloud, &file).await, Ok(thumbnail(20_000, 3)));
        let have: Vec<bool> =
            cloud.revisions(&file.id).await.unwrap().iter().map(|revision| revision.has_thumbnail()).collect();
        assert_eq!(have, [true, false, true], "{}", storage.name);

        // Back to the first, with all that was known of it.
        let back = cloud.restore_revision(&file.id, 1).await.unwrap();
        assert_eq!((back.taken_ms, back.dimensions), (file.taken_ms, file.dimensions));
        assert_eq!(shown(&cloud, &file).await, Ok(thumbnail(20_000, 1)), "{}", storage.name);

        // New keys, another name, another folder: of the newest revision and of the older ones.
        let folder = cloud.create_folder(&root, "folder").await.unwrap();
        cloud.move_to(&[file.id], &folder.id, OnTaken::Refuse).await.unwrap();
        cloud.rename(&file.id, "b").await.unwrap();
        let other = Cloud::open(keys(), storage.store()).await.unwrap();
        for device in [&cloud, &other] {
            assert_eq!(shown(device, &file).await, Ok(thumbnail(20_000, 1)), "{}", storage.name);
        }
        let third = cloud.restore_revision(&file.id, 3).await.unwrap();
        assert_eq!(shown(&other, &third).await, Ok(thumbnail(20_000, 3)), "{}", storage.name);
        let report = other.verify(Depth::Deep).await.unwrap();
        assert_eq!((report.problems, report.objects), (Vec::new(), 9), "{}", storage.name);
        assert_eq!(other.usage().await.unwrap().thumbnails.count, 4);

        // Removed with its revision, and with its file.
        let pruned = cloud.prune(&file.id, &KeepRevisions::none().last(1)).await.unwrap();
        assert_eq!((pruned.objects, storage.objects().await.0), (5, 4), "{}", storage.name);
        cloud.trash(&[file.id]).await.unwrap();
        assert_eq!(shown(&other, &file).await, Ok(thumbnail(20_000, 3)));
        assert_eq!(other.usage().await.unwrap().trash.count, 4);
        assert_eq!(cloud.empty_trash().await.unwrap().objects, 4);
        assert_eq!(storage.objects().await.0, 0, "{}", storage.name);
        assert_eq!(shown(&other, &file).await, Err(ErrorKind::NotFound));
    }
}

#[tokio::test]
async fn what_is_no_thumbnail_is_refused_before_anything_is_stored() {
    let storage = Storage::memory();
    let cloud = storage.create().await;
    let file = cloud.upload(&cloud.root(), "a", plain("a")).await.unwrap();
    let svg = Thumbnail { mime: "image/svg+xml".to_owned(), bytes: vec![1] };
    for wrong in [thumbnail(0, 1), thumbnail(Thumbnail::MAX_LEN + 1, 1), svg] {
        let content = || plain("b").thumbnail(wrong.clone());
        let refused = [cloud.upload(&cloud.root(), "b", content()).await, cloud.replace(&file.id, content()).await];
        assert!(refused.iter().all(|refused| refused.as_ref().is_err_and(|e| e.kind() == ErrorKind::Malformed)));
    }
    assert_eq!((cloud.list(&cloud.root()).await.unwrap().len(), storage.objects().await.0), (1, 1));
}

/// Whatever call fails: either the file is there with its thumbnail, or neither is, and no object is left that `gc` does not find.
#[tokio::test]
async fn a_call_that_fails_leaves_both_or_none() {
    let (mut there, mut not) = (0, 0);
    for failure in [Failure::Before, Failure::After, Failure::Gone, Failure::Lost] {
        for at in 0..16 {
            let storage = Storage::memory();
            let cloud = storage.create().await;
            let plan = Plan::new(at, failure);
            let records = Failing::new(&storage.records, &plan);
            let failing = Store { records, blobs: Failing::new(&storage.blobs, &plan), ..storage.store() };
            let uploaded = match Cloud::open(keys(), failing).await {
                Ok(device) => device.upload(&cloud.root(), "a", photo("1", 1)).await,
                Err(error) => Err(error),
            };
            let listed = cloud.list(&cloud.root()).await.unwrap();
            assert!(uploaded.is_err() || listed.len() == 1, "{failure:?} at {at}");
            let clock = Arc::new(ManualClock::new(SystemClock.now_ms() + 30 * 24 * 3_600_000));
            let later = Cloud::open(keys(), Store { clock, ..storage.store() }).await.unwrap();
            later.gc().await.unwrap();
            match &listed[..] {
                [file] => {
                    assert_eq!(shown(&later, file).await, Ok(thumbnail(20_000, 1)), "{failure:?} at {at}");
                    assert_eq!(storage.objects().await.0, 2);
                    there += 1;
                }
                _ => {
                    assert_eq!(storage.objects().await.0, 0, "{failure:?} at {at}");
                    not += 1;
                }
            }
        }
    }
    assert!(there > 4 && not > 4, "{there} {not}");
}

#[tokio::test]
async fn a_lost_or_damaged_thumbnail_is_reported_and_costs_nothing_else() {
    for storage in Storage::all().await {
        let adversary = TamperingBlobs::new(&storage.blobs);
        let cloud = Cloud::create(keys(), Store { blobs: adversary.clone(), ..storage.store() }).await.unwrap();
        let file = cloud.upload(&cloud.root(), "a", photo("1", 1)).await.unwrap();
        cloud.replace(&file.id, photo("2", 2)).await.unwrap();
        let is_thumbnail = |object: &[u8]| object[7] == 2;
        adversary.change(false, move |_, mut object| {
            if is_thumbnail(&object) {
                object[100] ^= 1;
            }
            object
        });
        assert_eq!(shown(&cloud, &file).await, Err(ErrorKind::CannotOpen), "{}", storage.name);
        assert_eq!(cloud.download(&file.id).await.unwrap().bytes().await.unwrap(), b"2");
        let damaged = Problem { node: Some(file.id), what: Fault::Thumbnail };
        assert_eq!(cloud.verify(Depth::Deep).await.unwrap().problems, [damaged; 2], "{}", storage.name);
        // The older revision comes back, without its picture.
        let back = cloud.restore_revision(&file.id, 1).await.unwrap();
        assert_eq!((back.revision, back.has_thumbnail, back.dimensions), (3, false, Some((4_000, 3_000))));
        adversary.stop();

        let mut objects = storage.blobs.list(None, 1_000).await.unwrap();
        objects.retain(|meta| meta.size > 20_000);
        assert_eq!(objects.len(), 2);
        for meta in objects {
            storage.blobs.delete(&meta.name).await.unwrap();
        }
        assert_eq!(cloud.verify(Depth::Quick).await.unwrap().problems, [damaged; 2], "{}", storage.name);
        let third = cloud.restore_revision(&file.id, 2).await.unwrap();
        assert!(!third.has_thumbnail);
        assert_eq!(cloud.download(&file.id).await.unwrap().bytes().await.unwrap(), b"2");
    }
}

#[tokio::test]
async fn an_upload_that_goes_on_has_one_and_leaves_no_other() {
    let storage = Storage::memory();
    let cloud = storage.create().await;
    let (data, upload) = (bytes(9 * 1024 * 1024, 1), Id::generate().unwrap());
    let token = CancelToken::new();
    let paused = token.clone();
    let content = || {
        let content = Content::new(BytesSource::new(data.clone())).resumable(&upload);
        content.thumbnail(thumbnail(300, 1))
    };
    let first = content().cancel(&token).progress(move |done, _| {
        if done > 0 {
            paused.pause()
        }
    });
    assert_eq!(cloud.upload(&cloud.root(), "a", first).await.unwrap_err().kind(), ErrorKind::Cancelled);
    let file = cloud.upload(&cloud.root(), "a", content()).await.unwrap();
    assert_eq!(shown(&cloud, &file).await, Ok(thumbnail(300, 1)));
    assert_eq!(storage.objects().await, (2, 0));
}

/// What a version leaves that replaces a file and knows of no thumbnails: the sealed words of the older revision, without the fields.
#[tokio::test]
async fn a_revision_whose_thumbnail_nobody_names_any_more_has_none() {
    let storage = Storage::memory();
    let cloud = storage.create().await;
    let file = cloud.upload(&cloud.root(), "a", photo("1", 1)).await.unwrap();
    let key = Key::new(Collection::Children, [CloudValue::Id(cloud.root())], [CloudValue::Id(file.id)]);
    let record = storage.records.get(&key).await.unwrap().unwrap();
    assert!(record.field(Field::Thumbnail).is_some() && record.field(Field::ThumbnailSize).is_some());
    let mut stripped = record.clone();
    stripped.fields.remove(&Field::Thumbnail);
    stripped.fields.remove(&Field::ThumbnailSize);
    let node_key = insider::node_key(&storage, &[cloud.root(), file.id]).await;
    let open = |record| Revision::open(record, &cloud.id(), &file.id, &node_key, keys().identity.public());
    assert!(open(&record).unwrap().has_thumbnail());
    let without = open(&stripped).unwrap();
    assert_eq!((without.has_thumbnail(), without.size), (false, 1));
    // Half of it is of no form at all.
    let mut half = record.clone();
    half.fields.remove(&Field::ThumbnailSize);
    assert_eq!(open(&half).unwrap_err().kind(), ErrorKind::CannotOpen);
}
