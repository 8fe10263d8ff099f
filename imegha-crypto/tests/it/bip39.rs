//! The English vectors of BIP39, those of 24 words.
//!
//! Ours have an empty passphrase and the published ones `TREZOR`: both go through the same function.

use imegha_crypto::{RecoveryPhrase, hazmat};
use serde_json::Value;

#[test]
fn english_vectors_of_24_words() {
    let json: Value = serde_json::from_str(include_str!("data/bip39_english.json")).unwrap();
    let passphrase = json["passphrase"].as_str().unwrap();
    let cases = json["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 8, "{}", json["source"]);
    for case in cases {
        let entropy: [u8; 32] = hex::decode(case["entropy"].as_str().unwrap()).unwrap().try_into().unwrap();
        let (words, seed) = hazmat::bip39(&entropy, passphrase);
        let published = case["words"].as_str().unwrap();
        assert_eq!(words.join(" "), published);
        assert_eq!(hex::encode(seed), case["seed"].as_str().unwrap());
        let parsed = RecoveryPhrase::parse(published).unwrap();
        assert_eq!(parsed.words().collect::<Vec<_>>(), words);
    }
}

#[test]
fn a_generated_phrase_is_read_back() {
    let phrase = RecoveryPhrase::generate().unwrap();
    let words: Vec<_> = phrase.words().collect();
    assert_eq!(words.len(), 24);
    let again = RecoveryPhrase::parse(&words.join("\t ")).unwrap();
    assert_eq!(again.derive_keys().public_key(), phrase.derive_keys().public_key());
    let other = RecoveryPhrase::generate().unwrap();
    assert_ne!(other.derive_keys().public_key(), phrase.derive_keys().public_key());
}
