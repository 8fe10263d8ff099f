//! Any 32 bytes in a row of a file, wherever they begin.
//!
//! 32 bytes in a row hold 16 whole ones that begin at a multiple of 16. So it is enough to index those of the plaintext, look up
//! the 16 bytes at every offset of the data, and compare what stands round each hit.

use std::collections::HashMap;
use std::path::PathBuf;

use anyhow::{Context, Result};

/// The plaintexts and the index of their blocks.
#[derive(Debug)]
pub(super) struct Windows {
    files: Vec<(String, Vec<u8>)>,
    /// One bit for each value of a short hash: most offsets of the data end here.
    filter: Vec<u64>,
    /// Where each block stands: file and offset.
    blocks: HashMap<u128, Vec<(usize, usize)>>,
}

impl Windows {
    pub(super) fn of_files(paths: &[PathBuf]) -> Result<Self> {
        let files = paths
            .iter()
            .map(|path| {
                let bytes = std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
                Ok((path.display().to_string(), bytes))
            })
            .collect::<Result<_>>()?;
        Ok(Self::new(files))
    }

    fn new(files: Vec<(String, Vec<u8>)>) -> Self {
        let mut windows = Self { files, filter: vec![0; 1 << (FILTER_BITS - 6)], blocks: HashMap::new() };
        for (file, (_, bytes)) in windows.files.iter().enumerate() {
            for offset in (0..bytes.len().saturating_sub(BLOCK - 1)).step_by(BLOCK) {
                let block = block(bytes, offset);
                let bit = short_hash(block);
                windows.filter[bit >> 6] |= 1 << (bit & 63);
                windows.blocks.entry(block).or_default().push((file, offset));
            }
        }
        windows
    }

    /// The files of which a window stands in some bytes.
    pub(super) fn find(&self, data: &[u8]) -> Vec<String> {
        let mut found = vec![false; self.files.len()];
        for offset in 0..data.len().saturating_sub(BLOCK - 1) {
            let block = block(data, offset);
            let bit = short_hash(block);
            if self.filter[bit >> 6] >> (bit & 63) & 1 == 0 {
                continue;
            }
            for &(file, place) in self.blocks.get(&block).map(Vec::as_slice).unwrap_or_default() {
                found[file] = found[file] || is_window(&self.files[file].1, place, data, offset);
            }
        }
        self.files.iter().zip(found).filter(|(_, found)| *found).map(|((name, _), _)| what(name)).collect()
    }

    /// One window of each file, from its middle and from a place that is no multiple of anything.
    pub(super) fn canaries(&self) -> impl Iterator<Item = (String, Vec<u8>)> {
        self.files.iter().filter_map(|(name, bytes)| {
            let window = bytes.windows(WINDOW).skip(bytes.len() / 2 + 5).find(|window| has_many_values(window))?;
            Some((what(name), window.to_vec()))
        })
    }
}

fn what(name: &str) -> String {
    format!("{WINDOW} bytes of {name}")
}

/// Whether the block that both have is part of a whole window that both have.
fn is_window(plain: &[u8], place: usize, data: &[u8], offset: usize) -> bool {
    let left = (1..=BLOCK).take_while(|step| {
        place
            .checked_sub(*step)
            .zip(offset.checked_sub(*step))
            .is_some_and(|(of_plain, of_data)| plain[of_plain] == data[of_data])
    });
    let start = left.count();
    let right = plain[place..]
        .iter()
        .zip(&data[offset..])
        .take(WINDOW)
        .take_while(|(of_plain, of_data)| of_plain == of_data)
        .count();
    plain[place - start..place + right].windows(WINDOW).any(has_many_values)
}

fn has_many_values(window: &[u8]) -> bool {
    let mut values = [false; 256];
    for byte in window {
        values[usize::from(*byte)] = true;
    }
    values.iter().filter(|seen| **seen).count() >= DISTINCT
}

fn block(bytes: &[u8], offset: usize) -> u128 {
    u128::from_le_bytes(bytes[offset..offset + BLOCK].try_into().expect("a block has 16 bytes"))
}

fn short_hash(block: u128) -> usize {
    let folded = (block as u64) ^ ((block >> 64) as u64).rotate_left(29);
    (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - FILTER_BITS)) as usize
}

/// Bytes in a row that must not be found.
const WINDOW: usize = 32;

/// Bytes in a row that are indexed: half a window.
const BLOCK: usize = 16;

/// Values that a window has at least: runs of zeros and the like stand in every file.
const DISTINCT: usize = 16;

/// 2^28 bits, 32 MB: at 50 MB of plaintext one in eighty is set.
const FILTER_BITS: u32 = 28;

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that repeat nowhere soon.
    fn noise(length: usize, mut state: u64) -> Vec<u8> {
        std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        })
        .take(length)
        .collect()
    }

    #[test]
    fn a_window_is_found_wherever_it_begins_and_one_byte_less_is_not() {
        let plain = noise(1000, 1);
        let windows = Windows::new(vec![("plain".to_owned(), plain.clone())]);
        for start in 0..64_usize {
            for before in [0, 1, 7, 100] {
                // The byte before it is not the plaintext's: a window must not grow longer by chance.
                let mut data = noise(before, 2);
                if let Some((last, of_plain)) = data.last_mut().zip(start.checked_sub(1).map(|index| plain[index])) {
                    *last = !of_plain;
                }
                data.extend(&plain[start..start + WINDOW]);
                data.extend(noise(50, 3));
                assert_eq!(windows.find(&data), ["32 bytes of plain"], "from {start}, after {before}");
                data[before + WINDOW - 1] ^= 1;
                assert!(windows.find(&data).is_empty(), "31 bytes from {start}, after {before}");
            }
        }
    }

    #[test]
    fn a_window_of_few_values_is_not_looked_for() {
        let windows = Windows::new(vec![("zeros".to_owned(), vec![0; 100])]);
        assert!(windows.find(&[0; 100]).is_empty());
    }
}
