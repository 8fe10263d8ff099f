//! A cloud comes out whole, as plain files, from every backend.

mod again;
mod anything;
mod archive;
mod failures;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use imegha_cloud::{BytesSource, Cloud, Content, ExportOptions, Exported, Result, Store};
use imegha_crypto::Hash;

use crate::adversary::TamperingBlobs;
use crate::storage::{NOW_MS, Storage, bytes, keys};

const PART: usize = 8 * 1024 * 1024;

pub(crate) fn of(bytes: &[u8]) -> Content {
    Content::new(BytesSource::new(bytes.to_vec()))
}

/// Every file below a folder, by its path, with its bytes; folders by a path that ends in `/`.
pub(crate) fn tree(top: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![top.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(top).unwrap().to_str().unwrap().replace('\\', "/");
            if path.symlink_metadata().unwrap().is_dir() {
                found.insert(format!("{name}/"), Vec::new());
                folders.push(path);
            } else {
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

/// The same without the manifest.
pub(crate) fn plain(top: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut tree = tree(top);
    tree.remove("manifest.jsonl");
    tree
}

pub(crate) fn manifest(top: &Path) -> Vec<serde_json::Value> {
    let lines = fs::read_to_string(top.join("manifest.jsonl")).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub(crate) fn expected<const N: usize>(files: [(&str, &[u8]); N]) -> BTreeMap<String, Vec<u8>> {
    files.into_iter().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect()
}

pub(crate) async fn export(cloud: &Cloud, top: &Path) -> Result<Exported> {
    cloud.export(top, &ExportOptions::new().revisions()).await
}

/// Folders, names, contents, times, older revisions and the manifest; and a second export that writes nothing.
async fn comes_out_whole(storage: &Storage) {
    let temporary = tempfile::tempdir().unwrap();
    let top = temporary.path().join("new").join("export");
    let cloud = storage.create().await;
    let root = cloud.root();
    let photos = cloud.create_folder(&root, "Fotos 🏞").await.unwrap();
    cloud.create_folder(&photos.id, "leer").await.unwrap();
    let large = bytes(PART + 5, 1);
    let sea = cloud.upload(&photos.id, "Das Meer.jpg", of(b"1").mime("image/jpeg").modified_ms(5_000)).await.unwrap();
    cloud.replace(&sea.id, of(b"22").modified_ms(6_000)).await.unwrap();
    let sea = cloud.replace(&sea.id, of(&large).mime("image/png").modified_ms(7_000)).await.unwrap();
    let empty = cloud.upload(&root, "manifest.jsonl", of(b"")).await.unwrap();
    let dotted = cloud.create_folder(&root, "v1.0").await.unwrap();
    let note = cloud.upload(&dotted.id, "note", of(b"old")).await.unwrap();
    cloud.replace(&note.id, of(b"new")).await.unwrap();
    let trashed = cloud.upload(&root, "trashed", of(b"x")).await.unwrap();
    cloud.trash(&[trashed.id]).await.unwrap();

    let exported = export(&cloud, &top).await.unwrap();
    let files = expected([
        ("files/", b""),
        ("files/Fotos 🏞/", b""),
        ("files/Fotos 🏞/Das Meer.jpg", &large),
        ("files/Fotos 🏞/leer/", b""),
        ("files/manifest.jsonl", b""),
        ("files/v1.0/", b""),
        ("files/v1.0/note", b"new"),
        ("revisions/", b""),
        ("revisions/Fotos 🏞/", b""),
        ("revisions/Fotos 🏞/Das Meer.jpg/", b""),
        ("revisions/Fotos 🏞/Das Meer.jpg/1.jpg", b"1"),
        ("revisions/Fotos 🏞/Das Meer.jpg/2.jpg", b"22"),
        ("revisions/v1.0/", b""),
        ("revisions/v1.0/note/", b""),
        ("revisions/v1.0/note/1", b"old"),
    ]);
    assert!(plain(&top) == files, "{} {:?}", storage.name, plain(&top).keys());
    let bytes = files.values().map(|bytes| bytes.len() as u64).sum::<u64>();
    assert_eq!((exported.folders, exported.files, exported.revisions, exported.bytes), (3, 3, 3, bytes));
    assert_eq!((exported.kept, exported.changed, &exported.failed[..]), (0, false, &[][..]));
    for (path, ms) in [
        ("files/Fotos 🏞/Das Meer.jpg", 7_000),
        ("revisions/Fotos 🏞/Das Meer.jpg/1.jpg", 5_000),
        ("files/manifest.jsonl", empty.written_ms),
    ] {
        let modified = fs::metadata(top.join(path)).unwrap().modified().unwrap();
        assert_eq!(modified.duration_since(SystemTime::UNIX_EPOCH).unwrap(), Duration::from_millis(ms), "{path}");
    }

    let lines = manifest(&top);
    let kinds: Vec<_> = lines.iter().map(|line| line["kind"].as_str().unwrap()).collect();
    let count = |kind: &str| kinds.iter().filter(|other| **other == kind).count();
    assert_eq!((kinds[0], kinds[kinds.len() - 1], kinds.len()), ("export", "end", 11));
    assert_eq!((count("folder"), count("file"), count("revision")), (3, 3, 3));
    assert_eq!(
        lines[0],
        serde_json::json!({"kind": "export", "version": 1, "cloud": cloud.id().to_string(), "begun": NOW_MS})
    );
    let line = lines.iter().find(|line| line["kind"] == "file" && line["id"] == sea.id.to_string()).unwrap();
    assert_eq!(
        *line,
        serde_json::json!({
            "kind": "file", "path": "files/Fotos 🏞/Das Meer.jpg", "cloud_path": "Fotos 🏞/Das Meer.jpg",
            "id": sea.id.to_string(), "revision": 3, "size": large.len(), "sha256": Hash::of(&large).to_string(),
            "mime": "image/png", "modified": 7_000, "written": sea.written_ms, "created": sea.created_ms,
        })
    );
    for line in lines.iter().filter(|line| line["kind"] == "file" || line["kind"] == "revision") {
        let content = &files[line["path"].as_str().unwrap()];
        assert_eq!(line["sha256"], Hash::of(content).to_string());
        assert_eq!(line["size"], content.len());
    }
    let end = serde_json::json!({"kind": "end", "folders": 3, "files": 3, "revisions": 3, "bytes": bytes, "failed": 0});
    assert_eq!(*lines.last().unwrap(), end);

    // Once more, by another device: everything is kept, and no object is read.
    let blobs = TamperingBlobs::new(&storage.blobs);
    blobs.change(false, |_, _| panic!("an object is read"));
    let other = Cloud::open(keys(), Store { blobs, ..storage.store() }).await.unwrap();
    let mut again = export(&other, &top).await.unwrap();
    assert_eq!(std::mem::take(&mut again.kept), 6);
    assert_eq!(again, exported);
    assert!(plain(&top) == files && manifest(&top) == lines);
}

#[tokio::test]
async fn everything_comes_out_as_it_went_in() {
    for storage in Storage::all().await {
        comes_out_whole(&storage).await;
    }
}

#[tokio::test]
async fn what_changes_meanwhile_is_told() {
    let storage = Storage::memory();
    let cloud = storage.create().await;
    for name in ["a", "b"] {
        cloud.upload(&cloud.root(), name, of(b"1")).await.unwrap();
    }
    let temporary = tempfile::tempdir().unwrap();
    let other = storage.store();
    let write = move |files, _| {
        if files == 1 {
            let other = other.clone();
            let thread = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(async {
                    let cloud = Cloud::open(keys(), other).await.unwrap();
                    cloud.create_folder(&cloud.root(), "new").await.unwrap();
                });
            });
            thread.join().unwrap();
        }
    };
    let exported = cloud.export(temporary.path(), &ExportOptions::new().progress(write)).await.unwrap();
    assert!(exported.changed && exported.files == 2 && exported.folders == 0);
    let exported = cloud.export(temporary.path(), &ExportOptions::new()).await.unwrap();
    assert!(!exported.changed && exported.kept == 2 && exported.folders == 1);
}
