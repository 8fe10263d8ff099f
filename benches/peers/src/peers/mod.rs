//! Those who are compared, a file each.

mod aes_gcm;
mod age;
mod aws_esdk;
mod aws_lc;
mod imegha;
mod memcpy;
mod ring;

use std::borrow::Cow;

use crate::Result;

/// Somebody who seals and opens.
pub trait Peer {
    fn name(&self) -> &'static str;

    fn threads(&self) -> usize {
        1
    }

    /// What is not measured: for those who seal in place, laying the plaintext out there.
    fn prepare(&mut self, _plain: &[u8], _sealed: &mut Vec<u8>) {}

    fn seal(&mut self, plain: &[u8], sealed: &mut Vec<u8>) -> Result<()>;

    /// What is not measured between the two.
    fn prepare_to_open(&mut self) {}

    fn open(&mut self, sealed: &mut Vec<u8>, opened: &mut Vec<u8>) -> Result<()>;

    /// Where the plaintext is when it was opened.
    fn opened<'a>(&self, _sealed: &'a [u8], opened: &'a [u8], len: usize) -> Cow<'a, [u8]> {
        Cow::Borrowed(&opened[..len])
    }
}

/// The first of each number of threads is what the others are measured against.
pub fn all() -> Result<Vec<Box<dyn Peer>>> {
    Ok(vec![
        Box::new(aws_lc::Copying::new(1)),
        Box::new(aws_lc::InPlace),
        Box::new(imegha::Slices::new(1)?),
        Box::new(imegha::Buffer::new()?),
        Box::new(imegha::Vector::new()?),
        Box::new(ring::Ring::new()?),
        Box::new(aes_gcm::AesGcm::new()),
        Box::new(age::Age::new()),
        Box::new(aws_esdk::Esdk::new(4 * 1024)?),
        Box::new(aws_esdk::Esdk::new(1024 * 1024)?),
        Box::new(memcpy::Memcpy),
        Box::new(aws_lc::Copying::new(2)),
        Box::new(imegha::Slices::new(2)?),
    ])
}

pub const CHUNK: usize = 16 * 1024;
pub const TAG: usize = 16;
pub const SEALED_CHUNK: usize = CHUNK + TAG;

/// The nonce of chunk `k`.
pub fn nonce(k: usize) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&(k as u64).to_be_bytes());
    nonce
}

/// Puts each chunk where it will be sealed in place, with room for its tag.
pub fn lay_out(plain: &[u8], sealed: &mut Vec<u8>) {
    sealed.resize(plain.len() + plain.len().div_ceil(CHUNK) * TAG, 0);
    for (from, to) in plain.chunks(CHUNK).zip(sealed.chunks_mut(SEALED_CHUNK)) {
        to[..from.len()].copy_from_slice(from);
    }
}

/// The chunks of [`lay_out`] without what stands between them.
pub fn gather(sealed: &[u8]) -> Vec<u8> {
    sealed.chunks(SEALED_CHUNK).flat_map(|chunk| &chunk[..chunk.len() - TAG]).copied().collect()
}
