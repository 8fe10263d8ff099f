//! What an account's owner signs when its keys change (FORMAT 12).

use crate::error::Result;
use crate::id::{Hash, Id, Signature};
use crate::keys::identity::{Identity, PublicIdentity};
use crate::keys::recovery::{RecoveryKeys, RecoveryPublicKey};
use crate::label::Label;

/// A recovery, signed by the phrase's key: the platform takes the new password's wrap only with this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecoveryStatement<'a> {
    /// The account.
    pub account: Id,
    /// The platform's origin: a statement for one is worth nothing at another.
    pub origin: &'a str,
    /// What the platform asked with: single use, ten minutes.
    pub challenge: &'a [u8; 32],
    /// [`AuthSecret::hash`](crate::AuthSecret::hash) of the new password's.
    pub new_auth: Hash,
    /// The hash of the new wrap by password.
    pub new_wrap: Hash,
}

impl<'a> RecoveryStatement<'a> {
    /// The first of the two statements of a recovery: it asks for the wraps that the phrase opens, and so names none yet. In the
    /// new wrap's place stands the hash of nothing, which no wrap has.
    pub fn to_open(account: Id, origin: &'a str, challenge: &'a [u8; 32], new_auth: Hash) -> Self {
        Self { account, origin, challenge, new_auth, new_wrap: Hash::of(b"") }
    }

    /// Signs it.
    pub fn sign(&self, phrase: &RecoveryKeys) -> Signature {
        phrase.auth.sign(self.label().as_bytes())
    }

    /// Checks that the phrase's key signed it.
    ///
    /// # Errors
    /// [`Error::Signature`](crate::Error::Signature) for another phrase or statement.
    pub fn verify(&self, key: &RecoveryPublicKey, signature: &Signature) -> Result<()> {
        key.0.verify(self.label().as_bytes(), signature)
    }

    fn label(&self) -> Label {
        Label::new("recovery")
            .id(&self.account)
            .part(self.origin)
            .part(self.challenge)
            .hash(&self.new_auth)
            .hash(&self.new_wrap)
    }
}

/// The wraps of an account as they are from a version on, signed by its identity. The platform takes only the version that
/// follows; clients check it and remember it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeysStatement {
    /// The account.
    pub account: Id,
    /// Counts the changes.
    pub version: u64,
    /// The DEK's epoch.
    pub dek_epoch: u32,
    /// The public key of the recovery phrase.
    pub recovery_public: [u8; 32],
    /// The hash of each wrap of the DEK, by password and by phrase, in the order of the wraps' ids.
    pub wraps: Vec<Hash>,
}

impl KeysStatement {
    /// Signs it.
    pub fn sign(&self, identity: &Identity) -> Signature {
        identity.sign(&self.label())
    }

    /// Checks that the account's identity signed it.
    ///
    /// # Errors
    /// [`Error::Signature`](crate::Error::Signature) for another signer or statement.
    pub fn verify(&self, identity: &PublicIdentity, signature: &Signature) -> Result<()> {
        identity.verify(&self.label(), signature)
    }

    /// `H` of what is signed: what a device remembers of a version.
    pub(crate) fn hash(&self) -> Hash {
        self.label().sha256()
    }

    fn label(&self) -> Label {
        let wraps: Vec<u8> = self.wraps.iter().flat_map(|hash| *hash.as_bytes()).collect();
        Label::new("account-keys")
            .id(&self.account)
            .u64(self.version)
            .u32(self.dek_epoch)
            .part(self.recovery_public)
            .part(wraps)
    }
}
