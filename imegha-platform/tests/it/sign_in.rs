//! Signing in, and what an address without an account is answered.

use axum::http::Method;
use imegha_crypto::Id;
use imegha_platform::client::GatewayAddress;
use imegha_platform::{ErrorKind, ProblemCode};
use serde_json::json;
use url::Url;

use crate::on_every_backend;
use crate::world::{DAY, MINUTE, PASSWORD, World};

on_every_backend! {
    a_wrong_password_is_an_unknown_address,
    prelogin_is_alike_for_all,
    failures_lock_an_address,
    lock_outs_are_forgotten,
    the_gateway_is_where_it_was_left,
    a_hosted_cloud_is_the_owners,
    a_wrap_comes_with_its_own_auth_only,
}

async fn a_wrong_password_is_an_unknown_address(world: World) {
    world.account("alice@example.com", "alice").await;
    let auth_string = format!("iM1!{}", "A".repeat(43));
    let mut answers = Vec::new();
    for email in ["alice@example.com", "nobody@example.com"] {
        let request = json!({"email": email, "auth_string": auth_string, "session": "bearer"});
        answers.push(world.post("/sign-in", request).await);
        let error = world.client().sign_in(email, "not the password").await.unwrap_err();
        assert_eq!(error.code(), Some(ProblemCode::WrongPassword));
    }
    assert_eq!(answers[0].code(), "wrong_password");
    assert_eq!(answers[0], answers[1]);
    world.client().sign_in("alice@example.com", PASSWORD).await.unwrap();
}

async fn prelogin_is_alike_for_all(world: World) {
    world.account("alice@example.com", "alice").await;
    world.sign_up("unconfirmed@example.com", "unconfirmed").await;
    let mut salts = Vec::new();
    let mut answers = Vec::new();
    for email in ["alice@example.com", "nobody@example.com", "unconfirmed@example.com", "elsewho@example.com"] {
        let answer = world.post("/prelogin", json!({"email": email})).await;
        let again = world.post("/prelogin", json!({"email": email})).await;
        assert_eq!(answer, again, "stable");
        let mut body = answer.json();
        salts.push(body["kdf"][0]["salt"].take());
        answers.push((answer.status, answer.headers.clone(), answer.body.len(), body));
    }
    assert_eq!(answers[0].3, json!({"kdf": [{"kdf_id": 1, "iterations": 100_000, "salt": null}]}));
    for other in &answers[1..] {
        assert_eq!(&answers[0], other);
    }
    salts.sort_by_key(ToString::to_string);
    salts.dedup();
    assert_eq!(salts.len(), 4, "each address has its own");
}

async fn failures_lock_an_address(world: World) {
    world.account("alice@example.com", "alice").await;
    let mut traces = Vec::new();
    for email in ["alice@example.com", "nobody@example.com"] {
        let mut trace = Vec::new();
        for _ in 0..7 {
            let error = world.client().sign_in(email, "not the password").await.unwrap_err();
            trace.push((error.code(), error.retry_after_ms()));
            if error.code() == Some(ProblemCode::TooManyTries) {
                world.clock.advance(error.retry_after_ms().unwrap());
            }
        }
        traces.push(trace);
    }
    let (wrong, wait) = (Some(ProblemCode::WrongPassword), Some(ProblemCode::TooManyTries));
    let expected = [(wrong, None); 5].into_iter().chain([(wait, Some(1000)), (wrong, None)]);
    assert_eq!(traces[0], expected.collect::<Vec<_>>());
    assert_eq!(traces[0], traces[1], "a lock-out does not tell who has an account");

    // Locked now for 2 s: the right password is not heard either.
    let error = world.client().sign_in("alice@example.com", PASSWORD).await.unwrap_err();
    assert_eq!(error.code(), Some(ProblemCode::TooManyTries));
    world.clock.advance(2 * MINUTE);
    world.client().sign_in("alice@example.com", PASSWORD).await.unwrap();
    // The right one ends the count.
    for _ in 0..4 {
        let error = world.client().sign_in("alice@example.com", "not the password").await.unwrap_err();
        assert_eq!(error.code(), wrong);
    }
    world.client().sign_in("alice@example.com", PASSWORD).await.unwrap();
}

async fn lock_outs_are_forgotten(world: World) {
    for _ in 0..3 {
        world.client().sign_in("nobody@example.com", "not the password").await.unwrap_err();
    }
    assert!(!world.store.dump().await.is_empty());
    world.clock.advance(DAY);
    world.server.sweep().await.unwrap();
    assert!(world.store.dump().await.is_empty());
}

async fn the_gateway_is_where_it_was_left(world: World) {
    let (client, alice) = world.signed_in("alice@example.com", "alice").await;
    assert_eq!(alice.account.gateway, None);
    let address = |n: u8| GatewayAddress {
        url: Url::parse(&format!("https://cloud{n}.example/g")).unwrap(),
        cloud: Id::from_bytes([n; 16]),
    };
    client.set_gateway(&alice.account, None, address(1)).await.unwrap();
    client.set_gateway(&alice.account, Some(&address(1)), address(2)).await.unwrap();
    assert_eq!(client.gateway(&alice.account).await.unwrap(), Some(address(2)));
    let again = world.client().sign_in("alice@example.com", PASSWORD).await.unwrap();
    assert_eq!(again.account.gateway, Some(address(2)));
    // Whoever knows of none, or of one that was, does not replace the one that is; its answer lost, it may be set again.
    for expected in [None, Some(&address(1)), Some(&address(3))] {
        let error = client.set_gateway(&alice.account, expected, address(3)).await.unwrap_err();
        assert_eq!(error.code(), Some(ProblemCode::Conflict));
        client.set_gateway(&alice.account, expected, address(2)).await.unwrap();
    }
    let moved = GatewayAddress { cloud: Id::from_bytes([9; 16]), ..address(2) };
    let error = client.set_gateway(&alice.account, Some(&moved), address(3)).await.unwrap_err();
    assert_eq!(error.code(), Some(ProblemCode::Conflict), "the same address with another cloud");
    assert_eq!(client.gateway(&alice.account).await.unwrap(), Some(address(2)));
    // Two devices at once: one is told.
    let two = address(2);
    let (one, two) = tokio::join!(
        client.set_gateway(&alice.account, Some(&two), address(3)),
        client.set_gateway(&alice.account, Some(&two), address(4))
    );
    let conflicts = [&one, &two].iter().filter(|done| done.is_err()).count();
    for lost in [one, two].into_iter().filter_map(Result::err) {
        assert_eq!(lost.code(), Some(ProblemCode::Conflict));
    }
    let now = client.gateway(&alice.account).await.unwrap().unwrap();
    assert!(conflicts <= 1 && (now == address(3) || now == address(4)));
}

async fn a_hosted_cloud_is_the_owners(world: World) {
    let (client, alice) = world.signed_in("alice@example.com", "alice").await;
    let cloud = client.host_cloud().await.unwrap();
    let expected =
        format!("https://clouds.example/{}/{}", alice.account.id, alice.account.history.first().fingerprint());
    assert_eq!(cloud.url.as_str(), expected);
    let error = world.client().host_cloud().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused(ProblemCode::SignedOut));
}

async fn a_wrap_comes_with_its_own_auth_only(world: World) {
    let (client, alice) = world.signed_in("alice@example.com", "alice").await;
    let token = world.post("/sign-in", world.last_sent("sign-in")).await.json()["token"].take();
    let bearer = format!("Bearer {}", token.as_str().unwrap());
    let headers = [("authorization", bearer.as_str())];
    let bundle = world.call(Method::GET, "/account", &headers, None).await;
    assert_eq!(bundle.status, 200);
    let wrap = world.post("/sign-in", world.last_sent("sign-in")).await.json()["wrap"]["wrap"].take();
    let text = String::from_utf8(bundle.body).unwrap();
    assert!(!text.contains(wrap.as_str().unwrap()), "a session alone does not get the wrap");
    assert!(text.contains(alice.account.tag.as_str()));
    client.sign_out().await.unwrap();
}
