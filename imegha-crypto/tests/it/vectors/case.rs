//! One case of a file: its fields, read strictly.

use std::fmt::Debug;

use imegha_crypto::{Fingerprint, Hash, Id, Sealed, Signature};
use serde_json::Value;
use shake::Shake256;
use shake::digest::{ExtendableOutput as _, Update as _, XofReader as _};

use super::Outcome;

/// A case, and where it stands.
pub(crate) struct Case<'a> {
    place: String,
    json: &'a Value,
}

impl<'a> Case<'a> {
    pub(crate) fn new(file: &str, index: usize, json: &'a Value) -> Self {
        Self { place: format!("{file} case {index}"), json }
    }

    /// Its place, for messages.
    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    pub(crate) fn has(&self, field: &str) -> bool {
        self.json.get(field).is_some()
    }

    pub(crate) fn value(&self, field: &str) -> &'a Value {
        self.json.get(field).unwrap_or_else(|| panic!("{}: no field {field}", self.place))
    }

    /// The case that stands in a field.
    pub(crate) fn inner(&self, field: &str) -> Case<'a> {
        Case { place: format!("{} {field}", self.place), json: self.value(field) }
    }

    /// The cases that stand in a field.
    pub(crate) fn list(&self, field: &str) -> Vec<Case<'a>> {
        let list = self.value(field).as_array().unwrap_or_else(|| panic!("{}: {field} is no list", self.place));
        let inner = list.iter().enumerate();
        inner.map(|(index, json)| Case { place: format!("{} {field} {index}", self.place), json }).collect()
    }

    pub(crate) fn text(&self, field: &str) -> &'a str {
        self.value(field).as_str().unwrap_or_else(|| panic!("{}: {field} is no text", self.place))
    }

    pub(crate) fn hex(&self, field: &str) -> Vec<u8> {
        hex::decode(self.text(field)).unwrap_or_else(|_| panic!("{}: {field} is no hex", self.place))
    }

    pub(crate) fn array<const N: usize>(&self, field: &str) -> [u8; N] {
        let bytes = self.hex(field);
        <[u8; N]>::try_from(bytes).unwrap_or_else(|_| panic!("{}: {field} has not {N} bytes", self.place))
    }

    pub(crate) fn id(&self, field: &str) -> Id {
        Id::from_bytes(self.array(field))
    }

    pub(crate) fn hash(&self, field: &str) -> Hash {
        Hash::from_bytes(self.array(field))
    }

    pub(crate) fn fingerprint(&self, field: &str) -> Fingerprint {
        Fingerprint::from_bytes(self.array(field))
    }

    pub(crate) fn signature(&self, field: &str) -> Signature {
        Signature::from_bytes(self.array(field))
    }

    /// A number, also one that stands as a decimal string.
    pub(crate) fn u64(&self, field: &str) -> u64 {
        let value = self.value(field);
        let number = value.as_u64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        number.unwrap_or_else(|| panic!("{}: {field} is no number", self.place))
    }

    pub(crate) fn u32(&self, field: &str) -> u32 {
        u32::try_from(self.u64(field)).unwrap_or_else(|_| panic!("{}: {field} is no u32", self.place))
    }

    pub(crate) fn usize(&self, field: &str) -> usize {
        usize::try_from(self.u64(field)).unwrap_or_else(|_| panic!("{}: {field} is no size", self.place))
    }

    /// The parts of a label.
    pub(crate) fn parts(&self) -> Vec<Vec<u8>> {
        let parts = self.value("parts").as_array().unwrap_or_else(|| panic!("{}: no parts", self.place));
        let decode = |part: &Value| part.as_str().and_then(|part| hex::decode(part).ok());
        parts.iter().map(|part| decode(part).unwrap_or_else(|| panic!("{}: a part is no hex", self.place))).collect()
    }

    /// The one of these results that the case has; another is a failure.
    pub(crate) fn result(&self, known: &[&'static str]) -> &'static str {
        self.known("result", known)
    }

    /// The one of these values that a field has; another is a failure.
    pub(crate) fn known(&self, field: &str, known: &[&'static str]) -> &'static str {
        let found = self.text(field);
        let result = known.iter().find(|known| **known == found);
        result.unwrap_or_else(|| panic!("{}: {field} {found:?} is not known", self.place))
    }

    /// Asserts that two values are the same.
    pub(crate) fn same<T: PartialEq + Debug>(&self, what: &str, ours: T, theirs: T) {
        assert!(ours == theirs, "{}: another {what}: {ours:?} for {theirs:?}", self.place);
    }

    /// A case that opened, where `outcome` says so.
    pub(crate) fn opened<T, E: Debug>(&self, outcome: Result<T, E>) -> T {
        outcome.unwrap_or_else(|error| panic!("{}: must open, but: {error:?}", self.place))
    }

    /// A case that was refused with just that error.
    pub(crate) fn refused<T, E: Debug + PartialEq>(&self, outcome: Result<T, E>, error: E) -> Outcome {
        match outcome {
            Ok(_) => panic!("{}: must be refused, but opened", self.place),
            Err(found) => assert!(found == error, "{}: refused as {found:?}, not as {error:?}", self.place),
        }
        Outcome::Refused
    }
}

/// SHAKE-256 of the parts, `size` bytes: the plaintexts of the vectors.
pub(crate) fn plaintext(parts: &[&[u8]], size: usize) -> Vec<u8> {
    let mut shake = Shake256::default();
    parts.iter().for_each(|part| shake.update(part));
    let mut bytes = vec![0; size];
    shake.finalize_xof().read(&mut bytes);
    bytes
}

/// A sealed value of received bytes; of a length that no sealing has, it is refused like one that does not open.
pub(crate) fn sealed(bytes: Vec<u8>) -> imegha_crypto::Result<Sealed> {
    Sealed::from_received(bytes).map_err(|_| imegha_crypto::Error::CannotOpen)
}
