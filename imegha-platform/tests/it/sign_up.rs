//! Signing up, codes, claims.

use axum::http::Method;
use imegha_platform::client::SignUp;
use imegha_platform::mail::Message;
use imegha_platform::{ErrorKind, ProblemCode};
use serde_json::{Value, json};

use crate::on_every_backend;
use crate::world::{Answer, DAY, MINUTE, NOW, PASSWORD, POLICY, World, another_code};

on_every_backend! {
    sign_up_confirm_sign_in,
    what_was_typed_wrong_is_told,
    a_taken_email_is_not_told,
    a_tag_has_one_owner,
    one_of_many_gets_the_tag,
    an_unconfirmed_account_ends_after_a_day,
    a_lost_page_is_no_dead_end,
    a_lost_answer_is_asked_again,
    codes_are_tried_five_times,
    codes_expire,
    codes_are_sent_again,
    a_sign_up_that_is_not_whole_is_refused,
}

async fn sign_up_confirm_sign_in(world: World) {
    let client = world.client();
    let config = client.config().await.unwrap();
    assert_eq!((config.policy_version, config.code_on_terminal, config.hosted_clouds), (POLICY, false, true));

    let sign_up = SignUp::prepare(" Alice@Example.COM ", "Alice", PASSWORD, NOW).await.unwrap();
    assert_eq!(sign_up.phrase().words().count(), 24);
    client.sign_up(&sign_up, true, config.policy_version).await.unwrap();
    let mail = world.next_mail().await;
    assert_eq!(mail.to.as_str(), "alice@example.com");
    let Message::Code { code, minutes: 15 } = mail.message else { panic!("not the mail with a code") };
    client.confirm(&sign_up.account(), &format!(" {} {}\n", &code[..3], &code[3..])).await.unwrap();
    // Once more is no error: the answer may have been lost.
    client.confirm(&sign_up.account(), &code).await.unwrap();

    let first = client.sign_in_first(&sign_up).await.unwrap();
    let again = world.client().sign_in("ALICE@example.com", PASSWORD).await.unwrap();
    assert_eq!(first.account.id, sign_up.account());
    assert_eq!(again.account.tag.as_str(), "alice");
    assert_eq!(again.account.identity.public(), first.account.identity.public());
    assert_eq!(first.known, again.known);
    assert_eq!(&first.known, sign_up.known());
    world.client().sign_in_known("alice@example.com", PASSWORD, &first.known).await.unwrap();
}

async fn what_was_typed_wrong_is_told(world: World) {
    for (email, tag, password, code) in [
        ("alice", "alice", PASSWORD, ProblemCode::EmailInvalid),
        ("alice@example.com", "al", PASSWORD, ProblemCode::TagInvalid),
        ("alice@example.com", "admin", PASSWORD, ProblemCode::TagInvalid),
        ("alice@example.com", "alice", "pass\u{7}word", ProblemCode::PasswordRefused),
    ] {
        let error = SignUp::prepare(email, tag, password, NOW).await.unwrap_err();
        assert_eq!(error.code(), Some(code));
    }
    let sign_up = SignUp::prepare("alice@example.com", "alice", PASSWORD, NOW).await.unwrap();
    let client = world.client();
    let young = client.sign_up(&sign_up, false, POLICY).await.unwrap_err();
    assert_eq!(young.code(), Some(ProblemCode::TooYoung));
    let old_policy = client.sign_up(&sign_up, true, POLICY - 1).await.unwrap_err();
    assert_eq!(old_policy.code(), Some(ProblemCode::PolicyNotAccepted));
    assert!(world.store.dump().await.is_empty());
    client.sign_up(&sign_up, true, POLICY).await.unwrap();
}

/// Everything that somebody without the mailbox can ask about an address, as answers.
async fn ask_about(world: &World, email: &str, tag: &str) -> Vec<Answer> {
    let sign_up = SignUp::prepare(email, tag, "a guess of a stranger", NOW).await.unwrap();
    let offline = crate::evil::EvilPlatform::new(world.wire.clone(), |_, _| {});
    offline.client().sign_up(&sign_up, true, POLICY).await.unwrap();
    let request = offline.sent("sign-up").remove(0);
    let account = request["account"].clone();
    let sign_in = json!({"email": email, "auth_string": request["auth_string"], "session": "bearer"});
    let other = SignUp::prepare("other@example.com", tag, PASSWORD, NOW).await.unwrap();
    let refused = world.client().sign_up(&other, true, POLICY).await.unwrap_err();
    assert_eq!(refused.code(), Some(ProblemCode::TagTaken), "the tag is held, whosever the address is");

    let mut answers = vec![
        world.post("/sign-up", request).await,
        world.post("/sign-up/confirm", json!({"account": account, "code": "000000"})).await,
        world.post("/prelogin", json!({"email": email})).await,
        world.post("/sign-in", sign_in).await,
        world.post("/sign-up/resend", json!({"account": account})).await,
    ];
    world.clock.advance(2 * MINUTE);
    answers.push(world.post("/sign-up/resend", json!({"account": account})).await);
    for _ in 0..5 {
        answers.push(world.post("/sign-up/confirm", json!({"account": account, "code": "000000"})).await);
    }
    // The salt is an address's own.
    for answer in &mut answers {
        let mut json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if let Some(salt) = json.pointer_mut("/kdf/0/salt") {
            *salt = json!("A".repeat(salt.as_str().unwrap().len()));
            answer.body = json.to_string().into_bytes();
        }
    }
    answers
}

async fn a_taken_email_is_not_told(world: World) {
    let alice = world.account("alice@example.com", "alice").await;
    let salt_before = world.post("/prelogin", json!({"email": "alice@example.com"})).await;

    let taken = ask_about(&world, "alice@example.com", "mallory_one").await;
    let mail = world.next_mail().await;
    assert_eq!(mail.to.as_str(), "alice@example.com");
    assert!(mail.message == Message::AlreadyRegistered, "the owner is told");
    assert!(world.next_mail().await.message == Message::AlreadyRegistered, "and again when asked again");

    let free = ask_about(&world, "free@example.com", "mallory_two").await;
    assert!(matches!(world.next_mail().await.message, Message::Code { .. }));
    for (taken, free) in taken.iter().zip(&free) {
        assert_eq!(taken, free);
    }
    assert_eq!(taken.len(), free.len());

    // Alice's account is as it was.
    assert_eq!(world.post("/prelogin", json!({"email": "alice@example.com"})).await, salt_before);
    world.client().sign_in_first(&alice).await.unwrap();
}

async fn a_tag_has_one_owner(world: World) {
    world.account("alice@example.com", "alice").await;
    let mallory = SignUp::prepare("mallory@example.com", "ALICE", PASSWORD, NOW).await.unwrap();
    let error = world.client().sign_up(&mallory, true, POLICY).await.unwrap_err();
    assert_eq!(error.code(), Some(ProblemCode::TagTaken));
    // A confirmed tag is not released, however long it is.
    world.clock.advance(400 * DAY);
    world.server.sweep().await.unwrap();
    let error = world.client().sign_up(&mallory, true, POLICY).await.unwrap_err();
    assert_eq!(error.code(), Some(ProblemCode::TagTaken));
}

async fn one_of_many_gets_the_tag(world: World) {
    let mut tries = Vec::new();
    for n in 0..4 {
        let sign_up = SignUp::prepare(&format!("p{n}@example.com"), "wanted", PASSWORD, NOW).await.unwrap();
        let client = world.client();
        tries.push(tokio::spawn(async move { client.sign_up(&sign_up, true, POLICY).await }));
    }
    let mut won = 0;
    for one in tries {
        match one.await.unwrap() {
            Ok(()) => won += 1,
            Err(error) => assert_eq!(error.code(), Some(ProblemCode::TagTaken)),
        }
    }
    assert_eq!(won, 1);
}

async fn an_unconfirmed_account_ends_after_a_day(world: World) {
    let sign_up = world.sign_up("alice@example.com", "alice").await;
    let code = world.next_code().await;
    let bob = SignUp::prepare("bob@example.com", "alice", PASSWORD, NOW).await.unwrap();
    world.clock.advance(DAY - 1);
    let error = world.client().sign_up(&bob, true, POLICY).await.unwrap_err();
    assert_eq!(error.code(), Some(ProblemCode::TagTaken));
    world.server.sweep().await.unwrap();
    assert!(!world.store.dump().await.is_empty(), "not before its time");

    world.clock.advance(1);
    let error = world.client().confirm(&sign_up.account(), &code).await.unwrap_err();
    assert_eq!(error.code(), Some(ProblemCode::CodeExpired));
    // Claimed by another before any sweep: the clock decides.
    world.client().sign_up(&bob, true, POLICY).await.unwrap();
    world.server.sweep().await.unwrap();
    let code = world.next_code().await;
    world.client().confirm(&bob.account(), &code).await.unwrap();
    world.client().sign_in_first(&bob).await.unwrap();

    // Swept, nothing of the first is left.
    let left = world.store.dump().await;
    assert!(!left.is_empty());
    let trace = sign_up.account();
    assert!(left.iter().all(|record| !record.to_bytes().windows(16).any(|window| window == trace.as_bytes())));
}

async fn a_lost_page_is_no_dead_end(world: World) {
    // The page with the first sign-up is closed; the same person begins again, with the same address and tag.
    let lost = world.sign_up("alice@example.com", "alice").await;
    let lost_code = world.next_code().await;
    let again = world.sign_up("alice@example.com", "alice").await;
    let code = world.next_code().await;
    world.client().confirm(&again.account(), &code).await.unwrap();
    world.client().sign_in_first(&again).await.unwrap();
    // The first that is confirmed has it.
    let error = world.client().confirm(&lost.account(), &lost_code).await.unwrap_err();
    assert_eq!(error.code(), Some(ProblemCode::CodeExpired));
    // What became of the lost one goes, and takes nothing along.
    world.clock.advance(DAY);
    world.server.sweep().await.unwrap();
    world.client().sign_in("alice@example.com", PASSWORD).await.unwrap();
}

async fn a_lost_answer_is_asked_again(world: World) {
    let sign_up = world.sign_up("alice@example.com", "alice").await;
    world.client().sign_up(&sign_up, true, POLICY).await.unwrap();
    let code = world.next_code().await;
    assert!(world.mailer.take().is_none(), "one mail");
    world.client().confirm(&sign_up.account(), &code).await.unwrap();
    // The id is in use, and says so to another account of that id.
    let mut request = world.last_sent("sign-up");
    let other = SignUp::prepare("bob@example.com", "bob", PASSWORD, NOW).await.unwrap();
    world.client().sign_up(&other, true, POLICY).await.unwrap();
    request["email"] = json!("carol@example.com");
    let answer = world.post("/sign-up", request).await;
    assert_eq!(answer.code(), "account_exists");
}

async fn codes_are_tried_five_times(world: World) {
    let sign_up = world.sign_up("alice@example.com", "alice").await;
    let code = world.next_code().await;
    let (client, account) = (world.client(), sign_up.account());
    for wrong in ["", "12345", "1234567", "abcdef", "１２３４５６"] {
        let error = client.confirm(&account, wrong).await.unwrap_err();
        assert_eq!(error.code(), Some(ProblemCode::WrongCode), "not a code, and not a try");
    }
    for _ in 0..5 {
        let error = client.confirm(&account, &another_code(&code)).await.unwrap_err();
        assert_eq!(error.code(), Some(ProblemCode::WrongCode));
    }
    let error = client.confirm(&account, &code).await.unwrap_err();
    assert_eq!(error.code(), Some(ProblemCode::CodeExpired), "the right one comes too late");
    // The way on: another code.
    world.clock.advance(MINUTE);
    client.resend(&account).await.unwrap();
    client.confirm(&account, &world.next_code().await).await.unwrap();
}

async fn codes_expire(world: World) {
    let sign_up = world.sign_up("alice@example.com", "alice").await;
    let code = world.next_code().await;
    world.clock.advance(15 * MINUTE);
    let error = world.client().confirm(&sign_up.account(), &code).await.unwrap_err();
    assert_eq!(error.code(), Some(ProblemCode::CodeExpired));
    world.clock.set(NOW + 15 * MINUTE - 1);
    world.client().confirm(&sign_up.account(), &code).await.unwrap();
}

async fn codes_are_sent_again(world: World) {
    let sign_up = world.sign_up("alice@example.com", "alice").await;
    let (client, account) = (world.client(), sign_up.account());
    let first = world.next_code().await;
    let error = client.resend(&account).await.unwrap_err();
    assert_eq!(error.code(), Some(ProblemCode::TooManyTries));
    assert_eq!(error.retry_after_ms(), Some(MINUTE));
    for _ in 0..4 {
        world.clock.advance(MINUTE);
        client.resend(&account).await.unwrap();
    }
    world.clock.advance(MINUTE);
    let error = client.resend(&account).await.unwrap_err();
    assert_eq!(error.code(), Some(ProblemCode::TooManyTries), "five mails are enough");
    let mut last = first.clone();
    for _ in 0..4 {
        last = world.next_code().await;
    }
    if first != last {
        let error = client.confirm(&account, &first).await.unwrap_err();
        assert_eq!(error.code(), Some(ProblemCode::WrongCode), "the one before is void");
    }
    client.confirm(&account, &last).await.unwrap();
    // Confirmed, and for an account that is not there: nothing mailed, nothing said.
    client.resend(&account).await.unwrap();
    client.resend(&imegha_crypto::Id::generate().unwrap()).await.unwrap();
    tokio::task::yield_now().await;
    assert!(world.mailer.take().is_none());
}

async fn a_sign_up_that_is_not_whole_is_refused(world: World) {
    let sign_up = world.sign_up("alice@example.com", "alice").await;
    drop(sign_up);
    let whole = world.last_sent("sign-up");
    let short = "A".repeat(96);
    for (path, value, code) in [
        ("/email", json!("Alice@example.com"), "email_invalid"),
        ("/tag", json!("Alice"), "tag_invalid"),
        ("/auth_string", json!("hunter2"), "malformed"),
        ("/kdf/iterations", json!(99_999), "malformed"),
        ("/kdf/iterations", json!(600_000), "malformed"),
        ("/kdf/salt", json!("AAAA"), "malformed"),
        ("/password_wrap/dek_epoch", json!(2), "malformed"),
        ("/password_wrap/wrap", json!("A".repeat(140)), "key_refused"),
        ("/password_wrap/wrap", json!(short.clone()), "key_refused"),
        ("/recovery/wrap", json!(short.clone()), "key_refused"),
        ("/identity/wrapped", json!(short), "key_refused"),
        ("/identity/history/seq", json!("1"), "key_refused"),
        ("/identity/history/previous", json!("B".repeat(42) + "A"), "key_refused"),
        ("/identity/history/ms", json!("1"), "key_refused"),
        ("/account", json!("A".repeat(22)), "malformed"),
        ("/account", json!("not base64!"), "malformed"),
        ("/over_13", json!(null), "malformed"),
    ] {
        let mut request = whole.clone();
        *request.pointer_mut(path).unwrap() = value.clone();
        assert_eq!(world.post("/sign-up", request).await.code(), code, "{path} = {value}");
    }
    assert_eq!(world.post("/sign-up", whole).await.status, 202);
    let answer = world.call(Method::GET, "/account", &[], None).await;
    assert_eq!(answer.code(), "signed_out");
    let error = world.client().confirm(&imegha_crypto::Id::generate().unwrap(), "123456").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused(ProblemCode::WrongCode));
}
