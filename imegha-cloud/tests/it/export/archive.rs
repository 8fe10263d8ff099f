//! A cloud comes out whole as an archive.

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write};
use std::path::Path;

use imegha_cloud::{CancelToken, Cloud, ErrorKind, ExportOptions, Store};

use super::{of, plain};
use crate::adversary::TamperingBlobs;
use crate::storage::{Storage, bytes, keys};

/// What is in an archive: the bytes and the time of each file, by its path; folders by a path that ends in `/`.
fn unpacked(archive: &[u8]) -> BTreeMap<String, (Vec<u8>, u64)> {
    let mut found = BTreeMap::new();
    for entry in tar::Archive::new(archive).entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        let modified = entry.header().mtime().unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        assert!(found.insert(path.clone(), (content, modified)).is_none(), "{path} is there twice");
    }
    found
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().next().is_none()
}

#[tokio::test]
async fn an_archive_holds_what_a_folder_does() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let photos = cloud.create_folder(&cloud.root(), "Fotos 🏞").await.unwrap();
        cloud.create_folder(&photos.id, "leer").await.unwrap();
        let sea = cloud.upload(&photos.id, "Meer.jpg", of(b"1").modified_ms(5_000)).await.unwrap();
        cloud.replace(&sea.id, of(&bytes(9 << 20, 1)).modified_ms(7_000)).await.unwrap();
        // Lengths around a block of an archive, and a name that is longer than its header holds.
        for len in [0, 511, 512, 513] {
            cloud.upload(&photos.id, &format!("{len}{}", "x".repeat(190)), of(&bytes(len, 2))).await.unwrap();
        }
        let temporary = tempfile::tempdir().unwrap();
        let (top, scratch) = (temporary.path().join("export"), temporary.path().join("scratch"));
        std::fs::create_dir(&scratch).unwrap();
        let options = ExportOptions::new().revisions();
        let in_folder = cloud.export(&top, &options).await.unwrap();
        let (exported, archive) = cloud.export_tar(Vec::new(), &scratch, &options).await.unwrap();
        assert_eq!(exported, in_folder, "{}", storage.name);
        assert!(is_empty(&scratch));

        let mut archived = unpacked(&archive);
        let (manifest, _) = archived.remove("manifest.jsonl").unwrap();
        assert_eq!(manifest, std::fs::read(top.join("manifest.jsonl")).unwrap());
        assert_eq!(archived["files/Fotos 🏞/Meer.jpg"].1, 7);
        assert_eq!(archived["revisions/Fotos 🏞/Meer.jpg/1.jpg"].1, 5);
        // Folders that hold nothing but a folder are in it by what is in them.
        let mut plain = plain(&top);
        plain.retain(|path, _| !path.starts_with("revisions/") || archived.contains_key(path));
        assert!(archived.into_iter().map(|(path, (content, _))| (path, content)).eq(plain), "{}", storage.name);
    }
}

#[tokio::test]
async fn what_cannot_be_opened_is_not_in_it() {
    for storage in [Storage::memory(), Storage::embedded()] {
        let blobs = TamperingBlobs::new(&storage.blobs);
        let cloud = Cloud::create(keys(), Store { blobs: blobs.clone(), ..storage.store() }).await.unwrap();
        // The last bytes of it are wrong: everything before them opens.
        let damaged = cloud.upload(&cloud.root(), "damaged", of(&bytes(9 << 20, 1))).await.unwrap();
        cloud.upload(&cloud.root(), "sound", of(b"sound")).await.unwrap();
        let object = cloud.revisions(&damaged.id).await.unwrap()[0].object;
        blobs.change(true, move |name, mut bytes| {
            if *name == object {
                *bytes.last_mut().unwrap() ^= 1;
            }
            bytes
        });
        let scratch = tempfile::tempdir().unwrap();
        let (exported, archive) = cloud.export_tar(Vec::new(), scratch.path(), &ExportOptions::new()).await.unwrap();
        assert_eq!((exported.files, exported.failed.len()), (1, 1), "{}", storage.name);
        assert_eq!((exported.failed[0].node, exported.failed[0].why), (damaged.id, ErrorKind::CannotOpen));
        let archived: Vec<_> = unpacked(&archive).into_keys().collect();
        assert_eq!(archived, ["files/", "files/sound", "manifest.jsonl"]);
        assert!(archive.len() < 10_000 && is_empty(scratch.path()));
    }
}

/// Names that are too deep for a disk are none for an archive.
#[tokio::test]
async fn a_path_of_any_length_is_in_it() {
    let storage = Storage::memory();
    let cloud = storage.create().await;
    let mut folder = cloud.root();
    for depth in 0..25 {
        folder = cloud.create_folder(&folder, &format!("{depth:0>200}")).await.unwrap().id;
    }
    cloud.upload(&folder, "file", of(b"deep")).await.unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let (exported, archive) = cloud.export_tar(Vec::new(), scratch.path(), &ExportOptions::new()).await.unwrap();
    assert_eq!((exported.folders, exported.files, exported.failed.len()), (25, 1, 0));
    let archived = unpacked(&archive);
    let (path, (content, _)) = archived.iter().find(|(path, _)| path.ends_with("/file")).unwrap();
    assert!(path.len() > 5_000 && content == b"deep");
}

/// Takes so many bytes, and then nothing more.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.checked_sub(bytes.len()) {
            Some(left) => self.0 = left,
            None => return Err(io::ErrorKind::NotFound.into()),
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.0 == 0 { Err(io::ErrorKind::NotFound.into()) } else { Ok(()) }
    }
}

#[tokio::test]
async fn an_archive_that_takes_no_more_is_an_error_and_leaves_nothing_behind() {
    let storage = Storage::memory();
    let cloud = storage.create().await;
    for name in ["a", "b"] {
        cloud.upload(&cloud.root(), name, of(&bytes(3_000, 1))).await.unwrap();
    }
    let scratch = tempfile::tempdir().unwrap();
    let options = ExportOptions::new();
    let (_, archive) = cloud.export_tar(Vec::new(), scratch.path(), &options).await.unwrap();
    for room in (0..=archive.len()).step_by(256) {
        let result = cloud.export_tar(Full(room), scratch.path(), &options).await;
        assert_eq!(result.err().map(|error| error.kind()), Some(ErrorKind::Backend), "{room} of {}", archive.len());
        assert!(is_empty(scratch.path()));
    }
    cloud.export_tar(Full(archive.len() + 1), scratch.path(), &options).await.unwrap();

    let token = CancelToken::new();
    let stopped = token.clone();
    let options = ExportOptions::new().progress(move |_, _| stopped.cancel()).cancel(&token);
    let cancelled = cloud.export_tar(Vec::new(), scratch.path(), &options).await.unwrap_err();
    assert!(cancelled.kind() == ErrorKind::Cancelled && is_empty(scratch.path()));
    let nowhere = scratch.path().join("nowhere");
    let error = cloud.export_tar(Vec::new(), nowhere, &ExportOptions::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Backend);
}
