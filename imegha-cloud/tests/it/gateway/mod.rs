//! The gateway: whom it hears, what it answers, and that it says nothing to anybody else.

mod attacks;
pub(crate) mod bench;
pub(crate) mod history;
mod history_attacks;
mod hosted;

use axum::body::Body;
use http::{Request, StatusCode, header};
use imegha_cloud::backend::{BlobStore as _, Condition, Key, Name as _, Record, RecordStore as _, UploadId, Write};
use imegha_cloud::protocol::{BegunAnswer, path};
use imegha_cloud::schema::{CloudValue, Collection};

use self::bench::{Bench, Draft, NOW, entry, log_entry, name, put_object, transact, with_header};
use crate::sample;
use crate::served::stranger;

/// Whatever is not allowed looks like what is not there, to the byte.
#[tokio::test]
async fn all_refusals_are_one_404() {
    let bench = Bench::new();
    bench.send(put_object(1).sign()).await;
    let missing = bench.send(Draft::new("GET", path::blob(&name(2)), "").sign()).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    let there = Draft::new("GET", path::blob(&name(1)), "");
    let strangers = Draft { signer: stranger(), ..there.clone() };
    let unsigned = |path: &str| Request::builder().uri(path).body(Body::empty()).unwrap();
    for request in [
        strangers.sign(),
        Draft { path: path::blob(&name(2)), ..strangers.clone() }.sign(),
        Draft { path: "/v1/blobs/not-a-name".to_owned(), ..strangers.clone() }.sign(),
        Draft { path: "/v1/blobs/%ff".to_owned(), ..strangers.clone() }.sign(),
        Draft { created: 0, ..strangers.clone() }.sign(),
        Draft { audience: stranger().fingerprint(), ..there.clone() }.sign(),
        unsigned(&there.path),
        unsigned("/v1/uploads"),
        unsigned("/v1/blobs?limit=x"),
        unsigned("/v2/blobs"),
        unsigned("/"),
        unsigned("/etc/passwd"),
        unsigned("/v1/blobs/../../x"),
        Draft::new("DELETE", "/v1/nothing/here", "").sign(),
    ] {
        let uri = request.uri().clone();
        assert_eq!(bench.send(request).await, missing, "{uri}");
    }
    assert_eq!(bench.send(there.sign()).await.body, sample::object(1_000, 1).into_bytes());
}

/// A body that fails the test when it is read.
fn unread_body() -> Body {
    Body::from_stream(futures::stream::once(async {
        panic!("a stranger's body is read") as Result<Vec<u8>, std::io::Error>
    }))
}

#[tokio::test]
async fn a54_bodies_are_bounded_and_a_strangers_is_not_read() {
    let bench = Bench::new();
    let stranger = Draft { signer: stranger(), ..put_object(1) };
    assert_eq!(bench.send(stranger.sign().map(|_| unread_body())).await.code(), "not_found");
    // What is said to be too long is not read either; what only turns out to be is cut off.
    let long = with_header(put_object(1).sign().map(|_| unread_body()), "content-length", "67125265");
    assert_eq!(bench.send(long).await.code(), "too_large");
    let endless = || Body::from_stream(futures::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![0; 1 << 20])));
    assert_eq!(bench.send(transact(&[log_entry(1)]).sign().map(|_| endless())).await.code(), "too_large");
    let read = Draft::new("GET", path::blob(&name(1)), "");
    assert_eq!(bench.send(read.sign().map(|_| endless())).await.code(), "too_large");
    let with_body = Draft { body: b"x".to_vec(), ..read };
    assert_eq!(bench.send(with_header(with_body.sign(), "content-length", "1")).await.code(), "too_large");
    assert_eq!(bench.stored().await, (vec![], 0, 0));
    assert_eq!(bench.send(put_object(1).sign()).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn what_is_not_of_its_form_is_refused() {
    let bench = Bench::new();
    let query = |json: serde_json::Value| Draft::new("POST", path::RECORDS_QUERY, json.to_string());
    let deep = "[".repeat(100_000);
    for draft in [
        Draft::new("POST", path::RECORDS_TRANSACT, ""),
        Draft::new("POST", path::RECORDS_TRANSACT, "{}"),
        Draft::new("POST", path::RECORDS_TRANSACT, r#"{"writes":[]}"#),
        Draft::new("POST", path::RECORDS_TRANSACT, deep),
        transact(&[log_entry(1), log_entry(1)]),
        query(
            serde_json::json!({"collection": "log", "partition": [], "after": null, "descending": false, "limit": 0}),
        ),
        query(
            serde_json::json!({"collection": "diary", "partition": [], "after": null, "descending": false, "limit": 1}),
        ),
        Draft::new("GET", "/v1/blobs/not-a-name", ""),
        Draft::new("GET", format!("/v1/blobs/{}", "AB".repeat(24)), ""),
        Draft::new("GET", "/v1/blobs/%ff", ""),
        Draft::new("GET", "/v1/blobs", ""),
        Draft::new("GET", "/v1/blobs?limit=1&limit=2", ""),
        Draft::new("GET", "/v1/blobs?limit=1&after=x", ""),
        Draft::new("GET", "/v1/blobs?limit=1001", ""),
        Draft::new("PUT", path::blob(&name(1)), "hello"),
        Draft::new("PUT", path::blob(&name(1)), vec![0; 1_000]),
    ] {
        let answer = bench.send(draft.sign()).await;
        let shown = String::from_utf8_lossy(&answer.body).into_owned();
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::BAD_REQUEST, "malformed"),
            "{} {shown}",
            draft.path
        );
    }
    assert_eq!(bench.stored().await, (vec![], 0, 0));
}

#[tokio::test]
async fn nonces_and_the_newest_identity_are_the_gateways_own() {
    let bench = Bench::new();
    let nonce = Key::new(Collection::Nonce, [], [CloudValue::Time(1)]);
    let newest = Key::new(Collection::Owner, [], [CloudValue::U64(1)]);
    for key in [nonce, newest] {
        for write in [
            Write::Put(Record::new(key.clone()), Condition::None),
            Write::Delete(key.clone(), Condition::None),
            Write::Check(key.clone(), Condition::Absent),
        ] {
            let answer = bench.send(transact(&[log_entry(1), write]).sign()).await;
            assert_eq!((answer.status, answer.code().as_str()), (StatusCode::FORBIDDEN, "denied"));
        }
        assert_eq!(bench.records.get(&key).await.unwrap(), None);
    }
    assert_eq!((bench.stored().await, bench.nonces().await), ((vec![], 0, 0), 0));
}

#[tokio::test]
async fn nonces_are_kept_120_seconds_and_purged() {
    let bench = Bench::new();
    for seq in 0..150 {
        bench.send(transact(&[log_entry(seq)]).sign()).await;
    }
    assert_eq!(bench.nonces().await, 150);
    for (later, seq, kept) in [(100, 200, 151), (120, 201, 152), (151, 202, 3)] {
        bench.clock.set((NOW + later) * 1000);
        bench.send(Draft { created: NOW + later, ..transact(&[log_entry(seq)]) }.sign()).await;
        assert_eq!(bench.nonces().await, kept, "{later} s later");
    }
}

#[tokio::test]
async fn a_failed_condition_is_counted_without_the_nonce() {
    let bench = Bench::new();
    bench.send(transact(&[log_entry(2)]).sign()).await;
    let answer = bench.send(transact(&[log_entry(1), log_entry(2)]).sign()).await;
    let json: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(
        (answer.status, &json["code"], &json["failed_write"]),
        (StatusCode::CONFLICT, &"conflict".into(), &1.into())
    );
    assert_eq!(bench.stored().await.0, [entry(2)]);
}

#[tokio::test]
async fn an_object_comes_whole_or_by_a_range() {
    let bench = Bench::new();
    bench.send(put_object(1).sign()).await;
    let bytes = sample::object(1_000, 1).into_bytes();
    let get = |range| Draft { range, ..Draft::new("GET", path::blob(&name(1)), "") };
    let cases: [(_, u16, _, Option<&str>); 7] = [
        (None, 200, 0..1_000, None),
        (Some("bytes=0-9"), 206, 0..10, Some("bytes 0-9/1000")),
        (Some("bytes=990-"), 206, 990..1_000, Some("bytes 990-999/1000")),
        (Some("bytes=990-5000"), 206, 990..1_000, Some("bytes 990-999/1000")),
        (Some("bytes=-5"), 200, 0..1_000, None),
        (Some("bytes=0-1,5-6"), 200, 0..1_000, None),
        (Some("words=0-1"), 200, 0..1_000, None),
    ];
    for (range, status, part, content_range) in cases {
        let answer = bench.send(get(range).sign()).await;
        assert_eq!(answer.status.as_u16(), status, "{range:?}");
        assert_eq!(answer.body, bytes[part.clone()]);
        assert_eq!(answer.headers[header::CONTENT_LENGTH], part.len().to_string());
        assert_eq!(answer.headers.get(header::CONTENT_RANGE).map(|range| range.to_str().unwrap()), content_range);
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/octet-stream");
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
        assert_eq!(answer.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    }
    let past = bench.send(get(Some("bytes=1000-1001")).sign()).await;
    assert_eq!((past.status.as_u16(), past.code().as_str()), (416, "range_not_satisfiable"));
    assert_eq!(past.headers[header::CONTENT_RANGE], "bytes */1000");
    let head = bench.send(Draft::new("HEAD", path::blob(&name(1)), "").sign()).await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
    assert_eq!(head.headers[header::CONTENT_LENGTH], "1000");
}

/// A kept handle is no proof that the upload is there, and dropping what is not there is no error.
#[tokio::test]
async fn an_upload_that_ended_elsewhere_is_gone() {
    let bench = Bench::new();
    let begun = bench.send(Draft::new("POST", path::blob_uploads(&name(1)), "").sign()).await;
    let begun: BegunAnswer = serde_json::from_slice(&begun.body).unwrap();
    let id = UploadId::parse(&begun.id).unwrap();
    let part = || Draft::new("PUT", path::upload_part(&name(1), &id, 1, 0), sample::part(500, 1).into_bytes());
    let head = || Draft::new("GET", path::upload(&name(1), &id), "");
    assert_eq!(bench.send(part().sign()).await.status, StatusCode::NO_CONTENT);
    assert_eq!(bench.send(head().sign()).await.status, StatusCode::NO_CONTENT);

    bench.blobs.resume_upload(&name(1), &id).await.unwrap().abort().await.unwrap();
    let complete = Draft::new("POST", path::upload_complete(&name(1), &id), r#"{"parts":1,"size":"500"}"#);
    for gone in [head(), part(), complete] {
        assert_eq!(bench.send(gone.sign()).await.code(), "not_found", "{}", gone.path);
    }
    let nowhere = format!("/v1/blobs/{}/uploads/x", name(1));
    for drop in [path::upload(&name(1), &id), path::upload(&name(1), &id), nowhere] {
        assert_eq!(bench.send(Draft::new("DELETE", drop, "").sign()).await.status, StatusCode::NO_CONTENT);
    }
    assert_eq!(bench.stored().await, (vec![], 0, 0));
}

#[tokio::test]
async fn any_page_may_ask_without_credentials() {
    let bench = Bench::new();
    let preflight = Request::builder()
        .method("OPTIONS")
        .uri(path::RECORDS_TRANSACT)
        .header(header::ORIGIN, "https://app.example")
        .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
        .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "content-digest,signature")
        .body(Body::empty())
        .unwrap();
    let answer = bench.send(preflight).await;
    assert!(answer.status.is_success());
    assert_eq!(answer.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    assert!(!answer.headers.contains_key(header::ACCESS_CONTROL_ALLOW_CREDENTIALS));
    let allowed = answer.headers[header::ACCESS_CONTROL_ALLOW_HEADERS].to_str().unwrap();
    for name in ["content-digest", "imegha-audience", "signature-input", "signature", "range", "content-type"] {
        assert!(allowed.split(',').any(|allowed| allowed == name), "{name}");
    }
    // Refusals too, or a page could not read them.
    let refused = bench.send(Request::builder().uri("/nowhere").body(Body::empty()).unwrap()).await;
    assert_eq!(refused.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
}

#[tokio::test]
async fn a_wrong_method_is_said() {
    let bench = Bench::new();
    for (method, path) in [
        ("PUT", path::VERSION),
        ("GET", path::RECORDS_GET),
        ("POST", "/v1/blobs/x"),
        // By this a client tells a gateway that can be told a history from one that cannot.
        ("GET", path::OWNER_HISTORY),
    ] {
        let answer = bench.send(Request::builder().method(method).uri(path).body(Body::empty()).unwrap()).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (405, "method_not_allowed"));
        assert!(answer.headers.contains_key(header::ALLOW), "{path}");
    }
}

#[tokio::test]
async fn the_version_is_said_to_anybody() {
    let bench = Bench::new();
    let answer = bench.send(Request::builder().uri(path::VERSION).body(Body::empty()).unwrap()).await;
    let json: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(json["protocol"], serde_json::json!({"oldest": 1, "newest": 1}));
    assert!(json["release"].is_string());
}

/// No collection is left out of what clients may write by its mere absence.
#[tokio::test]
async fn every_other_collection_is_the_clients() {
    let bench = Bench::new();
    let gateways = [Collection::Nonce, Collection::Owner];
    for collection in Collection::ALL.iter().filter(|collection| !gateways.contains(collection)) {
        let record = Record::new(Key::new(*collection, [], [CloudValue::U64(1)]));
        let answer = bench.send(transact(&[Write::Put(record, Condition::Absent)]).sign()).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{collection:?}");
    }
}
