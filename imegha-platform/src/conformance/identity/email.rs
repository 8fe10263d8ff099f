//! Moving an account to another address, and that a code is for one thing.

use super::person::{MINUTE, Person, another, assert_no_code, auth, email, refusal};
use crate::conformance::{CodeFor, Subject};
use crate::identity::Recipient;
use crate::problem::ProblemCode as P;
use crate::protocol::AuthString;

/// The code that went to the new address moves the account there; once more is no error, and the password stays.
pub async fn an_account_moves_to_an_address(subject: &impl Subject) {
    let person = Person::confirmed(subject).await;
    let (provider, to) = (subject.provider(), email());
    let confirm = |code: String| {
        let (person, to) = (&person, &to);
        async move { provider.confirm_email_change(&person.account, &person.email, &person.auth, to, &code).await }
    };
    assert_no_code(confirm("123456".to_owned()).await);
    let recipient = Recipient { email: &to, has_account: false };
    provider.begin_email_change(&person.account, &person.email, &person.auth, &recipient).await.expect("it begins");
    let code = subject.mailed(&to, CodeFor::EmailChange).await;
    assert_eq!(refusal(confirm(another(&code)).await), Some(P::WrongCode));
    confirm(code.clone()).await.expect("the code is right");
    confirm(code.clone()).await.expect("the answer may have been lost");
    assert_eq!(refusal(confirm(another(&code)).await), Some(P::WrongCode), "only that one");
    provider.check_auth(&to, Some(&person.account), &person.auth).await.expect("the password stays");
    // Codes go there now.
    provider.begin_recovery(&to, Some(&person.account)).await.expect("it begins");
    let code = subject.mailed(&to, CodeFor::Recovery).await;
    provider.recover(&to, Some(&person.account), &code, &auth()).await.expect("recovered");
}

/// A code that went to one address moves nothing to another.
pub async fn a_code_is_for_the_address_it_went_to(subject: &impl Subject) {
    let person = &Person::confirmed(subject).await;
    let (provider, one, two) = (subject.provider(), email(), email());
    let begin = |to| async move {
        let recipient = Recipient { email: to, has_account: false };
        provider.begin_email_change(&person.account, &person.email, &person.auth, &recipient).await
    };
    begin(&one).await.expect("it begins");
    let code = subject.mailed(&one, CodeFor::EmailChange).await;
    let confirm = |to, code: String| async move {
        provider.confirm_email_change(&person.account, &person.email, &person.auth, to, &code).await
    };
    assert_eq!(refusal(confirm(&two, code.clone()).await), Some(P::WrongCode));
    // Asked for again, for another address: the first one is void.
    assert_eq!(refusal(begin(&two).await), Some(P::TooManyTries));
    subject.advance(MINUTE);
    begin(&two).await.expect("it begins");
    let second = subject.mailed(&two, CodeFor::EmailChange).await;
    assert_eq!(refusal(confirm(&one, code).await), Some(P::WrongCode));
    confirm(&two, second).await.expect("the code is right");
}

/// Neither step is done without the password, and wrong ones count.
pub async fn a_move_takes_the_password(subject: &impl Subject) {
    let person = Person::confirmed(subject).await;
    let (provider, to) = (subject.provider(), email());
    let recipient = Recipient { email: &to, has_account: false };
    let begin = |auth: AuthString| {
        let (person, recipient) = (&person, &recipient);
        async move { provider.begin_email_change(&person.account, &person.email, &auth, recipient).await }
    };
    assert_eq!(refusal(begin(auth()).await), Some(P::WrongPassword));
    begin(person.auth.clone()).await.expect("it begins");
    let code = subject.mailed(&to, CodeFor::EmailChange).await;
    for _ in 0..5 {
        let answer = provider.confirm_email_change(&person.account, &person.email, &auth(), &to, &code).await;
        assert_eq!(refusal(answer), Some(P::WrongPassword));
    }
    let locked = provider.confirm_email_change(&person.account, &person.email, &person.auth, &to, &code).await;
    assert_eq!(refusal(locked), Some(P::TooManyTries));
    subject.advance(MINUTE);
    let confirmed = provider.confirm_email_change(&person.account, &person.email, &person.auth, &to, &code).await;
    confirmed.expect("wrong passwords did not use the code up");
}

/// An address that has an account answers as any other, and no code is right.
pub async fn a_taken_address_is_not_moved_to(subject: &impl Subject) {
    let (owner, person) = (Person::confirmed(subject).await, Person::confirmed(subject).await);
    let (provider, free) = (subject.provider(), email());
    let mut traces = Vec::new();
    for (to, has_account) in [(&owner.email, true), (&free, false)] {
        let person = if has_account { &person } else { &Person::confirmed(subject).await };
        let recipient = Recipient { email: to, has_account };
        let mut trace = Vec::new();
        for _ in 0..2 {
            let begun = provider.begin_email_change(&person.account, &person.email, &person.auth, &recipient).await;
            trace.push(refusal(begun));
        }
        for code in ["000000", "999999"] {
            let answer = provider.confirm_email_change(&person.account, &person.email, &person.auth, to, code).await;
            trace.push(refusal(answer));
        }
        traces.push(trace);
    }
    assert_eq!(traces[0], traces[1]);
    assert_eq!(traces[0], [None, Some(P::TooManyTries), Some(P::WrongCode), Some(P::WrongCode)]);
    for code in ["123456", "654321"] {
        let answer =
            provider.confirm_email_change(&person.account, &person.email, &person.auth, &owner.email, code).await;
        assert_eq!(refusal(answer), Some(P::WrongCode));
    }
    owner.signs_in(subject, &owner.auth).await.expect("the owner has noticed nothing");
}

/// The code of one purpose is wrong for every other.
pub async fn a_code_is_for_one_thing(subject: &impl Subject) {
    let person = Person::registered(subject).await;
    let provider = subject.provider();
    let sign_up = subject.mailed(&person.email, CodeFor::SignUp).await;
    assert_no_code(provider.recover(&person.email, Some(&person.account), &sign_up, &auth()).await);
    provider.check_code(&person.account, &sign_up).await.expect("the code is right");
    assert_no_code(provider.recover(&person.email, Some(&person.account), &sign_up, &auth()).await);

    provider.begin_recovery(&person.email, Some(&person.account)).await.expect("it begins");
    let recovery = subject.mailed(&person.email, CodeFor::Recovery).await;
    let to = email();
    let confirm = |code: String| {
        let (person, to) = (&person, &to);
        async move { provider.confirm_email_change(&person.account, &person.email, &person.auth, to, &code).await }
    };
    assert_no_code(confirm(recovery.clone()).await);
    let recipient = Recipient { email: &to, has_account: false };
    provider.begin_email_change(&person.account, &person.email, &person.auth, &recipient).await.expect("it begins");
    let change = subject.mailed(&to, CodeFor::EmailChange).await;
    assert_no_code(confirm(recovery.clone()).await);
    if change != recovery {
        assert_no_code(provider.recover(&person.email, Some(&person.account), &change, &auth()).await);
    }
    assert_no_code(provider.check_code(&person.account, &recovery).await);

    confirm(change).await.expect("each is right for its own");
    let recovered = provider.recover(&person.email, Some(&person.account), &recovery, &auth()).await;
    recovered.expect("each is right for its own");
}
