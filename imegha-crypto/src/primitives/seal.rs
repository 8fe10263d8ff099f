//! The one construction that seals everything: C2SP chunked-encryption, instance Cobblestone-256 (FORMAT 2).
//!
//! ```text
//! sealed = salt(24) || commitment(32) || chunk_0 || … || chunk_last
//! ```
//!
//! A chunk is AES-256-GCM over 16,384 bytes, the last over 0 to 16,383. Its number goes into the nonce, so no chunk
//! opens in another's place, and a last chunk is known by its length. The commitment binds key and context before any
//! chunk is opened, because AES-GCM alone lets one ciphertext open under two keys.

use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize as _, Zeroizing};

use super::aead::{ChunkCipher, NONCE_LEN, TAG_LEN};
use super::kdf;
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
    let chunks = plaintext.len() / CHUNK_LEN + 1;
    // Of its final size at once: growing would leave the plaintext behind in memory that is given back.
    let mut buffer = Vec::with_capacity(HEADER_LEN + plaintext.len() + chunks * TAG_LEN);
    buffer.extend_from_slice(plaintext);
    cipher.seal_run(0, &[&salt, &cipher.commitment], buffer, true)
}

/// Opens what [`seal`] made of the same key and context.
///
/// # Errors
/// [`Error::CannotOpen`], whatever the cause.
pub(crate) fn open(key: &[u8; 32], context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let (header, chunks) = sealed.split_first_chunk::<HEADER_LEN>().ok_or(Error::CannotOpen)?;
    let cipher = SaltedCipher::open(key, context, header)?;
    cipher.open_run(0, chunks.to_vec(), true).map(Zeroizing::new)
}

/// What one key, context and salt give: the cipher, the nonce that chunks count from, and the commitment.
pub(crate) struct SaltedCipher {
    cipher: ChunkCipher,
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

    /// Seals a run of chunks, the first of number `first`: `head`, then the chunks.
    ///
    /// One buffer: the plaintext's own, which grows once when it has no room for the tags. From the last chunk to the
    /// first, each is moved to where it will lie and sealed there while it is in the processor's cache.
    ///
    /// # Errors
    /// [`Error::Bounds`] for a run that is not last and not of whole chunks, or past 2^32 chunks.
    pub(crate) fn seal_run(&self, first: u64, head: &[&[u8]], mut buffer: Vec<u8>, last: bool) -> Result<Vec<u8>> {
        let plain_len = buffer.len();
        let whole = plain_len / CHUNK_LEN;
        if !last && (whole == 0 || !plain_len.is_multiple_of(CHUNK_LEN)) {
            return Err(Error::Bounds);
        }
        let chunks = if last { whole + 1 } else { whole };
        check_chunks(first, chunks)?;
        let head_len: usize = head.iter().map(|part| part.len()).sum();
        let sealed_len = head_len + plain_len + chunks * TAG_LEN;
        buffer.reserve_exact(sealed_len - plain_len);
        buffer.resize(sealed_len, 0);
        for k in (0..chunks).rev() {
            let from = k * CHUNK_LEN..((k + 1) * CHUNK_LEN).min(plain_len);
            let to = head_len + k * SEALED_CHUNK_LEN;
            let len = from.len();
            buffer.copy_within(from, to);
            let (chunk, tag) = buffer[to..to + len + TAG_LEN].split_at_mut(len);
            tag.copy_from_slice(&self.cipher.seal_in_place(&self.nonce(first + k as u64), chunk)?);
        }
        let mut at = 0;
        for part in head {
            buffer[at..at + part.len()].copy_from_slice(part);
            at += part.len();
        }
        Ok(buffer)
    }

    /// Opens a run of chunks, the first of number `first`: all of them, or nothing.
    ///
    /// # Errors
    /// [`Error::CannotOpen`]; the buffer is zeroized then.
    pub(crate) fn open_run(&self, first: u64, mut buffer: Vec<u8>, last: bool) -> Result<Vec<u8>> {
        let opened = self.open_run_in_place(first, &mut buffer, last);
        match opened {
            Ok(len) => {
                buffer.truncate(len);
                Ok(buffer)
            }
            Err(_) => {
                // Chunks before the one that failed are plaintext by now, and theirs is no plaintext without it.
                buffer.zeroize();
                Err(Error::CannotOpen)
            }
        }
    }

    fn open_run_in_place(&self, first: u64, buffer: &mut [u8], last: bool) -> Result<usize> {
        let chunks = count_chunks(buffer.len(), last).ok_or(Error::CannotOpen)?;
        check_chunks(first, chunks)?;
        let mut opened = 0;
        for k in 0..chunks {
            let from = k * SEALED_CHUNK_LEN;
            let until = (from + SEALED_CHUNK_LEN).min(buffer.len());
            let (chunk, tag) =
                buffer[from..until].split_last_chunk_mut::<TAG_LEN>().expect("every counted chunk has its tag");
            self.cipher.open_in_place(&self.nonce(first + k as u64), chunk, tag)?;
            buffer.copy_within(from..until - TAG_LEN, opened);
            opened += until - TAG_LEN - from;
        }
        Ok(opened)
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

/// How many chunks a run of that length holds; none when no run has that length.
pub(crate) fn count_chunks(len: usize, last: bool) -> Option<usize> {
    let (whole, rest) = (len / SEALED_CHUNK_LEN, len % SEALED_CHUNK_LEN);
    match last {
        true => (rest >= TAG_LEN).then_some(whole + 1),
        false => (rest == 0 && whole > 0).then_some(whole),
    }
}

/// Whether chunks `first..first + count` are numbers that a sealing has.
pub(crate) fn check_chunks(first: u64, count: usize) -> Result<()> {
    let end = first.checked_add(count as u64).ok_or(Error::Bounds)?;
    if end > MAX_CHUNKS { Err(Error::Bounds) } else { Ok(()) }
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
