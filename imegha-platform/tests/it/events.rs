//! Pokes, and who hears them.

use std::time::Duration;

use axum::http::Method;
use imegha_crypto::Id;
use imegha_platform::client::Events;
use imegha_platform::protocol::{PokeEvent, PokeName};
use imegha_platform::registry::Collection;
use imegha_platform::{PlatformServer, ProblemCode, api};

use crate::on_every_backend;
use crate::people_world::{Somebody, connected};
use crate::world::{DAY, MINUTE, World};

on_every_backend! {
    pokes_are_heard,
    a_session_that_ends_hears_nothing,
    pokes_do_not_stay,
    changes_of_connections_are_heard,
}

async fn next(events: &mut Events) -> Option<PokeEvent> {
    tokio::time::timeout(Duration::from_secs(20), events.next()).await.expect("it comes, or ends").unwrap()
}

/// That nothing comes for a while.
async fn quiet(events: &mut Events) {
    let heard = tokio::time::timeout(Duration::from_millis(150), events.next()).await;
    assert!(heard.is_err(), "{heard:?}");
}

fn poke(from: Id, kind: PokeName) -> Option<PokeEvent> {
    Some(PokeEvent { from, kind })
}

/// Until nothing more comes of what was done before.
async fn drain(events: &mut Events) {
    while tokio::time::timeout(Duration::from_millis(150), events.next()).await.is_ok() {}
}

async fn pokes_are_heard(world: World) {
    let (alice, bob) = connected(&world).await;
    world.clock.advance(2 * MINUTE);
    let mut one = bob.client.events().await.unwrap();
    let mut two = bob.client.events().await.unwrap();
    let mut own = alice.client.events().await.unwrap();
    for kind in [PokeName::Message, PokeName::Feed, PokeName::Message, PokeName::Message] {
        match kind {
            PokeName::Message => alice.client.poke_message(&bob.id()).await.unwrap(),
            _ => alice.client.poke_feed(&bob.id()).await.unwrap(),
        }
        assert_eq!(next(&mut one).await, poke(alice.id(), kind));
        assert_eq!(next(&mut two).await, poke(alice.id(), kind));
    }
    quiet(&mut one).await;
    quiet(&mut own).await;
    // Who comes a little later still hears of it, once for each kind.
    let mut late = bob.client.events().await.unwrap();
    let mut heard = [next(&mut late).await.unwrap().kind, next(&mut late).await.unwrap().kind];
    heard.sort_by_key(|kind| format!("{kind:?}"));
    assert_eq!(heard, [PokeName::Feed, PokeName::Message]);
    quiet(&mut late).await;
}

async fn a_session_that_ends_hears_nothing(world: World) {
    let (alice, bob) = connected(&world).await;
    world.clock.advance(2 * MINUTE);
    let mut events = bob.client.events().await.unwrap();
    let sessions = bob.client.sessions().await.unwrap();
    bob.client.revoke_session(&sessions[0].id).await.unwrap();
    alice.client.poke_message(&bob.id()).await.unwrap();
    assert_eq!(next(&mut events).await, None);
    assert_eq!(bob.client.events().await.unwrap_err().code(), Some(ProblemCode::SignedOut));

    // Without a poke too, and when its time is over.
    let mut events = alice.client.events().await.unwrap();
    drain(&mut events).await;
    world.clock.advance(31 * DAY);
    assert_eq!(next(&mut events).await, None);
}

async fn pokes_do_not_stay(world: World) {
    let (alice, bob) = connected(&world).await;
    alice.client.poke_message(&bob.id()).await.unwrap();
    let kept = async || {
        let records = world.store.dump().await;
        records.iter().filter(|record| record.key.collection == Collection::Poke).count()
    };
    assert!(kept().await > 0);
    world.server.sweep().await.unwrap();
    assert!(kept().await > 0, "not before its time");
    world.clock.advance(MINUTE + 1_000);
    let mut events = bob.client.events().await.unwrap();
    quiet(&mut events).await;
    world.server.sweep().await.unwrap();
    assert_eq!(kept().await, 0);
}

async fn changes_of_connections_are_heard(world: World) {
    let mut alice = Somebody::new(&world, "alice").await;
    let mut bob = Somebody::new(&world, "bob").await;
    let (a, b) = (alice.id(), bob.id());
    let mut of_alice = alice.client.events().await.unwrap();
    let mut of_bob = bob.client.events().await.unwrap();
    alice.ask("bob").await.unwrap();
    assert_eq!(next(&mut of_bob).await, poke(a, PokeName::Connection));
    bob.accept(&a).await.unwrap();
    assert_eq!(next(&mut of_alice).await, poke(b, PokeName::Connection));
    alice.put_card(&b).await.unwrap();
    assert_eq!(next(&mut of_bob).await, poke(a, PokeName::Connection));
    alice.client.block(&b).await.unwrap();
    assert_eq!(next(&mut of_bob).await, poke(a, PokeName::Connection), "it is gone");
    // Who is blocked makes no noise, and hears none.
    bob.ask("alice").await.unwrap();
    bob.client.cancel_connection(&a).await.unwrap();
    bob.client.block(&a).await.unwrap();
    alice.client.unblock(&b).await.unwrap();
    quiet(&mut of_alice).await;
    quiet(&mut of_bob).await;
}

#[tokio::test]
async fn another_instance_hears_too() {
    let world = World::memory();
    let (alice, bob) = connected(&world).await;
    world.clock.advance(2 * MINUTE);
    // A second instance over the same registry, which knows nothing of what is said to the first.
    let other = world.another_instance();
    let bob_there = other.client();
    bob_there.take_session(bob.client.session_token().unwrap());
    let mut events = bob_there.events().await.unwrap();
    quiet(&mut events).await;
    alice.client.poke_feed(&bob.id()).await.unwrap();
    assert_eq!(next(&mut events).await, poke(alice.id(), PokeName::Feed));
    // Its end does not wait for who listens.
    other.server.end_events();
    assert_eq!(next(&mut events).await, None);
    assert_eq!(next(&mut bob_there.events().await.unwrap()).await.map(|event| event.kind), Some(PokeName::Feed));
}

#[tokio::test]
async fn streams_are_bounded_and_typed() {
    let world = World::memory();
    let (_, bob) = connected(&world).await;
    let mut open = Vec::new();
    for _ in 0..12 {
        open.push(bob.client.events().await.unwrap());
    }
    assert_eq!(bob.client.events().await.unwrap_err().code(), Some(ProblemCode::LimitReached));
    open.pop();
    open.push(bob.client.events().await.unwrap());
    let bearer = format!("Bearer {}", bob.client.session_token().unwrap().as_str());
    let post = world.call(Method::POST, "/events", &[("authorization", &bearer)], None).await;
    assert_eq!(post.code(), "method_not_allowed");
}

/// Over a socket: what is between platform and program cuts a stream wherever it likes, and keep-alives come.
#[tokio::test]
async fn events_come_over_http() {
    let world = World::memory();
    let (alice, bob) = connected(&world).await;
    world.clock.advance(2 * MINUTE);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = url::Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let server: PlatformServer = world.server.clone();
    let app = axum::Router::new().nest("/api/v1", api::router(server));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving =
        tokio::spawn(
            async move { axum::serve(listener, app).with_graceful_shutdown(async { drop(stopped.await) }).await },
        );
    let client = imegha_platform::client::Platform::new(origin).unwrap();
    client.take_session(bob.client.session_token().unwrap());
    let mut events = client.events().await.unwrap();
    alice.client.poke_message(&bob.id()).await.unwrap();
    assert_eq!(next(&mut events).await, poke(alice.id(), PokeName::Message));
    // A graceful stop is one that ends.
    stop.send(()).unwrap();
    world.server.end_events();
    assert_eq!(next(&mut events).await, None);
    tokio::time::timeout(Duration::from_secs(20), serving).await.expect("the server stops").unwrap().unwrap();
}
