//! What a gateway seals to the owner of its cloud: each access by somebody else (FORMAT 8, `access`).

use std::fmt;

use zeroize::Zeroizing;

use crate::envelope::sealed_to::{Draft, SealedTo};
use crate::envelope::subject::Context;
use crate::error::Result;
use crate::id::{Fingerprint, Hash, Id};
use crate::keys::identity::{Identity, PublicIdentity};
use crate::label::Label;
use crate::primitives::oaep;
use crate::primitives::sign::{SignKey, VerifyKey};

/// The key that a gateway makes at its first start, to sign what it saw. It opens nothing.
pub struct GatewayKey(SignKey);

impl GatewayKey {
    /// A new key.
    ///
    /// # Errors
    /// [`Error::Platform`](crate::Error::Platform) without randomness.
    pub fn generate() -> Result<Self> {
        SignKey::generate().map(Self)
    }

    /// The key of a seed that the gateway keeps.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SignKey::from_seed(seed))
    }

    /// The seed, for the gateway to keep in a file of its own.
    pub fn expose_seed(&self) -> &[u8; 32] {
        self.0.seed()
    }

    /// The public half, which the owner certifies when connecting.
    pub fn public(&self) -> GatewayPublicKey {
        GatewayPublicKey(self.0.public())
    }

    /// Seals an entry of the chain of accesses to the owner, and signs it.
    ///
    /// ```
    /// use imegha_crypto::{AccessPlace, GatewayKey, Hash, Id, Identity};
    ///
    /// let (gateway, owner) = (GatewayKey::generate()?, Identity::generate()?);
    /// let place = AccessPlace { cloud: Id::generate()?, seq: 1, previous: Hash::ZERO };
    /// let entry = gateway.seal_access(owner.public(), &place, br#"{"action":"read"}"#)?;
    /// assert_eq!(*owner.open_access(&gateway.public(), &place, &entry)?, br#"{"action":"read"}"#);
    /// # Ok::<(), imegha_crypto::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Platform`](crate::Error::Platform) when the platform's randomness or cryptography fails.
    pub fn seal_access(&self, owner: &PublicIdentity, place: &AccessPlace, payload: &[u8]) -> Result<SealedTo> {
        let draft = Draft::new(owner, &self.public().fingerprint())?;
        let wrapped = oaep::encrypt(owner.spki_array(), draft.key_label().as_bytes(), draft.key.expose())?;
        draft.finish(&wrapped, &self.0, &place.context(), payload)
    }
}

impl fmt::Debug for GatewayKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GatewayKey([redacted])")
    }
}

impl zeroize::ZeroizeOnDrop for GatewayKey {}

/// The public half of a gateway's key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct GatewayPublicKey(VerifyKey);

impl GatewayPublicKey {
    /// Takes a key that a gateway served.
    ///
    /// # Errors
    /// [`Error::Key`](crate::Error::Key) unless it is the canonical encoding of a point that is not of small order.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        VerifyKey::parse(bytes).map(Self)
    }

    /// The Ed25519 key.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// `H(label("gateway", ed25519_public))`.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::from_bytes(*Label::new("gateway").part(self.as_bytes()).sha256().as_bytes())
    }
}

impl fmt::Debug for GatewayPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GatewayPublicKey({})", self.fingerprint())
    }
}

/// The place of an entry in the chain of accesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessPlace {
    /// The cloud.
    pub cloud: Id,
    /// The place in the chain.
    pub seq: u64,
    /// The [`feed_hash`](SealedTo::feed_hash) of the entry before; zero for the first.
    pub previous: Hash,
}

impl AccessPlace {
    fn context(&self) -> Context {
        Context::new("access").part(self.cloud).part(self.seq.to_be_bytes()).part(self.previous)
    }
}

impl Identity {
    /// Opens an entry of the chain of accesses, with the key of the gateway that the owner certified.
    ///
    /// # Errors
    /// [`Error::CannotOpen`](crate::Error::CannotOpen): for another owner, from another gateway or place, or changed.
    pub fn open_access(
        &self,
        gateway: &GatewayPublicKey,
        place: &AccessPlace,
        entry: &SealedTo,
    ) -> Result<Zeroizing<Vec<u8>>> {
        self.open_signed(&gateway.fingerprint(), &gateway.0, &place.context(), entry)
    }
}
