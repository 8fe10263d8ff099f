//! RustCrypto's `aes-gcm`, from one buffer to another. It finds AES and carry-less multiplication in the processor by itself.

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::aead::{AeadInOut as _, KeyInit as _};

use super::{CHUNK, Peer, SEALED_CHUNK, TAG, nonce};
use crate::Result;

pub struct AesGcm(Aes256Gcm);

impl AesGcm {
    pub fn new() -> Self {
        Self(Aes256Gcm::new(&[7; 32].into()))
    }
}

impl Peer for AesGcm {
    fn name(&self) -> &'static str {
        "aes-gcm"
    }

    fn seal(&mut self, plain: &[u8], sealed: &mut Vec<u8>) -> Result<()> {
        sealed.resize(plain.len() + plain.len().div_ceil(CHUNK) * TAG, 0);
        for (k, (plain, sealed)) in plain.chunks(CHUNK).zip(sealed.chunks_mut(SEALED_CHUNK)).enumerate() {
            let (chunk, place) = sealed.split_at_mut(plain.len());
            let buffer = InOutBuf::new(plain, chunk).map_err(|_| "both have one length")?;
            let tag = self.0.encrypt_inout_detached(&nonce(k).into(), b"", buffer).map_err(|_| "aes-gcm failed")?;
            place.copy_from_slice(&tag);
        }
        Ok(())
    }

    fn open(&mut self, sealed: &mut Vec<u8>, opened: &mut Vec<u8>) -> Result<()> {
        for (k, (sealed, opened)) in sealed.chunks(SEALED_CHUNK).zip(opened.chunks_mut(CHUNK)).enumerate() {
            let (chunk, tag) = sealed.split_last_chunk::<TAG>().ok_or("a chunk has a tag")?;
            let buffer = InOutBuf::new(chunk, &mut opened[..chunk.len()]).map_err(|_| "both have one length")?;
            let opened = self.0.decrypt_inout_detached(&nonce(k).into(), b"", buffer, tag.into());
            opened.map_err(|_| "aes-gcm failed")?;
        }
        Ok(())
    }
}
