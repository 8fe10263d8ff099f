//! Labels: what every derivation, context, hash and signature begins with (FORMAT 1).

use zeroize::Zeroizing;

use crate::id::{Fingerprint, Hash, Id};

/// `"imegha/v1/" || name || 0x00 || lp(p1) || … || lp(pn)`, built part by part.
///
/// Each part carries its length, so no two lists of parts give the same bytes, and no bytes made for one purpose pass
/// for another. Zeroized when dropped: some parts are secret.
pub(crate) struct Label(Zeroizing<Vec<u8>>);

impl Label {
    /// The label of that name, without parts yet.
    pub(crate) fn new(name: &str) -> Self {
        assert!(name.bytes().all(|byte| byte.is_ascii_graphic()), "a name is visible ASCII");
        let mut bytes = Zeroizing::new(Vec::with_capacity(PREFIX.len() + name.len() + 1 + 128));
        bytes.extend_from_slice(PREFIX);
        bytes.extend_from_slice(name.as_bytes());
        bytes.push(0);
        Self(bytes)
    }

    /// Adds a part: `u32(len) || bytes`.
    pub(crate) fn part(mut self, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        let needed = self.0.len() + 4 + bytes.len();
        if needed > self.0.capacity() {
            // Growing in place would leave the parts behind in memory that is given back.
            let mut larger = Zeroizing::new(Vec::with_capacity(needed.max(2 * self.0.capacity())));
            larger.extend_from_slice(&self.0);
            self.0 = larger;
        }
        push_lp(&mut self.0, bytes);
        self
    }

    /// Adds a part of 16 bytes.
    pub(crate) fn id(self, id: &Id) -> Self {
        self.part(id.as_bytes())
    }

    /// Adds a part of 32 bytes.
    pub(crate) fn hash(self, hash: &Hash) -> Self {
        self.part(hash.as_bytes())
    }

    /// Adds a part of 32 bytes.
    pub(crate) fn fingerprint(self, fingerprint: &Fingerprint) -> Self {
        self.part(fingerprint.as_bytes())
    }

    /// Adds a part of one byte.
    pub(crate) fn u8(self, value: u8) -> Self {
        self.part([value])
    }

    /// Adds a part of four bytes, big-endian.
    pub(crate) fn u32(self, value: u32) -> Self {
        self.part(value.to_be_bytes())
    }

    /// Adds a part of eight bytes, big-endian.
    pub(crate) fn u64(self, value: u64) -> Self {
        self.part(value.to_be_bytes())
    }

    /// The label's bytes.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// `H(label)`.
    pub(crate) fn sha256(&self) -> Hash {
        Hash::of(&self.0)
    }
}

/// Appends `lp(bytes) = u32(len(bytes)) || bytes`.
pub(crate) fn push_lp(out: &mut Vec<u8>, bytes: &[u8]) {
    let len =
        u32::try_from(bytes.len()).expect("no part is as long as 4 GiB: they are ids, keys, signatures and names");
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(bytes);
}

/// Splits `lp(x) || rest`.
pub(crate) fn split_lp(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_be_bytes(*len) as usize)
}

const PREFIX: &[u8] = b"imegha/v1/";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_carry_their_length() {
        let one = Label::new("x").part([0, 0]);
        let two = Label::new("x").part([0]).part([0]);
        assert_eq!(one.as_bytes(), b"imegha/v1/x\x00\x00\x00\x00\x02\x00\x00");
        assert_eq!(two.as_bytes(), b"imegha/v1/x\x00\x00\x00\x00\x01\x00\x00\x00\x00\x01\x00");
    }

    #[test]
    fn integers_are_big_endian() {
        let label = Label::new("n").u8(1).u32(2).u64(3);
        assert_eq!(
            label.as_bytes(),
            b"imegha/v1/n\x00\x00\x00\x00\x01\x01\x00\x00\x00\x04\x00\x00\x00\x02\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x03"
        );
    }
}
