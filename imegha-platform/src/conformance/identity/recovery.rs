//! Replacing what proves the password by a mailed code.

use super::person::{HOUR, MINUTE, Person, another, assert_no_code, auth, refusal};
use crate::conformance::{CodeFor, Subject};
use crate::problem::ProblemCode as P;

async fn asked(subject: &impl Subject) -> (Person, String) {
    let person = Person::confirmed(subject).await;
    subject.provider().begin_recovery(&person.email, Some(&person.account)).await.expect("it begins");
    let code = subject.mailed(&person.email, CodeFor::Recovery).await;
    (person, code)
}

/// The code makes another password right, and asking for it alone changes nothing.
pub async fn a_code_replaces_the_password(subject: &impl Subject) {
    let (person, code) = asked(subject).await;
    person.signs_in(subject, &person.auth).await.expect("asking changes nothing");
    let new = auth();
    let wrong = subject.provider().recover(&person.email, Some(&person.account), &another(&code), &new).await;
    assert_eq!(refusal(wrong), Some(P::WrongCode));
    assert_eq!(refusal(person.signs_in(subject, &new).await), Some(P::WrongPassword));
    subject.provider().recover(&person.email, Some(&person.account), &code, &new).await.expect("recovered");
    person.signs_in(subject, &new).await.expect("the new one is right");
    assert_eq!(refusal(person.signs_in(subject, &person.auth).await), Some(P::WrongPassword));
}

/// Once it was right it is right no more.
pub async fn a_code_is_used_up_by_recovery(subject: &impl Subject) {
    let (person, code) = asked(subject).await;
    let (new, later) = (auth(), auth());
    subject.provider().recover(&person.email, Some(&person.account), &code, &new).await.expect("recovered");
    assert_no_code(subject.provider().recover(&person.email, Some(&person.account), &code, &later).await);
    person.signs_in(subject, &new).await.expect("the first one stands");
}

/// Whoever guesses at an address cannot keep its owner out who recovers.
pub async fn recovery_ends_a_lock(subject: &impl Subject) {
    let (person, code) = asked(subject).await;
    for _ in 0..5 {
        assert_eq!(refusal(person.signs_in(subject, &auth()).await), Some(P::WrongPassword));
    }
    assert_eq!(refusal(person.signs_in(subject, &person.auth).await), Some(P::TooManyTries));
    let new = auth();
    subject.provider().recover(&person.email, Some(&person.account), &code, &new).await.expect("recovered");
    person.signs_in(subject, &new).await.expect("at once");
}

/// After five tries the right one is no longer heard.
pub async fn recovery_codes_are_tried_five_times(subject: &impl Subject) {
    let (person, code) = asked(subject).await;
    let new = auth();
    for _ in 0..5 {
        let wrong = subject.provider().recover(&person.email, Some(&person.account), &another(&code), &new).await;
        assert_eq!(refusal(wrong), Some(P::WrongCode));
    }
    let late = subject.provider().recover(&person.email, Some(&person.account), &code, &new).await;
    assert_eq!(refusal(late), Some(P::CodeExpired));
    person.signs_in(subject, &person.auth).await.expect("nothing has changed");
}

/// A code is good for a quarter of an hour.
pub async fn recovery_codes_expire(subject: &impl Subject) {
    let (person, code) = asked(subject).await;
    subject.advance(15 * MINUTE);
    let late = subject.provider().recover(&person.email, Some(&person.account), &code, &auth()).await;
    assert_eq!(refusal(late), Some(P::CodeExpired));
    person.signs_in(subject, &person.auth).await.expect("nothing has changed");
}

/// A minute lies between two mails, after five an hour: nobody can keep the owner from it for long.
pub async fn recovery_is_asked_for_again(subject: &impl Subject) {
    let (person, _) = asked(subject).await;
    let ask = || async { subject.provider().begin_recovery(&person.email, Some(&person.account)).await };
    let early = ask().await.expect_err("too early");
    assert_eq!((early.code(), early.retry_after_ms()), (Some(P::TooManyTries), Some(MINUTE)));
    for _ in 0..4 {
        subject.advance(MINUTE);
        ask().await.expect("it is sent");
        subject.mailed(&person.email, CodeFor::Recovery).await;
    }
    subject.advance(HOUR - 1);
    assert_eq!(refusal(ask().await), Some(P::TooManyTries));
    subject.advance(1);
    ask().await.expect("it is sent");
    let code = subject.mailed(&person.email, CodeFor::Recovery).await;
    subject.provider().recover(&person.email, Some(&person.account), &code, &auth()).await.expect("recovered");
}

/// Everything that somebody without the mailbox can ask answers alike for an address with an account and for one without.
pub async fn recovery_does_not_tell_who_has_an_account(subject: &impl Subject) {
    let (known, unknown) = (Person::confirmed(subject).await, Person::new());
    let mut traces = Vec::new();
    for (email, account) in [(&known.email, Some(&known.account)), (&unknown.email, None)] {
        let provider = subject.provider();
        let mut trace = Vec::new();
        let mut say = |answer: crate::Result<()>| match answer {
            Ok(()) => trace.push((None, None)),
            Err(error) => trace.push((Some(error.code().expect("a refusal")), error.retry_after_ms())),
        };
        say(provider.recover(email, account, "000000", &auth()).await);
        say(provider.begin_recovery(email, account).await);
        say(provider.begin_recovery(email, account).await);
        for _ in 0..6 {
            say(provider.recover(email, account, "000000", &auth()).await);
        }
        say(provider.check_auth(email, account, &auth()).await);
        traces.push(trace);
        subject.advance(2 * MINUTE);
    }
    assert_eq!(traces[0], traces[1]);
    assert_eq!(traces[0].iter().filter(|answer| answer.0.is_none()).count(), 1, "{traces:?}");
}
