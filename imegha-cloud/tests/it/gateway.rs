//! The gateway: whom it hears, what it answers, and that it says nothing to anybody else.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, HeaderName, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use imegha_cloud::backend::memory::{MemoryBlobs, MemoryRecords};
use imegha_cloud::backend::{BlobStore, Condition, Key, Name as _, ObjectName, Query, Record, RecordStore, Write};
use imegha_cloud::clock::ManualClock;
use imegha_cloud::gateway::{Gateway, GatewayOptions, router};
use imegha_cloud::protocol::{TransactRequest, path};
use imegha_cloud::schema::{CloudSchema, CloudValue, Collection, Field};
use imegha_crypto::request::{RequestParts, sign};
use imegha_crypto::{Fingerprint, Hash, Identity};
use tower::ServiceExt as _;

use crate::sample;
use crate::served::{owner, stranger};

const NOW: u64 = 1_790_000_000;
const ADDRESS: &str = "https://cloud.example/at";

/// A gateway without a socket, and what is behind it.
struct Bench {
    app: Router,
    records: MemoryRecords<CloudSchema>,
    blobs: MemoryBlobs,
    clock: Arc<ManualClock>,
}

/// An answer, read to its end.
#[derive(Debug, PartialEq)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    /// The code of the problem, or the empty string.
    fn code(&self) -> String {
        let json: serde_json::Value = serde_json::from_slice(&self.body).unwrap_or_default();
        json["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl Bench {
    fn new() -> Self {
        Self::of(MemoryRecords::new(), MemoryBlobs::new(), &owner(), ADDRESS)
    }

    fn of(records: MemoryRecords<CloudSchema>, blobs: MemoryBlobs, owner: &Identity, address: &str) -> Self {
        let clock = Arc::new(ManualClock::new(NOW * 1000));
        let options = GatewayOptions::new(&address.parse().unwrap()).unwrap().with_clock(clock.clone());
        let stores = (Arc::new(records.clone()), Arc::new(blobs.clone()));
        let gateway = Gateway::new(stores.0, stores.1, owner.public().clone(), options);
        Self { app: router(gateway), records, blobs, clock }
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        send(&self.app, request).await
    }

    /// All that is stored, nonces apart.
    async fn stored(&self) -> (Vec<Record<CloudSchema>>, usize, usize) {
        let records = self.records.query(&Query::new(Collection::Log, [])).await.unwrap().records;
        let objects = self.blobs.list(None, 1_000).await.unwrap().len();
        (records, objects, self.blobs.uploads().await.unwrap().len())
    }

    async fn nonces(&self) -> usize {
        self.records.query(&Query::new(Collection::Nonce, [])).await.unwrap().records.len()
    }
}

async fn send(app: &Router, request: Request<Body>) -> Answer {
    let (parts, body) = app.clone().oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    Answer { status: parts.status, headers: parts.headers, body }
}

/// A request before it is signed.
#[derive(Clone)]
struct Draft {
    method: &'static str,
    path: String,
    body: Vec<u8>,
    range: Option<&'static str>,
    signer: Arc<Identity>,
    audience: Fingerprint,
    address: &'static str,
    created: u64,
    nonce: [u8; 16],
}

impl Draft {
    /// The owner's, now, for the owner's gateway, with a nonce of its own.
    fn new(method: &'static str, path: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        Self {
            method,
            path: path.into(),
            body: body.into(),
            range: None,
            signer: owner(),
            audience: owner().fingerprint(),
            address: ADDRESS,
            created: NOW,
            nonce: *imegha_crypto::Id::generate().unwrap().as_bytes(),
        }
    }

    /// The request with its signature, as the wire has it.
    fn sign(&self) -> Request<Body> {
        let parts = RequestParts {
            method: self.method,
            target_uri: &format!("{}{}", self.address, self.path),
            body_digest: Hash::of(&self.body),
            range: self.range,
            if_match: None,
            if_none_match: None,
        };
        let headers = sign(&self.signer, &parts, &self.audience, self.created, self.nonce).unwrap();
        let mut request = Request::builder()
            .method(self.method)
            .uri(&self.path)
            .header("content-digest", headers.content_digest)
            .header("imegha-audience", headers.imegha_audience)
            .header("signature-input", headers.signature_input)
            .header("signature", headers.signature);
        if let Some(range) = self.range {
            request = request.header(header::RANGE, range);
        }
        request.body(Body::from(self.body.clone())).unwrap()
    }
}

fn name(number: u8) -> ObjectName {
    ObjectName::from_salt([number; 24])
}

fn log_entry(seq: u64) -> Write<CloudSchema> {
    let record = Record::new(Key::new(Collection::Log, [], [CloudValue::U64(seq)]));
    Write::Put(record.with(Field::Seq, CloudValue::U64(seq)), Condition::Absent)
}

fn transact(writes: &[Write<CloudSchema>]) -> Draft {
    Draft::new("POST", path::RECORDS_TRANSACT, serde_json::to_vec(&TransactRequest::of(writes)).unwrap())
}

fn put_object(number: u8) -> Draft {
    Draft::new("PUT", path::blob(&name(number)), sample::object(1_000, number).into_bytes())
}

fn with_header(mut request: Request<Body>, name: &'static str, value: &str) -> Request<Body> {
    request.headers_mut().insert(HeaderName::from_static(name), value.parse().unwrap());
    request
}

/// The header with one piece of it replaced.
fn edited(mut request: Request<Body>, name: &str, from: &str, to: &str) -> Request<Body> {
    let value = request.headers()[name].to_str().unwrap();
    assert!(value.contains(from), "{value}");
    let value = value.replace(from, to).parse().unwrap();
    *request.headers_mut().get_mut(name).unwrap() = value;
    request
}

/// Makes of what was signed what arrives.
type Attack<'a> = Box<dyn Fn(&Draft) -> Request<Body> + 'a>;

#[tokio::test]
async fn a40_a_request_changed_on_its_way_is_refused_and_nothing_is_written() {
    let bench = Bench::new();
    let created = format!("created={NOW}");
    let (mine, theirs) = (owner().fingerprint().to_string(), stranger().fingerprint().to_string());
    // Each turns red without `received.verify(…)` in gateway/signed.rs; the body's without `has_digest`.
    let attacks: Vec<(&str, Attack<'_>)> = vec![
        (
            "no signature",
            Box::new(|draft| {
                Request::builder().method(draft.method).uri(&draft.path).body(Body::from(draft.body.clone())).unwrap()
            }),
        ),
        (
            "other body",
            Box::new(|draft| {
                let mut body = draft.body.clone();
                *body.last_mut().unwrap() ^= 1;
                draft.sign().map(|_| Body::from(body))
            }),
        ),
        (
            "other body, other digest",
            Box::new(|draft| {
                let digest =
                    Draft { body: b"other".to_vec(), ..draft.clone() }.sign().headers()["content-digest"].clone();
                with_header(draft.sign().map(|_| Body::from("other")), "content-digest", digest.to_str().unwrap())
            }),
        ),
        (
            "no digest",
            Box::new(|draft| {
                let mut request = draft.sign();
                request.headers_mut().remove("content-digest");
                request
            }),
        ),
        (
            "other path",
            Box::new(|draft| {
                let mut request = draft.sign();
                let other = if draft.method == "PUT" { path::blob(&name(99)) } else { path::RECORDS_QUERY.to_owned() };
                *request.uri_mut() = other.parse().unwrap();
                request
            }),
        ),
        (
            "other query",
            Box::new(|draft| {
                let mut request = draft.sign();
                *request.uri_mut() = format!("{}?x=1", draft.path).parse().unwrap();
                request
            }),
        ),
        (
            "other method",
            Box::new(|draft| {
                let mut request = draft.sign();
                *request.method_mut() = if draft.method == "PUT" { http::Method::DELETE } else { http::Method::PUT };
                request
            }),
        ),
        (
            "other time",
            Box::new(|draft| edited(draft.sign(), "signature-input", &created, &format!("created={}", NOW + 1))),
        ),
        (
            "other nonce",
            Box::new(|draft| {
                let mut other = draft.clone();
                other.nonce[0] ^= 1;
                let input = other.sign().headers()["signature-input"].clone();
                with_header(draft.sign(), "signature-input", input.to_str().unwrap())
            }),
        ),
        ("other key named", Box::new(|draft| edited(draft.sign(), "signature-input", &mine, &theirs))),
        ("other key", Box::new(|draft| Draft { signer: stranger(), ..draft.clone() }.sign())),
        (
            "other key, owner named",
            Box::new(|draft| {
                edited(Draft { signer: stranger(), ..draft.clone() }.sign(), "signature-input", &theirs, &mine)
            }),
        ),
        (
            "signature of another request",
            Box::new(|draft| {
                let signature = Draft { created: NOW + 1, ..draft.clone() }.sign().headers()["signature"].clone();
                with_header(draft.sign(), "signature", signature.to_str().unwrap())
            }),
        ),
        ("a header more", Box::new(|draft| with_header(draft.sign(), "range", "bytes=0-1"))),
        ("a header that is not covered", Box::new(|draft| with_header(draft.sign(), "if-match", "\"x\""))),
        (
            "two signatures",
            Box::new(|draft| {
                let mut request = draft.sign();
                let signature = request.headers()["signature"].clone();
                request.headers_mut().append("signature", signature);
                request
            }),
        ),
        ("another host", Box::new(|draft| Draft { address: "https://evil.example/at", ..draft.clone() }.sign())),
    ];
    for draft in [transact(&[log_entry(1)]), put_object(1)] {
        let before = (bench.stored().await, bench.nonces().await);
        for (what, attack) in &attacks {
            let answer = bench.send(attack(&draft)).await;
            // No handler takes the records' path by another method, which is said before anything is looked at.
            let no_handler = *what == "other method" && draft.method == "POST";
            let expected = if no_handler { "method_not_allowed" } else { "not_found" };
            assert_eq!(answer.code(), expected, "{what}");
            assert_eq!((bench.stored().await, bench.nonces().await), before, "{what}");
        }
        // The control: as it was signed, it is served.
        assert_eq!(bench.send(draft.sign()).await.status, StatusCode::NO_CONTENT);
    }
    assert_eq!(bench.stored().await, (vec![entry(1)], 1, 0));
}

fn entry(seq: u64) -> Record<CloudSchema> {
    match log_entry(seq) {
        Write::Put(record, _) => record,
        _ => unreachable!("it is a put"),
    }
}

/// Turns red without the nonce's write in `transact_once` and without `spend` in the blob handlers.
#[tokio::test]
async fn a40_a_replayed_request_changes_nothing() {
    let bench = Bench::new();
    let upload = bench.blobs.begin_upload(&name(7)).await.unwrap();
    let aborted = bench.blobs.begin_upload(&name(8)).await.unwrap();
    bench.blobs.put(&name(2), sample::object(1_000, 2)).await.unwrap();
    let unconditional = Write::Put(entry(3), Condition::None);
    let hundred: Vec<_> = (1_000..1_100).map(|seq| Write::Put(entry(seq), Condition::None)).collect();
    let complete = serde_json::json!({"parts": 1, "size": "500"}).to_string();
    let drafts = [
        transact(&[log_entry(1)]),
        transact(&[unconditional]),
        transact(&hundred),
        put_object(1),
        Draft::new("DELETE", path::blob(&name(2)), ""),
        Draft::new("POST", path::blob_uploads(&name(3)), ""),
        Draft::new("PUT", path::upload_part(&name(7), upload.id(), 1, 0), vec![7; 500]),
        Draft::new("POST", path::upload_complete(&name(7), upload.id()), complete),
        Draft::new("DELETE", path::upload(&name(8), aborted.id()), ""),
    ];
    for draft in drafts {
        let what = format!("{} {}", draft.method, draft.path);
        assert!(bench.send(draft.sign()).await.status.is_success(), "{what}");
        // What the request had changed is changed back, so that it would do something again.
        for seq in [1, 3, 1_000] {
            let key = Key::new(Collection::Log, [], [CloudValue::U64(seq)]);
            bench.records.transact(&[Write::Delete(key, Condition::None)]).await.unwrap();
        }
        bench.blobs.delete(&name(1)).await.unwrap();
        let _ = bench.blobs.put(&name(2), sample::object(1_000, 2)).await;
        let before = bench.stored().await;
        for later in [0, 60] {
            bench.clock.set((NOW + later) * 1000);
            let answer = bench.send(draft.sign()).await;
            let gone = what.contains("complete");
            let expected = if gone { "not_found" } else { "replayed" };
            assert_eq!(answer.code(), expected, "{what}");
            assert_eq!(bench.stored().await, before, "{what}");
        }
        bench.clock.set(NOW * 1000);
    }
    // A replayed read gives what it gave.
    let read = Draft::new("GET", path::blob(&name(2)), "");
    assert_eq!(bench.send(read.sign()).await, bench.send(read.sign()).await);
}

/// Turns red without the comparison with `WINDOW` in gateway/signed.rs.
#[tokio::test]
async fn a40_a_request_outside_the_window_is_told_the_time_and_nothing_is_written() {
    let bench = Bench::new();
    for created in [0, NOW - 3_600, NOW - 61, NOW + 61, u64::MAX] {
        let answer = bench.send(Draft { created, ..transact(&[log_entry(1)]) }.sign()).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::FORBIDDEN, "clock_skew"), "{created}");
        let json: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(json["server_time"], NOW.to_string());
        // A stranger is not told even the time.
        let stranger = Draft { created, signer: stranger(), ..transact(&[log_entry(1)]) };
        assert_eq!(bench.send(stranger.sign()).await.code(), "not_found");
    }
    assert_eq!((bench.stored().await, bench.nonces().await), ((vec![], 0, 0), 0));
    for (seq, created) in [(1, NOW - 60), (2, NOW), (3, NOW + 60)] {
        let answer = bench.send(Draft { created, ..transact(&[log_entry(seq)]) }.sign()).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
    }
}

/// Alice asks Bob's gateway, and Bob passes her request on to her own. Turns red without the audience and the address
/// that `verify` in gateway/signed.rs compares.
#[tokio::test]
async fn a65_a_request_for_another_cloud_is_refused() {
    let (alice, bob) = (owner(), stranger());
    let mine = Bench::new();
    let elsewhere = Bench::of(MemoryRecords::new(), MemoryBlobs::new(), &alice, "https://second.example/at");
    let for_bob = Draft { audience: bob.fingerprint(), address: "https://bob.example/at", ..put_object(1) };
    let relayed = [
        for_bob.sign(),
        // With the host and the audience of where it is taken to.
        with_header(for_bob.sign(), "host", "cloud.example"),
        with_header(for_bob.sign(), "imegha-audience", &alice.fingerprint().to_string()),
        // Bob's gateway stands behind the same name as Alice's, and only the audience tells them apart.
        Draft { audience: bob.fingerprint(), ..put_object(1) }.sign(),
    ];
    for request in relayed {
        assert_eq!(mine.send(request).await.code(), "not_found");
    }
    // From one cloud of Alice's to another of hers.
    let for_second = Draft { address: "https://second.example/at", ..put_object(1) };
    assert_eq!(mine.send(for_second.sign()).await.code(), "not_found");
    assert_eq!(elsewhere.send(put_object(1).sign()).await.code(), "not_found");
    assert_eq!(mine.stored().await, (vec![], 0, 0));
    // The control, whatever the host says.
    let served = mine.send(with_header(put_object(1).sign(), "host", "evil.example")).await;
    assert_eq!(served.status, StatusCode::NO_CONTENT);
    assert_eq!(elsewhere.send(for_second.sign()).await.status, StatusCode::NO_CONTENT);
}

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
async fn nonces_are_the_gateways_own() {
    let bench = Bench::new();
    let key = Key::new(Collection::Nonce, [], [CloudValue::Time(1)]);
    for write in [
        Write::Put(Record::new(key.clone()), Condition::None),
        Write::Delete(key.clone(), Condition::None),
        Write::Check(key, Condition::Absent),
    ] {
        let answer = bench.send(transact(&[log_entry(1), write]).sign()).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::FORBIDDEN, "denied"));
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
    for (method, path) in [("PUT", path::VERSION), ("GET", path::RECORDS_GET), ("POST", "/v1/blobs/x")] {
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
    for collection in Collection::ALL.iter().filter(|collection| **collection != Collection::Nonce) {
        let record = Record::new(Key::new(*collection, [], [CloudValue::U64(1)]));
        let answer = bench.send(transact(&[Write::Put(record, Condition::Absent)]).sign()).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{collection:?}");
    }
}

mod hosted {
    use std::collections::BTreeMap;

    use async_trait::async_trait;
    use imegha_cloud::gateway::{Clouds, hosted_router};

    use super::*;

    #[derive(Debug)]
    struct Hosts(BTreeMap<Fingerprint, Gateway>);

    #[async_trait]
    impl Clouds for Hosts {
        async fn gateway(&self, owner: &Fingerprint) -> imegha_cloud::Result<Option<Gateway>> {
            Ok(self.0.get(owner).cloned())
        }
    }

    fn host(blobs: &MemoryBlobs) -> Router {
        let owner = owner();
        let address = format!("https://host.example/cloud/{}", owner.fingerprint()).parse().unwrap();
        let clock = Arc::new(ManualClock::new(NOW * 1000));
        let options = GatewayOptions::new(&address).unwrap().with_clock(clock);
        let records = Arc::new(MemoryRecords::new());
        let gateway = Gateway::new(records, Arc::new(blobs.clone()), owner.public().clone(), options);
        let hosts = Hosts(BTreeMap::from([(owner.fingerprint(), gateway)]));
        Router::new().nest("/cloud", hosted_router(Arc::new(hosts)))
    }

    fn hosted(draft: Draft, owner: &Fingerprint) -> Draft {
        Draft { path: format!("/cloud/{owner}{}", draft.path), address: "https://host.example", ..draft }
    }

    #[tokio::test]
    async fn a_cloud_is_found_by_its_owners_fingerprint() {
        let blobs = MemoryBlobs::new();
        let host = host(&blobs);
        let mine = owner().fingerprint();
        assert_eq!(send(&host, hosted(put_object(1), &mine).sign()).await.status, StatusCode::NO_CONTENT);
        let list = hosted(Draft::new("GET", path::blobs_page(None, 5), ""), &mine);
        let answer = send(&host, list.sign()).await;
        assert_eq!(serde_json::from_slice::<serde_json::Value>(&answer.body).unwrap()["objects"][0]["size"], "1000");
        assert_eq!(blobs.list(None, 5).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_stranger_does_not_learn_which_clouds_there_are() {
        let host = host(&MemoryBlobs::new());
        let (mine, none) = (owner().fingerprint(), Fingerprint::from_bytes([9; 32]));
        for path in ["/v1/version", "/v1/uploads", "/v1/blobs/x", "/v1/nowhere", "/"] {
            for method in ["GET", "PUT", "OPTIONS"] {
                let ask = async |owner: &Fingerprint| {
                    let uri = format!("/cloud/{owner}{path}");
                    send(&host, Request::builder().method(method).uri(uri).body(Body::empty()).unwrap()).await
                };
                assert_eq!(ask(&mine).await, ask(&none).await, "{method} {path}");
            }
        }
        let strangers = Draft { signer: stranger(), ..Draft::new("GET", path::UPLOADS, "") };
        let ask = async |owner| send(&host, hosted(strangers.clone(), owner).sign()).await;
        assert_eq!(ask(&mine).await, ask(&none).await);
        for path in ["/cloud", "/cloud/x", "/cloud/x/v1/uploads", "/cloud//v1/uploads"] {
            let answer = send(&host, Request::builder().uri(path).body(Body::empty()).unwrap()).await;
            assert_eq!(answer.code(), "not_found", "{path}");
        }
    }

    #[tokio::test]
    async fn a_request_for_one_hosted_cloud_is_refused_by_another() {
        let blobs = MemoryBlobs::new();
        let host = host(&blobs);
        let for_another = hosted(put_object(1), &stranger().fingerprint());
        let mut relayed = for_another.sign();
        *relayed.uri_mut() = hosted(put_object(1), &owner().fingerprint()).path.parse().unwrap();
        assert_eq!(send(&host, relayed).await.code(), "not_found");
        assert!(blobs.list(None, 5).await.unwrap().is_empty());
    }
}
