//! Moving an account to another address.

use imegha_platform::ProblemCode;
use imegha_platform::mail::Message;

use super::{NEW, device, opens, opens_not, refusal};
use crate::on_every_backend;
use crate::world::{DAY, MINUTE, PASSWORD, World, another_code};

const OLD: &str = "alice@example.com";
const ADDRESS: &str = "alice@elsewhere.example";

on_every_backend! {
    an_account_moves_to_another_address,
    only_the_code_of_the_new_address_moves_it,
    a27_a_taken_address_is_not_told,
    two_accounts_race_for_one_address,
    a_move_that_was_broken_off_goes_on,
    an_address_that_somebody_only_claims_goes_to_whose_mailbox_it_is,
}

async fn an_account_moves_to_another_address(world: World) {
    let (client, alice) = world.signed_in(OLD, "alice").await;
    let (other, _) = device(&world, OLD, PASSWORD).await;
    client.begin_email_change(&alice.account, PASSWORD, "Alice@Elsewhere.example").await.unwrap();
    let mail = world.next_mail().await;
    assert_eq!(mail.to.as_str(), ADDRESS);
    let Message::EmailChangeCode { code, .. } = mail.message else { panic!("not the code of a move") };
    let moved = client.confirm_email_change(&alice.account, PASSWORD, ADDRESS, &format!(" {code} ")).await.unwrap();
    assert_eq!((moved.account.email.as_str(), &moved.account.dek), (ADDRESS, &alice.account.dek));
    assert_eq!((moved.account.password_count(), moved.known.version), (1, 3));
    assert_ne!(moved.known.kdf.salt, alice.known.kdf.salt, "everything is derived anew");
    opens_not(&world, OLD, PASSWORD).await;
    assert_eq!(opens(&world, ADDRESS, PASSWORD).await.account.dek, alice.account.dek);
    assert_eq!(refusal(other.sessions().await), Some(ProblemCode::SignedOut));
    // The old address is free, and what goes to the account goes to the new one.
    let (_, bob) = world.signed_in(OLD, "bob").await;
    assert_ne!(bob.account.id, alice.account.id);
    world.client().begin_recovery(ADDRESS).await.unwrap();
    assert_eq!(world.next_mail().await.to.as_str(), ADDRESS);
    // And back, over an address that is somebody's by now: no.
    world.clock.advance(MINUTE);
    client.begin_email_change(&moved.account, PASSWORD, OLD).await.unwrap();
    assert!(matches!(world.next_mail().await.message, Message::AddressWanted));
}

async fn only_the_code_of_the_new_address_moves_it(world: World) {
    let (client, alice) = world.signed_in(OLD, "alice").await;
    let wrong = client.begin_email_change(&alice.account, NEW, ADDRESS).await;
    assert_eq!(refusal(wrong), Some(ProblemCode::WrongPassword));
    client.begin_email_change(&alice.account, PASSWORD, ADDRESS).await.unwrap();
    let code = world.next_code().await;
    for (password, address, code, why) in [
        (PASSWORD, ADDRESS, another_code(&code), ProblemCode::WrongCode),
        (PASSWORD, ADDRESS, "12345".to_owned(), ProblemCode::WrongCode),
        (PASSWORD, "third@example.com", code.clone(), ProblemCode::WrongCode),
        (NEW, ADDRESS, code.clone(), ProblemCode::WrongPassword),
    ] {
        let refused = client.confirm_email_change(&alice.account, password, address, &code).await;
        assert_eq!(refusal(refused), Some(why));
    }
    assert_eq!(opens(&world, OLD, PASSWORD).await.known.version, 1);
    opens_not(&world, ADDRESS, PASSWORD).await;
    world.clock.advance(15 * MINUTE);
    let late = client.confirm_email_change(&alice.account, PASSWORD, ADDRESS, &code).await;
    assert_eq!(refusal(late), Some(ProblemCode::CodeExpired));
}

/// Turns red when `flows/email.rs` answers a taken address by another status, and when it claims one without its code.
async fn a27_a_taken_address_is_not_told(world: World) {
    let (client, alice) = world.signed_in(OLD, "alice").await;
    world.account("bob@example.com", "bob").await;
    for address in ["bob@example.com", "nobody@example.com"] {
        client.begin_email_change(&alice.account, PASSWORD, address).await.unwrap();
        let mail = world.next_mail().await;
        assert_eq!(mail.to.as_str(), address);
        let refused = client.confirm_email_change(&alice.account, PASSWORD, address, "000000").await;
        assert_eq!(refusal(refused), Some(ProblemCode::WrongCode));
        world.clock.advance(MINUTE);
    }
    assert_eq!(opens(&world, "bob@example.com", PASSWORD).await.account.tag.as_str(), "bob");
}

/// Turns red without the claim's condition in `replace_keys` of `registry/account_keys.rs`.
async fn two_accounts_race_for_one_address(world: World) {
    let (one, alice) = world.signed_in(OLD, "alice").await;
    let (two, bob) = world.signed_in("bob@example.com", "bob").await;
    // One mailbox, two accounts: both have its code.
    one.begin_email_change(&alice.account, PASSWORD, ADDRESS).await.unwrap();
    let code_of_alice = world.next_code().await;
    two.begin_email_change(&bob.account, PASSWORD, ADDRESS).await.unwrap();
    let code_of_bob = world.next_code().await;
    let (first, second) = tokio::join!(
        one.confirm_email_change(&alice.account, PASSWORD, ADDRESS, &code_of_alice),
        two.confirm_email_change(&bob.account, PASSWORD, ADDRESS, &code_of_bob),
    );
    let has = opens(&world, ADDRESS, PASSWORD).await.account.id;
    let (winner, refused, loser) = match (first, second) {
        (Ok(first), Err(second)) => (first, second, ("bob@example.com", &bob)),
        (Err(first), Ok(second)) => (second, first, (OLD, &alice)),
        both => panic!("one has it: {both:?}"),
    };
    assert_eq!((has, refused.code()), (winner.account.id, Some(ProblemCode::CodeExpired)));
    let other = opens(&world, loser.0, PASSWORD).await;
    assert_eq!((other.account.id, other.known.version), (loser.1.account.id, 1), "the other is as it was");
}

async fn a_move_that_was_broken_off_goes_on(world: World) {
    let (client, alice) = world.signed_in(OLD, "alice").await;
    client.begin_email_change(&alice.account, PASSWORD, ADDRESS).await.unwrap();
    let code = world.next_code().await;
    world.identity.fail_next("change_auth");
    client.confirm_email_change(&alice.account, PASSWORD, ADDRESS, &code).await.unwrap_err();
    // The old address leads to the account, and its password proves it; the new one is the account's and nobody else's.
    let (again, at_old) = device(&world, OLD, PASSWORD).await;
    assert_eq!(at_old.account.dek, alice.account.dek);
    assert_eq!(at_old.account.newest_email().as_str(), ADDRESS);
    world.sign_up(ADDRESS, "mallory").await;
    assert!(matches!(world.next_mail().await.message, Message::AlreadyRegistered));
    world.clock.advance(DAY);
    // Again, a day later: no code is asked for any more.
    let moved = again.confirm_email_change(&at_old.account, PASSWORD, ADDRESS, "").await.unwrap();
    assert_eq!((moved.account.email.as_str(), moved.account.password_count()), (ADDRESS, 1));
    opens_not(&world, OLD, PASSWORD).await;
    assert_eq!(opens(&world, ADDRESS, PASSWORD).await.account.dek, alice.account.dek);
    world.signed_in(OLD, "bob").await;
}

async fn an_address_that_somebody_only_claims_goes_to_whose_mailbox_it_is(world: World) {
    let (client, alice) = world.signed_in(OLD, "alice").await;
    let unconfirmed = world.sign_up(ADDRESS, "squatter").await;
    let code = world.next_code().await;
    client.begin_email_change(&alice.account, PASSWORD, ADDRESS).await.unwrap();
    let moves = world.next_code().await;
    client.confirm_email_change(&alice.account, PASSWORD, ADDRESS, &moves).await.unwrap();
    let late = world.client().confirm(&unconfirmed.account(), &code).await;
    assert_eq!(refusal(late), Some(ProblemCode::CodeExpired));
    assert_eq!(opens(&world, ADDRESS, PASSWORD).await.account.id, alice.account.id);
}
