//! Looking people up and being connected with them.

use axum::http::Method;
use imegha_crypto::Id;
use imegha_platform::client::{KnownPeople, Standing};
use imegha_platform::protocol::ConnectionState as State;
use imegha_platform::registry::Collection;
use imegha_platform::{ErrorKind, ProblemCode, Tag};
use serde_json::json;

use crate::on_every_backend;
use crate::people_world::{Somebody, connected};
use crate::world::World;

on_every_backend! {
    a_tag_is_looked_up,
    two_become_connected,
    crossing_requests_connect,
    requests_end_in_every_way,
    a_connection_ends_for_both,
    who_is_blocked_is_not_told,
    cards_are_replaced_in_order,
    what_was_lost_may_be_repeated,
    a_request_that_was_replaced_is_not_accepted,
    cards_of_others_are_refused,
    strangers_see_nothing,
    an_account_that_goes_takes_its_connections_along,
    many_ask_at_once,
}

fn code<T: std::fmt::Debug>(result: imegha_platform::Result<T>) -> Option<ProblemCode> {
    result.unwrap_err().code()
}

async fn a_tag_is_looked_up(world: World) {
    let mut alice = Somebody::new(&world, "alice").await;
    let bob = Somebody::new(&world, "bob").await;
    world.sign_up("carol@example.com", "carol").await;
    let person = alice.find("Bob").await.unwrap();
    assert_eq!((person.account(), person.tag().as_str()), (bob.id(), "bob"));
    assert_eq!(person.identity(), bob.account.identity.public());
    assert!(!person.has_signed_change());
    // Not found: nobody's, not yet confirmed, not to be had. The three are one answer.
    let mut answers = Vec::new();
    let token = alice.client.session_token().unwrap();
    let bearer = format!("Bearer {}", token.as_str());
    for tag in ["nobody.yet", "carol", "admin", "x", "%ff", "Bob", "bob%00"] {
        let headers = [("authorization", bearer.as_str())];
        answers.push(world.call(Method::GET, &format!("/people/{tag}"), &headers, None).await);
    }
    assert!(answers.iter().all(|answer| *answer == answers[0] && answer.code() == "not_found"), "{answers:?}");
    assert_eq!(world.call(Method::GET, "/people/bob", &[], None).await.code(), "signed_out");
    // The same number from both sides.
    let mut bob = bob;
    let other_side = bob.find("alice").await.unwrap().safety_number(&bob.account);
    let number = person.safety_number(&alice.account);
    assert_eq!(number, other_side);
    assert_eq!(number.matches_qr_text(&other_side.to_qr_text()), Some(true));
}

async fn two_become_connected(world: World) {
    let mut alice = Somebody::new(&world, "alice").await;
    let mut bob = Somebody::new(&world, "bob").await;
    assert_eq!(alice.ask("bob").await.unwrap(), Some(State::Asked));
    assert_eq!(alice.standing(&bob.id()).await, Some(Standing::Asked));
    let request = bob.connection(&alice.id()).await.unwrap();
    assert_eq!(request.standing(), Standing::Incoming);
    assert_eq!(request.card().unwrap().gateway, alice.introduction().gateway);
    assert_eq!(code(bob.client.remove_connection(&alice.id()).await), Some(ProblemCode::Conflict));
    assert_eq!(code(bob.client.cancel_connection(&alice.id()).await), Some(ProblemCode::Conflict));
    assert_eq!(bob.accept(&alice.id()).await.unwrap(), Some(State::Connected));
    let accounts = (alice.account.clone(), bob.account.clone());
    for (one, other) in [(&mut alice, accounts.1), (&mut bob, accounts.0)] {
        let connection = one.connection(&other.id).await.unwrap();
        assert_eq!(connection.standing(), Standing::Connected);
        let gateway = connection.card().unwrap().gateway.as_ref().unwrap();
        assert_eq!(gateway.url.path(), format!("/{}", other.tag));
        assert!(!connection.needs_card(&one.account));
    }
    // Also on a device that remembers nobody.
    let mut fresh = alice.without_memory(alice.client.clone());
    assert_eq!(fresh.standing(&bob.id()).await, Some(Standing::Connected));
    assert_eq!(code(alice.ask("bob").await), Some(ProblemCode::Conflict));
    assert_eq!(code(alice.accept(&bob.id()).await), Some(ProblemCode::Conflict));
    let known: KnownPeople = serde_json::from_value(serde_json::to_value(&alice.known).unwrap()).unwrap();
    assert_eq!(known, alice.known);
}

async fn crossing_requests_connect(world: World) {
    let mut alice = Somebody::new(&world, "alice").await;
    let mut bob = Somebody::new(&world, "bob").await;
    alice.find("bob").await.unwrap();
    bob.find("alice").await.unwrap();
    assert_eq!(alice.ask("bob").await.unwrap(), Some(State::Asked));
    assert_eq!(bob.ask("alice").await.unwrap(), Some(State::Connected));
    assert_eq!(alice.standing(&bob.id()).await, Some(Standing::Connected));
    assert_eq!(bob.standing(&alice.id()).await, Some(Standing::Connected));
    // And stay so when either gives a new card.
    alice.put_card(&bob.id()).await.unwrap();
    bob.put_card(&alice.id()).await.unwrap();
    let mut fresh = bob.without_memory(bob.client.clone());
    assert_eq!(alice.standing(&bob.id()).await, Some(Standing::Connected));
    assert_eq!(fresh.standing(&alice.id()).await, Some(Standing::Connected));
}

async fn requests_end_in_every_way(world: World) {
    let mut alice = Somebody::new(&world, "alice").await;
    let mut bob = Somebody::new(&world, "bob").await;
    let (a, b) = (alice.id(), bob.id());
    alice.ask("bob").await.unwrap();
    assert_eq!(bob.client.decline_connection(&a).await.unwrap(), None);
    assert_eq!((alice.standing(&b).await, bob.standing(&a).await), (None, None));
    alice.ask("bob").await.unwrap();
    assert_eq!(alice.client.cancel_connection(&b).await.unwrap(), None);
    assert_eq!((alice.standing(&b).await, bob.standing(&a).await), (None, None));
    // Nothing there any more: again is no error, and there is nothing to accept.
    for done in [
        alice.client.cancel_connection(&b).await,
        bob.client.decline_connection(&a).await,
        bob.client.remove_connection(&a).await,
        bob.client.unblock(&a).await,
    ] {
        assert_eq!(done.unwrap(), None);
    }
    assert_eq!(code(bob.accept(&a).await), Some(ProblemCode::NotFound));
    for nobody in [Id::from_bytes([9; 16]), Id::ZERO] {
        assert_eq!(code(alice.client.block(&nobody).await), Some(ProblemCode::NotFound));
        assert_eq!(code(alice.client.decline_connection(&nobody).await), Some(ProblemCode::NotFound));
    }
    assert_eq!(code(alice.client.block(&a).await), Some(ProblemCode::Malformed));
}

async fn a_connection_ends_for_both(world: World) {
    let (mut alice, mut bob) = connected(&world).await;
    let (a, b) = (alice.id(), bob.id());
    assert_eq!(code(bob.client.decline_connection(&a).await), Some(ProblemCode::Conflict));
    bob.client.remove_connection(&a).await.unwrap();
    assert_eq!((alice.standing(&b).await, bob.standing(&a).await), (None, None));
    assert_eq!(code(alice.put_card(&b).await), Some(ProblemCode::NotFound));
    // And can be again, with new cards.
    bob.ask("alice").await.unwrap();
    alice.accept(&b).await.unwrap();
    assert_eq!(bob.standing(&a).await, Some(Standing::Connected));
    assert_eq!(alice.standing(&b).await, Some(Standing::Connected));
}

async fn who_is_blocked_is_not_told(world: World) {
    let (mut alice, mut bob) = connected(&world).await;
    let carol = Somebody::new(&world, "carol").await;
    let (a, b) = (alice.id(), bob.id());
    assert_eq!(alice.client.block(&b).await.unwrap(), Some(State::Blocked));
    assert_eq!(alice.standing(&b).await, Some(Standing::Blocked));
    assert_eq!(bob.standing(&a).await, None, "as if removed");
    assert_eq!(code(bob.client.poke_message(&a).await), Some(ProblemCode::NotFound));
    // Bob finds and asks as anybody does, and sees what who is not answered sees.
    let found = |who: &Somebody| {
        let client = who.client.clone();
        async move { client.look_up(&Tag::parse("alice").unwrap()).await.unwrap() }
    };
    assert_eq!(found(&bob).await.history(), found(&carol).await.history());
    assert_eq!(bob.ask("alice").await.unwrap(), Some(State::Asked));
    assert_eq!(bob.standing(&a).await, Some(Standing::Asked));
    assert_eq!(alice.standing(&b).await, Some(Standing::Blocked), "no request is shown");
    bob.put_card(&a).await.unwrap();
    assert_eq!(code(alice.ask("bob").await), Some(ProblemCode::Conflict), "unblock first");
    assert_eq!(code(alice.accept(&b).await), Some(ProblemCode::Conflict));
    // Taken back and made again.
    bob.client.cancel_connection(&a).await.unwrap();
    assert_eq!(bob.standing(&a).await, None);
    assert_eq!(code(bob.client.connection(&bob.account, &a, None).await), Some(ProblemCode::NotFound));
    bob.ask("alice").await.unwrap();
    // Unblocked, the request is shown, and can be agreed to.
    assert_eq!(alice.client.unblock(&b).await.unwrap(), Some(State::Incoming));
    assert_eq!(alice.standing(&b).await, Some(Standing::Incoming));
    alice.accept(&b).await.unwrap();
    assert_eq!(bob.standing(&a).await, Some(Standing::Connected));

    // Each blocks the other; neither is told; each has to end his own.
    alice.client.block(&b).await.unwrap();
    bob.client.block(&a).await.unwrap();
    assert_eq!((alice.standing(&b).await, bob.standing(&a).await), (Some(Standing::Blocked), Some(Standing::Blocked)));
    assert_eq!(alice.client.unblock(&b).await.unwrap(), None);
    assert_eq!((alice.standing(&b).await, bob.standing(&a).await), (None, Some(Standing::Blocked)));
    alice.ask("bob").await.unwrap();
    assert_eq!(bob.client.unblock(&a).await.unwrap(), Some(State::Incoming));
}

async fn cards_are_replaced_in_order(world: World) {
    let (mut alice, mut bob) = connected(&world).await;
    let (a, b) = (alice.id(), bob.id());
    let before = bob.connection(&a).await.unwrap();
    let mine = alice.connection(&b).await.unwrap();
    for _ in 0..3 {
        alice.put_card(&b).await.unwrap();
    }
    // Bob was away meanwhile, and takes the newest.
    let after = bob.connection(&a).await.unwrap();
    assert_eq!(after.known().card.as_ref().unwrap().seq, 4);
    assert_eq!(before.known().card.as_ref().unwrap().feed, after.known().card.as_ref().unwrap().feed);
    assert!(after.card().unwrap().made_ms > before.card().unwrap().made_ms);
    // A device that has not heard of those does not overwrite them.
    let late = alice.client.put_card(&alice.account, &mine, &alice.introduction(), alice.now_ms + 1).await;
    assert_eq!(code(late), Some(ProblemCode::Conflict));
}

async fn what_was_lost_may_be_repeated(world: World) {
    let mut alice = Somebody::new(&world, "alice").await;
    let mut bob = Somebody::new(&world, "bob").await;
    let (a, b) = (alice.id(), bob.id());
    let repeat = async |who: &Somebody, method: Method, path: &str| {
        let token = who.client.session_token().unwrap();
        let bearer = format!("Bearer {}", token.as_str());
        let body = world.last_sent(path);
        let body = if body.is_null() { None } else { Some(body) };
        world.call(method, &format!("/{path}"), &[("authorization", &bearer)], body).await
    };
    alice.ask("bob").await.unwrap();
    let again = repeat(&alice, Method::POST, &format!("connections/{b}/request")).await;
    assert_eq!((again.status.as_u16(), again.json()), (200, json!({"state": "asked"})));
    bob.accept(&a).await.unwrap();
    let before = world.store.dump().await;
    for (who, method, path) in [
        (&bob, Method::POST, format!("connections/{a}/accept")),
        (&alice, Method::POST, format!("connections/{b}/request")),
    ] {
        let again = repeat(who, method, &path).await;
        assert_eq!((again.status.as_u16(), again.json()), (200, json!({"state": "connected"})), "{path}");
    }
    assert_eq!(world.store.dump().await, before, "nothing is written for what is there");
    alice.put_card(&b).await.unwrap();
    let again = repeat(&alice, Method::PUT, &format!("connections/{b}/card")).await;
    assert_eq!(again.json(), json!({"state": "connected"}));
    assert_eq!(bob.standing(&a).await, Some(Standing::Connected));
}

async fn a_request_that_was_replaced_is_not_accepted(world: World) {
    let mut alice = Somebody::new(&world, "alice").await;
    let mut bob = Somebody::new(&world, "bob").await;
    alice.ask("bob").await.unwrap();
    let read = bob.connection(&alice.id()).await.unwrap();
    alice.client.cancel_connection(&bob.id()).await.unwrap();
    alice.ask("bob").await.unwrap();
    let introduction = bob.introduction();
    let accepted = bob.client.accept_connection(&bob.account, &read, &introduction, bob.now_ms).await;
    assert_eq!(code(accepted), Some(ProblemCode::Conflict));
    bob.accept(&alice.id()).await.unwrap();
    assert_eq!(alice.standing(&bob.id()).await, Some(Standing::Connected));
}

/// What the platform checks of a card from outside.
async fn cards_of_others_are_refused(world: World) {
    let mut alice = Somebody::new(&world, "alice").await;
    let mut bob = Somebody::new(&world, "bob").await;
    let mut carol = Somebody::new(&world, "carol").await;
    carol.ask("bob").await.unwrap();
    let carols = world.last_sent(&format!("connections/{}/request", bob.id()));
    alice.ask("carol").await.unwrap();
    let for_carol = world.last_sent(&format!("connections/{}/request", carol.id()));
    alice.ask("bob").await.unwrap();
    let good = world.last_sent(&format!("connections/{}/request", bob.id()));
    alice.client.cancel_connection(&bob.id()).await.unwrap();
    let with = |field: &str, value: serde_json::Value| {
        let mut body = good.clone();
        body["card"][field] = value;
        body
    };
    let token = alice.client.session_token().unwrap();
    let bearer = format!("Bearer {}", token.as_str());
    let path = format!("/connections/{}/request", bob.id());
    let long = "A".repeat(5_500);
    for (what, body, code) in [
        ("signed by another", carols, "key_refused"),
        ("sealed to another", for_carol, "key_refused"),
        ("at another place", with("feed", json!("B".repeat(21) + "A")), "key_refused"),
        ("in no list", with("feed", json!("A".repeat(22))), "malformed"),
        ("not the first", with("seq", json!("2")), "malformed"),
        ("after another", with("previous", json!("B".repeat(42) + "A")), "malformed"),
        ("no card", with("sealed", json!("AAAA")), "malformed"),
        ("too long", with("sealed", json!(format!("SU1TRUFMAQA{long}"))), "malformed"),
    ] {
        let answer = world.call(Method::POST, &path, &[("authorization", &bearer)], Some(body)).await;
        assert_eq!(answer.code(), code, "{what}");
    }
    assert_eq!(bob.standing(&alice.id()).await, None);
    let answer = world.call(Method::POST, &path, &[("authorization", &bearer)], Some(good)).await;
    assert_eq!(answer.json(), json!({"state": "asked"}));
}

async fn strangers_see_nothing(world: World) {
    let (alice, bob) = connected(&world).await;
    let mut carol = Somebody::new(&world, "carol").await;
    assert!(carol.client.connections(&carol.account, &carol.known).await.unwrap().is_empty());
    for other in [alice.id(), bob.id(), Id::from_bytes([9; 16])] {
        assert_eq!(code(carol.connection(&other).await), Some(ProblemCode::NotFound));
    }
    let bearer = format!("Bearer {}", carol.client.session_token().unwrap().as_str());
    let headers = [("authorization", bearer.as_str())];
    let get = async |path: &str| world.call(Method::GET, path, &headers, None).await;
    for path in
        ["/connections/xyz", "/connections/%ff", &format!("/connections/{}", alice.id().to_string().to_uppercase())]
    {
        assert_eq!(get(path).await.code(), "not_found", "{path}");
    }
    assert_eq!(get("/connections?after=xyz").await.code(), "not_found");
    assert_eq!(get("/connections?after=00&after=01").await.code(), "malformed");
    for path in ["/connections/xyz/block", &format!("/connections/{}/befriend", alice.id())] {
        assert_eq!(world.call(Method::POST, path, &headers, None).await.code(), "not_found", "{path}");
    }
    for path in ["/connections", "/devices", "/events"] {
        assert_eq!(world.call(Method::GET, path, &[], None).await.code(), "signed_out", "{path}");
    }
}

async fn an_account_that_goes_takes_its_connections_along(world: World) {
    let (alice, mut bob) = connected(&world).await;
    let mut carol = Somebody::new(&world, "carol").await;
    let mut dora = Somebody::new(&world, "dora").await;
    let a = alice.id();
    carol.ask("alice").await.unwrap();
    dora.client.block(&a).await.unwrap();
    alice.client.register_apns_device(&[7; 32]).await.unwrap();
    bob.client.poke_feed(&a).await.unwrap();
    let registry = world.server_registry();
    registry.remove_people(&a).await.unwrap();
    registry.remove_people(&a).await.unwrap();
    for record in world.store.dump().await {
        let people =
            [Collection::Connection, Collection::People, Collection::Device, Collection::DeviceOwner, Collection::Poke];
        let bytes = record.to_bytes();
        let named = bytes.windows(16).any(|window| window == a.as_bytes());
        assert!(!(people.contains(&record.key.collection) && named), "{:?}", record.key);
    }
    assert_eq!(bob.standing(&a).await, None);
    assert_eq!((carol.standing(&a).await, dora.standing(&a).await), (None, None));
    // Nothing of it counts against the others.
    let mut alice = alice;
    alice.ask("bob").await.unwrap();
    bob.accept(&a).await.unwrap();
}

/// Ten ask one at once, and two devices of one account answer at once: every request is there, and each is answered once.
async fn many_ask_at_once(world: World) {
    let alice = Somebody::new(&world, "alice").await;
    let mut others = Vec::new();
    for n in 0..10 {
        let mut other = Somebody::new(&world, &format!("other{n}")).await;
        other.find("alice").await.unwrap();
        others.push(other);
    }
    let asked = futures::future::join_all(others.iter_mut().map(|other| async {
        // A lost race that is lost too often is said, and may be run again.
        loop {
            match other.ask("alice").await {
                Err(error) if error.code() == Some(ProblemCode::Unavailable) => {}
                done => return done,
            }
        }
    }));
    assert!(asked.await.into_iter().all(|asked| asked.unwrap() == Some(State::Asked)));
    let listed = alice.client.connections(&alice.account, &alice.known).await.unwrap();
    assert_eq!(listed.len(), 10);
    let request = listed.into_iter().next().unwrap().connection.unwrap();
    let other = request.person().account();
    let introduction = alice.introduction();
    let (one, two) = tokio::join!(
        alice.client.accept_connection(&alice.account, &request, &introduction, alice.now_ms + 1),
        alice.client.decline_connection(&other),
    );
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    assert!(one.err().is_none_or(|error| matches!(error.kind(), ErrorKind::Refused(_))));
    let listed = alice.client.connections(&alice.account, &alice.known).await.unwrap();
    assert!((9..=10).contains(&listed.len()));
}
