//! A new recovery phrase.

use imegha_platform::client::NewPhrase;
use imegha_platform::{ErrorKind, ProblemCode};

use super::{NEW, device, opens, refusal};
use crate::on_every_backend;
use crate::world::{PASSWORD, World};

const ALICE: &str = "alice@example.com";

on_every_backend! {
    a30_the_old_phrase_is_refused_after_a_new_one,
    both_phrases_open_until_the_words_are_asked_back,
    of_two_devices_each_adds_and_one_stays,
    a_ninth_phrase_is_refused,
}

fn words(new: &NewPhrase) -> String {
    new.phrase().words().collect::<Vec<_>>().join(" ")
}

/// Turns red when `registry/account_keys.rs` (`replace_keys`) keeps what `after` does not have.
async fn a30_the_old_phrase_is_refused_after_a_new_one(world: World) {
    let sign_up = world.account(ALICE, "alice").await;
    let (client, alice) = device(&world, ALICE, PASSWORD).await;
    let new = NewPhrase::prepare(&alice.account).unwrap();
    let wrong = client.add_phrase(&alice.account, NEW, &new).await;
    assert_eq!(refusal(wrong), Some(ProblemCode::WrongPassword));
    let early = client.drop_other_phrases(&alice.account, &new, &words(&new)).await;
    assert_eq!(refusal(early), Some(ProblemCode::Conflict), "it is not the account's yet");
    client.add_phrase(&alice.account, PASSWORD, &new).await.unwrap();
    // The words of another phrase, and words that are none, drop nothing.
    let old = sign_up.phrase().words().collect::<Vec<_>>().join(" ");
    for typed in [old.as_str(), "abandon abandon", ""] {
        let refused = client.drop_other_phrases(&alice.account, &new, typed).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::CannotOpen);
    }
    assert_eq!(opens(&world, ALICE, PASSWORD).await.account.phrase_count(), 2);
    // Each step again, as if its answer had been lost.
    let known = client.add_phrase(&alice.account, PASSWORD, &new).await.unwrap();
    assert_eq!(known.version, 2);
    for _ in 0..2 {
        let known = client.drop_other_phrases(&alice.account, &new, &words(&new).to_uppercase()).await.unwrap();
        assert_eq!(known.version, 3);
    }
    assert_eq!(opens(&world, ALICE, PASSWORD).await.account.phrase_count(), 1);
    let recovery = world.client().begin_recovery(ALICE).await.unwrap();
    let code = world.next_code().await;
    let refused = world.client().recover(&recovery, &code, sign_up.phrase(), NEW, None).await;
    assert_eq!(refusal(refused), Some(ProblemCode::KeyRefused));
    let recovered = world.client().recover(&recovery, &code, new.phrase(), NEW, None).await.unwrap();
    assert_eq!(recovered.account.dek, alice.account.dek);
}

async fn both_phrases_open_until_the_words_are_asked_back(world: World) {
    let sign_up = world.account(ALICE, "alice").await;
    let (client, alice) = device(&world, ALICE, PASSWORD).await;
    let new = NewPhrase::prepare(&alice.account).unwrap();
    client.add_phrase(&alice.account, PASSWORD, &new).await.unwrap();
    let mut password = PASSWORD.to_owned();
    for (phrase, next) in [(sign_up.phrase(), "first of two words"), (new.phrase(), "second of two words")] {
        let recovery = world.client().begin_recovery(ALICE).await.unwrap();
        let code = world.next_code().await;
        let recovered = world.client().recover(&recovery, &code, phrase, next, None).await.unwrap();
        assert_eq!(recovered.account.dek, alice.account.dek);
        assert_ne!(password, next);
        password = next.to_owned();
        world.clock.advance(10 * crate::world::MINUTE);
    }
}

async fn of_two_devices_each_adds_and_one_stays(world: World) {
    let (one, alice) = world.signed_in(ALICE, "alice").await;
    let (two, at_two) = device(&world, ALICE, PASSWORD).await;
    let (first, second) = (NewPhrase::prepare(&alice.account).unwrap(), NewPhrase::prepare(&at_two.account).unwrap());
    let (a, b) = tokio::join!(
        one.add_phrase(&alice.account, PASSWORD, &first),
        two.add_phrase(&at_two.account, PASSWORD, &second),
    );
    a.unwrap();
    b.unwrap();
    assert_eq!(opens(&world, ALICE, PASSWORD).await.account.phrase_count(), 3);
    let (typed_first, typed_second) = (words(&first), words(&second));
    let (a, b) = tokio::join!(
        one.drop_other_phrases(&alice.account, &first, &typed_first),
        two.drop_other_phrases(&at_two.account, &second, &typed_second),
    );
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
    let (stays, goes) = if a.is_ok() { (first, second) } else { (second, first) };
    let recovery = world.client().begin_recovery(ALICE).await.unwrap();
    let code = world.next_code().await;
    let refused = world.client().recover(&recovery, &code, goes.phrase(), NEW, None).await;
    assert_eq!(refusal(refused), Some(ProblemCode::KeyRefused));
    world.client().recover(&recovery, &code, stays.phrase(), NEW, None).await.unwrap();
}

async fn a_ninth_phrase_is_refused(world: World) {
    let (client, alice) = world.signed_in(ALICE, "alice").await;
    let mut newest = NewPhrase::prepare(&alice.account).unwrap();
    for _ in 0..7 {
        newest = NewPhrase::prepare(&alice.account).unwrap();
        client.add_phrase(&alice.account, PASSWORD, &newest).await.unwrap();
    }
    let ninth = NewPhrase::prepare(&alice.account).unwrap();
    let refused = client.add_phrase(&alice.account, PASSWORD, &ninth).await;
    assert_eq!(refusal(refused), Some(ProblemCode::KeyRefused));
    client.drop_other_phrases(&alice.account, &newest, &words(&newest)).await.unwrap();
    client.add_phrase(&alice.account, PASSWORD, &ninth).await.unwrap();
}
