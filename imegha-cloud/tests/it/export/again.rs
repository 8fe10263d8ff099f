//! Once more into the same folder, and into one that is somebody else's.

use std::collections::BTreeMap;
use std::fs;

use imegha_cloud::{CancelToken, Cloud, ErrorKind, ExportOptions, NotExported};

use super::{expected, export, manifest, of, plain, tree};
use crate::storage::{Storage, bytes, other_keys};

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
