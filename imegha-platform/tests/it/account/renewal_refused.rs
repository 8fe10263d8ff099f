//! Requests for new keys that are not whole, or come at the wrong time: each by itself is refused, and nothing is written.

use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::{Method, StatusCode};
use imegha_cloud::backend::{Condition, Record, RecordStore as _, Write};
use imegha_crypto::{Hash, Id, Identity, KeyHistoryEntry, KeysStatement, RecoveryPublicKey};
use imegha_platform::client::{GatewayAddress, NewPhrase, Platform};
use imegha_platform::protocol::{HistoryEntry, WireBytes as _};
use imegha_platform::registry::{AccountKeys, Collection, PlatformValue};
use serde_json::{Value, json};
use url::Url;

use super::recovery::{open, statement};
use super::renewal::Broken;
use super::{NEW, Replaced, device};
use crate::on_every_backend;
use crate::world::{Answer, MINUTE, NOW, ORIGIN, World};

const ALICE: &str = "alice@example.com";

on_every_backend! {
    a33_a_request_that_is_not_whole_is_refused,
    a33_an_identity_that_was_there_is_no_new_one,
    only_the_password_that_is_there_renews,
    a_request_of_another_state_is_a_conflict,
    nothing_is_renewed_while_a_password_is_being_taken,
    nothing_is_renewed_while_a_recovery_is_open,
    there_is_a_last_epoch,
    what_is_asked_beside_a_renewal_is_answered,
}

/// A request that was right when it was made, with the session that made it.
struct Made {
    alice: Replaced,
    client: Platform,
    body: Value,
}

impl Made {
    async fn by(world: &World, email: &str, tag: &str) -> Self {
        Self::of(world, Replaced::new(world, email, tag).await).await
    }

    async fn of(world: &World, alice: Replaced) -> Self {
        let broken = Broken::before(world);
        let client = broken.client(&alice.client);
        client.renew(&alice.signed_in.account, NEW, &alice.phrase, NOW + 1).await.unwrap_err();
        Self { alice, client, body: broken.caught() }
    }

    async fn send(&self, world: &World, body: &Value) -> Answer {
        let bearer = format!("Bearer {}", self.client.session_token().unwrap().as_str());
        world.call(Method::POST, "/account/renew", &[("authorization", &bearer)], Some(body.clone())).await
    }

    fn with(&self, pointer: &str, value: Value) -> Value {
        let mut body = self.body.clone();
        *body.pointer_mut(pointer).unwrap() = value;
        body
    }

    async fn keys(&self, world: &World) -> AccountKeys {
        world.server_registry().account_keys(&self.alice.signed_in.account.id).await.unwrap().unwrap()
    }
}

fn base64(bytes: &[u8]) -> Value {
    use base64ct::{Base64UrlUnpadded, Encoding as _};
    json!(Base64UrlUnpadded::encode_string(bytes))
}

fn sealed(len: usize) -> Value {
    base64(&vec![7; len])
}

/// Turns red without each of the checks of `Renewed::check` and what it calls (`flows/renewal.rs`), and without the signature's in
/// `AccountKeys::next`, by the case that names it.
async fn a33_a_request_that_is_not_whole_is_refused(world: World) {
    let bob = Made::by(&world, "bob@example.com", "bob").await;
    let alice = Made::by(&world, ALICE, "alice").await;
    let before = alice.keys(&world).await;
    let (body, bobs) = (&alice.body, &bob.body);
    let at = |body: &Value, pointer: &str| body.pointer(pointer).unwrap().clone();
    let whole = |key: &str, value: Value| alice.with(&format!("/{key}"), value);
    let first = json!(HistoryEntry::from(&alice.alice.signed_in.account.history.entries()[0]));
    let (one, two) = (at(body, "/identities/0"), at(body, "/identities/1"));
    let (old, new) = (alice.with("/identities", json!([one])), alice.with("/identities", json!([two])));
    let mut unsigned = body.clone();
    unsigned["entry"].as_object_mut().unwrap().remove("by_previous");
    let cases = [
        ("another epoch", whole("dek_epoch", json!(3))),
        ("the same epoch", whole("dek_epoch", json!(1))),
        ("no epoch", whole("dek_epoch", json!(0))),
        ("a wrap by password that is none", alice.with("/password/wrap", sealed(103))),
        ("a wrap by phrase that is none", alice.with("/phrase/wrap", sealed(105))),
        ("an earlier DEK that is none", whole("previous", sealed(72))),
        ("the id of the wrap that was", alice.with("/password/id", base64(before.passwords[0].id.wire()))),
        ("the id of the other that was", alice.with("/phrase/id", base64(before.phrases[0].id.wire()))),
        ("one id for both", alice.with("/phrase/id", body["password"]["id"].clone())),
        ("another wrap than was signed", alice.with("/password/wrap", sealed(104))),
        ("another phrase's wrap than was signed", alice.with("/phrase/wrap", sealed(104))),
        ("another's entry", whole("entry", bobs["entry"].clone())),
        ("another's binding", alice.with("/entry/binding", bobs["entry"]["binding"].clone())),
        ("the entry that is there", whole("entry", first)),
        ("a place that was left out", alice.with("/entry/seq", json!("2"))),
        ("a second beginning", alice.with("/entry/seq", json!("0"))),
        ("another entry before", alice.with("/entry/previous", base64(&[9; 32]))),
        ("another time", alice.with("/entry/ms", json!("7"))),
        ("not signed by the identity before", unsigned),
        ("signed by another before", alice.with("/entry/by_previous", bobs["entry"]["by_previous"].clone())),
        ("not signed by the new one", alice.with("/entry/by_new", body["entry"]["by_previous"].clone())),
        ("another's public key", alice.with("/entry/ed25519", bobs["entry"]["ed25519"].clone())),
        ("a key that is none", alice.with("/entry/spki", sealed(294))),
        ("the new identity missing", old),
        ("the old identity missing", new),
        ("no identity", whole("identities", json!([]))),
        ("one of them twice", whole("identities", json!([one, one]))),
        ("one too many", whole("identities", json!([one, two, bobs["identities"][0]]))),
        ("another's identity", alice.with("/identities/1", bobs["identities"][1].clone())),
        ("under the DEK that was", alice.with("/identities/0/dek_epoch", json!(1))),
        ("a wrapped identity that is none", alice.with("/identities/1/wrapped", sealed(104))),
        ("another signature", alice.with("/next/signature", bobs["next"]["signature"].clone())),
        (
            "signed by the old identity",
            alice.with("/next/signature", signed_by(body, &before, &alice.alice.signed_in.account.identity)),
        ),
    ];
    for (what, body) in cases {
        let answer = alice.send(&world, &body).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::UNPROCESSABLE_ENTITY, "key_refused"),
            "{what}"
        );
    }
    assert_eq!(alice.keys(&world).await, before, "nothing is written");
    // Control, and each of what stays.
    assert_eq!(alice.send(&world, body).await.status, 204);
    let after = alice.keys(&world).await;
    let ([was], [is]) = (&before.passwords[..], &after.passwords[..]) else { panic!("one password") };
    assert_eq!((&was.email, &was.kdf, was.auth_hash), (&is.email, &is.kdf, is.auth_hash));
    let ([was], [is]) = (&before.phrases[..], &after.phrases[..]) else { panic!("one phrase") };
    assert_eq!(was.public_key, is.public_key);
    assert_eq!((after.previous.len(), after.identities.len(), after.history.len()), (1, 2, 2));
    assert_eq!(after.history[0], before.history[0]);
    assert!(after.identities.iter().all(|identity| identity.dek_epoch == 2));
    assert_eq!(alice.send(&world, body).await.code(), "conflict", "once more");
    assert_eq!(alice.keys(&world).await, after);
    world.client().sign_in_known(ALICE, NEW, &alice.alice.signed_in.known).await.unwrap();
}

/// The statement of a request's version, signed by an identity.
fn signed_by(body: &Value, before: &AccountKeys, identity: &Identity) -> Value {
    let mut wraps: Vec<(Id, Hash)> = ["password", "phrase"]
        .map(|of| (Id::from_bytes(bytes(&body[of]["id"]).try_into().unwrap()), Hash::of(&bytes(&body[of]["wrap"]))))
        .into();
    wraps.sort_unstable();
    let statement = KeysStatement {
        account: before.account.id,
        version: before.account.keys_version + 1,
        dek_epoch: 2,
        recovery_public: *RecoveryPublicKey::parse(&before.phrases[0].public_key).unwrap().as_bytes(),
        wraps: wraps.into_iter().map(|(_, hash)| hash).collect(),
    };
    base64(statement.sign(identity).as_bytes())
}

fn bytes(value: &Value) -> Vec<u8> {
    use base64ct::{Base64UrlUnpadded, Encoding as _};
    Base64UrlUnpadded::decode_vec(value.as_str().unwrap()).unwrap()
}

/// Signed by all that must sign, and yet not new: who had it has it. Turns red without the comparison of fingerprints in `next_entry`
/// (`flows/renewal.rs`).
async fn a33_an_identity_that_was_there_is_no_new_one(world: World) {
    let alice = Made::by(&world, ALICE, "alice").await;
    let before = alice.keys(&world).await;
    let account = &alice.alice.signed_in.account;
    let (identity, tag) = (&account.identity, account.tag.as_str());
    let again = KeyHistoryEntry::next(&account.history, identity, identity, &account.id, tag, NOW + 1).unwrap();
    let current = before.account.fingerprint;
    let mut wraps = alice.body["identities"].as_array().unwrap().iter();
    let wrap = wraps.find(|wrap| wrap["fingerprint"] == base64(current.as_bytes())).unwrap();
    let mut body = alice.with("/identities", json!([wrap, wrap]));
    body["entry"] = json!(HistoryEntry::from(&again));
    body["next"]["signature"] = signed_by(&body, &before, identity);
    assert_eq!(alice.send(&world, &body).await.code(), "key_refused");
    // Control: the signature over the same is right when it is made by the one that the entry names.
    let other = Identity::generate().unwrap();
    let entry = KeyHistoryEntry::next(&account.history, identity, &other, &account.id, tag, NOW + 1).unwrap();
    let mut new = wrap.clone();
    new["fingerprint"] = base64(other.fingerprint().as_bytes());
    body["identities"] = json!([wrap, new]);
    body["entry"] = json!(HistoryEntry::from(&entry));
    body["next"]["signature"] = signed_by(&body, &before, &other);
    assert_eq!(alice.send(&world, &body).await.status, 204);
}

/// Turns red without `check_auth` in `flows/renewal.rs`.
async fn only_the_password_that_is_there_renews(world: World) {
    let alice = Made::by(&world, ALICE, "alice").await;
    let before = alice.keys(&world).await;
    for (auth_string, code) in [
        (format!("iM1!{}", "B".repeat(42) + "A"), "wrong_password"),
        ("iM1!".to_owned(), "malformed"),
        (String::new(), "malformed"),
    ] {
        let answer = alice.send(&world, &alice.with("/auth_string", json!(auth_string))).await;
        assert_eq!(answer.code(), code, "{auth_string}");
    }
    // Nobody's session, one that has ended, and one of another account.
    assert_eq!(world.post("/account/renew", alice.body.clone()).await.code(), "signed_out");
    let (ended, _) = device(&world, ALICE, NEW).await;
    let token = ended.session_token().unwrap();
    ended.sign_out().await.unwrap();
    ended.take_session(token);
    let (stranger, _) = world.signed_in("bob@example.com", "bob").await;
    for (client, code) in [(ended, "signed_out"), (stranger, "conflict")] {
        let bearer = format!("Bearer {}", client.session_token().unwrap().as_str());
        let headers = [("authorization", bearer.as_str())];
        let answer = world.call(Method::POST, "/account/renew", &headers, Some(alice.body.clone())).await;
        assert_eq!(answer.code(), code);
    }
    assert_eq!(alice.keys(&world).await, before);
    assert_eq!(alice.send(&world, &alice.body).await.status, 204, "control");
}

/// Turns red without the comparison of versions and of the gateway's edits in `flows/renewal.rs`, and without `nothing_beside` there.
async fn a_request_of_another_state_is_a_conflict(world: World) {
    let alice = Made::by(&world, ALICE, "alice").await;
    let conflict = async |body: &Value, what: &str| {
        let before = alice.keys(&world).await;
        let answer = alice.send(&world, body).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::CONFLICT, "conflict"), "{what}");
        assert_eq!(alice.keys(&world).await, before, "{what}");
    };
    let version = alice.keys(&world).await.account.keys_version;
    for version in [0, 1, version, version + 2, u64::MAX] {
        let version = version.to_string();
        conflict(&alice.with("/next/version", json!(version)), &version).await;
    }
    conflict(&alice.with("/gateway_edit", json!("1")), "an address that there is not").await;
    // An address that came meanwhile: it would be lost.
    let account = &alice.alice.signed_in.account;
    let url = Url::parse("https://home.example/").unwrap();
    let address = GatewayAddress { url, cloud: Id::from_bytes([7; 16]) };
    alice.client.set_gateway(account, None, address).await.unwrap();
    conflict(&alice.body, "an address that the client did not see").await;
    let mut body = alice.with("/gateway_edit", json!("1"));
    for (edit, len, code) in
        [("1", 200, "conflict"), ("3", 200, "conflict"), ("2", 5_000, "key_refused"), ("2", 71, "malformed")]
    {
        body["gateway"] = json!({"edit": edit, "sealed": sealed(len)});
        assert_eq!(alice.send(&world, &body).await.code(), code, "{edit} {len}");
    }
    // A session that signed in with another wrap than the one that is there; then another phrase beside: the version tells of both.
    let again = Made::of(&world, alice.alice).await;
    let new = NewPhrase::prepare(&again.alice.signed_in.account).unwrap();
    again.client.add_phrase(&again.alice.signed_in.account, NEW, &new).await.unwrap();
    let version = again.keys(&world).await.account.keys_version + 1;
    let beside = again.with("/next/version", json!(version.to_string()));
    assert_eq!(again.send(&world, &again.body).await.code(), "conflict", "of the version before");
    assert_eq!(again.send(&world, &beside).await.code(), "conflict", "of two phrases");
    let words: Vec<_> = new.phrase().words().collect();
    again.client.drop_other_phrases(&again.alice.signed_in.account, &new, &words.join(" ")).await.unwrap();
    let replaced = Replaced { phrase: new.phrase().clone(), ..again.alice };
    let whole = Made::of(&world, replaced).await;
    assert_eq!(whole.send(&world, &whole.body).await.status, 204, "control");
}

/// Turns red without the look at what is pending in `nothing_beside` (`flows/renewal.rs`).
async fn nothing_is_renewed_while_a_password_is_being_taken(world: World) {
    let alice = Made::by(&world, ALICE, "alice").await;
    // The password that is there is taken once more, and no answer comes.
    world.identity.fail_next("change_auth");
    let auth_string = alice.body["auth_string"].clone();
    let bearer = format!("Bearer {}", alice.client.session_token().unwrap().as_str());
    let body = json!({"auth_string": auth_string, "new_auth_string": auth_string});
    let headers = [("authorization", bearer.as_str())];
    assert_eq!(world.call(Method::POST, "/account/password", &headers, Some(body)).await.status, 500);
    let waits = alice.send(&world, &alice.body).await;
    assert_eq!(waits.code(), "too_many_tries");
    assert!(waits.json()["retry_after_ms"].as_u64().is_some_and(|ms| ms > 0 && ms <= MINUTE));
    world.clock.advance(MINUTE);
    assert_eq!(alice.send(&world, &alice.body).await.status, 204);
    assert_eq!(alice.keys(&world).await.account.pending, None);
}

/// The proof of a recovery is taken, and its wrap is not there yet: the password that would be renewed proves nothing any more. Turns red without the
/// comparison of H(auth) in `flows/renewal.rs`.
async fn nothing_is_renewed_while_a_recovery_is_open(world: World) {
    let alice = Made::by(&world, ALICE, "alice").await;
    let begun = world.post("/recovery", json!({"email": ALICE})).await.json();
    let code = world.next_code().await;
    let opened = open(&world, &begun, &code, &statement(&begun, ORIGIN, &alice.alice.phrase)).await;
    assert!(opened["wrap"].is_string(), "{opened}");
    assert_eq!(alice.send(&world, &alice.body).await.code(), "wrong_password");
    let of_the_recovery = alice.with("/auth_string", json!(format!("iM1!{}", "A".repeat(43))));
    assert_eq!(alice.send(&world, &of_the_recovery).await.code(), "conflict");
    assert_eq!(alice.keys(&world).await.account.dek_epoch, 1);
}

/// Turns red without the comparison with `MAX_EPOCHS` in `flows/renewal.rs`: an account's answer would grow past what a client reads.
async fn there_is_a_last_epoch(world: World) {
    let alice = Made::by(&world, ALICE, "alice").await;
    let id = alice.alice.signed_in.account.id;
    let dump = world.store.dump().await;
    let first = dump
        .iter()
        .find(|record| record.key.collection == Collection::History && record.key.partition == [PlatformValue::Id(id)]);
    let first = first.unwrap();
    let entries: Vec<_> = (1..AccountKeys::MAX_EPOCHS as u64)
        .map(|seq| {
            let mut key = first.key.clone();
            key.sort = vec![PlatformValue::U64(seq)];
            Write::Put(Record { key, ..first.clone() }, Condition::Absent)
        })
        .collect();
    for entries in entries.chunks(50) {
        world.store.transact(entries).await.unwrap();
    }
    let answer = alice.send(&world, &alice.body).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::CONFLICT, "limit_reached"));
    let Write::Put(last, _) = &entries[entries.len() - 1] else { panic!("an entry") };
    world.store.transact(&[Write::Delete(last.key.clone(), Condition::Present)]).await.unwrap();
    assert_eq!(alice.send(&world, &alice.body).await.code(), "key_refused", "control: of a history that does not hold");
}

/// The session goes over while it is looked at. Turns red without the second look in `authenticate` (`flows/session.rs`), and, for the device, without
/// `is_ahead_of` in `devices` (`registry/people/devices.rs`).
async fn what_is_asked_beside_a_renewal_is_answered(world: World) {
    let mut alice = Replaced::new(&world, ALICE, "alice").await;
    for seed in 0..8 {
        let made = Made::of(&world, alice).await;
        made.client.register_apns_device(&[2; 32]).await.unwrap();
        world.store.order_by(seed);
        // Again and again, from before it is taken until after it was.
        let renewed = AtomicBool::new(false);
        let beside = async || {
            while !renewed.load(Ordering::Relaxed) {
                made.client.sessions().await.unwrap();
                made.client.devices().await.unwrap();
            }
        };
        let renewal = async {
            assert_eq!(made.send(&world, &made.body).await.status, 204);
            renewed.store(true, Ordering::Relaxed);
        };
        tokio::join!(renewal, beside(), beside(), beside());
        assert_eq!(made.client.devices().await.unwrap().len(), 1, "seed {seed}: it is told as before");
        let (client, signed_in) = device(&world, ALICE, NEW).await;
        assert_eq!(u64::from(signed_in.account.dek_epoch), seed + 2);
        alice = Replaced { client, signed_in, ..made.alice };
    }
}
