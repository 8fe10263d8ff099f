//! The table of exit codes, a row at a time.

use crate::person::Person;
use crate::server::Server;

#[test]
fn every_exit_code_is_the_readmes() {
    let mut server = Server::start();
    let ada = Person::signed_in(&server);
    ada.file("file", "content");
    for (arguments, code) in [
        (&["put", "file"][..], 0),
        (&["put", "file"], 4),
        (&["put", "nowhere"], 3),
        (&["put", "file", "--name", "a/b"], 1),
        (&["put", "file", "--name", ".."], 1),
        (&["put", "file", "--name", "\u{1b}"], 1),
        (&["put", "file", "file", "--name", "one"], 2),
        (&["put", "/dev/null"], 1),
        (&["put"], 2),
        (&["dance"], 2),
        (&["--help"], 0),
        (&["--version"], 0),
        (&["ls", "/nowhere"], 3),
        (&["ls", "/../etc"], 2),
        (&["get", "/nowhere"], 3),
        (&["get", "/file"], 4),
        (&["get", "/file", "no/such/folder/file"], 1),
        (&["get", "/"], 2),
        (&["cat", "/"], 3),
        (&["rm", "/nowhere"], 3),
        (&["mkdir", "/file"], 4),
        (&["mkdir", "/"], 4),
        (&["import", "file"], 2),
        (&["export", "."], 4),
    ] {
        let done = ada.run(arguments);
        assert_eq!(done.code, code, "{arguments:?}: {}", done.err);
        let mine = done.err.lines().filter(|line| line.starts_with("imegha: ")).count();
        assert!(code == 0 || code == 2 || mine == 1, "one line that says what: {}", done.err);
    }
    let err = ada.run(&["login", "--server", "http://example.com", "--email", "ada@example.com"]).failed(2);
    assert!(err.contains("https"), "{err}");

    server.stop();
    for arguments in
        [&["ls"][..], &["put", "file"], &["login", "--server", server.origin.as_str(), "--email", "a@b.example"]]
    {
        let err = ada.run(arguments).failed(6);
        assert!(err.contains("is the server up?"), "{err}");
    }
    // The session of this device is ended even so.
    assert!(ada.run(&["logout"]).failed(6).contains("signed out on this device"));
    ada.run(&["whoami"]).failed(1);
}

#[test]
fn a_reader_that_has_enough_is_told_in_one_line() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    ada.file("file", vec![7; 5_000_000]);
    ada.run(&["put", "file"]).ok();
    let mut child = ada.command(&["cat", "/file"]).spawn().unwrap();
    drop(child.stdout.take());
    let done = crate::person::Done::of(child);
    assert_eq!((done.code, done.err.lines().count()), (1, 1), "{}", done.err);
}

#[test]
fn ctrl_c_is_heard_while_nobody_reads() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    ada.file("file", vec![7; 5_000_000]);
    ada.run(&["put", "file"]).ok();
    let mut child = ada.command(&["cat", "/file"]).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    // It has begun to write, and the pipe is soon full.
    std::io::Read::read_exact(&mut stdout, &mut [0; 1_000]).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let done = crate::person::Done::of(child);
    assert_eq!(done.code, 130, "{}", done.err);
}
