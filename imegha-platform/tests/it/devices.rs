//! Devices that want notifications.

use imegha_platform::ProblemCode;
use imegha_platform::registry::Collection;

use crate::on_every_backend;
use crate::people_world::Somebody;
use crate::world::World;

on_every_backend! {
    devices_come_and_go,
    a_device_ends_with_its_session,
    a_device_is_of_who_has_it_now,
    devices_are_bounded,
}

fn token(n: u8) -> Vec<u8> {
    vec![n; 32]
}

async fn devices_come_and_go(world: World) {
    let alice = Somebody::new(&world, "alice").await;
    let bob = Somebody::new(&world, "bob").await;
    let one = alice.client.register_apns_device(&token(1)).await.unwrap();
    world.clock.advance(1_000);
    let again = alice.client.register_apns_device(&token(1)).await.unwrap();
    assert_eq!((again.id, again.created_ms), (one.id, one.created_ms + 1_000), "once");
    let two = alice.client.register_apns_device(&token(2)).await.unwrap();
    assert_eq!(alice.client.devices().await.unwrap().len(), 2);
    assert!(bob.client.devices().await.unwrap().is_empty());
    assert_eq!(bob.client.remove_device(&two.id).await.unwrap_err().code(), Some(ProblemCode::NotFound));
    alice.client.remove_device(&two.id).await.unwrap();
    assert_eq!(alice.client.remove_device(&two.id).await.unwrap_err().code(), Some(ProblemCode::NotFound));
    assert_eq!(alice.client.devices().await.unwrap(), [again]);
    for bad in [vec![], vec![1; 15], vec![1; 201]] {
        let error = alice.client.register_apns_device(&bad).await.unwrap_err();
        assert_eq!(error.code(), Some(ProblemCode::Malformed), "{}", bad.len());
    }
}

async fn a_device_ends_with_its_session(world: World) {
    let sign_up = world.account("alice@example.com", "alice").await;
    let (one, two) = (world.client(), world.client());
    one.sign_in_first(&sign_up).await.unwrap();
    two.sign_in_first(&sign_up).await.unwrap();
    one.register_apns_device(&token(1)).await.unwrap();
    two.register_apns_device(&token(2)).await.unwrap();
    let current: Vec<_> = two.devices().await.unwrap().iter().map(|device| device.current).collect();
    assert_eq!(current.iter().filter(|current| **current).count(), 1);
    one.sign_out().await.unwrap();
    let left = two.devices().await.unwrap();
    assert!(left.len() == 1 && left[0].current);
    let records = world.store.dump().await;
    for collection in [Collection::Device, Collection::DeviceOwner] {
        assert_eq!(records.iter().filter(|record| record.key.collection == collection).count(), 1);
    }
}

/// A telephone that another person signs in on is told nothing of the one's before.
async fn a_device_is_of_who_has_it_now(world: World) {
    let alice = Somebody::new(&world, "alice").await;
    let bob = Somebody::new(&world, "bob").await;
    alice.client.register_apns_device(&token(1)).await.unwrap();
    bob.client.register_apns_device(&token(1)).await.unwrap();
    assert!(alice.client.devices().await.unwrap().is_empty());
    assert_eq!(bob.client.devices().await.unwrap().len(), 1);
    alice.client.register_apns_device(&token(1)).await.unwrap();
    assert!(bob.client.devices().await.unwrap().is_empty());
    // At once, by both: one has it.
    let (one, two) = (token(3), token(3));
    let (one, two) = tokio::join!(alice.client.register_apns_device(&one), bob.client.register_apns_device(&two));
    assert!(one.is_ok() && two.is_ok());
    let of_one =
        alice.client.devices().await.unwrap().iter().filter(|device| device.id == one.as_ref().unwrap().id).count();
    let of_two =
        bob.client.devices().await.unwrap().iter().filter(|device| device.id == two.as_ref().unwrap().id).count();
    assert_eq!(of_one + of_two, 1);
}

async fn devices_are_bounded(world: World) {
    let sign_up = world.account("alice@example.com", "alice").await;
    let (one, two) = (world.client(), world.client());
    one.sign_in_first(&sign_up).await.unwrap();
    two.sign_in_first(&sign_up).await.unwrap();
    for n in 0..20 {
        let client = if n == 0 { &one } else { &two };
        client.register_apns_device(&token(n)).await.unwrap();
    }
    assert_eq!(two.register_apns_device(&token(20)).await.unwrap_err().code(), Some(ProblemCode::LimitReached));
    two.register_apns_device(&token(19)).await.unwrap();
    one.sign_out().await.unwrap();
    two.register_apns_device(&token(20)).await.unwrap();
    assert_eq!(two.devices().await.unwrap().len(), 20);
}
