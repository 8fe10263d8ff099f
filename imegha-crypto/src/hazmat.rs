//! What only tests may use: given salts, bare keys, bare labels. Not part of the API.
//!
//! The vectors fix salts and keys. Nothing else may: a salt that is used twice gives plaintext away.

use zeroize::Zeroizing;

use crate::envelope::sealed_to::{Draft, SealedTo};
use crate::envelope::subject::{Context, Subject};
use crate::error::{Error, Result};
use crate::id::{Fingerprint, Hash, Id, Signature};
use crate::keys::history::{Link, verify_links};
use crate::keys::identity::{Identity, PublicIdentity};
use crate::keys::purpose::{Purpose, PurposeKey};
use crate::keys::recovery::RecoveryKeys;
use crate::label::Label;
use crate::primitives::sign::{SignKey, VerifyKey};
use crate::primitives::{aead, kdf, mnemonic, oaep, rsa, seal};
use crate::secret::Secret;

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

/// The key of a purpose from its bytes.
pub fn purpose_key(bytes: &[u8; 32], purpose: Purpose) -> PurposeKey {
    PurposeKey::new(Secret::from_slice(bytes).expect("32 bytes are 32 bytes"), purpose)
}

/// The bytes of a purpose key.
pub fn raw_purpose_key(key: &PurposeKey) -> &[u8; 32] {
    key.of(key.purpose()).expect("a key is for its own purpose").expose()
}

/// An identity of a PKCS#8 and an Ed25519 seed.
pub fn identity(pkcs8: &[u8], seed: &[u8; 32]) -> Result<Identity> {
    Identity::new(Zeroizing::new(pkcs8.to_vec()), SignKey::from_seed(seed))
}

/// The seed of the key that signs recoveries.
pub fn recovery_auth_seed(keys: &RecoveryKeys) -> &[u8; 32] {
    keys.auth.seed()
}

/// An entry of a key history without its RSA key and binding.
#[derive(Debug)]
pub struct HistoryLink {
    /// Its place.
    pub seq: u64,
    /// The hash of the entry before.
    pub previous: Hash,
    /// The identity's fingerprint.
    pub fingerprint: Fingerprint,
    /// The identity's Ed25519 key.
    pub ed25519: [u8; 32],
    /// When it began.
    pub ms: u64,
    /// The signature by the identity before.
    pub by_previous: Option<Signature>,
    /// The signature by this identity.
    pub by_new: Signature,
}

/// Checks the chain of a key history, and gives the hash of its last entry.
pub fn verify_history_links(account: &Id, tag: &str, links: &[HistoryLink]) -> Result<Hash> {
    let links = links.iter().map(|link| {
        let HistoryLink { seq, previous, fingerprint, ed25519, ms, by_previous, by_new } = *link;
        Ok(Link { seq, previous, fingerprint, ed25519: VerifyKey::parse(&ed25519)?, ms, by_previous, by_new })
    });
    verify_links(account, tag, links.collect::<Result<Vec<_>>>()?)
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

/// [`Identity::seal_to`] for any purpose and parts, by whoever signs, in the name of whom he likes.
pub fn seal_to(
    signer: &Identity,
    claimed: &Fingerprint,
    recipient: &PublicIdentity,
    purpose: &str,
    parts: &[impl AsRef<[u8]>],
    payload: &[u8],
) -> Result<SealedTo> {
    let draft = Draft::new(recipient, claimed)?;
    let wrapped = oaep::encrypt(recipient.spki_array(), draft.key_label().as_bytes(), draft.key.expose())?;
    draft.finish(&wrapped, signer.signing_key(), &context(purpose, parts), payload)
}

/// [`Identity::seal_to`] by a sender who puts there what he likes for the wrapped key.
pub fn seal_to_with_wrapped_key(
    sender: &Identity,
    recipient: &PublicIdentity,
    subject: &Subject,
    wrapped: &[u8; 256],
    payload: &[u8],
) -> Result<SealedTo> {
    let draft = Draft::new(recipient, &sender.fingerprint())?;
    draft.finish(wrapped, sender.signing_key(), &subject.context(), payload)
}

/// [`Identity::open_from`] for any purpose and parts.
pub fn open_from(
    recipient: &Identity,
    sender: &PublicIdentity,
    purpose: &str,
    parts: &[impl AsRef<[u8]>],
    sealed: &SealedTo,
) -> Result<Zeroizing<Vec<u8>>> {
    recipient.open_signed(&sender.fingerprint(), &sender.verify_key(), &context(purpose, parts), sealed)
}

fn context(purpose: &str, parts: &[impl AsRef<[u8]>]) -> Context {
    parts.iter().fold(Context::new(purpose), Context::part)
}

/// Signs any label with an identity's key.
pub fn sign_label(identity: &Identity, name: &str, parts: &[impl AsRef<[u8]>]) -> Signature {
    identity.sign(&parts.iter().fold(Label::new(name), Label::part))
}

/// RSA-OAEP with SHA-256 by the current provider.
pub fn oaep_encrypt(spki: &[u8], label: &[u8], message: &[u8]) -> Result<[u8; 256]> {
    oaep::encrypt(&rsa::check_spki(spki)?, label, message)
}

/// Decrypts what [`oaep_encrypt`] made.
pub fn oaep_decrypt(pkcs8: &[u8], label: &[u8], ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let ciphertext = ciphertext.try_into().map_err(|_| Error::CannotOpen)?;
    oaep::decrypt(pkcs8, label, ciphertext)
}

/// Verifies an Ed25519 signature as everything here does: strictly.
pub fn ed25519_verify(public: &[u8], message: &[u8], signature: &[u8]) -> Result<()> {
    let signature = signature.try_into().map_err(|_| Error::Signature)?;
    VerifyKey::parse(public)?.verify(message, &Signature::from_bytes(signature))
}

/// An RSA key pair by the current provider: PKCS#8.
pub fn rsa_generate() -> Result<Zeroizing<Vec<u8>>> {
    rsa::generate()
}

/// The SubjectPublicKeyInfo of a PKCS#8.
pub fn rsa_public_of(pkcs8: &[u8]) -> Result<Vec<u8>> {
    rsa::public_of(pkcs8).map(|spki| spki.to_vec())
}
