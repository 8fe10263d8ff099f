//! Histories that are not the owner's, requests that somebody kept, and storage that changes what the gateway was told (ATTACKS 33 and 40).

use std::sync::Arc;

use axum::body::Body;
use http::StatusCode;
use imegha_cloud::ErrorKind;
use imegha_cloud::backend::{Condition, Write};
use imegha_cloud::gateway::router;
use imegha_cloud::protocol::MAX_HISTORY_LEN;
use imegha_cloud::schema::{CloudValue, Field};
use imegha_crypto::{Id, Identity};
use serde_json::{Value, json};

use super::bench::{Draft, NOW, log_entry, send, transact, with_header};
use super::history::{Chain, Instances, Watched, by, newest_key, newest_record, read, second, storages, tell, third};
use crate::served::{owner, stranger};

/// A history as JSON, changed by hand and told by somebody.
fn changed(chain: &Chain, signer: &Arc<Identity>, change: impl Fn(&mut Value)) -> Draft {
    let mut request = serde_json::to_value(chain.request()).unwrap();
    change(&mut request);
    tell(request.to_string().into_bytes(), signer)
}

/// A gateway that knows the second of the owner's identities. Turns red without `KeyHistory::verify` in protocol/history.rs, `check` or
/// `leads_on_from` in gateway/history.rs.
#[tokio::test]
async fn a33_a_gateway_follows_only_the_owners_own_history_and_never_back() {
    let (first, two) = (Chain::new(), Chain::new().then(&second()));
    let three = two.then(&third());
    let signature =
        |of: &Chain, at: usize, name: &str| serde_json::to_value(of.request()).unwrap()["entries"][at][name].clone();
    let strangers = Chain::of(&stranger(), Id::from_bytes([8; 16])).then(&third());
    let other_account = Chain::of(&owner(), Id::from_bytes([8; 16])).then(&second()).then(&third());
    let padded = |len: usize| {
        let mut body = serde_json::to_vec(&three.request()).unwrap();
        body.resize(len, b' ');
        tell(body, &third())
    };
    let many = |count: usize| {
        changed(&three, &third(), |request| {
            let last = request["entries"][2].clone();
            request["entries"].as_array_mut().unwrap().resize(count, last);
        })
    };
    let attacks: Vec<(&str, Draft)> = vec![
        ("a rollback", first.told()),
        ("a rollback, by the newest", first.told_by(&second())),
        ("a fork", first.then_at(&second(), 3).told()),
        ("a fork to another", first.then(&third()).told()),
        ("a fork that is longer", first.then_at(&second(), 3).then(&third()).told()),
        ("a fork by another way", first.then(&stranger()).then(&third()).told()),
        ("an identity that comes back", two.then(&owner()).told()),
        ("an identity that comes back later", three.then(&second()).told()),
        ("another first", strangers.told()),
        ("another first, for its own gateway", Draft { audience: stranger().fingerprint(), ..strangers.told() }),
        ("another account of the same first", other_account.told()),
        ("told by the first", three.told_by(&owner())),
        ("told by the one before", three.told_by(&second())),
        ("told by a stranger", three.told_by(&stranger())),
        ("a gap", changed(&three, &third(), |request| drop(request["entries"].as_array_mut().unwrap().remove(1)))),
        (
            "no beginning",
            changed(&three, &third(), |request| drop(request["entries"].as_array_mut().unwrap().remove(0))),
        ),
        ("no entries", changed(&three, &third(), |request| request["entries"] = json!([]))),
        ("unsigned", changed(&three, &third(), |request| request["entries"][2]["by_previous"] = Value::Null)),
        (
            "signed by a stranger",
            changed(&three, &third(), |request| {
                request["entries"][2]["by_previous"] = signature(&strangers, 1, "by_previous");
            }),
        ),
        (
            "not signed by the new one",
            changed(&three, &third(), |request| request["entries"][2]["by_new"] = signature(&two, 1, "by_new")),
        ),
        (
            "bound to another",
            changed(&three, &third(), |request| request["entries"][2]["binding"] = signature(&strangers, 1, "binding")),
        ),
        (
            "another key",
            changed(&three, &stranger(), |request| {
                for name in ["spki", "ed25519"] {
                    request["entries"][2][name] = signature(&strangers, 0, name);
                }
            }),
        ),
        (
            "another hash",
            changed(&three, &third(), |request| request["entries"][2]["previous"] = json!("A".repeat(43))),
        ),
        ("another time", changed(&three, &third(), |request| request["entries"][2]["ms"] = json!("9"))),
        ("another tag", changed(&three, &third(), |request| request["tag"] = json!("mallory"))),
        ("another account", changed(&three, &third(), |request| request["account"] = json!("A".repeat(22)))),
        ("a word more", changed(&three, &third(), |request| request["more"] = json!(1))),
        ("a word less", changed(&three, &third(), |request| drop(request.as_object_mut().unwrap().remove("tag")))),
        ("an entry that does not belong", many(1_000)),
        ("more entries than there may be", many(1_001)),
        ("a body that is too long", padded(MAX_HISTORY_LEN + 1)),
        ("no body", tell(Vec::new(), &third())),
        ("no JSON", tell(b"hello".to_vec(), &third())),
        ("deep JSON", tell("[".repeat(100_000).into_bytes(), &third())),
    ];
    for storage in storages().await {
        let cloud = Instances::of(storage.records.clone(), storage.blobs.clone());
        let gateway = cloud.start();
        gateway.told(&two).await;
        let expected = gateway.send(read(&stranger())).await;
        assert_eq!(expected.code(), "not_found");
        for (what, attack) in &attacks {
            for gateway in [&gateway, &cloud.start()] {
                let answer = gateway.send(Draft { nonce: nonce(), ..attack.clone() }).await;
                assert_eq!(answer, expected, "{what} on {}", storage.name);
                assert_eq!(gateway.served().await, [false, true, false], "{what}");
            }
            assert_eq!(cloud.kept().await, Some(1), "{what}");
        }
        // The control, as long as it may be.
        assert_eq!(gateway.send(padded(MAX_HISTORY_LEN)).await.status, StatusCode::NO_CONTENT);
        assert_eq!((gateway.served().await, cloud.kept().await), ([false, false, true], Some(2)));
    }
}

fn nonce() -> [u8; 16] {
    *Id::generate().unwrap().as_bytes()
}

/// Turns red without `leads_on_from`: a request that somebody kept tells what was known then.
#[tokio::test]
async fn a40_a_history_that_is_told_again_by_somebody_changes_nothing() {
    let (two, three) = (Chain::new().then(&second()), Chain::new().then(&second()).then(&third()));
    for storage in storages().await {
        let cloud = Instances::of(storage.records.clone(), storage.blobs.clone());
        let gateway = cloud.start();
        let kept = [Chain::new().told(), two.told()];
        for draft in &kept {
            assert_eq!(gateway.replay(draft).await.status, StatusCode::NO_CONTENT);
        }
        // Of the newest it says what is so already; of an older one it is a stranger's.
        for (draft, expected) in [(&kept[1], ""), (&kept[0], "not_found")] {
            for gateway in [&gateway, &cloud.start()] {
                assert_eq!(gateway.replay(draft).await.code(), expected);
                assert_eq!((gateway.served().await, cloud.kept().await), ([false, true, false], Some(1)));
            }
        }
        gateway.told(&three).await;
        for draft in &kept {
            for gateway in [&gateway, &cloud.start()] {
                assert_eq!(gateway.replay(draft).await.code(), "not_found");
                assert_eq!((gateway.served().await, cloud.kept().await), ([false, false, true], Some(2)));
            }
        }
    }
}

/// Both histories hold and end with the one who signed, so only the digest tells them apart. Turns red without its comparison in
/// `Told::read`.
#[tokio::test]
async fn a40_another_history_under_the_same_signature_is_refused() {
    let two = Chain::new().then(&second());
    let other = Chain::new().then_at(&second(), 3);
    for storage in storages().await {
        let cloud = Instances::of(storage.records.clone(), storage.blobs.clone());
        let app = router(cloud.gateway());
        let (signed, others) = (two.told(), other.told());
        let exchanged = signed.sign().map(|_| Body::from(others.body.clone()));
        assert_eq!(send(&app, exchanged).await.code(), "not_found");
        let digest = others.sign().headers()["content-digest"].to_str().unwrap().to_owned();
        let exchanged = with_header(signed.sign().map(|_| Body::from(others.body)), "content-digest", &digest);
        assert_eq!(send(&app, exchanged).await.code(), "not_found");
        let longer = signed.sign().map(|_| Body::from([&signed.body[..], b" "].concat()));
        assert_eq!(send(&app, longer).await.code(), "not_found");
        assert_eq!(cloud.kept().await, None);
        assert_eq!(send(&app, signed.sign()).await.status, StatusCode::NO_CONTENT);
    }
}

/// Turns red without `check_time` in gateway/history.rs. Who is not the owner is not told the time.
#[tokio::test]
async fn a40_a_history_outside_the_window_is_told_the_time() {
    let two = Chain::new().then(&second());
    for storage in storages().await {
        let cloud = Instances::of(storage.records.clone(), storage.blobs.clone());
        let gateway = cloud.start();
        for created in [0, NOW - 61, NOW + 61, u64::MAX] {
            let answer = gateway.replay(&Draft { created, ..two.told() }).await;
            assert_eq!((answer.status, answer.code().as_str()), (StatusCode::FORBIDDEN, "clock_skew"), "{created}");
            let strangers = Draft { created, ..two.told_by(&stranger()) };
            assert_eq!(gateway.replay(&strangers).await.code(), "not_found");
        }
        assert_eq!((gateway.served().await, cloud.kept().await), ([true, false, false], None));
        let late = Draft { created: NOW - 60, ..two.told() };
        assert_eq!(gateway.replay(&late).await.status, StatusCode::NO_CONTENT);
    }
}

/// Storage has the cloud anyway. What it cannot do is have a process serve an identity that this has seen replaced: turns red without
/// `replaced` and the comparison of `seq` in `Owner::learn`.
#[tokio::test]
async fn a33_storage_brings_no_earlier_identity_back() {
    let (two, three) = (Chain::new().then(&second()), Chain::new().then(&second()).then(&third()));
    for storage in storages().await {
        let cloud = Instances::of(storage.records.clone(), storage.blobs.clone());
        let gateway = cloud.start();
        gateway.told(&two).await;
        let older = cloud.records.get(&newest_key()).await.unwrap().unwrap();
        gateway.told(&three).await;
        let newest = cloud.records.get(&newest_key()).await.unwrap().unwrap();

        let lies = [
            ("older", Some(older)),
            ("gone", None),
            ("the first in its place", Some(newest_record(2, &owner()))),
            ("another in its place", Some(newest_record(2, &stranger()))),
            ("the first, later", Some(newest_record(9, &owner()))),
            ("the second, later", Some(newest_record(9, &second()))),
            ("the same, later", Some(newest_record(9, &third()))),
        ];
        for (what, lie) in lies {
            match lie {
                Some(record) => cloud.put(record).await,
                None => cloud.remove().await,
            }
            cloud.later(60);
            // The strangers have it look once more.
            assert!(!gateway.serves(&stranger()).await);
            assert_eq!(gateway.served().await, [false, false, true], "{what} on {}", storage.name);
            assert_eq!(gateway.send(two.told()).await.code(), "not_found", "{what}");
            // The owner mends it by telling what is so.
            gateway.told(&three).await;
            let there = cloud.records.get(&newest_key()).await.unwrap().unwrap();
            assert_eq!(there, newest, "{what}");
        }
        // One that starts believes it: it has nothing to compare with, and who writes into the storage needs nobody's leave.
        cloud.put(newest_record(9, &stranger())).await;
        let fresh = cloud.start();
        assert!(fresh.serves(&stranger()).await && !fresh.serves(&third()).await);
        cloud.remove().await;
        let fresh = cloud.start();
        assert!(fresh.serves(&owner()).await, "as when a backup was put back");
        fresh.told(&three).await;
        assert_eq!(fresh.served().await, [false, false, true]);
    }
}

/// A record that nobody can read says that there was a new identity, and not which.
#[tokio::test]
async fn a33_a_damaged_record_serves_nobody_who_was_not_known() {
    let two = Chain::new().then(&second());
    for storage in storages().await {
        let cloud = Instances::of(storage.records.clone(), storage.blobs.clone());
        let knows = cloud.start();
        knows.told(&two).await;
        let mut damaged = newest_record(1, &second());
        damaged.fields.insert(Field::Seq, CloudValue::U64(0));
        let mut short = newest_record(1, &second());
        short.fields.remove(&Field::Owner);
        let mut long = newest_record(1, &second());
        long.fields.insert(Field::Written, CloudValue::Time(1));
        for record in [damaged, short, long] {
            cloud.put(record).await;
            let fresh = cloud.start();
            for draft in [read(&owner()), read(&second()), two.told(), by(&owner(), transact(&[log_entry(1)]))] {
                let answer = fresh.send(draft).await;
                assert_eq!((answer.status.as_u16(), answer.code().as_str()), (500, "internal"), "{}", storage.name);
            }
            assert_eq!(
                fresh.send(Draft { address: "https://evil.example", ..read(&owner()) }).await.code(),
                "not_found"
            );
            let checked = cloud.gateway().check_stores().await.unwrap_err();
            assert_eq!(checked.kind(), ErrorKind::Backend);
            assert!(checked.to_string().contains("`owner`"), "{checked}");
            // One that knows serves the newest as long as it need not look, and after that nobody either; never an earlier one.
            assert!(knows.serves(&second()).await);
        }
        cloud.later(60);
        assert_eq!(knows.send(read(&second())).await.code(), "internal");
        assert_eq!(knows.send(read(&owner())).await.code(), "internal");
        cloud.remove().await;
        cloud.later(1);
        assert_eq!(knows.served().await, [false, true, false]);
        let fresh = cloud.start();
        fresh.told(&two).await;
        cloud.gateway().check_stores().await.unwrap();
        assert_eq!(fresh.served().await, [false, true, false]);
    }
}

/// A stranger's history is read only where its headers say that it may be one, and not past its bound.
#[tokio::test]
async fn a54_a_history_is_bounded_before_anybody_knows_whose_it_is() {
    let cloud = Instances::new(Watched::new());
    let app = router(cloud.gateway());
    let send = async |request| send(&app, request).await.code();
    let unread = || {
        Body::from_stream(futures::stream::once(async {
            panic!("a body is read that need not be") as Result<Vec<u8>, std::io::Error>
        }))
    };
    let two = Chain::new().then(&second()).told();
    let mut unsigned = two.sign().map(|_| unread());
    unsigned.headers_mut().remove("signature");
    assert_eq!(send(unsigned).await, "not_found");
    let long = with_header(two.sign().map(|_| unread()), "content-length", &(MAX_HISTORY_LEN + 1).to_string());
    assert_eq!(send(long).await, "not_found");
    let endless = Body::from_stream(futures::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![0; 1 << 16])));
    assert_eq!(send(two.sign().map(|_| endless)).await, "not_found");
    let more = with_header(two.sign(), "content-length", "10");
    assert_eq!(send(more).await, "not_found", "more than it said");
    assert_eq!(send(two.sign()).await, "", "control");
}

/// The gateway's record is out of the reach of whoever it serves.
#[tokio::test]
async fn a33_the_owners_own_requests_do_not_write_what_the_gateway_keeps() {
    for storage in storages().await {
        let cloud = Instances::of(storage.records.clone(), storage.blobs.clone());
        let gateway = cloud.start();
        gateway.told(&Chain::new().then(&second())).await;
        let record = newest_record(9, &owner());
        let key = record.key.clone();
        for write in [
            Write::Put(record, Condition::None),
            Write::Delete(key.clone(), Condition::None),
            Write::Check(key, Condition::Present),
        ] {
            let answer = gateway.send(by(&second(), transact(&[log_entry(1), write]))).await;
            assert_eq!(answer.code(), "denied");
        }
        assert_eq!((gateway.served().await, cloud.kept().await), ([false, true, false], Some(1)));
        assert_eq!(gateway.send(by(&second(), transact(&[log_entry(1)]))).await.status, StatusCode::NO_CONTENT);
    }
}
