//! The record of an account as a platform may serve it, and as a device with a faulty program may have signed it (FORMAT 5, 12).
//!
//! Nothing panics. A record opens only when its owner signed its wraps as they are, and not when it is older than the last one seen;
//! the keys that it gives are the account's.
#![no_main]

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use imegha_crypto::{
    Account, AccountRecord, Email, Error, Hash, Id, Identity, KdfParams, KeysStatement, Login, Password,
    RecoveryPhrase, Sealed, Wrap, hazmat,
};
use imegha_fuzz::{ALICE, BOB, Change, MALLORY, Person, changed};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Input {
    edits: Vec<Edit>,
    signer: Signer,
    by: By,
    /// Which version the device saw last.
    seen: Option<u8>,
}

#[derive(Arbitrary, Debug)]
enum Signer {
    /// What was signed is served.
    Nobody,
    Owner,
    Mallory,
}

#[derive(Arbitrary, Debug)]
enum By {
    /// That of the first version, or one of the two of the newest.
    Password {
        which: u8,
    },
    Words,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum List {
    Passwords,
    Phrases,
    Previous,
    Identities,
    History,
}

/// What is done to a record. `from` is a version of it that there was, or a stranger's record.
#[derive(Arbitrary, Debug)]
enum Edit {
    List { list: List, from: u8, how: How },
    Signature { from: u8 },
    Version(u8),
    DekEpoch(u32),
    Account(u8),
    Tag(u8),
    Wrap { list: List, at: u8, changes: Vec<Change> },
    Params { at: u8, iterations: u8, salt: u8 },
    Auth { at: u8 },
    Withhold { list: List, at: u8 },
    PublicKey { at: u8 },
    WrapId { at: u8, id: u8 },
    PreviousEpoch { at: u8, epoch: u8 },
    IdentityEpoch { at: u8, epoch: u8 },
    HistoryMs { at: u8, ms: u8 },
}

#[derive(Arbitrary, Debug)]
enum How {
    Drop(u8),
    Double(u8),
    Swap(u8, u8),
    /// The element at this place of the other record's list, in the place of the one here.
    Exchange(u8),
    /// The same, beside those that are here.
    Add(u8),
    Clear,
}

struct World {
    /// Alice's account: made, under a new identity, with a new DEK, with a second password.
    versions: Vec<Account>,
    mallory: Account,
    /// That of the first versions, and those of the newest.
    logins: [Login; 3],
    words: RecoveryPhrase,
}

/// Ids and keys are drawn anew in each run; nothing here depends on which they are.
static WORLD: LazyLock<World> = LazyLock::new(|| {
    let logins = ["first password", "old password", "new password"].map(|password| {
        let email = Email::parse("alice@example.com").expect("an address");
        let params = KdfParams::new(KdfParams::PBKDF2_HMAC_SHA256, 100_000, &[4; 32]).expect("parameters");
        Login::derive(&Password::parse(password).expect("a password"), &email, &params).expect("a login")
    });
    let (first, _) = Account::assemble(&logins[0], identity(&ALICE), "alice", 1).expect("an account");
    let second = first.change_identity(identity(&BOB), 2).expect("changed");
    let words = RecoveryPhrase::generate().expect("words");
    let third = second.change_dek(&logins[1], &words.derive_keys()).expect("changed");
    let fourth = third.change_password(&logins[2]).expect("changed");
    let (mallory, _) = Account::assemble(&logins[1], identity(&MALLORY), "mallory", 1).expect("an account");
    World { versions: vec![first, second, third, fourth], mallory, logins, words }
});

fuzz_target!(|input: Input| {
    let World { versions, logins, words, .. } = &*WORLD;
    let newest = versions.last().expect("there are four");
    let mut record = newest.record().clone();
    input.edits.iter().take(8).for_each(|edit| edit.make(&mut record));
    let mut signed: Vec<KeysStatement> =
        versions.iter().filter_map(|version| version.record().statement().ok()).collect();
    if let Ok(statement) = record.statement() {
        match input.signer {
            Signer::Nobody => {}
            Signer::Owner => {
                record.signature = statement.sign(&BOB.identity);
                signed.push(statement);
            }
            Signer::Mallory => record.signature = statement.sign(&MALLORY.identity),
        }
    }
    let seen = input.seen.map(|version| versions[usize::from(version) % versions.len()].last_seen());
    let opened = match input.by {
        By::Password { which } => Account::unlock(&record, &logins[usize::from(which % 3)], seen.as_ref()),
        By::Words => Account::unlock_with_phrase(&record, words, seen.as_ref()),
    };
    match opened {
        Ok(account) => {
            let statement = record.statement().expect("what opens has a statement");
            assert!(signed.contains(&statement), "a record opened that nobody signed");
            assert!(seen.is_none_or(|seen| seen.version <= record.version), "an older record opened");
            assert!(versions.iter().any(|version| version.dek() == account.dek()), "another DEK");
            assert_eq!(account.record(), &record);
            use_account(&account);
        }
        Err(error) => {
            assert!(
                matches!(error, Error::CannotOpen | Error::Signature | Error::Params | Error::Malformed),
                "{error:?}"
            );
            let is_older = matches!(input.by, By::Password { which } if which % 3 == 0);
            assert!(record != *newest.record() || is_older, "a record that nobody changed did not open");
        }
    }
});

/// What a client does with an account that is open.
fn use_account(account: &Account) {
    let identities = account.record().identities.iter().map(|wrap| wrap.fingerprint);
    for fingerprint in identities.collect::<Vec<_>>() {
        if let Ok(identity) = account.open_earlier_identity(&fingerprint) {
            assert_eq!(identity.fingerprint(), fingerprint);
        }
    }
    assert_eq!(account.last_seen().version, account.record().version);
    for changed in [account.change_password(&WORLD.logins[2]), account.drop_other_passwords()] {
        let Ok(changed) = changed else { continue };
        assert_eq!(changed.record().version, account.record().version + 1);
        changed.record().verify(account.identity().public()).expect("a change is signed");
    }
}

impl Edit {
    fn make(&self, record: &mut AccountRecord) {
        match self {
            Self::List { list, from, how } => list.edit(record, source(*from), how),
            Self::Signature { from } => record.signature = source(*from).signature,
            Self::Version(version) => record.version = u64::from(*version),
            Self::DekEpoch(epoch) => record.dek_epoch = *epoch,
            Self::Account(from) => record.account = source(*from).account,
            Self::Tag(from) => record.tag.clone_from(&source(*from).tag),
            Self::Wrap { list, at, changes } => {
                if let Some(wrap) = list.wrap(record, *at) {
                    *wrap = Sealed::from_received(changed(wrap.as_bytes(), changes)).unwrap_or_else(|_| wrap.clone());
                }
            }
            Self::Params { at, iterations, salt } => {
                let iterations = 99_999 + u32::from(*iterations);
                let params = KdfParams::new(KdfParams::PBKDF2_HMAC_SHA256, iterations, &[*salt; 32]);
                if let Ok(params) = params {
                    with(&mut record.passwords, *at, |wrap| wrap.params = params);
                }
            }
            Self::Auth { at } => with(&mut record.passwords, *at, |wrap| wrap.auth = Some(Hash::of(b"other"))),
            Self::Withhold { list: List::Phrases, at } => {
                with(&mut record.phrases, *at, |wrap| withhold(&mut wrap.wrap))
            }
            Self::Withhold { at, .. } => with(&mut record.passwords, *at, |wrap| withhold(&mut wrap.wrap)),
            Self::PublicKey { at } => with(&mut record.phrases, *at, |wrap| wrap.public_key[0] ^= 1),
            Self::WrapId { at, id } => with(&mut record.passwords, *at, |wrap| wrap.id = Id::from_bytes([*id; 16])),
            Self::PreviousEpoch { at, epoch } => with(&mut record.previous, *at, |wrap| wrap.epoch = (*epoch).into()),
            Self::IdentityEpoch { at, epoch } => {
                with(&mut record.identities, *at, |wrap| wrap.dek_epoch = (*epoch).into());
            }
            Self::HistoryMs { at, ms } => with(&mut record.history, *at, |entry| entry.ms = (*ms).into()),
        }
    }
}

impl List {
    fn edit(self, record: &mut AccountRecord, from: &AccountRecord, how: &How) {
        match self {
            Self::Passwords => how.edit(&mut record.passwords, &from.passwords),
            Self::Phrases => how.edit(&mut record.phrases, &from.phrases),
            Self::Previous => how.edit(&mut record.previous, &from.previous),
            Self::Identities => how.edit(&mut record.identities, &from.identities),
            Self::History => how.edit(&mut record.history, &from.history),
        }
    }

    fn wrap(self, record: &mut AccountRecord, at: u8) -> Option<&mut Sealed> {
        match self {
            Self::Passwords => place(&mut record.passwords, at).and_then(|wrap| held(&mut wrap.wrap)),
            Self::Phrases => place(&mut record.phrases, at).and_then(|wrap| held(&mut wrap.wrap)),
            Self::Previous => place(&mut record.previous, at).map(|wrap| &mut wrap.wrap),
            Self::Identities => place(&mut record.identities, at).map(|wrap| &mut wrap.wrap),
            Self::History => None,
        }
    }
}

impl How {
    fn edit<T: Clone>(&self, list: &mut Vec<T>, other: &[T]) {
        let len = list.len();
        let within = |at: u8, len: usize| (len > 0).then(|| usize::from(at) % len);
        match *self {
            Self::Drop(at) => drop(within(at, len).map(|at| list.remove(at))),
            Self::Double(at) => list.extend(within(at, len).map(|at| list[at].clone()).into_iter().collect::<Vec<_>>()),
            Self::Swap(one, two) => drop(within(one, len).zip(within(two, len)).map(|(one, two)| list.swap(one, two))),
            Self::Exchange(at) => {
                if let Some((here, there)) = within(at, len).zip(within(at, other.len())) {
                    list[here] = other[there].clone();
                }
            }
            Self::Add(at) => list.extend(within(at, other.len()).map(|at| other[at].clone())),
            Self::Clear => list.clear(),
        }
    }
}

fn place<T>(list: &mut [T], at: u8) -> Option<&mut T> {
    let len = list.len();
    list.get_mut(usize::from(at) % len.max(1))
}

fn held(wrap: &mut Wrap) -> Option<&mut Sealed> {
    match wrap {
        Wrap::Held(sealed) => Some(sealed),
        Wrap::Withheld(_) => None,
    }
}

fn withhold(wrap: &mut Wrap) {
    *wrap = Wrap::Withheld(wrap.hash());
}

fn with<T>(list: &mut [T], at: u8, change: impl FnOnce(&mut T)) {
    if let Some(found) = place(list, at) {
        change(found);
    }
}

fn source(from: u8) -> &'static AccountRecord {
    let versions = &WORLD.versions;
    versions.get(usize::from(from) % (versions.len() + 1)).unwrap_or(&WORLD.mallory).record()
}

fn identity(person: &Person) -> Identity {
    hazmat::identity(&person.pkcs8, &person.seed).expect("an identity")
}
