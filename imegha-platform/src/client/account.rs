//! An account whose keys are open.

use std::sync::Arc;

use imegha_crypto::{
    Dek, Email, Fingerprint, Hash, Id, Identity, KdfParams, KeyHistory, KeyHistoryEntry, LastSeen, PublicIdentity,
    RecoveryPhrase, Sealed,
};
use serde::{Deserialize, Serialize};

use super::record::held;
use crate::error::{Error, ErrorKind, Result};
use crate::gateway_address::GatewayAddress;
use crate::protocol::{Bundle, Gateway, Kdf, base64url, decimal};
use crate::tag::Tag;

/// An account with its keys, as it is after signing in. Everything in it was verified or opened.
#[derive(Clone, Debug)]
pub struct Account {
    /// The account's id.
    pub id: Id,
    /// The email address that it signed in with, normalised. While the account moves to another one, see
    /// [`newest_email`](Self::newest_email).
    pub email: Email,
    /// The iMTag.
    pub tag: Tag,
    /// The data encryption key: everything else hangs on it.
    pub dek: Dek,
    /// Its epoch.
    pub dek_epoch: u32,
    /// The current identity, with its private keys.
    pub identity: Arc<Identity>,
    /// The identities that there were, verified from the first to the current.
    pub history: KeyHistory,
    /// Where the account's cloud is, if one is connected.
    pub gateway: Option<GatewayAddress>,
    /// The same as a value that changes (FORMAT 12).
    pub(super) keys: imegha_crypto::Account,
    /// The key derivation that it signed in with.
    pub(super) kdf: KdfParams,
}

impl Account {
    /// The address that codes go to: another than [`email`](Self::email) while the account moves to it.
    pub fn newest_email(&self) -> &Email {
        &self.keys.record().email
    }

    /// How many passwords open it: more than one where a change was broken off. Signing in with the newest drops the others.
    pub fn password_count(&self) -> usize {
        self.keys.record().passwords.len()
    }

    /// How many recovery phrases open it: more than one where a new one was not asked back yet.
    pub fn phrase_count(&self) -> usize {
        self.keys.record().phrases.len()
    }

    /// The DEK of an earlier epoch, for what was wrapped under it.
    pub fn previous_dek(&self, epoch: u32) -> Option<&Dek> {
        self.keys.previous_dek(epoch)
    }

    /// The keys of all earlier epochs, from the first: what was written before the account's keys were [renewed](super::Platform::renew) opens by
    /// them, and nothing new is written under them.
    pub fn earlier(&self) -> impl Iterator<Item = EarlierKeys<'_>> {
        // Each epoch has an identity of its own: the two are renewed together, and the platform takes neither alone.
        self.keys.previous_deks().zip(self.history.entries()).map(|((dek_epoch, dek), entry)| EarlierKeys {
            dek_epoch,
            dek,
            identity: &entry.identity,
        })
    }

    /// Opens an identity that the account had before, or has, to read what was sealed to it.
    ///
    /// # Errors
    /// [`ErrorKind::CannotOpen`] for one that it never had.
    pub fn open_earlier_identity(&self, fingerprint: &Fingerprint) -> Result<Identity> {
        Ok(self.keys.open_earlier_identity(fingerprint)?)
    }

    /// The DEK wrapped by the account's recovery phrase (FORMAT 5, `dek-by-recovery`): what its cloud is to keep, so that phrase and storage open
    /// it without the platform. It is the wrap that the platform has where this device has it, and else another one that the same words open.
    ///
    /// # Errors
    /// [`ErrorKind::CannotOpen`] for the words of no phrase that the account has; [`ErrorKind::Device`] without randomness.
    pub fn recovery_wrap(&self, phrase: &RecoveryPhrase) -> Result<Sealed> {
        let public_key = phrase.derive_keys().public_key();
        let theirs = self.keys.record().phrases.iter().rfind(|wrap| wrap.public_key == public_key);
        let theirs =
            theirs.ok_or_else(|| Error::new(ErrorKind::CannotOpen, "these are not the words of the phrase"))?;
        match theirs.wrap.held() {
            Some(wrap) => Ok(wrap.clone()),
            None => held(&self.keys.wrap_phrase(phrase)?.wrap),
        }
    }

    /// How many iterations its newest password is derived with.
    pub fn iterations(&self) -> u32 {
        self.keys.record().passwords.last().map_or(self.kdf.iterations(), |wrap| wrap.params.iterations())
    }
}

/// The keys of an earlier epoch of an account.
#[derive(Clone, Copy, Debug)]
pub struct EarlierKeys<'a> {
    /// The epoch.
    pub dek_epoch: u32,
    /// The DEK.
    pub dek: &'a Dek,
    /// The identity of that time. [`Account::open_earlier_identity`] opens its private keys.
    pub identity: &'a PublicIdentity,
}

/// What signing in yields.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The account.
    pub account: Account,
    /// What this device should remember of it, for [`Platform::sign_in_known`](super::Platform::sign_in_known).
    pub known: Known,
    /// The version of the policy that the account accepted.
    pub policy_version: u32,
    /// The version in force. When it is another one, show what changed and ask for [`Platform::accept_policy`](super::Platform::accept_policy).
    pub current_policy_version: u32,
}

/// What a device remembers of an account, so that the platform cannot weaken or replace it unseen.
/// Public values only, but for the account's owner: keep it where the account's other local state is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// The account's id.
    #[serde(with = "base64url")]
    pub account: Id,
    /// The key derivation that it last saw.
    pub kdf: Kdf,
    /// The version of the account's keys that it saw.
    #[serde(with = "decimal")]
    pub version: u64,
    /// The hash of what was signed of them.
    #[serde(with = "base64url")]
    pub statement: Hash,
    /// The fingerprint of the account's first identity.
    #[serde(with = "base64url")]
    pub first: Fingerprint,
    /// The number of the newest entry of the key history that it saw.
    #[serde(with = "decimal")]
    pub seq: u64,
    /// The hash of that entry.
    #[serde(with = "base64url")]
    pub head: Hash,
}

impl Known {
    pub(super) fn new(keys: &imegha_crypto::Account, kdf: &KdfParams) -> Self {
        let (seen, history) = (keys.last_seen(), keys.history());
        let (seq, head) = place(history);
        Self {
            account: seen.account,
            kdf: kdf.into(),
            version: seen.version,
            statement: seen.statement,
            first: history.first().fingerprint(),
            seq,
            head,
        }
    }

    /// The same for `imegha-crypto`, which refuses what is older or weaker.
    pub(super) fn last_seen(&self) -> Result<LastSeen> {
        Ok(LastSeen {
            account: self.account,
            version: self.version,
            statement: self.statement,
            history: self.head,
            params: Some(KdfParams::try_from(&self.kdf)?),
        })
    }

    /// Whether `bundle` goes on from what this device knows: same account, and a history of which the known one is the beginning.
    pub(super) fn check(&self, bundle: &Bundle, tag: &Tag, history: &KeyHistory) -> Result<()> {
        let changed = || Error::new(ErrorKind::KeyChanged, "this is not the account that this device knows");
        if self.account != bundle.account || self.first != history.first().fingerprint() {
            return Err(changed());
        }
        entry_at(history, &self.account, tag, self.seq, &self.head).map(drop).ok_or_else(changed)
    }
}

/// The number and the hash of a history's newest entry.
pub(super) fn place(history: &KeyHistory) -> (u64, Hash) {
    // A verified history holds its entries in order, and at least one.
    (history.entries().len() as u64 - 1, history.head())
}

/// The entry of that number, if its hash is that one: then the history goes on from there.
pub(super) fn entry_at<'a>(
    history: &'a KeyHistory,
    account: &Id,
    tag: &Tag,
    seq: u64,
    hash: &Hash,
) -> Option<&'a KeyHistoryEntry> {
    let entry = history.entries().get(usize::try_from(seq).ok()?)?;
    (entry.hash(account, tag.as_str()) == *hash).then_some(entry)
}

/// Verifies a key history as it came.
pub(super) fn verify_history(account: &Id, tag: &Tag, entries: &[crate::protocol::HistoryEntry]) -> Result<KeyHistory> {
    let changed = |error| Error::with_source(ErrorKind::KeyChanged, "the account's key history does not hold", error);
    let entries: Result<Vec<_>, _> = entries.iter().map(KeyHistoryEntry::try_from).collect();
    KeyHistory::verify(account, tag.as_str(), entries.map_err(changed)?).map_err(changed)
}

/// Opens the address of the gateway as it came.
pub(super) fn open_gateway(dek: &Dek, account: &Id, gateway: &Gateway) -> Result<GatewayAddress> {
    let payload = dek.open_gateway_address(&gateway.sealed, account, gateway.edit)?;
    GatewayAddress::from_json(&payload)
}
