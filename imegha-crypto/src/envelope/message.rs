//! Messages of a conversation: sealed under the epoch's key, signed by their sender, chained (FORMAT 9).

use zeroize::Zeroizing;

use crate::envelope::epoch::Epoch;
use crate::envelope::wrapped;
use crate::error::{Error, Result};
use crate::id::{Fingerprint, Hash, Id, Signature};
use crate::keys::identity::{Identity, PublicIdentity};
use crate::keys::received::EpochKey;
use crate::label::Label;
use crate::sealed::Sealed;

/// Where a message stands: what its seal and its signature are bound to, besides its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessagePlace {
    /// The conversation.
    pub conversation: Id,
    /// The epoch's number.
    pub epoch: u32,
    /// The epoch's hash: words do not move to another epoch of the same number.
    pub epoch_hash: Hash,
    /// The [`hash`](EpochKey::hash) of the epoch's key: nothing is sealed here under another.
    pub key_hash: Hash,
    /// The sender's own count, from 1, over the whole conversation.
    pub seq: u64,
    /// The hash of the sender's message before; zero for the first.
    pub previous: Hash,
}

impl MessagePlace {
    fn label(&self, name: &str, sender: &Fingerprint) -> Label {
        Label::new(name)
            .id(&self.conversation)
            .u32(self.epoch)
            .hash(&self.epoch_hash)
            .fingerprint(sender)
            .u64(self.seq)
            .hash(&self.previous)
    }
}

/// Where the chain of one sender's messages stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderHead {
    /// Who.
    pub sender: Fingerprint,
    /// The count of his last message.
    pub seq: u64,
    /// Its hash.
    pub hash: Hash,
}

impl SenderHead {
    /// Of who has written nothing yet.
    pub const fn none(sender: Fingerprint) -> Self {
        Self { sender, seq: 0, hash: Hash::ZERO }
    }

    /// The place of the message that follows, in that epoch. A message opened at this place is the successor, and no other:
    /// none was dropped, repeated or put in another's place.
    ///
    /// # Errors
    /// [`Error::Bounds`] behind the last number there is.
    pub fn next(&self, epoch: &Epoch) -> Result<MessagePlace> {
        let seq = self.seq.checked_add(1).ok_or(Error::Bounds)?;
        Ok(epoch.place(seq, self.hash))
    }

    /// Where the chain stands behind a message that was sealed or opened at [`next`](Self::next).
    ///
    /// # Errors
    /// [`Error::Bounds`] behind the last number there is.
    pub fn after(&self, message: &Sealed) -> Result<Self> {
        let seq = self.seq.checked_add(1).ok_or(Error::Bounds)?;
        Ok(Self { sender: self.sender, seq, hash: message_hash(message) })
    }

    pub(crate) fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[..32].copy_from_slice(self.sender.as_bytes());
        bytes[32..40].copy_from_slice(&self.seq.to_be_bytes());
        bytes[40..].copy_from_slice(self.hash.as_bytes());
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8; Self::LEN]) -> Self {
        let (sender, rest) = bytes.split_first_chunk().expect("72 bytes begin with 32");
        let (seq, hash) = rest.split_first_chunk().expect("then eight");
        Self {
            sender: Fingerprint::from_bytes(*sender),
            seq: u64::from_be_bytes(*seq),
            hash: Hash::from_bytes(hash.try_into().expect("then 32")),
        }
    }

    const LEN: usize = 72;
}

impl EpochKey {
    /// `H(label("epoch-key", key))`: what the epoch's record says of its key.
    pub fn hash(&self) -> Hash {
        Label::new("epoch-key").part(self.0.expose()).sha256()
    }

    /// Seals a message. Its length is hidden up to the next multiple of 256 bytes. A retry sends the same bytes: two
    /// messages of one number would be two truths.
    ///
    /// # Errors
    /// [`Error::Key`] when this is not the key of the place's epoch: who was removed may still have that one.
    /// [`Error::Bounds`] for number 0 or a body of 64 MiB, [`Error::Platform`] when the platform's cryptography fails.
    pub fn seal_message(&self, sender: &Identity, place: &MessagePlace, body: &[u8]) -> Result<Sealed> {
        if place.seq == 0 || !Sealed::holds(body.len() + BLOCK_LEN + Signature::LEN) {
            return Err(Error::Bounds);
        }
        if self.hash() != place.key_hash {
            return Err(Error::Key);
        }
        let fingerprint = sender.fingerprint();
        let padded_len = (body.len() / BLOCK_LEN + 1) * BLOCK_LEN;
        // Of its final size at once, so that growing leaves no copy behind.
        let mut payload = Zeroizing::new(Vec::with_capacity(Signature::LEN + padded_len));
        payload.resize(Signature::LEN, 0);
        payload.extend_from_slice(body);
        payload.push(PADDING_MARK);
        payload.resize(Signature::LEN + padded_len, 0);
        let (signature, padded) = payload.split_at_mut(Signature::LEN);
        let signed = sender.sign(&place.label("message-signature", &fingerprint).part(padded));
        signature.copy_from_slice(signed.as_bytes());
        wrapped::seal(&self.0, &place.label("message", &fingerprint), &payload)
    }

    /// Opens the message of `sender`, whose pinned key this is, at that place.
    ///
    /// # Errors
    /// [`Error::CannotOpen`]: another key, place or sender, another member's forgery, or padding of another form.
    pub fn open_message(
        &self,
        message: &Sealed,
        sender: &PublicIdentity,
        place: &MessagePlace,
    ) -> Result<Zeroizing<Vec<u8>>> {
        let fingerprint = sender.fingerprint();
        let payload = wrapped::open(&self.0, &place.label("message", &fingerprint), message)?;
        let (signature, padded) = payload.split_first_chunk().ok_or(Error::CannotOpen)?;
        // Every member has the epoch's key, so the key alone proves nothing about who wrote.
        let signed = place.label("message-signature", &fingerprint).part(padded);
        sender.verify(&signed, &Signature::from_bytes(*signature)).map_err(|_| Error::CannotOpen)?;
        let body = unpad(padded).ok_or(Error::CannotOpen)?;
        if place.seq == 0 { Err(Error::CannotOpen) } else { Ok(Zeroizing::new(body.to_vec())) }
    }
}

/// `H(label("message-hash", message))`: what the sender's next message names.
pub fn message_hash(message: &Sealed) -> Hash {
    Label::new("message-hash").part(message.as_bytes()).sha256()
}

/// The body: whole blocks, in the last of them one mark and zeros behind it.
fn unpad(padded: &[u8]) -> Option<&[u8]> {
    let len = padded.iter().rposition(|byte| *byte != 0)?;
    let last_block = padded.len().checked_sub(BLOCK_LEN)?;
    let ok = padded.len().is_multiple_of(BLOCK_LEN) && padded[len] == PADDING_MARK && len >= last_block;
    ok.then(|| &padded[..len])
}

const BLOCK_LEN: usize = 256;
const PADDING_MARK: u8 = 0x80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_has_one_form() {
        let padded = |body: &[u8], zeros: usize| [body, &[PADDING_MARK], &vec![0; zeros]].concat();
        assert_eq!(unpad(&padded(b"", 255)), Some(&b""[..]));
        assert_eq!(unpad(&padded(&[7; 255], 0)), Some(&[7; 255][..]));
        assert_eq!(unpad(&padded(&[7; 256], 255)), Some(&[7; 256][..]));
        assert_eq!(unpad(&padded(&[0x80; 3], 252)), Some(&[0x80; 3][..]));
        for refused in [
            vec![],
            vec![0; 256],
            vec![7; 256],
            padded(b"", 0),
            padded(b"", 254),
            padded(b"", 256),
            padded(b"", 511),
            padded(&[7; 255], 256),
        ] {
            assert_eq!(unpad(&refused), None, "{refused:?}");
        }
    }
}
