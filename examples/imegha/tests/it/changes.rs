//! Folders made, things moved, removed and brought back.

use crate::person::Person;
use crate::server::Server;

#[test]
fn what_to_do_with_a_taken_name_is_said() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    ada.file("a.txt", "one");
    ada.run(&["put", "a.txt"]).ok();
    ada.file("a.txt", "two");
    let err = ada.run(&["put", "a.txt"]).failed(4);
    assert!(err.contains("taken"), "{err}");
    ada.run(&["put", "a.txt", "--if-exists", "skip"]).ok();
    assert_eq!(ada.run(&["cat", "a.txt"]).ok(), "one");
    ada.run(&["put", "a.txt", "--if-exists", "keep-both"]).ok();
    assert_eq!(ada.run(&["cat", "a (2).txt"]).ok(), "two");
    ada.run(&["put", "a.txt", "--if-exists", "replace"]).ok();
    assert_eq!(ada.run(&["cat", "A.TXT"]).ok(), "two");
    assert_eq!(ada.run(&["ls"]).ok(), "a (2).txt\na.txt\n");
    // A folder is never replaced by a file.
    ada.run(&["mkdir", "/b"]).ok();
    ada.run(&["put", "a.txt", "--name", "b", "--if-exists", "replace"]).failed(4);
}

#[test]
fn things_are_moved_and_renamed() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    for (name, text) in [("a", "a"), ("b", "b")] {
        ada.file(name, text);
        ada.run(&["put", name]).ok();
    }
    ada.run(&["mkdir", "/x/y"]).failed(3);
    ada.run(&["mkdir", "-p", "/x/y"]).ok();
    ada.run(&["mkdir", "/x/y"]).failed(4);
    ada.run(&["mv", "/a", "/x/y"]).ok();
    assert_eq!(ada.run(&["cat", "/x/y/a"]).ok(), "a");
    ada.run(&["mv", "/b", "/x/y/a"]).failed(4);
    ada.run(&["mv", "/b", "/x/y/c"]).ok();
    ada.run(&["mv", "/x/y/c", "/x/y/C"]).ok();
    assert_eq!(ada.run(&["ls", "-r"]).ok(), "x/\nx/y/\nx/y/a\nx/y/C\n");
    ada.run(&["mv", "/x", "/x/y"]).failed(1);
    ada.run(&["mv", "/nothing", "/x"]).failed(3);
    ada.run(&["mv", "/x/y/a", "/x/y/C", "/"]).ok();
    assert_eq!(ada.run(&["ls"]).ok(), "x/\na\nC\n");
    // The name that it had is taken where it goes.
    ada.run(&["mv", "/a", "/x/a"]).ok();
    ada.file("a", "second");
    ada.run(&["put", "a"]).ok();
    ada.run(&["mv", "/a", "/x/b"]).ok();
    assert_eq!(ada.run(&["cat", "/x/b", "/x/a"]).ok(), "seconda");
}

#[test]
fn the_trash_gives_back_and_removes() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    for name in ["a", "b"] {
        ada.file(name, name);
        ada.run(&["put", name, "--to", "/Letters"]).ok();
    }
    ada.run(&["rm", "/Letters/a", "/Letters/b"]).ok();
    assert_eq!(ada.run(&["ls", "/Letters"]).ok(), "");
    let listed = ada.run(&["trash", "list", "--json"]).json();
    assert_eq!(listed.len(), 2);
    let said = ada.run(&["trash", "restore", "a"]).ok();
    assert_eq!(said, "restored /Letters/a\n");
    ada.run(&["trash", "restore", "a"]).failed(3);

    // Two of one name: only the id says which.
    ada.file("b", "other");
    ada.run(&["put", "b", "--to", "/Letters"]).ok();
    ada.run(&["rm", "/Letters/b"]).ok();
    ada.run(&["trash", "restore", "b"]).failed(4);
    let id = ada.run(&["trash", "list", "--json"]).json()[0]["id"].as_str().unwrap().to_owned();
    assert!(ada.run(&["trash", "purge", &id]).failed(2).contains("--yes"));
    let said = ada.run(&["trash", "purge", &id, "--yes"]).ok();
    assert!(said.starts_with("removed 1 item"), "{said}");
    ada.run(&["trash", "empty"]).failed(2);
    ada.run(&["trash", "empty", "--yes"]).ok();
    assert_eq!(ada.run(&["trash", "list"]).ok(), "");
    assert_eq!(ada.run(&["ls", "/Letters"]).ok(), "a\n");
    ada.run(&["rm", "/"]).failed(1);
}
