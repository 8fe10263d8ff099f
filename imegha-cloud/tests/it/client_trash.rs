//! The trash: in, out, and gone for good.

use std::sync::Arc;

use imegha_cloud::clock::ManualClock;
use imegha_cloud::{BytesSource, Cloud, Content, Entry, ErrorKind, OnTaken, Purged, Store, TRASH_DAYS};
use imegha_crypto::Id;

use crate::storage::{NOW_MS, Storage, keys};

fn content(text: &str) -> Content {
    Content::new(BytesSource::new(text.to_owned()))
}

fn names(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.shown_name.as_str()).collect()
}

async fn text(cloud: &Cloud, file: &Id) -> String {
    String::from_utf8(cloud.download(file).await.unwrap().bytes().await.unwrap()).unwrap()
}

#[tokio::test]
async fn what_is_trashed_is_gone_from_its_folder_and_comes_back() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let root = cloud.root();
        assert!(cloud.list_trash().await.unwrap().is_empty());
        let folder = cloud.create_folder(&root, "folder").await.unwrap();
        let file = cloud.upload(&folder.id, "file", content("in")).await.unwrap();
        cloud.replace(&file.id, content("in the folder")).await.unwrap();
        let other = Cloud::open(keys(), storage.store()).await.unwrap();
        other.list(&folder.id).await.unwrap();

        cloud.trash(&[folder.id]).await.unwrap();
        for device in [&cloud, &other, &Cloud::open(keys(), storage.store()).await.unwrap()] {
            assert!(device.list(&root).await.unwrap().is_empty());
            let trash = device.list_trash().await.unwrap();
            assert_eq!((names(&trash), trash[0].id, trash[0].origin), (vec!["folder"], folder.id, Some(root)));
            assert!(trash[0].trashed_ms >= Some(NOW_MS));
            // It can be read as before.
            assert_eq!(names(&device.list(&folder.id).await.unwrap()), ["file"]);
            assert_eq!(text(device, &file.id).await, "in the folder");
            assert_eq!(names(&device.path(&file.id).await.unwrap()), ["folder", "file"]);
            // And not be written.
            let not_found = [
                device.rename(&file.id, "new").await.map(drop),
                device.rename(&folder.id, "new").await.map(drop),
                device.move_to(&[file.id], &root, OnTaken::Refuse).await.map(drop),
                device.move_to(&[folder.id], &root, OnTaken::Refuse).await.map(drop),
                device.upload(&folder.id, "new", content("")).await.map(drop),
                device.replace(&file.id, content("")).await.map(drop),
                device.create_folder(&folder.id, "new").await.map(drop),
                device.trash(&[file.id]).await,
                device.trash(&[folder.id]).await,
                device.restore(&[file.id]).await.map(drop),
            ];
            for (number, result) in not_found.into_iter().enumerate() {
                assert_eq!(result.unwrap_err().kind(), ErrorKind::NotFound, "{} {number}", storage.name);
            }
        }
        let restored = other.restore(&[folder.id]).await.unwrap();
        assert_eq!(restored, [Entry { written_ms: restored[0].written_ms, ..folder.clone() }]);
        for device in [&cloud, &other, &Cloud::open(keys(), storage.store()).await.unwrap()] {
            assert!(device.list_trash().await.unwrap().is_empty());
            assert_eq!(names(&device.list(&root).await.unwrap()), ["folder"]);
            assert_eq!(text(device, &file.id).await, "in the folder");
        }
        assert_eq!(cloud.replace(&file.id, content("again")).await.unwrap().revision, 3);
        // The trash itself is nothing to be changed, and moved into only by trashing.
        cloud.trash(&[file.id]).await.unwrap();
        let trash = cloud.list_trash().await.unwrap()[0].parent;
        for node in [root, trash] {
            assert_eq!(cloud.trash(&[node]).await.unwrap_err().kind(), ErrorKind::Malformed);
            assert_eq!(cloud.rename(&node, "new").await.unwrap_err().kind(), ErrorKind::Malformed);
            let moved = cloud.move_to(&[node], &folder.id, OnTaken::Refuse).await;
            assert_eq!(moved.unwrap_err().kind(), ErrorKind::Malformed);
            assert_eq!(cloud.purge(&[node]).await.unwrap_err().kind(), ErrorKind::NotFound);
        }
        let moved = cloud.move_to(&[folder.id], &trash, OnTaken::Refuse).await;
        assert_eq!(moved.unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(cloud.upload(&trash, "new", content("")).await.unwrap_err().kind(), ErrorKind::NotFound);
        cloud.restore(&[file.id]).await.unwrap();
        assert_eq!(cloud.restore(&[file.id]).await.unwrap_err().kind(), ErrorKind::NotFound);
    }
}

#[tokio::test]
async fn what_is_restored_goes_where_it_can() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let root = cloud.root();
        let folder = cloud.create_folder(&root, "folder").await.unwrap();
        let file = cloud.upload(&folder.id, "a.txt", content("first")).await.unwrap();
        cloud.trash(&[file.id]).await.unwrap();
        // The name was taken meanwhile.
        cloud.upload(&folder.id, "A.txt", content("second")).await.unwrap();
        assert_eq!(cloud.restore(&[file.id]).await.unwrap()[0].name, "a (2).txt");
        assert_eq!(text(&cloud, &file.id).await, "first");
        // The folder is in the trash itself: to the root.
        cloud.trash(&[file.id]).await.unwrap();
        cloud.trash(&[folder.id]).await.unwrap();
        let restored = cloud.restore(&[file.id]).await.unwrap();
        assert_eq!((restored[0].parent, restored[0].trashed_ms, restored[0].origin), (root, None, None));
        // Both at once: the file finds its folder, in whatever order they are named.
        cloud.restore(&[folder.id]).await.unwrap();
        cloud.move_to(&[file.id], &folder.id, OnTaken::Refuse).await.unwrap();
        cloud.trash(&[file.id]).await.unwrap();
        cloud.trash(&[folder.id]).await.unwrap();
        let restored = cloud.restore(&[file.id, folder.id]).await.unwrap();
        assert_eq!((restored[0].parent, restored[1].parent), (folder.id, root), "{}", storage.name);
        // The folder is gone for good.
        cloud.trash(&[file.id]).await.unwrap();
        cloud.trash(&[folder.id]).await.unwrap();
        cloud.purge(&[folder.id]).await.unwrap();
        assert_eq!(cloud.restore(&[file.id]).await.unwrap()[0].parent, root);
        assert_eq!(text(&cloud, &file.id).await, "first");
    }
}

#[tokio::test]
async fn what_is_purged_is_gone_with_its_objects() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let root = cloud.root();
        let keep = cloud.upload(&root, "keep", content("keep")).await.unwrap();
        let folder = cloud.create_folder(&root, "folder").await.unwrap();
        let inner = cloud.create_folder(&folder.id, "inner").await.unwrap();
        let file = cloud.upload(&inner.id, "file", content("1")).await.unwrap();
        cloud.replace(&file.id, content("2")).await.unwrap();
        assert_eq!(storage.objects().await, (3, 0));
        for node in [folder.id, inner.id, file.id, root, Id::generate().unwrap()] {
            let error = cloud.purge(&[node]).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotFound, "only what is in the trash");
        }
        cloud.trash(&[folder.id]).await.unwrap();
        let size = 88 + 1 + 16;
        let purged = cloud.purge(&[folder.id]).await.unwrap();
        assert_eq!(purged, Purged { nodes: 3, objects: 2, bytes: 2 * size }, "{}", storage.name);
        assert_eq!(storage.objects().await, (1, 0));
        for node in [folder.id, inner.id, file.id] {
            assert_eq!(cloud.entry(&node).await.unwrap_err().kind(), ErrorKind::NotFound);
        }
        assert!(cloud.list_trash().await.unwrap().is_empty());
        assert_eq!(text(&cloud, &keep.id).await, "keep");
        assert_eq!(cloud.empty_trash().await.unwrap(), Purged::default());
    }
}

#[tokio::test]
async fn a_large_tree_is_purged_in_several_transactions() {
    for (storage, revisions) in Storage::all().await.into_iter().zip([110, 101, 1]) {
        let cloud = storage.create().await;
        let folder = cloud.create_folder(&cloud.root(), "folder").await.unwrap();
        for number in 0..30 {
            let inner = cloud.create_folder(&folder.id, &number.to_string()).await.unwrap();
            cloud.create_folder(&inner.id, "inner").await.unwrap();
        }
        let file = cloud.upload(&folder.id, "file", content("0")).await.unwrap();
        for number in 1..revisions {
            cloud.replace(&file.id, content(&number.to_string())).await.unwrap();
        }
        cloud.trash(&[folder.id]).await.unwrap();
        let purged = cloud.empty_trash().await.unwrap();
        assert_eq!((purged.nodes, purged.objects), (62, revisions), "{}", storage.name);
        assert_eq!(storage.objects().await, (0, 0));
        assert!(cloud.list_trash().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn the_trash_is_emptied_of_what_is_older_than_thirty_days() {
    for storage in Storage::all().await {
        let clock = Arc::new(ManualClock::new(NOW_MS));
        let store = Store { clock: clock.clone(), ..storage.store() };
        let cloud = Cloud::create(keys(), store).await.unwrap();
        let root = cloud.root();
        let [old, new] = ["old", "new"].map(|name| cloud.create_folder(&root, name));
        let (old, new) = (old.await.unwrap(), new.await.unwrap());
        cloud.trash(&[old.id]).await.unwrap();
        clock.set(NOW_MS + TRASH_DAYS * 86_400_000);
        cloud.trash(&[new.id]).await.unwrap();
        assert_eq!(names(&cloud.list_trash().await.unwrap()), ["new", "old"], "the latest first");
        assert_eq!(cloud.purge_expired().await.unwrap().nodes, 0, "{}", storage.name);
        clock.advance(60_000);
        assert_eq!(cloud.purge_expired().await.unwrap().nodes, 1);
        assert_eq!(names(&cloud.list_trash().await.unwrap()), ["new"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_one_trash_however_many_devices_make_it() {
    for storage in Storage::all().await {
        let first = Cloud::create(keys(), storage.store_in_real_time()).await.unwrap();
        let second = Cloud::open(keys(), storage.store_in_real_time()).await.unwrap();
        let mut nodes = Vec::new();
        for name in ["a", "b"] {
            nodes.push(first.create_folder(&first.root(), name).await.unwrap().id);
        }
        let trash = |cloud: Cloud, node: Id| tokio::spawn(async move { cloud.trash(&[node]).await.unwrap() });
        let (a, b) = (trash(first.clone(), nodes[0]), trash(second.clone(), nodes[1]));
        a.await.unwrap();
        b.await.unwrap();
        for cloud in [&first, &second, &Cloud::open(keys(), storage.store()).await.unwrap()] {
            assert_eq!(cloud.list_trash().await.unwrap().len(), 2, "{}", storage.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_into_a_folder_that_is_trashed_meanwhile_is_refused() {
    for storage in Storage::all().await {
        let slow = storage.create().await;
        let quick = Cloud::open(keys(), storage.store()).await.unwrap();
        let folder = slow.create_folder(&slow.root(), "folder").await.unwrap();
        let source = imegha_cloud::StreamSource::new(
            futures::stream::once(async move {
                quick.trash(&[folder.id]).await.unwrap();
                Ok("late".into())
            }),
            None,
        );
        let error = slow.upload(&folder.id, "late", Content::new(source)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{}", storage.name);
        assert_eq!(storage.objects().await, (0, 0));
    }
}
