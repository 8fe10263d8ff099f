//! Recovery by the phrase, and what the mailbox alone is worth.

use axum::http::Method;
use imegha_crypto::{Hash, RecoveryPhrase, RecoveryStatement, Signature};
use imegha_platform::{ErrorKind, ProblemCode};
use serde_json::{Value, json};

use super::{NEW, OTHER, device, opens, opens_not, refusal};
use crate::evil::EvilPlatform;
use crate::on_every_backend;
use crate::world::{MINUTE, ORIGIN, PASSWORD, World, another_code};

const ALICE: &str = "alice@example.com";

on_every_backend! {
    the_phrase_recovers_the_account,
    a28_the_mailbox_alone_recovers_nothing,
    a28_a_statement_is_good_for_one_challenge_one_platform_and_one_password,
    a27_an_unknown_address_recovers_like_a_wrong_phrase,
    a29_stopped_between_the_steps_the_phrase_does_it_again,
    a66_a_change_of_the_password_meets_a_recovery,
    a31_phrases_that_are_none_are_refused,
    a23_other_keys_are_not_recovered,
}

async fn the_phrase_recovers_the_account(world: World) {
    let sign_up = world.account(ALICE, "alice").await;
    let (old, alice) = device(&world, ALICE, PASSWORD).await;
    let client = world.client();
    let recovery = client.begin_recovery(" Alice@Example.com").await.unwrap();
    let code = world.next_code().await;
    let wrong = client.recover(&recovery, &another_code(&code), sign_up.phrase(), NEW, None).await;
    assert_eq!(refusal(wrong), Some(ProblemCode::WrongCode));
    let recovered = client.recover(&recovery, &code, sign_up.phrase(), NEW, Some(&alice.known)).await.unwrap();
    assert_eq!(recovered.account.dek, alice.account.dek);
    assert_eq!((recovered.account.password_count(), recovered.known.version), (1, 3), "the old one is dropped");
    assert_eq!(client.sessions().await.unwrap().len(), 1, "this is the only session");
    assert_eq!(refusal(old.sessions().await), Some(ProblemCode::SignedOut));
    opens_not(&world, ALICE, PASSWORD).await;
    assert_eq!(opens(&world, ALICE, NEW).await.account.dek, alice.account.dek);
    // The code and the challenge are used up.
    let again = client.recover(&recovery, &code, sign_up.phrase(), OTHER, None).await;
    assert_eq!(refusal(again), Some(ProblemCode::CodeExpired));
    opens(&world, ALICE, NEW).await;
}

/// What somebody sends who has the mailbox, and reads every code.
pub(super) async fn open(world: &World, begun: &Value, code: &str, signature: &Signature) -> Value {
    let body = json!({
        "account": begun["account"],
        "challenge": begun["challenge"],
        "code": code,
        "new_auth_string": format!("iM1!{}", "A".repeat(43)),
        "signature": base64(signature.as_bytes()),
    });
    world.post("/recovery/open", body).await.json()
}

fn bytes<const N: usize>(value: &Value) -> [u8; N] {
    use base64ct::{Base64UrlUnpadded, Encoding as _};
    Base64UrlUnpadded::decode_vec(value.as_str().unwrap()).unwrap().try_into().unwrap()
}

fn base64(bytes: &[u8]) -> String {
    use base64ct::{Base64UrlUnpadded, Encoding as _};
    Base64UrlUnpadded::encode_string(bytes)
}

/// The statement that opens a recovery, for the `auth_string` of [`open`].
pub(super) fn statement(begun: &Value, origin: &str, phrase: &RecoveryPhrase) -> Signature {
    let auth = imegha_crypto::AuthSecret::parse_auth_string(&format!("iM1!{}", "A".repeat(43))).unwrap();
    let account = imegha_crypto::Id::from_bytes(bytes(&begun["account"]));
    let challenge: [u8; 32] = bytes(&begun["challenge"]);
    RecoveryStatement::to_open(account, origin, &challenge, auth.hash()).sign(&phrase.derive_keys())
}

/// Turns red when `flows/recovery.rs` (`open_recovery`) goes on without a `signer`.
async fn a28_the_mailbox_alone_recovers_nothing(world: World) {
    let sign_up = world.account(ALICE, "alice").await;
    let begun = world.post("/recovery", json!({"email": ALICE})).await.json();
    let code = world.next_code().await;
    let strangers = RecoveryPhrase::generate().unwrap();
    let mut answers = Vec::new();
    for signature in [Signature::from_bytes([0; 64]), statement(&begun, ORIGIN, &strangers)] {
        // Whether the code is right is not told either.
        for code in [code.clone(), another_code(&code)] {
            answers.push(open(&world, &begun, &code, &signature).await);
        }
    }
    for answer in &answers {
        assert_eq!(answer, &answers[0]);
        assert_eq!(answer["code"], "key_refused");
        assert_eq!(answer.as_object().unwrap().get("wrap"), None);
    }
    // Nothing was reset, and no try of the code was spent.
    assert_eq!(opens(&world, ALICE, PASSWORD).await.known.version, 1);
    // Control: with the phrase's signature the same request opens.
    let opened = open(&world, &begun, &code, &statement(&begun, ORIGIN, sign_up.phrase())).await;
    assert!(opened["wrap"].is_string() && opened["challenge"].is_string());
}

/// Turns red without a part of the statement's label in imegha-crypto, and without `check_challenge` and `using_up` in `flows/recovery.rs`.
async fn a28_a_statement_is_good_for_one_challenge_one_platform_and_one_password(world: World) {
    let sign_up = world.account(ALICE, "alice").await;
    let first = world.post("/recovery", json!({"email": ALICE})).await.json();
    world.next_code().await;
    world.clock.advance(MINUTE);
    let begun = world.post("/recovery", json!({"email": ALICE})).await.json();
    let code = world.next_code().await;
    let good = statement(&begun, ORIGIN, sign_up.phrase());
    let of_another = statement(&first, ORIGIN, sign_up.phrase());
    assert_eq!(open(&world, &begun, &code, &of_another).await["code"], "key_refused", "another challenge");
    let elsewhere = statement(&begun, "https://imegha.example", sign_up.phrase());
    assert_eq!(open(&world, &begun, &code, &elsewhere).await["code"], "key_refused", "another platform");
    let mut made_up = begun.clone();
    made_up["challenge"] = json!(base64(&[7; 32]));
    let signed = statement(&made_up, ORIGIN, sign_up.phrase());
    assert_eq!(open(&world, &made_up, &code, &signed).await["code"], "code_expired", "never asked with");
    let opened = open(&world, &begun, &code, &good).await;
    assert!(opened["wrap"].is_string());
    assert_eq!(open(&world, &begun, &code, &good).await["code"], "code_expired", "used up");
    // The first step's challenge does not finish, nor does the second's open.
    let swapped = json!({"account": begun["account"], "challenge": opened["challenge"]});
    let signed = statement(&swapped, ORIGIN, sign_up.phrase());
    assert_eq!(open(&world, &swapped, &code, &signed).await["code"], "code_expired");
    // A challenge ends after ten minutes.
    let late = world.client();
    world.clock.advance(MINUTE);
    let recovery = late.begin_recovery(ALICE).await.unwrap();
    let code = world.next_code().await;
    world.clock.advance(10 * MINUTE);
    let refused = late.recover(&recovery, &code, sign_up.phrase(), NEW, None).await;
    assert_eq!(refusal(refused), Some(ProblemCode::CodeExpired));
}

/// Turns red when `flows/recovery.rs` answers an account that there is not by another code than a wrong signature.
async fn a27_an_unknown_address_recovers_like_a_wrong_phrase(world: World) {
    world.account(ALICE, "alice").await;
    world.sign_up("waiting@example.com", "waiting").await;
    world.next_code().await;
    let mut answers = Vec::new();
    for email in [ALICE, "nobody@example.com", "waiting@example.com"] {
        let begun = world.post("/recovery", json!({"email": email})).await;
        assert_eq!(begun.status, 202);
        let again = world.post("/prelogin", json!({"email": email})).await.json();
        assert_eq!(begun.json()["kdf"], again["kdf"][0], "what prelogin says too");
        answers.push(open(&world, &begun.json(), "123456", &Signature::from_bytes([1; 64])).await);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
}

/// Turns red when the recovery's second step needs what only the first process had.
async fn a29_stopped_between_the_steps_the_phrase_does_it_again(world: World) {
    let sign_up = world.account(ALICE, "alice").await;
    let (_, alice) = device(&world, ALICE, PASSWORD).await;
    let begun = world.post("/recovery", json!({"email": ALICE})).await.json();
    let code = world.next_code().await;
    assert!(open(&world, &begun, &code, &statement(&begun, ORIGIN, sign_up.phrase())).await["wrap"].is_string());
    // The old password proves nothing any more, and the new one has no wrap: the phrase opens.
    opens_not(&world, ALICE, PASSWORD).await;
    world.clock.advance(MINUTE);
    let client = world.client();
    let recovery = client.begin_recovery(ALICE).await.unwrap();
    let code = world.next_code().await;
    let recovered = client.recover(&recovery, &code, sign_up.phrase(), NEW, None).await.unwrap();
    assert_eq!(recovered.account.dek, alice.account.dek);
    assert_eq!(opens(&world, ALICE, NEW).await.account.password_count(), 1);
}

/// Turns red without the version's comparison in `next`: a wrap that another device added would be dropped by a signature that does not know it.
async fn a66_a_change_of_the_password_meets_a_recovery(world: World) {
    let sign_up = world.account(ALICE, "alice").await;
    let (client, alice) = device(&world, ALICE, PASSWORD).await;
    let recovering = world.client();
    let recovery = recovering.begin_recovery(ALICE).await.unwrap();
    let code = world.next_code().await;
    let (changed, recovered) = tokio::join!(
        client.change_password(&alice.account, PASSWORD, NEW),
        recovering.recover(&recovery, &code, sign_up.phrase(), OTHER, None),
    );
    // Where the change added its wrap just before the recovery's proof was taken, and both then came too late, neither is made: the recovery
    // says so.
    let conflicts = |error: &imegha_platform::Error| error.code() == Some(ProblemCode::Conflict);
    assert!(changed.is_ok() || recovered.as_ref().err().is_none_or(conflicts), "{changed:?} {recovered:?}");
    let mut opened = 0;
    for password in [PASSWORD, NEW, OTHER] {
        match world.client().sign_in(ALICE, password).await {
            Ok(signed_in) => {
                assert_eq!(signed_in.account.dek, alice.account.dek);
                opened += 1;
            }
            Err(error) => assert_eq!(error.code(), Some(ProblemCode::WrongPassword)),
        }
    }
    // The identity takes one; and when it is one whose wrap did not come to be, the phrase opens.
    assert!(opened <= 1);
    world.clock.advance(10 * MINUTE);
    let recovery = recovering.begin_recovery(ALICE).await.unwrap();
    let code = world.next_code().await;
    let again = recovering.recover(&recovery, &code, sign_up.phrase(), "after all of it", None).await.unwrap();
    assert_eq!(again.account.dek, alice.account.dek);
}

/// Turns red without the checks of `RecoveryPhrase::parse` in imegha-crypto.
async fn a31_phrases_that_are_none_are_refused(world: World) {
    let sign_up = world.account(ALICE, "alice").await;
    let words: Vec<_> = sign_up.phrase().words().collect();
    let mut swapped = words.clone();
    let other = words.iter().position(|word| *word != words[0]).unwrap();
    swapped.swap(0, other);
    for text in [words[..12].join(" "), words[..23].join(" "), swapped.join(" "), "zoo ".repeat(24), String::new()] {
        match RecoveryPhrase::parse(&text) {
            Err(_) => {}
            // One in 256 of those that are swapped has a checksum that fits: then it is another phrase.
            Ok(other) => {
                let recovery = world.client().begin_recovery(ALICE).await.unwrap();
                let code = world.next_code().await;
                let refused = world.client().recover(&recovery, &code, &other, NEW, None).await;
                assert_eq!(refusal(refused), Some(ProblemCode::KeyRefused));
                world.clock.advance(MINUTE);
            }
        }
    }
    let odd = format!("\t{}\n", words.join(" \r\n ").to_uppercase());
    let recovery = world.client().begin_recovery(ALICE).await.unwrap();
    let code = world.next_code().await;
    let phrase = RecoveryPhrase::parse(&odd).unwrap();
    world.client().recover(&recovery, &code, &phrase, NEW, None).await.unwrap();
}

/// What a platform does to its answer.
type Lie = Box<dyn Fn(&mut Value) + Send + Sync>;

/// Turns red without the context of the wraps in imegha-crypto, and without the check of the signature when the record is opened.
async fn a23_other_keys_are_not_recovered(world: World) {
    let sign_up = world.account(ALICE, "alice").await;
    let bob = world.account("bob@example.com", "bob").await;
    let wrap = json!(base64(bob.recovery_wrap().as_bytes()));
    let lies: [Lie; 4] = [
        Box::new(move |answer| answer["wrap"] = wrap.clone()),
        Box::new(|answer| answer["account"]["keys"]["version"] = json!("2")),
        Box::new(|answer| answer["account"]["keys"]["passwords"][0]["hash"] = json!(base64(Hash::ZERO.as_bytes()))),
        Box::new(|answer| answer["account"]["account"] = json!(base64(&[9; 16]))),
    ];
    for lie in lies {
        let evil = EvilPlatform::new(world.wire.clone(), move |path, answer| {
            if path == "recovery/open" && answer.get("wrap").is_some() {
                lie(answer);
            }
        });
        let recovery = evil.client().begin_recovery(ALICE).await.unwrap();
        let code = world.next_code().await;
        let refused = evil.client().recover(&recovery, &code, sign_up.phrase(), NEW, None).await.unwrap_err();
        assert!(matches!(refused.kind(), ErrorKind::CannotOpen | ErrorKind::KeyChanged), "{refused:?}");
        assert_eq!(evil.asked(), ["recovery", "recovery/open"], "nothing was added to it");
        world.clock.advance(10 * MINUTE);
        if world.call(Method::GET, "/config", &[], None).await.status != 200 {
            panic!("the platform goes on");
        }
    }
    world.clock.advance(24 * 60 * MINUTE);
    let recovery = world.client().begin_recovery(ALICE).await.unwrap();
    let code = world.next_code().await;
    world.client().recover(&recovery, &code, sign_up.phrase(), NEW, None).await.unwrap();
}
