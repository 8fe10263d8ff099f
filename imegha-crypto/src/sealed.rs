//! Bytes that only a key opens, as types: what storage may be handed.

use std::fmt;

use crate::content::layout::HEAD_LEN;
use crate::error::{Error, Result};
use crate::id::Hash;
use crate::primitives::aead::TAG_LEN;
use crate::primitives::run::sealed_len;
use crate::primitives::seal::{HEADER_LEN, SEALED_CHUNK_LEN};

/// A sealed value: a record, a wrapped key, a log entry (FORMAT 2).
///
/// Made by sealing. There is no way to make one from text.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Whether a plaintext of that length can be sealed as one value: what could not be received is not made.
    pub(crate) fn holds(plain_len: usize) -> bool {
        holds(HEADER_LEN, plain_len)
    }

    /// Takes bytes that came from storage or over the wire for a sealed value, so that they can be opened or passed on.
    /// Nothing is authenticated by this.
    ///
    /// # Errors
    /// [`Error::Malformed`] when no sealing has that length.
    pub fn from_received(bytes: Vec<u8>) -> Result<Self> {
        if bytes.len() > MAX_LEN || !is_sealed_len(bytes.len()) {
            return Err(Error::Malformed);
        }
        Ok(Self(bytes))
    }

    /// The bytes as they are stored.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The same, owned.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// SHA-256 of the bytes as they are stored.
    pub fn hash(&self) -> Hash {
        Hash::of(&self.0)
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

/// A whole sealed object: prefix, header and chunks (FORMAT 6).
#[derive(Clone, PartialEq, Eq)]
pub struct SealedObject(Vec<u8>);

/// A run of whole chunks of a sealed object, the first one behind prefix and header (FORMAT 6).
#[derive(Clone, PartialEq, Eq)]
pub struct SealedPart(Vec<u8>);

impl SealedObject {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Whether content of that length can be sealed as one value.
    pub(crate) fn holds(plain_len: usize) -> bool {
        holds(HEAD_LEN, plain_len)
    }

    /// Takes received bytes for a sealed object, to pass them on. Nothing is authenticated by this.
    ///
    /// # Errors
    /// [`Error::Malformed`] when no object has that length or that beginning.
    pub fn from_received(bytes: Vec<u8>) -> Result<Self> {
        let fits = bytes.len() >= PREFIX_LEN && bytes.len() <= MAX_LEN && is_sealed_len(bytes.len() - PREFIX_LEN);
        if !fits || !bytes.starts_with(b"IMEGHA\x01") {
            return Err(Error::Malformed);
        }
        Ok(Self(bytes))
    }

    /// The bytes as they are stored.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The same, owned.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl SealedPart {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Takes received bytes for part of a sealed object, to pass them on. Nothing is authenticated by this.
    ///
    /// # Errors
    /// [`Error::Malformed`] when it is empty or longer than 64 MiB and a chunk.
    pub fn from_received(bytes: Vec<u8>) -> Result<Self> {
        if bytes.is_empty() || bytes.len() > MAX_LEN + SEALED_CHUNK_LEN {
            return Err(Error::Malformed);
        }
        Ok(Self(bytes))
    }

    /// The bytes as they are stored.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The same, owned.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl fmt::Debug for SealedObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedObject({} bytes)", self.0.len())
    }
}

impl fmt::Debug for SealedPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedPart({} bytes)", self.0.len())
    }
}

/// Whether so much plaintext, sealed behind so many bytes, is no longer than what is held in memory as one value.
pub(crate) fn holds(ahead_len: usize, plain_len: usize) -> bool {
    plain_len <= MAX_LEN && ahead_len + sealed_len(plain_len, true) <= MAX_LEN
}

/// Whether a sealing has that length: whole chunks before the last, and a last one of 0 to 16,383 bytes.
fn is_sealed_len(len: usize) -> bool {
    len >= MIN_LEN && (len - HEADER_LEN) % SEALED_CHUNK_LEN >= TAG_LEN
}

/// The shortest sealing: salt, commitment, and the empty last chunk's tag.
const MIN_LEN: usize = HEADER_LEN + TAG_LEN;
/// The longest that is held in memory as one value.
pub(crate) const MAX_LEN: usize = 64 * 1024 * 1024;
/// What stands before an object's salt.
const PREFIX_LEN: usize = HEAD_LEN - HEADER_LEN;

#[cfg(test)]
mod tests {
    use super::*;

    /// The lengths around which one is a sealing's and the next is none's: no chunk, one, two, and the longest.
    #[test]
    fn only_lengths_that_a_sealing_has_are_taken() {
        for (len, ok) in [
            (0, false),
            (71, false),
            (72, true),
            (72 + 16_383, true),
            // A last chunk of 16,384 would be one of the others, and another behind it.
            (72 + 16_384, false),
            (72 + 16_399, false),
            (72 + 16_400, true),
            (72 + 2 * 16_400 - 1, false),
            (72 + 2 * 16_400, true),
            // 4,091 chunks and the longest last one; then lengths that none has; then one of a chunk more.
            (MAX_LEN - 9, true),
            (MAX_LEN - 8, false),
            (MAX_LEN, false),
            (MAX_LEN + 8, false),
        ] {
            assert_eq!(Sealed::from_received(vec![0; len]).is_ok(), ok, "{len}");
            let mut object = vec![0; len + PREFIX_LEN];
            object[..7].copy_from_slice(b"IMEGHA\x01");
            let ok = ok && object.len() <= MAX_LEN;
            assert_eq!(SealedObject::from_received(object).is_ok(), ok, "{len} and a prefix");
        }
        let mut largest = vec![0; MAX_LEN];
        largest[..7].copy_from_slice(b"IMEGHA\x01");
        assert!(SealedObject::from_received(largest.clone()).is_ok());
        largest.push(0);
        assert!(SealedObject::from_received(largest).is_err());
        assert!(SealedObject::from_received(b"IMEGHA\x01".to_vec()).is_err());
        for (len, ok) in
            [(0, false), (1, true), (MAX_LEN + SEALED_CHUNK_LEN, true), (MAX_LEN + SEALED_CHUNK_LEN + 1, false)]
        {
            assert_eq!(SealedPart::from_received(vec![0; len]).is_ok(), ok, "a part of {len}");
        }
    }

    /// What may be sealed is what may be received, to the byte.
    #[test]
    fn what_is_made_can_be_received() {
        let largest = (0..MAX_LEN).rev().find(|len| Sealed::holds(*len)).expect("an empty one is held");
        assert!(Sealed::from_received(vec![0; HEADER_LEN + sealed_len(largest, true)]).is_ok());
        assert!(HEADER_LEN + sealed_len(largest + 1, true) > MAX_LEN);
        assert!(SealedObject::holds(largest - PREFIX_LEN) && !SealedObject::holds(largest));
        assert!(!Sealed::holds(usize::MAX) && !SealedObject::holds(usize::MAX));
    }
}
