//! What proves the password: looked at, locked, changed.

use futures::future::{join, join_all};

use super::person::{HOUR, Person, auth, refusal};
use crate::conformance::Subject;
use crate::problem::ProblemCode as P;

/// Right is right; wrong, another account's and nobody's are one answer.
pub async fn the_password_is_checked(subject: &impl Subject) {
    let (alice, bob) = (Person::confirmed(subject).await, Person::confirmed(subject).await);
    let provider = subject.provider();
    alice.signs_in(subject, &alice.auth).await.expect("right");
    assert_eq!(refusal(alice.signs_in(subject, &auth()).await), Some(P::WrongPassword));
    assert_eq!(refusal(alice.signs_in(subject, &bob.auth).await), Some(P::WrongPassword));
    assert_eq!(refusal(provider.check_auth(&alice.email, None, &alice.auth).await), Some(P::WrongPassword));
    let stranger = Person::new();
    assert_eq!(refusal(stranger.signs_in(subject, &stranger.auth).await), Some(P::WrongPassword));
    alice.signs_in(subject, &alice.auth).await.expect("right again");
}

/// After a few failures the address waits, longer each time, whatever the password; a right one forgets them.
pub async fn failures_lock_an_address(subject: &impl Subject) {
    let person = Person::confirmed(subject).await;
    for _ in 0..5 {
        assert_eq!(refusal(person.signs_in(subject, &auth()).await), Some(P::WrongPassword));
    }
    let locked = person.signs_in(subject, &person.auth).await.expect_err("locked");
    assert_eq!((locked.code(), locked.retry_after_ms()), (Some(P::TooManyTries), Some(1000)));
    subject.advance(1000);
    assert_eq!(refusal(person.signs_in(subject, &auth()).await), Some(P::WrongPassword));
    let locked = person.signs_in(subject, &person.auth).await.expect_err("locked");
    assert_eq!(locked.retry_after_ms(), Some(2000), "longer each time");
    subject.advance(2000);
    person.signs_in(subject, &person.auth).await.expect("right");
    // Forgotten: there are free failures again.
    for _ in 0..4 {
        assert_eq!(refusal(person.signs_in(subject, &auth()).await), Some(P::WrongPassword));
    }
    person.signs_in(subject, &person.auth).await.expect("right");
}

/// Guesses at the same moment do not share a count.
pub async fn failures_side_by_side_are_counted(subject: &impl Subject) {
    let person = Person::confirmed(subject).await;
    let guess = auth();
    let answers: Vec<_> =
        join_all((0..30).map(|_| person.signs_in(subject, &guess))).await.into_iter().map(refusal).collect();
    let looked_at = answers.iter().filter(|answer| **answer == Some(P::WrongPassword)).count();
    assert!((1..=5).contains(&looked_at), "{answers:?}");
    assert!(answers.iter().all(|answer| matches!(answer, Some(P::WrongPassword | P::TooManyTries))), "{answers:?}");
}

/// The same guesses get the same answers, with the same waits, for an address with an account and for one without.
pub async fn a_lock_does_not_tell_who_has_an_account(subject: &impl Subject) {
    let (known, unknown) = (Person::confirmed(subject).await, Person::new());
    let mut traces = Vec::new();
    for (email, account) in [(&known.email, Some(&known.account)), (&unknown.email, None)] {
        let mut trace = Vec::new();
        for _ in 0..8 {
            let error = subject.provider().check_auth(email, account, &auth()).await.expect_err("wrong");
            trace.push((error.code(), error.retry_after_ms()));
        }
        traces.push(trace);
    }
    assert_eq!(traces[0], traces[1]);
    assert_eq!(traces[0][7].0, Some(P::TooManyTries));
}

/// The new password is right from then on, and the old one is not.
pub async fn the_password_is_changed(subject: &impl Subject) {
    let person = Person::confirmed(subject).await;
    let new = auth();
    subject.provider().change_auth(&person.email, &person.account, &person.auth, &new).await.expect("changed");
    assert_eq!(refusal(person.signs_in(subject, &person.auth).await), Some(P::WrongPassword));
    person.signs_in(subject, &new).await.expect("the new one is right");
}

/// The same change again is no error, and changes nothing.
pub async fn a_lost_answer_to_a_change_is_asked_again(subject: &impl Subject) {
    let person = Person::confirmed(subject).await;
    let new = auth();
    for _ in 0..3 {
        subject.provider().change_auth(&person.email, &person.account, &person.auth, &new).await.expect("changed");
    }
    person.signs_in(subject, &new).await.expect("the new one is right");
    // To what stands already, by what stands already.
    subject.provider().change_auth(&person.email, &person.account, &new, &new).await.expect("no change");
    person.signs_in(subject, &new).await.expect("still right");
}

/// A change by a wrong password changes nothing, and is a failure like any other.
pub async fn a_wrong_old_password_is_counted(subject: &impl Subject) {
    let person = Person::confirmed(subject).await;
    let provider = subject.provider();
    for _ in 0..5 {
        let answer = provider.change_auth(&person.email, &person.account, &auth(), &auth()).await;
        assert_eq!(refusal(answer), Some(P::WrongPassword));
    }
    let answer = provider.change_auth(&person.email, &person.account, &person.auth, &auth()).await;
    assert_eq!(refusal(answer), Some(P::TooManyTries));
    subject.advance(HOUR);
    person.signs_in(subject, &person.auth).await.expect("nothing has changed");
    let stranger = Person::new();
    let answer = provider.change_auth(&stranger.email, &stranger.account, &stranger.auth, &auth()).await;
    assert_eq!(refusal(answer), Some(P::WrongPassword));
}

/// Of two devices that change it at once, one is told that its old password is gone, unless the other came behind it.
pub async fn one_of_two_changes_wins(subject: &impl Subject) {
    for _ in 0..5 {
        let person = Person::confirmed(subject).await;
        let (one, two) = (auth(), auth());
        let provider = subject.provider();
        let change = |new| provider.change_auth(&person.email, &person.account, &person.auth, new);
        let answers = join(change(&one), change(&two)).await;
        let done = [refusal(answers.0), refusal(answers.1)].map(|answer| match answer {
            None => true,
            Some(P::WrongPassword) => false,
            other => panic!("{other:?}"),
        });
        assert!(done[0] != done[1], "one: {done:?}");
        for (new, done) in [(&one, done[0]), (&two, done[1])] {
            assert_eq!(person.signs_in(subject, new).await.is_ok(), done);
        }
    }
}
