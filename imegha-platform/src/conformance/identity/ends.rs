//! What is forgotten, and what ends by itself.

use imegha_crypto::Id;

use super::person::{DAY, Person, assert_no_code, auth, refusal};
use crate::conformance::{CodeFor, Subject};
use crate::problem::ProblemCode as P;

/// Nothing of it is right any more; once more, and of one that is not known, is no error.
pub async fn a_forgotten_account_is_gone(subject: &impl Subject) {
    let person = Person::confirmed(subject).await;
    let provider = subject.provider();
    provider.begin_recovery(&person.email, Some(&person.account)).await.expect("it begins");
    let code = subject.mailed(&person.email, CodeFor::Recovery).await;
    for _ in 0..2 {
        provider.forget(&person.account).await.expect("forgotten");
    }
    provider.forget(&Id::generate().expect("randomness")).await.expect("no error");
    assert_eq!(refusal(person.signs_in(subject, &person.auth).await), Some(P::WrongPassword));
    assert_no_code(provider.recover(&person.email, Some(&person.account), &code, &auth()).await);
    assert_no_code(provider.check_code(&person.account, "123456").await);
    let change = provider.change_auth(&person.email, &person.account, &person.auth, &auth()).await;
    assert_eq!(refusal(change), Some(P::WrongPassword));
    // The address is free again.
    let again = Person { email: person.email.clone(), ..Person::new() };
    again.register(subject, false).await.expect("it registers");
    let code = subject.mailed(&again.email, CodeFor::SignUp).await;
    provider.check_code(&again.account, &code).await.expect("the code is right");
    again.signs_in(subject, &again.auth).await.expect("right");
}

/// Codes and locks that are good stay; what has ended goes, and nothing else.
pub async fn what_has_ended_is_removed(subject: &impl Subject) {
    let (person, waiting) = (Person::confirmed(subject).await, Person::registered(subject).await);
    let provider = subject.provider();
    let code = subject.mailed(&waiting.email, CodeFor::SignUp).await;
    for _ in 0..5 {
        assert_eq!(refusal(person.signs_in(subject, &auth()).await), Some(P::WrongPassword));
    }
    provider.sweep(100).await.expect("swept");
    assert_eq!(refusal(person.signs_in(subject, &person.auth).await), Some(P::TooManyTries), "still locked");
    provider.check_code(&waiting.account, &code).await.expect("still right");
    subject.advance(2 * DAY);
    provider.sweep(100).await.expect("swept");
    provider.sweep(100).await.expect("nothing is left to be swept");
    assert_no_code(provider.check_code(&waiting.account, &code).await);
    person.signs_in(subject, &person.auth).await.expect("the account stays");
}
