//! An account through its changes: what is old, lost, interrupted, or changed on two devices at once.

use imegha_crypto::{
    Account, AccountRecord, Error, Fingerprint, Hash, Id, Identity, LastSeen, Login, Password, RecoveryKeys,
    RecoveryPhrase, RecoveryPublicKey, RecoveryStatement, Wrap,
};

use super::{ORIGIN, account, email, login, params};

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
    hidden.passwords[0].auth = Some(Hash::of(b"x"));
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

/// Password and phrase were replaced one after the other, and the keys behind them after that: what the old ones opened opens nothing of
/// the new epoch. Turns red when `with_next_dek` keeps the DEK, or a wrap of it, and when `renew_behind` leaves the new identity to the DEK as
/// it was.
#[test]
fn a30_the_keys_behind_a_replaced_password_and_phrase() {
    let (seen, old_phrase) = account("alice");
    let (old, new) = (login("alice", "one"), login("alice", "two"));
    let (replaced, phrase) =
        seen.change_password(&new).unwrap().drop_other_passwords().unwrap().replace_phrase().unwrap();
    let replaced = replaced.drop_other_phrases(&phrase).unwrap();
    assert_eq!(replaced.dek(), seen.dek(), "control: by themselves the two leave the key as it is");
    let renewed = replaced.renew_behind(&new, &phrase.derive_keys(), Identity::generate().unwrap(), 9).unwrap();
    let record = renewed.record();
    assert_eq!((record.version, record.dek_epoch), (replaced.record().version + 1, 2), "one version");
    assert_eq!((record.passwords.len(), record.phrases.len(), record.previous.len()), (1, 1, 1));
    assert_eq!(record.passwords[0].auth, replaced.record().passwords[0].auth, "the proof is the same");
    assert_eq!(record.passwords[0].params, replaced.record().passwords[0].params);
    assert_eq!(record.phrases[0].public_key, replaced.record().phrases[0].public_key);

    // The password and the phrase open it, and all that was before.
    let by_password = Account::unlock(record, &new, Some(&replaced.last_seen())).unwrap();
    let by_words = Account::unlock_with_phrase(record, &phrase, Some(&replaced.last_seen())).unwrap();
    for opened in [&by_password, &by_words] {
        assert_eq!(opened.dek(), renewed.dek());
        assert_eq!(opened.previous_deks().collect::<Vec<_>>(), [(1, seen.dek())]);
        let earlier = opened.open_earlier_identity(&seen.identity().fingerprint()).unwrap();
        assert_eq!(earlier.public(), seen.identity().public());
    }
    assert_eq!(by_password.identity().public(), renewed.history().current());
    assert!(by_password.drop_other_passwords().is_ok(), "the newest opened it");

    // What was seen has the old DEK, and everything that the platform serves.
    assert_eq!(Account::unlock_with_dek(record, seen.dek().clone(), None).unwrap_err(), Error::CannotOpen);
    assert_eq!(Account::unlock(record, &old, None).unwrap_err(), Error::CannotOpen);
    assert_eq!(Account::unlock_with_phrase(record, &old_phrase, None).unwrap_err(), Error::CannotOpen);
    for wrap in &record.identities {
        for epoch in [1, 2] {
            let opened = Identity::unwrap(&wrap.wrap, seen.dek(), seen.id(), epoch, &wrap.fingerprint);
            assert_eq!(opened.unwrap_err(), Error::CannotOpen);
        }
    }
    assert!(seen.dek().unwrap_previous(&record.previous[0].wrap, seen.id(), 1, 2).is_err());
    assert!(renewed.dek().unwrap_previous(&record.previous[0].wrap, seen.id(), 1, 2).is_ok(), "control");

    // Once more, by whatever opened it: every epoch opens, and every identity.
    let third = by_words.renew_behind(&new, &phrase.derive_keys(), Identity::generate().unwrap(), 10).unwrap();
    let opened = Account::unlock(third.record(), &new, Some(&renewed.last_seen())).unwrap();
    assert_eq!(opened.previous_deks().collect::<Vec<_>>(), [(1, seen.dek()), (2, renewed.dek())]);
    for identity in [&seen, &renewed, &third].map(Account::identity) {
        assert_eq!(opened.open_earlier_identity(&identity.fingerprint()).unwrap().public(), identity.public());
    }
}

/// Only the password and the phrase that the account has, and no others beside them. Turns red without each of the refusals of `check_only`.
#[test]
fn a30_only_what_the_account_has_goes_into_the_new_epoch() {
    let (account, phrase) = account("alice");
    let (one, two, keys) = (login("alice", "one"), login("alice", "two"), phrase.derive_keys());
    let identity = || Identity::generate().unwrap();
    let renew = |account: &Account, login: &Login, keys: &RecoveryKeys| {
        account.renew_behind(login, keys, identity(), 2).map(drop)
    };
    assert_eq!(renew(&account, &one, &keys), Ok(()), "control");
    let strangers = RecoveryPhrase::generate().unwrap().derive_keys();
    assert_eq!(renew(&account, &two, &keys), Err(Error::Key), "another password");
    assert_eq!(renew(&account, &one, &strangers), Err(Error::Key), "other words");
    let elsewhere = Login::derive(&Password::parse("one").unwrap(), &email("anna"), &params(1, 100_000)).unwrap();
    assert_eq!(renew(&account, &elsewhere, &keys), Err(Error::Email));
    let otherwise = Login::derive(&Password::parse("one").unwrap(), &email("alice"), &params(2, 100_000)).unwrap();
    assert_eq!(renew(&account, &otherwise, &keys), Err(Error::Key), "another salt");
    let both = account.change_password(&two).unwrap();
    for login in [&one, &two] {
        assert_eq!(renew(&both, login, &keys), Err(Error::Key), "two passwords");
    }
    let (phrases, another) = account.replace_phrase().unwrap();
    for keys in [&keys, &another.derive_keys()] {
        assert_eq!(renew(&phrases, &one, keys), Err(Error::Key), "two phrases");
    }

    // As a session has it: the phrase's wrap by its hash, and the password's from the sign-in.
    let shown = |change: &dyn Fn(&mut AccountRecord)| {
        let mut record = account.record().clone();
        change(&mut record);
        Account::unlock_with_dek(&record, account.dek().clone(), None).unwrap()
    };
    let hide_phrase =
        |record: &mut AccountRecord| record.phrases[0].wrap = Wrap::Withheld(record.phrases[0].wrap.hash());
    let hidden = shown(&hide_phrase);
    assert_eq!(renew(&hidden, &one, &keys), Ok(()), "its public key says whose it is");
    assert_eq!(renew(&hidden, &one, &strangers), Err(Error::Key));
    let no_password = shown(&|record| record.passwords[0].wrap = Wrap::Withheld(record.passwords[0].wrap.hash()));
    assert_eq!(renew(&no_password, &one, &keys), Err(Error::Key), "nothing says whose it is");
    // The platform names other parameters beside the wrap, with which the same password gives another key.
    let lied = shown(&|record| record.passwords[0].params = params(2, 100_000));
    assert_eq!(renew(&lied, &otherwise, &keys), Err(Error::Key));
    assert_eq!(renew(&lied, &one, &keys), Err(Error::Key));
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
