//! A device that stays signed in, with an honest platform and a lying one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use imegha_platform::client::{Kept, Locked, Platform};
use imegha_platform::{ErrorKind, ProblemCode};
use serde_json::{Value, json};

use crate::evil::EvilPlatform;
use crate::on_every_backend;
use crate::world::{PASSWORD, World};

on_every_backend! {
    what_was_kept_opens_the_account_again,
    it_ends_with_the_session,
    another_accounts_session_opens_nothing,
    what_is_locked_needs_the_password_and_the_session,
    a_platform_that_lies_opens_nothing,
}

async fn what_was_kept_opens_the_account_again(world: World) {
    let (client, alice) = world.signed_in("alice@example.com", "alice").await;
    let kept = Kept::parse(&alice.account.keep().to_bytes()).unwrap();
    assert_eq!((kept.account(), kept.email()), (alice.account.id, &alice.account.email));
    let again = client.resume(&kept, &alice.known).await.unwrap();
    assert_eq!(again.known, alice.known);
    assert_eq!(again.account.dek, alice.account.dek);
    assert_eq!(again.account.identity.fingerprint(), alice.account.identity.fingerprint());
    assert_eq!((again.account.email, again.account.tag), (alice.account.email, alice.account.tag));
}

async fn it_ends_with_the_session(world: World) {
    let (client, alice) = world.signed_in("alice@example.com", "alice").await;
    client.sign_out().await.unwrap();
    let error = client.resume(&alice.account.keep(), &alice.known).await.unwrap_err();
    assert_eq!(error.code(), Some(ProblemCode::SignedOut));
}

async fn another_accounts_session_opens_nothing(world: World) {
    let (_, alice) = world.signed_in("alice@example.com", "alice").await;
    let (mallory, of_mallory) = world.signed_in("mallory@example.com", "mallory").await;
    let error = mallory.resume(&alice.account.keep(), &alice.known).await.unwrap_err();
    assert_eq!(error.code(), Some(ProblemCode::SignedOut));
    // What the device knows must be of the account, too.
    let error = mallory.resume(&of_mallory.account.keep(), &alice.known).await.unwrap_err();
    assert_eq!(error.code(), Some(ProblemCode::SignedOut));
    mallory.resume(&of_mallory.account.keep(), &of_mallory.known).await.unwrap();
}

async fn what_is_locked_needs_the_password_and_the_session(world: World) {
    let (client, alice) = world.signed_in("alice@example.com", "alice").await;
    let (locked, token) = (alice.account.lock(PASSWORD, &alice.known).await.unwrap(), client.session_token().unwrap());
    let json = serde_json::to_string(&locked).unwrap();
    drop(client);
    let another_process = |json: &str| (world.client(), serde_json::from_str::<Locked>(json).unwrap());

    let (client, locked) = another_process(&json);
    assert_eq!((client.session_token(), locked.account()), (None, alice.account.id));
    for wrong in ["", "plum cactus governs tuesda", "Plum cactus governs tuesday"] {
        assert_eq!(locked.unlock(wrong).await.unwrap_err().kind(), ErrorKind::CannotOpen);
    }
    let kept = locked.unlock(PASSWORD).await.unwrap();
    assert_eq!(client.resume(&kept, &alice.known).await.unwrap_err().code(), Some(ProblemCode::SignedOut));
    client.take_session(token.clone());
    assert_eq!(client.resume(&kept, &alice.known).await.unwrap().account.dek, alice.account.dek);

    // Every field is bound: what was changed since does not open.
    let mut changed = serde_json::to_value(&locked).unwrap();
    for (field, value) in [
        ("dek_epoch", json!(2)),
        ("email", json!("alicia@example.com")),
        ("email", json!("")),
        ("account", json!("A".repeat(22))),
    ] {
        let whole = std::mem::replace(&mut changed[field], value);
        let (_, locked) = another_process(&changed.to_string());
        assert_eq!(locked.unlock(PASSWORD).await.unwrap_err().kind(), ErrorKind::CannotOpen, "{field}");
        changed[field] = whole;
    }
    let (_, locked) = another_process(&changed.to_string());
    locked.unlock(PASSWORD).await.unwrap();

    // Neither shows what it holds, and the session is over for all who had it.
    assert!(!format!("{locked:?}{client:?}").contains("alice@") && !format!("{client:?}").contains(token.as_str()));
    client.sign_out().await.unwrap();
    let late: Platform = world.client();
    late.take_session(token);
    assert_eq!(late.resume(&kept, &alice.known).await.unwrap_err().code(), Some(ProblemCode::SignedOut));
}

/// Turns red without the checks of `client/sign_in.rs` (`open_bundle`), which are those of signing in, and without the comparison of
/// epochs in `client/kept.rs` (`resume`).
async fn a_platform_that_lies_opens_nothing(world: World) {
    world.account("mallory@example.com", "mallory").await;
    world.client().sign_in("mallory@example.com", PASSWORD).await.unwrap();
    let mallorys = world.post("/sign-in", world.last_sent("sign-in")).await.json()["account"].take();
    world.account("alice@example.com", "alice").await;

    type Lie = fn(&mut Value, &Value);
    let lies: [(Lie, ErrorKind); 6] = [
        (|answer, other| answer["history"] = other["history"].clone(), ErrorKind::KeyChanged),
        (|answer, other| answer["identity"] = other["identity"].clone(), ErrorKind::KeyChanged),
        (|answer, other| answer["identity"]["wrapped"] = other["identity"]["wrapped"].clone(), ErrorKind::CannotOpen),
        (|answer, _| answer["tag"] = json!("mallory"), ErrorKind::KeyChanged),
        (|answer, _| answer["dek_epoch"] = json!(2), ErrorKind::KeyChanged),
        (
            |answer, other| {
                let account = answer["account"].clone();
                *answer = other.clone();
                answer["account"] = account;
            },
            ErrorKind::KeyChanged,
        ),
    ];
    for (lie, expected) in lies {
        let (lying, other) = (Arc::new(AtomicBool::new(false)), mallorys.clone());
        let evil = EvilPlatform::new(world.wire.clone(), {
            let lying = lying.clone();
            move |path, answer| {
                if path == "account" && lying.load(Ordering::Relaxed) {
                    lie(answer, &other);
                }
            }
        });
        let client = evil.client();
        let alice = client.sign_in("alice@example.com", PASSWORD).await.unwrap();
        let kept = alice.account.keep();
        client.resume(&kept, &alice.known).await.unwrap();
        lying.store(true, Ordering::Relaxed);
        assert_eq!(client.resume(&kept, &alice.known).await.unwrap_err().kind(), expected);
    }
}
