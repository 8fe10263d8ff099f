//! Signing in and out.

use std::os::unix::fs::PermissionsExt as _;

use crate::person::Person;
use crate::server::{EMAIL, PASSWORD, Server};

#[test]
fn a_session_lasts_from_command_to_command_until_it_is_ended() {
    let server = Server::start();
    let ada = Person::new(&server);
    assert!(ada.run(&["ls"]).failed(1).contains("imegha login"));
    assert!(ada.run(&["whoami"]).failed(1).contains("imegha login"));
    assert_eq!(ada.login(PASSWORD).ok(), format!("signed in as {EMAIL}\n"));
    let who = &ada.run(&["whoami", "--json"]).json()[0];
    assert_eq!((&who["email"], &who["server"]), (&EMAIL.into(), &server.origin.as_str().into()));
    ada.run(&["ls"]).ok();

    // What was there while it lasted is of no use afterwards.
    let session = ada.config().join("session.json");
    let before = std::fs::read(&session).unwrap();
    ada.run(&["logout"]).ok();
    ada.run(&["ls"]).failed(1);
    ada.run(&["logout"]).failed(1);
    let after = std::fs::read_to_string(&session).unwrap();
    assert!(!after.contains("wrap") && !after.contains("token"), "{after}");
    std::fs::write(&session, before).unwrap();
    assert!(ada.run(&["ls"]).failed(1).contains("imegha login"));
    ada.login(PASSWORD).ok();
    ada.run(&["ls"]).ok();
}

#[test]
fn the_password_is_asked_for_where_it_is_not_given() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    let without = |arguments: &[&str]| {
        let mut command = ada.command(arguments);
        command.env_remove("IMEGHA_PASSWORD");
        command
    };
    let file = ada.file("password", format!("{PASSWORD}\r\n"));
    let mut command = without(&["ls"]);
    command.env("IMEGHA_PASSWORD_FILE", &file);
    assert_eq!(command.status().unwrap().code(), Some(0));
    command.env("IMEGHA_PASSWORD_FILE", ada.path("nowhere"));
    assert_eq!(command.status().unwrap().code(), Some(3));
    let line = format!("{PASSWORD}\n");
    ada.run_with(&["ls", "--password-stdin"], line.as_bytes()).ok();
    ada.run_with(&["ls", "--password-stdin"], b"").failed(5);
}

#[test]
fn a_wrong_password_opens_nothing_and_is_not_sent() {
    let server = Server::start();
    let ada = Person::new(&server);
    let err = ada.login("quartz meadow sings once").failed(5);
    assert!(!err.contains("quartz"), "{err}");
    assert!(!ada.config().join("session.json").exists());
    ada.login(PASSWORD).ok();
    for wrong in ["", "x", "quartz meadow sings twice "] {
        ada.run_with(&["--password-stdin", "ls"], format!("{wrong}\n").as_bytes()).failed(5);
    }
    ada.run(&["ls"]).ok();
}

#[test]
fn the_file_of_the_session_is_its_owners_alone() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    let session = ada.config().join("session.json");
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&session), mode(&ada.config())), (0o600, 0o700));
    std::fs::set_permissions(&session, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert!(ada.run(&["ls"]).failed(1).contains("others can read"));
    std::fs::set_permissions(&session, std::fs::Permissions::from_mode(0o600)).unwrap();
    ada.run(&["ls"]).ok();

    let whole = std::fs::read(&session).unwrap();
    std::fs::write(&session, &whole[..whole.len() / 2]).unwrap();
    assert!(ada.run(&["ls"]).failed(5).contains("damaged"));
}

/// Turns red when what the device knows is not handed to `resume`, or not kept through a sign-out.
#[test]
fn what_the_device_knows_outlasts_the_session() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    ada.run(&["logout"]).ok();
    let session = ada.config().join("session.json");
    let text = std::fs::read_to_string(&session).unwrap();
    let mut json: serde_json::Value = serde_json::from_str(&text).unwrap();
    // As if it had seen another account's keys under this address.
    json["known"]["head"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into();
    std::fs::write(&session, json.to_string()).unwrap();
    assert!(ada.login(PASSWORD).failed(5).contains("do not trust"));
}
