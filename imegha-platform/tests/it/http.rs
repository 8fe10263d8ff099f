//! What holds for every answer, whatever was asked.

use axum::body::Body;
use axum::http::{Method, Request, header};
use imegha_platform::client::Platform;
use imegha_platform::{ErrorKind, PlatformServer, ServerOptions, ServerParts, ServerSecret};
use serde_json::json;
use url::Url;

use crate::world::World;

#[tokio::test]
async fn every_refusal_is_a_problem_with_a_code() {
    let world = World::memory();
    let request = |method: &str, path: &str, content_type: &str, body: Vec<u8>| {
        let request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, content_type);
        request.body(Body::from(body)).unwrap()
    };
    let json = "application/json";
    for (request, status, code) in [
        (request("GET", "/no/such/thing", json, vec![]), 404, "not_found"),
        (request("GET", "/sessions/../account", json, vec![]), 404, "not_found"),
        (request("DELETE", "/config", json, vec![]), 405, "method_not_allowed"),
        (request("POST", "/prelogin", "text/plain", b"{}".to_vec()), 415, "unsupported_media_type"),
        (request("POST", "/prelogin", json, b"{".to_vec()), 400, "malformed"),
        (request("POST", "/prelogin", json, br#"{"email":"a@b.c","email":"a@b.c"}"#.to_vec()), 400, "malformed"),
        (request("POST", "/prelogin", json, br#"{"email":"A@b.c"}"#.to_vec()), 422, "email_invalid"),
        (request("POST", "/prelogin", json, vec![b' '; 64 * 1024 + 1]), 413, "too_large"),
        (request("PUT", "/account/gateway", json, b"{}".to_vec()), 401, "signed_out"),
        (request("DELETE", "/sessions/%00", json, vec![]), 401, "signed_out"),
    ] {
        let what = format!("{} {}", request.method(), request.uri());
        let answer = world.wire.exchange(request).await;
        assert_eq!(answer.status, status, "{what}");
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json", "{what}");
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store", "{what}");
        let mut problem = answer.json();
        assert_eq!(problem["code"], code, "{what}");
        assert_eq!(problem["status"], status, "{what}");
        assert_eq!(problem["type"], format!("urn:imegha:problem:{code}"), "{what}");
        problem["title"].take();
        assert_eq!(problem.as_object().unwrap().len(), 4, "no inner text: {problem}");
    }
    let known = world.call(Method::POST, "/prelogin", &[], Some(json!({"email": "a@b.c", "later": 1}))).await;
    assert_eq!(known.status, 200, "unknown names are ignored");
}

#[test]
fn plain_http_is_for_loopback_only() {
    for (origin, taken) in [
        ("https://imegha.example", true),
        ("http://127.0.0.1:3000", true),
        ("http://localhost:3000", true),
        ("http://[::1]:3000", true),
        ("http://imegha.example", false),
        ("http://192.168.1.2", false),
        ("https://imegha.example/path", false),
        ("https://user@imegha.example", false),
        ("ftp://localhost", false),
    ] {
        let store = std::sync::Arc::new(imegha_cloud::backend::memory::MemoryRecords::new());
        let clock = std::sync::Arc::new(imegha_cloud::clock::SystemClock);
        let mailer = std::sync::Arc::new(imegha_platform::mail::MemoryMailer::default());
        let secret = ServerSecret::generate().unwrap();
        let parts = ServerParts::embedded(store, clock, secret, mailer, Default::default());
        let server = PlatformServer::new(parts, ServerOptions::new(Url::parse(origin).unwrap()));
        assert_eq!(server.as_ref().err().map(|error| error.kind()), (!taken).then_some(ErrorKind::Config), "{origin}");
    }
}

/// A server on a socket that sends everybody elsewhere, and counts who comes there.
#[tokio::test]
async fn a_redirect_is_not_followed() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let came = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = came.clone();
    let app = axum::Router::new()
        .route("/api/v1/config", axum::routing::get(|| async { axum::response::Redirect::temporary("/elsewhere") }))
        .route(
            "/elsewhere",
            axum::routing::get(move || async move {
                counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                r#"{"policy_version":1,"code_on_terminal":false,"hosted_clouds":false}"#
            }),
        );
    tokio::spawn(async move { axum::serve(listener, app).await });
    let error = Platform::new(origin.clone()).unwrap().config().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Version);
    assert_eq!(came.load(std::sync::atomic::Ordering::SeqCst), 0);

    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = Url::parse(&format!("http://{nobody}")).unwrap();
    assert_eq!(Platform::new(nobody).unwrap().config().await.unwrap_err().kind(), ErrorKind::Network);
    let plain = Url::parse("http://imegha.example").unwrap();
    assert_eq!(Platform::new(plain).unwrap_err().kind(), ErrorKind::Config);
}
