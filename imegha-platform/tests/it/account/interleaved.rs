//! ATTACKS 66: two devices change one account at the same time, 1,000 times, in an order that is drawn.

use std::collections::BTreeMap;

use imegha_platform::registry::Registry;
use std::sync::Arc;

use super::model::{Op, Person, Planned, check, first_dek, sign_in};
use crate::random::Random;
use crate::world::{DAY, MINUTE, PASSWORD, World};

const INTERLEAVINGS: u64 = 1_000;
/// In so many tests, which run side by side.
const PARTS: u64 = 4;

const ALICE: &str = "alice@example.com";

/// How it went: how many of the two came to their end.
#[derive(Debug, Default)]
struct Tally {
    both: u64,
    one: u64,
    none: u64,
    pairs: BTreeMap<String, u64>,
}

/// Turns red without `not_pending` in `flows/password.rs`, and when a version is taken that is not the next.
async fn interleaved(part: u64) {
    let seed = Random::seed(66) + part;
    let mut random = Random::new(seed);
    let world = World::memory();
    let sign_up = world.account(ALICE, "alice").await;
    let registry = Registry::new(Arc::new(world.store.clone()), world.clock.clone());
    let dek = sign_in(&world, ALICE, PASSWORD).await.unwrap().1.account.dek;
    let mut person =
        Person { email: ALICE.to_owned(), password: PASSWORD.to_owned(), phrase: sign_up.phrase().clone(), epoch: 1 };
    let mut tally = Tally::default();
    for round in 0..INTERLEAVINGS / PARTS {
        let at = format!("seed {seed}, round {round}");
        world.clock.advance(DAY);
        let one = sign_in(&world, &person.email, &person.password).await.unwrap();
        let two = sign_in(&world, &person.email, &person.password).await.unwrap();
        // One mailbox for codes: of the two, one asks for them.
        // A renewal, the last kind, now and then: an account's history grows with each, and is verified at each sign-in.
        let kinds = if round % 4 == 0 { Op::KINDS } else { Op::KINDS - 1 };
        let (first, second) = (random.below(kinds), 2 * random.below(2));
        let plans = [Op::numbered(first, 2 * round), Op::numbered(second, 2 * round + 1)];
        *tally.pairs.entry(format!("{} {}", plans[0].kind(), plans[1].kind())).or_default() += 1;
        let [a, b] = plans;
        let (a, b) = (Planned::new(a, &person, &one.1), Planned::new(b, &person, &two.1));
        world.store.order_by(random.next());
        let (of_a, of_b) =
            tokio::join!(a.make(&world, &one.0, &one.1, &person), b.make(&world, &two.0, &two.1, &person),);
        match (of_a.is_ok(), of_b.is_ok()) {
            (true, true) => tally.both += 1,
            (false, false) => tally.none += 1,
            _ => tally.one += 1,
        }
        world.clock.advance(MINUTE);
        // What proves the account is one of what the two had in mind, for an address that leads to it.
        let mut right = Vec::new();
        // That it is one alone is looked at in every fourth round: each guess costs as much as a sign-in.
        'search: for email in [&person.email, &a.after.email, &b.after.email] {
            let parsed = imegha_crypto::Email::parse(email).unwrap();
            if registry.account_id_by_email(&parsed).await.unwrap().is_none() {
                continue;
            }
            for password in [&person.password, &a.after.password, &b.after.password] {
                let candidate = (email.clone(), password.clone());
                if right.contains(&candidate) {
                    continue;
                }
                // Failures are counted for a day.
                world.clock.advance(DAY);
                if let Some((_, opened)) = sign_in(&world, email, password).await {
                    assert!(*first_dek(&opened.account) == dek, "{at}: another DEK");
                    right.push(candidate);
                    if round % 4 != 0 {
                        break 'search;
                    }
                }
            }
        }
        let recovers = matches!(a.op, Op::Recovery(_)) && of_a.is_err();
        assert!(right.len() == 1 || (right.is_empty() && recovers), "{at}: {right:?} {of_a:?} {of_b:?}");
        let phrases = [&a, &b].iter().any(|planned| matches!(planned.op, Op::Phrase | Op::Renewal(_)));
        if let ([(email, password)], false, false) = (right.as_slice(), phrases, round % 5 == 0) {
            person.email.clone_from(email);
            person.password.clone_from(password);
            continue;
        }
        // The phrase too, wherever it may be another one, and now and then.
        let (email, password) = match right.pop() {
            Some(right) => right,
            None => (person.email.clone(), person.password.clone()),
        };
        let phrases = [&b.after, &a.after, &person].map(|person| person.phrase.clone());
        let (phrase, epoch) = (phrases[0].clone(), a.after.epoch);
        let newer = Person { email: email.clone(), password: password.clone(), phrase, epoch };
        let other = Person { phrase: phrases[1].clone(), ..newer.clone() };
        let words = |person: &Person| person.phrase.words().collect::<Vec<_>>();
        // Of two new phrases one stays, or the old one where neither came to its end.
        let older = if words(&other) == words(&newer) || !matches!(a.op, Op::Phrase | Op::Renewal(_)) {
            person.clone()
        } else {
            other
        };
        let older = Person { email, password, epoch: person.epoch, ..older };
        (person, _) = check(&world, &dek, &older, &newer, recovers, &at).await;
    }
    println!("part {part}: {tally:?}");
    // Two may each refuse the other: a recovery that meets a change of the password, mostly.
    assert!(tally.both + tally.one >= INTERLEAVINGS / PARTS * 4 / 5, "few came to their end: {tally:?}");
    assert!(tally.one > 0 && tally.both > 0, "some were in each other's way, some were not: {tally:?}");
}

macro_rules! parts {
    ($($name:ident: $part:literal,)+) => {
        $(#[tokio::test] async fn $name() { interleaved($part).await; })+
    };
}

parts! {
    a66_two_devices_interleaved_first_quarter: 0,
    a66_two_devices_interleaved_second_quarter: 1,
    a66_two_devices_interleaved_third_quarter: 2,
    a66_two_devices_interleaved_fourth_quarter: 3,
}
