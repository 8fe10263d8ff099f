//! The one construction that seals everything: C2SP chunked-encryption, instance Cobblestone-256 (FORMAT 2).
//!
//! ```text
//! sealed = salt(24) || commitment(32) || chunk_0 || … || chunk_last
//! ```
//!
//! A chunk is AES-256-GCM over 16,384 bytes, the last over 0 to 16,383. Its number goes into the nonce, so no chunk
//! opens in another's place, and a last chunk is known by its length. The commitment binds key and context before any
//! chunk is opened, because AES-GCM alone lets one ciphertext open under two keys. How runs of chunks go through the
//! cipher stands in `run`.

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::aead::{ChunkCipher, NONCE_LEN, TAG_LEN};
use super::kdf;
use super::run::{opened_len, sealed_len};
use crate::error::{Error, Result};

pub(crate) const SALT_LEN: usize = 24;
pub(crate) const COMMITMENT_LEN: usize = 32;
/// Salt and commitment.
pub(crate) const HEADER_LEN: usize = SALT_LEN + COMMITMENT_LEN;
pub(crate) const CHUNK_LEN: usize = 16_384;
pub(crate) const SEALED_CHUNK_LEN: usize = CHUNK_LEN + TAG_LEN;
pub(crate) const MAX_CHUNKS: u64 = 1 << 32;

/// Seals `plaintext` under `key` and `context`, with a fresh salt.
pub(crate) fn seal(key: &[u8; 32], context: &[u8], plaintext: &[u8]) -> Result<Vec<u8>> {
    seal_with_salt(key, context, plaintext, super::random()?)
}

/// The same with a given salt. A salt used twice with one key and context gives away the XOR of two plaintexts.
pub(crate) fn seal_with_salt(
    key: &[u8; 32],
    context: &[u8],
    plaintext: &[u8],
    salt: [u8; SALT_LEN],
) -> Result<Vec<u8>> {
    let cipher = SaltedCipher::derive(key, context, &salt);
    let mut sealed = vec![0; HEADER_LEN + sealed_len(plaintext.len(), true)];
    let (header, chunks) = sealed.split_at_mut(HEADER_LEN);
    header[..SALT_LEN].copy_from_slice(&salt);
    header[SALT_LEN..].copy_from_slice(&cipher.commitment);
    cipher.seal_run_to(0, plaintext, true, chunks, 1)?;
    Ok(sealed)
}

/// Opens what [`seal`] made of the same key and context.
///
/// # Errors
/// [`Error::CannotOpen`], whatever the cause.
pub(crate) fn open(key: &[u8; 32], context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let (header, chunks) = sealed.split_first_chunk::<HEADER_LEN>().ok_or(Error::CannotOpen)?;
    let cipher = SaltedCipher::open(key, context, header)?;
    let mut plaintext = Zeroizing::new(vec![0; opened_len(chunks.len(), true).ok_or(Error::CannotOpen)?]);
    cipher.open_run_to(0, chunks, true, &mut plaintext, 1)?;
    Ok(plaintext)
}

/// What one key, context and salt give: the cipher, the nonce that chunks count from, and the commitment.
pub(crate) struct SaltedCipher {
    pub(super) cipher: ChunkCipher,
    /// For WebCrypto, which makes a cipher of its own.
    #[cfg(target_arch = "wasm32")]
    aead_key: crate::secret::Secret,
    base_nonce: [u8; NONCE_LEN],
    commitment: [u8; COMMITMENT_LEN],
}

impl SaltedCipher {
    /// Derives all three for a sealing.
    pub(crate) fn derive(key: &[u8; 32], context: &[u8], salt: &[u8; SALT_LEN]) -> Self {
        Self::new(&Derived::new(key, context, salt))
    }

    /// Derives them for an opening, and compares the commitment before there is a cipher to open anything with.
    pub(crate) fn open(key: &[u8; 32], context: &[u8], header: &[u8; HEADER_LEN]) -> Result<Self> {
        let (salt, commitment) = header.split_at(SALT_LEN);
        let salt = salt.try_into().expect("a header begins with 24 bytes of salt");
        let derived = Derived::new(key, context, salt);
        if !bool::from(derived.commitment().ct_eq(commitment)) {
            return Err(Error::CannotOpen);
        }
        Ok(Self::new(&derived))
    }

    fn new(derived: &Derived) -> Self {
        Self {
            cipher: ChunkCipher::new(derived.aead_key()),
            #[cfg(target_arch = "wasm32")]
            aead_key: crate::secret::Secret::from_slice(derived.aead_key()).expect("an AES-256 key has 32 bytes"),
            base_nonce: derived.base_nonce(),
            commitment: derived.commitment(),
        }
    }

    /// The AES-256-GCM key, for WebCrypto.
    #[cfg(target_arch = "wasm32")]
    pub(crate) fn aead_key(&self) -> &[u8; 32] {
        self.aead_key.expose()
    }

    pub(crate) fn commitment(&self) -> [u8; COMMITMENT_LEN] {
        self.commitment
    }

    /// `base_nonce XOR k`, k big-endian in its last eight bytes.
    pub(crate) fn nonce(&self, k: u64) -> [u8; NONCE_LEN] {
        let mut nonce = self.base_nonce;
        for (byte, counter) in nonce[4..].iter_mut().zip(k.to_be_bytes()) {
            *byte ^= counter;
        }
        nonce
    }
}

/// The 76 bytes that a key, a context and a salt give.
pub(crate) struct Derived(Zeroizing<[u8; 76]>);

impl Derived {
    pub(crate) fn new(key: &[u8; 32], context: &[u8], salt: &[u8; SALT_LEN]) -> Self {
        Self(kdf::expand_sha512(key, &[INFO, salt, context]))
    }

    pub(crate) fn aead_key(&self) -> &[u8; 32] {
        self.0.first_chunk().expect("76 bytes begin with 32")
    }

    pub(crate) fn base_nonce(&self) -> [u8; NONCE_LEN] {
        self.0[32..44].try_into().expect("12 of 76 bytes")
    }

    pub(crate) fn commitment(&self) -> [u8; COMMITMENT_LEN] {
        self.0[44..].try_into().expect("the last 32 of 76 bytes")
    }
}

const INFO: &[u8] = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\x00";
