//! What a person types or pastes, and what a platform serves as text: words of a recovery phrase, addresses, passwords, parameters,
//! auth strings, hex (FORMAT 3, 4).
//!
//! Nothing panics. What is read has one form: it is written again as the same text, or as the normal form of what was typed.
#![no_main]

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use imegha_crypto::hazmat::{self, RawKey as _};
use imegha_crypto::{AuthSecret, Email, Error, Fingerprint, Hash, Id, KdfParams, Password, RecoveryPhrase, Signature};
use imegha_fuzz::{Change, changed};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    /// A text of any form.
    Text(&'a str),
    /// Words that belong together, written down in some way, with mistakes.
    Phrase {
        phrase: u8,
        mistakes: Vec<Mistake>,
        written: Vec<(u8, bool)>,
        changes: Vec<Change>,
    },
    /// Two halves of an address.
    Email {
        local: &'a str,
        domain: &'a str,
        changes: Vec<Change>,
    },
    /// Parameters as a platform names them.
    Params {
        kdf_id: u8,
        iterations: u32,
        salt: &'a [u8],
    },
    /// Fixed bytes, written right and changed.
    AuthString([u8; 32], Vec<Change>),
    Hex([u8; 64], Vec<Change>),
}

#[derive(Arbitrary, Debug)]
enum Mistake {
    Swap {
        one: u8,
        other: u8,
    },
    Drop(u8),
    Repeat(u8),
    /// A word of another phrase.
    Other {
        at: u8,
        phrase: u8,
    },
}

/// Phrases of fixed entropy; with them come their seeds, which take some milliseconds.
static PHRASES: LazyLock<Vec<Vec<&str>>> =
    LazyLock::new(|| (0..8).map(|entropy| hazmat::bip39(&[entropy * 31; 32], "").0).collect());

fuzz_target!(|input: Input<'_>| match input {
    Input::Text(text) => {
        phrase(text);
        email(text);
        auth_string(text);
        hex(text);
        match Password::parse(text) {
            Ok(password) => assert_eq!(format!("{password:?}"), "Password([redacted])"),
            Err(error) => assert_eq!(error, Error::Password),
        }
    }
    Input::Phrase { phrase: which, mistakes, written, changes } => {
        let right = &PHRASES[usize::from(which) % PHRASES.len()];
        let mut words = right.clone();
        mistakes.iter().take(4).for_each(|mistake| mistake.make(&mut words));
        let text = write(&words, &written);
        let read = phrase(&text);
        if words == *right {
            assert!(read.is_some(), "right words were not read");
        }
        if let Ok(text) = String::from_utf8(changed(text.as_bytes(), &changes)) {
            phrase(&text);
        }
    }
    Input::Email { local, domain, changes } => {
        if let Ok(text) = String::from_utf8(changed(format!("{local}@{domain}").as_bytes(), &changes)) {
            email(&text);
        }
    }
    Input::Params { kdf_id, iterations, salt } => {
        let takes = kdf_id == 1 && (100_000..=10_000_000).contains(&iterations) && salt.len() == 32;
        match KdfParams::new(kdf_id, iterations, salt) {
            Ok(params) => {
                assert!(takes);
                assert_eq!((params.kdf_id(), params.iterations(), &params.salt()[..]), (kdf_id, iterations, salt));
                let least = KdfParams::new(1, KdfParams::NEW_ITERATIONS, salt).expect("parameters");
                assert_eq!(params.check_not_weaker(&least), Ok(()));
                assert_eq!(least.check_not_weaker(&params).is_ok(), params == least);
            }
            Err(error) => assert!(!takes && error == Error::Params),
        }
    }
    Input::AuthString(secret, changes) => {
        let right = AuthSecret::from_raw(&secret).to_auth_string();
        auth_string(&right);
        if let Ok(text) = String::from_utf8(changed(right.as_bytes(), &changes)) {
            auth_string(&text);
        }
    }
    Input::Hex(bytes, changes) => {
        let right = Signature::from_bytes(bytes).to_string();
        hex(&right);
        hex(&right[..64]);
        hex(&right[..32]);
        if let Ok(text) = String::from_utf8(changed(right.as_bytes(), &changes)) {
            hex(&text);
        }
    }
});

/// Reads words; what is read are the words of the text, in lower case.
fn phrase(text: &str) -> Option<RecoveryPhrase> {
    match RecoveryPhrase::parse(text) {
        Ok(phrase) => {
            let lower = text.to_ascii_lowercase();
            let words = lower.split(|c| matches!(c, '\t'..='\r' | ' ')).filter(|word| !word.is_empty());
            assert!(words.eq(phrase.words()), "other words were read");
            assert_eq!(phrase.words().count(), 24);
            Some(phrase)
        }
        Err(error) => {
            assert!(matches!(error, Error::Phrase(_)), "{error:?}");
            None
        }
    }
}

/// Reads an address; what is read is what is stored, compared and mailed, so it is its own.
fn email(text: &str) {
    match Email::parse(text) {
        Ok(email) => {
            assert_eq!(Email::parse(email.as_str()).as_ref(), Ok(&email));
            let text = email.as_str();
            assert!(text.len() <= 254 && text.matches('@').count() == 1);
            assert!(!text.contains(|c: char| c.is_whitespace() || c.is_control() || "<>,;:\"()[]\\".contains(c)));
        }
        Err(error) => assert_eq!(error, Error::Email),
    }
}

fn auth_string(text: &str) {
    match AuthSecret::parse_auth_string(text) {
        Ok(secret) => assert_eq!(*secret.to_auth_string(), text),
        Err(error) => assert_eq!(error, Error::Malformed),
    }
}

/// Each has a length of its own, so one of them reads a text at most, but a hash and a fingerprint are as long.
fn hex(text: &str) {
    let again = [
        Id::parse_hex(text).map(|id| id.to_string()),
        Hash::parse_hex(text).map(|hash| hash.to_string()),
        Fingerprint::parse_hex(text).map(|fingerprint| fingerprint.to_string()),
        Signature::parse_hex(text).map(|signature| signature.to_string()),
    ];
    for again in again {
        assert!(again == Err(Error::Malformed) || again.as_deref() == Ok(text), "{again:?}");
    }
}

impl Mistake {
    fn make(&self, words: &mut Vec<&'static str>) {
        let len = words.len();
        let place = |at: u8| usize::from(at) % len.max(1);
        match *self {
            _ if len == 0 => {}
            Self::Swap { one, other } => words.swap(place(one), place(other)),
            Self::Drop(at) => drop(words.remove(place(at))),
            Self::Repeat(at) => words.insert(place(at), words[place(at)]),
            Self::Other { at, phrase } => {
                words[place(at)] = PHRASES[usize::from(phrase) % PHRASES.len()][place(at) % 24]
            }
        }
    }
}

/// The words with some white space before each, some of them in upper case.
fn write(words: &[&str], written: &[(u8, bool)]) -> String {
    const SPACES: [&str; 6] = [" ", "\t", "\r\n", "  ", "\u{b}", "\u{c}"];
    let mut text = String::new();
    for (at, word) in words.iter().enumerate() {
        let (space, upper) = written.get(at).copied().unwrap_or_default();
        text.push_str(SPACES[usize::from(space) % SPACES.len()]);
        text.push_str(&if upper { word.to_ascii_uppercase() } else { (*word).to_owned() });
    }
    text
}
