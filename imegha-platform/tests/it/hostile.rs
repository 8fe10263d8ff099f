//! Whoever sends too much, too slowly, anything at all, or from everywhere at once. Each answer is held against the description as well.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use imegha_cloud::serving;
use imegha_platform::api;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::description::operations;
use crate::random::Random;
use crate::world::World;

/// A body of 6 MB in pieces of 16 KiB, and how many of its bytes were taken.
fn six_megabytes() -> (Body, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let counted = taken.clone();
    let pieces = (0..6_000_000 / PIECE).map(move |_| {
        counted.fetch_add(PIECE, Ordering::SeqCst);
        Ok::<_, std::io::Error>(vec![b'['; PIECE])
    });
    (Body::from_stream(futures::stream::iter(pieces)), taken)
}

fn with_body(method: &str, path: &str, body: Body) -> Request<Body> {
    let request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
    request.body(body).unwrap()
}

/// A path of a described one.
fn a_path(described: &str) -> String {
    let parts = described.split('/').map(|part| match part {
        "{tag}" => "alice",
        "{account}" => "000102030405060708090a0b0c0d0e0f",
        "{action}" => "block",
        "{id}" => "00",
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Stopped by `DefaultBodyLimit` in `api::router`, and by the order of a handler's arguments: who asks comes before what he says.
#[tokio::test]
async fn a54_large_bodies_are_not_taken() {
    let world = World::memory();
    for (method, path, operation) in operations() {
        let (body, taken) = six_megabytes();
        let answer = world.wire.exchange(with_body(&method, &a_path(path), body)).await;
        let taken = taken.load(Ordering::SeqCst);
        let is_open = operation["security"].is_null();
        let takes_one = !operation["requestBody"].is_null();
        match (is_open, takes_one) {
            (true, true) => assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{method} {path}"),
            (true, false) => assert_eq!(answer.status, StatusCode::OK, "{method} {path}"),
            (false, _) => assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}"),
        }
        let most = if is_open && takes_one { 64 * 1024 + PIECE } else { 0 };
        assert!(taken <= most, "{method} {path} took {taken} bytes");
    }
    let fits = vec![b' '; 60 * 1024].into_iter().chain(*br#"{"email":"a@b.example"}"#).collect::<Vec<_>>();
    assert_eq!(world.wire.exchange(with_body("POST", "/prelogin", fits.into())).await.status, StatusCode::OK);
}

/// Stopped by `tokio::time::timeout` in `api/guard.rs`.
#[tokio::test]
async fn a54_a_body_that_trickles_in_is_cut_off() {
    let world = World::memory_with(|options| options.answer_within_ms = 300);
    let trickle = || {
        let drops = futures::stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Some((Ok::<_, std::io::Error>(" "), ()))
        });
        world.wire.exchange(with_body("POST", "/prelogin", Body::from_stream(drops)))
    };
    let all = async {
        let trickles = futures::future::join_all((0..20).map(|_| trickle()));
        tokio::join!(trickles, world.post("/prelogin", json!({"email": "a@b.example"})))
    };
    let (cut, served) = tokio::time::timeout(Duration::from_secs(10), all).await.expect("they are cut off");
    assert_eq!(served.status, StatusCode::OK, "others are served meanwhile");
    assert!(cut.iter().all(|answer| answer.status == StatusCode::REQUEST_TIMEOUT && answer.code() == "timeout"));
}

/// No path and no method is a failure of the server, or answered otherwise than described (`Wire::exchange` looks).
#[tokio::test]
async fn a54_random_paths_and_methods_are_refused_in_order() {
    let world = World::memory();
    let mut random = Random::new(Random::seed(54));
    let described: Vec<_> = operations().into_iter().map(|(_, path, _)| a_path(path)).collect();
    for path in &described {
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "INVENTED"] {
            let answer = world.wire.exchange(with_body(method, path, Body::from("{}"))).await;
            assert!(answer.status.as_u16() < 500, "{method} {path}: {}", answer.status);
        }
    }
    for _ in 0..2_000 {
        let mut path = String::new();
        if random.below(2) == 0 {
            path.push_str(&described[usize::try_from(random.below(described.len() as u64)).unwrap()]);
        }
        for _ in 0..=random.below(4) {
            path.push('/');
            for _ in 0..random.below(12) {
                match random.below(4) {
                    0 => path.push_str(&format!("%{:02X}", random.below(256))),
                    1 => path
                        .push_str(["..", ".", "~", "@", ";", ":", "{id}"][usize::try_from(random.below(7)).unwrap()]),
                    _ => path.push(char::from(b'a' + u8::try_from(random.below(26)).unwrap())),
                }
            }
        }
        let Ok(request) = Request::builder().method(Method::GET).uri(path.replace(['{', '}'], "")).body(Body::empty())
        else {
            continue;
        };
        let answer = world.wire.exchange(request).await;
        assert!(answer.status.is_client_error() || answer.status.is_success(), "{path}: {}", answer.status);
    }
    let unknown = "/sessions/%FF%FE";
    let answer = world.call(Method::DELETE, unknown, &[], None).await;
    assert_eq!(answer.code(), "signed_out");
    let (client, _) = world.signed_in("alice@example.com", "alice").await;
    let bearer = format!("Bearer {}", client.session_token().unwrap().as_str());
    let answer = world.call(Method::DELETE, unknown, &[("authorization", &bearer)], None).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::NOT_FOUND, "not_found"));
}

/// Each connection is a task that waits; none of them is waited for.
#[tokio::test]
async fn a54_many_connections_keep_nobody_out() {
    let world = World::memory();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let router = api::router(world.server.clone());
    tokio::spawn(serving::serve(listener, router, None, std::future::pending()));
    let mut held = Vec::new();
    for n in 0..300 {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let begun: &[u8] = match n % 3 {
            0 => b"",
            1 => b"POST /prelogin HTT",
            _ => b"POST /prelogin HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{",
        };
        stream.write_all(begun).await.unwrap();
        held.push(stream);
    }
    let asked = async {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET /config HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let answer = tokio::time::timeout(Duration::from_secs(10), asked).await.expect("it is answered meanwhile");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(held.len(), 300);
}

const PIECE: usize = 16 * 1024;
