//! How the owner's identity changed, as it is told to a gateway.

use imegha_crypto::{AccountRecord, Hash, Id, KeyHistory, KeyHistoryEntry, PublicIdentity, Signature};
use serde::{Deserialize, Serialize};

use super::{Base64Url, Decimal};
use crate::error::{Error, ErrorKind, Result};

/// Tells a gateway the whole key history of its owner (FORMAT 7), from the identity that it was deployed with.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use imegha_cloud::protocol::HistoryRequest;
/// use imegha_crypto::{Id, Identity, KeyHistory, KeyHistoryEntry};
///
/// let (account, first) = (Id::generate()?, Identity::generate()?);
/// let history = KeyHistory::verify(&account, "alice", vec![KeyHistoryEntry::first(&first, &account, "alice", 0)])?;
/// let told = HistoryRequest::of(&history, &account, "alice").into_told()?;
/// assert_eq!(told, (account, "alice".to_owned(), history));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryRequest {
    /// The account's id.
    pub account: Base64Url,
    /// Its iMTag, in lower case.
    pub tag: String,
    /// The entries, from the first: at most [`AccountRecord::MAX_HISTORY`].
    pub entries: Vec<WireHistoryEntry>,
}

impl HistoryRequest {
    /// As it goes over the wire.
    pub fn of(history: &KeyHistory, account: &Id, tag: &str) -> Self {
        Self {
            account: bytes(account.as_bytes()),
            tag: tag.to_owned(),
            entries: history.entries().iter().map(WireHistoryEntry::of).collect(),
        }
    }

    /// As it comes from the wire, verified: account, tag, and the history of them.
    ///
    /// # Errors
    /// `Malformed` for too many entries and for values that are none, `CannotOpen` for a history that does not hold.
    pub fn into_told(self) -> Result<(Id, String, KeyHistory)> {
        if self.entries.len() > AccountRecord::MAX_HISTORY {
            return Err(malformed());
        }
        let account = Id::from_bytes(fixed(&self.account)?);
        let entries = self.entries.into_iter().map(WireHistoryEntry::into_entry).collect::<Result<_>>()?;
        let history = KeyHistory::verify(&account, &self.tag, entries)?;
        Ok((account, self.tag, history))
    }
}

/// One entry, in the form that platforms serve it in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WireHistoryEntry {
    /// Counted from 0.
    pub seq: Decimal,
    /// The hash of the entry before; 32 zero bytes at seq 0.
    pub previous: Base64Url,
    /// The RSA public key, DER SubjectPublicKeyInfo.
    pub spki: Base64Url,
    /// The Ed25519 public key.
    pub ed25519: Base64Url,
    /// When, in milliseconds since 1970.
    pub ms: Decimal,
    /// The signature by the identity before, from seq 1 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_previous: Option<Base64Url>,
    /// The signature by this identity.
    pub by_new: Base64Url,
    /// The signature that binds the keys to account and tag.
    pub binding: Base64Url,
}

impl WireHistoryEntry {
    fn of(entry: &KeyHistoryEntry) -> Self {
        Self {
            seq: Decimal(entry.seq),
            previous: bytes(entry.previous.as_bytes()),
            spki: bytes(entry.identity.spki()),
            ed25519: bytes(entry.identity.ed25519()),
            ms: Decimal(entry.ms),
            by_previous: entry.by_previous.map(|signature| bytes(signature.as_bytes())),
            by_new: bytes(entry.by_new.as_bytes()),
            binding: bytes(entry.binding.as_bytes()),
        }
    }

    fn into_entry(self) -> Result<KeyHistoryEntry> {
        let signature = |bytes: &Base64Url| fixed(bytes).map(Signature::from_bytes);
        Ok(KeyHistoryEntry {
            seq: self.seq.0,
            previous: Hash::from_bytes(fixed(&self.previous)?),
            identity: PublicIdentity::parse(&self.spki.0, &self.ed25519.0).map_err(|_| malformed())?,
            ms: self.ms.0,
            by_previous: self.by_previous.as_ref().map(signature).transpose()?,
            by_new: signature(&self.by_new)?,
            binding: signature(&self.binding)?,
        })
    }
}

fn bytes(bytes: &[u8]) -> Base64Url {
    Base64Url(bytes.to_vec())
}

fn fixed<const N: usize>(bytes: &Base64Url) -> Result<[u8; N]> {
    bytes.0.as_slice().try_into().map_err(|_| malformed())
}

fn malformed() -> Error {
    Error::new(ErrorKind::Malformed, "not the history of an owner's keys")
}

/// The most bytes of a [`HistoryRequest`]: more than the longest history has.
pub const MAX_HISTORY_LEN: usize = 1024 * 1024;

#[cfg(test)]
mod tests {
    use imegha_crypto::Identity;

    use super::*;

    fn request() -> HistoryRequest {
        let (account, tag) = (Id::from_bytes([1; 16]), "alice");
        let (one, two) = (Identity::generate().unwrap(), Identity::generate().unwrap());
        let first = KeyHistoryEntry::first(&one, &account, tag, 1);
        let history = KeyHistory::verify(&account, tag, vec![first.clone()]).unwrap();
        let second = KeyHistoryEntry::next(&history, &one, &two, &account, tag, u64::MAX).unwrap();
        let history = KeyHistory::verify(&account, tag, vec![first, second]).unwrap();
        HistoryRequest::of(&history, &account, tag)
    }

    #[test]
    fn it_comes_back_as_it_was_and_has_one_form() {
        let request = request();
        let json = serde_json::to_string(&request).unwrap();
        assert!(json.starts_with(r#"{"account":"AQEBAQEBAQEBAQEBAQEBAQ","tag":"alice","entries":[{"seq":"0","#));
        let read = |json: &str| serde_json::from_str::<HistoryRequest>(json).ok()?.into_told().ok();
        let (account, tag, history) = read(&json).unwrap();
        assert_eq!(HistoryRequest::of(&history, &account, &tag), request);
        for (from, to) in [
            (r#""tag":"alice""#, r#""tag":"mallory""#),
            (r#""tag":"alice""#, r#""tag":"alice","more":1"#),
            (r#""tag":"alice","#, ""),
            (r#""seq":"0""#, r#""seq":0"#),
            (r#""seq":"0""#, r#""seq":"0","more":1"#),
            (r#""seq":"0""#, r#""seq":"0","seq":"0""#),
            ("AQEBAQEBAQEBAQEBAQEBAQ", "AQEBAQEBAQEBAQEBAQEB"),
            (r#""by_previous""#, r#""by_nobody""#),
            (r#""ms":"1""#, r#""ms":"2""#),
        ] {
            let changed = json.replacen(from, to, 1);
            assert_ne!(changed, json);
            assert!(read(&changed).is_none(), "{changed}");
        }
        assert!(HistoryRequest { entries: vec![], ..request }.into_told().is_err());
    }

    /// Not even looked at: of one that is only too long the first entries hold.
    #[test]
    fn it_has_as_many_entries_as_an_account_and_fits_its_bound() {
        let request = request();
        let last = WireHistoryEntry { seq: Decimal(999), ..request.entries[1].clone() };
        let entries = vec![last.clone(); AccountRecord::MAX_HISTORY];
        let longest = HistoryRequest { tag: "a".repeat(30), entries, ..request.clone() };
        assert!(serde_json::to_vec(&longest).unwrap().len() < MAX_HISTORY_LEN);
        let kind = |request: HistoryRequest| request.into_told().unwrap_err().kind();
        assert_eq!(kind(longest.clone()), ErrorKind::CannotOpen);
        let entries = [longest.entries, vec![last]].concat();
        assert_eq!(kind(HistoryRequest { entries, ..request }), ErrorKind::Malformed);
    }
}
