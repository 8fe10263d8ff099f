//! Raw aws-lc-rs over the same chunks, one key schedule for all of them: the floor.

use std::borrow::Cow;
use std::thread;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use super::{CHUNK, Peer, SEALED_CHUNK, TAG, gather, lay_out, nonce};
use crate::Result;

/// From one buffer to another.
pub struct Copying {
    threads: usize,
}

impl Copying {
    pub fn new(threads: usize) -> Self {
        Self { threads }
    }
}

impl Peer for Copying {
    fn name(&self) -> &'static str {
        "aws-lc-rs"
    }

    fn threads(&self) -> usize {
        self.threads
    }

    fn seal(&mut self, plain: &[u8], sealed: &mut Vec<u8>) -> Result<()> {
        let chunks = plain.len().div_ceil(CHUNK);
        sealed.resize(plain.len() + chunks * TAG, 0);
        let share = chunks.div_ceil(self.threads);
        let key = key()?;
        thread::scope(|scope| {
            let shares = plain.chunks(share * CHUNK).zip(sealed.chunks_mut(share * SEALED_CHUNK)).enumerate();
            let work = shares.map(|(number, (plain, sealed))| {
                let key = &key;
                move || seal_chunks(key, number * share, plain, sealed)
            });
            on_all(scope, work)
        })
    }

    fn open(&mut self, sealed: &mut Vec<u8>, opened: &mut Vec<u8>) -> Result<()> {
        let share = sealed.len().div_ceil(SEALED_CHUNK).div_ceil(self.threads);
        let key = key()?;
        thread::scope(|scope| {
            let shares = sealed.chunks(share * SEALED_CHUNK).zip(opened.chunks_mut(share * CHUNK)).enumerate();
            let work = shares.map(|(number, (sealed, opened))| {
                let key = &key;
                move || open_chunks(key, number * share, sealed, opened)
            });
            on_all(scope, work)
        })
    }
}

/// The last on this thread, the others each on its own.
fn on_all<'scope, W: FnOnce() -> bool + Send + 'scope>(
    scope: &'scope thread::Scope<'scope, '_>,
    work: impl Iterator<Item = W>,
) -> Result<()> {
    let mut work: Vec<W> = work.collect();
    let mine = work.pop().ok_or("there is nothing to do")?;
    let others: Vec<_> = work.into_iter().map(|work| scope.spawn(work)).collect();
    let done = mine();
    let all = others.into_iter().all(|other| other.join().is_ok_and(|done| done));
    if done && all { Ok(()) } else { Err("aws-lc-rs failed".into()) }
}

fn seal_chunks(key: &LessSafeKey, first: usize, plain: &[u8], sealed: &mut [u8]) -> bool {
    plain.chunks(CHUNK).zip(sealed.chunks_mut(SEALED_CHUNK)).enumerate().all(|(k, (plain, sealed))| {
        let (chunk, tag) = sealed.split_at_mut(plain.len());
        let nonce = Nonce::assume_unique_for_key(nonce(first + k));
        key.seal_out_of_place_scatter(nonce, Aad::empty(), plain, chunk, &[], tag).is_ok()
    })
}

fn open_chunks(key: &LessSafeKey, first: usize, sealed: &[u8], opened: &mut [u8]) -> bool {
    sealed.chunks(SEALED_CHUNK).zip(opened.chunks_mut(CHUNK)).enumerate().all(|(k, (sealed, opened))| {
        let (chunk, tag) = sealed.split_at(sealed.len() - TAG);
        let nonce = Nonce::assume_unique_for_key(nonce(first + k));
        key.open_separate_gather(nonce, Aad::empty(), chunk, tag, &mut opened[..chunk.len()]).is_ok()
    })
}

/// In one buffer, in which each chunk lies already where it is sealed.
pub struct InPlace;

impl Peer for InPlace {
    fn name(&self) -> &'static str {
        "aws-lc-rs, in place"
    }

    fn prepare(&mut self, plain: &[u8], sealed: &mut Vec<u8>) {
        lay_out(plain, sealed);
    }

    fn seal(&mut self, _plain: &[u8], sealed: &mut Vec<u8>) -> Result<()> {
        let key = key()?;
        for (k, sealed) in sealed.chunks_mut(SEALED_CHUNK).enumerate() {
            let (chunk, place) = sealed.split_at_mut(sealed.len() - TAG);
            let nonce = Nonce::assume_unique_for_key(nonce(k));
            place.copy_from_slice(key.seal_in_place_separate_tag(nonce, Aad::empty(), chunk)?.as_ref());
        }
        Ok(())
    }

    fn open(&mut self, sealed: &mut Vec<u8>, _opened: &mut Vec<u8>) -> Result<()> {
        let key = key()?;
        for (k, sealed) in sealed.chunks_mut(SEALED_CHUNK).enumerate() {
            key.open_in_place(Nonce::assume_unique_for_key(nonce(k)), Aad::empty(), sealed)?;
        }
        Ok(())
    }

    fn opened<'a>(&self, sealed: &'a [u8], _opened: &'a [u8], _len: usize) -> Cow<'a, [u8]> {
        Cow::Owned(gather(sealed))
    }
}

fn key() -> Result<LessSafeKey> {
    Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[7; 32])?))
}
