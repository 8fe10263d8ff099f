//! How much is taken from one network and for one account.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, header};
use imegha_platform::ProblemCode;
use imegha_platform::api::{Limits, Rate};
use imegha_platform::client::SignUp;
use serde_json::json;

use crate::world::{Answer, NOW, PASSWORD, POLICY, World};

const WIDE: Rate = Rate { burst: 1000, per_hour: 1000 };
const NARROW: Rate = Rate { burst: 3, per_hour: 60 };

async fn prelogin(world: &World, from: &str, forwarded: Option<&str>, email: &str) -> Answer {
    let body = json!({"email": email}).to_string();
    let mut request = Request::post("/prelogin").header(header::CONTENT_TYPE, "application/json");
    if let Some(forwarded) = forwarded {
        request = request.header("x-forwarded-for", forwarded);
    }
    let mut request = request.body(Body::from(body)).unwrap();
    let from: SocketAddr = from.parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(from));
    world.wire.exchange(request).await
}

#[tokio::test]
async fn a_network_is_limited() {
    let world = World::memory_with(|options| {
        options.limits =
            Limits { network_sign_up: WIDE, network: NARROW, account: WIDE, mail: WIDE, ..Limits::default() };
    });
    for n in 0..3 {
        // A forged header buys nothing: it is not read unless proxies are configured.
        let forged = format!("10.0.{n}.1");
        let email = format!("p{n}@example.com");
        assert_eq!(prelogin(&world, &format!("192.0.2.{n}:1"), Some(&forged), &email).await.status, 200);
    }
    let answer = prelogin(&world, "192.0.2.77:1", Some("10.9.9.9"), "p9@example.com").await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (429, "too_many_tries"));
    let seconds: u64 = answer.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    let ms = answer.json()["retry_after_ms"].as_u64().unwrap();
    assert_eq!(ms.div_ceil(1000), seconds);
    assert_eq!(prelogin(&world, "192.0.3.1:1", None, "p9@example.com").await.status, 200, "another network");
}

#[tokio::test]
async fn behind_proxies_the_header_counts_from_its_end() {
    let world = World::memory_with(|options| {
        options.proxies = 1;
        options.limits =
            Limits { network_sign_up: WIDE, network: NARROW, account: WIDE, mail: WIDE, ..Limits::default() };
    });
    for n in 0..3 {
        let forwarded = format!("10.0.{n}.1, 203.0.113.5");
        assert_eq!(prelogin(&world, "127.0.0.1:1", Some(&forwarded), "a@example.com").await.status, 200);
    }
    let forged = "10.77.0.1, 203.0.113.9";
    assert_eq!(prelogin(&world, "127.0.0.1:1", Some(forged), "a@example.com").await.status, 429);
    assert_eq!(prelogin(&world, "127.0.0.1:1", Some("198.51.100.1"), "a@example.com").await.status, 200);
}

#[tokio::test]
async fn an_address_is_limited_whether_or_not_it_has_an_account() {
    let world = World::memory_with(|options| {
        options.limits =
            Limits { network_sign_up: WIDE, network: WIDE, account: NARROW, mail: WIDE, ..Limits::default() };
    });
    world.account("alice@example.com", "alice").await;
    for email in ["alice@example.com", "nobody@example.com"] {
        for n in 0..3 {
            assert_eq!(prelogin(&world, &format!("192.0.{n}.1:1"), None, email).await.status, 200);
        }
        assert_eq!(prelogin(&world, "192.0.9.1:1", None, email).await.status, 429);
    }
}

#[tokio::test]
async fn mails_to_one_address_are_limited() {
    let world = World::memory_with(|options| {
        options.limits =
            Limits { network_sign_up: WIDE, network: WIDE, account: WIDE, mail: NARROW, ..Limits::default() };
    });
    for n in 0..3 {
        world.sign_up("alice@example.com", &format!("alice{n}")).await;
    }
    let again = SignUp::prepare("alice@example.com", "alice3", PASSWORD, NOW).await.unwrap();
    let error = world.client().sign_up(&again, true, POLICY).await.unwrap_err();
    assert_eq!(error.code(), Some(ProblemCode::TooManyTries));
    assert!(error.retry_after_ms().unwrap() > 0);
    world.sign_up("bob@example.com", "bob").await;
}
