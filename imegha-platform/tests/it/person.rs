//! What `imegha-app person` prints: all that the platform holds on an account, and nothing of anybody else's.

use std::collections::BTreeSet;

use imegha_crypto::Email;
use imegha_platform::client::Introduction;
use imegha_platform::registry::{Collection, Registry};
use imegha_platform::{Held, ServerParts, ServerSecret, Tag};

use crate::on_every_backend;
use crate::world::{NOW, PASSWORD, World};

on_every_backend! {
    all_that_is_held_on_a_person_is_shown,
}

async fn held(world: &World, email: &str) -> Vec<Held> {
    let parts = ServerParts {
        registry: Registry::new(std::sync::Arc::new(world.store.clone()), world.clock.clone()),
        identity: std::sync::Arc::new(world.identity.clone()),
        secret: ServerSecret::from_bytes([42; 32]),
        host: None,
        push: None,
    };
    parts.everything_on(&Email::parse(email).unwrap()).await.unwrap()
}

/// The records of the store before anybody else came, but for the order in which things end: no more, and no less.
async fn all_that_is_held_on_a_person_is_shown(world: World) {
    assert!(held(&world, "alice@example.com").await.is_empty());
    let sign_up = world.account("alice@example.com", "alice").await;
    let platform = world.client();
    let alice = platform.sign_in_first(&sign_up).await.unwrap();
    let alice = platform.renew(&alice.account, PASSWORD, sign_up.phrase(), NOW).await.unwrap();
    platform.register_apns_device(&[7; 32]).await.unwrap();
    world.client().sign_in("alice@example.com", PASSWORD).await.unwrap();
    world.client().sign_in("alice@example.com", "a guess").await.unwrap_err();
    let stored: BTreeSet<_> = world
        .store
        .dump()
        .await
        .iter()
        .filter(|record| record.key.collection != Collection::Due)
        .map(imegha_cloud::backend::Record::to_bytes)
        .collect();
    world.signed_in("bobby@example.com", "bobby").await;

    let shown = held(&world, "alice@example.com").await;
    assert_eq!(shown.iter().map(|held| held.record.to_bytes()).collect::<BTreeSet<_>>(), stored);
    assert_eq!(shown.len(), stored.len(), "each once");
    let collections: BTreeSet<_> = shown.iter().map(|held| format!("{:?}", held.record.key.collection)).collect();
    for needed in [
        "Account",
        "Email",
        "Tag",
        "PasswordWrap",
        "RecoveryWrap",
        "PreviousDek",
        "Identity",
        "History",
        "Session",
        "Lockout",
        "Device",
        "DeviceOwner",
        "People",
    ] {
        assert!(collections.contains(needed), "{needed}");
    }
    assert!(held(&world, "nobody@example.com").await.is_empty());

    // As lines: each by one of the words of the published policy.
    let words = ["email", "iMTag", "encrypted keys", "public keys", "connections", "push tokens", "account"];
    for held in &shown {
        let json = held.to_json();
        let line = json.to_string();
        assert!(!line.contains('\n') && !line.contains("bobby"), "{line}");
        let mut is = vec![json["is"].clone()];
        is.extend(json["fields"].as_object().unwrap().values().map(|field| field["is"].clone()));
        assert!(is.iter().all(|is| words.contains(&is.as_str().unwrap())), "{line}");
    }
    let lines: Vec<_> = shown.iter().map(|held| held.to_json().to_string()).collect();
    assert!(
        lines.iter().any(|line| line.contains("alice@example.com"))
            && lines.iter().any(|line| line.contains("\"alice\""))
    );

    // Whom she asked: her side of it, by an id.
    let bobby = platform.look_up(&Tag::parse("bobby").unwrap()).await.unwrap();
    let introduction = Introduction { gateway: None, profile: None };
    platform.request_connection(&alice.account, &bobby, &introduction, NOW).await.unwrap();
    let shown = held(&world, "alice@example.com").await;
    let connections = shown.iter().filter(|held| held.record.key.collection == Collection::Connection);
    let asked: Vec<_> = connections.map(|held| held.to_json()).collect();
    assert_eq!((asked.len(), &asked[0]["is"]), (1, &serde_json::json!("connections")));
}
