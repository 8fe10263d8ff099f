//! The code of a sign-up.

use futures::future::join_all;
use imegha_crypto::Id;

use super::person::{DAY, MINUTE, Person, another, assert_no_code, refusal};
use crate::conformance::{CodeFor, Subject};
use crate::problem::ProblemCode as P;

/// A wrong code is refused as one, the mailed one is right.
pub async fn a_new_account_awaits_its_code(subject: &impl Subject) {
    let person = Person::registered(subject).await;
    let code = subject.mailed(&person.email, CodeFor::SignUp).await;
    assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "six digits: {code:?}");
    let provider = subject.provider();
    for wrong in [another(&code), String::new(), "１２３４５６".to_owned()] {
        assert_eq!(refusal(provider.check_code(&person.account, &wrong).await), Some(P::WrongCode), "{wrong:?}");
    }
    provider.check_code(&person.account, &code).await.expect("the code is right");
}

/// The answer to a right code may have been lost. Another code is not right for it.
pub async fn a_code_is_right_again(subject: &impl Subject) {
    let person = Person::registered(subject).await;
    let code = subject.mailed(&person.email, CodeFor::SignUp).await;
    for _ in 0..3 {
        subject.provider().check_code(&person.account, &code).await.expect("the code is right");
    }
    let wrong = subject.provider().check_code(&person.account, &another(&code)).await;
    assert_eq!(refusal(wrong), Some(P::WrongCode));
}

/// The answer to a registration may have been lost.
pub async fn registering_again_is_no_error(subject: &impl Subject) {
    let person = Person::registered(subject).await;
    let code = subject.mailed(&person.email, CodeFor::SignUp).await;
    person.register(subject, false).await.expect("again is no error");
    subject.provider().check_code(&person.account, &code).await.expect("the code is right");
    person.signs_in(subject, &person.auth).await.expect("the password is right");
}

/// Signing up with an address that has an account answers as with any other, and no code is right, nor is the password.
pub async fn a_taken_address_is_never_confirmed(subject: &impl Subject) {
    let owner = Person::confirmed(subject).await;
    let taken = Person { email: owner.email.clone(), ..Person::new() };
    taken.register(subject, true).await.expect("it is not told");
    let provider = subject.provider();
    for code in ["123456", "654321", "000000"] {
        assert_eq!(refusal(provider.check_code(&taken.account, code).await), Some(P::WrongCode));
    }
    subject.advance(2 * MINUTE);
    provider.resend(&taken.account, &taken.recipient(true)).await.expect("it is not told");
    for code in ["123456", "654321"] {
        assert_eq!(refusal(provider.check_code(&taken.account, code).await), Some(P::WrongCode));
    }
    owner.signs_in(subject, &owner.auth).await.expect("the owner still signs in");
}

/// An account that nobody registered is no different from a wrong code.
pub async fn who_is_not_registered_has_no_code(subject: &impl Subject) {
    let stranger = Id::generate().expect("randomness");
    assert_eq!(refusal(subject.provider().check_code(&stranger, "123456").await), Some(P::WrongCode));
}

/// After five tries the right one is no longer heard.
pub async fn codes_are_tried_five_times(subject: &impl Subject) {
    let person = Person::registered(subject).await;
    let code = subject.mailed(&person.email, CodeFor::SignUp).await;
    for _ in 0..5 {
        let wrong = subject.provider().check_code(&person.account, &another(&code)).await;
        assert_eq!(refusal(wrong), Some(P::WrongCode));
    }
    assert_eq!(refusal(subject.provider().check_code(&person.account, &code).await), Some(P::CodeExpired));
    // Another one is heard again.
    subject.advance(2 * MINUTE);
    subject.provider().resend(&person.account, &person.recipient(false)).await.expect("it is sent");
    let code = subject.mailed(&person.email, CodeFor::SignUp).await;
    subject.provider().check_code(&person.account, &code).await.expect("the code is right");
}

/// Guesses at the same moment do not share a count.
pub async fn tries_side_by_side_are_counted(subject: &impl Subject) {
    let person = Person::registered(subject).await;
    let code = subject.mailed(&person.email, CodeFor::SignUp).await;
    let wrong = another(&code);
    let guesses = (0..20).map(|_| subject.provider().check_code(&person.account, &wrong));
    let answers: Vec<_> = join_all(guesses).await.into_iter().map(refusal).collect();
    let looked_at = answers.iter().filter(|answer| **answer == Some(P::WrongCode)).count();
    assert!((1..=5).contains(&looked_at), "{answers:?}");
    let others = [Some(P::WrongCode), Some(P::TooManyTries), Some(P::CodeExpired)];
    assert!(answers.iter().all(|answer| others.contains(answer)), "{answers:?}");
}

/// A code is good for a quarter of an hour.
pub async fn codes_expire(subject: &impl Subject) {
    let person = Person::registered(subject).await;
    let code = subject.mailed(&person.email, CodeFor::SignUp).await;
    subject.advance(15 * MINUTE);
    assert_eq!(refusal(subject.provider().check_code(&person.account, &code).await), Some(P::CodeExpired));
    subject.provider().resend(&person.account, &person.recipient(false)).await.expect("it is sent");
    let code = subject.mailed(&person.email, CodeFor::SignUp).await;
    subject.advance(15 * MINUTE - 1);
    subject.provider().check_code(&person.account, &code).await.expect("the code is right");
}

/// A minute lies between two mails, and the answer says how much of it is left.
pub async fn codes_are_sent_again(subject: &impl Subject) {
    let person = Person::registered(subject).await;
    subject.mailed(&person.email, CodeFor::SignUp).await;
    let resend = || async { subject.provider().resend(&person.account, &person.recipient(false)).await };
    subject.advance(MINUTE / 3);
    let error = resend().await.expect_err("too early");
    assert_eq!(error.code(), Some(P::TooManyTries));
    assert_eq!(error.retry_after_ms(), Some(MINUTE - MINUTE / 3));
    subject.advance(MINUTE);
    resend().await.expect("it is sent");
    let code = subject.mailed(&person.email, CodeFor::SignUp).await;
    subject.provider().check_code(&person.account, &code).await.expect("the code is right");
}

/// After five mails there is none for a day.
pub async fn codes_are_sent_five_times(subject: &impl Subject) {
    let person = Person::registered(subject).await;
    let resend = || async { subject.provider().resend(&person.account, &person.recipient(false)).await };
    for _ in 0..4 {
        subject.advance(MINUTE);
        resend().await.expect("it is sent");
    }
    subject.advance(DAY - 1);
    assert_eq!(refusal(resend().await), Some(P::TooManyTries));
    assert_no_code(subject.provider().check_code(&person.account, "").await);
    subject.advance(1);
    resend().await.expect("it is sent");
}
