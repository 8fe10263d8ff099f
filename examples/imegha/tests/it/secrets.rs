//! What must lie nowhere in the clear.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

use imegha_platform::client::Platform;

use crate::person::{Person, content};
use crate::server::{EMAIL, PASSWORD, Server};

const CONTENT: &str = "the sea, seen from the tower at half past nine";
const NAME: &str = "holiday in brittany.txt";

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut ahead = vec![folder.to_owned()];
    while let Some(next) = ahead.pop() {
        for child in std::fs::read_dir(next).unwrap() {
            let path = child.unwrap().path();
            if path.is_dir() { ahead.push(path) } else { files.push(path) }
        }
    }
    files
}

/// The files that have one of these needles, also as hex and base64url.
fn with(folder: &Path, needles: &[Vec<u8>]) -> Vec<(PathBuf, usize)> {
    use base64ct::{Base64UrlUnpadded, Encoding as _};
    let mut found = Vec::new();
    for path in files(folder) {
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend_from_slice(path.to_string_lossy().as_bytes());
        for (number, needle) in needles.iter().enumerate() {
            let hex: String = needle.iter().map(|byte| format!("{byte:02x}")).collect();
            let forms = [needle.clone(), hex.into_bytes(), Base64UrlUnpadded::encode_string(needle).into_bytes()];
            if forms.iter().any(|form| bytes.windows(form.len()).any(|window| window == form)) {
                found.push((path.clone(), number));
            }
        }
    }
    found
}

#[test]
fn the_devices_folder_has_no_key_no_password_and_no_name() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    ada.file(NAME, CONTENT);
    ada.run(&["put", NAME, "--to", "/Diaries of Ada"]).ok();
    ada.run(&["mv", &format!("/Diaries of Ada/{NAME}"), "/"]).ok();
    ada.run(&["verify", "--deep"]).ok();
    // A journal, too, of an upload that was interrupted.
    ada.file("unfinished film.mp4", content(40 * 1024 * 1024));
    server.traffic.delay_ms.store(400, Ordering::SeqCst);
    let mut child = ada.command(&["put", "unfinished film.mp4"]).spawn().unwrap();
    while server.traffic.parts.load(Ordering::SeqCst) < 2 {
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();

    let runtime = tokio::runtime::Runtime::new().unwrap();
    let platform = Platform::new(server.origin.clone()).unwrap();
    let account = runtime.block_on(platform.sign_in(EMAIL, PASSWORD)).unwrap().account;
    let dek = account.dek.dangerous_to_bytes().to_vec();
    let needles: Vec<Vec<u8>> = [CONTENT, NAME, PASSWORD, "Diaries of Ada", "unfinished film"]
        .iter()
        .map(|text| text.as_bytes().to_vec())
        .chain([dek])
        .collect();
    let kept = files(&ada.config());
    assert!(kept.iter().any(|path| path.extension().is_some_and(|it| it == "journal")), "{kept:?}");
    assert!(kept.iter().any(|path| path.ends_with("session.json")) && kept.len() >= 3, "{kept:?}");
    assert_eq!(with(&ada.config(), &needles), []);
    assert_eq!(with(server.folder(), &needles), []);
    // The search itself: it finds what is planted, in each form.
    std::fs::write(ada.path("planted"), needles[5].iter().map(|byte| format!("{byte:02x}")).collect::<String>())
        .unwrap();
    let mut found: Vec<_> = with(&ada.path(""), &needles).into_iter().map(|(_, needle)| needle).collect();
    found.sort_unstable();
    assert_eq!(found, [0, 1, 4, 5], "the content and the names of the two files, and the key that was planted");
}

#[test]
fn nothing_that_is_said_has_a_secret_in_it() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    let session = std::fs::read_to_string(ada.config().join("session.json")).unwrap();
    let session: serde_json::Value = serde_json::from_str(&session).unwrap();
    let opened_by = &session["opened_by"];
    let secrets = [PASSWORD, opened_by["token"].as_str().unwrap(), opened_by["locked"]["wrap"].as_str().unwrap()];
    ada.file("file", "content");
    for arguments in
        [&["put", "file"][..], &["ls", "-l"], &["whoami"], &["audit"], &["usage"], &["put", "file"], &["ls", "/x"]]
    {
        let done = ada.run(arguments);
        let said = format!("{}{}", String::from_utf8_lossy(&done.out), done.err);
        assert!(!said.is_empty());
        for secret in secrets {
            assert!(secret.len() > 20 && !said.contains(secret), "{arguments:?}");
        }
    }
}
