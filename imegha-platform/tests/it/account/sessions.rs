//! Signing out everywhere, and the version of the policy.

use imegha_platform::ProblemCode;

use super::{device, refusal};
use crate::on_every_backend;
use crate::world::{PASSWORD, POLICY, World};

const ALICE: &str = "alice@example.com";

on_every_backend! {
    signed_out_everywhere,
    the_policy_in_force_is_accepted,
}

async fn signed_out_everywhere(world: World) {
    let (one, _) = world.signed_in(ALICE, "alice").await;
    let (two, _) = device(&world, ALICE, PASSWORD).await;
    let (bob, _) = world.signed_in("bob@example.com", "bob").await;
    one.sign_out_everywhere().await.unwrap();
    for client in [&one, &two] {
        assert_eq!(refusal(client.sessions().await), Some(ProblemCode::SignedOut));
    }
    assert_eq!(bob.sessions().await.unwrap().len(), 1, "nobody else's");
    let (three, _) = device(&world, ALICE, PASSWORD).await;
    assert_eq!(three.sessions().await.unwrap().len(), 1);
}

async fn the_policy_in_force_is_accepted(world: World) {
    let (client, alice) = world.signed_in(ALICE, "alice").await;
    assert_eq!((alice.policy_version, alice.current_policy_version), (POLICY, POLICY));
    assert_eq!(refusal(client.accept_policy(POLICY + 1).await), Some(ProblemCode::PolicyNotAccepted));
    client.accept_policy(POLICY).await.unwrap();
}

/// An operator publishes a new policy: the same records, another version in force.
#[tokio::test]
async fn a_changed_policy_is_announced() {
    let world = World::memory();
    world.account(ALICE, "alice").await;
    let later = world.restarted(|options| options.policy_version = POLICY + 1);
    let (client, alice) = device(&later, ALICE, PASSWORD).await;
    assert_eq!((alice.policy_version, alice.current_policy_version), (POLICY, POLICY + 1));
    assert_eq!(refusal(client.accept_policy(POLICY).await), Some(ProblemCode::PolicyNotAccepted), "an older one");
    client.accept_policy(POLICY + 1).await.unwrap();
    let (_, alice) = device(&later, ALICE, PASSWORD).await;
    assert_eq!((alice.policy_version, alice.current_policy_version), (POLICY + 1, POLICY + 1));
}
