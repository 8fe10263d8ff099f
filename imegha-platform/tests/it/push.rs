//! Notifications: what leaves for Apple's service, and what its answers do.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use imegha_cloud::clock::ManualClock;
use imegha_platform::ErrorKind;
use imegha_platform::push::{Apns, ApnsConfig};
use serde_json::{Value, json};
use url::Url;
use zeroize::Zeroizing;

use crate::people_world::{Somebody, connected};
use crate::push_service::{Asked, Say, Service};
use crate::world::{MINUTE, NOW, World};

const DEVICE: [u8; 32] = [0xd1; 32];

struct Scene {
    service: Service,
    world: World,
    alice: Somebody,
    bob: Somebody,
}

impl Scene {
    /// Alice and Bob are connected, and Bob has a device.
    async fn new() -> Self {
        let service = Service::start().await;
        let config = service.config();
        Self::with(service, &config).await
    }

    async fn with(service: Service, config: &ApnsConfig) -> Self {
        let clock = Arc::new(ManualClock::new(NOW));
        let world = World::notifying(clock.clone(), Arc::new(Apns::new(config, clock).unwrap()));
        let (alice, bob) = connected(&world).await;
        bob.client.register_apns_device(&DEVICE).await.unwrap();
        Self { service, world, alice, bob }
    }

    async fn poke(&self) {
        self.alice.client.poke_message(&self.bob.id()).await.unwrap();
    }

    async fn devices(&self) -> usize {
        self.bob.client.devices().await.unwrap().len()
    }

    /// Waits until Bob has so many devices.
    async fn devices_become(&self, count: usize) {
        for _ in 0..400 {
            if self.devices().await == count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{} devices", self.devices().await);
    }
}

/// The claims of a request's token, whose signature is checked.
fn claims(service: &Service, asked: &Asked) -> (Value, Value) {
    let token = asked.header("authorization").strip_prefix("bearer ").unwrap();
    let parts: Vec<_> = token.split('.').collect();
    let [head, claims, signature] = parts[..] else { panic!("three parts: {token}") };
    let signature = Base64UrlUnpadded::decode_vec(signature).unwrap();
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &service.public_key);
    key.verify(format!("{head}.{claims}").as_bytes(), &signature).unwrap();
    let json = |part: &str| serde_json::from_slice(&Base64UrlUnpadded::decode_vec(part).unwrap()).unwrap();
    (json(head), json(claims))
}

/// Every string in a value, names left out.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::Object(values) => values.values().flat_map(texts).collect(),
        _ => vec![],
    }
}

/// ATTACKS 50. Turns red when `payload` in `push/apns/mod.rs` says anything more.
#[tokio::test]
async fn a50_a_notification_says_who_and_nothing_else() {
    let scene = Scene::new().await;
    scene.poke().await;
    let first = scene.service.asked(1).await.remove(0);
    let payload: Value = serde_json::from_slice(&first.body).unwrap();
    assert_eq!(payload, json!({"aps": {"alert": {"title": "alice", "body": "sent a message"}}}));
    assert_eq!(texts(&payload).len(), 2);

    assert_eq!(
        (first.method.as_str(), first.path.as_str()),
        ("POST", format!("/3/device/{}", hex::encode(DEVICE)).as_str())
    );
    assert_eq!(first.header("apns-topic"), "example.imegha.app");
    assert_eq!(first.header("apns-push-type"), "alert");
    assert_eq!(first.header("apns-priority"), "10");
    assert_eq!(first.header("apns-expiration"), (NOW / 1_000 + 24 * 60 * 60).to_string());
    let (head, claims) = claims(&scene.service, &first);
    assert_eq!(head, json!({"alg": "ES256", "kid": "ABC123DEFG"}));
    assert_eq!(claims, json!({"iss": "DEF123GHIJ", "iat": NOW / 1_000}));

    // What collapses is the same for the same two, another for others, and names nobody.
    scene.poke().await;
    let again = scene.service.asked(1).await.remove(0);
    assert_eq!(again.header("apns-collapse-id"), first.header("apns-collapse-id"));
    let mut carol = Somebody::new(&scene.world, "carol").await;
    carol.ask("bob").await.unwrap();
    let Scene { service, world, alice, mut bob } = scene;
    bob.accept(&carol.id()).await.unwrap();
    carol.client.poke_message(&bob.id()).await.unwrap();
    let other = service.asked(1).await.remove(0);
    assert_ne!(other.header("apns-collapse-id"), first.header("apns-collapse-id"));
    let names = [first.clone(), again, other].map(|asked| format!("{asked:?}"));
    for person in [&alice, &bob, &carol] {
        for name in &names {
            assert!(!name.contains(&person.id().to_string()) && !name.contains("example.com"), "{name}");
        }
    }
    assert!(names[0].contains(&hex::encode(DEVICE)), "the search finds what is there");

    // Only a message is shown: not the feed, not a change of the connection; and not to a device that was signed out.
    alice.client.poke_feed(&bob.id()).await.unwrap();
    bob.put_card(&alice.id()).await.unwrap();
    service.asked(0).await;
    bob.client.sign_out().await.unwrap();
    alice.client.poke_message(&bob.id()).await.unwrap();
    service.asked(0).await;
    assert_eq!(service.connections(), 1, "one connection carries all");
    drop(world);
}

#[tokio::test]
async fn devices_that_are_gone_are_dropped() {
    let gone_at = |ms: u64| Say::Answer(410, json!({"reason": "Unregistered", "timestamp": ms}).to_string(), None);
    for (say, left) in [
        (gone_at(NOW), 0),
        (gone_at(NOW - 1), 1),
        (Say::reason(410, "Unregistered"), 0),
        (Say::reason(400, "BadDeviceToken"), 0),
        // Of the operator's set-up, and of every device: none is dropped for it.
        (Say::reason(400, "DeviceTokenNotForTopic"), 1),
        (Say::reason(400, "BadTopic"), 1),
        (Say::Answer(400, "not json".to_owned(), None), 1),
        (Say::reason(413, "PayloadTooLarge"), 1),
        (Say::reason(403, "InvalidProviderToken"), 1),
        // The token is as fresh as can be: another one would not be taken either.
        (Say::reason(403, "ExpiredProviderToken"), 1),
    ] {
        let scene = Scene::new().await;
        let what = format!("{say:?}");
        scene.service.say([say]);
        scene.poke().await;
        scene.service.asked(1).await;
        assert_eq!(scene.devices().await, left, "{what}");
        // The other notifications go on.
        scene.poke().await;
        scene.service.asked(left).await;
    }
}

#[tokio::test]
async fn what_may_help_is_tried_again() {
    let scene = Scene::new().await;
    scene.service.say([
        Say::reason(503, "ServiceUnavailable"),
        Say::Answer(429, json!({"reason": "TooManyRequests"}).to_string(), Some(1)),
        Say::reason(500, "InternalServerError"),
    ]);
    let began = std::time::Instant::now();
    scene.poke().await;
    let asked = scene.service.asked(4).await;
    assert!(asked.windows(2).all(|pair| pair[0].body == pair[1].body && pair[0].path == pair[1].path));
    assert!(began.elapsed() >= Duration::from_secs(1), "as long as the service says");
    // Not for ever.
    scene.service.say(vec![Say::reason(503, "Shutdown"); 5]);
    scene.poke().await;
    scene.service.asked(5).await;
    scene.poke().await;
    scene.service.asked(1).await;
    assert_eq!(scene.devices().await, 1);
}

#[tokio::test]
async fn connections_that_end_are_made_anew() {
    let scene = Scene::new().await;
    scene.service.say([Say::GoAway]);
    scene.poke().await;
    scene.service.asked(1).await;
    scene.poke().await;
    scene.service.asked(1).await;
    assert_eq!(scene.service.connections(), 2, "after GOAWAY another one");
    scene.service.say([Say::Cut]);
    scene.poke().await;
    scene.service.asked(2).await;
    assert_eq!(scene.service.connections(), 3);
    scene.service.say([Say::RefuseStream]);
    scene.poke().await;
    scene.service.asked(2).await;
}

#[tokio::test]
async fn tokens_are_used_for_a_while_and_renewed() {
    let scene = Scene::new().await;
    let issued = async |count: usize| {
        let asked = scene.service.asked(count).await;
        asked.iter().map(|asked| claims(&scene.service, asked).1["iat"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    scene.poke().await;
    assert_eq!(issued(1).await, [NOW / 1_000]);
    scene.world.clock.advance(49 * MINUTE);
    scene.poke().await;
    assert_eq!(issued(1).await, [NOW / 1_000], "the same");
    scene.world.clock.advance(2 * MINUTE);
    scene.poke().await;
    let second = NOW / 1_000 + 51 * 60;
    assert_eq!(issued(1).await, [second]);
    // The service says that it has expired, when it may have: at once with another one.
    scene.world.clock.advance(21 * MINUTE);
    scene.service.say([Say::reason(403, "ExpiredProviderToken")]);
    scene.poke().await;
    assert_eq!(issued(2).await, [second, second + 21 * 60]);
    // And says it again of the new one: no more.
    scene.service.say([Say::reason(403, "ExpiredProviderToken")]);
    scene.poke().await;
    assert_eq!(issued(1).await, [second + 21 * 60]);
}

/// Whoever stands in the service's place gets nothing.
#[tokio::test]
async fn a_service_of_other_roots_is_told_nothing() {
    let (service, other) = (Service::start().await, Service::start().await);
    let mut config = service.config();
    config.roots_pem = other.config().roots_pem;
    let scene = Scene::with(service, &config).await;
    scene.poke().await;
    scene.service.asked(0).await;
    assert_eq!(scene.service.connections(), 0);
    config.roots_pem = None;
    let scene = Scene::with(Service::start().await, &config).await;
    scene.poke().await;
    scene.service.asked(0).await;
    scene.devices_become(1).await;
}

#[tokio::test]
async fn a_set_up_that_cannot_work_is_refused() {
    let service = Service::start().await;
    let clock = Arc::new(ManualClock::new(NOW));
    let with = |change: &dyn Fn(&mut ApnsConfig)| {
        let mut config = service.config();
        change(&mut config);
        Apns::new(&config, clock.clone()).map(drop).map_err(|error| error.kind())
    };
    let refused = Err(ErrorKind::Config);
    let pem = |text: &str| Zeroizing::new(text.as_bytes().to_vec());
    assert_eq!(with(&|_| {}), Ok(()));
    assert_eq!(with(&|config| config.key_pem = pem(AS_APPLE_GIVES_IT_OUT)), Ok(()));
    assert_eq!(with(&|config| config.key_pem = pem("")), refused);
    assert_eq!(with(&|config| config.key_pem = pem(&AS_APPLE_GIVES_IT_OUT.replace("MIGTAgEA", "MIGUAgEA"))), refused);
    let rsa = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap().serialize_pem();
    assert_eq!(with(&|config| config.key_pem = pem(&rsa)), refused);
    for id in ["", "ABC123DEF", "ABC123DEFGH", "ABC123DEF\""] {
        assert_eq!(with(&|config| config.key_id = id.to_owned()), refused, "{id}");
        assert_eq!(with(&|config| config.team_id = id.to_owned()), refused, "{id}");
    }
    for topic in ["", "a b", "a\r\nb"] {
        assert_eq!(with(&|config| config.topic = topic.to_owned()), refused, "{topic:?}");
    }
    for host in ["http://localhost", "https://localhost/path", "https://user@localhost", "https://localhost/?q"] {
        assert_eq!(with(&|config| config.host = Url::parse(host).unwrap()), refused, "{host}");
    }
    for host in [ApnsConfig::PRODUCTION, ApnsConfig::DEVELOPMENT, "https://[::1]:8443", "https://127.0.0.1"] {
        assert_eq!(with(&|config| config.host = Url::parse(host).unwrap()), Ok(()), "{host}");
    }
    for roots in [b"".as_slice(), b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        assert_eq!(with(&|config| config.roots_pem = Some(roots.to_vec())), refused);
    }
    // Nothing of the key is printed.
    let shown = format!("{:?} {:?}", service.config(), Apns::new(&service.config(), clock.clone()).unwrap());
    assert!(shown.contains("example.imegha.app") && !shown.contains("PRIVATE") && !shown.contains("45, 45"), "{shown}");
}

/// A key made for this test, in the form of Apple's: with the curve named twice.
const AS_APPLE_GIVES_IT_OUT: &str = "-----BEGIN PRIVATE KEY-----
MIGTAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBHkwdwIBAQQgwdgJLaiEkuGmmZIO
r5B/G0LqW3dWH1XoMi0B8iQVtOCgCgYIKoZIzj0DAQehRANCAAS1KUjDiEoWZnjf
fbmdvDvGxbcT7Xo1qXq/HPmOGUDkzBrf/BsNF/rS+78Qmlku7FwxpNYRVrferoFT
HV2mCQNy
-----END PRIVATE KEY-----
";
