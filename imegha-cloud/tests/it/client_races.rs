//! Devices that write at the same time: nothing is lost, and who loses is told.

use imegha_cloud::{BytesSource, Cloud, Content, ErrorKind, StreamSource};

use crate::storage::{Storage, bytes, keys};

fn content(text: &'static str) -> Content {
    Content::new(BytesSource::new(text))
}

#[tokio::test(flavor = "multi_thread")]
async fn two_devices_that_write_at_once_both_succeed() {
    for storage in Storage::all().await {
        let first = Cloud::create(keys(), storage.store_in_real_time()).await.unwrap();
        let second = Cloud::open(keys(), storage.store_in_real_time()).await.unwrap();
        let write = |cloud: Cloud, device: &'static str| async move {
            for number in 0..12 {
                let source = BytesSource::new(bytes(1_000, number));
                cloud.upload(&cloud.root(), &format!("{device} {number}"), Content::new(source)).await.unwrap();
            }
        };
        let (a, b) = (tokio::spawn(write(first.clone(), "a")), tokio::spawn(write(second.clone(), "b")));
        a.await.unwrap();
        b.await.unwrap();
        let third = Cloud::open(keys(), storage.store()).await.unwrap();
        let listed = third.list(&third.root()).await.unwrap();
        assert_eq!(listed.len(), 24, "{}", storage.name);
        assert!(listed.iter().all(|entry| entry.damaged.is_none() && entry.shown_name == entry.name));
        assert_eq!(listed, first.list(&first.root()).await.unwrap());
        assert_eq!(listed, second.list(&second.root()).await.unwrap());
        assert_eq!(storage.objects().await, (24, 0));
    }
}

#[tokio::test]
async fn one_name_uploaded_twice_at_once_leaves_both() {
    for storage in Storage::all().await {
        let slow = storage.create().await;
        let quick = Cloud::open(keys(), storage.store()).await.unwrap();
        // While the slow device reads its file, the quick one uploads another under the same name.
        let meanwhile = quick.clone();
        let source = StreamSource::new(
            futures::stream::once(async move {
                meanwhile.upload(&meanwhile.root(), "SEA.jpg", content("quick")).await.unwrap();
                Ok("slow".into())
            }),
            None,
        );
        let entry = slow.upload(&slow.root(), "sea.jpg", Content::new(source)).await.unwrap();
        assert_eq!(entry.name, "sea.jpg");
        let listed = slow.list(&slow.root()).await.unwrap();
        assert_eq!(listed, quick.list(&quick.root()).await.unwrap());
        let mut shown: Vec<_> = listed.iter().map(|entry| entry.shown_name.to_lowercase()).collect();
        shown.sort();
        assert_eq!(shown, ["sea (2).jpg", "sea.jpg"], "{}", storage.name);
        for entry in listed {
            let expected = if entry.name == "SEA.jpg" { "quick" } else { "slow" };
            assert_eq!(slow.download(&entry.id).await.unwrap().bytes().await.unwrap(), expected.as_bytes());
        }
        // A third of that name is refused: this is no race.
        let error = quick.upload(&quick.root(), "sea.JPG", content("")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        assert_eq!(quick.free_name(&quick.root(), "sea.jpg").await.unwrap(), "sea (3).jpg");
    }
}

#[tokio::test]
async fn of_two_replacements_one_wins_and_the_other_is_told() {
    for storage in Storage::all().await {
        let slow = storage.create().await;
        let file = slow.upload(&slow.root(), "letter", content("first")).await.unwrap();
        let quick = Cloud::open(keys(), storage.store()).await.unwrap();
        let meanwhile = quick.clone();
        let source = StreamSource::new(
            futures::stream::once(async move {
                meanwhile.replace(&file.id, content("quick")).await.unwrap();
                Ok("slow".into())
            }),
            None,
        );
        let error = slow.replace(&file.id, Content::new(source)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict, "{}", storage.name);
        assert_eq!(slow.download(&file.id).await.unwrap().bytes().await.unwrap(), b"quick");
        assert_eq!(slow.revisions(&file.id).await.unwrap().len(), 2);
        // The loser's object is gone, and the loser can try again.
        assert_eq!(storage.objects().await, (2, 0));
        assert_eq!(slow.replace(&file.id, content("slow")).await.unwrap().revision, 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_folders_of_one_name_one_is_made() {
    for storage in Storage::all().await {
        let first = Cloud::create(keys(), storage.store_in_real_time()).await.unwrap();
        let second = Cloud::open(keys(), storage.store_in_real_time()).await.unwrap();
        for number in 0..8 {
            let name = format!("folder {number}");
            let make = |cloud: Cloud, name: String| {
                tokio::spawn(
                    async move { cloud.create_folder(&cloud.root(), &name).await.map_err(|error| error.kind()) },
                )
            };
            let (a, b) = (make(first.clone(), name.clone()), make(second.clone(), name.to_uppercase()));
            let results = [a.await.unwrap(), b.await.unwrap()];
            let made = results.iter().filter(|result| result.is_ok()).count();
            let refused = results.iter().filter(|result| **result == Err(ErrorKind::AlreadyExists)).count();
            assert_eq!((made, refused), (1, 1), "{} {results:?}", storage.name);
        }
        assert_eq!(first.list(&first.root()).await.unwrap().len(), 8);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_devices_that_create_the_cloud_one_does() {
    for storage in Storage::all().await {
        let create = || tokio::spawn(Cloud::create(keys(), storage.store_in_real_time()));
        let (a, b) = (create(), create());
        let results = [a.await.unwrap(), b.await.unwrap()].map(|result| result.map_err(|error| error.kind()));
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
        assert!(results.iter().flat_map(|result| result.as_ref().err()).all(|kind| *kind == ErrorKind::AlreadyExists));
        Cloud::open(keys(), storage.store()).await.unwrap();
    }
}
