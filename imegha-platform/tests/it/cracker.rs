//! Somebody who has everything but the password: the dump of registry and identity, all traffic in both directions, the server's secret. It opens
//! nothing; given the password, it opens.

use std::collections::BTreeSet;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use imegha_cloud::backend::{Record, Value as _};
use imegha_crypto::hazmat::{self, RawKey as _};
use imegha_crypto::{
    Dek, Email, Fingerprint, Id, Identity, KdfParams, Login, Password, PasswordKek, RecoveryKek, Sealed,
};
use imegha_platform::client::{GatewayAddress, NewPhrase};
use imegha_platform::registry::{Collection, Field, PlatformSchema, PlatformValue as V};
use serde_json::Value;
use sha2::Sha256;
use url::Url;

use crate::on_every_backend;
use crate::world::{MINUTE, NOW, PASSWORD, World};

on_every_backend! { everything_but_the_password_opens_nothing, }

/// All that was recorded.
struct Loot {
    account: Id,
    records: Vec<Record<PlatformSchema>>,
    /// The values of all records, and of all JSON: as text, and as the bytes that a text encodes.
    values: BTreeSet<Vec<u8>>,
    texts: BTreeSet<String>,
}

impl Loot {
    async fn take(world: &World, account: Id) -> Self {
        let records = world.store.dump().await;
        let mut loot = Self { account, records, values: BTreeSet::new(), texts: BTreeSet::new() };
        for record in &loot.records {
            let parts = record.key.partition.iter().chain(&record.key.sort).chain(record.fields.values());
            loot.values.extend(parts.map(|value| value.to_bytes()));
        }
        let mut bodies: Vec<Vec<u8>> = world.wire.sent.lock().unwrap().iter().map(|(_, body)| body.clone()).collect();
        bodies.extend(world.wire.answered.lock().unwrap().iter().cloned());
        for body in bodies {
            if let Ok(json) = serde_json::from_slice(&body) {
                loot.read(&json);
            }
        }
        loot.values.insert(vec![42; 32]);
        loot
    }

    fn read(&mut self, json: &Value) {
        match json {
            Value::String(text) => {
                self.texts.insert(text.clone());
                self.values.insert(text.as_bytes().to_vec());
                for text in [text.as_str(), text.strip_prefix("iM1!").unwrap_or(text)] {
                    self.values.extend(Base64UrlUnpadded::decode_vec(text));
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.read(item)),
            Value::Object(fields) => fields.values().for_each(|value| self.read(value)),
            _ => {}
        }
    }

    /// Every 32 bytes in a row that look random.
    fn keys(&self) -> BTreeSet<[u8; 32]> {
        let windows = self.values.iter().flat_map(|value| value.windows(32));
        let random = windows.filter(|window| window.iter().collect::<BTreeSet<_>>().len() >= 16);
        random.map(|window| window.try_into().unwrap()).collect()
    }

    /// Whatever may be a wrap, wherever it was found.
    fn wraps(&self) -> Vec<Sealed> {
        let one_key = self.values.iter().filter(|value| value.len() == 72 + 32);
        one_key.map(|value| Sealed::from_received(value.clone()).unwrap()).collect()
    }

    /// The kdf fields of all password wraps, and their addresses.
    fn kdf(&self) -> Vec<(Email, KdfParams)> {
        let wraps = self.records.iter().filter(|record| record.key.collection == Collection::PasswordWrap);
        wraps
            .map(|record| {
                let (Some(V::Email(email)), Some(V::Salt(salt)), Some(V::U64(iterations))) =
                    (record.field(Field::Email), record.field(Field::KdfSalt), record.field(Field::KdfIterations))
                else {
                    panic!("the fields of a password wrap")
                };
                (email.clone(), KdfParams::new(1, u32::try_from(*iterations).unwrap(), salt).unwrap())
            })
            .collect()
    }

    /// The identities that a DEK opens.
    fn open_identities(&self, dek: &Dek) -> Vec<Identity> {
        let identities = self.records.iter().filter(|record| record.key.collection == Collection::Identity);
        let opened = identities.filter_map(|record| {
            let ([V::Hash(fingerprint)], Some(V::Sealed(wrap))) =
                (record.key.sort.as_slice(), record.field(Field::Wrap))
            else {
                panic!("the fields of an identity")
            };
            let fingerprint = Fingerprint::from_bytes(*fingerprint.as_bytes());
            EPOCHS.iter().find_map(|epoch| Identity::unwrap(wrap, dek, &self.account, *epoch, &fingerprint).ok())
        });
        opened.collect()
    }

    /// What 32 bytes open, taken for any key that there is.
    fn open_by_key(&self, key: &[u8; 32], wraps: &[Sealed], kdf: &[(Email, KdfParams)]) -> Option<Dek> {
        let as_dek = Dek::dangerous_from_bytes(key);
        if !self.open_identities(&as_dek).is_empty() {
            return Some(as_dek);
        }
        let recovery = RecoveryKek::from_raw(key);
        // As a key that wraps, and as what such a key is derived from.
        let keks = [PasswordKek::from_raw(key), PasswordKek::from_raw(&expand(key, "password-kek"))];
        wraps.iter().find_map(|wrap| {
            EPOCHS.iter().find_map(|epoch| {
                let by_password = keks.iter().flat_map(|kek| {
                    kdf.iter().map(move |(_, params)| Dek::unwrap_by_password(wrap, kek, &self.account, *epoch, params))
                });
                by_password
                    .chain([Dek::unwrap_by_recovery(wrap, &recovery, &self.account, *epoch)])
                    .find_map(Result::ok)
            })
        })
    }

    /// What a text opens, taken for the password.
    fn open_by_password(&self, text: &str, wraps: &[Sealed], kdf: &[(Email, KdfParams)]) -> Option<Dek> {
        let password = Password::parse(text).ok()?;
        kdf.iter().find_map(|(email, params)| {
            let keys = imegha_crypto::PasswordKeys::derive(&password, email, params).unwrap();
            let opened = wraps.iter().flat_map(|wrap| {
                let (kek, account) = (&keys.kek, &self.account);
                EPOCHS.iter().map(move |epoch| Dek::unwrap_by_password(wrap, kek, account, *epoch, params))
            });
            opened.filter_map(Result::ok).next()
        })
    }
}

/// The epochs that the account has had.
const EPOCHS: [u32; 2] = [1, 2];

/// `Expand(key, label(name), 32)` of FORMAT 1: one block of HKDF.
fn expand(key: &[u8; 32], name: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(&hazmat::label(name, &[] as &[&[u8]]));
    mac.update(&[1]);
    mac.finalize().into_bytes().into()
}

/// Turns red when anything that opens the account leaves a device: plant the kek, or the DEK, in a request to see it.
async fn everything_but_the_password_opens_nothing(world: World) {
    let first = "alice@example.com";
    let (client, alice) = world.signed_in(first, "alice").await;
    let url = Url::parse("https://hidden-cloud.example/").unwrap();
    client.set_gateway(&alice.account, None, GatewayAddress { url, cloud: Id::generate().unwrap() }).await.unwrap();
    let changed = client.change_password(&alice.account, PASSWORD, "second of her passwords").await.unwrap();
    client.begin_email_change(&changed.account, "second of her passwords", "alice@elsewhere.example").await.unwrap();
    let code = world.next_code().await;
    let moved = client
        .confirm_email_change(&changed.account, "second of her passwords", "alice@elsewhere.example", &code)
        .await
        .unwrap();
    let new = NewPhrase::prepare(&moved.account).unwrap();
    client.add_phrase(&moved.account, "second of her passwords", &new).await.unwrap();
    let words: Vec<_> = new.phrase().words().collect();
    client.drop_other_phrases(&moved.account, &new, &words.join(" ")).await.unwrap();
    world.clock.advance(MINUTE);
    let device = world.client();
    let recovery = device.begin_recovery("alice@elsewhere.example").await.unwrap();
    let code = world.next_code().await;
    let recovered = device.recover(&recovery, &code, new.phrase(), "third of her passwords", None).await.unwrap();
    let renewed = device.renew(&recovered.account, "third of her passwords", new.phrase(), NOW).await.unwrap();
    let stronger = device.change_kdf(&renewed.account, "third of her passwords", 300_000).await.unwrap();
    world.client().sign_in("alice@elsewhere.example", "third of her passwords").await.unwrap();

    let loot = Loot::take(&world, alice.account.id).await;
    let (keys, wraps, kdf) = (loot.keys(), loot.wraps(), loot.kdf());
    assert!(keys.len() > 5_000 && wraps.len() >= 7 && kdf.len() == 1, "{} {} {}", keys.len(), wraps.len(), kdf.len());
    for key in &keys {
        assert!(loot.open_by_key(key, &wraps, &kdf).is_none(), "a key was in it");
    }
    for text in &loot.texts {
        assert!(loot.open_by_password(text, &wraps, &kdf).is_none(), "the password was in it");
    }

    // Given the password, all of it opens.
    let dek = loot.open_by_password("third of her passwords", &wraps, &kdf).expect("it is what opens");
    assert!(dek == stronger.account.dek);
    let identities: Vec<_> = loot.open_identities(&dek).iter().map(Identity::fingerprint).collect();
    assert_eq!(identities.len(), 2, "the identity that was and the one that is");
    for of in [&alice, &stronger] {
        assert!(identities.contains(&of.account.identity.fingerprint()));
    }
    // And so does each key, had it been there: the search finds what it is for.
    let login = Login::derive(&Password::parse("third of her passwords").unwrap(), &kdf[0].0, &kdf[0].1).unwrap();
    assert!(loot.open_by_key(&dek.dangerous_to_bytes(), &wraps, &kdf).is_some());
    assert!(loot.open_by_key(new.phrase().derive_keys().kek.raw(), &wraps, &kdf).is_some());
    let auth = login.auth().to_auth_string();
    assert!(loot.texts.contains(auth.as_str()), "what proves the password was recorded, and opens nothing");
    let derived =
        imegha_crypto::PasswordKeys::derive(&Password::parse("third of her passwords").unwrap(), &kdf[0].0, &kdf[0].1);
    assert!(loot.open_by_key(derived.unwrap().kek.raw(), &wraps, &kdf).is_some());
}
