//! ATTACKS 27: whoever asks for addresses is not told which of them have accounts.

use std::collections::BTreeSet;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use imegha_crypto::{Hash, Id, Identity, KeyHistoryEntry, KeysStatement};
use imegha_platform::api::{Limits, Rate};
use imegha_platform::protocol::HistoryEntry;
use serde_json::{Value, json};

use crate::world::{Answer, NOW, World};

const EACH: usize = 1_000;

/// What is compared of an answer: all of it but what is random, or differs for every address, whose length counts all the same.
#[derive(Debug, PartialEq)]
struct Looks {
    answer: Answer,
    salt: Option<String>,
}

async fn ask(world: &World, path: &str, body: Value) -> Looks {
    let mut answer = world.post(path, body).await;
    let json = answer.json();
    let mut text = String::from_utf8(answer.body).unwrap();
    for (place, len) in [("/kdf/0/salt", 43), ("/kdf/salt", 43), ("/account", 22), ("/challenge", 43)] {
        if let Some(value) = json.pointer(place).and_then(Value::as_str) {
            assert_eq!(value.len(), len, "{place}");
            // Where it stands counts too, since the rest is compared as text.
            text = text.replace(value, place);
        }
    }
    for place in ["/kdf/0/iterations", "/kdf/iterations"] {
        if let Some(iterations) = json.pointer(place).and_then(Value::as_u64) {
            assert!([100_000, 300_000, 600_000, 900_000].contains(&iterations), "one that accounts have");
            text = text.replace(&format!("\"iterations\":{iterations}"), place);
        }
    }
    answer.body = text.into_bytes();
    let salt = json.pointer("/kdf/0/salt").or(json.pointer("/kdf/salt")).and_then(Value::as_str).map(str::to_owned);
    Looks { answer, salt }
}

/// Turns red without `kdf.push(invented)` in `flows/prelogin.rs`, without `None => invented` in `flows/recovery.rs`, and when `flows/sign_in.rs` tells an unknown
/// address by another error before `check_auth`, which runs a dummy hash for it.
#[tokio::test]
async fn a27_a_thousand_known_and_unknown_addresses_look_alike() {
    let wide = Rate { burst: 100_000, per_hour: 100_000 };
    let world = World::memory_with(|options| {
        options.limits =
            Limits { network_sign_up: wide, network: wide, account: wide, mail: wide, ..Limits::default() };
    });
    // An RSA key takes a while; that all have the same is nothing that the answers could show.
    let identity = Identity::generate().unwrap();
    world.sign_up("first@example.com", "first").await;
    world.next_code().await;
    let request = world.last_sent("sign-up");
    let mut registered = BTreeSet::new();
    for n in 0..EACH {
        let request = account(&request, &identity, n);
        registered.insert(request["kdf"]["salt"].as_str().unwrap().to_owned());
        assert_eq!(world.post("/sign-up", request.clone()).await.status, 202);
        let confirm = json!({"account": request["account"], "code": world.next_code().await});
        assert_eq!(world.post("/sign-up/confirm", confirm).await.status, 204);
    }

    let wrong = format!("iM1!{}", "A".repeat(43));
    let mut shapes = Vec::new();
    let mut salts = BTreeSet::new();
    for n in 0..EACH {
        // Of the same length: the same address under another name.
        for (known, email) in [(true, format!("k{n:04}@example.com")), (false, format!("u{n:04}@example.com"))] {
            let prelogin = ask(&world, "/prelogin", json!({"email": email})).await;
            assert_eq!(prelogin, ask(&world, "/prelogin", json!({"email": email})).await, "stable");
            let body = json!({"email": email, "auth_string": wrong, "session": "bearer"});
            let sign_in = ask(&world, "/sign-in", body.clone()).await;
            assert_eq!(sign_in, ask(&world, "/sign-in", body).await, "stable");
            let salt = prelogin.salt.unwrap();
            let recovery = ask(&world, "/recovery", json!({"email": email})).await;
            assert_eq!(recovery.salt.as_ref(), Some(&salt), "recovery and prelogin say the same");
            if known {
                world.next_mail().await;
            }
            assert_eq!(registered.contains(&salt), known, "the test knows which is which");
            assert_eq!(salt.len(), 43);
            salts.insert(salt);
            let shape = (prelogin.answer, sign_in.answer, recovery.answer);
            if !shapes.contains(&shape) {
                shapes.push(shape);
            }
        }
    }
    assert_eq!(salts.len(), 2 * EACH, "each address has a salt of its own");
    assert_eq!(shapes.len(), 1, "status, headers and body are those of every other address");
    let statuses = [&shapes[0].0, &shapes[0].1, &shapes[0].2].map(|answer| answer.status.as_u16());
    assert_eq!(statuses, [200, 401, 202]);

    // What was asked again and again is locked alike too, known or not.
    let mut locked = Vec::new();
    for email in ["k0000@example.com", "u0000@example.com"] {
        let body = json!({"email": email, "auth_string": wrong, "session": "bearer"});
        let mut trace = Vec::new();
        for _ in 0..6 {
            trace.push(world.post("/sign-in", body.clone()).await);
        }
        locked.push(trace);
    }
    assert_eq!(locked[0], locked[1]);
    assert_eq!(locked[0][5].code(), "too_many_tries");
}

/// The request of another account: what `request` says, with an id, an address, a tag, a salt and a history of its own.
fn account(request: &Value, identity: &Identity, n: usize) -> Value {
    let id = Id::generate().unwrap();
    let tag = format!("tag{n:04}");
    let entry = KeyHistoryEntry::first(identity, &id, &tag, NOW);
    let mut request = request.clone();
    request["account"] = json!(base64(id.as_bytes()));
    request["email"] = json!(format!("k{n:04}@example.com"));
    request["tag"] = json!(tag);
    request["kdf"]["salt"] = json!(base64(&[*id.as_bytes(), *id.as_bytes()].concat()));
    let wraps = [("password_wrap", "wrap"), ("recovery", "wrap")].map(|(wrap, field)| {
        let bytes = |value: &Value| Base64UrlUnpadded::decode_vec(value.as_str().unwrap()).unwrap();
        (bytes(&request[wrap]["id"]), Hash::of(&bytes(&request[wrap][field])))
    });
    let mut ordered = wraps.to_vec();
    ordered.sort();
    let public_key = Base64UrlUnpadded::decode_vec(request["recovery"]["public_key"].as_str().unwrap()).unwrap();
    let statement = KeysStatement {
        account: id,
        version: 1,
        dek_epoch: 1,
        recovery_public: public_key.try_into().unwrap(),
        wraps: ordered.into_iter().map(|(_, hash)| hash).collect(),
    };
    request["keys_signature"] = json!(base64(statement.sign(identity).as_bytes()));
    request["identity"]["history"] = serde_json::to_value(HistoryEntry::from(&entry)).unwrap();
    request
}

fn base64(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}
