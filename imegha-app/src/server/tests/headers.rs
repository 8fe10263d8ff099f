//! What every answer of the server carries, asked through the router.

use std::collections::BTreeSet;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, Response, StatusCode, header};
use base64ct::{Base64, Encoding as _};
use http_body_util::BodyExt as _;
use sha2::{Digest as _, Sha384};
use tempfile::TempDir;
use tower::ServiceExt as _;

use super::Setting;
use crate::app::App;
use crate::server::headers::Policy;
use crate::server::router::router;

const POLICY: Policy = Policy { secure: true };

/// A router, and the folder that goes with it.
fn site() -> (Router, TempDir) {
    let root = tempfile::tempdir().expect("a temporary folder");
    let setting = Setting::new(root.path(), "https://cloud.example");
    (router(setting.open().0), root)
}

async fn ask(method: Method, path: &str) -> Response<Body> {
    let request = Request::builder().method(method).uri(path).body(Body::empty()).expect("request");
    let (router, _root) = site();
    router.oneshot(request).await.expect("an answer")
}

async fn text(response: Response<Body>) -> String {
    let bytes = response.into_body().collect().await.expect("a body").to_bytes();
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map(|value| value.to_str().expect("ASCII")).unwrap_or_default()
}

/// The addresses of the app's pages that need no parameter.
fn pages() -> Vec<String> {
    let routes = leptos_axum::generate_route_list(App);
    routes.iter().map(|route| route.path().to_owned()).filter(|path| !path.contains(['{', ':', '*'])).collect()
}

/// The value of an attribute wherever it stands in the page.
fn attributes<'a>(html: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    let start = format!(" {name}=\"");
    html.match_indices(&start)
        .map(|(at, found)| &html[at + found.len()..])
        .map(|rest| rest.split('"').next().unwrap_or_default())
        .collect::<Vec<_>>()
        .into_iter()
}

#[tokio::test]
async fn every_kind_of_answer_carries_the_headers() {
    for (method, path, status) in [
        (Method::GET, "/", 200),
        (Method::HEAD, "/", 200),
        (Method::GET, "/nowhere", 404),
        (Method::POST, "/nowhere", 404),
        (Method::POST, "/", 405),
        (Method::GET, "/pkg/imegha_app.js", 200),
        (Method::GET, "/pkg/worker.js?wasm=sha384-x", 200),
        (Method::GET, "/pkg/nothing.js", 404),
        (Method::GET, "/healthz", 200),
        (Method::GET, "/readyz", 200),
        (Method::GET, "/personal-cloud.yaml", 200),
        (Method::GET, "/api/v1/config", 200),
        (Method::GET, "/api/v1/account", 401),
        (Method::GET, "/cloud/x/v1/version", 200),
        (Method::GET, "/cloud/x/v1/blobs", 404),
    ] {
        let response = ask(method.clone(), path).await;
        assert_eq!(response.status().as_u16(), status, "{method} {path}");
        let headers = response.headers();
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-embedder-policy", "require-corp"),
            ("cross-origin-resource-policy", "same-origin"),
            ("strict-transport-security", "max-age=63072000"),
        ] {
            assert_eq!(header(headers, name), value, "{method} {path} {name}");
        }
        assert!(header(headers, "permissions-policy").contains("camera=()"), "{method} {path}");
        assert!(header(headers, "content-security-policy").starts_with("default-src 'none';"), "{method} {path}");
    }
}

#[tokio::test]
async fn a_page_has_the_policy_of_the_design_and_a_nonce_of_its_own() {
    let mut nonces = BTreeSet::new();
    for path in ["/", "/", "/nowhere"] {
        let response = ask(Method::GET, path).await;
        let policy = header(response.headers(), "content-security-policy").to_owned();
        assert_eq!(header(response.headers(), "integrity-policy"), "blocked-destinations=(script)");
        assert_eq!(header(response.headers(), "content-type"), "text/html; charset=utf-8");
        let nonce =
            policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce").to_owned();
        assert!(nonce.len() >= 22, "128 bits: {nonce}");
        assert_eq!(policy, POLICY.page_csp(&nonce));
        // Each inline script has this nonce, the ones that Leptos writes too.
        let html = text(response).await;
        let scripts = html.matches("<script").count();
        assert!(scripts >= 3, "{html}");
        assert_eq!(html.matches(&format!("nonce=\"{nonce}\"")).count(), scripts, "{html}");
        assert!(nonces.insert(nonce), "a nonce came twice");
    }
}

#[tokio::test]
async fn the_import_map_names_the_hash_of_what_is_served() {
    let html = text(ask(Method::GET, "/").await).await;
    let map = html.split("<script type=\"importmap\"").nth(1).and_then(|rest| rest.split_once('>')).expect("a map").1;
    let map: serde_json::Value = serde_json::from_str(map.split("</script>").next().expect("its end")).expect("JSON");
    let map = map["integrity"].as_object().expect("integrity");
    assert!(map.contains_key("/pkg/imegha_app.js") && map.contains_key("/pkg/imegha_worker_bg.wasm"));
    for (path, integrity) in map {
        let served = text(ask(Method::GET, path).await).await;
        let expected = format!("sha384-{}", Base64::encode_string(&Sha384::digest(served.as_bytes())));
        assert_eq!(integrity.as_str(), Some(expected.as_str()), "{path}");
    }
    let worker =
        attributes(&html, "content").find(|value| value.starts_with("/pkg/worker.js?wasm=")).expect("the worker");
    let expected = map["/pkg/imegha_worker_bg.wasm"].as_str().expect("text").replace('+', "%2B");
    assert_eq!(worker, format!("/pkg/worker.js?wasm={expected}"));
}

#[tokio::test]
async fn the_worker_has_a_policy_of_its_own() {
    let response = ask(Method::GET, "/pkg/worker.js").await;
    assert_eq!(header(response.headers(), "content-security-policy"), POLICY.worker_csp());
    assert_eq!(header(response.headers(), "content-type"), "text/javascript; charset=utf-8");
}

#[tokio::test]
async fn the_service_worker_may_answer_the_whole_origin_and_connect_to_nothing() {
    let response = ask(Method::GET, "/pkg/streams.js").await;
    assert_eq!(header(response.headers(), "service-worker-allowed"), "/");
    let policy = header(response.headers(), "content-security-policy");
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("connect-src"), "{policy}");
    for path in ["/pkg/worker.js", "/pkg/device.js", "/"] {
        assert!(!ask(Method::GET, path).await.headers().contains_key("service-worker-allowed"), "{path}");
    }
}

#[tokio::test]
async fn without_a_service_worker_its_addresses_are_nothing() {
    let answer = ask(Method::GET, "/stream/0123456789abcdef0123456789abcdef").await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn pages_have_no_inline_style_no_inline_handler_and_nothing_of_third_parties() {
    let pages = pages();
    assert!(pages.iter().any(|path| path == "/"), "{pages:?}");
    for path in pages.iter().map(String::as_str).chain(["/nowhere"]) {
        let html = text(ask(Method::GET, path).await).await;
        assert!(html.contains("</html>"), "{path}: {html}");
        assert!(!html.contains(" style=") && !html.contains("<style"), "{path}: inline style");
        let handler = html.match_indices(" on").find(|(at, _)| {
            let name: String = html[at + 1..].chars().take_while(|char| char.is_ascii_alphanumeric()).collect();
            html[at + 1 + name.len()..].starts_with("=\"")
        });
        assert!(handler.is_none(), "{path}: inline handler");
        // What a person may follow is no request of the page.
        for tag in html.split('<').skip(1).filter(|tag| !tag.starts_with("a ")) {
            for name in ["src", "href", "srcset", "action", "poster", "data"] {
                for value in attributes(tag, name) {
                    let foreign = value.contains("://") || value.starts_with("//") || value.starts_with("data:");
                    assert!(!foreign, "{path}: {name}={value}");
                }
            }
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_said_to_people_and_to_programs() {
    let page = ask(Method::GET, "/nowhere").await;
    assert_eq!(page.status(), StatusCode::NOT_FOUND);
    assert!(text(page).await.contains("</html>"));
    for path in ["/pkg/nothing.js", "/pkg/", "/pkg/imegha_app.js.gz", "/api/v9/x", "/cloud/x"] {
        let answer = ask(Method::GET, path).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(!text(answer).await.contains('<'), "{path}");
    }
}

#[tokio::test]
async fn no_path_leaves_the_site() {
    for path in
        ["/pkg/../../Cargo.toml", "/pkg/%2e%2e/%2e%2e/Cargo.toml", "/pkg/..%2f..%2fCargo.toml", "/%00", "/%ff", "//x"]
    {
        let answer = ask(Method::GET, path).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(!text(answer).await.contains("[package]"), "{path}");
    }
}

#[tokio::test]
async fn what_was_served_once_is_not_sent_again() {
    let first = ask(Method::GET, "/pkg/main.css").await;
    assert_eq!(header(first.headers(), "cache-control"), "no-cache");
    let tag = first.headers()[header::ETAG].clone();
    let request =
        Request::get("/pkg/main.css").header(header::IF_NONE_MATCH, tag).body(Body::empty()).expect("request");
    let (router, _root) = site();
    let second = router.oneshot(request).await.expect("an answer");
    assert_eq!(second.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(header(second.headers(), "x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn the_template_is_saved_and_never_shown() {
    let answer = ask(Method::GET, "/personal-cloud.yaml").await;
    assert_eq!(header(answer.headers(), "content-disposition"), "attachment");
    assert_eq!(text(answer).await, imegha_cloud::deploy::TEMPLATE);
}

/// What the page is told of a public place is what the operator said, whatever stands in it.
#[tokio::test]
async fn a_public_place_stands_in_the_page() {
    assert!(!text(ask(Method::GET, "/").await).await.contains("imegha-public"));
    let root = tempfile::tempdir().expect("a temporary folder");
    let key = "gateway \"1\" <&'>.zip";
    let variables = [
        ("IMEGHA_TEMPLATE_URL", "https://public.s3.eu-north-1.amazonaws.com/personal-cloud.yaml"),
        ("IMEGHA_CODE_BUCKET", "public"),
        ("IMEGHA_CODE_KEY", key),
        ("IMEGHA_CODE_REGION", "eu-north-1"),
    ];
    let setting = Setting::with(root.path(), "https://cloud.example", &variables);
    let request = Request::get("/").body(Body::empty()).expect("request");
    let page = text(router(setting.open().0).oneshot(request).await.expect("an answer")).await;
    let start = "<meta name=\"imegha-public\" content=\"";
    let content = page.split_once(start).and_then(|(_, rest)| rest.split_once('"')).expect("a meta").0;
    let json = content.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    let place: imegha_worker::protocol::PublicPlace = serde_json::from_str(&json).expect("a place");
    assert_eq!((place.key.as_str(), place.stack.as_str()), (key, "imegha-cloud"));
}
