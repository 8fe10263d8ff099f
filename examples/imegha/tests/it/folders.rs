//! Folders, and names that mean harm.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use imegha_cloud::Result;
use imegha_cloud::backend::memory::{MemoryBlobs, MemoryRecords};
use imegha_cloud::backend::{Key, Page, Query, Record, RecordStore, Write};
use imegha_cloud::schema::{CloudSchema, CloudValue};
use imegha_crypto::Id;

use crate::person::{Person, content, sha256};
use crate::server::Server;

/// The files below a folder of the device, by their path in it.
fn tree(folder: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut ahead = vec![folder.to_owned()];
    while let Some(next) = ahead.pop() {
        for child in std::fs::read_dir(next).unwrap() {
            let path = child.unwrap().path();
            match path.is_dir() {
                true => ahead.push(path),
                false => {
                    let below = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                    files.insert(below, sha256(&path));
                }
            }
        }
    }
    files
}

#[test]
fn a_folder_comes_back_with_all_that_is_in_it() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    let longest = format!("{}x.txt", "ä".repeat(125));
    assert_eq!(longest.len(), 255);
    let names = [
        "...",
        "..hidden",
        "-rf",
        " ",
        "a\\b",
        "con.txt",
        "\u{202e}gpj.exe",
        "家族/ü/deep",
        "100%.txt",
        "$HOME",
        longest.as_str(),
    ];
    for (number, name) in names.iter().enumerate() {
        ada.file(&format!("tree/{name}"), content(number * 1_000));
    }
    std::fs::create_dir(ada.path("tree/empty")).unwrap();
    ada.run(&["-q", "put", "tree"]).ok();
    ada.run(&["-q", "get", "/tree", "again"]).ok();
    assert_eq!(tree(&ada.path("again")), tree(&ada.path("tree")));
    assert!(ada.path("again/empty").is_dir());
    assert_eq!(tree(&ada.path("again")).len(), names.len());

    // Into a folder that is there it goes under its own name; and again: nothing is replaced unless it is said.
    ada.run(&["-q", "get", "/tree", "again"]).ok();
    let told = ada.run(&["-q", "get", "/tree", "again"]);
    assert_eq!((told.code, told.err.lines().count()), (4, names.len() + 1), "{}", told.err);
    ada.file("again/tree/100%.txt", "changed here");
    ada.run(&["-q", "get", "--force", "/tree", "again"]).ok();
    assert_eq!(tree(&ada.path("again/tree")), tree(&ada.path("tree")), "a folder that is there is gone into");
}

#[test]
fn what_cannot_be_stored_is_told_and_the_rest_is_stored() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    ada.file("tree/good", "good");
    ada.file("tree/bad\u{1b}[2J\nname", "bad");
    std::os::unix::fs::symlink("/etc/passwd", ada.path("tree/link")).unwrap();
    let done = ada.run(&["put", "tree"]);
    let err = done.failed(1);
    assert!(!err.contains('\u{1b}'), "a terminal would obey: {err:?}");
    assert!(err.contains("bad\\u{1b}[2J\\u{a}name") && err.contains("link"), "{err}");
    assert_eq!(err.lines().count(), 3, "{err}");
    assert_eq!(ada.run(&["ls", "-r", "/"]).ok(), "tree/\ntree/good\n");
}

#[test]
fn no_link_of_the_device_is_written_through() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    ada.file("tree/sub/file", "from the cloud");
    ada.run(&["-q", "put", "tree"]).ok();
    let outside = ada.file("outside/file", "mine");
    std::fs::create_dir(ada.path("there")).unwrap();
    std::os::unix::fs::symlink(ada.path("outside"), ada.path("there/sub")).unwrap();
    // Its own name in a folder that is there, and in that a link in the place of a folder.
    std::fs::rename(ada.path("there"), ada.path("tree2")).unwrap();
    std::fs::create_dir(ada.path("into")).unwrap();
    std::fs::rename(ada.path("tree2"), ada.path("into/tree")).unwrap();
    let done = ada.run(&["get", "--force", "/tree", "into"]);
    assert_ne!(done.code, 0, "{}", done.err);
    assert_eq!(std::fs::read_to_string(outside).unwrap(), "mine");
}

#[test]
fn an_import_leaves_out_what_is_there() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    ada.file("one.txt", "the sea");
    ada.run(&["put", "one.txt", "--to", "/Old"]).ok();
    ada.file("photos/copy.txt", "the sea");
    ada.file("photos/sub/twice.txt", "the tower");
    ada.file("photos/sub/twice again.txt", "the tower");
    ada.file("photos/one.txt", "another content");
    let said = ada.run(&["import", "photos", "--to", "/Old"]).ok();
    assert!(said.contains("left /Old/copy.txt: its content is in the cloud\n"), "{said}");
    let listed = ada.run(&["ls", "-r", "/Old"]).ok();
    assert_eq!(listed, "sub/\nsub/twice again.txt\none (2).txt\none.txt\n");
    // Again: nothing is new.
    let said = ada.run(&["import", "photos", "--to", "/Old"]).ok();
    assert!(said.ends_with("0 files stored, 4 left\n"), "{said}");
}

#[test]
fn what_is_named_first_is_stored_first_whatever_its_length() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    let small = ada.file("a/x", "ten bytes.");
    let large = ada.file("b/x", content(1_100_000));
    ada.file("c/x/inside", "a folder");
    for (sources, last) in [(["a/x", "b/x"], &large), (["b/x", "a/x"], &small)] {
        ada.run(&["-q", "put", sources[0], sources[1], "--if-exists", "replace"]).ok();
        ada.run(&["-q", "get", "--force", "/x", "back"]).ok();
        assert_eq!(sha256(&ada.path("back")), sha256(last), "{sources:?}");
    }
    let told = ada.run(&["-q", "put", "a/x", "c/x", "--to", "/folder"]);
    assert!(told.failed(4).contains("c/x"), "the name is the file's");
    assert_eq!(ada.run(&["cat", "/folder/x"]).ok(), "ten bytes.");

    // And in a folder: whoever stops it at the large one has those before it.
    ada.file("tree/1", "small");
    ada.file("tree/2", content(1_100_000));
    ada.file("tree/3", "small");
    let said = ada.run(&["put", "tree"]).ok();
    let stored: Vec<_> = said.lines().filter_map(|line| line.strip_prefix("stored /tree/")).collect();
    assert_eq!(stored, ["1", "2", "3"], "{said}");
}

#[test]
fn of_files_that_are_stored_together_each_is_told_of_when_one_ends_it_all() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    for number in 1..=5 {
        ada.file(&format!("tree/{number}"), content(number * 1_000));
    }
    server.traffic.refused_len.store(imegha_crypto::layout::sealed_len(3_000), Ordering::SeqCst);
    let done = ada.run(&["put", "tree"]);
    let said = String::from_utf8(done.out.clone()).unwrap();
    let stored: Vec<_> = said.lines().filter_map(|line| line.strip_prefix("stored /tree/")).collect();
    assert_eq!(stored, ["1", "2", "4", "5"], "{said}");
    let err = done.failed(6);
    assert!(err.contains("tree/3") && err.lines().count() == 1, "{err}");
    assert_eq!(ada.run(&["ls", "/tree"]).ok(), "1\n2\n4\n5\n");
}

/// Records of which one partition is listed backwards.
#[derive(Debug, Default)]
struct Backwards {
    inner: MemoryRecords<CloudSchema>,
    partition: Mutex<Vec<CloudValue>>,
}

#[async_trait]
impl RecordStore<CloudSchema> for Backwards {
    async fn get(&self, key: &Key<CloudSchema>) -> Result<Option<Record<CloudSchema>>> {
        self.inner.get(key).await
    }

    async fn query(&self, query: &Query<CloudSchema>) -> Result<Page<CloudSchema>> {
        let mut page = self.inner.query(query).await?;
        if query.partition == *self.partition.lock().unwrap() {
            page.records.reverse();
        }
        Ok(page)
    }

    async fn transact(&self, writes: &[Write<CloudSchema>]) -> Result<()> {
        self.inner.transact(writes).await
    }
}

#[test]
fn a_folder_that_cannot_be_listed_does_not_end_it_all() {
    let (records, blobs) = (Arc::new(Backwards::default()), Arc::new(MemoryBlobs::new()));
    let kept = records.clone();
    let server = Server::start_on(async move { (kept as _, blobs as _) });
    let ada = Person::signed_in(&server);
    for name in ["tree/a/1", "tree/b/1", "tree/b/2"] {
        ada.file(name, name);
    }
    ada.run(&["-q", "put", "tree"]).ok();
    let folders = ada.run(&["ls", "/tree", "--json"]).json();
    assert_eq!(folders[1]["path"], "/tree/b");
    let id = Id::parse_hex(folders[1]["id"].as_str().unwrap()).unwrap();
    *records.partition.lock().unwrap() = vec![CloudValue::Id(id)];

    for name in ["tree/a/2", "tree/a/3", "tree/b/3", "tree/b/4", "tree/c/1"] {
        ada.file(name, name);
    }
    let err = ada.run(&["put", "tree", "--if-exists", "skip"]).failed(5);
    assert!(err.starts_with("imegha: /tree/b: ") && err.lines().count() == 2, "{err}");
    // Whichever of the others comes first.
    assert_eq!([ada.run(&["ls", "/tree/a"]).ok(), ada.run(&["ls", "/tree/c"]).ok()], ["1\n2\n3\n", "1\n"]);
}

#[test]
fn many_small_files_are_few_changes() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    for number in 0..100 {
        ada.file(&format!("tree/{number:03}"), number.to_string());
    }
    ada.file("tree/large", content(1_100_000));
    let uploads = || ada.run(&["audit", "--json", "--action", "upload"]).json().len();
    assert!(ada.run(&["put", "tree"]).ok().ends_with("101 files stored, 0 left\n"));
    assert_eq!(uploads(), 100_usize.div_ceil(48) + 1);

    // Names that are taken are decided about one by one, the others still go together.
    for number in 98..150 {
        ada.file(&format!("tree/{number:03}"), format!("newer {number}"));
    }
    ada.file("tree/099B", "b");
    ada.file("tree/099b", "b, too");
    let told = ada.run(&["-q", "put", "tree"]);
    assert_eq!((told.code, told.err.lines().count()), (4, 101 + 1 + 1), "{}", told.err);
    assert!(told.err.contains("tree/099b"), "the second of two names that are one: {}", told.err);
    ada.file("tree/150", "newest");
    ada.file("tree/151", "newest");
    let said = ada.run(&["put", "tree", "--if-exists", "skip"]).ok();
    assert!(said.ends_with("2 files stored, 153 left\n"), "{said}");
    std::fs::remove_file(ada.path("tree/099b")).unwrap();
    ada.run(&["-q", "put", "tree", "--if-exists", "replace"]).ok();
    assert_eq!(ada.run(&["cat", "/tree/098"]).ok(), "newer 98");
    let before = uploads();
    ada.run(&["-q", "import", "tree", "--to", "/elsewhere"]).ok();
    assert_eq!(uploads(), before, "all of it is in the cloud");
    ada.file("fresh/1", "twice");
    ada.file("fresh/2", "twice");
    ada.file("fresh/3", "once");
    let said = ada.run(&["import", "fresh"]).ok();
    assert!(said.ends_with("2 files stored, 1 left\n"), "{said}");
}
