//! `ring`: it seals in place only. It can open to the left of where the chunk lies, which costs a move.

use std::borrow::Cow;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use super::{Peer, SEALED_CHUNK, TAG, gather, lay_out, nonce};
use crate::Result;

pub struct Ring(LessSafeKey);

impl Ring {
    pub fn new() -> Result<Self> {
        let key = UnboundKey::new(&AES_256_GCM, &[7; 32]).map_err(|_| "ring takes the key")?;
        Ok(Self(LessSafeKey::new(key)))
    }
}

impl Peer for Ring {
    fn name(&self) -> &'static str {
        "ring, in place"
    }

    fn prepare(&mut self, plain: &[u8], sealed: &mut Vec<u8>) {
        lay_out(plain, sealed);
    }

    fn seal(&mut self, _plain: &[u8], sealed: &mut Vec<u8>) -> Result<()> {
        for (k, sealed) in sealed.chunks_mut(SEALED_CHUNK).enumerate() {
            let (chunk, place) = sealed.split_at_mut(sealed.len() - TAG);
            let nonce = Nonce::assume_unique_for_key(nonce(k));
            let tag = self.0.seal_in_place_separate_tag(nonce, Aad::empty(), chunk).map_err(|_| "ring failed")?;
            place.copy_from_slice(tag.as_ref());
        }
        Ok(())
    }

    fn open(&mut self, sealed: &mut Vec<u8>, _opened: &mut Vec<u8>) -> Result<()> {
        for (k, sealed) in sealed.chunks_mut(SEALED_CHUNK).enumerate() {
            let nonce = Nonce::assume_unique_for_key(nonce(k));
            self.0.open_in_place(nonce, Aad::empty(), sealed).map_err(|_| "ring failed")?;
        }
        Ok(())
    }

    fn opened<'a>(&self, sealed: &'a [u8], _opened: &'a [u8], _len: usize) -> Cow<'a, [u8]> {
        Cow::Owned(gather(sealed))
    }
}
