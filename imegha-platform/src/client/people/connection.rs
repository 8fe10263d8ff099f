//! A connection, and what proves it.

use std::sync::Arc;

use imegha_crypto::{Id, Identity, KeyHistory, PublicIdentity, SealedTo, Subject, device};

use super::known::{KnownCard, KnownPerson, KnownSent};
use super::person::Person;
use crate::client::account::{Account, entry_at};
use crate::contact::{ContactCard, HistoryHead};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::{ConnectionReply, ConnectionState, WireCard};

/// What another person is to the account, as far as it is proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The account asked, and waits. Whether the other has seen it, has not answered or blocks the account is not told.
    Asked,
    /// The other asked, which his card proves, and waits.
    Incoming,
    /// Both want it, which the other's card proves.
    Connected,
    /// The account blocks the other.
    Blocked,
    /// The platform says that the other asked or agreed, and nothing of the other's proves it: no card, or one that is sealed to somebody else, or
    /// signed by an identity that has been replaced. It counts as nothing, until the other gives a new card.
    Unproven,
}

/// A connection. Its person's keys hold, and its card, if there is one, was opened, comes from that person, and is not older than what
/// the device knows.
#[derive(Clone, Debug)]
pub struct Connection {
    person: Person,
    standing: Standing,
    since_ms: u64,
    card: Option<ContactCard>,
    received: Option<Id>,
    /// The account's own card, as far as its signature and whom it is sealed to prove that.
    sent: Option<WireCard>,
    known: KnownPerson,
}

impl Connection {
    /// The other person.
    pub fn person(&self) -> &Person {
        &self.person
    }

    /// What he is to the account.
    pub fn standing(&self) -> Standing {
        self.standing
    }

    /// Since when, in milliseconds since 1970, by the platform's word.
    pub fn since_ms(&self) -> u64 {
        self.since_ms
    }

    /// The other's contact card, where he asked or agreed.
    pub fn card(&self) -> Option<&ContactCard> {
        self.card.as_ref()
    }

    /// What the device should remember from now on.
    pub fn known(&self) -> &KnownPerson {
        &self.known
    }

    /// Whether the account's own card is missing, signed by or sealed to an identity that has been replaced: the other cannot take it for
    /// the account's until [`Platform::put_card`](crate::client::Platform::put_card) gives a new one.
    pub fn needs_card(&self, account: &Account) -> bool {
        let wanted = matches!(self.standing, Standing::Asked | Standing::Connected | Standing::Unproven);
        let fresh = self.sent.as_ref().is_some_and(|sent| {
            sent.sealed.claimed_sender() == account.identity.fingerprint()
                && sent.sealed.recipient() == self.person.identity().fingerprint()
        });
        wanted && !fresh
    }

    /// The list of the other's card, opened or not, as far as its signature proves that it is his.
    pub(super) fn received_feed(&self) -> Option<Id> {
        self.received
    }

    pub(super) fn own_card(&self) -> Option<&WireCard> {
        self.sent.as_ref()
    }

    /// Verifies a connection as it came.
    pub(super) async fn open(account: &Account, reply: &ConnectionReply, known: Option<&KnownPerson>) -> Result<Self> {
        let person = Person::verify(&reply.person, known)?;
        let sent = reply.sent.as_ref().and_then(|sent| own_card(account, person.history(), sent));
        let signed = |received: &&WireCard| is_signed(person.history(), received);
        let received = reply.received.as_ref().filter(signed).map(|received| received.feed);
        let known = person.known().clone();
        let mut connection = Self {
            standing: match reply.state {
                ConnectionState::Asked => Standing::Asked,
                ConnectionState::Blocked => Standing::Blocked,
                ConnectionState::Incoming | ConnectionState::Connected => Standing::Unproven,
            },
            person,
            since_ms: reply.since_ms,
            card: None,
            received,
            sent,
            known,
        };
        if connection.standing == Standing::Unproven
            && let Some(received) = &reply.received
            && let Some(card) = connection.open_card(account, received).await?
        {
            connection.take_card(reply.state, received, card);
        }
        Ok(connection)
    }

    /// Opens the other's card. Nothing for one that is not the account's, or of an identity of the other's that has been replaced.
    ///
    /// # Errors
    /// [`ErrorKind::CannotOpen`] when it claims to be for the account and from the person and is not, or is older than the known one;
    /// [`ErrorKind::KeyChanged`] when it names a key history that the platform does not show.
    async fn open_card(&self, account: &Account, received: &WireCard) -> Result<Option<ContactCard>> {
        let sealed = &received.sealed;
        let Some(recipient) = recipient_of(account, sealed)? else { return Ok(None) };
        let Some(sender) = self.sender_of(sealed) else { return Ok(None) };
        let subject = Subject::Contact { at: received.place() };
        let json = device::open_from(&recipient, sender, &subject, sealed).await?;
        let card = ContactCard::from_json(&json, account.gateway.as_ref())?;
        let (history, HistoryHead { seq, hash }) = (self.person.history(), &card.history);
        let named = entry_at(history, &self.person.account(), self.person.tag(), *seq, hash);
        if !named.is_some_and(|entry| entry.identity == *sender) {
            return Err(Error::new(ErrorKind::KeyChanged, "the person names other keys than the platform shows"));
        }
        check_not_older(self.known.card.as_ref(), received, &card)?;
        Ok(Some(card))
    }

    /// Who may have sent a card: the person's current identity. An earlier one only sent what the device opened while it was current: it
    /// may be in a finder's hands since.
    fn sender_of(&self, sealed: &SealedTo) -> Option<&PublicIdentity> {
        let history: &KeyHistory = self.person.history();
        let claimed = sealed.claimed_sender();
        if history.current().fingerprint() == claimed {
            return Some(history.current());
        }
        let known = self.known.card.as_ref().is_some_and(|known| known.hash == sealed.feed_hash());
        let earlier = history.entries().iter().map(|entry| &entry.identity);
        earlier.filter(|_| known).find(|identity| identity.fingerprint() == claimed)
    }

    /// Concludes from a card that was opened what the other wants.
    fn take_card(&mut self, state: ConnectionState, received: &WireCard, card: ContactCard) {
        let sent = self.sent.as_ref().map(|sent| sent.feed);
        let wants = match (state, card.answers) {
            (ConnectionState::Incoming, answers) => answers.is_none(),
            // He asked by himself, which the account has answered, or asked as well.
            (_, None) => sent.is_some(),
            // He answered: just this request of the account's, and no earlier one.
            (_, Some(answers)) => sent == Some(answers),
        };
        if !wants || !self.is_of_now(sent, &card) {
            return;
        }
        self.standing = match state {
            ConnectionState::Incoming => Standing::Incoming,
            _ => Standing::Connected,
        };
        let place = received.place();
        self.known.card = Some(KnownCard {
            feed: place.feed,
            seq: place.seq,
            hash: received.sealed.feed_hash(),
            made_ms: card.made_ms,
        });
        if let (Some(feed), Standing::Connected) = (sent, self.standing) {
            let known = self.known.sent.take().filter(|known| known.feed == feed);
            self.known.sent = Some(known.unwrap_or(KnownSent { feed, made_ms: card.made_ms }));
        }
        self.card = Some(card);
    }

    /// Where the platform shows another request of the account's than this device made last, it may be one of another device's since, or
    /// one of old, with the answer of old. The other's card says which.
    fn is_of_now(&self, sent: Option<Id>, card: &ContactCard) -> bool {
        match (&self.known.sent, sent) {
            (Some(known), Some(sent)) => known.feed == sent || card.made_ms > known.made_ms,
            _ => true,
        }
    }
}

/// Whom of the account's identities a card was sealed to. One that the account had before reads as ever what was sealed to it while the other
/// did not know of the new one; who it is from his signature says.
fn recipient_of(account: &Account, sealed: &SealedTo) -> Result<Option<Arc<Identity>>> {
    let recipient = sealed.recipient();
    if recipient == account.identity.fingerprint() {
        return Ok(Some(account.identity.clone()));
    }
    match account.history.entries().iter().any(|entry| entry.identity.fingerprint() == recipient) {
        true => account.open_earlier_identity(&recipient).map(|identity| Some(Arc::new(identity))),
        false => Ok(None),
    }
}

/// The account's own card as the platform shows it, if one of the account's identities signed it, and for this person: what the account once
/// sent to somebody else says nothing of him.
fn own_card(account: &Account, person: &KeyHistory, sent: &WireCard) -> Option<WireCard> {
    let is_for_him = person.entries().iter().any(|entry| entry.identity.fingerprint() == sent.sealed.recipient());
    (is_for_him && is_signed(&account.history, sent)).then(|| sent.clone())
}

/// Whether one of a history's identities signed a card as standing where it stands.
fn is_signed(history: &KeyHistory, card: &WireCard) -> bool {
    let subject = Subject::Contact { at: card.place() };
    history.entries().iter().any(|entry| entry.identity.verify_sealed(&subject, &card.sealed).is_ok())
}

/// Of one list only the same card or a later one; another list only if it was begun later. Cards replace each other whole, so a
/// device that was away takes one whose predecessors it never saw.
fn check_not_older(known: Option<&KnownCard>, received: &WireCard, card: &ContactCard) -> Result<()> {
    let Some(known) = known else { return Ok(()) };
    let holds = if received.feed != known.feed {
        card.made_ms > known.made_ms
    } else if received.seq == known.seq {
        received.sealed.feed_hash() == known.hash
    } else if known.seq.checked_add(1) == Some(received.seq) {
        received.previous == known.hash
    } else {
        received.seq > known.seq
    };
    if holds { Ok(()) } else { Err(Error::new(ErrorKind::CannotOpen, "the contact card is older than the known one")) }
}
