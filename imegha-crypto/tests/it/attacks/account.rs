//! A malicious platform at sign-in, and the phrase as people type it.

use imegha_crypto::{Dek, Email, Error, Id, KdfParams, Password, PasswordKeys, PhraseError, RecoveryPhrase};

/// Weak, absurd or unknown parameters. Turns red without the checks of `KdfParams::new` and `check_not_weaker`; there is
/// no other way to a value that can be derived from, so nothing is derived or sent.
#[test]
fn a20_parameters_refused_before_derivation() {
    assert!(KdfParams::new(1, 100_000, &[7; 32]).is_ok(), "control");
    assert!(KdfParams::new(1, 10_000_000, &[7; 32]).is_ok(), "control");
    for iterations in [0, 1, 99_999, 10_000_001, u32::MAX] {
        assert_eq!(KdfParams::new(1, iterations, &[7; 32]), Err(Error::Params), "{iterations}");
    }
    for kdf_id in [0, 2, 255] {
        assert_eq!(KdfParams::new(kdf_id, 100_000, &[7; 32]), Err(Error::Params), "{kdf_id}");
    }
    for salt in [&[][..], &[7; 16], &[7; 31], &[7; 33]] {
        assert_eq!(KdfParams::new(1, 100_000, salt), Err(Error::Params), "{}", salt.len());
    }
    let seen = KdfParams::new(1, 600_000, &[7; 32]).unwrap();
    let served = KdfParams::new(1, 599_999, &[7; 32]).unwrap();
    assert_eq!(served.check_not_weaker(&seen), Err(Error::Params));
    assert_eq!(seen.check_not_weaker(&served), Ok(()), "control: stronger is taken");
}

/// One salt served to two people with one password. Turns red without the address in `PasswordKeys::salt`.
#[test]
fn a21_one_salt_for_two_emails() {
    let password = Password::parse("the same password").unwrap();
    let params = KdfParams::generate().unwrap();
    let keys = |email| PasswordKeys::derive(&password, &Email::parse(email).unwrap(), &params).unwrap();
    let (alice, bob) = (keys("alice@example.com"), keys("bob@example.com"));
    assert_ne!(alice.auth, bob.auth);
    assert_ne!(alice.kek, bob.kek);
    assert_eq!(keys(" ALICE@example.com").kek, alice.kek, "control: one address, however typed, gives one key");
    assert_ne!(alice.auth.hash(), bob.auth.hash());
}

/// A wrap in another's place, and parameters changed under it (part of 23). Turns red without the parts of
/// `by_password` and `by_recovery`.
#[test]
fn a23_wraps_in_another_place() {
    let (account, other) = (Id::generate().unwrap(), Id::generate().unwrap());
    let params = KdfParams::generate().unwrap();
    let keys = PasswordKeys::derive(&Password::parse("x").unwrap(), &Email::parse("a@b.c").unwrap(), &params).unwrap();
    let recovery = RecoveryPhrase::generate().unwrap().derive_keys();
    let dek = Dek::generate().unwrap();
    let by_password = dek.wrap_by_password(&keys.kek, &account, 1, &params).unwrap();
    let by_recovery = dek.wrap_by_recovery(&recovery.kek, &account, 1).unwrap();
    let open = |wrap, account, epoch, params| Dek::unwrap_by_password(wrap, &keys.kek, account, epoch, params);
    assert_eq!(open(&by_password, &account, 1, &params).unwrap(), dek, "control");
    assert_eq!(Dek::unwrap_by_recovery(&by_recovery, &recovery.kek, &account, 1).unwrap(), dek, "control");
    let more = KdfParams::new(1, 200_000, params.salt()).unwrap();
    assert_eq!(open(&by_password, &other, 1, &params), Err(Error::CannotOpen));
    assert_eq!(open(&by_password, &account, 2, &params), Err(Error::CannotOpen));
    assert_eq!(open(&by_password, &account, 1, &more), Err(Error::CannotOpen));
    assert_eq!(open(&by_recovery, &account, 1, &params), Err(Error::CannotOpen));
    assert_eq!(Dek::unwrap_by_recovery(&by_password, &recovery.kek, &account, 1), Err(Error::CannotOpen));
}

/// Phrases as people type them: each refusal says what to mend. Turns red without the checks of `mnemonic::parse`.
#[test]
fn a31_phrases() {
    let phrase = RecoveryPhrase::generate().unwrap();
    let words: Vec<_> = phrase.words().collect();
    let text = words.join(" ");
    let public = phrase.derive_keys().public_key();
    for typed in [
        text.clone(),
        text.to_uppercase(),
        format!("\n\t {}\r\n", words.join("  \u{b}\u{c}\t")),
        words.iter().map(|word| format!("{}{} ", word[..1].to_uppercase(), &word[1..])).collect(),
    ] {
        let parsed = RecoveryPhrase::parse(&typed).unwrap_or_else(|error| panic!("control {typed:?}: {error}"));
        assert_eq!(parsed.derive_keys().public_key(), public);
    }

    let refused = |typed: &str| match RecoveryPhrase::parse(typed) {
        Err(Error::Phrase(why)) => why,
        other => panic!("{typed:?}: {other:?}"),
    };
    assert_eq!(refused(""), PhraseError::WordCount(0));
    assert_eq!(refused(&words[..12].join(" ")), PhraseError::WordCount(12));
    assert_eq!(refused(&words[..23].join(" ")), PhraseError::WordCount(23));
    assert_eq!(refused(&format!("{text} {}", words[0])), PhraseError::WordCount(25));
    assert_eq!(refused(&text.replace(' ', "\u{a0}")), PhraseError::NotAscii);
    assert_eq!(refused(&format!("{text}\u{200b}")), PhraseError::NotAscii);
    let with = |at: usize, word: &'static str| {
        let mut words = words.clone();
        words[at] = word;
        words.join(" ")
    };
    assert_eq!(refused(&with(4, "imegha")), PhraseError::UnknownWord(5));
    assert_eq!(refused(&with(23, "abandonn")), PhraseError::UnknownWord(24));
    // Of the 2048 words only eight have the right checksum in the last place.
    let last = ["abandon", "zoo", "above", "art", "legal", "winner", "letter", "vote", "zone", "yellow"];
    assert!(
        last.iter().filter(|word| with(23, word) != text).any(|word| {
            matches!(RecoveryPhrase::parse(&with(23, word)), Err(Error::Phrase(PhraseError::Checksum)))
        })
    );
    // The first two words of a vector swapped: the checksum tells.
    let vector = "lend panel gas casino space sheriff toy screen artefact air brick member elephant video matrix danger \
                  pause toddler truck course veteran shiver wedding vibrant";
    assert!(RecoveryPhrase::parse(vector).is_ok(), "control");
    assert_eq!(refused(&vector.replacen("lend panel", "panel lend", 1)), PhraseError::Checksum);
}
