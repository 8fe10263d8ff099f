//! What is sealed to one person and signed by another (FORMAT 8).

use std::fmt;

use zeroize::Zeroizing;

use crate::envelope::subject::{Context, Subject};
use crate::error::{Error, Result};
use crate::id::{Fingerprint, Hash, Signature};
use crate::keys::identity::{Identity, PublicIdentity};
use crate::label::Label;
use crate::primitives::aead::TAG_LEN;
use crate::primitives::oaep::CIPHERTEXT_LEN;
use crate::primitives::sign::{SignKey, VerifyKey};
use crate::primitives::{oaep, seal};
use crate::sealed::{MAX_LEN, holds};
use crate::secret::Secret;

/// A value that one identity opens and another signed: a shared key, an epoch of a conversation, a contact card.
///
/// Its head names both in the clear, so that a recipient knows whose pinned key to check it with. Nothing that it says is
/// believed before [`Identity::open_from`].
#[derive(Clone, PartialEq, Eq)]
pub struct SealedTo(Vec<u8>);

impl SealedTo {
    /// Takes bytes that came from a feed or were pasted. Nothing is authenticated by this.
    ///
    /// # Errors
    /// [`Error::Malformed`] for another beginning or version, or a length that none has.
    pub fn from_received(bytes: Vec<u8>) -> Result<Self> {
        if bytes.len() < MIN_LEN || bytes.len() > MAX_LEN || !bytes.starts_with(MAGIC) {
            return Err(Error::Malformed);
        }
        Ok(Self(bytes))
    }

    /// Whom it says that it is for.
    pub fn recipient(&self) -> Fingerprint {
        self.fingerprint_at(MAGIC.len())
    }

    /// Who it says that it is from. Look up the key pinned for that fingerprint, and open it with that.
    pub fn claimed_sender(&self) -> Fingerprint {
        self.fingerprint_at(MAGIC.len() + Fingerprint::LEN)
    }

    /// `H(label("feed-hash", sealed))`: what the next entry of a feed names.
    pub fn feed_hash(&self) -> Hash {
        Label::new("feed-hash").part(&self.0).sha256()
    }

    /// The bytes as they are stored.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The same, owned.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn fingerprint_at(&self, at: usize) -> Fingerprint {
        Fingerprint::from_bytes(*self.0[at..].first_chunk().expect("every sealed value has its head"))
    }

    /// What is signed, and the signature.
    fn split_signature(&self) -> (&[u8], Signature) {
        let (body, signature) = self.0.split_last_chunk().expect("every sealed value has its signature");
        (body, Signature::from_bytes(*signature))
    }
}

impl fmt::Debug for SealedTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedTo({} bytes)", self.0.len())
    }
}

impl Identity {
    /// Seals a value to somebody, and signs it. In a browser use [`device::seal_to`](crate::device::seal_to).
    ///
    /// ```
    /// use imegha_crypto::{FeedPlace, Identity, Subject};
    ///
    /// let (alice, bob) = (Identity::generate()?, Identity::generate()?);
    /// let card = Subject::Contact { at: FeedPlace::PASTED };
    /// let sealed = alice.seal_to(bob.public(), &card, br#"{"gateway":"https://alice.example"}"#)?;
    /// assert_eq!(*bob.open_from(alice.public(), &card, &sealed)?, br#"{"gateway":"https://alice.example"}"#);
    /// # Ok::<(), imegha_crypto::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Bounds`] for a payload of 64 MiB, [`Error::Platform`] when the platform's randomness or cryptography fails.
    pub fn seal_to(&self, recipient: &PublicIdentity, subject: &Subject, payload: &[u8]) -> Result<SealedTo> {
        let draft = Draft::new(recipient, &self.fingerprint())?;
        let wrapped = oaep::encrypt(recipient.spki_array(), draft.key_label().as_bytes(), draft.key.expose())?;
        draft.finish(&wrapped, self.signing_key(), &subject.context(), payload)
    }

    /// Opens a value sealed to this identity, with the key that is pinned for its sender. The signature is checked first.
    /// In a browser use [`device::open_from`](crate::device::open_from).
    ///
    /// # Errors
    /// [`Error::CannotOpen`]: for somebody else, from somebody else, about something else, or changed.
    pub fn open_from(
        &self,
        sender: &PublicIdentity,
        subject: &Subject,
        sealed: &SealedTo,
    ) -> Result<Zeroizing<Vec<u8>>> {
        self.open_signed(&sender.fingerprint(), &sender.verify_key(), &subject.context(), sealed)
    }

    pub(crate) fn open_signed(
        &self,
        sender: &Fingerprint,
        signer: &VerifyKey,
        context: &Context,
        sealed: &SealedTo,
    ) -> Result<Zeroizing<Vec<u8>>> {
        let checked = Checked::new(sealed, &self.fingerprint(), sender, signer, context)?;
        let key = oaep::decrypt(self.pkcs8(), checked.key_label().as_bytes(), checked.wrapped)?;
        checked.open(&key, context)
    }
}

impl PublicIdentity {
    /// That this identity signed a sealed value as being about `subject`, for those who cannot open it: whoever sealed it and wants to
    /// know that it is still their own, whoever passes it on. Whom it is for, and what is in it, is not looked at.
    ///
    /// # Errors
    /// [`Error::Signature`]: from somebody else, about something else, or changed.
    pub fn verify_sealed(&self, subject: &Subject, sealed: &SealedTo) -> Result<()> {
        let (body, signature) = sealed.split_signature();
        if sealed.claimed_sender() != self.fingerprint() {
            return Err(Error::Signature);
        }
        self.verify_key().verify(subject.context().signature(body).as_bytes(), &signature)
    }
}

/// What a sealing begins with: its head and a fresh content key, which is yet to be wrapped for the recipient.
pub(crate) struct Draft {
    head: [u8; HEAD_LEN],
    pub(crate) key: Secret,
}

impl Draft {
    pub(crate) fn new(recipient: &PublicIdentity, sender: &Fingerprint) -> Result<Self> {
        let mut head = [0; HEAD_LEN];
        head[..MAGIC.len()].copy_from_slice(MAGIC);
        head[MAGIC.len()..40].copy_from_slice(recipient.fingerprint().as_bytes());
        head[40..].copy_from_slice(sender.as_bytes());
        Ok(Self { head, key: Secret::generate()? })
    }

    pub(crate) fn key_label(&self) -> Label {
        key_label(&self.head)
    }

    pub(crate) fn finish(
        &self,
        wrapped: &[u8; CIPHERTEXT_LEN],
        signer: &SignKey,
        context: &Context,
        payload: &[u8],
    ) -> Result<SealedTo> {
        // What could not be received is not made.
        if !holds(MIN_LEN - TAG_LEN, payload.len()) {
            return Err(Error::Bounds);
        }
        let sealed = seal::seal(self.key.expose(), context.content(&self.head).as_bytes(), payload)?;
        let mut bytes = [&self.head[..], wrapped, &sealed].concat();
        let signature = signer.sign(context.signature(&bytes).as_bytes());
        bytes.extend_from_slice(signature.as_bytes());
        Ok(SealedTo(bytes))
    }
}

/// A value whose addresses and signature are right.
pub(crate) struct Checked<'a> {
    head: &'a [u8],
    pub(crate) wrapped: &'a [u8; CIPHERTEXT_LEN],
    sealed: &'a [u8],
}

impl<'a> Checked<'a> {
    /// # Errors
    /// [`Error::CannotOpen`] when it is for or from somebody else, or not signed as what it is taken for.
    pub(crate) fn new(
        sealed: &'a SealedTo,
        recipient: &Fingerprint,
        sender: &Fingerprint,
        signer: &VerifyKey,
        context: &Context,
    ) -> Result<Self> {
        if sealed.recipient() != *recipient || sealed.claimed_sender() != *sender {
            return Err(Error::CannotOpen);
        }
        let (body, signature) = sealed.split_signature();
        signer.verify(context.signature(body).as_bytes(), &signature).map_err(|_| Error::CannotOpen)?;
        let (head, rest) = body.split_at(HEAD_LEN);
        let (wrapped, sealed) = rest.split_first_chunk().expect("every sealed value has its wrapped key");
        Ok(Self { head, wrapped, sealed })
    }

    pub(crate) fn key_label(&self) -> Label {
        key_label(self.head)
    }

    /// Opens the payload with the content key that was unwrapped.
    pub(crate) fn open(&self, key: &[u8], context: &Context) -> Result<Zeroizing<Vec<u8>>> {
        let key = Secret::from_slice(key)?;
        seal::open(key.expose(), context.content(self.head).as_bytes(), self.sealed)
    }
}

/// What OAEP binds: who it is for, and who says so. A wrapped key under another head does not open.
fn key_label(head: &[u8]) -> Label {
    Label::new("sealed-key").part(head)
}

/// Magic, version, and the zero byte.
const MAGIC: &[u8] = b"IMSEAL\x01\x00";
const HEAD_LEN: usize = MAGIC.len() + 2 * Fingerprint::LEN;
const MIN_LEN: usize = HEAD_LEN + CIPHERTEXT_LEN + seal::HEADER_LEN + TAG_LEN + Signature::LEN;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_cannot_open_it_still_sees_who_signed_it() {
        let (alice, bob) = (Identity::generate().unwrap(), Identity::generate().unwrap());
        let at = |seq| Subject::Contact { at: crate::FeedPlace { feed: crate::Id::ZERO, seq, previous: Hash::ZERO } };
        let sealed = alice.seal_to(bob.public(), &at(1), b"{}").unwrap();
        assert_eq!(alice.public().verify_sealed(&at(1), &sealed), Ok(()));
        assert_eq!(alice.public().verify_sealed(&at(2), &sealed), Err(Error::Signature), "another place");
        assert_eq!(bob.public().verify_sealed(&at(1), &sealed), Err(Error::Signature), "another person");
        for at_byte in [0, 8, 40, 80, 400] {
            let mut bytes = sealed.as_bytes().to_vec();
            bytes[at_byte] ^= 1;
            let Ok(changed) = SealedTo::from_received(bytes) else { continue };
            assert_eq!(alice.public().verify_sealed(&at(1), &changed), Err(Error::Signature), "byte {at_byte}");
        }
    }

    #[test]
    fn the_shortest_and_the_longest_are_taken() {
        for (len, ok) in [(0, false), (MIN_LEN - 1, false), (MIN_LEN, true), (MAX_LEN, true), (MAX_LEN + 1, false)] {
            let mut bytes = vec![0; len];
            if let Some(head) = bytes.first_chunk_mut() {
                *head = *MAGIC.first_chunk::<8>().expect("eight bytes");
            }
            assert_eq!(SealedTo::from_received(bytes).is_ok(), ok, "{len}");
        }
    }
}
