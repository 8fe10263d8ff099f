//! Bytes that only a key opens, as types: what storage may be handed.

use std::fmt;

use crate::error::{Error, Result};
use crate::id::Hash;

/// The shortest sealing: salt, commitment, and the empty last chunk's tag.
const MIN_LEN: usize = 24 + 32 + 16;
/// The longest that is held in memory as one value.
const MAX_LEN: usize = 64 * 1024 * 1024;
const HEADER_LEN: usize = 56;
const CHUNK_LEN: usize = 16_400;
const TAG_LEN: usize = 16;

/// A sealed value: a record, a wrapped key, a log entry (FORMAT 2).
///
/// Made by sealing. There is no way to make one from text.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
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

/// Whether a sealing has that length: whole chunks before the last, and a last one of 0 to 16,383 bytes.
fn is_sealed_len(len: usize) -> bool {
    len >= MIN_LEN && (len - HEADER_LEN) % CHUNK_LEN >= TAG_LEN
}

/// A whole sealed object: prefix, header and chunks (FORMAT 6).
#[derive(Clone, PartialEq, Eq)]
pub struct SealedObject(Vec<u8>);

/// A run of whole chunks of a sealed object, the first one behind prefix and header (FORMAT 6).
#[derive(Clone, PartialEq, Eq)]
pub struct SealedPart(Vec<u8>);

const PREFIX_LEN: usize = 32;

impl SealedObject {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
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
        if bytes.is_empty() || bytes.len() > MAX_LEN + CHUNK_LEN {
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
