//! 24 English words for 256 bits (BIP39), with an empty passphrase.

use bip39::{Language, Mnemonic};
use zeroize::Zeroizing;

use crate::error::{Error, PhraseError, Result};

pub(crate) const WORDS: usize = 24;

/// The words of 32 bytes of entropy.
pub(crate) fn from_entropy(entropy: &[u8; 32]) -> Mnemonic {
    Mnemonic::from_entropy_in(Language::English, entropy).expect("BIP39 has 24 words for 32 bytes")
}

/// Reads 24 words: ASCII, split at ASCII white space, case ignored.
pub(crate) fn parse(text: &str) -> Result<Mnemonic> {
    if !text.is_ascii() {
        return Err(PhraseError::NotAscii.into());
    }
    let lower = Zeroizing::new(text.to_ascii_lowercase());
    let count = words(&lower).count();
    if count != WORDS {
        return Err(PhraseError::WordCount(count).into());
    }
    let unknown = words(&lower).position(|word| Language::English.find_word(word).is_none());
    if let Some(at) = unknown {
        return Err(PhraseError::UnknownWord(at + 1).into());
    }
    // Of their final length at once, so that no copy is left behind by growing.
    let mut joined = Zeroizing::new(String::with_capacity(lower.len()));
    for (at, word) in words(&lower).enumerate() {
        if at > 0 {
            joined.push(' ');
        }
        joined.push_str(word);
    }
    Mnemonic::parse_in_normalized(Language::English, &joined).map_err(|_| Error::Phrase(PhraseError::Checksum))
}

/// The 64-byte seed of the words: PBKDF2 with HMAC-SHA512, 2048 rounds.
pub(crate) fn seed(words: &Mnemonic, passphrase: &str) -> Zeroizing<[u8; 64]> {
    Zeroizing::new(words.to_seed_normalized(passphrase))
}

/// ASCII white space as FORMAT 1 trims it: U+0009 to U+000D and U+0020.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', '\t', '\n', '\u{b}', '\u{c}', '\r']).filter(|word| !word.is_empty())
}
