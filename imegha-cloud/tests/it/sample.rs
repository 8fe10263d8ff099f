//! Sealed things without keys, for tests of storage, which opens none of them.

use imegha_crypto::{Sealed, SealedObject, SealedPart};

/// A sealed object of `len` bytes, 104 or more.
pub(crate) fn object(len: usize, fill: u8) -> SealedObject {
    let mut bytes = vec![fill; len];
    bytes[..8].copy_from_slice(b"IMEGHA\x01\x01");
    SealedObject::from_received(bytes).unwrap()
}

pub(crate) fn part(len: usize, fill: u8) -> SealedPart {
    SealedPart::from_received(vec![fill; len]).unwrap()
}

/// A sealed value of `len` bytes, 72 or more.
pub(crate) fn sealed(len: usize, fill: u8) -> Sealed {
    Sealed::from_received(vec![fill; len]).unwrap()
}
