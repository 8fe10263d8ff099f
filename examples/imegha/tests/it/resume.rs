//! An upload that Ctrl-C ends goes on.

use std::process::Command;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::person::{Done, Person, content, sha256};
use crate::server::Server;

/// Of a file of 8 parts: what was sent before Ctrl-C is not sent again.
#[test]
fn an_interrupted_put_goes_on_where_it_stood() {
    for (if_exists, stored_as) in [("fail", "video.mp4"), ("replace", "video.mp4"), ("keep-both", "video (2).mp4")] {
        goes_on(if_exists, stored_as);
    }
}

fn goes_on(if_exists: &str, stored_as: &str) {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    if if_exists != "fail" {
        ada.file("video.mp4", "what was there before");
        ada.run(&["put", "video.mp4", "--to", "/Videos"]).ok();
    }
    let listed = |ada: &Person| ada.run(&["ls", "--json", "/Videos"]).json();
    let source = ada.file("video.mp4", content(60 * 1024 * 1024));
    let put = ["put", "video.mp4", "--to", "/videos", "--if-exists", if_exists];
    let parts = || server.traffic.parts.load(Ordering::SeqCst);
    server.traffic.delay_ms.store(400, Ordering::SeqCst);

    let child = ada.command(&put).spawn().unwrap();
    let begun = Instant::now();
    while parts() < 4 {
        assert!(begun.elapsed() < Duration::from_secs(120), "no part was sent");
        std::thread::sleep(Duration::from_millis(20));
    }
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let done = Done::of(child);
    assert_eq!(done.code, 130, "{}", done.err);
    assert!(done.err.contains("goes on"), "{}", done.err);
    let before = parts();
    assert!(before < 8, "{before} parts were sent: there is nothing left to go on with");
    let sizes: Vec<_> = listed(&ada).iter().map(|entry| entry["size"].as_u64().unwrap()).collect();
    assert_eq!(sizes, if if_exists == "fail" { vec![] } else { vec![21] }, "nothing of it is visible yet");

    server.traffic.delay_ms.store(0, Ordering::SeqCst);
    assert!(ada.run(&put).ok().to_lowercase().starts_with(&format!("stored /videos/{stored_as}\n")));
    // Two were in flight when it ended: they may have arrived unheard.
    let all = parts();
    assert!((8..=10).contains(&all), "{if_exists}: {before} parts, and then {} of 8", all - before);
    ada.run(&["get", &format!("/Videos/{stored_as}"), "again.mp4"]).ok();
    assert_eq!(sha256(&ada.path("again.mp4")), sha256(&source));
    let left = std::fs::read_dir(ada.config().join("device")).unwrap();
    let journals = left.filter(|file| file.as_ref().unwrap().path().extension().is_some_and(|it| it == "journal"));
    assert_eq!(journals.count(), 0, "the journal is gone");
}

#[test]
fn a_source_that_changed_is_stored_as_it_is_now() {
    let server = Server::start();
    let ada = Person::signed_in(&server);
    let mut bytes = content(40 * 1024 * 1024);
    ada.file("video.mp4", &bytes);
    server.traffic.delay_ms.store(400, Ordering::SeqCst);
    let child = ada.command(&["put", "video.mp4"]).spawn().unwrap();
    while server.traffic.parts.load(Ordering::SeqCst) < 3 {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(Done::of(child).code, 130);

    server.traffic.delay_ms.store(0, Ordering::SeqCst);
    bytes[1_000] ^= 1;
    let source = ada.file("video.mp4", &bytes);
    ada.run(&["put", "video.mp4"]).ok();
    ada.run(&["get", "/video.mp4", "again.mp4"]).ok();
    assert_eq!(sha256(&ada.path("again.mp4")), sha256(&source));
}
