//! Alice, Bob and Mallory: the people of the vectors (`identity.json`), so that what crashed once crashes again.

use std::sync::LazyLock;

use imegha_crypto::{Identity, hazmat};
use serde_json::Value;

/// Somebody, and what his identity is made of.
pub struct Person {
    pub identity: Identity,
    pub pkcs8: Vec<u8>,
    pub seed: [u8; 32],
}

pub static ALICE: LazyLock<Person> = LazyLock::new(|| Person::named("alice"));
pub static BOB: LazyLock<Person> = LazyLock::new(|| Person::named("bob"));
pub static MALLORY: LazyLock<Person> = LazyLock::new(|| Person::named("mallory"));

impl Person {
    fn named(name: &str) -> Self {
        let vectors: Value = serde_json::from_str(VECTORS).expect("vectors are JSON");
        let cases = vectors["cases"].as_array().expect("vectors have cases");
        let case =
            cases.iter().find(|case| case["name"] == name && case["result"] == "ok").expect("everybody is there");
        let hex = |field: &str| hex::decode(case[field].as_str().expect("text")).expect("hex");
        let (pkcs8, seed) = (hex("rsa_pkcs8"), hex("ed25519_seed").try_into().expect("a seed has 32 bytes"));
        let identity = hazmat::identity(&pkcs8, &seed).expect("an identity");
        Self { identity, pkcs8, seed }
    }
}

const VECTORS: &str = include_str!("../../imegha-crypto/tests/vectors/identity.json");
