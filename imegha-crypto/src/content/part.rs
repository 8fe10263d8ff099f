//! Plaintext laid out as it will lie sealed (FORMAT 6).

use std::fmt;

use zeroize::Zeroize as _;

use crate::content::layout::{self, CHUNK_LEN, HEAD_LEN, SEALED_CHUNK_LEN};
use crate::error::{Error, Result};
use crate::primitives::aead::TAG_LEN;

/// Plaintext of one part, each chunk of it already where it will lie when it is sealed, with the room that its tag takes.
///
/// For plaintext that comes in pieces and is copied once anyway: from a file, over the wire. Sealing it by
/// [`ContentSealer::seal_buffer`](crate::ContentSealer::seal_buffer) then moves nothing. It never grows: what it holds when
/// it is dropped is zeroized, and no copy of it lies elsewhere.
///
/// ```
/// use imegha_crypto::{ContentKind, ContentSealer, FileKey, Id, PartBuffer};
///
/// let mut sealer = ContentSealer::new(&FileKey::generate()?, ContentKind::Content, &Id::generate()?, 1)?;
/// let mut part = PartBuffer::first(1_000_000);
/// assert_eq!(part.push(b"from here, "), 11);
/// assert_eq!(part.push(b"and from there"), 14);
/// let object = sealer.seal_buffer(part, true)?;
/// # Ok::<(), imegha_crypto::Error>(())
/// ```
pub struct PartBuffer {
    bytes: Vec<u8>,
    head_len: usize,
    len: usize,
    capacity: usize,
}

impl PartBuffer {
    /// For the first part of an object, of at most so much plaintext.
    pub fn first(capacity: usize) -> Self {
        Self::new(HEAD_LEN, capacity)
    }

    /// For a part that is not the first.
    pub fn next(capacity: usize) -> Self {
        Self::new(0, capacity)
    }

    fn new(head_len: usize, capacity: usize) -> Self {
        let mut bytes = Vec::with_capacity(layout::part_capacity(capacity));
        bytes.resize(head_len, 0);
        Self { bytes, head_len, len: 0, capacity }
    }

    /// Takes as much of `plaintext` as there is room for, and says how much that was.
    pub fn push(&mut self, plaintext: &[u8]) -> usize {
        let taken = plaintext.len().min(self.capacity - self.len);
        let mut rest = &plaintext[..taken];
        while !rest.is_empty() {
            let within = self.len % CHUNK_LEN;
            if within == 0 && self.len > 0 {
                self.bytes.extend_from_slice(&[0; TAG_LEN]);
            }
            let (piece, after) = rest.split_at(rest.len().min(CHUNK_LEN - within));
            self.bytes.extend_from_slice(piece);
            self.len += piece.len();
            rest = after;
        }
        taken
    }

    /// How much plaintext it holds.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether it takes no more.
    pub fn is_full(&self) -> bool {
        self.len == self.capacity
    }

    /// The plaintext, chunk by chunk.
    pub fn chunks(&self) -> impl Iterator<Item = &[u8]> {
        self.bytes[self.head_len..].chunks(SEALED_CHUNK_LEN).map(|chunk| &chunk[..chunk.len().min(CHUNK_LEN)])
    }

    /// Makes room for the last tags, and gives what is sealed in place.
    pub(super) fn complete(&mut self, head_len: usize, last: bool) -> Result<&mut [u8]> {
        if head_len != self.head_len {
            return Err(Error::Bounds);
        }
        let chunks = self.len / CHUNK_LEN + usize::from(last);
        self.bytes.resize(head_len + self.len + chunks * TAG_LEN, 0);
        Ok(&mut self.bytes[head_len..])
    }

    pub(super) fn set_head(&mut self, head: &[u8]) {
        self.bytes[..self.head_len].copy_from_slice(head);
    }

    /// What it holds, when that was sealed.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The same, owned.
    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// Empties it for the part after the one that it held sealed.
    pub(super) fn reuse(&mut self) {
        self.bytes.clear();
        (self.head_len, self.len) = (0, 0);
    }
}

impl Drop for PartBuffer {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl fmt::Debug for PartBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PartBuffer({} bytes, [redacted])", self.len)
    }
}
