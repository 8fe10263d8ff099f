//! Ed25519 (RFC 8032), strict: canonical encodings only, no key or R of small order, no cofactor.

use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};

use super::fill_random;
use crate::error::{Error, Result};
use crate::id::Signature;
use crate::secret::Secret;

/// A key that signs. Its seed is zeroized when it is dropped; on the heap, so that moving it leaves no copy behind.
#[derive(Clone)]
pub(crate) struct SignKey(Box<SigningKey>);

impl SignKey {
    pub(crate) fn generate() -> Result<Self> {
        let seed = Secret::filled_by(|seed| fill_random(seed))?;
        Ok(Self::from_seed(seed.expose()))
    }

    pub(crate) fn from_seed(seed: &[u8; 32]) -> Self {
        Self(Box::new(SigningKey::from_bytes(seed)))
    }

    pub(crate) fn seed(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    pub(crate) fn public(&self) -> VerifyKey {
        VerifyKey(self.0.verifying_key())
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Signature {
        Signature::from_bytes(self.0.sign(message).to_bytes())
    }
}

/// A key that verifies: a canonical point that is not of small order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct VerifyKey(VerifyingKey);

impl VerifyKey {
    /// # Errors
    /// [`Error::Key`] for no point, a non-canonical one, one of small order.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self> {
        let bytes = <&[u8; 32]>::try_from(bytes).map_err(|_| Error::Key)?;
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| Error::Key)?;
        // The library takes a y of p or more, and "-0": compressed again, such a point has other bytes.
        let canonical = key.to_edwards().compress().as_bytes() == bytes;
        if !canonical || key.is_weak() {
            return Err(Error::Key);
        }
        Ok(Self(key))
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// # Errors
    /// [`Error::Signature`] unless `signature` is this key's over `message`.
    pub(crate) fn verify(&self, message: &[u8], signature: &Signature) -> Result<()> {
        let signature = ed25519_dalek::Signature::from_bytes(signature.as_bytes());
        // Strict: R of small order is refused here, an s past the group's order too; a non-canonical R never equals
        // the one computed.
        self.0.verify_strict(message, &signature).map_err(|_| Error::Signature)
    }
}
