//! The registry after real use, held against the published policy.

use std::collections::BTreeSet;

use imegha_cloud::backend::{Key, Name as _, Record, Value as _};
use imegha_crypto::{Email, Id};
use imegha_platform::client::GatewayAddress;
use imegha_platform::registry::{
    Collection, Disclosure, Field, PlatformSchema, PlatformValue, allows, disclosure, key_disclosure,
};
use url::Url;

use crate::on_every_backend;
use crate::people_world::connected_as as connected;
use crate::world::{NOW, PASSWORD, World};

on_every_backend! { the_registry_holds_what_the_policy_says, }

/// Every value that stands where the policy does not have it.
fn undisclosed(records: &[Record<PlatformSchema>]) -> Vec<String> {
    let mut found = Vec::new();
    for record in records {
        let what = key_disclosure(record.key.collection);
        for value in record.key.partition.iter().chain(&record.key.sort) {
            if !allows(what, value) {
                found.push(format!("{:?} in the key of {:?}", value, record.key.collection));
            }
        }
        for (field, value) in &record.fields {
            if !allows(disclosure(*field), value) {
                found.push(format!("{value:?} in {field:?} of {:?}", record.key.collection));
            }
        }
    }
    found
}

async fn the_registry_holds_what_the_policy_says(world: World) {
    let sign_up = world.account("alice@example.com", "alice").await;
    let client = world.client();
    let alice = client.sign_in_first(&sign_up).await.unwrap();
    let address =
        GatewayAddress { url: Url::parse("https://hidden-cloud.example/").unwrap(), cloud: Id::generate().unwrap() };
    client.set_gateway(&alice.account, None, address).await.unwrap();
    client.renew(&alice.account, PASSWORD, sign_up.phrase(), NOW).await.unwrap();
    client.host_cloud().await.unwrap();
    let (one, two) = connected(&world, "people.one", "people.two").await;
    one.client.register_apns_device(b"a device of one").await.unwrap_err();
    one.client.register_apns_device(b"a device of one.").await.unwrap();
    two.client.poke_message(&one.id()).await.unwrap();
    let bob = world.sign_up("bob@example.com", "bob").await;
    let decoy = world.sign_up("alice@example.com", "mallory").await;
    let auth_string = world.last_sent("sign-in")["auth_string"].as_str().unwrap().to_owned();
    world.client().sign_in("alice@example.com", "not the password").await.unwrap_err();
    world.client().begin_recovery("alice@example.com").await.unwrap();

    let records = world.store.dump().await;
    let seen: BTreeSet<_> = records.iter().map(|record| record.key.collection).collect();
    let there = |collection: &&Collection| world.keeps_credentials() || **collection != Collection::Credential;
    let all: Vec<_> = Collection::ALL.iter().filter(there).copied().collect();
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), all, "every kind of record is there to be looked at");
    assert_eq!(undisclosed(&records), Vec::<String>::new());

    // Two fields only may hold text, and they hold an address and a tag.
    let texts: BTreeSet<_> = records
        .iter()
        .flat_map(|record| record.fields.iter())
        .filter(|(_, value)| matches!(value, PlatformValue::Email(_) | PlatformValue::Tag(_)))
        .map(|(field, _)| disclosure(*field))
        .map(|what| format!("{what:?}"))
        .collect();
    assert_eq!(texts.into_iter().collect::<Vec<_>>(), ["Email", "Tag"]);

    // What must not be there in any form, among the bytes of all records.
    let bytes: Vec<u8> = records.iter().flat_map(Record::to_bytes).collect();
    let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    let auth = imegha_crypto::AuthSecret::parse_auth_string(&auth_string).unwrap();
    for (what, needle) in [
        ("the password", PASSWORD.as_bytes()),
        ("auth_string", auth_string.as_bytes()),
        ("auth in base64", &auth_string.as_bytes()[4..]),
        ("the cloud's address", b"hidden-cloud"),
        ("the cloud's address on a contact card", b"clouds.example"),
        ("an IP address", b"127.0.0.1"),
    ] {
        assert!(!holds(needle), "{what}");
    }
    for word_pair in bob.phrase().words().collect::<Vec<_>>().windows(2) {
        assert!(!holds(word_pair.join(" ").as_bytes()), "words of the phrase");
    }
    assert!(holds(auth.hash().as_bytes()), "the search finds what is there");
    assert!(holds(b"alice@example.com") && holds(decoy.account().as_bytes()));

    // What the test would say if an address stood among the sessions.
    let key = Key::new(Collection::Session, [PlatformValue::U64(1)], []);
    let planted = Record::new(key)
        .with(Field::Created, PlatformValue::Email(Email::parse("alice@example.com").unwrap()))
        .with(Field::Email, PlatformValue::U64(1));
    assert_eq!(undisclosed(&[planted]).len(), 2);
}

#[test]
fn each_field_discloses_one_thing() {
    let of = |what: Disclosure| Field::ALL.iter().filter(|field| disclosure(**field) == what).count();
    assert_eq!((of(Disclosure::Email), of(Disclosure::Tag)), (1, 1));
    let all = [
        Disclosure::Email,
        Disclosure::Tag,
        Disclosure::EncryptedKeys,
        Disclosure::PublicKeys,
        Disclosure::Account,
        Disclosure::Connections,
        Disclosure::PushTokens,
    ];
    assert_eq!(all.map(of).iter().sum::<usize>(), Field::ALL.len());
    for name in Collection::ALL.iter().map(|member| member.name()).chain(Field::ALL.iter().map(|member| member.name()))
    {
        assert!(!name.is_empty() && name.len() <= 32 && name.is_ascii(), "{name}");
    }
    // A value read back is the value; one that was never written is refused.
    let email = PlatformValue::Email(Email::parse("alice@example.com").unwrap());
    assert_eq!(PlatformValue::from_bytes(email.tag(), &email.to_bytes()).unwrap(), email);
    for (tag, bytes) in [
        (10, b"Alice@example.com".as_slice()),
        (11, b"Alice"),
        (11, b"admin"),
        (9, b"text"),
        (12, b""),
        (20, b"text"),
        (21, b"short"),
    ] {
        assert!(PlatformValue::from_bytes(tag, bytes).is_err());
    }
}

#[tokio::test]
async fn debug_shows_no_secret() {
    let world = World::memory();
    let sign_up = world.account("alice@example.com", "alice").await;
    let client = world.client();
    let signed_in = client.sign_in_first(&sign_up).await.unwrap();
    let request = world.last_sent("sign-up");
    let token = world.post("/sign-in", world.last_sent("sign-in")).await.json()["token"].take();
    let parsed: imegha_platform::protocol::SignUpRequest = serde_json::from_value(request.clone()).unwrap();
    let shown = format!("{sign_up:?} {client:?} {signed_in:?} {parsed:?} {:?} {:?}", parsed.auth_string, world.server);
    let mut secrets = vec![request["auth_string"].as_str().unwrap().to_owned(), token.as_str().unwrap().to_owned()];
    secrets.extend(sign_up.phrase().words().collect::<Vec<_>>().windows(2).map(|pair| pair.join(" ")));
    secrets.push("alice@example.com".to_owned());
    for secret in secrets {
        assert!(!shown.contains(&secret), "{secret}");
    }
    assert!(shown.contains(&sign_up.account().to_string()), "the search finds what is there");
}
