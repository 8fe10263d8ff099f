//! Another password, and the same one derived by stronger parameters.

use axum::http::Method;
use imegha_platform::{ErrorKind, ProblemCode};
use serde_json::json;

use super::{NEW, OTHER, device, opens, opens_not, refusal};
use crate::evil::EvilPlatform;
use crate::on_every_backend;
use crate::world::{MINUTE, PASSWORD, World};

const ALICE: &str = "alice@example.com";

on_every_backend! {
    a30_the_old_password_is_refused_after_a_change,
    a_wrong_password_changes_nothing,
    another_devices_sessions_end_with_the_password,
    of_two_devices_one_changes_the_password,
    a_change_that_was_broken_off_goes_on,
    a_password_that_was_never_taken_is_dropped,
    a66_a_wrap_is_not_dropped_while_its_password_is_being_taken,
    a66_an_old_session_drops_nothing,
    only_the_next_version_that_the_identity_signed_is_taken,
    stronger_parameters,
    a20_weaker_parameters_are_not_gone_back_to,
    a20_an_older_version_is_refused,
    a_session_is_shown_no_wrap,
}

/// Turns red when `flows/password.rs` does not call `replace_auth`, and when a sign-in takes a wrap beside another H(auth).
async fn a30_the_old_password_is_refused_after_a_change(world: World) {
    let (client, alice) = world.signed_in(ALICE, "alice").await;
    let changed = client.change_password(&alice.account, PASSWORD, NEW).await.unwrap();
    assert_eq!(changed.account.dek, alice.account.dek);
    assert_eq!((changed.account.password_count(), changed.known.version), (1, 3), "added, and the other dropped");
    opens_not(&world, ALICE, PASSWORD).await;
    assert_eq!(opens(&world, ALICE, NEW).await.account.dek, alice.account.dek);
    // The session is the new password's, and does all that one does.
    client.change_password(&changed.account, NEW, PASSWORD).await.unwrap();
    opens_not(&world, ALICE, NEW).await;
    opens(&world, ALICE, PASSWORD).await;
}

async fn a_wrong_password_changes_nothing(world: World) {
    let (client, alice) = world.signed_in(ALICE, "alice").await;
    let before = world.store.dump().await.len();
    let wrong = client.change_password(&alice.account, OTHER, NEW).await;
    assert_eq!(refusal(wrong), Some(ProblemCode::WrongPassword));
    let wrong = client.change_password(&alice.account, PASSWORD, "bell\u{7}").await;
    assert_eq!(refusal(wrong), Some(ProblemCode::PasswordRefused));
    // A failure that is counted, with its end, is all that was written.
    assert_eq!(world.store.dump().await.len(), before + 2);
    assert_eq!(opens(&world, ALICE, PASSWORD).await.known.version, 1);
}

async fn another_devices_sessions_end_with_the_password(world: World) {
    let (one, alice) = world.signed_in(ALICE, "alice").await;
    let (two, at_two) = device(&world, ALICE, PASSWORD).await;
    let changed = one.change_password(&alice.account, PASSWORD, NEW).await.unwrap();
    assert_eq!(refusal(two.sessions().await), Some(ProblemCode::SignedOut));
    assert_eq!(refusal(two.change_password(&at_two.account, PASSWORD, OTHER).await), Some(ProblemCode::SignedOut));
    assert_eq!(one.sessions().await.unwrap().len(), 1, "those that ended are not listed");
    // What the other device remembers goes on with what is there now.
    let known = two.sign_in_known(ALICE, NEW, &at_two.known).await.unwrap();
    assert_eq!(known.known.version, changed.known.version);
}

async fn of_two_devices_one_changes_the_password(world: World) {
    let (one, alice) = world.signed_in(ALICE, "alice").await;
    let (two, at_two) = device(&world, ALICE, PASSWORD).await;
    let (first, second) = tokio::join!(
        one.change_password(&alice.account, PASSWORD, NEW),
        two.change_password(&at_two.account, PASSWORD, OTHER)
    );
    assert!(first.is_ok() != second.is_ok(), "one is told that it was second: {first:?} {second:?}");
    let (right, wrong) = if first.is_ok() { (NEW, OTHER) } else { (OTHER, NEW) };
    assert_eq!(opens(&world, ALICE, right).await.account.dek, alice.account.dek);
    opens_not(&world, ALICE, wrong).await;
    opens_not(&world, ALICE, PASSWORD).await;
}

/// The platform stops after the wrap was added: here, since it is asked to take a password as the old one that is not.
async fn broken_off(
    world: &World,
    client: &imegha_platform::client::Platform,
    alice: &imegha_platform::client::SignedIn,
) {
    // The wrap is added and the identity's answer is lost: whatever it stands for, the request is one that adds.
    client.change_password(&alice.account, PASSWORD, NEW).await.unwrap_err();
    let shown = world.client().sign_in(ALICE, PASSWORD).await;
    assert!(shown.is_ok(), "the old one still proves the account");
}

async fn a_change_that_was_broken_off_goes_on(world: World) {
    let (client, alice) = world.signed_in(ALICE, "alice").await;
    world.identity.fail_next("change_auth");
    broken_off(&world, &client, &alice).await;
    let (client, alice) = device(&world, ALICE, PASSWORD).await;
    assert_eq!(alice.account.password_count(), 2);
    let changed = client.change_password(&alice.account, PASSWORD, NEW).await.unwrap();
    assert_eq!((changed.account.password_count(), changed.known.version), (1, 3), "no third wrap was made");
    opens_not(&world, ALICE, PASSWORD).await;
    assert_eq!(opens(&world, ALICE, NEW).await.account.dek, alice.account.dek);
}

async fn a_password_that_was_never_taken_is_dropped(world: World) {
    let (client, alice) = world.signed_in(ALICE, "alice").await;
    world.identity.fail_next("change_auth");
    broken_off(&world, &client, &alice).await;
    // Within the minute it may still be taken; then the old password's owner goes on with that one.
    assert_eq!(opens(&world, ALICE, PASSWORD).await.account.password_count(), 2);
    world.clock.advance(MINUTE);
    let tidied = opens(&world, ALICE, PASSWORD).await;
    assert_eq!((tidied.account.password_count(), tidied.account.dek), (1, alice.account.dek));
    opens_not(&world, ALICE, NEW).await;
    // And no place is lost: a change goes through as ever.
    let (client, alice) = device(&world, ALICE, PASSWORD).await;
    client.change_password(&alice.account, PASSWORD, OTHER).await.unwrap();
    opens(&world, ALICE, OTHER).await;
}

/// Turns red without `not_pending` in `add_password` and `drop_passwords` of `flows/password.rs`: the wrap of the password that is just about to be
/// taken would go, and the account be left with none.
async fn a66_a_wrap_is_not_dropped_while_its_password_is_being_taken(world: World) {
    let (one, alice) = world.signed_in(ALICE, "alice").await;
    let (two, at_two) = device(&world, ALICE, PASSWORD).await;
    // The wrap of NEW is added, and its password not taken yet.
    world.identity.fail_next("change_auth");
    one.change_password(&alice.account, PASSWORD, NEW).await.unwrap_err();
    let waits = two.change_password(&at_two.account, PASSWORD, OTHER).await.unwrap_err();
    assert_eq!(waits.code(), Some(ProblemCode::TooManyTries));
    assert!(waits.retry_after_ms().is_some_and(|ms| ms > 0 && ms <= MINUTE));
    assert_eq!(opens(&world, ALICE, PASSWORD).await.account.password_count(), 2, "nothing was tidied away");
    // Then it is, late.
    one.change_password(&alice.account, PASSWORD, NEW).await.unwrap();
    assert_eq!(opens(&world, ALICE, NEW).await.account.dek, alice.account.dek);
    // Control: after it nothing is in the way.
    let (two, at_two) = device(&world, ALICE, NEW).await;
    two.change_password(&at_two.account, NEW, OTHER).await.unwrap();
}

/// Turns red without the comparison of the session's wrap with the newest in `drop_passwords`: a device with the old password's session would
/// drop the new one's wrap, and the account be left without the one that proves it.
async fn a66_an_old_session_drops_nothing(world: World) {
    let (one, alice) = world.signed_in(ALICE, "alice").await;
    let evil = EvilPlatform::new(world.wire.clone(), |_, _| {});
    let old = evil.client();
    let at_old = old.sign_in(ALICE, PASSWORD).await.unwrap();
    world.identity.fail_next("change_auth");
    one.change_password(&alice.account, PASSWORD, NEW).await.unwrap_err();
    world.clock.advance(MINUTE);
    // It drops what its own value allows to: signed, but not the newest.
    let token = old.session_token().unwrap();
    let bearer = format!("Bearer {}", token.as_str());
    let body = json!({"next": {"version": "3", "signature": "A".repeat(86)}});
    let headers = [("authorization", bearer.as_str())];
    let answer = world.call(Method::POST, "/account/password/drop", &headers, Some(body)).await;
    assert_eq!(answer.code(), "conflict");
    drop(at_old);
    one.change_password(&alice.account, PASSWORD, NEW).await.unwrap();
    assert_eq!(opens(&world, ALICE, NEW).await.account.password_count(), 1);
}

/// Turns red without the version's comparison and `verify` in `registry/account_keys.rs` (`next`).
async fn only_the_next_version_that_the_identity_signed_is_taken(world: World) {
    let (client, alice) = world.signed_in(ALICE, "alice").await;
    let changed = client.change_password(&alice.account, PASSWORD, NEW).await.unwrap();
    let request = world.last_sent("account/password");
    let token = client.session_token().unwrap();
    let bearer = format!("Bearer {}", token.as_str());
    let send = async |change: &dyn Fn(&mut serde_json::Value)| {
        let mut request = request.clone();
        // The password is the right one now.
        request["auth_string"] = request["new_auth_string"].clone();
        change(&mut request);
        let headers = [("authorization", bearer.as_str())];
        world.call(Method::POST, "/account/password", &headers, Some(request)).await.code()
    };
    assert_eq!(send(&|_| {}).await, "conflict", "a version that there was");
    for version in ["1", "2", "3", "5", "18446744073709551615"] {
        assert_eq!(send(&|request| request["add"]["next"]["version"] = json!(version)).await, "conflict", "{version}");
    }
    assert_eq!(send(&|request| request["add"]["next"]["version"] = json!("4")).await, "key_refused", "not signed");
    let id = |request: &mut serde_json::Value| {
        request["add"]["next"]["version"] = json!("4");
        request["add"]["wrap"] = json!("A".repeat(138));
    };
    assert_eq!(send(&id).await, "key_refused");
    let short = |request: &mut serde_json::Value| request["add"]["wrap"] = json!("A".repeat(96));
    assert_eq!(send(&short).await, "key_refused");
    let weak = |request: &mut serde_json::Value| request["add"]["kdf"]["iterations"] = json!(100_001);
    assert_eq!(send(&weak).await, "malformed");
    assert_eq!(opens(&world, ALICE, NEW).await.known.version, changed.known.version, "nothing was taken");
}

async fn stronger_parameters(world: World) {
    let (client, alice) = world.signed_in(ALICE, "alice").await;
    let changed = client.change_kdf(&alice.account, PASSWORD, 300_000).await.unwrap();
    assert_eq!((changed.account.iterations(), changed.account.password_count()), (300_000, 1));
    assert_eq!(changed.account.dek, alice.account.dek);
    assert_eq!(opens(&world, ALICE, PASSWORD).await.known.kdf.iterations, 300_000);
    let refused = client.change_kdf(&changed.account, PASSWORD, 200_000).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::WeakKdf);
    let refused = client.change_kdf(&changed.account, PASSWORD, 400_000).await;
    assert_eq!(
        refusal(refused),
        Some(ProblemCode::Malformed),
        "few strengths, so that the invented ones are like them"
    );
    // The password is changed with them, and stays as strong.
    let changed = client.change_password(&changed.account, PASSWORD, NEW).await.unwrap();
    assert_eq!(changed.account.iterations(), 300_000);
    opens(&world, ALICE, NEW).await;
}

/// Turns red without `check_not_weaker` in `client/sign_in.rs` (`prelogin`), and without that of the server in `flows/password.rs`.
async fn a20_weaker_parameters_are_not_gone_back_to(world: World) {
    let (client, alice) = world.signed_in(ALICE, "alice").await;
    let weak = json!([alice.known.kdf]);
    // Broken off, both sets are answered, and the device goes on with the stronger alone.
    world.identity.fail_next("change_auth");
    client.change_kdf(&alice.account, PASSWORD, 300_000).await.unwrap_err();
    let both = world.post("/prelogin", json!({"email": ALICE})).await.json();
    assert_eq!(both["kdf"].as_array().unwrap().len(), 2);
    let changed = client.change_kdf(&alice.account, PASSWORD, 300_000).await.unwrap();
    assert_eq!((changed.account.iterations(), changed.known.version), (300_000, 3), "no third wrap was made");
    let one = world.post("/prelogin", json!({"email": ALICE})).await.json();
    assert_eq!(one["kdf"].as_array().unwrap().len(), 1);
    for sets in [weak.clone(), json!([weak[0], changed.known.kdf])] {
        let only_weak = sets.as_array().unwrap().len() == 1;
        let evil = EvilPlatform::new(world.wire.clone(), move |path, answer| {
            if path == "prelogin" {
                answer["kdf"] = sets.clone();
            }
        });
        let outcome = evil.client().sign_in_known(ALICE, PASSWORD, &changed.known).await;
        if only_weak {
            assert_eq!(outcome.unwrap_err().kind(), ErrorKind::WeakKdf);
            assert_eq!(evil.asked(), ["prelogin"], "nothing was sent that depends on the password");
        } else {
            outcome.unwrap();
            assert_eq!(evil.asked(), ["prelogin", "sign-in"], "the weak one was not tried");
        }
    }
}

/// A platform that shows an account as it was, signed as it was. Turns red without the versions' comparison in imegha-crypto's
/// `Account::open`, and without the one of the statements.
async fn a20_an_older_version_is_refused(world: World) {
    let (client, alice) = world.signed_in(ALICE, "alice").await;
    let old = world.post("/sign-in", world.last_sent("sign-in")).await.json();
    let changed = client.change_password(&alice.account, PASSWORD, NEW).await.unwrap();
    let back = client.change_password(&changed.account, NEW, PASSWORD).await.unwrap();
    let evil = EvilPlatform::new(world.wire.clone(), move |path, answer| {
        if path == "sign-in" {
            answer["account"] = old["account"].clone();
            answer["wrap"] = old["wrap"].clone();
        }
    });
    // A device without memory cannot know; one that saw more is not shown less.
    evil.client().sign_in(ALICE, PASSWORD).await.unwrap();
    evil.client().sign_in_known(ALICE, PASSWORD, &alice.known).await.unwrap();
    for known in [&changed.known, &back.known] {
        let refused = evil.client().sign_in_known(ALICE, PASSWORD, known).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::KeyChanged);
    }
    world.client().sign_in_known(ALICE, PASSWORD, &back.known).await.unwrap();
}

/// Turns red when `flows/account.rs` (`bundle`) shows more than hashes of the wraps. A session that was stolen opens nothing, and gives nothing to
/// guess the password by.
async fn a_session_is_shown_no_wrap(world: World) {
    let (client, alice) = world.signed_in(ALICE, "alice").await;
    let sent = world.last_sent("sign-up");
    let sign_in = world.post("/sign-in", world.last_sent("sign-in")).await.json();
    let secrets = [sent["password_wrap"]["wrap"].as_str().unwrap(), sent["recovery"]["wrap"].as_str().unwrap()];
    assert_eq!(sign_in["wrap"]["wrap"], sent["password_wrap"]["wrap"], "control: the sign-in has its own");
    let bearer = format!("Bearer {}", client.session_token().unwrap().as_str());
    let shown = world.call(Method::GET, "/account", &[("authorization", &bearer)], None).await;
    let shown = String::from_utf8(shown.body).unwrap();
    let auth = imegha_crypto::AuthSecret::parse_auth_string(sent["auth_string"].as_str().unwrap()).unwrap();
    let auth_hash = base64(auth.hash().as_bytes());
    for secret in secrets.into_iter().chain([auth_hash.as_str()]) {
        assert!(!shown.contains(secret));
    }
    assert!(shown.contains(&base64(alice.account.id.as_bytes())), "the search finds what is there");
    // Nor the other's wrap, while there are two.
    world.identity.fail_next("change_auth");
    client.change_password(&alice.account, PASSWORD, NEW).await.unwrap_err();
    let added = world.last_sent("account/password")["add"]["wrap"].as_str().unwrap().to_owned();
    let answer = world.post("/sign-in", world.last_sent("sign-in")).await;
    assert!(!String::from_utf8(answer.body).unwrap().contains(&added));
}

fn base64(bytes: &[u8]) -> String {
    use base64ct::{Base64UrlUnpadded, Encoding as _};
    Base64UrlUnpadded::encode_string(bytes)
}
