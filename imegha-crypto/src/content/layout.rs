//! Where things lie in an object: arithmetic only (FORMAT 6).
//!
//! A position from the end, or the length itself, is what storage says until the last chunk has opened.

use std::ops::Range;

use crate::primitives::aead::TAG_LEN;
use crate::primitives::seal;

/// The plaintext of every chunk but the last.
pub const CHUNK_LEN: usize = seal::CHUNK_LEN;
/// The same, sealed.
pub const SEALED_CHUNK_LEN: usize = seal::SEALED_CHUNK_LEN;
/// What stands before the first chunk: prefix, salt, commitment.
pub const HEAD_LEN: usize = super::prefix::PREFIX_LEN + seal::HEADER_LEN;
/// The longest plaintext that 2^32 chunks hold, the last of them short.
pub const MAX_PLAIN_LEN: u64 = seal::MAX_CHUNKS * CHUNK - 1;

/// The length of the object of a plaintext; of more than [`MAX_PLAIN_LEN`] there is no object.
pub fn sealed_len(plain_len: u64) -> u64 {
    let chunks = plain_len / CHUNK + 1;
    plain_len.saturating_add(chunks * TAG).saturating_add(HEAD)
}

/// The number of the chunk in which the byte of the plaintext at `offset` lies.
pub fn chunk_of(offset: u64) -> u64 {
    offset / CHUNK
}

/// Where the sealed `chunks` lie in an object of that length. Chunks that it does not have are left out.
pub fn sealed_range(chunks: Range<u64>, object_len: u64) -> Range<u64> {
    let start = |chunk: u64| HEAD.saturating_add(chunk.saturating_mul(SEALED_CHUNK)).min(object_len);
    let (from, until) = (start(chunks.start), start(chunks.end));
    from..until.max(from)
}

/// The number of the last chunk of an object of that length; none when no object has it.
pub fn last_chunk(object_len: u64) -> Option<u64> {
    let chunks = object_len.checked_sub(HEAD)?;
    let (whole, rest) = (chunks / SEALED_CHUNK, chunks % SEALED_CHUNK);
    (rest >= TAG && whole < seal::MAX_CHUNKS).then_some(whole)
}

/// The length of the plaintext of an object of that length; none when no object has it.
pub fn plain_len(object_len: u64) -> Option<u64> {
    let last = last_chunk(object_len)?;
    Some(object_len - HEAD - (last + 1) * TAG)
}

/// Room for a part of that much plaintext: with it, sealing moves nothing to a new buffer.
pub fn part_capacity(plain_len: usize) -> usize {
    HEAD_LEN + plain_len + (plain_len / CHUNK_LEN + 1) * TAG_LEN
}

const CHUNK: u64 = CHUNK_LEN as u64;
const SEALED_CHUNK: u64 = SEALED_CHUNK_LEN as u64;
const HEAD: u64 = HEAD_LEN as u64;
const TAG: u64 = TAG_LEN as u64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_there_and_back() {
        for (plain, object) in [(0, 104), (1, 105), (16_383, 16_487), (16_384, 16_504), (16_385, 16_505)] {
            assert_eq!(sealed_len(plain), object);
            assert_eq!(plain_len(object), Some(plain));
        }
    }

    #[test]
    fn no_object_has_these_lengths() {
        for len in [0, 87, 88, 103, 88 + 16_400, 88 + 16_400 + 15, u64::MAX] {
            assert_eq!(last_chunk(len), None, "{len}");
            assert_eq!(plain_len(len), None, "{len}");
        }
        assert_eq!(last_chunk(sealed_len(MAX_PLAIN_LEN)), Some(seal::MAX_CHUNKS - 1));
        assert_eq!(last_chunk(sealed_len(MAX_PLAIN_LEN + 1)), None);
    }

    #[test]
    fn ranges_stay_inside() {
        let len = sealed_len(20_000);
        assert_eq!(sealed_range(0..1, len), 88..16_488);
        assert_eq!(sealed_range(0..2, len), 88..len);
        assert_eq!(sealed_range(1..9, len), 16_488..len);
        assert_eq!(sealed_range(7..9, len), len..len);
        assert_eq!(sealed_range(u64::MAX..u64::MAX, len), len..len);
    }
}
