//! Sealing content, part by part (FORMAT 6).

use std::fmt;
use std::num::NonZeroUsize;

use crate::content::layout::{CHUNK_LEN, HEAD_LEN, SEALED_CHUNK_LEN};
use crate::content::part::PartBuffer;
use crate::content::prefix::{ContentKind, Prefix};
use crate::error::{Error, Result};
use crate::id::Id;
use crate::keys::file::FileKey;
use crate::primitives;
use crate::primitives::run;
use crate::primitives::seal::{COMMITMENT_LEN, SALT_LEN, SaltedCipher};
use crate::sealed::{SealedObject, SealedPart};
use crate::secret::Secret;

/// Seals one object, from its first part to its last.
///
/// Each has a fresh salt, so that no two attempts share a key, not even for the same file. The key schedule is made
/// once; a part is sealed in the buffer that it came in.
///
/// ```
/// use imegha_crypto::{ContentKind, ContentSealer, FileKey, Id};
///
/// let (key, node) = (FileKey::generate()?, Id::generate()?);
/// let mut sealer = ContentSealer::new(&key, ContentKind::Content, &node, 1)?;
/// let mut object = sealer.seal_part(vec![0; 16_384], false)?.into_bytes();
/// assert_eq!(sealer.offset(), object.len() as u64);
/// object.extend(sealer.seal_part(b"the end".to_vec(), true)?.into_bytes());
/// # Ok::<(), imegha_crypto::Error>(())
/// ```
pub struct ContentSealer {
    prefix: Prefix,
    salt: [u8; SALT_LEN],
    pub(crate) cipher: SaltedCipher,
    next_chunk: u64,
    finished: bool,
    threads: usize,
}

impl ContentSealer {
    /// Begins an object, with a fresh salt. A thumbnail's key is derived from the file's here.
    ///
    /// # Errors
    /// [`Error::Platform`] without randomness.
    pub fn new(file_key: &FileKey, kind: ContentKind, node: &Id, revision: u64) -> Result<Self> {
        Ok(Self::with_salt(file_key, kind, node, revision, primitives::random()?))
    }

    /// Goes on with an object that was begun with `salt`, from its first part. For an interrupted upload, and nothing else.
    ///
    /// **Dangerous.** Two plaintexts sealed as one part of one object are sealed under one key and nonce: their XOR is given away,
    /// and with it the key that authenticates. A caller keeps the SHA-256 of the plaintext of every part from before it is sealed
    /// for the first time, and whether it is the last; when a part that comes again differs in either, this object must
    /// never be gone on with. Parts that are stored already are passed over by [`skip_part`](Self::skip_part).
    pub fn dangerous_resume(
        file_key: &FileKey,
        kind: ContentKind,
        node: &Id,
        revision: u64,
        salt: [u8; SALT_LEN],
    ) -> Self {
        Self::with_salt(file_key, kind, node, revision, salt)
    }

    fn with_salt(file_key: &FileKey, kind: ContentKind, node: &Id, revision: u64, salt: [u8; SALT_LEN]) -> Self {
        let prefix = Prefix::new(kind, node, revision);
        let key = content_key(file_key, kind, node, revision);
        let cipher = SaltedCipher::derive(key.expose(), prefix.context().as_bytes(), &salt);
        Self { prefix, salt, cipher, next_chunk: 0, finished: false, threads: 1 }
    }

    /// Seals on so many threads, the caller's among them, where a part is long enough to be worth it. Without this there is
    /// one, and in WebAssembly always; more than 64 are as 64. The bytes are the same.
    ///
    /// [`seal_part_to`](Self::seal_part_to), [`seal_buffer`](Self::seal_buffer) and [`SealingWriter`](crate::SealingWriter)
    /// use them. `std::thread::available_parallelism` says how many there may be.
    pub fn with_threads(mut self, threads: NonZeroUsize) -> Self {
        self.threads = threads.get().min(run::MAX_THREADS);
        self
    }

    /// The salt. The object's name is its lower-case hex.
    pub fn salt(&self) -> [u8; SALT_LEN] {
        self.salt
    }

    /// The commitment: it stands in the revision's record, so that the record names this one object.
    pub fn commitment(&self) -> [u8; COMMITMENT_LEN] {
        self.cipher.commitment()
    }

    /// Where the next part begins in the object.
    pub fn offset(&self) -> u64 {
        match self.next_chunk {
            0 => 0,
            chunks => HEAD_LEN as u64 + chunks * SEALED_CHUNK_LEN as u64,
        }
    }

    /// Seals the next part. The first begins with prefix, salt and commitment; the last may be of any length, also
    /// empty, every other is a multiple of 16,384 bytes and not empty.
    ///
    /// With [`layout::part_capacity`](crate::layout::part_capacity) of room in `plaintext`, nothing is allocated.
    ///
    /// # Errors
    /// [`Error::Bounds`] for another length, more than 2^32 chunks, or a part after the last.
    pub fn seal_part(&mut self, plaintext: Vec<u8>, last: bool) -> Result<SealedPart> {
        let step = self.step(plaintext.len(), last)?;
        let head = self.head();
        let sealed = self.cipher.seal_run(step.first, &head[..step.head_len()], plaintext, last)?;
        self.advance(&step);
        Ok(SealedPart::new(sealed))
    }

    /// Seals the next part from one buffer to another, and gives the length that it has there: at most
    /// [`layout::part_capacity`](crate::layout::part_capacity). The fastest way for plaintext that lies in memory: nothing is
    /// allocated, and nothing moves but through the cipher.
    ///
    /// ```
    /// use imegha_crypto::{ContentKind, ContentSealer, FileKey, Id, layout};
    ///
    /// let (key, node, plaintext) = (FileKey::generate()?, Id::generate()?, vec![7; 3_000_000]);
    /// let mut sealer = ContentSealer::new(&key, ContentKind::Content, &node, 1)?.with_threads(2.try_into().unwrap());
    /// let mut object = vec![0; layout::part_capacity(plaintext.len())];
    /// let len = sealer.seal_part_to(&plaintext, true, &mut object)?;
    /// assert_eq!(len as u64, layout::sealed_len(plaintext.len() as u64));
    /// # Ok::<(), imegha_crypto::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`seal_part`](Self::seal_part), and [`Error::Bounds`] when `out` is too short.
    pub fn seal_part_to(&mut self, plaintext: &[u8], last: bool, out: &mut [u8]) -> Result<usize> {
        let step = self.step(plaintext.len(), last)?;
        let len = step.head_len() + run::sealed_len(plaintext.len(), last);
        let (head, chunks) = out.get_mut(..len).ok_or(Error::Bounds)?.split_at_mut(step.head_len());
        head.copy_from_slice(&self.head()[..step.head_len()]);
        self.cipher.seal_run_to(step.first, plaintext, last, chunks, self.threads)?;
        self.advance(&step);
        Ok(len)
    }

    /// Seals the next part in the buffer that it was laid out in: nothing is allocated, and nothing moves.
    ///
    /// # Errors
    /// As [`seal_part`](Self::seal_part), and [`Error::Bounds`] for a first part in a buffer that was not made for one, or
    /// another part in one that was.
    pub fn seal_buffer(&mut self, mut part: PartBuffer, last: bool) -> Result<SealedPart> {
        self.seal_in_place(&mut part, last)?;
        Ok(SealedPart::new(part.into_bytes()))
    }

    /// The same, in a buffer that is used again.
    pub(super) fn seal_in_place(&mut self, part: &mut PartBuffer, last: bool) -> Result<()> {
        let step = self.step(part.len(), last)?;
        let chunks = part.complete(step.head_len(), last)?;
        self.cipher.seal_laid_out(step.first, chunks, self.threads)?;
        part.set_head(&self.head()[..step.head_len()]);
        self.advance(&step);
        Ok(())
    }

    /// Goes past the next part without sealing it: it is stored already, and has `plain_len` bytes of plaintext.
    ///
    /// # Errors
    /// [`Error::Bounds`] for what [`seal_part`](Self::seal_part) would refuse.
    pub fn skip_part(&mut self, plain_len: usize, last: bool) -> Result<()> {
        let step = self.step(plain_len, last)?;
        self.advance(&step);
        Ok(())
    }

    /// Seals content that is in memory as a whole.
    ///
    /// # Errors
    /// [`Error::Bounds`] when a part was sealed already, or for more than [`SealedObject`] holds.
    pub fn seal_whole(mut self, plaintext: Vec<u8>) -> Result<SealedObject> {
        if self.next_chunk != 0 || !SealedObject::holds(plaintext.len()) {
            return Err(Error::Bounds);
        }
        self.seal_part(plaintext, true).map(|part| SealedObject::new(part.into_bytes()))
    }

    pub(super) fn threads(&self) -> usize {
        self.threads
    }

    /// Prefix, salt and commitment.
    pub(crate) fn head(&self) -> [u8; HEAD_LEN] {
        self.prefix.head(&self.salt, &self.cipher.commitment())
    }

    /// What the next part would be, if it may be.
    pub(crate) fn step(&self, plain_len: usize, last: bool) -> Result<Step> {
        if self.finished || !(last || run::is_whole(plain_len)) {
            return Err(Error::Bounds);
        }
        let chunks = plain_len / CHUNK_LEN + usize::from(last);
        run::check_chunks(self.next_chunk, chunks)?;
        Ok(Step { first: self.next_chunk, chunks, last })
    }

    /// Goes on behind a part that was sealed.
    pub(crate) fn advance(&mut self, step: &Step) {
        self.next_chunk = step.first + step.chunks as u64;
        self.finished = step.last;
    }
}

impl fmt::Debug for ContentSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentSealer(next chunk {}, [redacted])", self.next_chunk)
    }
}

/// One part: its chunks' numbers.
pub(crate) struct Step {
    pub(crate) first: u64,
    pub(crate) chunks: usize,
    pub(crate) last: bool,
}

impl Step {
    /// How much stands before its chunks.
    pub(crate) fn head_len(&self) -> usize {
        if self.first == 0 { HEAD_LEN } else { 0 }
    }
}

/// The key that an object of that kind is sealed under.
pub(super) fn content_key(file_key: &FileKey, kind: ContentKind, node: &Id, revision: u64) -> Secret {
    match kind {
        ContentKind::Content => file_key.0.clone(),
        ContentKind::Thumbnail => file_key.derive_thumbnail_key(node, revision).0,
    }
}
