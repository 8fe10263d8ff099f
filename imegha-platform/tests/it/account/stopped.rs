//! ATTACKS 29: the platform dies at every single write of every change, before the write or before its answer.

use super::model::{Op, Person, Planned, check, sign_in};
use crate::on_one_machine;
use crate::world::{DAY, MINUTE, PASSWORD, World};

on_one_machine! {
    a29_stopped_at_every_write_of_a_change_of_password,
    a29_stopped_at_every_write_of_a_stronger_derivation,
    a29_stopped_at_every_write_of_a_change_of_email,
    a29_stopped_at_every_write_of_a_new_phrase,
    a29_stopped_at_every_write_of_a_recovery,
    a29_stopped_at_every_write_of_a_renewal,
    a29_stopped_at_every_write_of_a_deletion,
    a29_stopped_at_every_write_of_a_sign_up,
}

const ALICE: &str = "alice@example.com";

/// Turns red when a change drops before the new one is taken: `drop_passwords` of `flows/password.rs` without the comparison with the
/// newest, or `flows/recovery.rs` dropping the old wraps as it adds the new one before the identity provider has taken it.
async fn a29_stopped_at_every_write_of_a_change_of_password(world: World) {
    stopped_everywhere(world, |n| Op::Password(format!("password number {n}")), 5).await;
}

async fn a29_stopped_at_every_write_of_a_stronger_derivation(world: World) {
    // The first time changes it; later it is what it was, with another salt.
    stopped_everywhere(world, |_| Op::Kdf, 5).await;
}

async fn a29_stopped_at_every_write_of_a_change_of_email(world: World) {
    stopped_everywhere(world, |n| Op::Email(format!("alice{n}@example.com")), 8).await;
}

async fn a29_stopped_at_every_write_of_a_new_phrase(world: World) {
    stopped_everywhere(world, |_| Op::Phrase, 4).await;
}

async fn a29_stopped_at_every_write_of_a_recovery(world: World) {
    stopped_everywhere(world, |n| Op::Recovery(format!("recovered number {n}")), 6).await;
}

/// Turns red when `renew` of `flows/renewal.rs` writes in more than one transaction, and when `client/renewal.rs` cannot tell that it was done.
async fn a29_stopped_at_every_write_of_a_renewal(world: World) {
    stopped_everywhere(world, |n| Op::Renewal(format!("all new, number {n}")), 9).await;
}

/// Stops a change at its first write, then at its second, until it comes to its end; each time a new device looks at what is left, and another
/// goes on where the client was. `at_least` is how many writes the change has.
async fn stopped_everywhere(mut world: World, op: impl Fn(u64) -> Op, at_least: u64) {
    let sign_up = world.account(ALICE, "alice").await;
    let mut person =
        Person { email: ALICE.to_owned(), password: PASSWORD.to_owned(), phrase: sign_up.phrase().clone(), epoch: 1 };
    let dek = sign_in(&world, ALICE, PASSWORD).await.unwrap().1.account.dek;
    for (round, written) in [false, true].into_iter().enumerate() {
        for write in 0.. {
            let mut done = true;
            for goes_on in [false, true] {
                // In memory each way at each write; on SQLite, which is slower and does the same, each of the two ways by turns.
                if world.is_embedded() && goes_on == (write + round as u64).is_multiple_of(2) {
                    continue;
                }
                world.clock.advance(DAY);
                let n = 1000 * round as u64 + 2 * write + u64::from(goes_on);
                let at = format!("write {write}, written: {written}, goes on: {goes_on}");
                let (client, signed_in) = sign_in(&world, &person.email, &person.password).await.unwrap();
                let planned = Planned::new(op(n), &person, &signed_in);
                world.store.die_at(write, written);
                let outcome = planned.make(&world, &client, &signed_in, &person).await;
                let died = world.store.is_dead();
                world.restart();
                world.clock.advance(MINUTE);
                if goes_on && outcome.is_err() {
                    planned
                        .make(&world, &client, &signed_in, &person)
                        .await
                        .unwrap_or_else(|error| panic!("{at}: {error:?}"));
                }
                let completed = goes_on || outcome.is_ok();
                let in_a_recovery = matches!(planned.op, Op::Recovery(_)) && !completed;
                let (next, is_new) = check(&world, &dek, &person, &planned.after, in_a_recovery, &at).await;
                if completed {
                    assert!(is_new, "{at}: it was said to be done");
                    assert_eq!(words(&next), words(&planned.after), "{at}: the phrase is the new one");
                    assert_eq!(next.epoch, planned.after.epoch, "{at}: the keys are the new ones");
                }
                person = next;
                done &= !died;
            }
            if done {
                assert!(write >= at_least, "a change has more writes than {write}");
                println!("{write} writes, written: {written}");
                break;
            }
        }
    }
}

fn words(person: &Person) -> Vec<&'static str> {
    person.phrase.words().collect()
}

/// Turns red when `begin_deletion` is more than one transaction, or `finish_deletion` removes the account's own record before the others.
async fn a29_stopped_at_every_write_of_a_deletion(mut world: World) {
    for written in [false, true] {
        for write in 0.. {
            let sign_up = world.account(ALICE, "alice").await;
            let (client, signed_in) = sign_in(&world, ALICE, PASSWORD).await.unwrap();
            world.store.die_at(write, written);
            let outcome = client.delete_account(&signed_in.account, PASSWORD).await;
            let died = world.store.is_dead();
            world.restart();
            world.clock.advance(MINUTE);
            let there = sign_in(&world, ALICE, PASSWORD).await;
            if let Some((client, again)) = there {
                // Whole: with its phrase, and it can be deleted.
                assert!(outcome.is_err());
                assert!(again.account.dek == signed_in.account.dek);
                let recovery = client.begin_recovery(ALICE).await.unwrap();
                let code = world.next_code().await;
                let recovered = client.recover(&recovery, &code, sign_up.phrase(), "recovered", None).await.unwrap();
                client.delete_account(&recovered.account, "recovered").await.unwrap();
            } else {
                world.client().sign_in(ALICE, "recovered").await.unwrap_err();
                // Gone: address and tag are free before its records are.
                world.account(ALICE, "alice").await;
                let (client, other) = sign_in(&world, ALICE, PASSWORD).await.unwrap();
                assert_ne!(other.account.id, signed_in.account.id);
                client.delete_account(&other.account, PASSWORD).await.unwrap();
            }
            world.clock.advance(2 * DAY);
            world.server.sweep().await.unwrap();
            let left = world.store.dump().await;
            assert!(left.is_empty(), "write {write}, written: {written}: {left:?}");
            if !died {
                assert!(write >= 5, "a deletion has more writes than {write}");
                break;
            }
        }
    }
}

async fn a29_stopped_at_every_write_of_a_sign_up(mut world: World) {
    let sign_up = imegha_platform::client::SignUp::prepare(ALICE, "alice", PASSWORD, crate::world::NOW).await.unwrap();
    for write in 0.. {
        world.store.die_at(write, write % 2 == 0);
        let client = world.client();
        let outcome = client.sign_up(&sign_up, true, crate::world::POLICY).await;
        let died = world.store.is_dead();
        // The mails of a server that dies are not sent.
        let mut code = if died { None } else { Some(world.next_code().await) };
        world.restart();
        world.clock.advance(MINUTE);
        if died {
            outcome.unwrap_err();
            client.sign_up(&sign_up, true, crate::world::POLICY).await.unwrap();
            code = Some(world.next_code().await);
        }
        let code = code.unwrap();
        world.store.die_at(write, write % 2 == 1);
        let confirmed = client.confirm(&sign_up.account(), &code).await;
        world.restart();
        if confirmed.is_err() {
            client.confirm(&sign_up.account(), &code).await.unwrap();
        }
        let signed_in = client.sign_in_first(&sign_up).await.unwrap();
        client.delete_account(&signed_in.account, PASSWORD).await.unwrap();
        world.clock.advance(2 * DAY);
        world.server.sweep().await.unwrap();
        if !died {
            break;
        }
    }
}
