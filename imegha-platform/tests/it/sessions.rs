//! Sessions: bearers and cookies.

use axum::http::{Method, header};
use imegha_platform::ProblemCode;
use imegha_platform::protocol::WireBytes as _;
use serde_json::{Value, json};
use url::Url;

use crate::on_every_backend;
use crate::world::{Answer, DAY, World};

const OURS: (&str, &str) = ("origin", "http://127.0.0.1:3000");
const THEIRS: (&str, &str) = ("origin", "https://evil.example");

on_every_backend! {
    signed_out_is_signed_out,
    sessions_are_listed_and_revoked,
    sessions_end,
    the_web_has_a_cookie,
    a_page_gets_no_bearer,
}

async fn signed_out_is_signed_out(world: World) {
    let (client, alice) = world.signed_in("alice@example.com", "alice").await;
    let token = world.post("/sign-in", world.last_sent("sign-in")).await.json()["token"].take();
    let bearer = format!("Bearer {}", token.as_str().unwrap());
    let stolen = [("authorization", bearer.as_str())];
    assert_eq!(world.call(Method::GET, "/account", &stolen, None).await.status, 200);
    assert_eq!(world.call(Method::POST, "/sign-out", &stolen, None).await.status, 204);
    // At the platform, not only in the client.
    assert_eq!(world.call(Method::GET, "/account", &stolen, None).await.code(), "signed_out");
    assert_eq!(client.gateway(&alice.account).await.unwrap(), None, "another session goes on");
    client.sign_out().await.unwrap();
    let error = client.gateway(&alice.account).await.unwrap_err();
    assert_eq!(error.code(), Some(ProblemCode::SignedOut));
    for value in ["Bearer ", "Bearer AAAA", "Basic QTpC", "bearer", ""] {
        let answer = world.call(Method::GET, "/account", &[("authorization", value)], None).await;
        assert_eq!(answer.code(), "signed_out", "{value:?}");
    }
}

async fn sessions_are_listed_and_revoked(world: World) {
    let sign_up = world.account("alice@example.com", "alice").await;
    let (bob, _) = world.signed_in("bob@example.com", "bob").await;
    let (one, two) = (world.client(), world.client());
    one.sign_in_first(&sign_up).await.unwrap();
    world.clock.advance(1000);
    two.sign_in_first(&sign_up).await.unwrap();
    let sessions = one.sessions().await.unwrap();
    assert_eq!(sessions.iter().map(|session| session.current).collect::<Vec<_>>(), [false, true]);
    assert_eq!(sessions[0].created_ms, sessions[1].created_ms + 1000);
    let error = bob.revoke_session(&sessions[0].id).await.unwrap_err();
    assert_eq!(error.code(), Some(ProblemCode::NotFound), "not another person's");
    one.revoke_session(&sessions[0].id).await.unwrap();
    assert_eq!(two.sessions().await.unwrap_err().code(), Some(ProblemCode::SignedOut));
    assert_eq!(one.sessions().await.unwrap().len(), 1);
    // The id is the hash of the token: it opens nothing.
    let bearer = format!("Bearer {}", hex::encode(sessions[1].id.wire()));
    assert_eq!(world.call(Method::GET, "/account", &[("authorization", &bearer)], None).await.code(), "signed_out");
}

async fn sessions_end(world: World) {
    let (client, alice) = world.signed_in("alice@example.com", "alice").await;
    world.clock.advance(30 * DAY - 1);
    client.gateway(&alice.account).await.unwrap();
    world.clock.advance(1);
    assert_eq!(client.sessions().await.unwrap_err().code(), Some(ProblemCode::SignedOut));
    let before = world.store.dump().await.len();
    world.server.sweep().await.unwrap();
    // The session, its place with the account, its due; the code's record and its due.
    assert_eq!(world.store.dump().await.len(), before - 5);
}

fn cookie(answer: &Answer) -> String {
    answer.headers[header::SET_COOKIE].to_str().unwrap().to_owned()
}

fn for_the_web(mut request: Value) -> Value {
    request["session"] = json!("cookie");
    request
}

async fn the_web_has_a_cookie(world: World) {
    world.signed_in("alice@example.com", "alice").await;
    let request = for_the_web(world.last_sent("sign-in"));
    let sign_in = |headers: Vec<(&'static str, &'static str)>| {
        let request = request.clone();
        let world = &world;
        async move { world.call(Method::POST, "/sign-in", &headers, Some(request)).await }
    };
    assert_eq!(sign_in(vec![]).await.code(), "origin_refused");
    assert_eq!(sign_in(vec![THEIRS]).await.code(), "origin_refused");
    let answer = sign_in(vec![OURS]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json().get("token"), None, "no script sees it");
    let set = cookie(&answer);
    let (pair, attributes) = set.split_once("; ").unwrap();
    assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000");
    assert!(pair.starts_with("imegha=") && pair.len() == "imegha=".len() + 43, "256 bits");

    let with = |origin: Option<(&'static str, &'static str)>| {
        let mut headers = vec![("cookie", pair)];
        headers.extend(origin);
        headers
    };
    assert_eq!(world.call(Method::GET, "/account", &with(None), None).await.status, 200);
    assert_eq!(world.call(Method::GET, "/account", &with(Some(THEIRS)), None).await.code(), "origin_refused");
    for origin in [None, Some(THEIRS), Some(("origin", "null")), Some(("origin", "http://127.0.0.1:3000.evil.example"))]
    {
        let answer = world.call(Method::POST, "/sign-out", &with(origin), None).await;
        assert_eq!(answer.code(), "origin_refused", "{origin:?}");
    }
    let answer = world.call(Method::POST, "/sign-out", &with(Some(OURS)), None).await;
    assert_eq!(answer.status, 204);
    assert!(cookie(&answer).starts_with("imegha=; ") && cookie(&answer).ends_with("Max-Age=0"));
    assert_eq!(world.call(Method::GET, "/account", &with(None), None).await.code(), "signed_out");
}

async fn a_page_gets_no_bearer(world: World) {
    world.signed_in("alice@example.com", "alice").await;
    let request = world.last_sent("sign-in");
    for origin in [OURS, THEIRS] {
        let answer = world.call(Method::POST, "/sign-in", &[origin], Some(request.clone())).await;
        assert_eq!(answer.code(), "origin_refused");
    }
    assert_eq!(world.post("/sign-in", request).await.status, 200);
}

#[tokio::test]
async fn behind_tls_the_cookie_is_the_hosts_own() {
    let world = World::memory_with(|options| options.origin = Url::parse("https://imegha.example").unwrap());
    world.signed_in("alice@example.com", "alice").await;
    let request = for_the_web(world.last_sent("sign-in"));
    let ours = [("origin", "https://imegha.example")];
    let answer = world.call(Method::POST, "/sign-in", &ours, Some(request)).await;
    let set = cookie(&answer);
    let (pair, attributes) = set.split_once("; ").unwrap();
    assert!(pair.starts_with("__Host-imegha="));
    assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=2592000");
    assert_eq!(world.call(Method::GET, "/account", &[("cookie", pair)], None).await.status, 200);
    let plain = pair.replace("__Host-imegha", "imegha");
    assert_eq!(world.call(Method::GET, "/account", &[("cookie", &plain)], None).await.code(), "signed_out");
}
