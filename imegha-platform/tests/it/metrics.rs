//! What is counted, and that nothing of an account is in it.

use std::collections::BTreeSet;

use axum::http::{Method, header};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use imegha_platform::client::Recovery;
use serde_json::json;

use crate::description::operations;
use crate::world::{PASSWORD, World};

#[tokio::test]
async fn requests_are_counted_by_route_and_nothing_of_an_account_is_in_it() {
    let world = World::memory();
    let (alice, signed_in) = world.signed_in("alice.of.the.metrics@example.com", "alice_metrics").await;
    world.signed_in("bob.of.the.metrics@example.com", "bob_metrics").await;
    let bob = alice.look_up(&imegha_platform::Tag::parse("bob_metrics").unwrap()).await.unwrap();
    alice.sign_in("alice.of.the.metrics@example.com", "not that password").await.unwrap_err();
    alice.sign_in("nobody.of.the.metrics@example.com", PASSWORD).await.unwrap_err();
    _ = alice.begin_recovery("alice.of.the.metrics@example.com").await.map(|_: Recovery| ());
    let token = world.post("/sign-in", world.last_sent("sign-in")).await;
    assert_eq!(token.status, 401);
    let account = signed_in.account.id;
    let other = format!("/connections/{account}");
    world.call(Method::GET, &other, &[(header::AUTHORIZATION.as_str(), "Bearer a-token-of-the-metrics")], None).await;
    world.call(Method::from_bytes(b"INVENTED-METRICS").unwrap(), "/config", &[], None).await;
    world.call(Method::GET, "/a/path/of/the/metrics", &[], Some(json!({}))).await;

    let text = world.server.metrics();
    for line in [
        r#"imegha_platform_requests_seconds_count{method="POST",route="/sign-up",status="202"} 2"#,
        r#"imegha_platform_requests_seconds_count{method="GET",route="/people/{tag}",status="200"} 1"#,
        r#"imegha_platform_requests_seconds_count{method="POST",route="/sign-in",status="401"} 3"#,
        r#"imegha_platform_requests_seconds_count{method="GET",route="/connections/{account}",status="401"} 1"#,
        r#"imegha_platform_requests_seconds_count{method="other",route="/config",status="405"} 1"#,
        r#"imegha_platform_requests_seconds_count{method="GET",route="other",status="404"} 1"#,
    ] {
        assert!(text.lines().any(|there| there == line), "{line} in {text}");
    }
    let ids = [account, bob.account()].map(|id| [id.to_string(), Base64UrlUnpadded::encode_string(id.as_bytes())]);
    let sessions: Vec<_> = alice.sessions().await.unwrap().into_iter().map(|session| session.id.to_string()).collect();
    assert_eq!(sessions.len(), 1);
    for secret in ids.as_flattened().iter().chain(&sessions).map(String::as_str).chain([
        "metrics",
        "@",
        "example.com",
        "127.0.0.1",
    ]) {
        assert!(!text.contains(secret), "{secret} in {text}");
    }

    // Whatever clients ask for, labels are of the table.
    let routes: BTreeSet<_> = operations().into_iter().map(|(_, path, _)| path).chain(["other"]).collect();
    let counted: BTreeSet<_> = text.split("route=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(counted.len() > 8 && counted.is_subset(&routes), "{counted:?}");
}
