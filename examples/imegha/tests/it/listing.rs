//! What is listed, found, counted and looked after.

use crate::person::{Person, content};
use crate::server::Server;

#[test]
fn lists_are_for_people_and_for_programs() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    ada.file("Photos/sea.jpg", content(1_234));
    ada.file("Photos/2024/tower.jpg", content(5));
    ada.run(&["-q", "put", "Photos"]).ok();

    assert_eq!(ada.run(&["ls"]).ok(), "Photos/\n");
    let long = ada.run(&["ls", "-l", "/Photos"]).ok();
    let lines: Vec<Vec<_>> = long.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!((lines[0][0], lines[0][3], lines[1][0], lines[1][3]), ("-", "2024/", "1234", "sea.jpg"));
    let listed = ada.run(&["ls", "-r", "--json"]).json();
    let paths: Vec<_> = listed.iter().map(|entry| entry["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["/Photos", "/Photos/2024", "/Photos/2024/tower.jpg", "/Photos/sea.jpg"]);

    assert_eq!(ada.run(&["find", "OWER"]).ok(), "/Photos/2024/tower.jpg\n");
    assert_eq!(ada.run(&["find", "jpg", "--most", "1", "--json"]).json().len(), 1);
    assert_eq!(ada.run(&["find", "nothing of it"]).ok(), "");
}

#[test]
fn the_audit_log_is_filtered() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    ada.file("a", "a");
    ada.run(&["put", "a"]).ok();
    ada.run(&["mv", "/a", "/b"]).ok();
    let entries = ada.run(&["audit", "--json"]).json();
    let actions: Vec<_> = entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["rename", "upload", "create-cloud"]);
    assert_eq!(ada.run(&["audit", "--json", "--action", "upload"]).json(), [entries[1].clone()]);
    assert_eq!(ada.run(&["audit", "--json", "--path", "/b"]).json(), entries[..2]);
    assert_eq!(ada.run(&["audit", "--before", "2001-01-01"]).ok(), "");
    assert_eq!(ada.run(&["audit", "--json", "--since", "2001-01-01T12:00:00Z"]).json(), entries);
    // For people with where it is now.
    let shown = ada.run(&["audit", "--action", "upload"]).ok();
    assert!(shown.trim_end().ends_with("/b"), "{shown}");
    ada.run(&["audit", "--action", "dance"]).failed(2);
    ada.run(&["audit", "--since", "yesterday"]).failed(2);
}

#[test]
fn usage_verify_and_gc_look_at_everything() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    ada.file("file", content(50_000));
    ada.run(&["put", "file"]).ok();
    let usage = &ada.run(&["usage", "--json"]).json()[0];
    assert_eq!(usage["newest"]["count"], 1);
    assert!(usage["newest"]["bytes"].as_u64().unwrap() > 50_000);
    assert!(usage["estimate"]["listed"].as_str().unwrap().contains("2025"));
    assert!(ada.run(&["usage"]).ok().contains("a month"));

    for depth in [&["verify", "--json"][..], &["verify", "--json", "--deep"]] {
        let report = &ada.run(depth).json()[0];
        assert_eq!((&report["objects"], &report["problems"]), (&1.into(), &0.into()));
    }
    let collected = &ada.run(&["gc", "--json"]).json()[0];
    assert_eq!((&collected["objects"], &collected["uploads"]), (&0.into(), &0.into()));
}

/// Turns red without the check of every chunk: a byte of an object is another.
#[test]
fn what_is_damaged_is_told_and_is_nowhere_written() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    ada.file("file", content(50_000));
    ada.run(&["put", "file"]).ok();
    let mut damaged = 0;
    let mut ahead = vec![server.folder().join("clouds")];
    while let Some(folder) = ahead.pop() {
        for child in std::fs::read_dir(folder).unwrap() {
            let path = child.unwrap().path();
            if path.is_dir() {
                ahead.push(path);
            } else if path.file_name().unwrap().len() == 48 {
                let mut bytes = std::fs::read(&path).unwrap();
                bytes[30_000] ^= 1;
                std::fs::write(&path, bytes).unwrap();
                damaged += 1;
            }
        }
    }
    assert_eq!(damaged, 1, "objects are named by the hex of their salt");
    ada.run(&["verify"]).ok();
    let done = ada.run(&["verify", "--deep", "--json"]);
    assert_eq!(done.code, 5, "{}", done.err);
    let first = String::from_utf8(done.out).unwrap();
    let problem: serde_json::Value = serde_json::from_str(first.lines().next().unwrap()).unwrap();
    assert_eq!((&problem["problem"], &problem["path"]), (&"object-damaged".into(), &"/file".into()));

    std::fs::remove_file(ada.path("file")).unwrap();
    ada.run(&["get", "/file"]).failed(5);
    assert_eq!(std::fs::read_dir(ada.path("")).unwrap().count(), 0);
    ada.run(&["cat", "/file"]).failed(5);
    ada.run(&["export", "out"]).failed(5);
}
