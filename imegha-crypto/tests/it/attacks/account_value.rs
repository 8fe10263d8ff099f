//! The account as one value, served by a malicious platform, and through every change.

use imegha_crypto::hazmat::{self, RawKey as _};
use imegha_crypto::{
    Account, AccountRecord, Email, Error, Fingerprint, Hash, Id, Identity, KdfParams, KeyHistoryEntry, LastSeen, Login,
    Password, RecoveryPhrase, RecoveryPublicKey, RecoveryStatement, Sealed,
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

/// The old password and the old words after a change. Turns red when `drop_other_passwords` or `drop_other_phrases` keeps
/// more than one, without each of the three refusals of `drop_other_passwords`, when `opened_with` leaves `opened_by` as it was, and,
/// for a record served again, without the comparison of versions in `Account::open`.
#[test]
fn a30_old_password_and_phrase() {
    let (first, old_phrase) = account("alice");
    let (old, new) = (login("alice", "one"), login("alice", "two"));
    let both = first.change_password(&new).unwrap();
    for login in [&old, &new] {
        assert!(Account::unlock(both.record(), login, None).is_ok(), "control: while it is under way, both open");
    }
    // Whoever changed it, or unlocked with the new one, drops the old one; a device that knows the old one alone does not undo it.
    let reopened = Account::unlock(both.record(), &new, None).unwrap();
    for value in [&reopened, &both] {
        let changed = value.drop_other_passwords().unwrap();
        assert!(Account::unlock(changed.record(), &new, None).is_ok(), "control");
        assert_eq!(Account::unlock(changed.record(), &old, None).unwrap_err(), Error::CannotOpen);
    }
    let elsewhere = Account::unlock(both.record(), &old, None).unwrap();
    assert_eq!(elsewhere.drop_other_passwords().unwrap_err(), Error::Key);
    let changed = both.drop_other_passwords().unwrap();
    // The same for another address: what is kept is of the address that the record names.
    let other = Login::derive(&Password::parse("two").unwrap(), &email("anna"), &params(5, 100_000)).unwrap();
    let moved = changed.change_email(&other).unwrap();
    assert!(Account::unlock(moved.drop_other_passwords().unwrap().record(), &other, None).is_ok(), "control");
    let elsewhere = Account::unlock(moved.record(), &new, None).unwrap();
    assert_eq!(elsewhere.drop_other_passwords().unwrap_err(), Error::Key);
    let mut reordered = moved.record().clone();
    reordered.passwords.reverse();
    let elsewhere = Account::unlock(&reordered, &new, None).unwrap();
    assert_eq!(elsewhere.drop_other_passwords().unwrap_err(), Error::Email, "the order is not signed");

    let (both, new_phrase) = changed.replace_phrase().unwrap();
    for phrase in [&old_phrase, &new_phrase] {
        assert!(Account::unlock_with_phrase(both.record(), phrase, None).is_ok(), "control");
    }
    let strangers = RecoveryPhrase::generate().unwrap();
    assert_eq!(both.drop_other_phrases(&strangers).unwrap_err(), Error::CannotOpen);
    let replaced = both.drop_other_phrases(&new_phrase).unwrap();
    assert!(Account::unlock_with_phrase(replaced.record(), &new_phrase, None).is_ok(), "control");
    assert_eq!(Account::unlock_with_phrase(replaced.record(), &old_phrase, None).unwrap_err(), Error::CannotOpen);

    // The platform serves the record as it was: who has the old password opens it, but not on a device that saw more.
    let seen = replaced.last_seen();
    assert_eq!(Account::unlock(first.record(), &old, Some(&seen)).unwrap_err(), Error::Signature);
    assert!(Account::unlock(replaced.record(), &new, Some(&seen)).is_ok(), "control");
    let by_phrase = Account::unlock_with_phrase(replaced.record(), &new_phrase, None).unwrap();
    assert_eq!(by_phrase.drop_other_passwords().unwrap_err(), Error::Key, "words opened it");
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
    record.passwords[0].auth = Hash::of(b"x");
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
    let (params, auth) = (params(1, 100_000), Hash::of(b"x"));
    record.passwords.push(imegha_crypto::PasswordWrap { id: wrap.id, params, auth, wrap: wrap.wrap });
    assert_eq!(record.statement(), both.record().statement(), "control: the same is signed");
    let opened = Account::unlock(&record, &new, None).unwrap();
    assert_eq!(opened.drop_other_passwords().unwrap_err(), Error::Key);
    let old = Account::unlock_with_phrase(&record, &words, None).unwrap_err();
    assert_eq!(old, Error::CannotOpen, "as if it were not served");
}

/// Two devices change the account at once, and both have signed a version of the same number: a device that saw the one that the
/// platform took is not shown the other. Turns red without the comparison of statements in `Account::open`.
#[test]
fn a66_another_record_of_the_same_version() {
    let (account, _) = account("alice");
    let (one, two) = (login("alice", "two"), login("alice", "three"));
    let taken = account.change_password(&one).unwrap().drop_other_passwords().unwrap();
    let other = account.change_password(&two).unwrap().change_password(&login("alice", "four")).unwrap();
    assert_eq!(taken.record().version, other.record().version, "control");
    let seen = taken.last_seen();
    assert!(Account::unlock(taken.record(), &one, Some(&seen)).is_ok(), "control");
    assert!(
        Account::unlock(other.record(), &login("alice", "one"), None).is_ok(),
        "control: it is signed, and the old one opens it"
    );
    assert_eq!(Account::unlock(other.record(), &login("alice", "one"), Some(&seen)).unwrap_err(), Error::Signature);
}

/// Everything anew after a device was lost: what it holds opens neither the new DEK nor the new identity, and neither an old login
/// nor old words are taken into the new epoch. Turns red when `with_dek` keeps the DEK or a wrap of it, and without `known` there, of
/// login or words, for either list.
#[test]
fn a30_what_a_lost_device_holds() {
    let (lost, old_phrase) = account("alice");
    let (old, new, phrase) = (login("alice", "one"), login("alice", "two"), RecoveryPhrase::generate().unwrap());
    let keys = phrase.derive_keys();
    let identity = || Identity::generate().unwrap();
    assert_eq!(lost.renew(&old, &keys, identity(), 2).unwrap_err(), Error::Key, "the password that was seen");
    assert_eq!(
        lost.renew(&new, &old_phrase.derive_keys(), identity(), 2).unwrap_err(),
        Error::Key,
        "the words that were"
    );
    assert_eq!(lost.change_dek(&old, &keys).unwrap_err(), Error::Key);
    // The platform says that another secret belongs to the wrap, or that it is one of the words': what opens it is old all the same.
    let (mut hidden, mut moved) = (lost.record().clone(), lost.change_password(&new).unwrap().record().clone());
    hidden.passwords[0].auth = Hash::of(b"x");
    let wrap = moved.passwords.remove(0);
    moved.phrases.insert(0, imegha_crypto::PhraseWrap { id: wrap.id, public_key: [9; 32], wrap: wrap.wrap });
    for record in [hidden, moved] {
        let by_words = Account::unlock_with_phrase(&record, &old_phrase, None).unwrap();
        assert_eq!(by_words.renew(&old, &keys, identity(), 2).unwrap_err(), Error::Key);
        let third = login("alice", "three");
        assert!(by_words.renew(&third, &keys, identity(), 2).is_ok(), "control");
    }

    let renewed = lost.renew(&new, &keys, identity(), 2).unwrap();
    assert_eq!(renewed.record().version, 2, "one version");
    assert_eq!((renewed.record().passwords.len(), renewed.record().phrases.len()), (1, 1));
    let opened = Account::unlock(renewed.record(), &new, Some(&lost.last_seen())).unwrap();
    assert_eq!(opened.identity().public(), renewed.history().current(), "control");
    assert!(Account::unlock_with_phrase(renewed.record(), &phrase, None).is_ok(), "control");
    assert_eq!(opened.previous_dek(1), Some(lost.dek()), "control: what is old stays readable");
    assert!(opened.open_earlier_identity(&lost.identity().fingerprint()).is_ok(), "control");
    // The lost device has the old DEK, and everything that the platform serves.
    let current = opened.identity().fingerprint();
    for wrap in &renewed.record().identities {
        let opens = Identity::unwrap(&wrap.wrap, lost.dek(), lost.id(), wrap.dek_epoch, &wrap.fingerprint).is_ok();
        assert!(!opens || wrap.fingerprint != current);
    }
    assert_eq!(Account::unlock(renewed.record(), &old, None).unwrap_err(), Error::CannotOpen);
    assert_eq!(Account::unlock_with_phrase(renewed.record(), &old_phrase, None).unwrap_err(), Error::CannotOpen);
    // Against a mere change of identity, which is wrapped under the DEK as it is.
    let changed = lost.change_identity(identity(), 2).unwrap();
    let wrap = changed.record().identities.last().unwrap();
    assert!(
        Identity::unwrap(&wrap.wrap, lost.dek(), lost.id(), 1, &wrap.fingerprint).is_ok(),
        "control: that is not enough"
    );
}

/// Killed at every step of a change, and the change made again. Whichever of two versions the platform has, what the person knows
/// opens the same DEK, and the newest password drops the older ones. Turns red when `Account::unlock` or `unlock_with_password`
/// tries the oldest wrap first: the same password then opens an older wrap, which drops nothing.
#[test]
fn a29_a_change_that_was_killed_and_made_again() {
    let (account, phrase) = account("alice");
    let (old, new) = (login("alice", "one"), login("alice", "two"));
    let opens = |record: &AccountRecord, login: &Login| {
        let opened = Account::unlock(record, login, None).unwrap();
        assert_eq!(opened.dek(), account.dek());
        opened
    };
    // The platform took it and the device never heard: the old one still signs in, and changes it again.
    let unheard = account.change_password(&new).unwrap();
    let again = opens(unheard.record(), &old).change_password(&new).unwrap();
    let recovered = Account::recover(unheard.record(), &phrase, &new, ORIGIN, &[7; 32], None).unwrap().0;
    for changed in [&unheard, &again, &recovered] {
        assert_eq!(Account::unlock_with_phrase(changed.record(), &phrase, None).unwrap().dek(), account.dek());
        opens(changed.record(), &old);
        let dropped = opens(changed.record(), &new).drop_other_passwords().unwrap();
        opens(dropped.record(), &new);
        assert_eq!(Account::unlock(dropped.record(), &old, None).unwrap_err(), Error::CannotOpen);
    }
    // The same password with stronger parameters, or moved to another address and back; a device that remembers nothing.
    let password = Password::parse("one").unwrap();
    let with = |name: &str, salt: u8, iterations: u32| {
        Login::derive(&password, &email(name), &params(salt, iterations)).unwrap()
    };
    let strong = account.change_kdf(&with("alice", 2, 100_001)).unwrap();
    let away = account.change_email(&with("anna", 2, 100_000)).unwrap();
    let back = away.change_email(&with("alice", 3, 100_000)).unwrap();
    for changed in [strong, back] {
        let newest = changed.record().passwords.last().unwrap().clone();
        let opened = Account::unlock_with_password(changed.record(), &password, &email("alice"), None).unwrap();
        assert_eq!(opened.dek(), account.dek());
        assert_eq!(opened.drop_other_passwords().unwrap().record().passwords, [newest]);
    }
}

/// A password changed again and again, and none dropped: who has the words alone can drop none either, and is not shut out. Turns
/// red without `check_place`.
#[test]
fn a29_a_place_is_left_for_a_recovery() {
    let (mut full, phrase) = account("alice");
    while let Ok(more) = full.change_password(&login("alice", "more")) {
        full = more;
    }
    assert_eq!(full.change_password(&login("alice", "more")).unwrap_err(), Error::Bounds);
    let new = login("alice", "two");
    let recovered = Account::recover(full.record(), &phrase, &new, ORIGIN, &[7; 32], None).unwrap().0;
    let dropped = recovered.drop_other_passwords().unwrap();
    assert!(Account::unlock(dropped.record(), &new, None).is_ok());
    assert_eq!(Account::unlock(dropped.record(), &login("alice", "more"), None).unwrap_err(), Error::CannotOpen);
}

/// A new identity and a new epoch, served with the older history, or without what leads back. Turns red without
/// `history.contains` in `Account::open`, and without the epochs in `previous_of`.
#[test]
fn a33_a_new_identity_and_a_new_epoch() {
    let (account, old_phrase) = account("alice");
    let (old, new) = (login("alice", "one"), login("alice", "two"));
    let next = account.change_identity(Identity::generate().unwrap(), 2).unwrap();
    assert_eq!(next.history().first().fingerprint(), account.identity().fingerprint(), "control");
    let seen = next.last_seen();
    assert!(Account::unlock(next.record(), &old, Some(&seen)).is_ok(), "control");
    let mut rolled_back = account.record().clone();
    rolled_back.version = 9;
    rolled_back.signature = rolled_back.statement().unwrap().sign(account.identity());
    assert!(Account::unlock(&rolled_back, &old, None).is_ok(), "signed by who has the lost device");
    assert_eq!(Account::unlock(&rolled_back, &old, Some(&seen)).unwrap_err(), Error::Signature);
    let others = LastSeen { account: Id::ZERO, ..seen };
    assert_eq!(Account::unlock(next.record(), &old, Some(&others)).unwrap_err(), Error::Signature);

    let phrase = RecoveryPhrase::generate().unwrap();
    let mut later = next.change_dek(&new, &phrase.derive_keys()).unwrap();
    let (new, phrase) = (login("alice", "three"), RecoveryPhrase::generate().unwrap());
    later = later.change_dek(&new, &phrase.derive_keys()).unwrap();
    let opened = Account::unlock(later.record(), &new, None).unwrap();
    assert_eq!(opened.previous_dek(1), Some(account.dek()), "what is old stays readable");
    assert_eq!(opened.record().dek_epoch, 3);
    let earlier = opened.open_earlier_identity(&account.identity().fingerprint()).unwrap();
    assert_eq!(earlier.public(), account.identity().public());
    let unknown = opened.open_earlier_identity(&Fingerprint::from_bytes([0; 32]));
    assert_eq!(unknown.unwrap_err(), Error::CannotOpen);
    assert!(Account::unlock_with_phrase(later.record(), &phrase, None).is_ok(), "control");
    assert_eq!(Account::unlock(later.record(), &old, None).unwrap_err(), Error::CannotOpen);
    assert_eq!(Account::unlock_with_phrase(later.record(), &old_phrase, None).unwrap_err(), Error::CannotOpen);
    let mut without = later.record().clone();
    without.previous.remove(0);
    assert_eq!(Account::unlock(&without, &new, None).unwrap_err(), Error::CannotOpen);
    let mut exchanged = later.record().clone();
    (exchanged.previous[0].epoch, exchanged.previous[1].epoch) = (2, 1);
    assert_eq!(Account::unlock(&exchanged, &new, None).unwrap_err(), Error::CannotOpen);
    let mut absurd = later.record().clone();
    absurd.dek_epoch = u32::MAX;
    assert_eq!(Account::unlock(&absurd, &new, None).unwrap_err(), Error::CannotOpen);
}

/// A recovery's statement for another platform, challenge, password or account. Turns red without the parts of
/// `RecoveryStatement::label`.
#[test]
fn a28_a_recovery_is_signed_for_one_platform_and_challenge() {
    let (account, phrase) = account("alice");
    let key = RecoveryPublicKey::parse(&account.record().phrases[0].public_key).unwrap();
    let new = login("alice", "two");
    let (recovered, signature) =
        Account::recover(account.record(), &phrase, &new, ORIGIN, &[7; 32], Some(&account.last_seen())).unwrap();
    let wrap = &recovered.record().passwords[1];
    let statement = RecoveryStatement {
        account: *account.id(),
        origin: ORIGIN,
        challenge: &[7; 32],
        new_auth: new.auth().hash(),
        new_wrap: wrap.wrap.hash(),
    };
    assert_eq!(statement.verify(&key, &signature), Ok(()), "control");
    assert!(Account::unlock(recovered.record(), &new, None).is_ok(), "control");
    for changed in [
        RecoveryStatement { account: Id::ZERO, ..statement },
        RecoveryStatement { origin: "https://evil.example", ..statement },
        RecoveryStatement { challenge: &[8; 32], ..statement },
        RecoveryStatement { new_auth: login("alice", "one").auth().hash(), ..statement },
        RecoveryStatement { new_wrap: account.record().passwords[0].wrap.hash(), ..statement },
    ] {
        assert_eq!(changed.verify(&key, &signature), Err(Error::Signature), "{changed:?}");
    }
    let strangers = RecoveryPhrase::generate().unwrap();
    assert_eq!(statement.verify(&key, &statement.sign(&strangers.derive_keys())), Err(Error::Signature));
    let refused = Account::recover(account.record(), &strangers, &new, ORIGIN, &[7; 32], None);
    assert_eq!(refused.unwrap_err(), Error::CannotOpen);
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
