//! Folders, and names that mean harm.

use std::collections::BTreeMap;
use std::path::Path;

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
