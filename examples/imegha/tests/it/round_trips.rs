//! What is put is what is got.

use imegha_crypto::Hash;

use crate::person::{Person, content, sha256};
use crate::server::{PASSWORD, Server};

#[test]
fn a_file_of_any_size_comes_back_as_it_was() {
    let server = Server::start();
    let (ada, elsewhere) = (Person::signed_in(&server), Person::signed_in(&server));
    for len in [0, 1, 20_000_000] {
        let name = format!("file of {len}.jpg");
        let source = ada.file(&name, content(len));
        let said = ada.run(&["put", &name, "--to", "/Photos/2024"]).ok();
        assert_eq!(said, format!("stored /Photos/2024/{name}\n"));
        // On another device, by another spelling of the folder.
        elsewhere.run(&["get", &format!("/photos/2024/{name}")]).ok();
        let fetched = elsewhere.path(&name);
        assert_eq!(sha256(&fetched), sha256(&source), "{len} bytes");
        let modified = |path| std::fs::metadata(path).unwrap().modified().unwrap();
        let difference = modified(&source).duration_since(modified(&fetched)).unwrap();
        assert!(difference.as_millis() == 0, "times are kept to the millisecond");
        let listed = &ada.run(&["ls", "--json", &format!("/Photos/2024/{name}")]).json()[0];
        assert_eq!((&listed["size"], &listed["sha256"]), (&len.into(), &sha256(&source).into()));
        assert_eq!(listed["mime"], "image/jpeg");
    }
    let left = std::fs::read_dir(elsewhere.path("")).unwrap().count();
    assert_eq!(left, 3, "no temporary file stays");
}

#[test]
fn standard_input_and_output_are_files_too() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    for len in [0, 9_000_000] {
        let bytes = content(len);
        let name = format!("{len}.bin");
        ada.run_with(&["-q", "put", "-", "--name", &name], &bytes).ok();
        for command in ["cat", "get"] {
            let out = if command == "get" { vec!["get", &name, "-"] } else { vec!["cat", &name] };
            let done = ada.run(&out);
            assert_eq!((done.code, done.err.as_str()), (0, ""));
            assert_eq!(Hash::of(&done.out), Hash::of(&bytes), "{command} of {len}");
        }
    }
    // The password first, then the content.
    let both = [PASSWORD.as_bytes(), b"\n", b"what follows"].concat();
    let mut command = ada.command(&["--password-stdin", "put", "-", "--name", "both"]);
    command.env_remove("IMEGHA_PASSWORD");
    Person::feed(&mut command, &both).ok();
    assert_eq!(ada.run(&["cat", "both"]).ok(), "what follows");
    assert!(ada.run(&["put", "-"]).failed(2).contains("--name"));
}

#[test]
fn a_range_has_both_its_ends() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    let bytes = content(100_000);
    ada.file("file", &bytes);
    ada.run(&["put", "file"]).ok();
    for (range, expected) in [
        ("0-0", &bytes[..1]),
        ("16383-16384", &bytes[16_383..=16_384]),
        ("99999-", &bytes[99_999..]),
        ("50000-1000000", &bytes[50_000..]),
        ("100000-", &[]),
    ] {
        let done = ada.run(&["cat", "--range", range, "/file"]);
        assert_eq!((done.code, &done.out[..]), (0, expected), "{range}: {}", done.err);
    }
    ada.run(&["cat", "--range", "100001-", "/file"]).failed(2);
    ada.run(&["cat", "--range", "9-8", "/file"]).failed(2);
}

#[test]
fn revisions_are_listed_read_and_gone_back_to() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    for text in ["first", "second"] {
        ada.file("note.txt", text);
        ada.run(&["put", "note.txt", "--if-exists", "replace"]).ok();
    }
    let versions = ada.run(&["versions", "--json", "/note.txt"]).json();
    let numbers: Vec<_> = versions.iter().map(|version| version["revision"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [2, 1]);
    assert_eq!(ada.run(&["cat", "/note.txt"]).ok(), "second");
    assert_eq!(ada.run(&["cat", "--revision", "1", "/note.txt"]).ok(), "first");
    ada.run(&["cat", "--revision", "3", "/note.txt"]).failed(3);
    ada.run(&["versions", "--restore", "3", "/note.txt"]).failed(3);
    let said = ada.run(&["versions", "--restore", "1", "/note.txt"]).ok();
    assert_eq!(said, "revision 3 of /note.txt is revision 1 again\n");
    assert_eq!(ada.run(&["cat", "/note.txt"]).ok(), "first");
    assert_eq!(ada.run(&["versions", "--json", "/note.txt"]).json().len(), 3);
}
