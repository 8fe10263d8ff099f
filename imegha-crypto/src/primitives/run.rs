//! Runs of whole chunks: sealed and opened in one buffer, or from one to another, by one thread or by several.
//!
//! Every chunk's place follows from its number, so threads take batches of chunks from one queue and need no order among
//! them. Nothing is allocated for a chunk.

use std::sync::{Mutex, PoisonError};
use std::thread;

use zeroize::Zeroize as _;

use super::aead::TAG_LEN;
use super::seal::{CHUNK_LEN, MAX_CHUNKS, SEALED_CHUNK_LEN, SaltedCipher};
use crate::error::{Error, Result};

impl SaltedCipher {
    /// Seals a run of chunks from `plain` to `out`, the first of number `first`.
    ///
    /// # Errors
    /// [`Error::Bounds`] for a run that is not last and not of whole chunks, past 2^32 chunks, or when `out` has another
    /// length than [`sealed_len`].
    pub(crate) fn seal_run_to(
        &self,
        first: u64,
        plain: &[u8],
        last: bool,
        out: &mut [u8],
        threads: usize,
    ) -> Result<()> {
        if (!last && !is_whole(plain.len())) || out.len() != sealed_len(plain.len(), last) {
            return Err(Error::Bounds);
        }
        check_chunks(first, out.len().div_ceil(SEALED_CHUNK_LEN))?;
        let threads = worth(threads, plain.len());
        let batches = out.chunks_mut(BATCH * SEALED_CHUNK_LEN).enumerate();
        for_each(threads, batches, |(batch, out)| {
            let mut plain = &plain[batch * BATCH * CHUNK_LEN..];
            for (k, sealed) in (first + (batch * BATCH) as u64..).zip(out.chunks_mut(SEALED_CHUNK_LEN)) {
                let (chunk, tag) = split_tag(sealed);
                let (from, rest) = plain.split_at(chunk.len());
                self.cipher.seal_to(&self.nonce(k), from, chunk, tag)?;
                plain = rest;
            }
            Ok(())
        })
    }

    /// Seals a run of chunks that lie already where they will lie sealed, each with the room of its tag behind it.
    ///
    /// # Errors
    /// [`Error::Bounds`] past 2^32 chunks, or when the last chunk has no room for its tag.
    pub(crate) fn seal_laid_out(&self, first: u64, buffer: &mut [u8], threads: usize) -> Result<()> {
        let chunks = buffer.len().div_ceil(SEALED_CHUNK_LEN);
        if (1..TAG_LEN).contains(&(buffer.len() % SEALED_CHUNK_LEN)) {
            return Err(Error::Bounds);
        }
        check_chunks(first, chunks)?;
        let threads = worth(threads, buffer.len());
        let batches = buffer.chunks_mut(BATCH * SEALED_CHUNK_LEN).enumerate();
        for_each(threads, batches, |(batch, buffer)| {
            for (k, sealed) in (first + (batch * BATCH) as u64..).zip(buffer.chunks_mut(SEALED_CHUNK_LEN)) {
                let (chunk, tag) = split_tag(sealed);
                *tag = self.cipher.seal_in_place(&self.nonce(k), chunk)?;
            }
            Ok(())
        })
    }

    /// Seals a run of chunks in the buffer that it comes in, behind `head`.
    ///
    /// The buffer grows once when it has no room for the tags. From the last chunk to the first, each is moved to where it
    /// will lie and sealed there while it is in the processor's cache.
    ///
    /// # Errors
    /// [`Error::Bounds`] for a run that is not last and not of whole chunks, or past 2^32 chunks.
    pub(crate) fn seal_run(&self, first: u64, head: &[u8], mut buffer: Vec<u8>, last: bool) -> Result<Vec<u8>> {
        let plain_len = buffer.len();
        if !last && !is_whole(plain_len) {
            return Err(Error::Bounds);
        }
        let chunks = plain_len / CHUNK_LEN + usize::from(last);
        check_chunks(first, chunks)?;
        let sealed_len = head.len() + sealed_len(plain_len, last);
        buffer.reserve_exact(sealed_len - plain_len);
        buffer.resize(sealed_len, 0);
        for k in (0..chunks).rev() {
            let from = k * CHUNK_LEN..((k + 1) * CHUNK_LEN).min(plain_len);
            let to = head.len() + k * SEALED_CHUNK_LEN;
            let len = from.len();
            buffer.copy_within(from, to);
            let (chunk, tag) = split_tag(&mut buffer[to..to + len + TAG_LEN]);
            *tag = self.cipher.seal_in_place(&self.nonce(first + k as u64), chunk)?;
        }
        buffer[..head.len()].copy_from_slice(head);
        Ok(buffer)
    }

    /// Opens a run of chunks from `sealed` to `out`, the first of number `first`: all of them, or nothing. `out` has the
    /// length that [`opened_len`] gives.
    ///
    /// # Errors
    /// [`Error::CannotOpen`]; `out` is zeroized then.
    pub(crate) fn open_run_to(
        &self,
        first: u64,
        sealed: &[u8],
        last: bool,
        out: &mut [u8],
        threads: usize,
    ) -> Result<()> {
        let opened = self.open_batches(first, sealed, last, out, threads);
        if opened.is_err() {
            // Chunks that did open are plaintext by now, and theirs is no plaintext without the one that failed.
            out.zeroize();
        }
        opened.map_err(|_| Error::CannotOpen)
    }

    fn open_batches(&self, first: u64, sealed: &[u8], last: bool, mut out: &mut [u8], threads: usize) -> Result<()> {
        if opened_len(sealed.len(), last) != Some(out.len()) {
            return Err(Error::CannotOpen);
        }
        check_chunks(first, sealed.len().div_ceil(SEALED_CHUNK_LEN))?;
        let threads = worth(threads, out.len());
        let batches = sealed.chunks(BATCH * SEALED_CHUNK_LEN).enumerate().map(move |(batch, sealed)| {
            let len = sealed.len() - sealed.len().div_ceil(SEALED_CHUNK_LEN) * TAG_LEN;
            (batch, sealed, out.split_off_mut(..len).expect("what is opened is as long as all chunks without tags"))
        });
        for_each(threads, batches, |(batch, sealed, mut out)| {
            for (k, sealed) in (first + (batch * BATCH) as u64..).zip(sealed.chunks(SEALED_CHUNK_LEN)) {
                let (chunk, tag) = sealed.split_last_chunk::<TAG_LEN>().ok_or(Error::CannotOpen)?;
                let to = out.split_off_mut(..chunk.len()).ok_or(Error::CannotOpen)?;
                self.cipher.open_to(&self.nonce(k), chunk, tag, to)?;
            }
            Ok(())
        })
    }

    /// Opens a run of chunks in the buffer that it comes in, the first of number `first`: all of them, or nothing.
    ///
    /// # Errors
    /// [`Error::CannotOpen`]; the buffer is zeroized then.
    pub(crate) fn open_run(&self, first: u64, mut buffer: Vec<u8>, last: bool) -> Result<Vec<u8>> {
        match self.open_run_in_place(first, &mut buffer, last) {
            Ok(len) => {
                buffer.truncate(len);
                Ok(buffer)
            }
            Err(_) => {
                buffer.zeroize();
                Err(Error::CannotOpen)
            }
        }
    }

    fn open_run_in_place(&self, first: u64, buffer: &mut [u8], last: bool) -> Result<usize> {
        let chunks = count_chunks(buffer.len(), last).ok_or(Error::CannotOpen)?;
        check_chunks(first, chunks)?;
        let mut opened = 0;
        for k in 0..chunks {
            let from = k * SEALED_CHUNK_LEN;
            let until = (from + SEALED_CHUNK_LEN).min(buffer.len());
            let (chunk, tag) = split_tag(&mut buffer[from..until]);
            self.cipher.open_in_place(&self.nonce(first + k as u64), chunk, tag)?;
            buffer.copy_within(from..until - TAG_LEN, opened);
            opened += until - TAG_LEN - from;
        }
        Ok(opened)
    }
}

/// The length of a run of that much plaintext, sealed.
pub(crate) fn sealed_len(plain_len: usize, last: bool) -> usize {
    plain_len + (plain_len / CHUNK_LEN + usize::from(last)) * TAG_LEN
}

/// The length of a run of that length, opened; none when no run has it.
pub(crate) fn opened_len(sealed_len: usize, last: bool) -> Option<usize> {
    count_chunks(sealed_len, last).map(|chunks| sealed_len - chunks * TAG_LEN)
}

/// How many chunks a run of that length holds; none when no run has that length.
pub(crate) fn count_chunks(len: usize, last: bool) -> Option<usize> {
    let (whole, rest) = (len / SEALED_CHUNK_LEN, len % SEALED_CHUNK_LEN);
    match last {
        true => (rest >= TAG_LEN).then_some(whole + 1),
        false => (rest == 0 && whole > 0).then_some(whole),
    }
}

/// Whether a run of that much plaintext may stand before the last.
pub(crate) fn is_whole(plain_len: usize) -> bool {
    plain_len > 0 && plain_len.is_multiple_of(CHUNK_LEN)
}

/// Whether chunks `first..first + count` are numbers that a sealing has.
pub(crate) fn check_chunks(first: u64, count: usize) -> Result<()> {
    let end = first.checked_add(count as u64).ok_or(Error::Bounds)?;
    if end > MAX_CHUNKS { Err(Error::Bounds) } else { Ok(()) }
}

fn split_tag(sealed: &mut [u8]) -> (&mut [u8], &mut [u8; TAG_LEN]) {
    sealed.split_last_chunk_mut().expect("every counted chunk has its tag")
}

/// Does `work` for each item, on so many threads, this one among them. Those that cannot be started are done without: all
/// of them in WebAssembly, which has none.
fn for_each<T: Send>(
    threads: usize,
    mut items: impl Iterator<Item = T> + Send,
    work: impl Fn(T) -> Result<()> + Sync,
) -> Result<()> {
    if threads <= 1 {
        return items.try_for_each(work);
    }
    let items = Mutex::new(items);
    let next = || items.lock().unwrap_or_else(PoisonError::into_inner).next();
    let run = || {
        while let Some(item) = next() {
            if let Err(error) = work(item) {
                // Nobody needs the rest.
                while next().is_some() {}
                return Err(error);
            }
        }
        Ok(())
    };
    thread::scope(|scope| {
        let start = |_| thread::Builder::new().spawn_scoped(scope, run).ok();
        let others: Vec<_> = (1..threads).filter_map(start).collect();
        let mine = run();
        let theirs =
            others.into_iter().map(|other| other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        // All are waited for, whatever the first says.
        theirs.fold(mine, Result::and)
    })
}

/// So many threads that each has something to do that is worth starting it.
fn worth(threads: usize, len: usize) -> usize {
    threads.min(len / THREAD_LEN).max(1)
}

/// More threads than this have nothing to win.
pub(crate) const MAX_THREADS: usize = 64;
/// Chunks that a thread takes at once: few enough that all end together, enough that taking them costs nothing.
const BATCH: usize = 16;
/// Sealing that much takes several times what starting a thread does.
const THREAD_LEN: usize = 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealing_has_two_to_the_32_chunks_at_most() {
        for (first, count, ok) in [
            (0, 0, true),
            (MAX_CHUNKS - 1, 1, true),
            (MAX_CHUNKS, 0, true),
            (MAX_CHUNKS, 1, false),
            (MAX_CHUNKS - 1, 2, false),
            (u64::MAX, 1, false),
        ] {
            assert_eq!(check_chunks(first, count).is_ok(), ok, "{count} from {first}");
        }
    }

    #[test]
    fn a_run_that_is_laid_out_has_room_for_its_last_tag() {
        let cipher = SaltedCipher::derive(&[1; 32], b"context", &[2; 24]);
        for (len, ok) in [(1, false), (TAG_LEN - 1, false), (TAG_LEN, true), (SEALED_CHUNK_LEN + 1, false)] {
            assert_eq!(cipher.seal_laid_out(0, &mut vec![0; len], 1).is_ok(), ok, "{len}");
        }
    }

    /// Room that does not fit is refused before anything is sealed, whichever way a run is refused.
    #[test]
    fn a_run_fits_its_room() {
        let cipher = SaltedCipher::derive(&[1; 32], b"context", &[2; 24]);
        for (plain, last, room, ok) in [
            (CHUNK_LEN, false, SEALED_CHUNK_LEN, true),
            (CHUNK_LEN, false, SEALED_CHUNK_LEN + 1, false),
            (CHUNK_LEN, false, SEALED_CHUNK_LEN - 1, false),
            (CHUNK_LEN - 1, false, SEALED_CHUNK_LEN - 1, false),
            (0, false, 0, false),
            (0, true, TAG_LEN, true),
            (0, true, 0, false),
            (CHUNK_LEN, true, SEALED_CHUNK_LEN + TAG_LEN, true),
            (CHUNK_LEN, true, SEALED_CHUNK_LEN, false),
        ] {
            let sealed = cipher.seal_run_to(0, &vec![0; plain], last, &mut vec![0; room], 1);
            assert_eq!(sealed.is_ok(), ok, "{plain} bytes in {room}, last: {last}");
        }
    }

    /// In no place behind the last that there may be, whatever the key says.
    #[test]
    fn nothing_is_sealed_or_opened_behind_the_last() {
        let cipher = SaltedCipher::derive(&[1; 32], b"context", &[2; 24]);
        let mut sealed = vec![0; SEALED_CHUNK_LEN];
        assert!(cipher.seal_run_to(MAX_CHUNKS - 1, &[0; CHUNK_LEN], false, &mut sealed, 1).is_ok());
        let mut opened = vec![0; CHUNK_LEN];
        assert!(cipher.open_run_to(MAX_CHUNKS - 1, &sealed, false, &mut opened, 1).is_ok());
        let mut behind = vec![0; SEALED_CHUNK_LEN];
        assert_eq!(cipher.seal_run_to(MAX_CHUNKS, &[0; CHUNK_LEN], false, &mut behind, 1), Err(Error::Bounds));
        assert_eq!(cipher.seal_laid_out(MAX_CHUNKS, &mut behind, 1), Err(Error::Bounds));
        assert!(behind.iter().all(|byte| *byte == 0));
        assert!(cipher.open_run_to(MAX_CHUNKS, &sealed, false, &mut opened, 1).is_err());
        assert!(cipher.open_run(MAX_CHUNKS, sealed, false).is_err());
    }
}
