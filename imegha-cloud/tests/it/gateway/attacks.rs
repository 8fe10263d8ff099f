//! Requests that somebody changed, kept, or took elsewhere (ATTACKS 40 and 65).

use axum::body::Body;
use http::{Request, StatusCode};
use imegha_cloud::backend::memory::{MemoryBlobs, MemoryRecords};
use imegha_cloud::backend::{BlobStore, Condition, Key, RecordStore, Write};
use imegha_cloud::protocol::path;
use imegha_cloud::schema::{CloudValue, Collection};

use super::bench::{Bench, Draft, NOW, edited, entry, log_entry, name, put_object, transact, with_header};
use super::history::{Chain, second};
use crate::sample;
use crate::served::{owner, stranger};

/// Makes of what was signed what arrives.
type Attack<'a> = Box<dyn Fn(&Draft) -> Request<Body> + 'a>;

#[tokio::test]
async fn a40_a_request_changed_on_its_way_is_refused_and_nothing_is_written() {
    let bench = Bench::new();
    let created = format!("created={NOW}");
    let theirs = stranger().fingerprint().to_string();
    let mine = |draft: &Draft| draft.signer.fingerprint().to_string();
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
        ("other key named", Box::new(|draft| edited(draft.sign(), "signature-input", &mine(draft), &theirs))),
        ("other key", Box::new(|draft| Draft { signer: stranger(), ..draft.clone() }.sign())),
        (
            "other key, owner named",
            Box::new(|draft| {
                let strangers = Draft { signer: stranger(), ..draft.clone() };
                edited(strangers.sign(), "signature-input", &theirs, &mine(draft))
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
    // The last shuts the signer of the others out.
    for draft in [transact(&[log_entry(1)]), put_object(1), Chain::new().then(&second()).told_by(&second())] {
        let before = (bench.stored().await, bench.nonces().await);
        for (what, attack) in &attacks {
            let answer = bench.send(attack(&draft)).await;
            // No handler takes the path of the records, or of the history, by another method, which is said before anything is looked at.
            let no_handler = *what == "other method" && !draft.path.starts_with(path::BLOBS);
            let expected = if no_handler { "method_not_allowed" } else { "not_found" };
            assert_eq!(answer.code(), expected, "{what}");
            assert_eq!((bench.stored().await, bench.nonces().await), before, "{what}");
        }
        // The control: as it was signed, it is served.
        assert_eq!(bench.send(draft.sign()).await.status, StatusCode::NO_CONTENT);
    }
    assert_eq!(bench.stored().await, (vec![entry(1)], 1, 0));
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
