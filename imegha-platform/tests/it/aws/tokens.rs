//! Tokens are held against the keys of the pool: what another signs, or is for somebody else, signs nobody in.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;
use axum::routing::get;
use imegha_cloud::clock::ManualClock;
use imegha_crypto::{Email, Id};
use imegha_platform::identity::{CognitoConfig, CognitoIdentity, IdentityProvider as _};
use imegha_platform::{ErrorKind, ProblemCode, ServerSecret};
use url::Url;

use super::cognito::{auth, confirmed, in_the_pool, new_email};
use super::peers::peers;
use crate::world::NOW;

/// Somebody who signs in with the right password, and a pool whose keys are elsewhere.
async fn sign_in_with(change: impl AsyncFnOnce(CognitoConfig) -> CognitoConfig) -> imegha_platform::Result<()> {
    let (peers, email) = (peers().await, new_email());
    let account = confirmed(&in_the_pool().await, &email).await;
    let identity = identity(change(peers.pool.config()).await).await;
    identity.check_auth(&email, Some(&account), &auth('a')).await
}

async fn identity(config: CognitoConfig) -> CognitoIdentity {
    let clock = Arc::new(ManualClock::new(NOW));
    let records = peers().await.records().await;
    CognitoIdentity::open(config, records, clock, ServerSecret::from_bytes([42; 32])).await.unwrap()
}

/// A server whose answer to a GET is what `answer` says of its number.
async fn server(
    answer: impl Fn(usize) -> (StatusCode, String) + Clone + Send + Sync + 'static,
) -> (Url, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let handler = move || {
        let (status, body) = answer(count.fetch_add(1, Ordering::SeqCst));
        async move { (status, [(header::CONTENT_TYPE, "application/json")], body).into_response() }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/keys", listener.local_addr().unwrap()).parse().unwrap();
    let router = Router::new().route("/keys", get(handler));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, asked)
}

async fn keys_of_the_pool() -> String {
    let peers = peers().await;
    let address = peers.cognito.join(&format!("/{}/.well-known/jwks.json", peers.pool.id)).unwrap();
    reqwest::get(address).await.unwrap().text().await.unwrap()
}

/// An RSA key that signs nothing: the modulus is that of another pool's key.
fn keys_of_another(id: &str) -> String {
    let modulus = "u".repeat(342);
    format!(r#"{{"keys":[{{"kty":"RSA","alg":"RS256","use":"sig","kid":"{id}","n":"{modulus}","e":"AQAB"}}]}}"#)
}

#[tokio::test]
async fn only_the_pools_own_signature_signs_in() {
    sign_in_with(async |config| config).await.unwrap();
    // Another key under the name of the pool's: each of them is replaced.
    let keys = keys_of_the_pool().await;
    let ids: Vec<_> =
        keys.split("\"kid\": \"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), 2, "{keys}");
    for forged in
        [keys_of_another(&ids[0]), keys_of_another(&ids[1]), keys_of_another("another"), r#"{"keys":[]}"#.into()]
    {
        let error = sign_in_with(async |config| {
            let forged = forged.clone();
            config.with_jwks(server(move |_| (StatusCode::OK, forged.clone())).await.0)
        });
        let error = error.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Storage, "{error:?}");
        assert!(error.context().contains("not the user pool's"), "{error:?}");
    }
}

#[tokio::test]
async fn another_issuers_token_signs_nobody_in() {
    let error =
        sign_in_with(async |config| config.with_issuer("https://cognito-idp.us-east-1.amazonaws.com/us-east-1_x"));
    assert_eq!(error.await.unwrap_err().kind(), ErrorKind::Storage);
}

#[tokio::test]
async fn keys_are_kept_and_fetched_anew() {
    let keys = keys_of_the_pool().await;
    // At first the pool's keys are others: the pool has rotated them.
    let (address, asked) = server({
        let keys = keys.clone();
        move |number| (StatusCode::OK, if number == 0 { keys_of_another("old") } else { keys.clone() })
    })
    .await;
    let email = new_email();
    let account = confirmed(&in_the_pool().await, &email).await;
    let identity = identity(peers().await.pool.config().with_jwks(address)).await;
    let sign_in = async |email: &Email, account: &Id| identity.check_auth(email, Some(account), &auth('a')).await;
    assert_eq!(sign_in(&email, &account).await.unwrap_err().kind(), ErrorKind::Storage);
    // Not for each token that names another key.
    assert_eq!(sign_in(&email, &account).await.unwrap_err().kind(), ErrorKind::Storage);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    tokio::time::sleep(std::time::Duration::from_millis(10_100)).await;
    sign_in(&email, &account).await.unwrap();
    sign_in(&email, &account).await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 2, "kept");
}

#[tokio::test]
async fn keys_that_are_none_are_told() {
    let long = format!(r#"{{"keys":[],"x":"{}"}}"#, "x".repeat(70_000));
    for (status, body, expected) in [
        (StatusCode::NOT_FOUND, String::new(), ErrorKind::Storage),
        (StatusCode::FOUND, String::new(), ErrorKind::Storage),
        (StatusCode::OK, "<html>".to_owned(), ErrorKind::Storage),
        (StatusCode::OK, long, ErrorKind::Storage),
    ] {
        let error = sign_in_with(async |config| config.with_jwks(server(move |_| (status, body.clone())).await.0));
        assert_eq!(error.await.unwrap_err().kind(), expected);
    }
    let nobody = Url::parse("http://127.0.0.1:9/keys").unwrap();
    let error = sign_in_with(async |config| config.with_jwks(nobody)).await.unwrap_err();
    assert_eq!(error.code(), Some(ProblemCode::Unavailable));
}
