//! How an account's identity changed, signed from one to the next (FORMAT 7), and the number that two people compare.

use sha2::{Digest as _, Sha512};

use crate::error::{Error, Result};
use crate::id::{Fingerprint, Hash, Id, Signature};
use crate::keys::identity::{Identity, PublicIdentity};
use crate::label::{Label, push_lp};
use crate::primitives::sign::VerifyKey;

/// One identity of an account, as the platform serves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyHistoryEntry {
    /// Its place: 0 is the first.
    pub seq: u64,
    /// The hash of the entry before; zero for the first.
    pub previous: Hash,
    /// The identity.
    pub identity: PublicIdentity,
    /// When it began, in milliseconds since 1970.
    pub ms: u64,
    /// The signature by the identity before; none for the first.
    pub by_previous: Option<Signature>,
    /// The signature by this identity.
    pub by_new: Signature,
    /// The signature that binds this identity to account and tag.
    pub binding: Signature,
}

impl KeyHistoryEntry {
    /// The first entry of an account.
    pub fn first(identity: &Identity, account: &Id, tag: &str, ms: u64) -> Self {
        let statement = statement(account, tag, 0, &Hash::ZERO, &identity.fingerprint(), ms);
        Self {
            seq: 0,
            previous: Hash::ZERO,
            identity: identity.public().clone(),
            ms,
            by_previous: None,
            by_new: identity.sign(&statement),
            binding: identity.sign_binding(account, tag),
        }
    }

    /// The entry that follows a history: signed by the identity before and the new one.
    ///
    /// # Errors
    /// [`Error::Key`] when `previous` is not the history's current identity.
    pub fn next(
        history: &KeyHistory,
        previous: &Identity,
        identity: &Identity,
        account: &Id,
        tag: &str,
        ms: u64,
    ) -> Result<Self> {
        if previous.public() != history.current() {
            return Err(Error::Key);
        }
        let seq = history.entries.len() as u64;
        let statement = statement(account, tag, seq, &history.head, &identity.fingerprint(), ms);
        Ok(Self {
            seq,
            previous: history.head,
            identity: identity.public().clone(),
            ms,
            by_previous: Some(previous.sign(&statement)),
            by_new: identity.sign(&statement),
            binding: identity.sign_binding(account, tag),
        })
    }

    /// `H(statement)`: what the next entry names.
    pub fn hash(&self, account: &Id, tag: &str) -> Hash {
        self.statement(account, tag).sha256()
    }

    fn statement(&self, account: &Id, tag: &str) -> Label {
        self.link().statement(account, tag)
    }

    fn link(&self) -> Link {
        Link {
            seq: self.seq,
            previous: self.previous,
            fingerprint: self.identity.fingerprint(),
            ed25519: self.identity.verify_key(),
            ms: self.ms,
            by_previous: self.by_previous,
            by_new: self.by_new,
        }
    }
}

/// A whole history that holds: no gap, no fork, every link signed by both sides, every identity bound to the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyHistory {
    entries: Vec<KeyHistoryEntry>,
    head: Hash,
}

impl KeyHistory {
    /// Checks a history that the platform served, from the first entry on.
    ///
    /// # Errors
    /// [`Error::Signature`] for an empty one, a gap, a wrong hash, a signature that is missing, foreign or too many, or
    /// an identity bound to another account or tag.
    pub fn verify(account: &Id, tag: &str, entries: Vec<KeyHistoryEntry>) -> Result<Self> {
        for entry in &entries {
            entry.identity.verify_binding(account, tag, &entry.binding)?;
        }
        let head = verify_links(account, tag, entries.iter().map(KeyHistoryEntry::link))?;
        Ok(Self { entries, head })
    }

    /// The first identity: a cloud's gateway is deployed with its fingerprint.
    pub fn first(&self) -> &PublicIdentity {
        &self.entries[0].identity
    }

    /// The identity that counts now.
    pub fn current(&self) -> &PublicIdentity {
        &self.entries.last().expect("a history that holds has a first entry").identity
    }

    /// The hash of the last entry: what a device remembers, so that a history is not rolled back.
    pub fn head(&self) -> Hash {
        self.head
    }

    /// The entries, from the first.
    pub fn entries(&self) -> &[KeyHistoryEntry] {
        &self.entries
    }

    /// Whether this history goes on from a head that was seen before.
    pub fn contains(&self, account: &Id, tag: &str, head: &Hash) -> bool {
        self.entries.iter().any(|entry| entry.hash(account, tag) == *head)
    }
}

/// Sixty digits that two people compare to know that nobody stands between them: the same from either side.
pub fn safety_number(tag_a: &str, a: &Fingerprint, tag_b: &str, b: &Fingerprint) -> String {
    let (a, b) = (safety_side(tag_a, a), safety_side(tag_b, b));
    let label = Label::new("safety-number").part(a.as_slice().min(&b)).part(a.as_slice().max(&b));
    let hash = Sha512::digest(label.as_bytes());
    let groups = hash.chunks_exact(5).take(12).map(|group| {
        let number = group.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        format!("{:05}", number % 100_000)
    });
    groups.collect::<Vec<_>>().join(" ")
}

/// What of an entry is chained and signed.
pub(crate) struct Link {
    pub(crate) seq: u64,
    pub(crate) previous: Hash,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) ed25519: VerifyKey,
    pub(crate) ms: u64,
    pub(crate) by_previous: Option<Signature>,
    pub(crate) by_new: Signature,
}

impl Link {
    fn statement(&self, account: &Id, tag: &str) -> Label {
        statement(account, tag, self.seq, &self.previous, &self.fingerprint, self.ms)
    }
}

/// Checks the chain from its first link, and gives the hash of its last.
pub(crate) fn verify_links(account: &Id, tag: &str, links: impl IntoIterator<Item = Link>) -> Result<Hash> {
    let mut last: Option<(Hash, VerifyKey)> = None;
    for (seq, link) in (0..).zip(links) {
        let head = last.map_or(Hash::ZERO, |(hash, _)| hash);
        if link.seq != seq || link.previous != head {
            return Err(Error::Signature);
        }
        let statement = link.statement(account, tag);
        match (last, &link.by_previous) {
            (None, None) => {}
            (Some((_, previous)), Some(signature)) => previous.verify(statement.as_bytes(), signature)?,
            _ => return Err(Error::Signature),
        }
        link.ed25519.verify(statement.as_bytes(), &link.by_new)?;
        last = Some((statement.sha256(), link.ed25519));
    }
    last.map(|(hash, _)| hash).ok_or(Error::Signature)
}

fn safety_side(tag: &str, fingerprint: &Fingerprint) -> Vec<u8> {
    let mut side = Vec::new();
    push_lp(&mut side, tag.as_bytes());
    push_lp(&mut side, fingerprint.as_bytes());
    side
}

fn statement(account: &Id, tag: &str, seq: u64, previous: &Hash, fingerprint: &Fingerprint, ms: u64) -> Label {
    Label::new("key-history").id(account).part(tag).u64(seq).hash(previous).fingerprint(fingerprint).u64(ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Signed by both sides, and yet no history: only whoever holds the keys can sign such a link. Turns red without either half of
    /// the condition in [`verify_links`].
    #[test]
    fn a_signed_link_at_another_place_or_after_another_one_is_refused() {
        let (account, tag) = (Id::from_bytes([1; 16]), "alice");
        let (one, two) = (Identity::generate().unwrap(), Identity::generate().unwrap());
        let first = KeyHistoryEntry::first(&one, &account, tag, 1);
        let head = first.hash(&account, tag);
        let verified = |seq, previous| {
            let statement = statement(&account, tag, seq, &previous, &two.fingerprint(), 2);
            let second = KeyHistoryEntry {
                seq,
                previous,
                identity: two.public().clone(),
                ms: 2,
                by_previous: Some(one.sign(&statement)),
                by_new: two.sign(&statement),
                binding: two.sign_binding(&account, tag),
            };
            KeyHistory::verify(&account, tag, vec![first.clone(), second]).map(drop)
        };
        assert_eq!(verified(1, head), Ok(()), "control");
        assert_eq!(verified(2, head), Err(Error::Signature), "a gap");
        assert_eq!(verified(0, head), Err(Error::Signature), "the same place again");
        assert_eq!(verified(1, Hash::ZERO), Err(Error::Signature), "a second beginning");
    }
}
