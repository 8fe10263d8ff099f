//! Cutting a source into parts whose boundaries are chunk boundaries.

use std::mem;

use bytes::Bytes;
use imegha_crypto::{Hash, layout};
use sha2::{Digest as _, Sha256};

use crate::client::Source;
use crate::error::{Error, ErrorKind, Result};

/// The plaintext of a part: 512 chunks, or a power of two times as many.
pub(crate) const PART_LEN: u64 = 8 * 1024 * 1024;
/// The most parts of one upload, as S3 has it.
pub(crate) const MAX_PARTS: u32 = 10_000;
/// How much is asked of a source at once.
const READ_LEN: u64 = 1024 * 1024;

/// Reads a source part by part, counts and hashes what it yields.
pub(crate) struct Parts<'a> {
    source: &'a mut dyn Source,
    /// What the source says to hold.
    size: Option<u64>,
    /// What a part holds, unless there would be too many.
    part_len: u64,
    read: u64,
    hasher: Sha256,
    /// Read already, for the next part.
    ahead: Bytes,
    ended: bool,
    number: u32,
}

/// The plaintext of one part.
pub(crate) struct Part {
    /// Counted from 1.
    pub(crate) number: u32,
    pub(crate) plaintext: Vec<u8>,
    pub(crate) last: bool,
}

impl<'a> Parts<'a> {
    pub(crate) fn new(source: &'a mut dyn Source, part_len: u64) -> Self {
        let size = source.size();
        Self { source, size, part_len, read: 0, hasher: Sha256::new(), ahead: Bytes::new(), ended: false, number: 0 }
    }

    /// The next part: full, unless it is the last. The last may be empty, and is so only for an empty source.
    pub(crate) async fn next(&mut self) -> Result<Part> {
        self.number += 1;
        if self.number > MAX_PARTS {
            return Err(Error::new(ErrorKind::Malformed, "a file is larger than the format allows"));
        }
        let len = part_len(self.part_len, self.number, self.size);
        let left = self.size.map_or(len, |size| size.saturating_sub(self.read - self.ahead.len() as u64));
        let len =
            usize::try_from(len).map_err(|_| Error::new(ErrorKind::Malformed, "a part does not fit into memory"))?;
        let capacity = layout::part_capacity(len.min(usize::try_from(left).unwrap_or(len)));
        let mut plaintext = Vec::with_capacity(capacity);
        // One read past a full part tells whether it is the last: the last chunk of an object must be known when it is sealed.
        loop {
            let room = len - plaintext.len();
            plaintext.extend_from_slice(&self.ahead.split_to(room.min(self.ahead.len())));
            if !self.ahead.is_empty() || self.ended {
                break;
            }
            self.fill().await?;
        }
        Ok(Part { number: self.number, plaintext, last: self.ended && self.ahead.is_empty() })
    }

    /// How many bytes there were, and their SHA-256. For when the last part was read.
    pub(crate) fn finish(&mut self) -> (u64, Hash) {
        (self.read, Hash::from_bytes(mem::take(&mut self.hasher).finalize().into()))
    }

    async fn fill(&mut self) -> Result<()> {
        let left = self.size.map_or(READ_LEN, |size| size - self.read);
        // At the end one more byte is asked for, so that a source that grew is found out.
        self.ahead = self.source.read(left.clamp(1, READ_LEN) as usize).await?;
        self.read += self.ahead.len() as u64;
        self.hasher.update(&self.ahead);
        self.ended = self.ahead.is_empty();
        let fits = self.size.is_none_or(|size| if self.ended { self.read == size } else { self.read <= size });
        match fits {
            true => Ok(()),
            false => Err(Error::new(ErrorKind::Source, "the source is not of the length that it said")),
        }
    }
}

/// How much plaintext part `number` of a file of `size` bytes holds, `len` or a power of two times as much.
///
/// Where the size is known all parts are alike, and large enough that [`MAX_PARTS`] hold it; where it is not they double
/// after every 1,000, which comes to 8 TiB.
fn part_len(mut len: u64, number: u32, size: Option<u64>) -> u64 {
    match size {
        Some(size) => {
            while len.saturating_mul(u64::from(MAX_PARTS)) < size {
                len = len.saturating_mul(2);
            }
        }
        None => len <<= (number - 1) / 1_000,
    }
    len
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{BytesSource, StreamSource};

    #[test]
    fn ten_thousand_parts_always_suffice() {
        for size in [0, 1, PART_LEN * 10_000, PART_LEN * 10_000 + 1, 5 << 40, 1 << 46] {
            let len = part_len(PART_LEN, 1, Some(size));
            assert!(len * u64::from(MAX_PARTS) >= size && len.is_multiple_of(16_384), "{size}");
        }
        assert_eq!(part_len(PART_LEN, 1, Some(PART_LEN * 10_000)), PART_LEN);
        assert_eq!(part_len(PART_LEN, 1, Some(PART_LEN * 10_000 + 1)), 2 * PART_LEN);
        let unknown: u64 = (1..=MAX_PARTS).map(|number| part_len(PART_LEN, number, None)).sum();
        assert!(unknown > 5 << 40, "S3's largest object");
    }

    async fn lens(mut source: impl Source) -> Result<Vec<usize>> {
        let mut parts = Parts::new(&mut source, PART_LEN);
        let mut lens = Vec::new();
        loop {
            let part = parts.next().await?;
            lens.push(part.plaintext.len());
            if part.last {
                return Ok(lens);
            }
        }
    }

    #[tokio::test]
    async fn a_full_part_is_the_last_when_nothing_follows() {
        let len = PART_LEN as usize;
        for (size, expected) in
            [(0, vec![0]), (1, vec![1]), (len, vec![len]), (len + 1, vec![len, 1]), (2 * len, vec![len, len])]
        {
            assert_eq!(lens(BytesSource::new(vec![7; size])).await.unwrap(), expected);
            let pieces =
                vec![7; size].chunks(100_001).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect::<Vec<_>>();
            assert_eq!(lens(StreamSource::new(futures::stream::iter(pieces), None)).await.unwrap(), expected);
        }
    }

    #[tokio::test]
    async fn a_source_that_lies_is_found_out() {
        for said in [0, 9, 11, 1 << 30] {
            let stream = futures::stream::iter([Ok(Bytes::from_static(b"ten bytes."))]);
            let error = lens(StreamSource::new(stream, Some(said))).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Source, "{said}");
        }
    }
}
