//! The account as one value, served by a malicious platform.

mod changes;

use imegha_crypto::hazmat::{self, RawKey as _};
use imegha_crypto::{
    Account, AccountRecord, Email, Error, Hash, Identity, KdfParams, KeyHistoryEntry, LastSeen, Login, Password,
    RecoveryPhrase, Sealed, Wrap,
};

/// Another account's wraps, the phrase's wrap in the password's place, changed parameters, an address that is another's.
/// Turns red without the parts of `by_password` and `by_recovery`, when `check_bounds` lets a list be empty, and without the
/// comparison of public keys in `open_by_phrase`.
#[test]
fn a23_an_account_of_exchanged_wraps() {
    let (alice, phrase) = account("alice");
    let (bob, bobs_phrase) = account("bob");
    let unlock = |record: &AccountRecord| Account::unlock(record, &login("alice", "one"), None).map(|_| ());
    let by_phrase = |record: &AccountRecord| Account::unlock_with_phrase(record, &phrase, None).map(|_| ());
    assert_eq!(unlock(alice.record()), Ok(()), "control");
    assert_eq!(by_phrase(alice.record()), Ok(()), "control");
    let with = |change: &dyn Fn(&mut AccountRecord)| {
        let mut record = alice.record().clone();
        change(&mut record);
        record
    };
    let bobs = with(&|record| record.passwords[0].wrap = bob.record().passwords[0].wrap.clone());
    let swapped = with(&|record| record.passwords[0].wrap = record.phrases[0].wrap.clone());
    let stronger = with(&|record| record.passwords[0].params = params(9, 200_000));
    let other_account = with(&|record| record.account = *bob.id());
    let other_epoch = with(&|record| record.dek_epoch = 2);
    for record in [&bobs, &swapped, &stronger, &other_account, &other_epoch] {
        assert_eq!(unlock(record), Err(Error::CannotOpen));
    }
    // Which list a wrap stands in is not signed: here the password's wrap is moved to the phrases, before the real one, and the
    // statement is the same. An account without a password would be one that nothing can be said of.
    let moved = with(&|record| {
        let wrap = record.passwords.remove(0);
        let phrase = imegha_crypto::PhraseWrap { id: wrap.id, public_key: [9; 32], wrap: wrap.wrap };
        record.phrases.insert(0, phrase);
    });
    assert_eq!(moved.statement(), alice.record().statement(), "control: the same is signed");
    assert_eq!(by_phrase(&moved), Err(Error::Malformed));
    assert_eq!(unlock(&moved), Err(Error::Malformed));
    // The words' wrap beside another public key, which a drop of the others would sign.
    let (both, _) = alice.replace_phrase().unwrap();
    let mut beside = both.record().clone();
    beside.phrases[0].public_key = [9; 32];
    assert!(Account::unlock_with_phrase(both.record(), &phrase, None).is_ok(), "control");
    assert_eq!(by_phrase(&beside), Err(Error::CannotOpen));
    let opened = Account::unlock(&beside, &login("alice", "one"), None).unwrap();
    assert_eq!(opened.drop_other_phrases(&phrase).unwrap_err(), Error::CannotOpen);
    let bobs = with(&|record| record.phrases[0].wrap = bob.record().phrases[0].wrap.clone());
    let swapped = with(&|record| record.phrases[0].wrap = record.passwords[0].wrap.clone());
    for record in [&bobs, &swapped, &other_account, &other_epoch] {
        assert_eq!(by_phrase(record), Err(Error::CannotOpen));
    }
    assert_eq!(Account::unlock_with_phrase(alice.record(), &bobs_phrase, None).unwrap_err(), Error::CannotOpen);
    let (password, email) = (Password::parse("one").unwrap(), email("bob"));
    let as_bob = Account::unlock_with_password(alice.record(), &password, &email, None);
    assert_eq!(as_bob.unwrap_err(), Error::CannotOpen);
    // A record with so many wraps that deriving for each would keep a device busy.
    let many = with(&|record| {
        for at in 0..9 {
            let mut wrap = record.passwords[0].clone();
            wrap.params = params(at, KdfParams::MAX_ITERATIONS);
            record.passwords.push(wrap);
        }
    });
    let busy = Account::unlock_with_password(&many, &password, &email, None);
    assert_eq!(busy.unwrap_err(), Error::Malformed);
}

/// 10,000 mutations of the wrapped identity, half of them behind the seal by somebody who has the DEK: one error. Turns red
/// without the tag of the seal, and, behind it, without the comparisons of `rsa::public_of` and of the fingerprint in
/// `Identity::unwrap`.
#[test]
fn a25_mutations_of_the_wrapped_identity() {
    let (account, _) = account("alice");
    let (dek, id) = (account.dek(), account.id());
    let fingerprint = account.identity().fingerprint();
    let wrap = &account.record().identities[0].wrap;
    let unwrap = |bytes: Vec<u8>| {
        let wrap = Sealed::from_received(bytes).map_err(|_| Error::CannotOpen)?;
        Identity::unwrap(&wrap, dek, id, 1, &fingerprint).map(|_| ())
    };
    assert_eq!(unwrap(wrap.as_bytes().to_vec()), Ok(()), "control");
    let context =
        hazmat::label("wrap/identity", &[id.as_bytes().as_slice(), &1_u32.to_be_bytes(), fingerprint.as_bytes()]);
    let payload = hazmat::open(dek.raw(), &context, wrap.as_bytes()).unwrap();
    let mut random = Random(7);
    let mut refused = 0;
    for round in 0..5_000 {
        let mutated = random.mutate(wrap.as_bytes());
        if mutated != wrap.as_bytes() {
            assert_eq!(unwrap(mutated), Err(Error::CannotOpen), "outside {round}");
            refused += 1;
        }
        let mutated = random.mutate(&payload);
        if mutated != payload[..] {
            let sealed = hazmat::seal_with_salt(dek.raw(), &context, &mutated, [1; 24]).unwrap();
            assert_eq!(unwrap(sealed), Err(Error::CannotOpen), "inside {round}");
            refused += 1;
        }
    }
    assert!(refused > 9_900, "{refused}");
    let sealed = hazmat::seal_with_salt(dek.raw(), &context, &payload, [1; 24]).unwrap();
    assert_eq!(unwrap(sealed), Ok(()), "control: sealed again unchanged");
}

/// The platform serves its own public keys, with a history that holds. Turns red without the fingerprint in the context of
/// `Identity::unwrap` and its comparison there, either of which stops it.
#[test]
fn a26_an_account_with_foreign_public_keys() {
    let (alice, _) = account("alice");
    let mallory = Identity::generate().unwrap();
    let mut record = alice.record().clone();
    record.history = vec![KeyHistoryEntry::first(&mallory, alice.id(), "alice", 1)];
    record.signature = record.statement().unwrap().sign(&mallory);
    let unlock = |record: &AccountRecord| Account::unlock(record, &login("alice", "one"), None).map(|_| ());
    assert_eq!(unlock(alice.record()), Ok(()), "control");
    assert_eq!(unlock(&record), Err(Error::CannotOpen));
    record.identities[0].fingerprint = mallory.fingerprint();
    assert_eq!(unlock(&record), Err(Error::CannotOpen));
    // A history that does not hold, or under another tag.
    let mut record = alice.record().clone();
    record.tag = "mallory".to_owned();
    assert_eq!(unlock(&record), Err(Error::Signature));
    record.history.clear();
    assert_eq!(unlock(&record), Err(Error::Signature));
}

/// Parameters and addresses through the changes: never weaker, never mixed up. Turns red without either call of `check_params`,
/// either comparison of `check_strength` or a call of it, and when `strongest` is not taken from `LastSeen`, or not from the login
/// that opened.
#[test]
fn a20_an_account_is_never_weakened() {
    let (account, phrase) = account("alice");
    let seen = account.last_seen();
    let weaker = LastSeen { params: Some(params(1, 100_001)), ..account.last_seen() };
    let unlock = |seen| Account::unlock(account.record(), &login("alice", "one"), Some(seen)).map(|_| ());
    assert_eq!(unlock(&seen), Ok(()), "control");
    let first = Account::unlock(account.record(), &login("alice", "one"), None).unwrap();
    assert_eq!(first.last_seen().params, Some(params(1, 100_000)), "what opened is remembered");
    assert_eq!(unlock(&weaker), Err(Error::Params), "the device saw a stronger one");
    let typed = Password::parse("one").unwrap();
    let unlocked = Account::unlock_with_password(account.record(), &typed, &email("alice"), Some(&weaker));
    assert_eq!(unlocked.unwrap_err(), Error::Params);

    let with = |name: &str, salt: u8, iterations: u32| {
        Login::derive(&Password::parse("two").unwrap(), &email(name), &params(salt, iterations)).unwrap()
    };
    let strong = account.change_kdf(&with("alice", 2, 150_000)).unwrap();
    assert_eq!(strong.last_seen().params, Some(params(2, 150_000)), "control");
    // While both are there, the device that made the change goes on with the stronger alone, and is not locked out by the other.
    let two = Password::parse("two").unwrap();
    let again =
        Account::unlock_with_password(strong.record(), &two, &email("alice"), Some(&strong.last_seen())).unwrap();
    assert_eq!(again.drop_other_passwords().unwrap().record().passwords[0].params, params(2, 150_000));
    let mut reordered = strong.record().clone();
    reordered.passwords.reverse();
    let again = Account::unlock_with_password(&reordered, &two, &email("alice"), Some(&strong.last_seen()));
    assert!(again.is_ok(), "the weaker is passed over wherever it stands");
    assert!(
        Account::unlock(strong.record(), &login("alice", "one"), Some(&seen)).is_ok(),
        "control: another device, the old one"
    );
    let weaker = Account::unlock(strong.record(), &login("alice", "one"), Some(&strong.last_seen()));
    assert_eq!(weaker.unwrap_err(), Error::Params);
    // Words open whatever the platform says of the password. What it says is not believed, neither down nor up.
    let mut rewritten = strong.record().clone();
    for (salt, iterations) in [(1, 100_000), (1, 10_000_000)] {
        rewritten.passwords.iter_mut().for_each(|wrap| wrap.params = params(salt, iterations));
        let by_words = Account::unlock_with_phrase(&rewritten, &phrase, Some(&strong.last_seen())).unwrap();
        assert_eq!(by_words.last_seen().params, Some(params(2, 150_000)));
        assert_eq!(Account::unlock_with_phrase(&rewritten, &phrase, None).unwrap().last_seen().params, None);
    }
    rewritten.passwords.iter_mut().for_each(|wrap| wrap.params = params(1, 100_000));
    let recover = |login: &Login, seen: Option<&LastSeen>| {
        Account::recover(&rewritten, &phrase, login, ORIGIN, &[7; 32], seen).map(|_| ())
    };
    assert_eq!(recover(&with("alice", 3, 150_000), Some(&strong.last_seen())), Ok(()), "control");
    assert_eq!(recover(&with("alice", 3, 149_999), Some(&strong.last_seen())), Err(Error::Params));
    let by_words = Account::unlock_with_phrase(&rewritten, &phrase, Some(&strong.last_seen())).unwrap();
    assert_eq!(by_words.change_password(&login("alice", "new")).unwrap_err(), Error::Params);
    for weaker in [with("alice", 3, 149_999), with("alice", 2, 150_000)] {
        assert_eq!(strong.change_kdf(&weaker).unwrap_err(), Error::Params, "fewer iterations, or a salt again");
        let elsewhere = strong.change_kdf(&with("bob", 3, 150_000));
        assert_eq!(elsewhere.unwrap_err(), Error::Email);
    }
    assert_eq!(strong.change_email(&with("bob", 3, 149_999)).unwrap_err(), Error::Params);
    assert_eq!(strong.change_email(&with("alice", 3, 150_000)).unwrap_err(), Error::Email);
    assert_eq!(strong.change_password(&login("alice", "two")).unwrap_err(), Error::Params, "the older parameters");
    assert_eq!(strong.change_password(&with("bob", 2, 150_000)).unwrap_err(), Error::Email);
    let keys = phrase.derive_keys();
    assert_eq!(strong.change_dek(&with("alice", 3, 149_999), &keys).unwrap_err(), Error::Params);
    assert_eq!(strong.change_dek(&with("bob", 3, 150_000), &keys).unwrap_err(), Error::Email);
    let recovered =
        |login: &Login| Account::recover(strong.record(), &phrase, login, ORIGIN, &[7; 32], None).map(|_| ());
    assert_eq!(recovered(&with("alice", 3, 150_000)), Ok(()), "control");
    assert_eq!(recovered(&with("alice", 3, 149_999)), Err(Error::Params));
    assert_eq!(recovered(&with("bob", 3, 150_000)), Err(Error::Email));

    let moved = strong.change_email(&with("bob", 3, 150_000)).unwrap();
    assert_eq!(moved.record().email, email("bob"));
    for name in ["alice", "bob"] {
        let opened =
            Account::unlock_with_password(moved.record(), &Password::parse("two").unwrap(), &email(name), None);
        assert_eq!(opened.unwrap().dek(), account.dek(), "control: under both addresses until the drop");
    }
    let mut full = moved;
    while full.record().passwords.len() < AccountRecord::MAX_WRAPS - 1 {
        let salt = full.record().passwords.len() as u8 + 10;
        full = full.change_kdf(&with("bob", salt, 150_000)).unwrap();
    }
    assert_eq!(full.change_kdf(&with("bob", 99, 150_000)).unwrap_err(), Error::Bounds);
}

/// A statement of the keys that was changed: a wrap added, dropped, exchanged, an older version, another phrase. Turns red
/// without `record.verify` in `Account::open`.
#[test]
fn a66_a_record_that_its_identity_did_not_sign() {
    let (account, _) = account("alice");
    let second = account.change_password(&login("alice", "two")).unwrap();
    let unlock = |record: &AccountRecord| Account::unlock(record, &login("alice", "one"), None).map(|_| ());
    assert_eq!(unlock(second.record()), Ok(()), "control");
    let changes: [&dyn Fn(&mut AccountRecord); 7] = [
        &|record| record.version += 1,
        &|record| record.version = 1,
        &|record| record.passwords.truncate(1),
        &|record| record.passwords.push(record.passwords[0].clone()),
        &|record| record.passwords[1].wrap = account.record().phrases[0].wrap.clone(),
        &|record| record.phrases[0].public_key = [9; 32],
        &|record| {
            let (one, two) = (record.passwords[0].id, record.passwords[1].id);
            (record.passwords[0].id, record.passwords[1].id) = (two, one);
        },
    ];
    for (at, change) in changes.iter().enumerate() {
        let mut record = second.record().clone();
        change(&mut record);
        assert_eq!(unlock(&record), Err(Error::Signature), "{at}");
    }
    let mut record = second.record().clone();
    record.phrases.clear();
    assert_eq!(unlock(&record), Err(Error::Malformed));
    let mut record = second.record().clone();
    record.passwords[0].auth = Some(Hash::of(b"x"));
    assert_eq!(unlock(&record), Err(Error::CannotOpen));
}

/// A wrap moved into the other list while neither is empty: what is signed is the same, and it opens. Nothing is kept or dropped by the
/// platform's word. Turns red without the comparison of ids in `drop_other_passwords`, and without the opening in `open_by_phrase`.
#[test]
fn a66_a_wrap_in_the_other_list() {
    let (account, words) = account("alice");
    let new = login("alice", "two");
    let both = account.change_password(&new).unwrap().replace_phrase().unwrap().0;
    let kept = &both.record().phrases[..1];
    let opened = Account::unlock(both.record(), &new, None).unwrap();
    assert_eq!(opened.drop_other_passwords().unwrap().record().passwords.len(), 1, "control");
    assert_eq!(opened.drop_other_phrases(&words).unwrap().record().phrases, kept, "control");
    // The old password's wrap among the phrases, beside the public key of the words that are kept.
    let mut record = both.record().clone();
    let wrap = record.passwords.remove(0);
    let moved = imegha_crypto::PhraseWrap { id: wrap.id, public_key: kept[0].public_key, wrap: wrap.wrap };
    record.phrases.insert(0, moved);
    assert_eq!(record.statement(), both.record().statement(), "control: the same is signed");
    let by_words = Account::unlock_with_phrase(&record, &words, None).unwrap();
    assert_eq!(by_words.drop_other_phrases(&words).unwrap().record().phrases, kept);
    // A phrase's wrap as the newest password, of whatever secret the platform likes.
    let mut record = both.record().clone();
    let wrap = record.phrases.remove(0);
    let (params, auth) = (params(1, 100_000), Some(Hash::of(b"x")));
    record.passwords.push(imegha_crypto::PasswordWrap { id: wrap.id, params, auth, wrap: wrap.wrap });
    assert_eq!(record.statement(), both.record().statement(), "control: the same is signed");
    let opened = Account::unlock(&record, &new, None).unwrap();
    assert_eq!(opened.drop_other_passwords().unwrap_err(), Error::Key);
    let old = Account::unlock_with_phrase(&record, &words, None).unwrap_err();
    assert_eq!(old, Error::CannotOpen, "as if it were not served");
}

/// A record as a session sees it: the other wraps as their hashes. What is signed is the same, a change of it too, and a hash that is
/// not that of the wrap breaks it. Turns red when `Wrap::hash` of a withheld wrap is not the one that was signed.
#[test]
fn a66_a_record_whose_other_wraps_are_withheld() {
    let (alice, words) = account("alice");
    let new = login("alice", "two");
    let both = alice.change_password(&new).unwrap();
    let mut shown = both.record().clone();
    shown.passwords[0].wrap = Wrap::Withheld(shown.passwords[0].wrap.hash());
    shown.passwords[0].auth = None;
    let wrap = shown.phrases[0].wrap.held().unwrap().clone();
    shown.phrases[0].wrap = Wrap::Withheld(wrap.hash());
    let opened = Account::unlock(&shown, &new, Some(&both.last_seen())).unwrap();
    assert_eq!(Account::unlock(&shown, &login("alice", "one"), None).unwrap_err(), Error::CannotOpen, "withheld");
    assert_eq!(Account::unlock_with_phrase(&shown, &words, None).unwrap_err(), Error::CannotOpen, "withheld");
    let by_dek = Account::unlock_with_dek(&shown, alice.dek().clone(), Some(&both.last_seen())).unwrap();
    assert_eq!(by_dek.drop_other_passwords().unwrap_err(), Error::Key, "no password opened it");
    assert_eq!(Account::unlock_with_dek(&shown, account("bob").0.dek().clone(), None).unwrap_err(), Error::CannotOpen);
    let dropped = opened.drop_other_passwords().unwrap();
    dropped.record().verify(alice.identity().public()).unwrap();
    assert_eq!(dropped.record().passwords, both.record().passwords[1..]);
    // New words drop the old ones by their hash alone.
    let (phrases, new_words) = opened.replace_phrase().unwrap();
    assert_eq!(phrases.drop_other_phrases(&words).unwrap_err(), Error::CannotOpen, "what is withheld opens nothing");
    assert_eq!(phrases.drop_other_phrases(&new_words).unwrap().record().phrases.len(), 1);
    // The wrap itself, where another client has it.
    let mut held = shown.clone();
    held.hold_phrase(&wrap);
    assert!(Account::unlock_with_phrase(&held, &words, None).is_ok());
    held = shown.clone();
    held.hold_phrase(both.record().passwords[0].wrap.held().unwrap());
    assert_eq!(held, shown, "it is not that phrase's");
    // Another hash than that of the wrap, and a login that may be that of what is withheld.
    let mut lied = shown.clone();
    lied.passwords[0].wrap = Wrap::Withheld(Hash::of(b"x"));
    assert_eq!(Account::unlock(&lied, &new, None).unwrap_err(), Error::Signature);
    let fresh = RecoveryPhrase::generate().unwrap().derive_keys();
    assert_eq!(opened.change_dek(&login("alice", "one"), &fresh).unwrap_err(), Error::Key);
    let alone = Account::unlock(dropped.record(), &new, None).unwrap();
    assert_eq!(alone.change_dek(&login("alice", "three"), &words.derive_keys()).unwrap_err(), Error::Key);
    assert!(alone.change_dek(&login("alice", "three"), &fresh).is_ok(), "control");
}

fn account(name: &str) -> (Account, RecoveryPhrase) {
    let password = Password::parse("one").unwrap();
    Account::create(&password, &email(name), &params(1, 100_000), name, 1).unwrap()
}

fn login(name: &str, password: &str) -> Login {
    Login::derive(&Password::parse(password).unwrap(), &email(name), &params(1, 100_000)).unwrap()
}

fn email(name: &str) -> Email {
    Email::parse(&format!("{name}@example.com")).unwrap()
}

fn params(salt: u8, iterations: u32) -> KdfParams {
    KdfParams::new(KdfParams::PBKDF2_HMAC_SHA256, iterations, &[salt; 32]).unwrap()
}

const ORIGIN: &str = "https://imegha.example";

/// Numbers that are the same in every run.
struct Random(u64);

impl Random {
    /// splitmix64
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// A bit flipped, a byte set, a run cut out, repeated or zeroed, bytes put in, cut off or appended.
    fn mutate(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut mutated = bytes.to_vec();
        let at = self.below(bytes.len());
        let until = (at + 1 + self.below(64)).min(bytes.len());
        match self.below(8) {
            0 | 1 => mutated[at] ^= 1 << self.below(8),
            2 => mutated[at] = self.next() as u8,
            3 => drop(mutated.drain(at..until)),
            4 => mutated.extend_from_within(at..until),
            5 => mutated[at..until].fill(0),
            6 => mutated.insert(at, self.next() as u8),
            _ => mutated.truncate(at),
        }
        mutated
    }
}
