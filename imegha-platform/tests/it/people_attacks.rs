//! ATTACKS 32, 33, 34, 47, 48 and 67: by a platform that lies about people, and on people through the platform.

use std::sync::Arc;

use axum::http::Method;
use ed25519_dalek::{Signer as _, SigningKey};
use imegha_crypto::{Hash, Id, Identity, KeyHistory, KeyHistoryEntry};
use imegha_platform::api::{Limits, PeopleLimits, Rate};
use imegha_platform::client::{KnownPerson, Standing};
use imegha_platform::protocol::{HistoryEntry, WireBytes as _};
use imegha_platform::{ErrorKind, ProblemCode, Tag};
use serde_json::{Value, json};

use crate::evil::EvilPlatform;
use crate::on_every_backend;
use crate::people_world::{Somebody, connected};
use crate::world::{NOW, World};

on_every_backend! {
    a32_a_key_replaced_at_first_contact_gives_another_safety_number,
    a32_a_key_replaced_later_stops_sending,
    a32_a_known_account_under_another_tag_is_refused,
    a33_a_history_that_does_not_hold_is_refused,
    a33_a_history_that_is_rolled_back_or_forked_is_refused,
    a34_other_public_keys_are_refused,
    a47_strangers_cannot_poke,
    a48_the_platform_cannot_agree_for_anybody,
    a48_old_agreements_do_not_count,
    a48_cards_are_not_rolled_back,
    a67_anothers_identity_under_a_tag_is_refused,
}

/// `bob` as a tag.
fn bobs_tag() -> Tag {
    Tag::parse("bob").unwrap()
}

/// The history that a platform would make up: its own key in the place of a person's.
fn made_up(identity: &Identity, account: &Id, tag: &str) -> Value {
    json!([HistoryEntry::from(&KeyHistoryEntry::first(identity, account, tag, NOW))])
}

/// A platform that serves this history of whoever is looked up, in the directory and beside connections.
fn serving(history: Value) -> impl Fn(&str, &mut Value) + Send + Sync + 'static {
    move |path, answer| {
        if path.starts_with("people/") {
            answer["history"] = history.clone();
        } else if path.starts_with("connections/") && answer["person"].is_object() {
            answer["person"]["history"] = history.clone();
        }
    }
}

/// Somebody whose requests go through a platform that lies.
fn through<F>(who: &Somebody, world: &World, lie: F) -> Somebody
where
    F: Fn(&str, &mut Value) + Send + Sync + 'static,
{
    let client = EvilPlatform::new(world.wire.clone(), lie).client();
    client.take_session(who.client.session_token().unwrap());
    let mut evil = who.without_memory(client);
    evil.known = who.known.clone();
    evil
}

/// Turns red when the safety number leaves out the fingerprints (`SafetyNumber::new` in `client/people/safety.rs`).
async fn a32_a_key_replaced_at_first_contact_gives_another_safety_number(world: World) {
    let mut alice = Somebody::new(&world, "alice").await;
    let mut bob = Somebody::new(&world, "bob").await;
    let mallory = Identity::generate().unwrap();
    let mut deceived = through(&alice, &world, serving(made_up(&mallory, &bob.id(), "bob")));
    // At first sight nothing tells the platform's key from Bob's, but the number that the two compare.
    let of_mallory = deceived.find("bob").await.unwrap().safety_number(&alice.account);
    let of_alice = alice.find("bob").await.unwrap().safety_number(&alice.account);
    let of_bob = bob.find("alice").await.unwrap().safety_number(&bob.account);
    assert_ne!(of_mallory, of_bob);
    assert_eq!(of_bob.matches_qr_text(&of_mallory.to_qr_text()), Some(false));
    assert_eq!(of_alice, of_bob, "control");
}

/// Turns red without `known.follow` in `Person::verify` (`client/people/person.rs`).
async fn a32_a_key_replaced_later_stops_sending(world: World) {
    let (alice, bob) = connected(&world).await;
    let mallory = Identity::generate().unwrap();
    let history = made_up(&mallory, &bob.id(), "bob");
    let evil = EvilPlatform::new(world.wire.clone(), serving(history.clone()));
    let client = evil.client();
    client.take_session(alice.client.session_token().unwrap());
    let mut deceived = alice.without_memory(client);
    deceived.known = alice.known.clone();
    assert_eq!(deceived.find("bob").await.unwrap_err().kind(), ErrorKind::KeyChanged);
    assert_eq!(deceived.ask("bob").await.unwrap_err().kind(), ErrorKind::KeyChanged);
    assert_eq!(deceived.put_card(&bob.id()).await.unwrap_err().kind(), ErrorKind::KeyChanged);
    let bobs = bob.id();
    assert!(evil.asked().iter().all(|path| path == "people/bob" || *path == format!("connections/{bobs}")));
    assert!(evil.sent(&format!("connections/{bobs}")).iter().all(Value::is_null), "nothing was sent");
    // One person's keys keep nobody from the others.
    let mut list = through(&alice, &world, move |path, answer| {
        if path == "connections" {
            answer["connections"][0]["person"]["history"] = history.clone();
        }
    });
    let mut carol = Somebody::new(&world, "carol").await;
    carol.ask("alice").await.unwrap();
    let listed = list.client.connections(&list.account, &list.known).await.unwrap();
    assert_eq!(listed.iter().filter(|listed| listed.connection.is_ok()).count(), 1);
    // The user compares, and takes the new key: by looking up as for the first time.
    let person = deceived.client.look_up(&bobs_tag()).await.unwrap();
    deceived.known.remember(person.known().clone());
    deceived.find("bob").await.unwrap();
    // Control.
    list.client = alice.client.clone();
    assert_eq!(list.standing(&bob.id()).await, Some(Standing::Connected));
}

/// What is known of a person stands by his account: an answer about somebody else that names it would put other keys in the place of his.
///
/// Turns red without the second comparison in `Platform::find` (`client/people/person.rs`).
async fn a32_a_known_account_under_another_tag_is_refused(world: World) {
    let (alice, bob) = connected(&world).await;
    let _carol = Somebody::new(&world, "carol").await;
    let identity = Identity::generate().unwrap();
    let (account, history) = (base64(&bob.id()), made_up(&identity, &bob.id(), "carol"));
    let mut deceived = through(&alice, &world, move |path, answer| {
        if path == "people/carol" {
            *answer = json!({"account": account, "tag": "carol", "history": history});
        }
    });
    deceived.known = alice.known.clone();
    assert_eq!(deceived.find("carol").await.unwrap_err().kind(), ErrorKind::KeyChanged);
    assert_eq!(deceived.known, alice.known, "what is known of bob is known still");
    assert_eq!(deceived.find("bob").await.unwrap().account(), bob.id());
    // Control: whom one does not know is found, and who knows nobody has nothing to hold against it.
    let mut honest = through(&alice, &world, |_, _| {});
    honest.known = alice.known.clone();
    honest.find("carol").await.unwrap();
    deceived.known = Default::default();
    assert_eq!(deceived.find("carol").await.unwrap().account(), bob.id());
}

/// Bob's history with two more identities, each signed by the one before: the entries, as he could publish them.
fn three_identities(bob: &Somebody) -> Vec<KeyHistoryEntry> {
    let (account, tag) = (bob.id(), bob.account.tag.as_str());
    let mut history = bob.account.history.clone();
    let mut last = bob.account.identity.clone();
    for n in 1..=2 {
        let next = Arc::new(Identity::generate().unwrap());
        let entry = KeyHistoryEntry::next(&history, &last, &next, &account, tag, NOW + n).unwrap();
        let entries = [history.entries(), &[entry]].concat();
        history = KeyHistory::verify(&account, tag, entries).unwrap();
        last = next;
    }
    history.entries().to_vec()
}

fn wire(entries: &[KeyHistoryEntry]) -> Value {
    json!(entries.iter().map(HistoryEntry::from).collect::<Vec<_>>())
}

/// Turns red without `verify_history` in `Person::verify` (`client/people/person.rs`).
async fn a33_a_history_that_does_not_hold_is_refused(world: World) {
    let alice = Somebody::new(&world, "alice").await;
    let bob = Somebody::new(&world, "bob").await;
    let whole = wire(&three_identities(&bob));
    let stranger = Identity::generate().unwrap();
    let foreign = made_up(&stranger, &bob.id(), "bob");
    let changed = |change: &dyn Fn(&mut Vec<Value>)| {
        let mut entries = whole.as_array().unwrap().clone();
        change(&mut entries);
        Value::from(entries)
    };
    let look_up = async |history: Value| {
        let evil = through(&alice, &world, serving(history));
        evil.client
            .look_up(&bobs_tag())
            .await
            .map(|person| person.history().entries().len())
            .map_err(|error| error.kind())
    };
    assert_eq!(look_up(whole.clone()).await, Ok(3), "control");
    for (what, history) in [
        ("nothing", json!([])),
        ("a gap", changed(&|entries| drop(entries.remove(1)))),
        ("its beginning gone", changed(&|entries| drop(entries.remove(0)))),
        ("exchanged", changed(&|entries| entries.swap(1, 2))),
        ("twice", changed(&|entries| entries.push(entries[2].clone()))),
        ("another number", changed(&|entries| entries[2]["seq"] = json!("3"))),
        ("a wrong hash", changed(&|entries| entries[1]["previous"] = json!("B".repeat(42) + "A"))),
        ("another time", changed(&|entries| entries[1]["ms"] = json!("7"))),
        ("a foreign signature", changed(&|entries| entries[1]["by_previous"] = entries[2]["by_previous"].clone())),
        ("no signature", changed(&|entries| entries[1]["by_previous"] = Value::Null)),
        ("a signature too many", changed(&|entries| entries[0]["by_previous"] = entries[1]["by_previous"].clone())),
        ("another's entry", changed(&|entries| entries[2] = foreign[0].clone())),
        ("another's binding", changed(&|entries| entries[2]["binding"] = foreign[0]["binding"].clone())),
    ] {
        assert_eq!(look_up(history).await, Err(ErrorKind::KeyChanged), "{what}");
    }
}

/// Turns red without the comparisons in `KnownPerson::follow` (`client/people/known.rs`).
async fn a33_a_history_that_is_rolled_back_or_forked_is_refused(world: World) {
    let alice = Somebody::new(&world, "alice").await;
    let bob = Somebody::new(&world, "bob").await;
    let (one, other) = (three_identities(&bob), three_identities(&bob));
    let look_up = async |entries: &[KeyHistoryEntry], known: Option<&KnownPerson>| {
        let evil = through(&alice, &world, serving(wire(entries)));
        match known {
            Some(known) => evil.client.look_up_known(known).await,
            None => evil.client.look_up(&bobs_tag()).await,
        }
    };
    let first = look_up(&one[..1], None).await.unwrap();
    let second = look_up(&one[..2], Some(first.known())).await.unwrap();
    assert!(second.has_signed_change(), "shown, and no obstacle");
    let third = look_up(&one, Some(second.known())).await.unwrap();
    assert!(!look_up(&one, Some(third.known())).await.unwrap().has_signed_change());
    for (what, entries, known) in [
        ("rolled back by one", &one[..2], third.known()),
        ("to the beginning", &one[..1], third.known()),
        ("forked", &other[..], second.known()),
        ("forked, and as long", &other[..], third.known()),
    ] {
        let error = look_up(entries, Some(known)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::KeyChanged, "{what}");
    }
    // Another account of the same tag, as after the person's end.
    let mut elsewhere = third.known().clone();
    elsewhere.account = alice.id();
    assert_eq!(look_up(&one, Some(&elsewhere)).await.unwrap_err().kind(), ErrorKind::KeyChanged);
}

/// DER of a SubjectPublicKeyInfo of an RSA key, with another algorithm's name if one is given.
fn spki(modulus: &[u8], exponent: &[u8], algorithm: Option<&[u8]>) -> Vec<u8> {
    fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
        let len = match value.len() {
            len @ 0..=127 => vec![len as u8],
            len @ 128..=255 => vec![0x81, len as u8],
            len => vec![0x82, (len >> 8) as u8, len as u8],
        };
        [&[tag], &len[..], value].concat()
    }
    let integer = |bytes: &[u8]| {
        let zero: &[u8] = if bytes[0] >= 0x80 { &[0] } else { &[] };
        tlv(2, &[zero, bytes].concat())
    };
    let key = tlv(0x30, &[integer(modulus), integer(exponent)].concat());
    let rsa = tlv(0x30, &[tlv(6, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01]), tlv(5, &[])].concat());
    let algorithm = algorithm.map_or(rsa, <[u8]>::to_vec);
    tlv(0x30, &[algorithm, tlv(3, &[&[0], &key[..]].concat())].concat())
}

/// `label` of FORMAT 1, by hand: a platform signs what no client of ours would.
fn label(name: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut label = format!("imegha/v1/{name}\0").into_bytes();
    for part in parts {
        label.extend((part.len() as u32).to_be_bytes());
        label.extend_from_slice(part);
    }
    label
}

/// A history whose only entry is signed right, around any RSA key.
fn signed_around(spki: &[u8], account: &Id, tag: &str) -> Value {
    let key = SigningKey::from_bytes(&[7; 32]);
    let ed25519 = key.verifying_key().to_bytes();
    let fingerprint = Hash::of(&label("identity", &[spki, &ed25519]));
    let binding = key.sign(&label("identity-binding", &[account.as_bytes(), tag.as_bytes(), spki, &ed25519]));
    let (seq, ms) = (0_u64.to_be_bytes(), NOW.to_be_bytes());
    let parts: [&[u8]; 6] = [account.as_bytes(), tag.as_bytes(), &seq, &[0; 32], fingerprint.as_bytes(), &ms];
    let by_new = key.sign(&label("key-history", &parts));
    let base64 = |bytes: &[u8]| {
        use base64ct::{Base64UrlUnpadded, Encoding as _};
        Base64UrlUnpadded::encode_string(bytes)
    };
    json!([{
        "seq": "0", "previous": base64(&[0; 32]), "spki": base64(spki), "ed25519": base64(&ed25519), "ms": NOW.to_string(),
        "by_new": base64(&by_new.to_bytes()), "binding": base64(&binding.to_bytes()),
    }])
}

/// Turns red without `PublicIdentity::parse` of imegha-crypto, where the wire's keys become keys (`protocol/crypto.rs`).
async fn a34_other_public_keys_are_refused(world: World) {
    let alice = Somebody::new(&world, "alice").await;
    let bob = Somebody::new(&world, "bob").await;
    let look_up = async |spki: Vec<u8>| {
        let evil = through(&alice, &world, serving(signed_around(&spki, &bob.id(), "bob")));
        evil.client
            .look_up(&bobs_tag())
            .await
            .map(|person| person.identity().spki().to_vec())
            .map_err(|error| error.kind())
    };
    let modulus = |len: usize, last: u8| [&[0xc3], &vec![0x5a; len - 2][..], &[last]].concat();
    let e = [1, 0, 1];
    let good = spki(&modulus(256, 1), &e, None);
    assert_eq!(good.len(), bob.account.identity.public().spki().len());
    assert_eq!(look_up(good.clone()).await, Ok(good.clone()), "control");
    let trailing = [&good[..], &[0]].concat();
    let pss: &[u8] = &[0x30, 11, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
    let mut longer_than_it_is = good.clone();
    longer_than_it_is[3] += 1;
    let no_null: &[u8] = &[0x30, 11, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    for (what, spki) in [
        ("1024 bits", spki(&modulus(128, 1), &e, None)),
        ("2047 bits", spki(&[&[0x43], &modulus(256, 1)[1..]].concat(), &e, None)),
        ("8192 bits", spki(&modulus(1_024, 1), &e, None)),
        ("e = 1", spki(&modulus(256, 1), &[1], None)),
        ("e = 3", spki(&modulus(256, 1), &[3], None)),
        ("even n", spki(&modulus(256, 2), &e, None)),
        ("trailing DER", trailing),
        ("a length that lies", longer_than_it_is),
        ("RSA-PSS", spki(&modulus(256, 1), &e, Some(pss))),
        ("no NULL", spki(&modulus(256, 1), &e, Some(no_null))),
        ("nothing", vec![]),
    ] {
        assert_eq!(look_up(spki).await, Err(ErrorKind::KeyChanged), "{what}");
    }
}

/// Turns red without the condition of `Registry::poke` (`registry/people/pokes.rs`).
async fn a47_strangers_cannot_poke(world: World) {
    let mut alice = Somebody::new(&world, "alice").await;
    let mut bob = Somebody::new(&world, "bob").await;
    let (a, b) = (alice.id(), bob.id());
    let refused = async |alice: &Somebody, bob: &Somebody, what: &str| {
        for (from, to) in [(alice, b), (bob, a)] {
            for poked in [from.client.poke_message(&to).await, from.client.poke_feed(&to).await] {
                assert_eq!(poked.unwrap_err().code(), Some(ProblemCode::NotFound), "{what}");
            }
        }
    };
    refused(&alice, &bob, "strangers").await;
    alice.ask("bob").await.unwrap();
    refused(&alice, &bob, "asked").await;
    bob.accept(&a).await.unwrap();
    alice.client.poke_message(&b).await.unwrap();
    bob.client.poke_feed(&a).await.unwrap();
    alice.client.block(&b).await.unwrap();
    refused(&alice, &bob, "blocked").await;
    bob.ask("alice").await.unwrap();
    refused(&alice, &bob, "blocked, and asked").await;
    for nobody in [Id::ZERO, Id::from_bytes([9; 16]), a] {
        assert_eq!(alice.client.poke_message(&nobody).await.unwrap_err().code(), Some(ProblemCode::NotFound));
    }
    // What the platform says by itself nobody else can say.
    let bearer = format!("Bearer {}", alice.client.session_token().unwrap().as_str());
    for kind in ["connection", "later"] {
        let body = json!({"to": base64(&b), "kind": kind});
        let answer = world.call(Method::POST, "/pokes", &[("authorization", &bearer)], Some(body)).await;
        assert_eq!(answer.code(), "malformed");
    }
}

fn base64(id: &Id) -> String {
    use base64ct::{Base64UrlUnpadded, Encoding as _};
    Base64UrlUnpadded::encode_string(id.wire())
}

/// One try of somebody who tries on and on.
type Trying = futures::future::BoxFuture<'static, imegha_platform::Result<()>>;

/// Turns red without the counts in `api/people.rs`.
#[tokio::test]
async fn a47_a_flood_is_stopped() {
    let narrow = Rate { burst: 6, per_hour: 1 };
    let world = World::memory_with(|options| {
        let people = PeopleLimits { poke: Rate { burst: 9, per_hour: 1 }, ..PeopleLimits::all(narrow) };
        options.limits = Limits { people, ..options.limits };
    });
    let (mut alice, bob) = connected(&world).await;
    let carol = Somebody::new(&world, "carol").await;
    let mut dora = Somebody::new(&world, "dora").await;
    dora.ask("alice").await.unwrap();
    alice.accept(&dora.id()).await.unwrap();
    let too_many = |error: imegha_platform::Error| {
        error.code() == Some(ProblemCode::TooManyTries) && error.retry_after_ms() > Some(0)
    };
    let flood = async |what: &str, once: &dyn Fn() -> Trying| {
        let mut done = 0;
        loop {
            match once().await {
                Ok(()) => done += 1,
                Err(error) => {
                    assert!(too_many(error), "{what}");
                    return done;
                }
            }
            assert!(done < 50, "{what}");
        }
    };
    let client = carol.client.clone();
    let looked = || -> Trying {
        let client = client.clone();
        Box::pin(async move { client.look_up(&bobs_tag()).await.map(drop) })
    };
    assert_eq!(flood("look-up", &looked).await, 6);
    let (client, b, d) = (alice.client.clone(), bob.id(), dora.id());
    let pokes = |to: Id| {
        let client = client.clone();
        move || -> Trying {
            let client = client.clone();
            Box::pin(async move { client.poke_message(&to).await })
        }
    };
    assert_eq!(flood("pokes of one", &pokes(b)).await, 6, "for one connection");
    assert_eq!(flood("pokes", &pokes(d)).await, 2, "and for all together: nine, of which one was refused");
    let blocked = || -> Trying {
        let client = client.clone();
        Box::pin(async move { client.block(&b).await.map(drop) })
    };
    assert!(flood("blocks", &blocked).await <= 6);
    // Another account goes on.
    bob.client.look_up(&Tag::parse("carol").unwrap()).await.unwrap();
}

/// Turns red when `Connection::open` (`client/people/connection.rs`) takes the platform's word: begins with `Standing::Connected` in
/// the place of `Standing::Unproven`.
async fn a48_the_platform_cannot_agree_for_anybody(world: World) {
    let mut alice = Somebody::new(&world, "alice").await;
    let mut bob = Somebody::new(&world, "bob").await;
    let mut carol = Somebody::new(&world, "carol").await;
    let (a, b) = (alice.id(), bob.id());
    alice.ask("bob").await.unwrap();
    // What the platform has of Bob's: cards for Carol. And of others' for Alice.
    bob.ask("carol").await.unwrap();
    let for_carol = world.last_sent(&format!("connections/{}/request", carol.id()))["card"].take();
    carol.ask("alice").await.unwrap();
    let of_carol = world.last_sent(&format!("connections/{a}/request"))["card"].take();
    let of_alice = world.last_sent(&format!("connections/{b}/request"))["card"].take();
    for state in ["connected", "incoming"] {
        for (what, card) in [
            ("no card", Value::Null),
            ("Bob's card for Carol", for_carol.clone()),
            ("Carol's card", of_carol.clone()),
            ("Alice's own card", of_alice.clone()),
        ] {
            let lie = move |path: &str, answer: &mut Value| {
                if path.starts_with("connections/") {
                    answer["state"] = json!(state);
                    answer["received"] = card.clone();
                }
            };
            let mut deceived = through(&alice, &world, lie);
            let connection = deceived.connection(&b).await.unwrap();
            assert_eq!((connection.standing(), connection.card()), (Standing::Unproven, None), "{what}, {state}");
            let accepted = deceived.accept(&b).await.unwrap_err();
            assert_eq!(accepted.code(), Some(ProblemCode::Conflict), "{what}, {state}");
        }
    }
    // Carol asked Alice herself, and Alice asked Bob: the platform shows the two as one connection, and Alice asked Carol for nothing. Stopped by
    // `own_card`, which takes a card for the account's own only beside whom it is sealed to.
    let (asked_of_bob, asked_by_carol) = (of_alice.clone(), of_carol.clone());
    let mut deceived = through(&alice, &world, move |path, answer| {
        if path.starts_with("connections/") {
            answer["state"] = json!("connected");
            answer["sent"] = asked_of_bob.clone();
            answer["received"] = asked_by_carol.clone();
        }
    });
    let connection = deceived.connection(&carol.id()).await.unwrap();
    assert_eq!((connection.standing(), connection.card()), (Standing::Unproven, None));
    // A card with Bob's name on it that is not his is worse than none.
    let forged = {
        let head = |of: &Somebody| of.account.identity.fingerprint();
        let mut sealed = base64ct_decode(of_carol["sealed"].as_str().unwrap());
        sealed[40..72].copy_from_slice(head(&bob).as_bytes());
        let mut card = of_carol.clone();
        card["sealed"] = json!(base64ct_encode(&sealed));
        card
    };
    let mut deceived = through(&alice, &world, move |path, answer| {
        if path.starts_with("connections/") {
            answer["state"] = json!("connected");
            answer["received"] = forged.clone();
        }
    });
    assert_eq!(deceived.connection(&b).await.unwrap_err().kind(), ErrorKind::CannotOpen);
    // Control: Bob agrees by himself.
    bob.accept(&a).await.unwrap();
    assert_eq!(alice.standing(&b).await, Some(Standing::Connected));
}

fn base64ct_decode(text: &str) -> Vec<u8> {
    use base64ct::{Base64UrlUnpadded, Encoding as _};
    Base64UrlUnpadded::decode_vec(text).unwrap()
}

fn base64ct_encode(bytes: &[u8]) -> String {
    use base64ct::{Base64UrlUnpadded, Encoding as _};
    Base64UrlUnpadded::encode_string(bytes)
}

/// Turns red without `wants` in `Connection::take_card` (first part), without `is_of_now` there (second part).
async fn a48_old_agreements_do_not_count(world: World) {
    let (mut alice, bob) = connected(&world).await;
    let (a, b) = (alice.id(), bob.id());
    let answer = async |who: &Somebody| {
        let bearer = format!("Bearer {}", who.client.session_token().unwrap().as_str());
        let path = format!("/connections/{b}");
        world.call(Method::GET, &path, &[("authorization", &bearer)], None).await.json()
    };
    let old = answer(&alice).await;
    // Bob has had enough. Alice asks again; Bob does not answer; the platform shows his agreement of old.
    bob.client.remove_connection(&a).await.unwrap();
    alice.ask("bob").await.unwrap();
    let received = old["received"].clone();
    let replay = move |path: &str, answer: &mut Value| {
        if path.starts_with("connections/") {
            answer["state"] = json!("connected");
            answer["received"] = received.clone();
        }
    };
    let mut deceived = through(&alice, &world, replay.clone());
    assert_eq!(deceived.connection(&b).await.unwrap().standing(), Standing::Unproven);
    let mut fresh = through(&alice.without_memory(alice.client.clone()), &world, replay);
    assert_eq!(fresh.connection(&b).await.unwrap().standing(), Standing::Unproven, "nor for a device without memory");
    // And Alice's own request of old beside it: a device that made the new one is not taken in.
    let mut deceived = through(&alice, &world, move |path, answer| {
        if path.starts_with("connections/") {
            *answer = old.clone();
        }
    });
    assert_eq!(deceived.connection(&b).await.unwrap().standing(), Standing::Unproven);
    // Control.
    let mut bob = bob;
    bob.accept(&a).await.unwrap();
    assert_eq!(alice.connection(&b).await.unwrap().standing(), Standing::Connected);
}

/// Turns red without `check_not_older` in `client/people/connection.rs`.
async fn a48_cards_are_not_rolled_back(world: World) {
    let (mut alice, mut bob) = connected(&world).await;
    let (a, b) = (alice.id(), bob.id());
    let mut cards = Vec::new();
    for _ in 0..3 {
        bob.put_card(&a).await.unwrap();
        cards.push(world.last_sent(&format!("connections/{a}/card"))["card"].take());
        alice.connection(&b).await.unwrap();
    }
    let showing = |card: Value| {
        through(&alice, &world, move |path, answer| {
            if path.starts_with("connections/") {
                answer["received"] = card.clone();
            }
        })
    };
    for card in &cards[..2] {
        let error = showing(card.clone()).connection(&b).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CannotOpen);
    }
    let mut elsewhere = cards[2].clone();
    elsewhere["seq"] = json!("9");
    let connection = showing(elsewhere).connection(&b).await;
    assert_eq!(connection.unwrap_err().kind(), ErrorKind::CannotOpen, "not as another of its list");
    assert_eq!(showing(cards[2].clone()).connection(&b).await.unwrap().standing(), Standing::Connected);
}

/// Turns red without `verify_history` in `Person::verify`, which is given account and tag; and without the comparison of tags in `look_up_as`
/// (`client/people/person.rs`) for the last case.
async fn a67_anothers_identity_under_a_tag_is_refused(world: World) {
    let alice = Somebody::new(&world, "alice").await;
    let bob = Somebody::new(&world, "bob").await;
    let mallory = Somebody::new(&world, "mallory").await;
    let alices = wire(alice.account.history.entries());
    let look_up = async |lie: Box<dyn Fn(&mut Value) + Send + Sync>| {
        let evil = through(&bob, &world, move |path, answer| {
            if path.starts_with("people/") {
                lie(answer);
            }
        });
        evil.client.look_up(&Tag::parse("mallory").unwrap()).await.map(drop).map_err(|error| error.kind())
    };
    let history = alices.clone();
    let whole = move |answer: &mut Value| answer["history"] = history.clone();
    assert_eq!(look_up(Box::new(whole)).await, Err(ErrorKind::KeyChanged));
    let (history, account) = (alices.clone(), base64(&alice.id()));
    let with_account = move |answer: &mut Value| {
        answer["history"] = history.clone();
        answer["account"] = json!(account.clone());
    };
    assert_eq!(look_up(Box::new(with_account)).await, Err(ErrorKind::KeyChanged));
    let (history, account) = (alices.clone(), base64(&alice.id()));
    let all_of_it = move |answer: &mut Value| *answer = json!({"account": account, "tag": "alice", "history": history});
    assert_eq!(look_up(Box::new(all_of_it)).await, Err(ErrorKind::KeyChanged));
    let small_order = |answer: &mut Value| answer["history"][0]["ed25519"] = json!("A".repeat(43));
    assert_eq!(look_up(Box::new(small_order)).await, Err(ErrorKind::KeyChanged));
    assert_eq!(look_up(Box::new(|_| {})).await, Ok(()), "control");
    drop(mallory);
}
