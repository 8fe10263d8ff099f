//! ATTACKS 20, 21 and 67: against the platform, by the platform.

use imegha_crypto::{Email, KdfParams, Password, PasswordKeys};
use imegha_platform::client::{Known, SignUp};
use imegha_platform::{ErrorKind, ProblemCode};
use serde_json::{Value, json};

use crate::evil::EvilPlatform;
use crate::on_every_backend;
use crate::world::{NOW, PASSWORD, POLICY, World};

on_every_backend! {
    a20_a_weak_derivation_is_refused_before_it_is_run,
    a20_weaker_than_last_seen_is_refused,
    a21_one_salt_for_two_addresses_gives_two_keys,
    a67_another_persons_identity_is_refused_by_the_server,
    a67_another_persons_identity_is_refused_by_the_client,
    a67_small_order_keys_are_refused,
}

/// A platform whose prelogin names these fields, and honest but for that.
fn naming(kdf: Value) -> impl Fn(&str, &mut Value) + Send + Sync + 'static {
    move |path, answer| {
        if path == "prelogin" {
            answer["kdf"] = kdf.clone();
        }
    }
}

/// Turns red without `KdfParams::try_from(kdf)?` in `client/sign_in.rs` (`prelogin`), whose checks stand in `KdfParams::new` of
/// imegha-crypto. Derived, 2^32 - 1 iterations would also keep this test busy for an hour.
async fn a20_a_weak_derivation_is_refused_before_it_is_run(world: World) {
    let alice = world.account("alice@example.com", "alice").await;
    let good = json!(alice.known().kdf);
    let with = |field: &str, value: Value| {
        let mut kdf = good.clone();
        kdf[field] = value;
        kdf
    };
    let weak = [
        with("iterations", json!(0)),
        with("iterations", json!(1)),
        with("iterations", json!(99_999)),
        with("iterations", json!(10_000_001)),
        with("iterations", json!(u32::MAX)),
        with("kdf_id", json!(0)),
        with("kdf_id", json!(2)),
        with("salt", json!("")),
        with("salt", json!("A".repeat(42))),
        with("salt", json!("A".repeat(44))),
    ];
    for kdf in &weak {
        // Alone, behind a good one and before it.
        for sets in [json!([kdf]), json!([good, kdf]), json!([kdf, good])] {
            let evil = EvilPlatform::new(world.wire.clone(), naming(sets));
            let error = evil.client().sign_in("alice@example.com", PASSWORD).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::WeakKdf, "{kdf}");
            assert_eq!(evil.asked(), ["prelogin"], "nothing was sent that depends on the password");
        }
    }
    for sets in [json!([]), json!([good, good, good, good, good])] {
        let evil = EvilPlatform::new(world.wire.clone(), naming(sets));
        let error = evil.client().sign_in("alice@example.com", PASSWORD).await.unwrap_err();
        assert_eq!((error.kind(), evil.asked().len()), (ErrorKind::Version, 1));
    }
    let honest = EvilPlatform::new(world.wire.clone(), naming(json!([good])));
    honest.client().sign_in("alice@example.com", PASSWORD).await.unwrap();
    assert_eq!(honest.asked(), ["prelogin", "sign-in"]);
}

/// Turns red without `kdf.check_not_weaker(last_seen)?` in `client/sign_in.rs` (`prelogin`).
async fn a20_weaker_than_last_seen_is_refused(world: World) {
    let alice = world.account("alice@example.com", "alice").await;
    let mut known: Known = alice.known().clone();
    let honest = EvilPlatform::new(world.wire.clone(), |_, _| {});
    honest.client().sign_in_known("alice@example.com", PASSWORD, &known).await.unwrap();

    // This device saw 100,001 iterations; the platform names 100,000.
    known.kdf.iterations += 1;
    let evil = EvilPlatform::new(world.wire.clone(), |_, _| {});
    let error = evil.client().sign_in_known("alice@example.com", PASSWORD, &known).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WeakKdf);
    assert_eq!(evil.asked(), ["prelogin"]);
}

/// Turns red without `email'` in the salt' of imegha-crypto's `PasswordKeys::derive`.
async fn a21_one_salt_for_two_addresses_gives_two_keys(world: World) {
    let alice = world.account("alice@example.com", "alice").await;
    let sets = json!([alice.known().kdf]);
    let sent = async |email: &str| {
        let evil = EvilPlatform::new(world.wire.clone(), naming(sets.clone()));
        let signed_in = evil.client().sign_in(email, PASSWORD).await;
        (signed_in.is_ok(), evil.sent("sign-in")[0]["auth_string"].as_str().unwrap().to_owned())
    };
    let of_alice = sent("alice@example.com").await;
    let again = sent("Alice@example.com").await;
    let of_bob = sent("bob@example.com").await;
    assert!(of_alice.0 && again == of_alice, "the same address and salt give the same key");
    assert!(!of_bob.0 && of_bob.1 != of_alice.1, "one table of guesses does not serve two people");

    let kdf = KdfParams::try_from(&alice.known().kdf).unwrap();
    let derive = |email: &str| {
        let password = Password::parse(PASSWORD).unwrap();
        PasswordKeys::derive(&password, &Email::parse(email).unwrap(), &kdf).unwrap()
    };
    assert!(derive("alice@example.com").kek == derive("Alice@example.com").kek);
    assert!(derive("alice@example.com").kek != derive("bob@example.com").kek);
}

/// What a client sends to sign up.
async fn request(world: &World, email: &str, tag: &str) -> Value {
    let wire = EvilPlatform::new(world.wire.clone(), |_, _| {});
    let sign_up = SignUp::prepare(email, tag, PASSWORD, NOW).await.unwrap();
    wire.client().sign_up(&sign_up, true, POLICY).await.unwrap();
    wire.sent("sign-up").remove(0)
}

/// A request of a mailbox and tag that nobody has claimed yet.
fn fresh(request: &Value, email: &str, account: &Value) -> Value {
    let mut request = request.clone();
    request["email"] = json!(email);
    request["account"] = account.clone();
    request
}

/// Turns red without `verify_binding` and `KeyHistory::verify` in `flows/validate.rs`: either one suffices to refuse.
async fn a67_another_persons_identity_is_refused_by_the_server(world: World) {
    let alice = request(&world, "alice@example.com", "alice").await;
    // Mallory claims to be whom Alice's keys belong to: what is sealed to "mallory" only Alice could open, and what Alice signed
    // would be Mallory's.
    let mut mallory = request(&world, "mallory@example.com", "mallory").await;
    mallory["identity"]["history"] = alice["identity"]["history"].clone();
    let answer = world.post("/sign-up", mallory.clone()).await;
    assert_eq!(answer.code(), "key_refused");
    // Alice's whole statement with Mallory's own signatures beside it does not hold either.
    let own = request(&world, "mallory2@example.com", "mallory2").await;
    for part in ["binding", "by_new", "ed25519", "spki"] {
        let mut mixed = own.clone();
        mixed["identity"]["history"][part] = alice["identity"]["history"][part].clone();
        assert_eq!(world.post("/sign-up", mixed).await.code(), "key_refused", "{part}");
    }
    // Under Alice's tag, which is hers, and under an account id that the signatures do not name.
    let stolen = fresh(&alice, "thief@example.com", &json!("B".repeat(21) + "A"));
    assert_eq!(world.post("/sign-up", stolen).await.code(), "key_refused");
    assert_eq!(world.post("/sign-up", own).await.status, 202);
}

/// Turns red without `verify_history` in `client/sign_in.rs` (`open_bundle`) and the comparison of fingerprints behind it.
async fn a67_another_persons_identity_is_refused_by_the_client(world: World) {
    let (_, alice) = world.signed_in("alice@example.com", "alice").await;
    let alices = world.post("/sign-in", world.last_sent("sign-in")).await.json();
    world.account("mallory@example.com", "mallory").await;
    let refuse = async |lie: Box<dyn Fn(&mut Value) + Send + Sync>| {
        let evil = EvilPlatform::new(world.wire.clone(), move |path, answer| {
            if path == "sign-in" {
                lie(answer);
            }
        });
        let error = evil.client().sign_in("mallory@example.com", PASSWORD).await.unwrap_err();
        assert_eq!(evil.asked(), ["prelogin", "sign-in", "sign-out"], "the session is ended");
        error.kind()
    };
    // The platform publishes Alice's identity under Mallory's tag, then her wrapped keys too, then her tag with it.
    let (history, identity) = (alices["account"]["history"].clone(), alices["account"]["identity"].clone());
    let lie = {
        let history = history.clone();
        move |answer: &mut Value| answer["account"]["history"] = history.clone()
    };
    assert_eq!(refuse(Box::new(lie)).await, ErrorKind::KeyChanged);
    let lie = {
        let (history, identity) = (history.clone(), identity.clone());
        move |answer: &mut Value| {
            answer["account"]["history"] = history.clone();
            answer["account"]["identity"] = identity.clone();
            answer["account"]["tag"] = json!("alice");
        }
    };
    assert_eq!(refuse(Box::new(lie)).await, ErrorKind::KeyChanged);
    let lie = move |answer: &mut Value| answer["account"]["identity"] = identity.clone();
    assert_eq!(refuse(Box::new(lie)).await, ErrorKind::KeyChanged);
    // Alice's whole account in the place of Mallory's: her wrap does not open with Mallory's password.
    let lie = move |answer: &mut Value| {
        *answer = json!({"token": answer["token"], "wrap": alices["wrap"], "account": alices["account"]})
    };
    assert_eq!(refuse(Box::new(lie)).await, ErrorKind::CannotOpen);

    // A device that knows Alice does not take another account for hers, though it opens.
    let error = world.client().sign_in_known("mallory@example.com", PASSWORD, &alice.known).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::KeyChanged);
    world.client().sign_in("mallory@example.com", PASSWORD).await.unwrap();
    world.client().sign_in_known("alice@example.com", PASSWORD, &alice.known).await.unwrap();
}

/// Turns red without the small-order check of imegha-crypto's `PublicIdentity::parse`, called in `flows/validate.rs` for the identity's
/// key and the phrase's. Any signature of zeros would verify under such a key for many messages.
async fn a67_small_order_keys_are_refused(world: World) {
    let whole = request(&world, "alice@example.com", "alice").await;
    for hex in SMALL_ORDER {
        let key = imegha_crypto::Hash::parse_hex(hex).unwrap();
        let key = json!(base64(key.as_bytes()));
        for place in ["/identity/history/ed25519", "/recovery/public_key"] {
            let mut request = whole.clone();
            *request.pointer_mut(place).unwrap() = key.clone();
            assert_eq!(world.post("/sign-up", request).await.code(), "key_refused", "{place} {hex}");
        }
    }
    assert_eq!(world.post("/sign-up", whole).await.status, 202);
    let error = world.client().confirm(&imegha_crypto::Id::generate().unwrap(), "000000").await.unwrap_err();
    assert_eq!(error.code(), Some(ProblemCode::WrongCode));
}

fn base64(bytes: &[u8]) -> String {
    use base64ct::{Base64UrlUnpadded, Encoding as _};
    Base64UrlUnpadded::encode_string(bytes)
}

/// The points of order 1, 2, 4 and 8, and encodings of the same that are not canonical (Chalkias, Garillot, Nikolaenko 2020, table 1).
const SMALL_ORDER: [&str; 8] = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "0100000000000000000000000000000000000000000000000000000000000080",
];
