//! Everything as plain files.

use crate::person::{Person, content, sha256};
use crate::server::Server;

#[test]
fn an_export_has_everything_as_a_folder_and_as_an_archive() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    let source = ada.file("Photos/sea.jpg", content(300_000));
    ada.run(&["-q", "put", "Photos"]).ok();

    ada.run(&["-q", "export", "out"]).ok();
    assert_eq!(sha256(&ada.path("out/files/Photos/sea.jpg")), sha256(&source));
    assert!(ada.path("out/manifest.jsonl").is_file());
    // Again it goes on, and into somebody else's folder it does not go.
    ada.run(&["-q", "export", "out"]).ok();
    ada.run(&["-q", "export", "Photos"]).failed(4);

    ada.run(&["-q", "export", "--tar", "out.tar"]).ok();
    ada.run(&["-q", "export", "--tar", "out.tar"]).failed(4);
    let archive = std::fs::read(ada.path("out.tar")).unwrap();
    let done = ada.run(&["-q", "export", "--tar", "-"]);
    assert_eq!((done.code, done.err.as_str()), (0, ""));
    for tar in [&archive, &done.out] {
        let found = tar.windows(16).any(|window| window == b"files/Photos/sea");
        assert!(found && tar.len() > 300_000 && tar.len().is_multiple_of(512));
    }
    let left: Vec<_> = std::fs::read_dir(ada.config()).unwrap().map(|child| child.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with("scratch")), "{left:?}");
}
