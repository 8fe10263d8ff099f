//! At a terminal, which `script` makes, and where there is none.

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::person::{Person, content};
use crate::server::{PASSWORD, Server};

/// Runs a line of the shell at a terminal, types `keys` once it asks for the password, and gives what the terminal has shown.
fn at_a_terminal(ada: &Person, line: &str, keys: &str) -> String {
    let mut command = Command::new("script");
    command.args(["--quiet", "--command", line, "/dev/null"]).current_dir(ada.path(""));
    command.env("IMEGHA_CONFIG", ada.config()).env("IMEGHA", env!("CARGO_BIN_EXE_imegha")).env("SHELL", "/bin/sh");
    command.env_remove("IMEGHA_PASSWORD").env_remove("IMEGHA_PASSWORD_FILE");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut shown = Vec::new();
    let mut byte = [0];
    while !shown.ends_with(b"Password: ") {
        assert_eq!(stdout.read(&mut byte).unwrap(), 1, "{}", String::from_utf8_lossy(&shown));
        shown.push(byte[0]);
    }
    // What is typed while the prompt is written the terminal would echo, as it would for `sudo`.
    std::thread::sleep(Duration::from_millis(200));
    stdin.write_all(keys.as_bytes()).unwrap();
    stdout.read_to_end(&mut shown).unwrap();
    child.wait().unwrap();
    String::from_utf8_lossy(&shown).into_owned()
}

#[test]
fn the_password_is_typed_unseen_and_progress_is_seen() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    ada.file("film\u{1b}.mp4", content(9 * 1024 * 1024));
    server.traffic.delay_ms.store(300, std::sync::atomic::Ordering::SeqCst);
    let line = "$IMEGHA put film*.mp4 --name film.mp4; echo ended $?";
    let shown = at_a_terminal(&ada, line, &format!("{PASSWORD}\n"));
    assert!(shown.contains("ended 0") && shown.contains("stored /film.mp4"), "{shown}");
    assert!(!shown.contains(PASSWORD), "{shown}");
    assert!(shown.contains("film.mp4 ") && shown.contains("/9.00 MiB"), "{shown}");
}

#[test]
fn ctrl_c_at_the_prompt_ends_it_and_typing_is_seen_again() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    let shown = at_a_terminal(&ada, "$IMEGHA ls; echo ended $?; stty -a", "half a passw\u{3}");
    assert!(shown.contains("ended 130"), "{shown}");
    assert!(shown.contains(" echo ") && !shown.contains("-echo "), "{shown}");
}

#[test]
fn where_there_is_no_terminal_it_says_what_to_do() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    // A session of its own has none.
    let mut alone = Command::new("setsid");
    alone.arg("--wait").arg(env!("CARGO_BIN_EXE_imegha")).arg("ls").env("IMEGHA_CONFIG", ada.config());
    alone.env_remove("IMEGHA_PASSWORD").env_remove("IMEGHA_PASSWORD_FILE").stdin(Stdio::null());
    let output = alone.output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{err}");
    assert!(err.contains("--password-stdin"), "{err}");
}
