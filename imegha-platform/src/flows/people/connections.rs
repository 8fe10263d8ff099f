//! Connections, for the one who is signed in.

use imegha_crypto::{FeedPlace, Hash, Id, Subject};

use crate::error::{Error, Result};
use crate::flows::{Authenticated, PlatformServer};
use crate::problem::ProblemCode;
use crate::protocol::{ActionReply, ConnectionReply, ConnectionState, ConnectionsReply, WireCard};
use crate::registry::{Action, Card, ConnectionView, MAX_CARD_LEN, Standing, damaged, public_identity};

impl PlatformServer {
    pub(crate) async fn connections(&self, who: &Authenticated, after: Option<&Id>) -> Result<ConnectionsReply> {
        let (views, next) = self.registry().connections(&who.account.id, after).await?;
        let connections = views.into_iter().map(ConnectionReply::try_from).collect::<Result<_>>()?;
        Ok(ConnectionsReply { connections, next: next.map(|next| next.to_string()) })
    }

    pub(crate) async fn connection(&self, who: &Authenticated, other: &Id) -> Result<ConnectionReply> {
        let view = self.registry().connection(&who.account.id, other).await?;
        view.ok_or_else(|| Error::refused(ProblemCode::NotFound))?.try_into()
    }

    /// Does what somebody wants with a connection, and has the other hear of it if he sees anything of it.
    pub(crate) async fn act(&self, who: &Authenticated, other: &Id, action: &Action) -> Result<ActionReply> {
        let acted = self.registry().act(&who.account.id, other, action).await?;
        if acted.seen_by_other {
            self.tell_connection(&who.account.id, other).await;
        }
        Ok(ActionReply { state: acted.standing.map(ConnectionState::try_from).transpose()? })
    }

    /// A card that begins a list: of a request, or of an answer.
    pub(crate) async fn first_card(&self, who: &Authenticated, other: &Id, card: WireCard) -> Result<Card> {
        let at = FeedPlace { feed: card.feed, seq: 1, previous: Hash::ZERO };
        if card.place() != at {
            return Err(Error::refused(ProblemCode::Malformed));
        }
        self.card(who, other, card).await
    }

    /// A card whose outside is right: its length, whom it is for, and that its sender signed it. What is in it only the other can see.
    pub(crate) async fn card(&self, who: &Authenticated, other: &Id, card: WireCard) -> Result<Card> {
        let refused = || Error::refused(ProblemCode::KeyRefused);
        let at = card.place();
        if card.sealed.as_bytes().len() > MAX_CARD_LEN || at.feed == Id::ZERO || at.seq == 0 {
            return Err(Error::refused(ProblemCode::Malformed));
        }
        let recipient = self.registry().confirmed(other).await?.ok_or_else(|| Error::refused(ProblemCode::NotFound))?;
        if card.sealed.recipient() != recipient.fingerprint {
            return Err(refused());
        }
        let history = self.registry().history(&who.account.id).await?;
        let sender = public_identity(history.last().ok_or_else(damaged)?)?;
        let subject = Subject::Contact { at };
        sender.verify_sealed(&subject, &card.sealed).map_err(|error| refused().caused_by(error))?;
        Ok(Card { at, sealed: card.sealed })
    }
}

impl TryFrom<Standing> for ConnectionState {
    type Error = Error;

    fn try_from(standing: Standing) -> Result<Self> {
        match standing {
            Standing::Asked => Ok(Self::Asked),
            Standing::Incoming => Ok(Self::Incoming),
            Standing::Connected => Ok(Self::Connected),
            Standing::Blocked => Ok(Self::Blocked),
            // The registry shows it to nobody.
            Standing::Shut => Err(damaged()),
        }
    }
}

impl TryFrom<ConnectionView> for ConnectionReply {
    type Error = Error;

    fn try_from(view: ConnectionView) -> Result<Self> {
        Ok(Self {
            person: view.person.into(),
            state: view.standing.try_into()?,
            since_ms: view.since_ms,
            sent: view.sent.map(WireCard::from),
            received: view.received.map(WireCard::from),
        })
    }
}

impl From<Card> for WireCard {
    fn from(card: Card) -> Self {
        Self { feed: card.at.feed, seq: card.at.seq, previous: card.at.previous, sealed: card.sealed }
    }
}
