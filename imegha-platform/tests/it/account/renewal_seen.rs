//! ATTACKS 30: what was seen, by whoever has all that the platform ever had, opens nothing of the new epoch.

use imegha_cloud::backend::Record;
use imegha_crypto::{
    Dek, Email, Fingerprint, Id, Identity, KdfParams, Password, PasswordKeys, RecoveryKeys, RecoveryPhrase, Sealed,
};
use imegha_platform::client::{Account, GatewayAddress};
use imegha_platform::registry::{Collection, Field, PlatformSchema, PlatformValue as V};
use imegha_platform::{ErrorKind, ProblemCode};
use serde_json::{Value, json};
use url::Url;

use super::{NEW, OTHER, Replaced, opens_not, refusal};
use crate::evil::EvilPlatform;
use crate::on_every_backend;
use crate::world::{NOW, PASSWORD, World};

const ALICE: &str = "alice@example.com";

on_every_backend! {
    a30_what_was_seen_opens_nothing_of_the_new_epoch,
    a23_an_earlier_key_that_is_not_the_accounts_is_refused,
}

/// Who has records of the platform, of before and of now, and a password, words and a DEK.
struct Finder<'a> {
    account: Id,
    records: &'a [Record<PlatformSchema>],
    kdf: KdfParams,
    password: PasswordKeys,
    words: RecoveryKeys,
    dek: Option<Dek>,
}

impl<'a> Finder<'a> {
    fn new(
        records: &'a [Record<PlatformSchema>],
        account: &Account,
        kdf: &KdfParams,
        password: &str,
        phrase: &RecoveryPhrase,
        dek: Option<&Dek>,
    ) -> Self {
        let email = Email::parse(ALICE).unwrap();
        let password = PasswordKeys::derive(&Password::parse(password).unwrap(), &email, kdf).unwrap();
        let (kdf, words, dek) = (kdf.clone(), phrase.derive_keys(), dek.cloned());
        Self { account: account.id, records, kdf, password, words, dek }
    }

    fn wraps(&self, of: Collection) -> Vec<(&Record<PlatformSchema>, &Sealed)> {
        let records = self.records.iter().filter(|record| record.key.collection == of);
        let wraps = records.filter_map(|record| match record.field(Field::Wrap) {
            Some(V::Sealed(wrap)) => Some((record, wrap)),
            _ => None,
        });
        wraps.collect()
    }

    /// Every DEK that it comes to, from wrap to wrap.
    fn deks(&self) -> Vec<Dek> {
        let mut found: Vec<Dek> = self.dek.iter().cloned().collect();
        for epoch in EPOCHS {
            for (_, wrap) in self.wraps(Collection::PasswordWrap) {
                let (kek, account) = (&self.password.kek, &self.account);
                found.extend(Dek::unwrap_by_password(wrap, kek, account, epoch, &self.kdf));
            }
            for (_, wrap) in self.wraps(Collection::RecoveryWrap) {
                found.extend(Dek::unwrap_by_recovery(wrap, &self.words.kek, &self.account, epoch));
            }
        }
        let mut at = 0;
        while let Some(dek) = found.get(at).cloned() {
            for (_, wrap) in self.wraps(Collection::PreviousDek) {
                // Forwards too: nothing is wrapped that way.
                for (old, new) in EPOCHS.flat_map(|old| EPOCHS.map(move |new| (old, new))) {
                    let opened = dek.unwrap_previous(wrap, &self.account, old, new).ok();
                    let opened = opened.filter(|opened| !found.contains(opened));
                    found.extend(opened);
                }
            }
            at += 1;
        }
        found
    }

    /// Every identity that these open.
    fn identities(&self) -> Vec<Fingerprint> {
        let mut found = Vec::new();
        for (record, wrap) in self.wraps(Collection::Identity) {
            let [V::Hash(place)] = record.key.sort.as_slice() else { panic!("the place of an identity") };
            let fingerprint = Fingerprint::from_bytes(*place.as_bytes());
            let opens = |dek: &Dek| {
                EPOCHS.into_iter().any(|epoch| Identity::unwrap(wrap, dek, &self.account, epoch, &fingerprint).is_ok())
            };
            if self.deks().iter().any(opens) && !found.contains(&fingerprint) {
                found.push(fingerprint);
            }
        }
        found
    }

    /// Whether the address of the gateway is among what they open, of those records.
    fn opens_gateway(&self, edit: u64) -> bool {
        let sealed = self.records.iter().filter_map(|record| match record.field(Field::Gateway) {
            Some(V::Sealed(sealed)) if record.field(Field::GatewayEdit) == Some(&V::U64(edit)) => Some(sealed),
            _ => None,
        });
        let sealed: Vec<_> = sealed.collect();
        assert!(!sealed.is_empty(), "there is one");
        let deks = self.deks();
        sealed.iter().any(|sealed| deks.iter().any(|dek| dek.open_gateway_address(sealed, &self.account, edit).is_ok()))
    }
}

const EPOCHS: std::ops::RangeInclusive<u32> = 1..=2;

/// Turns red when `with_next_dek` of imegha-crypto keeps the DEK or `with_identity` wraps the new identity by the one that was, and when
/// `flows/renewal.rs` keeps the address of the gateway as it was sealed.
async fn a30_what_was_seen_opens_nothing_of_the_new_epoch(world: World) {
    let sign_up = world.account(ALICE, "alice").await;
    let client = world.client();
    let seen = client.sign_in_first(&sign_up).await.unwrap();
    let kdf = KdfParams::try_from(&seen.known.kdf).unwrap();
    // All of it, from the beginning on.
    let mut records = world.store.dump().await;
    let alice = Replaced::of(client, &seen, sign_up.phrase().clone()).await;
    let url = Url::parse("https://home.example/").unwrap();
    let address = GatewayAddress { url, cloud: Id::from_bytes([7; 16]) };
    alice.client.set_gateway(&alice.signed_in.account, None, address).await.unwrap();
    records.extend(world.store.dump().await);
    let before = records.clone();

    let finder = |records, dek| Finder::new(records, &seen.account, &kdf, PASSWORD, &alice.old_phrase, dek);
    let old = seen.account.identity.fingerprint();
    assert_eq!(finder(&before, None).deks().len(), 2, "control: by the password and by the words of then");
    assert!(finder(&before, None).deks().iter().all(|dek| *dek == alice.signed_in.account.dek));
    assert_eq!(finder(&before, None).identities(), [old], "control: a mere change leaves the identity to them");
    assert!(finder(&before, None).opens_gateway(1), "control");

    let renewed = alice.renew().await.unwrap().account;
    records.extend(world.store.dump().await);
    // The password, the words, and the device with its DEK: of the account as it was, all; of what is new, nothing.
    let found = finder(&records, Some(&seen.account.dek));
    assert!(found.deks().iter().all(|dek| *dek == seen.account.dek && *dek != renewed.dek));
    assert_eq!(found.identities(), [old]);
    assert!(!found.opens_gateway(2));
    // Control: what the account has now opens all of it.
    let now = Finder::new(&records, &renewed, &kdf, NEW, &alice.phrase, None);
    for dek in [&renewed.dek, &seen.account.dek] {
        assert!(now.deks().contains(dek));
    }
    let mut both = now.identities();
    both.sort_unstable();
    let mut expected = [old, renewed.identity.fingerprint()];
    expected.sort_unstable();
    assert_eq!(both, expected);
    assert!(now.opens_gateway(2));

    // And at the platform.
    opens_not(&world, ALICE, PASSWORD).await;
    let recovery = world.client().begin_recovery(ALICE).await.unwrap();
    let code = world.next_code().await;
    let refused = world.client().recover(&recovery, &code, &alice.old_phrase, OTHER, None).await;
    assert_eq!(refusal(refused), Some(ProblemCode::KeyRefused));
    let recovered = world.client().recover(&recovery, &code, &alice.phrase, OTHER, None).await.unwrap();
    assert!(recovered.account.dek == renewed.dek);
}

/// Turns red without the bounds and the epochs in `AccountRecord::check_bounds` and `open_previous` of imegha-crypto, or when the client opens an account
/// without its earlier keys.
async fn a23_an_earlier_key_that_is_not_the_accounts_is_refused(world: World) {
    let previous = async || {
        let answer = world.post("/sign-in", world.last_sent("sign-in")).await.json();
        answer["account"]["keys"]["previous"].as_array().unwrap().clone()
    };
    let bob = Replaced::new(&world, "bob@example.com", "bob").await;
    bob.renew().await.unwrap();
    let bobs = previous().await;
    let alice = Replaced::new(&world, ALICE, "alice").await;
    let second = alice.renew().await.unwrap().account;
    alice.client.renew(&second, NEW, &alice.phrase, NOW + 2).await.unwrap();
    world.client().sign_in(ALICE, NEW).await.unwrap();
    let whole = previous().await;
    assert_eq!((bobs.len(), whole.len()), (1, 2));
    let changed = |change: &dyn Fn(&mut Vec<Value>)| {
        let mut previous = whole.clone();
        change(&mut previous);
        previous
    };
    let exchanged = changed(&|previous| {
        let wrap = previous[0]["wrap"].take();
        previous[0]["wrap"] = previous[1]["wrap"].take();
        previous[1]["wrap"] = wrap;
    });
    let sign_in = async |previous: Vec<Value>| {
        let evil = EvilPlatform::new(world.wire.clone(), move |path, answer| {
            if path == "sign-in" {
                answer["account"]["keys"]["previous"] = json!(previous);
            }
        });
        evil.client().sign_in(ALICE, NEW).await.map(|signed_in| signed_in.account.earlier().count())
    };
    for (what, previous, kind) in [
        ("none", vec![], ErrorKind::CannotOpen),
        ("without the first", changed(&|previous| drop(previous.remove(0))), ErrorKind::CannotOpen),
        ("without the second", changed(&|previous| drop(previous.remove(1))), ErrorKind::CannotOpen),
        ("each in the other's place", exchanged, ErrorKind::CannotOpen),
        ("of other epochs", changed(&|previous| previous[0]["dek_epoch"] = json!(7)), ErrorKind::CannotOpen),
        ("another's", changed(&|previous| previous[0] = bobs[0].clone()), ErrorKind::CannotOpen),
        ("a thousand and one", vec![whole[0].clone(); 1_001], ErrorKind::Version),
    ] {
        assert_eq!(sign_in(previous).await.unwrap_err().kind(), kind, "{what}");
    }
    assert_eq!(sign_in(whole.clone()).await.unwrap(), 2, "control");
}
