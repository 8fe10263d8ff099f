//! Who somebody is: a key to receive, a key to sign (FORMAT 7).

use std::fmt;

use zeroize::Zeroizing;

use crate::envelope::wrapped;
use crate::error::{Error, Result};
use crate::id::{Fingerprint, Hash, Id, Signature};
use crate::keys::dek::Dek;
use crate::label::{Label, push_lp, split_lp};
use crate::primitives::rsa;
use crate::primitives::sign::{SignKey, VerifyKey};
use crate::sealed::Sealed;

/// The private half: an RSA-2048 key to receive, an Ed25519 key to sign. Zeroized when dropped.
pub struct Identity {
    pkcs8: Zeroizing<Vec<u8>>,
    signing: SignKey,
    public: PublicIdentity,
}

impl Identity {
    /// A new identity. Finding the primes takes some 50 to 500 ms; in a browser use
    /// [`device::generate_identity`](crate::device::generate_identity).
    ///
    /// # Errors
    /// [`Error::Platform`] when the platform's randomness or cryptography fails.
    pub fn generate() -> Result<Self> {
        Self::from_rsa(rsa::generate()?)
    }

    /// An identity of a fresh RSA key and a new Ed25519 key.
    pub(crate) fn from_rsa(pkcs8: Zeroizing<Vec<u8>>) -> Result<Self> {
        Self::new(pkcs8, SignKey::generate()?).map_err(|_| Error::Platform)
    }

    pub(crate) fn new(pkcs8: Zeroizing<Vec<u8>>, signing: SignKey) -> Result<Self> {
        // The public half comes from the private one, so the pair fits.
        let spki = rsa::public_of(&pkcs8)?;
        let public = PublicIdentity::new(Box::new(spki), signing.public());
        Ok(Self { pkcs8, signing, public })
    }

    /// The public half.
    pub fn public(&self) -> &PublicIdentity {
        &self.public
    }

    /// The fingerprint of the public half.
    pub fn fingerprint(&self) -> Fingerprint {
        self.public.fingerprint
    }

    /// Wraps it under the DEK.
    ///
    /// # Errors
    /// [`Error::Platform`] when the platform's cryptography fails.
    pub fn wrap(&self, dek: &Dek, account: &Id, dek_epoch: u32) -> Result<Sealed> {
        let mut payload = Zeroizing::new(Vec::with_capacity(4 + self.pkcs8.len() + 4 + 32));
        push_lp(&mut payload, &self.pkcs8);
        push_lp(&mut payload, self.signing.seed());
        wrapped::seal(&dek.0, &context(account, dek_epoch, &self.public.fingerprint), &payload)
    }

    /// Unwraps the identity of that fingerprint, and checks that it is the one: the public keys are computed from the
    /// private ones, and their fingerprint compared.
    ///
    /// # Errors
    /// [`Error::CannotOpen`]: another DEK, account, epoch or fingerprint, or keys that do not fit.
    pub fn unwrap(wrap: &Sealed, dek: &Dek, account: &Id, dek_epoch: u32, fingerprint: &Fingerprint) -> Result<Self> {
        let payload = wrapped::open(&dek.0, &context(account, dek_epoch, fingerprint), wrap)?;
        let (pkcs8, rest) = split_lp(&payload).ok_or(Error::CannotOpen)?;
        let (seed, rest) = split_lp(rest).ok_or(Error::CannotOpen)?;
        let seed = seed.try_into().map_err(|_| Error::CannotOpen)?;
        let identity =
            Self::new(Zeroizing::new(pkcs8.to_vec()), SignKey::from_seed(seed)).map_err(|_| Error::CannotOpen)?;
        if !rest.is_empty() || identity.public.fingerprint != *fingerprint {
            return Err(Error::CannotOpen);
        }
        Ok(identity)
    }

    /// Signs that this identity belongs to an account and its tag.
    pub fn sign_binding(&self, account: &Id, tag: &str) -> Signature {
        self.sign(&self.public.binding(account, tag))
    }

    /// Signs a revision: everybody who may read a file holds its key, so the key alone proves nothing about who wrote.
    pub fn sign_revision(
        &self,
        cloud: &Id,
        node: &Id,
        revision: u64,
        node_epoch: u32,
        record: &Sealed,
        wrapped_key: &Sealed,
    ) -> Signature {
        self.sign(&revision_label(cloud, node, revision, node_epoch, record, wrapped_key))
    }

    /// Signs the head of a log.
    pub fn sign_head(&self, cloud: &Id, seq: u64, hash: &Hash, ms: u64) -> Signature {
        self.sign(&head_label(cloud, seq, hash, ms))
    }

    /// The RSA key, for a primitive to work with.
    pub(crate) fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    pub(crate) fn signing_key(&self) -> &SignKey {
        &self.signing
    }

    pub(crate) fn sign(&self, label: &Label) -> Signature {
        self.signing.sign(label.as_bytes())
    }

    /// Signs bytes that are no label: the signature base of a request (FORMAT 13), which begins with `"@method"` and so
    /// is never mistaken for one.
    pub(crate) fn sign_request(&self, base: &[u8]) -> Signature {
        self.signing.sign(base)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({}, [redacted])", self.public.fingerprint)
    }
}

impl zeroize::ZeroizeOnDrop for Identity {}

/// The public half of an identity: keys that passed every check.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicIdentity {
    spki: Box<[u8; rsa::SPKI_LEN]>,
    ed25519: VerifyKey,
    fingerprint: Fingerprint,
}

impl PublicIdentity {
    /// Takes public keys that somebody served: RSA as DER SubjectPublicKeyInfo, Ed25519 as 32 bytes.
    ///
    /// # Errors
    /// [`Error::Key`] unless the one is canonical DER of an odd modulus of exactly 2048 bits with e = 65537, and the
    /// other the canonical encoding of a point that is not of small order.
    pub fn parse(spki: &[u8], ed25519: &[u8]) -> Result<Self> {
        Ok(Self::new(Box::new(rsa::check_spki(spki)?), VerifyKey::parse(ed25519)?))
    }

    fn new(spki: Box<[u8; rsa::SPKI_LEN]>, ed25519: VerifyKey) -> Self {
        let label = Label::new("identity").part(&spki[..]).part(ed25519.as_bytes());
        let fingerprint = Fingerprint::from_bytes(*label.sha256().as_bytes());
        Self { spki, ed25519, fingerprint }
    }

    /// The RSA key, as DER SubjectPublicKeyInfo.
    pub fn spki(&self) -> &[u8] {
        &self.spki[..]
    }

    /// The Ed25519 key.
    pub fn ed25519(&self) -> &[u8; 32] {
        self.ed25519.as_bytes()
    }

    /// `H(label("identity", spki, ed25519_public))`.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Checks that this identity says itself that it belongs to an account and its tag.
    ///
    /// # Errors
    /// [`Error::Signature`] for keys published under another account or tag.
    pub fn verify_binding(&self, account: &Id, tag: &str, signature: &Signature) -> Result<()> {
        self.verify(&self.binding(account, tag), signature)
    }

    /// Checks that this identity wrote a revision.
    ///
    /// # Errors
    /// [`Error::Signature`] for a revision that somebody else wrote, or that was moved.
    #[expect(clippy::too_many_arguments, reason = "FORMAT 5 signs these six values, and here they stand in its order")]
    pub fn verify_revision(
        &self,
        cloud: &Id,
        node: &Id,
        revision: u64,
        node_epoch: u32,
        record: &Sealed,
        wrapped_key: &Sealed,
        signature: &Signature,
    ) -> Result<()> {
        self.verify(&revision_label(cloud, node, revision, node_epoch, record, wrapped_key), signature)
    }

    /// Checks that this identity signed the head of a log.
    ///
    /// # Errors
    /// [`Error::Signature`] for another signer, cloud, place, hash or time.
    pub fn verify_head(&self, cloud: &Id, seq: u64, hash: &Hash, ms: u64, signature: &Signature) -> Result<()> {
        self.verify(&head_label(cloud, seq, hash, ms), signature)
    }

    pub(crate) fn spki_array(&self) -> &[u8; rsa::SPKI_LEN] {
        &self.spki
    }

    pub(crate) fn verify(&self, label: &Label, signature: &Signature) -> Result<()> {
        self.ed25519.verify(label.as_bytes(), signature)
    }

    pub(crate) fn verify_key(&self) -> VerifyKey {
        self.ed25519
    }

    pub(crate) fn verify_request(&self, base: &[u8], signature: &Signature) -> Result<()> {
        self.ed25519.verify(base, signature)
    }

    fn binding(&self, account: &Id, tag: &str) -> Label {
        Label::new("identity-binding").id(account).part(tag).part(&self.spki[..]).part(self.ed25519.as_bytes())
    }
}

impl fmt::Debug for PublicIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicIdentity({})", self.fingerprint)
    }
}

fn context(account: &Id, dek_epoch: u32, fingerprint: &Fingerprint) -> Label {
    Label::new("wrap/identity").id(account).u32(dek_epoch).fingerprint(fingerprint)
}

fn revision_label(
    cloud: &Id,
    node: &Id,
    revision: u64,
    node_epoch: u32,
    record: &Sealed,
    wrapped_key: &Sealed,
) -> Label {
    Label::new("revision")
        .id(cloud)
        .id(node)
        .u64(revision)
        .u32(node_epoch)
        .hash(&record.hash())
        .hash(&wrapped_key.hash())
}

fn head_label(cloud: &Id, seq: u64, hash: &Hash, ms: u64) -> Label {
    Label::new("log-head").id(cloud).u64(seq).hash(hash).u64(ms)
}
