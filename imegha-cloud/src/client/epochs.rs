//! The keys of all epochs of an account, for reading; what is written goes under the newest.

use std::sync::Arc;

use imegha_crypto::{Dek, Id, Identity, PublicIdentity, Purpose, PurposeKey};

use super::keys::CloudKeys;
use crate::error::{Error, ErrorKind, Result};

/// What an account had before: the DEK of an epoch, and the identity that signed then.
#[derive(Clone, Debug)]
pub struct EarlierKeys {
    /// The key under which everything stood.
    pub dek: Dek,
    /// Its epoch, from 1.
    pub dek_epoch: u32,
    /// The identity of that time.
    pub identity: Arc<Identity>,
}

/// The DEKs, the newest first.
#[derive(Clone, Debug)]
pub(crate) struct Deks(Arc<[(u32, Dek)]>);

impl Deks {
    pub(crate) fn of(keys: &CloudKeys) -> Self {
        let earlier = keys.earlier.iter().map(|earlier| (earlier.dek_epoch, earlier.dek.clone()));
        Self([(keys.dek_epoch, keys.dek.clone())].into_iter().chain(earlier).collect())
    }

    /// The epoch that is written under.
    pub(crate) fn epoch(&self) -> u32 {
        self.newest().0
    }

    /// The DEK that is written under.
    pub(crate) fn dek(&self) -> &Dek {
        &self.newest().1
    }

    /// The DEK of an epoch, where the device has it.
    pub(crate) fn in_epoch(&self, epoch: u32) -> Option<&Dek> {
        self.0.iter().find(|(of, _)| *of == epoch).map(|(_, dek)| dek)
    }

    /// The keys of a purpose in that cloud.
    pub(crate) fn purpose(&self, purpose: Purpose, cloud: &Id) -> PurposeKeys {
        PurposeKeys(self.0.iter().map(|(epoch, dek)| (*epoch, dek.derive_purpose_key(purpose, cloud))).collect())
    }

    fn newest(&self) -> &(u32, Dek) {
        self.0.first().expect("an account has a DEK")
    }
}

/// The keys of one purpose, the newest first.
#[derive(Clone, Debug)]
pub(crate) struct PurposeKeys(Vec<(u32, PurposeKey)>);

impl PurposeKeys {
    /// The key that is sealed with.
    pub(crate) fn newest(&self) -> &PurposeKey {
        &self.0.first().expect("an account has a DEK").1
    }

    /// Opens something with the key that it was sealed with, and says of which epoch that is.
    ///
    /// # Errors
    /// The newest key's, when none opens it.
    pub(crate) fn open<T>(
        &self,
        open: impl Fn(&PurposeKey) -> Result<T, imegha_crypto::Error>,
    ) -> Result<(u32, T), imegha_crypto::Error> {
        first_of(&self.0, open)
    }

    /// Whether a key of that epoch is one that is not sealed with any more.
    pub(crate) fn is_earlier(&self, epoch: u32) -> bool {
        self.0.first().is_some_and(|(newest, _)| epoch < *newest)
    }
}

/// Whose signature is the owner's: the identities, the newest first, each with the epoch of the DEK that it signed in.
#[derive(Clone, Debug)]
pub(crate) struct Owners(Arc<[(u32, PublicIdentity)]>);

impl Owners {
    pub(crate) fn of(keys: &CloudKeys) -> Self {
        let earlier = keys.earlier.iter().map(|earlier| (earlier.dek_epoch, earlier.identity.public().clone()));
        Self([(keys.dek_epoch, keys.identity.public().clone())].into_iter().chain(earlier).collect())
    }

    /// One identity, whatever the epoch.
    pub(crate) fn one(identity: &PublicIdentity) -> Self {
        Self([(0, identity.clone())].into())
    }

    /// The identity that signed in an epoch, where the device has it.
    pub(crate) fn in_epoch(&self, epoch: u32) -> Option<&PublicIdentity> {
        self.0.iter().find(|(of, _)| *of == epoch).map(|(_, identity)| identity)
    }

    /// The identity that signs now.
    pub(crate) fn newest(&self) -> &PublicIdentity {
        &self.0.first().expect("an account has an identity").1
    }

    /// The epoch of the identity that verifies something.
    ///
    /// # Errors
    /// The newest identity's, when none does.
    pub(crate) fn verify(
        &self,
        verify: impl Fn(&PublicIdentity) -> Result<(), imegha_crypto::Error>,
    ) -> Result<u32, imegha_crypto::Error> {
        first_of(&self.0, verify).map(|(epoch, ())| epoch)
    }
}

/// What the first of the keys gives that gives anything, and its epoch; where none does, what is wrong with the newest.
fn first_of<K, T>(
    keys: &[(u32, K)],
    attempt: impl Fn(&K) -> Result<T, imegha_crypto::Error>,
) -> Result<(u32, T), imegha_crypto::Error> {
    let mut refused = None;
    for (epoch, key) in keys {
        match attempt(key) {
            Ok(given) => return Ok((*epoch, given)),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    Err(refused.expect("an account has keys"))
}

/// Refuses what was signed in one epoch for what was written in another: whoever has the keys of one that is over would go on with them.
pub(crate) fn check_signer(signed_in: u32, written_in: u32) -> Result<()> {
    match signed_in == written_in {
        true => Ok(()),
        false => {
            Err(Error::new(ErrorKind::CannotOpen, "the head of the log is signed by an identity of another epoch"))
        }
    }
}
