//! The product: a fresh salt, key, nonce and commitment each time, then the same chunks.

use std::num::NonZeroUsize;

use imegha_crypto::layout::{HEAD_LEN, part_capacity};
use imegha_crypto::{ContentKind, ContentOpener, ContentSealer, FileKey, Id, PartBuffer};

use super::Peer;
use crate::Result;

struct Keys {
    key: FileKey,
    node: Id,
    threads: NonZeroUsize,
}

impl Keys {
    fn new(threads: usize) -> Result<Self> {
        Ok(Self { key: FileKey::generate()?, node: Id::generate()?, threads: threads.try_into()? })
    }

    fn sealer(&self) -> Result<ContentSealer> {
        Ok(ContentSealer::new(&self.key, ContentKind::Content, &self.node, 1)?.with_threads(self.threads))
    }

    fn opener(&self, sealed: &[u8]) -> Result<ContentOpener> {
        let opener = ContentOpener::new(&self.key, ContentKind::Content, &self.node, 1, &sealed[..HEAD_LEN])?;
        Ok(opener.with_threads(self.threads))
    }
}

/// From one buffer to another.
pub struct Slices(Keys);

impl Slices {
    pub fn new(threads: usize) -> Result<Self> {
        Ok(Self(Keys::new(threads)?))
    }
}

impl Peer for Slices {
    fn name(&self) -> &'static str {
        "imegha-crypto"
    }

    fn threads(&self) -> usize {
        self.0.threads.get()
    }

    fn seal(&mut self, plain: &[u8], sealed: &mut Vec<u8>) -> Result<()> {
        sealed.resize(part_capacity(plain.len()), 0);
        let len = self.0.sealer()?.seal_part_to(plain, true, sealed)?;
        sealed.truncate(len);
        Ok(())
    }

    fn open(&mut self, sealed: &mut Vec<u8>, opened: &mut Vec<u8>) -> Result<()> {
        self.0.opener(sealed)?.open_chunks_to(0, &sealed[HEAD_LEN..], true, opened)?;
        Ok(())
    }
}

/// In the buffer that the plaintext was laid out in, and opened to another.
pub struct Buffer {
    keys: Keys,
    part: Option<PartBuffer>,
    sealed: Vec<u8>,
}

impl Buffer {
    pub fn new() -> Result<Self> {
        Ok(Self { keys: Keys::new(1)?, part: None, sealed: Vec::new() })
    }
}

impl Peer for Buffer {
    fn name(&self) -> &'static str {
        "imegha-crypto, `PartBuffer`"
    }

    fn prepare(&mut self, plain: &[u8], _sealed: &mut Vec<u8>) {
        let mut part = PartBuffer::first(plain.len());
        part.push(plain);
        self.part = Some(part);
        self.sealed = Vec::new();
    }

    fn seal(&mut self, _plain: &[u8], _sealed: &mut Vec<u8>) -> Result<()> {
        let part = self.part.take().ok_or("it was prepared")?;
        self.sealed = self.keys.sealer()?.seal_buffer(part, true)?.into_bytes();
        Ok(())
    }

    fn open(&mut self, _sealed: &mut Vec<u8>, opened: &mut Vec<u8>) -> Result<()> {
        self.keys.opener(&self.sealed)?.open_chunks_to(0, &self.sealed[HEAD_LEN..], true, opened)?;
        Ok(())
    }
}

/// In the vector that the plaintext came in: every chunk is moved by the room of the tags before it.
pub struct Vector {
    keys: Keys,
    bytes: Vec<u8>,
    head: Vec<u8>,
}

impl Vector {
    pub fn new() -> Result<Self> {
        Ok(Self { keys: Keys::new(1)?, bytes: Vec::new(), head: Vec::new() })
    }
}

impl Peer for Vector {
    fn name(&self) -> &'static str {
        "imegha-crypto, `Vec`"
    }

    fn prepare(&mut self, plain: &[u8], _sealed: &mut Vec<u8>) {
        // All of it is written to once, as the buffers of the others were.
        self.bytes = vec![1; part_capacity(plain.len())];
        self.bytes.truncate(plain.len());
        self.bytes.copy_from_slice(plain);
    }

    fn seal(&mut self, _plain: &[u8], _sealed: &mut Vec<u8>) -> Result<()> {
        let bytes = std::mem::take(&mut self.bytes);
        self.bytes = self.keys.sealer()?.seal_part(bytes, true)?.into_bytes();
        Ok(())
    }

    /// Whoever reads an object fetches its head and its chunks apart.
    fn prepare_to_open(&mut self) {
        let chunks = self.bytes.split_off(HEAD_LEN);
        self.head = std::mem::replace(&mut self.bytes, chunks);
    }

    fn open(&mut self, _sealed: &mut Vec<u8>, _opened: &mut Vec<u8>) -> Result<()> {
        let chunks = std::mem::take(&mut self.bytes);
        self.bytes = self.keys.opener(&self.head)?.open_chunks(0, chunks, true)?;
        Ok(())
    }

    fn opened<'a>(&self, _sealed: &'a [u8], _opened: &'a [u8], _len: usize) -> std::borrow::Cow<'a, [u8]> {
        self.bytes.clone().into()
    }
}
