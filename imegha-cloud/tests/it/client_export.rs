//! A cloud comes out whole, as plain files, from every backend.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use imegha_cloud::{
    BytesSource, CancelToken, Cloud, Content, Entry, ErrorKind, ExportOptions, Exported, MemoryDevice, NotExported,
    Result, Store,
};
use imegha_crypto::{Hash, Id};

use crate::adversary::{Failing, Failure, Plan, TamperingBlobs, TamperingRecords};
use crate::storage::{NOW_MS, Storage, bytes, keys, other_keys};

const PART: usize = 8 * 1024 * 1024;

fn of(bytes: &[u8]) -> Content {
    Content::new(BytesSource::new(bytes.to_vec()))
}

/// Every file below a folder, by its path, with its bytes; folders by a path that ends in `/`.
fn tree(top: &Path) -> BTreeMap<String, Vec<u8>> {
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

fn manifest(top: &Path) -> Vec<serde_json::Value> {
    let lines = fs::read_to_string(top.join("manifest.jsonl")).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn expected<const N: usize>(files: [(&str, &[u8]); N]) -> BTreeMap<String, Vec<u8>> {
    files.into_iter().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect()
}

async fn export(cloud: &Cloud, top: &Path) -> Result<Exported> {
    cloud.export(top, &ExportOptions::new().revisions()).await
}

/// Folders, names, contents, times, older revisions and the manifest; and a second export that writes nothing.
pub(crate) async fn comes_out_whole(storage: &Storage) {
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
async fn a_later_export_takes_what_changed_and_leaves_what_is_somebody_elses() {
    for storage in [Storage::memory(), Storage::embedded()] {
        let temporary = tempfile::tempdir().unwrap();
        let top = temporary.path();
        let cloud = storage.create().await;
        let root = cloud.root();
        let mut files = BTreeMap::new();
        for name in ["stays", "changes", "goes", "is edited", "is a folder", "is cut"] {
            files.insert(name, cloud.upload(&root, name, of(name.as_bytes())).await.unwrap().id);
        }
        let newest = ExportOptions::new();
        assert_eq!(cloud.export(top, &newest).await.unwrap().files, 6);

        cloud.replace(&files["changes"], of(b"has changed")).await.unwrap();
        // Another file of that name, which knows nothing of what was there before.
        cloud.trash(&[files["goes"]]).await.unwrap();
        cloud.upload(&root, "goes", of(b"has come")).await.unwrap();
        cloud.upload(&root, "is new", of(b"is new")).await.unwrap();
        fs::write(top.join("files/is edited"), "by hand").unwrap();
        fs::write(top.join("files/is cut"), "is c").unwrap();
        fs::remove_file(top.join("files/is a folder")).unwrap();
        fs::create_dir(top.join("files/is a folder")).unwrap();
        fs::write(top.join("files/my own"), "mine").unwrap();
        // What a run leaves that is killed.
        fs::write(top.join(format!("files/.imegha-{root}.part")), "half").unwrap();
        fs::write(top.join(format!(".imegha-{root}.part")), "half").unwrap();

        let exported = cloud.export(top, &newest).await.unwrap();
        assert_eq!((exported.files, exported.kept, exported.failed.len()), (4, 1, 3));
        for name in ["is edited", "is a folder", "is cut"] {
            let (node, cloud_path) = (files[name], name.to_owned());
            let failed = NotExported { node, revision: None, cloud_path, why: ErrorKind::AlreadyExists };
            assert!(exported.failed.contains(&failed), "{name}");
        }
        let there = [
            ("files/", &b""[..]),
            ("files/changes", b"has changed"),
            ("files/goes", b"has come"),
            ("files/is a folder/", b""),
            ("files/is cut", b"is c"),
            ("files/is edited", b"by hand"),
            ("files/is new", b"is new"),
            ("files/my own", b"mine"),
            ("files/stays", b"stays"),
        ];
        assert_eq!(plain(top), expected(there), "{}", storage.name);
        assert_eq!(manifest(top).iter().filter(|line| line["kind"] == "failed").count(), 3);

        // Out of the way, they are exported.
        for name in ["is edited", "is cut"] {
            fs::remove_file(top.join("files").join(name)).unwrap();
        }
        fs::remove_dir(top.join("files/is a folder")).unwrap();
        let exported = cloud.export(top, &newest).await.unwrap();
        assert_eq!((exported.files, exported.kept, exported.failed.len()), (7, 4, 0));
    }
}

#[tokio::test]
async fn a_folder_that_is_somebody_elses_is_refused_and_stays_as_it_is() {
    let storage = Storage::memory();
    let cloud = storage.create().await;
    cloud.upload(&cloud.root(), "a", of(b"1")).await.unwrap();
    let temporary = tempfile::tempdir().unwrap();
    let at = |name: &str| temporary.path().join(name);
    fs::create_dir(at("full")).unwrap();
    fs::write(at("full").join(format!(".imegha-{}.part", cloud.id())), "another download").unwrap();
    fs::write(at("file"), "a file").unwrap();
    for (name, line) in [("text", "hello\n"), ("empty", ""), ("json", "{\"kind\":\"export\"}\n")] {
        fs::create_dir(at(name)).unwrap();
        fs::write(at(name).join("manifest.jsonl"), line).unwrap();
    }
    let other = Storage::memory();
    let other = Cloud::create(other_keys(), other.store()).await.unwrap();
    export(&other, &at("other")).await.unwrap();
    let before = tree(temporary.path());
    for name in ["full", "file", "text", "empty", "json", "other"] {
        assert_eq!(export(&cloud, &at(name)).await.unwrap_err().kind(), ErrorKind::AlreadyExists, "{name}");
    }
    assert!(tree(temporary.path()) == before);
    // An empty folder is taken, and the other cloud's export goes on.
    fs::create_dir(at("new")).unwrap();
    assert_eq!(export(&cloud, &at("new")).await.unwrap().files, 1);
    export(&other, &at("other")).await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_opened_is_told_and_the_rest_is_there() {
    for storage in Storage::all().await {
        let temporary = tempfile::tempdir().unwrap();
        let top = temporary.path();
        let (records, blobs) = (TamperingRecords::new(&storage.records), TamperingBlobs::new(&storage.blobs));
        let store = Store { records: records.clone(), blobs: blobs.clone(), ..storage.store() };
        let cloud = Cloud::create(keys(), store).await.unwrap();
        let folder = cloud.create_folder(&cloud.root(), "folder").await.unwrap();
        let file = async |parent: &Id, name: &str| cloud.upload(parent, name, of(name.as_bytes())).await.unwrap();
        file(&cloud.root(), "sound").await;
        let damaged = file(&cloud.root(), "damaged").await;
        let withheld = file(&folder.id, "withheld").await;
        file(&folder.id, "inner").await;
        cloud.replace(&damaged.id, of(b"damaged, too")).await.unwrap();

        // The newest object of one file, whole but for a bit; the record of another.
        let objects = cloud.revisions(&damaged.id).await.unwrap();
        let newest = objects[0].object;
        blobs.change(true, move |name, mut bytes| {
            if *name == newest {
                bytes[100] ^= 1;
            }
            bytes
        });
        let place = child(&folder.id, &withheld.id);
        records.attack(Box::new(move |key, record| record.filter(|_| *key != place)));
        let exported = export(&cloud, top).await.unwrap();
        let failed = |entry: &Entry, path: &str, why| NotExported {
            node: entry.id,
            revision: None,
            cloud_path: path.to_owned(),
            why,
        };
        let told = [
            failed(&damaged, "damaged", ErrorKind::CannotOpen),
            failed(&withheld, &format!("folder/{}", withheld.id), ErrorKind::Rollback),
        ];
        assert_eq!(exported.failed, told, "{}", storage.name);
        assert_eq!((exported.files, exported.revisions), (2, 1));
        let there = [
            ("files/", &b""[..]),
            ("files/folder/", b""),
            ("files/folder/inner", b"inner"),
            ("files/sound", b"sound"),
            ("revisions/", b""),
            ("revisions/damaged/", b""),
            ("revisions/damaged/1", b"damaged"),
        ];
        assert_eq!(plain(top), expected(there));
        let failed = manifest(top).into_iter().find(|line| line["kind"] == "failed").unwrap();
        let (id, why) = (damaged.id.to_string(), "CannotOpen");
        assert_eq!(failed, serde_json::json!({"kind": "failed", "cloud_path": "damaged", "id": id, "why": why}));

        // Storage that is well again, and the same folder.
        records.stop();
        blobs.stop();
        let exported = export(&cloud, top).await.unwrap();
        assert_eq!((exported.files, exported.kept, exported.failed.len()), (4, 3, 0));
        assert_eq!(fs::read(top.join("files/damaged")).unwrap(), b"damaged, too");
        assert_eq!(fs::read(top.join("files/folder/withheld")).unwrap(), b"withheld");

        // The state of the whole cloud is no single file's.
        records.attack(Box::new(|key, record| {
            record.filter(|_| key.collection != imegha_cloud::schema::Collection::Head)
        }));
        assert_eq!(export(&cloud, top).await.unwrap_err().kind(), ErrorKind::Rollback);
    }
}

/// Folders so deep that the disk has no path for them: what lies above is there.
#[cfg(unix)]
#[tokio::test]
async fn what_the_disk_has_no_path_for_is_told_and_the_rest_is_there() {
    let storage = Storage::memory();
    let cloud = storage.create().await;
    let mut folder = cloud.root();
    for depth in 0..25 {
        folder = cloud.create_folder(&folder, &format!("{depth:0>200}")).await.unwrap().id;
        let file = cloud.upload(&folder, "file", of(b"1")).await.unwrap().id;
        cloud.replace(&file, of(b"2")).await.unwrap();
    }
    cloud.upload(&cloud.root(), "last", of(b"3")).await.unwrap();
    let temporary = tempfile::tempdir().unwrap();
    let exported = export(&cloud, temporary.path()).await.unwrap();
    assert!(exported.failed.iter().all(|failed| failed.why == ErrorKind::Backend), "{:?}", exported.failed);
    assert!((1..=3).contains(&exported.failed.len()) && exported.folders >= 4 && exported.folders < 25);
    assert!(exported.files >= exported.folders && exported.files <= exported.folders + 1);
    let top = temporary.path().join("files");
    assert_eq!(fs::read(top.join("last")).unwrap(), b"3");
    assert_eq!(fs::read(top.join("0".repeat(200)).join("file")).unwrap(), b"2");
    assert_eq!(manifest(temporary.path()).last().unwrap()["failed"], exported.failed.len());
}

#[tokio::test]
async fn one_that_is_stopped_leaves_whole_files_and_the_next_goes_on() {
    for storage in [Storage::memory(), Storage::embedded()] {
        let temporary = tempfile::tempdir().unwrap();
        let top = temporary.path();
        let cloud = storage.create().await;
        let contents: Vec<_> = (0..6).map(|number| bytes(60_000, number)).collect();
        for (number, content) in contents.iter().enumerate() {
            cloud.upload(&cloud.root(), &number.to_string(), of(content)).await.unwrap();
        }
        for stop_after in 1..=3 {
            let token = CancelToken::new();
            let stopped = token.clone();
            let stop = move |files, _| {
                if files == stop_after {
                    stopped.cancel()
                }
            };
            let options = ExportOptions::new().progress(stop).cancel(&token);
            assert_eq!(cloud.export(top, &options).await.unwrap_err().kind(), ErrorKind::Cancelled);
            let there = plain(top);
            assert_eq!(there.len() as u64, 1 + stop_after, "{:?}", there.keys());
            assert!(there.iter().all(|(path, bytes)| path == "files/" || contents.contains(bytes)));
            assert!(manifest(top).iter().all(|line| line["kind"] != "end"), "it is not finished");
        }
        let exported = cloud.export(top, &ExportOptions::new()).await.unwrap();
        assert_eq!((exported.files, exported.kept), (6, 3));
        assert_eq!(manifest(top).last().unwrap()["files"], 6);
    }
}

#[tokio::test]
async fn a_store_that_fails_costs_nothing_but_time() {
    for storage in [Storage::memory(), Storage::embedded()] {
        let honest = storage.create().await;
        let folder = honest.create_folder(&honest.root(), "folder").await.unwrap().id;
        let file = honest.upload(&folder, "a", of(b"1")).await.unwrap().id;
        honest.replace(&file, of(b"22")).await.unwrap();
        honest.upload(&honest.root(), "b", of(b"333")).await.unwrap();
        let device = Arc::new(MemoryDevice::new());
        Cloud::open(keys(), storage.store_of(device.clone())).await.unwrap();
        let temporary = tempfile::tempdir().unwrap();
        let reference = temporary.path().join("reference");
        let expected = export(&honest, &reference).await.unwrap();
        // When it was begun is another time each: a device that asks again has waited.
        let whole = |top: &Path| (plain(top), manifest(top)[1..].to_vec());
        let (reference, mut gone) = (whole(&reference), 0);
        for fail_at in 0.. {
            let run = async |failure, top: &Path| {
                let plan = Plan::new(fail_at, failure);
                let (records, blobs) = (Failing::new(&storage.records, &plan), Failing::new(&storage.blobs, &plan));
                let store = Store { records, blobs, ..storage.store_of(device.clone()) };
                let result = match Cloud::open(keys(), store).await {
                    Ok(cloud) => export(&cloud, top).await,
                    Err(error) => Err(error),
                };
                (result, plan.failed())
            };
            let at = |name: &str| temporary.path().join(format!("{name} {fail_at}"));
            let (result, failed) = run(Failure::Before, &at("once")).await;
            assert_eq!(result.unwrap(), expected, "{} {fail_at}", storage.name);
            assert!(whole(&at("once")) == reference);
            if !failed {
                break;
            }
            // The store stays away: that is said, and what is there is whole. Then it is back.
            let (result, _) = run(Failure::Gone, &at("gone")).await;
            assert_eq!(result.unwrap_err().kind(), ErrorKind::Unavailable, "{} {fail_at}", storage.name);
            if at("gone").exists() {
                let there = plain(&at("gone"));
                assert!(there.iter().all(|(path, bytes)| reference.0.get(path) == Some(bytes)), "{:?}", there.keys());
                let mut exported = export(&honest, &at("gone")).await.unwrap();
                exported.kept = 0;
                assert_eq!(exported, expected);
                assert!(whole(&at("gone")) == reference);
                gone += 1;
            }
        }
        assert!(gone > 5, "{gone}");
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
    let (other, late) = (storage.store(), Arc::new(std::sync::Mutex::new(None)));
    let seen = late.clone();
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
            *seen.lock().unwrap() = Some(());
        }
    };
    let exported = cloud.export(temporary.path(), &ExportOptions::new().progress(write)).await.unwrap();
    assert!(exported.changed && exported.files == 2 && exported.folders == 0 && late.lock().unwrap().is_some());
    let exported = cloud.export(temporary.path(), &ExportOptions::new()).await.unwrap();
    assert!(!exported.changed && exported.kept == 2 && exported.folders == 1);
}

fn child(parent: &Id, node: &Id) -> imegha_cloud::backend::Key<imegha_cloud::schema::CloudSchema> {
    use imegha_cloud::schema::{CloudValue, Collection};
    imegha_cloud::backend::Key::new(Collection::Children, [CloudValue::Id(*parent)], [CloudValue::Id(*node)])
}
