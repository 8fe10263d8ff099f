//! What the platform keeps of an account: addresses, public keys, and keys that it cannot open.

use crate::account::statement::KeysStatement;
use crate::error::{Error, Result};
use crate::id::{Fingerprint, Hash, Id, Signature};
use crate::keys::history::KeyHistoryEntry;
use crate::keys::identity::PublicIdentity;
use crate::keys::password::{Email, KdfParams};
use crate::sealed::Sealed;

/// What the platform keeps of an account. Nothing in it is secret to the platform; everything that matters is signed or
/// sealed, and checked when the account is unlocked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRecord {
    /// The account.
    pub account: Id,
    /// The address that codes go to.
    pub email: Email,
    /// The iMTag, in lower case.
    pub tag: String,
    /// Counts the changes; 1 is the account as it was made.
    pub version: u64,
    /// The DEK's epoch.
    pub dek_epoch: u32,
    /// The wraps of the DEK by password, the newest last: more than one while a change is under way.
    pub passwords: Vec<PasswordWrap>,
    /// The wraps of the DEK by recovery phrase, the newest last.
    pub phrases: Vec<PhraseWrap>,
    /// The DEKs of earlier epochs, each wrapped under the next.
    pub previous: Vec<PreviousWrap>,
    /// Every identity there ever was.
    pub identities: Vec<IdentityWrap>,
    /// How one identity followed another.
    pub history: Vec<KeyHistoryEntry>,
    /// The current identity's, over [`statement`](Self::statement).
    pub signature: Signature,
}

/// A wrap of the DEK by password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordWrap {
    /// Its id.
    pub id: Id,
    /// How its key is derived.
    pub params: KdfParams,
    /// `H(auth)`: it is served only to a sign-in with this secret. None where it is withheld: whoever has a session alone would
    /// have something to guess the password by.
    pub auth: Option<Hash>,
    /// The wrap.
    pub wrap: Wrap,
}

/// A wrap of the DEK, or what is shown of it to who may not have it: enough to check what was signed, and to sign what follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrap {
    /// The wrap itself.
    Held(Sealed),
    /// [`Sealed::hash`] of a wrap that is not handed out.
    Withheld(Hash),
}

impl Wrap {
    /// The hash that the identity signs.
    pub fn hash(&self) -> Hash {
        match self {
            Self::Held(wrap) => wrap.hash(),
            Self::Withheld(hash) => *hash,
        }
    }

    /// The wrap, where it is held.
    pub fn held(&self) -> Option<&Sealed> {
        match self {
            Self::Held(wrap) => Some(wrap),
            Self::Withheld(_) => None,
        }
    }
}

/// A wrap of the DEK by recovery phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhraseWrap {
    /// Its id.
    pub id: Id,
    /// What the phrase signs a recovery with.
    pub public_key: [u8; 32],
    /// The wrap.
    pub wrap: Wrap,
}

/// The DEK of an epoch, wrapped under the DEK of the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviousWrap {
    /// The epoch of the key inside; the next one's key wraps it.
    pub epoch: u32,
    /// The wrap.
    pub wrap: Sealed,
}

/// An identity, wrapped under the DEK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityWrap {
    /// Which identity.
    pub fingerprint: Fingerprint,
    /// The epoch of the DEK that wraps it.
    pub dek_epoch: u32,
    /// The wrap.
    pub wrap: Sealed,
}

impl AccountRecord {
    /// The most wraps by password, or by phrase, that a record may have: each may cost a derivation.
    pub const MAX_WRAPS: usize = 8;
    /// The most epochs and identities that a record may have.
    pub const MAX_HISTORY: usize = 1_000;

    /// What the identity signs of it.
    ///
    /// # Errors
    /// [`Error::Malformed`] without a wrap by phrase.
    pub fn statement(&self) -> Result<KeysStatement> {
        let passwords = self.passwords.iter().map(|password| (password.id, password.wrap.hash()));
        let phrases = self.phrases.iter().map(|phrase| (phrase.id, phrase.wrap.hash()));
        let mut wraps: Vec<_> = passwords.chain(phrases).collect();
        wraps.sort_unstable();
        Ok(KeysStatement {
            account: self.account,
            version: self.version,
            dek_epoch: self.dek_epoch,
            recovery_public: self.phrases.last().ok_or(Error::Malformed)?.public_key,
            wraps: wraps.into_iter().map(|(_, hash)| hash).collect(),
        })
    }

    /// Checks that an identity signed this record: the platform too, before it takes it for the next version.
    ///
    /// # Errors
    /// [`Error::Signature`] for another signer, or a wrap that was added, dropped, exchanged or made old again.
    pub fn verify(&self, identity: &PublicIdentity) -> Result<()> {
        self.statement()?.verify(identity, &self.signature)
    }

    /// Puts a wrap by phrase in the place of its hash, where it is withheld. Whether it belongs there the hash decides.
    pub fn hold_phrase(&mut self, wrap: &Sealed) {
        let hash = wrap.hash();
        for phrase in &mut self.phrases {
            if phrase.wrap == Wrap::Withheld(hash) {
                phrase.wrap = Wrap::Held(wrap.clone());
            }
        }
    }

    /// Refuses what would keep a device busy, and a record that lacks what every account has. Which list a wrap stands in is not
    /// signed, so one of the lists could be emptied into the other.
    pub(super) fn check_bounds(&self) -> Result<()> {
        let wraps = 1..=Self::MAX_WRAPS;
        let within = wraps.contains(&self.passwords.len())
            && wraps.contains(&self.phrases.len())
            && self.previous.len().max(self.identities.len()).max(self.history.len()) <= Self::MAX_HISTORY;
        if within { Ok(()) } else { Err(Error::Malformed) }
    }
}
