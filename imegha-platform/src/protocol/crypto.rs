//! From the wire's values to the checked ones of `imegha-crypto`, and back.

use imegha_crypto::{Error, KdfParams, KeyHistoryEntry, PublicIdentity};

use super::{HistoryEntry, Kdf};

impl From<&KdfParams> for Kdf {
    fn from(params: &KdfParams) -> Self {
        Self { kdf_id: params.kdf_id(), iterations: params.iterations(), salt: params.salt().to_vec() }
    }
}

impl TryFrom<&Kdf> for KdfParams {
    type Error = Error;

    /// Refuses what FORMAT 3 refuses.
    fn try_from(kdf: &Kdf) -> Result<Self, Error> {
        Self::new(kdf.kdf_id, kdf.iterations, &kdf.salt)
    }
}

impl From<&KeyHistoryEntry> for HistoryEntry {
    fn from(entry: &KeyHistoryEntry) -> Self {
        Self {
            seq: entry.seq,
            previous: entry.previous,
            spki: entry.identity.spki().to_vec(),
            ed25519: *entry.identity.ed25519(),
            ms: entry.ms,
            by_previous: entry.by_previous,
            by_new: entry.by_new,
            binding: entry.binding,
        }
    }
}

impl TryFrom<&HistoryEntry> for KeyHistoryEntry {
    type Error = Error;

    /// Reads the public keys; the signatures are [`KeyHistory::verify`](imegha_crypto::KeyHistory::verify)'s to check.
    fn try_from(entry: &HistoryEntry) -> Result<Self, Error> {
        Ok(Self {
            seq: entry.seq,
            previous: entry.previous,
            identity: PublicIdentity::parse(&entry.spki, &entry.ed25519)?,
            ms: entry.ms,
            by_previous: entry.by_previous,
            by_new: entry.by_new,
            binding: entry.binding,
        })
    }
}
