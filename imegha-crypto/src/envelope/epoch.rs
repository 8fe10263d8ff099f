//! The epochs of a conversation: who is in it, under which key, signed by who began it (FORMAT 9).

use zeroize::Zeroizing;

use crate::envelope::message::{MessagePlace, SenderHead};
use crate::error::{Error, Result};
use crate::id::{Fingerprint, Hash, Id, Signature};
use crate::keys::identity::{Identity, PublicIdentity};
use crate::keys::received::EpochKey;
use crate::label::{Label, push_lp, split_lp};

/// An epoch as its starter states it.
///
/// It reaches each member as the payload of a value sealed to him
/// ([`Subject::Conversation`](crate::Subject::Conversation)). The key is not part of the statement, its hash is.
///
/// ```
/// use imegha_crypto::{Epoch, EpochDraft, EpochKey, Hash, Id, Identity, SenderHead};
///
/// let (alice, bob) = (Identity::generate()?, Identity::generate()?);
/// let key = EpochKey::generate()?;
/// let epoch = EpochDraft {
///     conversation: Id::generate()?,
///     number: 1,
///     previous: Hash::ZERO,
///     members: vec![alice.fingerprint(), bob.fingerprint()],
///     senders: vec![],
/// }
/// .start(&alice, &key)?;
///
/// let payload = epoch.to_payload(&key)?;
/// let (received, received_key) =
///     Epoch::open_payload(&payload, alice.public(), epoch.conversation(), 1, &bob.fingerprint())?;
/// assert_eq!(received.hash(), epoch.hash());
///
/// let first = SenderHead::none(alice.fingerprint()).next(&epoch)?;
/// let message = key.seal_message(&alice, &first, b"hello")?;
/// assert_eq!(*received_key.open_message(&message, alice.public(), &first)?, b"hello");
/// # Ok::<(), imegha_crypto::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epoch {
    stated: EpochDraft,
    starter: Fingerprint,
    key_hash: Hash,
    record: Vec<u8>,
    signature: Signature,
}

/// What the starter of an epoch says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpochDraft {
    /// The conversation.
    pub conversation: Id,
    /// The epoch's number; 1 is the first.
    pub number: u32,
    /// The hash of the epoch before; zero for the first.
    pub previous: Hash,
    /// Who is in the conversation from now on.
    pub members: Vec<Fingerprint>,
    /// Everybody who has written so far, and his last message. From who is no member any more, nothing later counts.
    pub senders: Vec<SenderHead>,
}

impl EpochDraft {
    /// Signs it. Members and senders are sorted first, as the record has them.
    ///
    /// # Errors
    /// [`Error::Malformed`] without members, with one twice, for epoch 0, or a sender who has written nothing.
    pub fn start(mut self, starter: &Identity, key: &EpochKey) -> Result<Epoch> {
        self.members.sort_unstable();
        self.senders.sort_unstable_by_key(|sender| sender.sender);
        self.check()?;
        let (starter_fingerprint, key_hash) = (starter.fingerprint(), key.hash());
        let record = self.record(&starter_fingerprint, &key_hash).as_bytes().to_vec();
        let signature = starter.sign(&signature_label(&record));
        Ok(Epoch { stated: self, starter: starter_fingerprint, key_hash, record, signature })
    }

    fn check(&self) -> Result<()> {
        let members_ascend = self.members.is_sorted_by(|one, next| one < next);
        let senders_ascend = self.senders.is_sorted_by(|one, next| one.sender < next.sender);
        let wrote = self.senders.iter().all(|sender| sender.seq > 0);
        let ok = self.number > 0 && !self.members.is_empty() && members_ascend && senders_ascend && wrote;
        if ok { Ok(()) } else { Err(Error::Malformed) }
    }

    fn record(&self, starter: &Fingerprint, key_hash: &Hash) -> Label {
        let members: Vec<u8> = self.members.iter().flat_map(|member| *member.as_bytes()).collect();
        let senders: Vec<u8> = self.senders.iter().flat_map(|sender| sender.to_bytes()).collect();
        Label::new("epoch")
            .id(&self.conversation)
            .u32(self.number)
            .hash(&self.previous)
            .fingerprint(starter)
            .hash(key_hash)
            .part(members)
            .part(senders)
    }
}

impl Epoch {
    /// `lp(record) || signature || key`: what is sealed to each member.
    ///
    /// # Errors
    /// [`Error::Key`] for the key of another epoch.
    pub fn to_payload(&self, key: &EpochKey) -> Result<Zeroizing<Vec<u8>>> {
        if key.hash() != self.key_hash {
            return Err(Error::Key);
        }
        let mut payload = Zeroizing::new(Vec::with_capacity(4 + self.record.len() + Signature::LEN + 32));
        push_lp(&mut payload, &self.record);
        payload.extend_from_slice(self.signature.as_bytes());
        payload.extend_from_slice(key.0.expose());
        Ok(payload)
    }

    /// Reads the payload of an epoch of that conversation and number, started by `starter`, whose pinned key this is.
    ///
    /// # Errors
    /// [`Error::CannotOpen`]: not of its form, not signed by him, another key than the one that was signed, or `reader` is
    /// not a member.
    pub fn open_payload(
        payload: &[u8],
        starter: &PublicIdentity,
        conversation: &Id,
        number: u32,
        reader: &Fingerprint,
    ) -> Result<(Self, EpochKey)> {
        let opened = Self::parse(payload).ok_or(Error::CannotOpen)?;
        let (epoch, key) = &opened;
        let named = epoch.stated.conversation == *conversation && epoch.stated.number == number;
        if !named || epoch.starter != starter.fingerprint() || !epoch.is_member(reader) {
            return Err(Error::CannotOpen);
        }
        starter.verify(&signature_label(&epoch.record), &epoch.signature).map_err(|_| Error::CannotOpen)?;
        if key.hash() != epoch.key_hash {
            return Err(Error::CannotOpen);
        }
        Ok(opened)
    }

    /// Reads the form alone: whatever other encoding there may be of the same statement, it gives other bytes.
    fn parse(payload: &[u8]) -> Option<(Self, EpochKey)> {
        let (record, rest) = split_lp(payload)?;
        let (signature, key) = rest.split_first_chunk()?;
        let key = EpochKey(crate::secret::Secret::from_slice(key).ok()?);
        let mut parts = record.strip_prefix(Label::new("epoch").as_bytes())?;
        let mut next = || {
            let (part, rest) = split_lp(parts)?;
            parts = rest;
            Some(part)
        };
        let (conversation, number, previous) = (next()?, next()?, next()?);
        let (starter, key_hash, members, senders) = (next()?, next()?, next()?, next()?);
        let (members, no_member) = members.as_chunks();
        let (senders, no_sender) = senders.as_chunks();
        let stated = EpochDraft {
            conversation: Id::from_bytes(conversation.try_into().ok()?),
            number: u32::from_be_bytes(number.try_into().ok()?),
            previous: Hash::from_bytes(previous.try_into().ok()?),
            members: members.iter().copied().map(Fingerprint::from_bytes).collect(),
            senders: senders.iter().map(SenderHead::from_bytes).collect(),
        };
        let whole = no_member.is_empty() && no_sender.is_empty() && parts.is_empty();
        let epoch = Self {
            stated,
            starter: Fingerprint::from_bytes(starter.try_into().ok()?),
            key_hash: Hash::from_bytes(key_hash.try_into().ok()?),
            record: record.to_vec(),
            signature: Signature::from_bytes(*signature),
        };
        (whole && epoch.stated.check().is_ok()).then_some((epoch, key))
    }

    /// The conversation.
    pub fn conversation(&self) -> &Id {
        &self.stated.conversation
    }

    /// Its number.
    pub fn number(&self) -> u32 {
        self.stated.number
    }

    /// The hash of the epoch before; zero for the first.
    pub fn previous(&self) -> &Hash {
        &self.stated.previous
    }

    /// Who began it.
    pub fn starter(&self) -> &Fingerprint {
        &self.starter
    }

    /// Who is in the conversation, ascending.
    pub fn members(&self) -> &[Fingerprint] {
        &self.stated.members
    }

    /// Everybody who had written, and his last message, ascending.
    pub fn senders(&self) -> &[SenderHead] {
        &self.stated.senders
    }

    /// `H(epoch record)`: what messages and the next epoch name.
    pub fn hash(&self) -> Hash {
        Hash::of(&self.record)
    }

    /// Whether that identity is in the conversation.
    pub fn is_member(&self, who: &Fingerprint) -> bool {
        self.stated.members.binary_search(who).is_ok()
    }

    /// The place of a message in this epoch.
    pub fn place(&self, seq: u64, previous: Hash) -> MessagePlace {
        MessagePlace {
            conversation: self.stated.conversation,
            epoch: self.number(),
            epoch_hash: self.hash(),
            key_hash: self.key_hash,
            seq,
            previous,
        }
    }

    /// Whether a message of that sender counts under this, the newest list: a member's does; anybody else's only up to
    /// the message that the list names as his last, in any epoch.
    ///
    /// `message` is where the sender's chain stands behind the message, read from its beginning.
    pub fn admits(&self, message: &SenderHead) -> bool {
        let last = self.last_of(&message.sender);
        let until_last =
            last.is_some_and(|last| message.seq < last.seq || (message.seq == last.seq && message.hash == last.hash));
        self.is_member(&message.sender) || until_last
    }

    /// Checks that `next` may follow this epoch: it names it, and its starter may change the list as it does. The creator
    /// (who began epoch 1) and those whom he named admins may add and remove others; any member may remove himself.
    ///
    /// What others have written stays as it was, whoever but the creator starts it: no sender is dropped or set back, and of
    /// somebody who was no member any more nothing is made to count that did not. The creator may put right what an admin or who
    /// left has stated of others.
    ///
    /// # Errors
    /// [`Error::Signature`] for another conversation, a gap, another past, or a change that its starter may not make.
    pub fn check_successor(&self, next: &Self, creator: &Fingerprint, admins: &[Fingerprint]) -> Result<()> {
        let follows = next.stated.conversation == self.stated.conversation
            && self.number().checked_add(1) == Some(next.number())
            && *next.previous() == self.hash();
        let manages = next.starter == *creator || (self.is_member(&next.starter) && admins.contains(&next.starter));
        let without_starter = self.members().iter().filter(|member| **member != next.starter);
        let leaves = self.is_member(&next.starter) && next.members().iter().eq(without_starter);
        let states = next.starter == *creator || self.keeps_senders(next);
        if follows && states && (manages || leaves) { Ok(()) } else { Err(Error::Signature) }
    }

    fn keeps_senders(&self, next: &Self) -> bool {
        let nothing_lost = self.senders().iter().all(|before| {
            let after = next.last_of(&before.sender);
            after.is_some_and(|after| after.seq > before.seq || after == before)
        });
        // Only who was a member could write meanwhile.
        let nothing_made_up = next.senders().iter().all(|after| {
            self.is_member(&after.sender) || self.last_of(&after.sender).is_some_and(|before| before == after)
        });
        nothing_lost && nothing_made_up
    }

    fn last_of(&self, sender: &Fingerprint) -> Option<&SenderHead> {
        let place = self.senders().binary_search_by_key(sender, |last| last.sender).ok()?;
        Some(&self.stated.senders[place])
    }

    /// Whether this one counts, of two that follow one epoch: the creator's, then the one of the lower hash. The other is
    /// shown.
    pub fn wins_over(&self, other: &Self, creator: &Fingerprint) -> bool {
        let rank = |epoch: &Self| (epoch.starter != *creator, epoch.hash());
        rank(self) < rank(other)
    }
}

fn signature_label(record: &[u8]) -> Label {
    Label::new("epoch-signature").part(record)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes behind a list's last entry, in either list, and a part too many or too few: only the starter can sign them, and nobody
    /// reads them. Turns red without any of the three conditions of `whole` in [`Epoch::parse`].
    #[test]
    fn an_epoch_has_its_seven_parts_and_nothing_else() {
        let starter = Identity::generate().unwrap();
        let (me, key) = (starter.fingerprint(), EpochKey::generate().unwrap());
        let draft = EpochDraft {
            conversation: Id::from_bytes([1; 16]),
            number: 1,
            previous: Hash::ZERO,
            members: vec![me],
            senders: vec![SenderHead { sender: me, seq: 3, hash: Hash::of(b"3") }],
        };
        let epoch = draft.start(&starter, &key).unwrap();
        let mut parts = Vec::new();
        let mut rest = epoch.record.strip_prefix(Label::new("epoch").as_bytes()).unwrap();
        while let Some((part, more)) = split_lp(rest) {
            parts.push(part.to_vec());
            rest = more;
        }
        let opened = |parts: &[Vec<u8>], behind: &[u8]| {
            let mut record = parts.iter().fold(Label::new("epoch"), Label::part).as_bytes().to_vec();
            record.extend_from_slice(behind);
            let signature = starter.sign(&signature_label(&record));
            let payload = Epoch { record, signature, ..epoch.clone() }.to_payload(&key).unwrap();
            Epoch::open_payload(&payload, starter.public(), epoch.conversation(), 1, &me).map(drop)
        };
        assert_eq!(opened(&parts, b""), Ok(()), "control");
        for at in 0..parts.len() {
            let mut longer = parts.clone();
            longer[at].push(0);
            assert_eq!(opened(&longer, b""), Err(Error::CannotOpen), "part {at} and a byte");
        }
        assert_eq!(opened(&[&parts[..], &[vec![]]].concat(), b""), Err(Error::CannotOpen), "an empty part more");
        assert_eq!(opened(&parts[..6], b""), Err(Error::CannotOpen), "a part too few");
        assert_eq!(opened(&parts, b"\0"), Err(Error::CannotOpen), "a byte more");
    }
}
