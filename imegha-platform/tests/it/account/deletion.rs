//! Deleting an account.

use imegha_platform::ProblemCode;
use imegha_platform::client::NewPhrase;
use imegha_platform::registry::Collection;

use super::{NEW, device, opens_not, refusal};
use crate::on_every_backend;
use crate::world::{PASSWORD, World};

const ALICE: &str = "alice@example.com";

on_every_backend! {
    everything_of_an_account_goes,
    a_deletion_that_was_broken_off_is_finished_by_the_sweep,
    deletion_asks_for_the_password,
}

/// The kinds of record that are left, but what counts failures.
async fn left(world: &World) -> Vec<Collection> {
    let mut left: Vec<_> = world.store.dump().await.iter().map(|record| record.key.collection).collect();
    left.retain(|collection| !matches!(collection, Collection::Lockout | Collection::Due | Collection::Code));
    left
}

async fn everything_of_an_account_goes(world: World) {
    let (client, alice) = world.signed_in(ALICE, "alice").await;
    // Many sessions: more than one transaction holds.
    for _ in 0..70 {
        device(&world, ALICE, PASSWORD).await;
    }
    let new = NewPhrase::prepare(&alice.account).unwrap();
    client.add_phrase(&alice.account, PASSWORD, &new).await.unwrap();
    let changed = client.change_password(&alice.account, PASSWORD, NEW).await.unwrap();
    client.delete_account(&changed.account, NEW).await.unwrap();
    assert_eq!(left(&world).await, []);
    assert_eq!(world.store.dump().await, [], "no failure was counted, and no code is kept");
    opens_not(&world, ALICE, NEW).await;
    assert_eq!(refusal(client.sessions().await), Some(ProblemCode::SignedOut));
    let recovery = world.client().begin_recovery(ALICE).await.unwrap();
    let refused = world.client().recover(&recovery, "123456", new.phrase(), NEW, None).await;
    assert_eq!(refusal(refused), Some(ProblemCode::KeyRefused));
    // Address and tag are free again.
    let (_, again) = world.signed_in(ALICE, "alice").await;
    assert_ne!(again.account.id, alice.account.id);
}

async fn a_deletion_that_was_broken_off_is_finished_by_the_sweep(world: World) {
    let (client, alice) = world.signed_in(ALICE, "alice").await;
    let (other, _) = device(&world, ALICE, PASSWORD).await;
    world.identity.fail_next("forget");
    client.delete_account(&alice.account, PASSWORD).await.unwrap();
    // It is gone for everybody, though its records are there.
    assert!(left(&world).await.contains(&Collection::PasswordWrap));
    opens_not(&world, ALICE, PASSWORD).await;
    assert_eq!(refusal(other.sessions().await), Some(ProblemCode::SignedOut));
    world.signed_in(ALICE, "alice").await;
    let kept = left(&world).await;
    world.server.sweep().await.unwrap();
    let after = left(&world).await;
    // Account, wraps, identity, history, two sessions with their places; and the credential, where it is among the records.
    let credentials = |left: &[Collection]| left.iter().filter(|there| **there == Collection::Credential).count();
    assert_eq!(credentials(&after), credentials(&kept).saturating_sub(1));
    assert_eq!(after.len() + credentials(&kept), kept.len() - 9 + credentials(&after), "{after:?}");
    world.client().sign_in(ALICE, PASSWORD).await.unwrap();
    world.server.sweep().await.unwrap();
}

async fn deletion_asks_for_the_password(world: World) {
    let (client, alice) = world.signed_in(ALICE, "alice").await;
    let refused = client.delete_account(&alice.account, NEW).await;
    assert_eq!(refusal(refused), Some(ProblemCode::WrongPassword));
    world.client().sign_in(ALICE, PASSWORD).await.unwrap();
}
