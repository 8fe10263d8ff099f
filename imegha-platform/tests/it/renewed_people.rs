//! What people see of somebody whose keys were renewed, and he of them.

use imegha_crypto::RecoveryPhrase;
use imegha_platform::ProblemCode;
use imegha_platform::client::Standing;
use imegha_platform::protocol::ConnectionState;
use serde_json::json;

use crate::evil::EvilPlatform;
use crate::on_every_backend;
use crate::people_world::Somebody;
use crate::world::{NOW, PASSWORD, World};

on_every_backend! {
    a33_renewed_keys_are_a_signed_change,
    cards_of_before_are_read_after,
    a48_who_has_the_keys_of_before_agrees_to_nothing,
}

/// Alice and Bob, who are connected, and Bob's words.
async fn connected(world: &World) -> (Somebody, Somebody, RecoveryPhrase) {
    let mut alice = Somebody::new(world, "alice").await;
    let sign_up = world.account("bob@example.com", "bob").await;
    let client = world.client();
    let account = client.sign_in_first(&sign_up).await.unwrap().account;
    let mut bob = Somebody { client, account, known: Default::default(), now_ms: NOW };
    assert_eq!(alice.ask("bob").await.unwrap(), Some(ConnectionState::Asked));
    assert_eq!(bob.accept(&alice.id()).await.unwrap(), Some(ConnectionState::Connected));
    assert_eq!(alice.standing(&bob.id()).await, Some(Standing::Connected));
    assert_eq!(bob.standing(&alice.id()).await, Some(Standing::Connected));
    (alice, bob, sign_up.phrase().clone())
}

async fn renew(somebody: &mut Somebody, phrase: &RecoveryPhrase) {
    let renewed = somebody.client.renew(&somebody.account, PASSWORD, phrase, NOW + 1).await.unwrap();
    somebody.account = renewed.account;
}

async fn a33_renewed_keys_are_a_signed_change(world: World) {
    let (mut alice, mut bob, phrase) = connected(&world).await;
    let (a, b) = (alice.id(), bob.id());
    let before = alice.find("bob").await.unwrap();
    renew(&mut bob, &phrase).await;
    let after = alice.find("bob").await.unwrap();
    assert!(after.has_signed_change() && !before.has_signed_change(), "shown, and no obstacle");
    assert_eq!(after.identity(), bob.account.identity.public());
    assert_ne!(after.safety_number(&alice.account), before.safety_number(&alice.account));
    let of_alice = bob.find("alice").await.unwrap();
    assert_eq!(of_alice.safety_number(&bob.account), after.safety_number(&alice.account));
    assert!(!alice.find("bob").await.unwrap().has_signed_change(), "once");

    // She knows the card that he gave with the keys of before; a device that knows nothing does not take those for his.
    let connection = alice.connection(&b).await.unwrap();
    assert_eq!(connection.standing(), Standing::Connected);
    assert!(connection.needs_card(&alice.account), "hers is sealed to the keys of before");
    let mut new_device = alice.without_memory(alice.client.clone());
    assert_eq!(new_device.connection(&b).await.unwrap().standing(), Standing::Unproven);
    let of_bob = bob.connection(&a).await.unwrap();
    assert!(of_bob.needs_card(&bob.account), "and his was signed with them");
    // Each gives another one.
    bob.put_card(&a).await.unwrap();
    alice.put_card(&b).await.unwrap();
    for (one, other) in [(&mut alice, b), (&mut bob, a), (&mut new_device, b)] {
        let connection = one.connection(&other).await.unwrap();
        assert_eq!(connection.standing(), Standing::Connected);
        assert!(connection.card().is_some() && !connection.needs_card(&one.account));
    }
}

/// Turns red without `recipient_of` in `client/people/connection.rs`: all who are connected, or asked, would be strangers until they are there again.
async fn cards_of_before_are_read_after(world: World) {
    let (alice, mut bob, phrase) = connected(&world).await;
    let mut carol = Somebody::new(&world, "carol").await;
    carol.ask("bob").await.unwrap();
    let (a, c) = (alice.id(), carol.id());
    for _ in 0..2 {
        renew(&mut bob, &phrase).await;
        // On the device that has seen them, and on one that has not.
        let mut new_device = bob.without_memory(bob.client.clone());
        for bob in [&mut bob, &mut new_device] {
            let connection = bob.connection(&a).await.unwrap();
            assert_eq!(connection.standing(), Standing::Connected);
            let introduced = connection.card().unwrap().gateway.clone();
            assert_eq!(introduced, alice.introduction().gateway);
            assert_eq!(bob.connection(&c).await.unwrap().standing(), Standing::Incoming);
        }
    }
    // Her request is answered with the new keys.
    assert_eq!(bob.accept(&c).await.unwrap(), Some(ConnectionState::Connected));
    assert_eq!(carol.standing(&bob.id()).await, Some(Standing::Connected));
}

/// Turns red without the comparison of the sender with the newest identity in `flows/people/connections.rs` (`card`), and in `sender_of` of
/// `client/people/connection.rs`.
async fn a48_who_has_the_keys_of_before_agrees_to_nothing(world: World) {
    let (mut alice, mut bob, phrase) = connected(&world).await;
    let (a, b) = (alice.id(), bob.id());
    let mut finder = bob.without_memory(bob.client.clone());
    renew(&mut bob, &phrase).await;
    bob.client.remove_connection(&a).await.unwrap();
    alice.ask("bob").await.unwrap();
    // Even with a session of Bob's the platform takes no card of the keys of before: neither from them, nor for them.
    let accepted = finder.accept(&a).await.unwrap_err();
    assert_eq!(
        accepted.code(),
        Some(ProblemCode::Conflict),
        "it cannot read what she asks: it was sealed to the new ones"
    );
    let path = format!("connections/{a}/request");
    let asked = finder.ask("alice").await;
    assert_eq!(asked.unwrap_err().code(), Some(ProblemCode::KeyRefused));
    let forged = world.last_sent(&path)["card"].take();
    // A platform that shows it all the same.
    for state in ["incoming", "connected"] {
        let card = forged.clone();
        let evil = EvilPlatform::new(world.wire.clone(), move |path, answer| {
            if path.starts_with("connections/") {
                answer["state"] = json!(state);
                answer["received"] = card.clone();
            }
        });
        let client = evil.client();
        client.take_session(alice.client.session_token().unwrap());
        let mut deceived = alice.without_memory(client);
        assert_eq!(deceived.connection(&b).await.unwrap().standing(), Standing::Unproven, "{state}");
        deceived.known = alice.known.clone();
        assert_eq!(deceived.connection(&b).await.unwrap().standing(), Standing::Unproven, "{state}");
    }
    // Control: Bob agrees himself.
    bob.accept(&a).await.unwrap();
    assert_eq!(alice.standing(&b).await, Some(Standing::Connected));
}
