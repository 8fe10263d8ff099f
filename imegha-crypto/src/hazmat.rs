//! What only tests may use: given salts, bare keys, bare labels. Not part of the API.
//!
//! The vectors fix salts and keys. Nothing else may: a salt that is used twice gives plaintext away.

use zeroize::Zeroizing;

use crate::error::Result;
use crate::label::Label;
use crate::primitives::{aead, kdf, mnemonic, rsa, seal};

/// A key type from and to its bytes.
pub trait RawKey: Sized {
    /// The key of these bytes.
    fn from_raw(bytes: &[u8; 32]) -> Self;
    /// Its bytes.
    fn raw(&self) -> &[u8; 32];
}

/// `label(name, parts)` of FORMAT 1.
pub fn label(name: &str, parts: &[impl AsRef<[u8]>]) -> Vec<u8> {
    parts.iter().fold(Label::new(name), |label, part| label.part(part)).as_bytes().to_vec()
}

/// `seal` of FORMAT 2 with a given salt.
pub fn seal_with_salt(key: &[u8; 32], context: &[u8], plaintext: &[u8], salt: [u8; 24]) -> Result<Vec<u8>> {
    seal::seal_with_salt(key, context, plaintext, salt)
}

/// Opens what [`seal_with_salt`] made.
pub fn open(key: &[u8; 32], context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    seal::open(key, context, sealed)
}

/// The AES-256-GCM key and base nonce of a sealing.
pub fn derive_chunk_key(key: &[u8; 32], context: &[u8], salt: &[u8; 24]) -> ([u8; 32], [u8; 12]) {
    let derived = seal::Derived::new(key, context, salt);
    (*derived.aead_key(), derived.base_nonce())
}

/// AES-256-GCM by the current provider: ciphertext and tag.
pub fn aes_gcm_seal(key: &[u8; 32], nonce: &[u8; 12], plaintext: &[u8]) -> Result<(Vec<u8>, [u8; 16])> {
    let mut buffer = plaintext.to_vec();
    let tag = aead::ChunkCipher::new(key).seal_in_place(nonce, &mut buffer)?;
    Ok((buffer, tag))
}

/// AES-256-GCM by the current provider: plaintext.
pub fn aes_gcm_open(key: &[u8; 32], nonce: &[u8; 12], ciphertext: &[u8], tag: &[u8; 16]) -> Result<Vec<u8>> {
    let mut buffer = ciphertext.to_vec();
    aead::ChunkCipher::new(key).open_in_place(nonce, &mut buffer, tag)?;
    Ok(buffer)
}

/// PBKDF2-HMAC-SHA256 by the current provider.
pub fn pbkdf2(password: &[u8], salt: &[u8], iterations: u32, out: &mut [u8]) -> Result<()> {
    kdf::pbkdf2_into(password, salt, iterations, out)
}

/// BIP39: words and 64-byte seed of 32 bytes of entropy, with a passphrase.
pub fn bip39(entropy: &[u8; 32], passphrase: &str) -> (Vec<&'static str>, [u8; 64]) {
    let words = mnemonic::from_entropy(entropy);
    (words.words().collect(), *mnemonic::seed(&words, passphrase))
}

/// An RSA key pair by the current provider: PKCS#8.
pub fn rsa_generate() -> Result<Zeroizing<Vec<u8>>> {
    rsa::generate()
}

/// The SubjectPublicKeyInfo of a PKCS#8.
pub fn rsa_public_of(pkcs8: &[u8]) -> Result<Vec<u8>> {
    rsa::public_of(pkcs8).map(|spki| spki.to_vec())
}
