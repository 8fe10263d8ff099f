//! Names that mean something to a file system.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use imegha_cloud::{BytesSource, Content, ErrorKind, ExportOptions};

use crate::export::tree;
use crate::storage::Storage;

/// Every path below a folder.
fn paths(top: &Path) -> Vec<String> {
    tree(top).into_keys().map(|path| path.trim_end_matches('/').to_owned()).collect()
}

/// Names that no cloud takes, and names that it takes and a file system should not: of folders and of what is in them. All are
/// exported, nothing leaves the folder, and the manifest has the true names. Stopped by `harmless` of `export/disk_name.rs`: without
/// what it replaces this turns red. (Of what it replaces, this system would take most for plain names: its own tests have each.)
#[tokio::test]
async fn a61_hostile_names_in_an_export() {
    let temporary = tempfile::tempdir().unwrap();
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let root = cloud.root();
        let content = |text: &str| Content::new(BytesSource::new(text.to_owned()));
        for name in ["..", ".", "", "../../.ssh/x", "/etc/passwd", "a\0b", "a\nb", &"x".repeat(10_000)] {
            let refused = cloud.upload(&root, name, content("x")).await.unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::Malformed, "{name:?}");
            assert_eq!(cloud.create_folder(&root, name).await.unwrap_err().kind(), ErrorKind::Malformed);
        }
        let long = "ä".repeat(512);
        let temporary_name = format!(".imegha-{root}.part");
        let hostile = [
            "..\\..\\.ssh\\x",
            "C:\\Windows",
            "\\\\server\\share",
            "~",
            "-rf",
            "a.txt:stream",
            "con",
            "NUL.txt",
            "com1.jpg",
            "\u{202e}gpj.exe",
            "....",
            "trailing. ",
            "*?<>|\"",
            &long,
            &temporary_name,
            "manifest.jsonl",
        ];
        let mut expected = BTreeMap::new();
        let usual = cloud.create_folder(&root, "usual").await.unwrap().id;
        for name in hostile {
            let folder = cloud.create_folder(&root, name).await.unwrap().id;
            for (parent, parent_name) in [(usual, "usual"), (folder, name)] {
                let path = format!("{parent_name}/{name}");
                let file = cloud.upload(&parent, name, content(&path)).await.unwrap();
                expected.insert(file.id.to_string(), path);
            }
        }
        let top = temporary.path().join(storage.name).join("export");
        let exported = cloud.export(&top, &ExportOptions::new()).await.unwrap();
        assert_eq!(exported.failed, [], "{}", storage.name);
        assert_eq!((exported.files, exported.folders), (32, 17));

        // Everything is in the folder, and has a name that means nothing.
        assert_eq!(paths(&temporary.path().join(storage.name)).len(), 1 + 2 + 32 + 17);
        for path in paths(&top) {
            for name in path.split('/') {
                assert!(name.len() <= 255 && !name.ends_with(['.', ' ']), "{name:?}");
                assert!(!name.contains(['\\', ':', '*', '?', '<', '>', '|', '"', '\u{202e}']), "{name:?}");
                let stem = name.split('.').next().unwrap().to_uppercase();
                assert!(!["CON", "NUL", "COM1"].contains(&&stem[..]), "{name:?}");
            }
        }
        // By the manifest each is what it is.
        let manifest = fs::read_to_string(top.join("manifest.jsonl")).unwrap();
        let mut files = 0;
        for line in manifest.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()) {
            if line["kind"] == "file" {
                let path = &expected[line["id"].as_str().unwrap()];
                assert_eq!(line["cloud_path"], **path);
                assert_eq!(fs::read_to_string(top.join(line["path"].as_str().unwrap())).unwrap(), *path);
                files += 1;
            }
        }
        assert_eq!(files, expected.len());
        // An archive has the same names.
        let scratch = tempfile::tempdir().unwrap();
        let (_, archive) = cloud.export_tar(Vec::new(), scratch.path(), &ExportOptions::new()).await.unwrap();
        let mut archived: Vec<String> = tar::Archive::new(&archive[..])
            .entries()
            .unwrap()
            .map(|entry| String::from_utf8(entry.unwrap().path_bytes().into_owned()).unwrap())
            .map(|path| path.trim_end_matches('/').to_owned())
            .collect();
        let mut on_disk = paths(&top);
        archived.sort();
        on_disk.sort();
        assert_eq!(archived, on_disk, "{}", storage.name);
        let again = cloud.export(&top, &ExportOptions::new()).await.unwrap();
        assert_eq!((again.kept, again.failed.len()), (32, 0), "the same names every time");
    }
}

/// Names that differ only in what one file system or another does not tell apart, among them a name that is another's substitute.
#[tokio::test]
async fn a61_names_that_clash_on_the_disk() {
    for storage in [Storage::memory(), Storage::embedded()] {
        let cloud = storage.create().await;
        let file = async |name: &str| {
            let content = Content::new(BytesSource::new(name.to_owned()));
            cloud.upload(&cloud.root(), name, content).await.unwrap().id
        };
        let colon = file("a:b.txt").await.to_string();
        let question = file("a?b.txt").await.to_string();
        file("a_b.txt").await;
        file(&format!("A_B~{}.TXT", &colon[..8])).await;
        let temporary = tempfile::tempdir().unwrap();
        cloud.export(temporary.path(), &ExportOptions::new()).await.unwrap();
        let mut names: Vec<_> = paths(&temporary.path().join("files"));
        names.sort();
        let mut expected = [
            format!("A_B~{}.TXT", &colon[..8]),
            format!("a_b~{colon}.txt"),
            format!("a_b~{}.txt", &question[..8]),
            "a_b.txt".to_owned(),
        ];
        expected.sort();
        assert_eq!(names, expected, "{}", storage.name);
    }
}

/// A folder of an earlier export became a link to elsewhere: nothing is written there. Stopped by `symlink_metadata` in
/// `Target::make_folder` and `Target::look`: with `metadata` in its place this turns red.
#[cfg(unix)]
#[tokio::test]
async fn a61_links_in_the_folder_are_not_followed() {
    let storage = Storage::memory();
    let cloud = storage.create().await;
    let content = || Content::new(BytesSource::new("inside"));
    let folder = cloud.create_folder(&cloud.root(), "folder").await.unwrap().id;
    let inner = cloud.upload(&folder, "inner", content()).await.unwrap().id;
    let file = cloud.upload(&cloud.root(), "file", content()).await.unwrap().id;
    let temporary = tempfile::tempdir().unwrap();
    let (top, elsewhere) = (temporary.path().join("export"), temporary.path().join("elsewhere"));
    assert_eq!(cloud.export(&top, &ExportOptions::new()).await.unwrap().failed, []);

    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join("file"), "inside").unwrap();
    fs::remove_dir_all(top.join("files/folder")).unwrap();
    fs::remove_file(top.join("files/file")).unwrap();
    std::os::unix::fs::symlink(&elsewhere, top.join("files/folder")).unwrap();
    std::os::unix::fs::symlink(elsewhere.join("file"), top.join("files/file")).unwrap();
    cloud.replace(&inner, Content::new(BytesSource::new("new"))).await.unwrap();
    let exported = cloud.export(&top, &ExportOptions::new()).await.unwrap();
    let mut failed: Vec<_> = exported.failed.iter().map(|failed| (failed.node, failed.why)).collect();
    failed.sort_by_key(|(node, _)| *node);
    let mut expected = [(folder, ErrorKind::AlreadyExists), (file, ErrorKind::AlreadyExists)];
    expected.sort_by_key(|(node, _)| *node);
    assert_eq!(failed, expected);
    assert_eq!(paths(&elsewhere), ["file"]);
    assert_eq!(fs::read(elsewhere.join("file")).unwrap(), b"inside");
}
