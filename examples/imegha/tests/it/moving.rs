//! The account's cloud in another place: connected, moved, lost on the way.

use imegha_crypto::Identity;

use crate::person::{Person, content, sha256};
use crate::server::Server;

#[test]
fn a_cloud_moves_and_the_account_goes_with_it() {
    let server = Server::start();
    let person = Person::signed_in(&server);
    let film = person.file("film.bin", content(9_000_000));
    person.run(&["put", "film.bin", "--to", "/Films"]).ok();
    let gateway = server.gateway("new").to_string();

    // There is nothing there yet: nobody comes to a second cloud by connecting.
    let refused = person.run(&["connect-cloud", &gateway]).failed(3);
    assert!(refused.contains(&format!("imegha migrate --to {gateway}")), "{refused}");
    let said = person.run(&["migrate", "--to", &gateway]).ok();
    assert!(said.contains("1 object with") && said.contains(&gateway), "{said}");
    person.run(&["get", "/Films/film.bin", "back.bin"]).ok();
    assert_eq!(sha256(&film), sha256(&person.path("back.bin")));
    person.run(&["mkdir", "/New"]).ok();
    assert!(person.run(&["verify", "--deep"]).ok().contains("1 object"));
    assert!(person.run(&["migrate", "--to", &gateway]).failed(2).contains("there already"));
    let nowhere = server.gateway("nowhere").to_string();
    assert!(person.run(&["connect-cloud", &nowhere]).failed(3).contains("not there"));
    // Another device finds it where it is now.
    let other = Person::signed_in(&server);
    assert_eq!(other.run(&["ls"]).ok(), "Films/\nNew/\n");
    // Taking it again changes nothing.
    assert!(person.run(&["connect-cloud", &gateway]).ok().contains("the cloud is at"));
}

#[test]
fn a_gateway_is_this_accounts_or_it_is_refused() {
    let server = Server::start();
    let person = Person::signed_in(&server);
    let anothers = server.gateway_of("anothers", Identity::generate().unwrap().public().clone()).to_string();
    for command in [&["connect-cloud", &anothers][..], &["migrate", "--to", &anothers]] {
        let refused = person.run(command).failed(6);
        assert!(refused.contains("this gateway is not this owner's"), "{refused}");
    }
    let refused = person.run(&["connect-cloud", "http://cloud.example"]).failed(1);
    assert!(refused.contains("https, or on this machine"), "{refused}");
    let not_one = person.run(&["connect-cloud", server.origin.as_str()]);
    assert!([3, 1, 6].contains(&not_one.code) && !not_one.err.is_empty(), "{not_one:?}");
    person.run(&["mkdir", "/still here"]).ok();
}

#[test]
fn what_was_moving_to_a_place_that_is_lost_is_taken_back() {
    let server = Server::start();
    let person = Person::signed_in(&server);
    person.run(&["mkdir", "/Photos"]).ok();
    let said = person.run(&["migrate", "--to-folder", "copy"]).ok();
    assert!(said.contains("imegha-gateway") && said.contains("connect-cloud"), "{said}");
    // This device has seen it arrive, and takes the old place for what it is: an older state.
    assert!(person.run(&["mkdir", "/late"]).failed(5).contains("older state"));
    let other = Person::signed_in(&server);
    let refused = other.run(&["mkdir", "/late"]).failed(4);
    assert!(refused.contains("moved"), "{refused}");
    // Reading goes on, and again into the same folder is no second move.
    assert_eq!(other.run(&["ls"]).ok(), "Photos/\n");
    assert!(other.run(&["migrate", "--to-folder", "elsewhere"]).failed(4).contains("another place"));
    let copy = person.path("copy");
    std::fs::remove_dir_all(&copy).unwrap();
    other.run(&["migrate", "--take-back"]).ok();
    other.run(&["mkdir", "/late"]).ok();
    for wrong in [&["migrate"][..], &["migrate", "--to-bucket", "b"], &["migrate", "--to-folder", "a", "--take-back"]] {
        person.run(wrong).failed(2);
    }
}
