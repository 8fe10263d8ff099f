//! A cloud comes out whole to whatever takes files.

use std::collections::BTreeMap;

use async_trait::async_trait;
use futures::TryStreamExt as _;
use imegha_cloud::{Cloud, Download, Error, ErrorKind, ExportOptions, ExportTarget, Result, Store};

use super::{of, tree};
use crate::adversary::TamperingBlobs;
use crate::storage::{Storage, bytes, keys};

/// Takes everything; folders by a path that ends in `/`. What fails half-way is not taken.
#[derive(Default)]
struct Shelf {
    taken: BTreeMap<String, Vec<u8>>,
    order: Vec<String>,
    /// Has no room for more files than that.
    room: Option<usize>,
}

impl Shelf {
    fn put(&mut self, path: String, content: Vec<u8>) {
        self.order.push(path.clone());
        assert!(self.taken.insert(path.clone(), content).is_none(), "{path} comes twice");
    }
}

#[async_trait]
impl ExportTarget for Shelf {
    async fn make_folder(&mut self, path: &str, _modified_ms: u64) -> Result<()> {
        self.put(format!("{path}/"), Vec::new());
        Ok(())
    }

    async fn write(&mut self, path: &str, file: Download) -> Result<()> {
        if self.room == Some(self.taken.values().filter(|content| !content.is_empty()).count()) {
            return Err(Error::new(ErrorKind::StorageFull, "there is no more room"));
        }
        let content: Vec<_> = file.try_collect().await?;
        self.put(path.to_owned(), content.concat());
        Ok(())
    }

    async fn finish(&mut self, path: &str, manifest: Vec<u8>, _modified_ms: u64) -> Result<()> {
        self.put(path.to_owned(), manifest);
        Ok(())
    }
}

#[tokio::test]
async fn anything_takes_what_a_folder_does_with_the_manifest_last() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let photos = cloud.create_folder(&cloud.root(), "Fotos 🏞").await.unwrap();
        let sea = cloud.upload(&photos.id, "Meer.jpg", of(b"1")).await.unwrap();
        cloud.replace(&sea.id, of(&bytes(9 << 20, 1))).await.unwrap();
        cloud.upload(&photos.id, "..\\..\\.ssh\\x", of(b"harmless")).await.unwrap();
        let temporary = tempfile::tempdir().unwrap();
        let top = temporary.path().join("export");
        let options = ExportOptions::new().revisions();
        let in_folder = cloud.export(&top, &options).await.unwrap();
        let mut shelf = Shelf::default();
        assert_eq!(cloud.export_to(&mut shelf, &options).await.unwrap(), in_folder, "{}", storage.name);
        assert_eq!(shelf.order.last().map(String::as_str), Some("manifest.jsonl"));
        assert_eq!(shelf.order.iter().filter(|path| path.contains("..") && path.contains('/')).count(), 1);
        // Each folder comes before what is in it; of those that hold older revisions only the lowest is told.
        for (index, path) in shelf.order.iter().enumerate() {
            let above = path.trim_end_matches('/').rsplit_once('/').map(|(above, _)| format!("{above}/"));
            let told = above.is_none_or(|above| shelf.order[..index].contains(&above));
            assert!(told || (path.starts_with("revisions/") && path.ends_with('/')), "{path}");
        }
        // The folder that holds the folders of revisions is made with them.
        let mut expected = tree(&top);
        expected.retain(|path, _| !path.starts_with("revisions/") || shelf.taken.contains_key(path));
        assert_eq!(shelf.taken, expected, "{}", storage.name);
    }
}

#[tokio::test]
async fn what_is_damaged_is_reported_and_a_target_without_room_ends_it() {
    let storage = Storage::memory();
    let blobs = TamperingBlobs::new(&storage.blobs);
    let cloud = Cloud::create(keys(), Store { blobs: blobs.clone(), ..storage.store() }).await.unwrap();
    // The last bytes of it are wrong: everything before them opens.
    let damaged = cloud.upload(&cloud.root(), "damaged", of(&bytes(9 << 20, 1))).await.unwrap();
    cloud.upload(&cloud.root(), "whole", of(b"whole")).await.unwrap();
    cloud.upload(&cloud.root(), "also whole", of(b"too")).await.unwrap();
    let mut shelf = Shelf::default();
    assert_eq!(cloud.export_to(&mut shelf, &ExportOptions::new()).await.unwrap().failed, []);
    let object = cloud.revisions(&damaged.id).await.unwrap()[0].object;
    blobs.change(true, move |name, mut bytes| {
        if *name == object {
            *bytes.last_mut().unwrap() ^= 1;
        }
        bytes
    });
    let mut shelf = Shelf::default();
    let exported = cloud.export_to(&mut shelf, &ExportOptions::new()).await.unwrap();
    assert_eq!((exported.files, exported.failed.len()), (2, 1));
    assert_eq!((exported.failed[0].node, exported.failed[0].why), (damaged.id, ErrorKind::CannotOpen));
    assert!(!shelf.taken.contains_key("files/damaged") && shelf.taken.contains_key("files/whole"));

    let mut full = Shelf { room: Some(1), ..Shelf::default() };
    let failed = cloud.export_to(&mut full, &ExportOptions::new()).await.unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::StorageFull);
    assert!(!full.taken.contains_key("manifest.jsonl"), "an export without it was not finished");
}
