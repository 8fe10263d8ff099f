//! Identities: public keys and their history as a platform serves them, and what is inside of an identity's wrap (FORMAT 5, 7).
//!
//! Nothing panics. A public key is read from one encoding, a history that holds has each link signed by both sides, and a wrap opens
//! only as the identity that was asked for, whatever else somebody sealed in its place with the right key.
#![no_main]

use arbitrary::Arbitrary;
use imegha_crypto::hazmat::{self, RawKey as _};
use imegha_crypto::{
    Dek, Error, Fingerprint, GatewayPublicKey, Hash, Id, Identity, KeyHistory, KeyHistoryEntry, PublicIdentity,
    RecoveryPublicKey, Sealed, Signature,
};
use imegha_fuzz::{ALICE, BOB, Change, MALLORY, Person, changed};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    /// Public keys: Alice's changed, or another modulus in the right form.
    Public { modulus: Option<&'a [u8]>, spki: Vec<Change>, ed25519: Option<&'a [u8]> },
    /// A history whose links are right, but for what somebody put there and signed.
    History { links: Vec<Link>, tag: bool, seen: bool },
    /// The payload of a wrap, sealed under the right key.
    Wrapped { pkcs8: Pkcs8<'a>, seed: Option<&'a [u8]>, behind: &'a [u8], payload: Vec<Change>, sealed: Vec<Change> },
}

#[derive(Arbitrary, Debug)]
enum Pkcs8<'a> {
    /// Alice's, changed.
    Changed(Vec<Change>),
    /// Her numbers (n, e, d, p, q and the three behind them), some of them others, in a right encoding.
    Numbers(Vec<(u8, &'a [u8])>),
    Bytes(&'a [u8]),
}

#[derive(Arbitrary, Debug)]
struct Link {
    who: u8,
    seq: Option<u8>,
    previous: Option<u8>,
    ms: u8,
    by_previous: Option<Signer>,
    by_new: Option<Signer>,
    binding: Option<Signer>,
}

/// Who signs what he should not.
#[derive(Arbitrary, Clone, Copy, Debug)]
enum Signer {
    Nobody,
    Person(u8),
    Zeros,
}

const ACCOUNT: Id = Id::from_bytes([1; 16]);
const DEK: [u8; 32] = [7; 32];
const EPOCH: u32 = 2;

fuzz_target!(|input: Input<'_>| match input {
    Input::Public { modulus, spki, ed25519 } => {
        let right = ALICE.identity.public();
        let mut form = right.spki().to_vec();
        if let Some(modulus) = modulus {
            let len = modulus.len().min(256);
            form[33..33 + len].copy_from_slice(&modulus[..len]);
        }
        public(&changed(&form, &spki), ed25519.unwrap_or(right.ed25519()));
    }
    Input::History { links, tag, seen } => history(&links, tag, seen),
    Input::Wrapped { pkcs8, seed, behind, payload, sealed } => {
        let pkcs8 = pkcs8.bytes();
        match hazmat::identity(&pkcs8, &ALICE.seed) {
            Ok(identity) => {
                assert_eq!(pkcs8, ALICE.pkcs8, "another encoding of a key was read");
                assert_eq!(identity.fingerprint(), ALICE.identity.fingerprint());
            }
            Err(error) => assert!(error == Error::Key && pkcs8 != ALICE.pkcs8, "{error:?}"),
        }
        let right = [lp(&ALICE.pkcs8), lp(&ALICE.seed)].concat();
        let inner = [lp(&pkcs8), lp(seed.unwrap_or(&ALICE.seed)), behind.to_vec()].concat();
        unwrap(&changed(&inner, &payload), &right, &sealed);
    }
});

/// Reads public keys; what is read are the same bytes.
fn public(spki: &[u8], ed25519: &[u8]) {
    match PublicIdentity::parse(spki, ed25519) {
        Ok(public) => {
            assert_eq!((public.spki(), &public.ed25519()[..]), (spki, ed25519));
            let signature = Signature::from_bytes([0; 64]);
            assert_eq!(public.verify_binding(&ACCOUNT, "alice", &signature), Err(Error::Signature));
        }
        Err(error) => assert_eq!(error, Error::Key),
    }
    let of_a_phrase = RecoveryPublicKey::parse(ed25519);
    assert_eq!(of_a_phrase.is_ok(), GatewayPublicKey::parse(ed25519).is_ok());
    assert!(of_a_phrase.is_ok_and(|key| key.as_bytes() == ed25519) || PublicIdentity::parse(spki, ed25519).is_err());
}

/// Builds the history link by link, and knows of each whether it is right.
fn history(links: &[Link], right_tag: bool, seen: bool) {
    let tag = if right_tag { "alice" } else { "bob" };
    let mut right = !links.is_empty();
    let mut entries: Vec<KeyHistoryEntry> = Vec::new();
    let mut before: Option<&Person> = None;
    for link in links.iter().take(6) {
        let person = person(link.who);
        let head = entries.last().map_or(Hash::ZERO, |entry| entry.hash(&ACCOUNT, "alice"));
        let (seq, previous) = (entries.len() as u64, link.previous.map_or(head, |byte| Hash::from_bytes([byte; 32])));
        let mut entry = KeyHistoryEntry {
            seq: link.seq.map_or(seq, u64::from),
            previous,
            ..KeyHistoryEntry::first(&person.identity, &ACCOUNT, "alice", link.ms.into())
        };
        let statement = statement(&entry);
        let sign = |signer: &Person| hazmat::sign_label(&signer.identity, "key-history", &statement);
        let by_new = sign(person);
        let by_previous = before.map(sign);
        entry.by_new = link.by_new.map_or(by_new, |signer| signer.signature(&sign).unwrap_or(by_new));
        entry.by_previous = link.by_previous.map_or(by_previous, |signer| signer.signature(&sign));
        let binding = entry.binding;
        let bind = |signer: &Person| signer.identity.sign_binding(&ACCOUNT, tag);
        entry.binding = link.binding.map_or(binding, |signer| signer.signature(&bind).unwrap_or(binding));
        right &= entry.seq == seq && previous == head && entry.binding == binding;
        right &= (entry.by_new, entry.by_previous) == (by_new, by_previous);
        entries.push(entry);
        before = Some(person);
    }
    match KeyHistory::verify(&ACCOUNT, tag, entries.clone()) {
        Ok(history) => {
            assert!(right && right_tag, "a history holds that is not signed as it should be");
            let last = entries.last().expect("an empty one does not hold");
            assert_eq!((history.entries(), history.first()), (&entries[..], &entries[0].identity));
            assert_eq!((history.current(), history.head()), (&last.identity, last.hash(&ACCOUNT, tag)));
            let head = if seen { entries[0].hash(&ACCOUNT, tag) } else { Hash::ZERO };
            assert_eq!(history.contains(&ACCOUNT, tag, &head), seen);
        }
        Err(error) => {
            assert_eq!(error, Error::Signature);
            assert!(!right || !right_tag, "a right history does not hold");
        }
    }
}

/// Opens a wrap of Alice's identity that holds something else.
fn unwrap(payload: &[u8], right: &[u8], changes: &[Change]) {
    let fingerprint = ALICE.identity.fingerprint();
    let parts = [ACCOUNT.as_bytes().to_vec(), EPOCH.to_be_bytes().to_vec(), fingerprint.as_bytes().to_vec()];
    let context = hazmat::label("wrap/identity", &parts);
    let wrap = hazmat::seal_with_salt(&DEK, &context, payload, [5; 24]).expect("sealed");
    let found = changed(&wrap, changes);
    let is_right = payload == right && found == wrap;
    let Ok(found) = Sealed::from_received(found) else { return assert!(!is_right) };
    let open = |epoch: u32, fingerprint: &Fingerprint| {
        Identity::unwrap(&found, &Dek::from_raw(&DEK), &ACCOUNT, epoch, fingerprint)
    };
    match open(EPOCH, &fingerprint) {
        Ok(identity) => {
            assert!(is_right, "another identity opened, or one that was changed");
            assert_eq!(identity.public(), ALICE.identity.public());
        }
        Err(error) => assert!(error == Error::CannotOpen && !is_right, "{error:?}"),
    }
    assert!(open(EPOCH + 1, &fingerprint).is_err() && open(EPOCH, &BOB.identity.fingerprint()).is_err());
}

impl Pkcs8<'_> {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Changed(changes) => changed(&ALICE.pkcs8, changes),
            Self::Numbers(others) => {
                let mut numbers = numbers(&ALICE.pkcs8);
                for (at, bytes) in others.iter().take(8) {
                    numbers[usize::from(*at) % 8] = bytes.to_vec();
                }
                let numbers: Vec<u8> = numbers.iter().flat_map(|number| der(0x02, &positive(number))).collect();
                let key = der(0x30, &[&[2, 1, 0], &numbers[..]].concat());
                der(0x30, &[&ALICE.pkcs8[4..22], &der(0x04, &key)].concat())
            }
            Self::Bytes(bytes) => bytes.to_vec(),
        }
    }
}

impl Signer {
    fn signature(self, sign: &impl Fn(&Person) -> Signature) -> Option<Signature> {
        match self {
            Self::Nobody => None,
            Self::Person(who) => Some(sign(person(who))),
            Self::Zeros => Some(Signature::from_bytes([0; 64])),
        }
    }
}

/// What an entry signs (FORMAT 7).
fn statement(entry: &KeyHistoryEntry) -> Vec<Vec<u8>> {
    vec![
        ACCOUNT.as_bytes().to_vec(),
        b"alice".to_vec(),
        entry.seq.to_be_bytes().to_vec(),
        entry.previous.as_bytes().to_vec(),
        entry.identity.fingerprint().as_bytes().to_vec(),
        entry.ms.to_be_bytes().to_vec(),
    ]
}

/// The eight numbers of an RSA key of 2048 bits, without the zero that makes them positive. Each length has three bytes, two or
/// one, as the first of them says.
fn numbers(pkcs8: &[u8]) -> [Vec<u8>; 8] {
    let mut rest = &pkcs8[33..];
    [(); 8].map(|()| {
        let (head, len) = match rest[1] {
            0x82 => (4, usize::from(rest[2]) << 8 | usize::from(rest[3])),
            0x81 => (3, usize::from(rest[2])),
            len => (2, usize::from(len)),
        };
        let (number, behind) = rest[head..].split_at(len);
        rest = behind;
        number.to_vec()
    })
}

/// The bytes of a DER INTEGER that is not negative: no zero too many, none too few.
fn positive(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let digits = &number[zeros..];
    if digits.first().is_none_or(|first| first & 0x80 != 0) { [&[0], digits].concat() } else { digits.to_vec() }
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let len = content.len();
    let [_, _, high, low] = (len as u32).to_be_bytes();
    let head: &[u8] = match len {
        0..0x80 => &[tag, low],
        0x80..0x100 => &[tag, 0x81, low],
        _ => &[tag, 0x82, high, low],
    };
    [head, content].concat()
}

fn lp(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes(), bytes].concat()
}

fn person(who: u8) -> &'static Person {
    match who % 3 {
        0 => &ALICE,
        1 => &BOB,
        _ => &MALLORY,
    }
}
