//! Opening content, any run of chunks of it (FORMAT 6).

use std::fmt;
use std::num::NonZeroUsize;

use crate::content::layout::HEAD_LEN;
use crate::content::prefix::{ContentKind, PREFIX_LEN, Prefix};
use crate::content::sealer::content_key;
use crate::error::{Error, Result};
use crate::id::Id;
use crate::keys::file::FileKey;
use crate::primitives::run;
use crate::primitives::seal::{COMMITMENT_LEN, HEADER_LEN, SALT_LEN, SaltedCipher};

/// Opens chunks of one object.
///
/// Made from the object's first 88 bytes, which it checks: the prefix is the one that was asked for, and the commitment
/// is this key's. A caller that knows the commitment from the revision's record compares it with
/// [`commitment`](Self::commitment), so that no other object of the same key stands in this one's place.
pub struct ContentOpener {
    salt: [u8; SALT_LEN],
    pub(crate) cipher: SaltedCipher,
    threads: usize,
}

impl ContentOpener {
    /// Checks the first 88 bytes of the object of that kind, node and revision.
    ///
    /// # Errors
    /// [`Error::CannotOpen`] for another length, another object's head, or another key.
    pub fn new(file_key: &FileKey, kind: ContentKind, node: &Id, revision: u64, head: &[u8]) -> Result<Self> {
        let head = <&[u8; HEAD_LEN]>::try_from(head).map_err(|_| Error::CannotOpen)?;
        let (prefix, header) = head.split_at(PREFIX_LEN);
        let header = <&[u8; HEADER_LEN]>::try_from(header).expect("a head is a prefix and a header");
        let expected = Prefix::new(kind, node, revision);
        expected.check(prefix)?;
        let key = content_key(file_key, kind, node, revision);
        let cipher = SaltedCipher::open(key.expose(), expected.context().as_bytes(), header)?;
        let salt = *header.first_chunk().expect("a header begins with 24 bytes of salt");
        Ok(Self { salt, cipher, threads: 1 })
    }

    /// Opens on so many threads, the caller's among them, where a run is long enough to be worth it. Without this there is
    /// one, and in WebAssembly always.
    ///
    /// [`open_chunks_to`](Self::open_chunks_to) and [`OpeningReader`](crate::OpeningReader) use them.
    pub fn with_threads(mut self, threads: NonZeroUsize) -> Self {
        self.threads = threads.get().min(run::MAX_THREADS);
        self
    }

    pub(super) fn threads(&self) -> usize {
        self.threads
    }

    /// The commitment, which names key, context and salt.
    pub fn commitment(&self) -> [u8; COMMITMENT_LEN] {
        self.cipher.commitment()
    }

    /// The salt. The object's name is its lower-case hex.
    pub fn salt(&self) -> [u8; SALT_LEN] {
        self.salt
    }

    /// Opens whole chunks, the first of them number `first_chunk`: all are verified, or nothing is released.
    ///
    /// `holds_last` says that the run ends with the object's last chunk. The last has 16 to 16,399 sealed bytes, every
    /// other exactly 16,400, so a run that was cut, or goes on, does not open. Opening happens in the given buffer.
    ///
    /// # Errors
    /// [`Error::CannotOpen`], whatever the cause.
    pub fn open_chunks(&self, first_chunk: u64, sealed: Vec<u8>, holds_last: bool) -> Result<Vec<u8>> {
        self.cipher.open_run(first_chunk, sealed, holds_last)
    }

    /// The same from one buffer to another; gives the length of the plaintext, which is 16 bytes for each chunk less than
    /// that of `sealed`. The fastest way for what lies in memory: nothing is allocated, and nothing moves but through the
    /// cipher. What does not open leaves zeros in `out`, as far as that; what is refused for its length leaves
    /// `out` as it was.
    ///
    /// # Errors
    /// [`Error::CannotOpen`], whatever the cause; [`Error::Bounds`] when `out` is too short.
    pub fn open_chunks_to(&self, first_chunk: u64, sealed: &[u8], holds_last: bool, out: &mut [u8]) -> Result<usize> {
        let len = run::opened_len(sealed.len(), holds_last).ok_or(Error::CannotOpen)?;
        let out = out.get_mut(..len).ok_or(Error::Bounds)?;
        self.cipher.open_run_to(first_chunk, sealed, holds_last, out, self.threads)?;
        Ok(len)
    }
}

impl fmt::Debug for ContentOpener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContentOpener([redacted])")
    }
}
