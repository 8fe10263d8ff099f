//! Albums, photos, and what is removed for good.

use crate::person::{Person, content};
use crate::server::Server;

/// A GIF of forty bytes: a screen of 1,000 by 500 with one pixel on it.
const GIF: &[u8] = b"GIF89a\xe8\x03\xf4\x01\x80\0\0\0\0\0\xff\xff\xff\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0\x3b";
/// A JPEG without a picture that says when it was taken.
const JPEG: &[u8] = b"\xff\xd8\xff\xe1\0\x48Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x87\x69\0\x04\0\0\0\x01\0\0\0\x1a\0\0\0\0\
    \0\x01\x90\x03\0\x02\0\0\0\x14\0\0\0\x2c\0\0\0\x002024:02:29 23:30:01\0\xff\xd9";

#[test]
fn photos_are_stored_with_their_thumbnail_size_and_time() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    ada.file("Photos/sea.gif", GIF);
    ada.file("Photos/tower.jpg", JPEG);
    ada.file("Photos/broken.png", content(100));
    // The same bytes under a name that is no picture's; but for one, or an import would leave them.
    ada.file("Photos/letter.txt", [GIF, b"\n"].concat());
    ada.run(&["-q", "import", "Photos"]).ok();
    let facts: Vec<String> = ada
        .run(&["ls", "--json"])
        .json()
        .iter()
        .map(|entry| {
            let [width, height, taken] = ["width", "height", "taken"].map(|name| &entry[name]);
            format!("{} {width} {height} {taken} {}", entry["name"].as_str().unwrap(), entry["thumbnail"])
        })
        .collect();
    let expected = [
        "broken.png null null null false",
        "letter.txt null null null false",
        "sea.gif 1000 500 null true",
        "tower.jpg null null 1709249401000 false",
    ];
    assert_eq!(facts, expected);
    let report = &ada.run(&["verify", "--deep", "--json"]).json()[0];
    assert_eq!((&report["objects"], &report["problems"]), (&5.into(), &0.into()));
    // The file is the file.
    assert_eq!(ada.run(&["cat", "/sea.gif"]).out, GIF);
}

#[test]
fn an_album_is_made_filled_put_in_order_and_deleted() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    for name in ["a", "b", "c"] {
        ada.file(name, name);
    }
    ada.run(&["-q", "put", "a", "b", "c"]).ok();
    assert_eq!(ada.run(&["album", "ls"]).ok(), "");
    ada.run(&["album", "create", "Summer", "/b", "/a"]).ok();
    assert_eq!(ada.run(&["album", "add", "Summer", "/a", "/c"]).ok(), "added 1 file\n");
    assert_eq!(ada.run(&["album", "ls", "Summer"]).ok(), "/b\n/a\n/c\n");
    ada.run(&["album", "mv", "Summer", "/c", "--before", "/b"]).ok();
    ada.run(&["album", "mv", "Summer", "/b"]).ok();
    assert_eq!(ada.run(&["album", "ls", "Summer"]).ok(), "/c\n/a\n/b\n");
    ada.run(&["-q", "mv", "/a", "/renamed"]).ok();
    let listed = ada.run(&["album", "ls", "Summer", "--json"]).json();
    assert_eq!(
        listed.iter().map(|entry| entry["path"].as_str().unwrap()).collect::<Vec<_>>(),
        ["/c", "/renamed", "/b"]
    );

    ada.run(&["album", "rename", "Summer", "Winter"]).ok();
    ada.run(&["album", "cover", "Winter", "/b"]).ok();
    let album = &ada.run(&["album", "ls", "--json"]).json()[0];
    assert_eq!((&album["title"], &album["files"], &album["cover"]), (&"Winter".into(), &3.into(), &listed[2]["id"]));
    ada.run(&["album", "cover", "Winter"]).ok();
    assert_eq!(ada.run(&["album", "ls", "--json"]).json()[0]["cover"], listed[0]["id"]);
    assert_eq!(ada.run(&["album", "rm", "Winter", "/c"]).ok(), "took out 1 file\n");

    // Two of one title are told apart by their ids.
    ada.run(&["album", "create", "Winter"]).ok();
    ada.run(&["album", "ls", "Winter"]).failed(4);
    let id = album["id"].as_str().unwrap();
    assert_eq!(ada.run(&["album", "ls", id]).ok(), "/renamed\n/b\n");
    ada.run(&["album", "delete", id]).failed(2);
    ada.run(&["album", "delete", id, "--yes"]).ok();
    assert_eq!(ada.run(&["album", "ls", "Winter"]).ok(), "");
    assert_eq!(ada.run(&["ls"]).ok(), "b\nc\nrenamed\n");

    ada.run(&["album", "ls", "Summer"]).failed(3);
    ada.run(&["album", "add", "Winter", "/none"]).failed(3);
    ada.run(&["album", "create", "More", "/none"]).failed(3);
    ada.run(&["album", "mv", "Winter", "/b"]).failed(3);
    assert_eq!(ada.run(&["album", "ls"]).ok().lines().count(), 1);
}

#[test]
fn older_revisions_are_removed_when_that_was_meant() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    for text in ["1", "2", "3", "4"] {
        ada.file("Diary/today", text);
        ada.file("Diary/once", "once");
        ada.run(&["-q", "put", "Diary", "--if-exists", "replace"]).ok();
    }
    let revisions = |path: &str| ada.run(&["versions", path, "--json"]).json().len();
    assert_eq!(revisions("/Diary/today"), 4);
    let told = ada.run(&["prune", "/Diary/today", "--keep", "1", "--dry-run", "--json"]).json();
    assert_eq!(told.iter().map(|line| line["revision"].as_u64().unwrap()).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(ada.run(&["prune", "/Diary", "--since", "2001-01-01", "--dry-run"]).ok(), "");
    ada.run(&["prune", "/Diary"]).failed(2);
    assert_eq!(revisions("/Diary/today"), 4);
    assert!(ada.run(&["prune", "/Diary/today", "--keep", "1", "--yes"]).ok().starts_with("removed 2 objects"));
    assert_eq!(revisions("/Diary/today"), 2);
    assert_eq!(ada.run(&["prune", "/", "--yes", "--json"]).json()[0]["objects"], 4);
    assert_eq!((revisions("/Diary/today"), revisions("/Diary/once")), (1, 1));
    assert_eq!(ada.run(&["cat", "/Diary/today"]).out, b"4");
    ada.run(&["prune", "/none", "--yes"]).failed(3);

    let told = &ada.run(&["gc", "--dry-run", "--json"]).json()[0];
    assert_eq!((&told["objects"], &told["uploads"]), (&0.into(), &0.into()));
    assert_eq!(ada.run(&["gc", "--dry-run"]).ok(), "would remove 0 objects with 0 B and 0 unfinished uploads\n");
}
