//! What an account does to its connections.

use http::Method;
use imegha_crypto::{FeedPlace, Hash, Id, Subject, device};
use serde::Serialize;

use super::connection::{Connection, Standing};
use super::known::{KnownPerson, KnownSent};
use super::person::Person;
use crate::client::account::{Account, place};
use crate::client::platform::Platform;
use crate::contact::{ContactCard, HistoryHead, ProfileHead};
use crate::error::{Error, ErrorKind, Result};
use crate::gateway_address::GatewayAddress;
use crate::problem::ProblemCode;
use crate::protocol::{AcceptRequest, ActionReply, CardRequest, ConnectionState, WireCard};

/// What the account says of itself to those whom it is connected with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Introduction {
    /// Where its cloud is, if it has one.
    pub gateway: Option<GatewayAddress>,
    /// The state of its profile.
    pub profile: Option<ProfileHead>,
}

/// What sending a card has done.
#[derive(Clone, Debug)]
pub struct Sent {
    /// What the other is to the account now, by the platform's word: ask for the [connection](Platform::connection) to have it proved.
    pub state: Option<ConnectionState>,
    /// What the device should remember.
    pub known: KnownPerson,
}

impl Platform {
    /// Asks to be connected with a person, by a contact card that only he can open. Where he has asked already, both are connected.
    /// While a request waits, another one takes its place.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`]: [`Conflict`](ProblemCode::Conflict) where there is a connection already, or the account blocks the person;
    /// [`LimitReached`](ProblemCode::LimitReached), [`TooManyTries`](ProblemCode::TooManyTries), [`NotFound`](ProblemCode::NotFound),
    /// [`KeyRefused`](ProblemCode::KeyRefused) when he has a new identity: look him up again.
    pub async fn request_connection(
        &self,
        account: &Account,
        person: &Person,
        introduction: &Introduction,
        now_ms: u64,
    ) -> Result<Sent> {
        let at = first_place()?;
        let card = seal(account, person, introduction, None, at, now_ms).await?;
        let body = CardRequest { card };
        let state = self.act(Method::POST, &person.account(), "request", Some(&body)).await?;
        Ok(Sent { state, known: with_sent(person.known(), at.feed, now_ms) })
    }

    /// Agrees to a request that was [listed](Platform::connections) or [asked for](Platform::connection).
    ///
    /// # Errors
    /// [`ErrorKind::Refused`]: [`Conflict`](ProblemCode::Conflict) unless the person has asked and his card proves it, and that is still the
    /// request that stands; otherwise as [`Platform::request_connection`].
    pub async fn accept_connection(
        &self,
        account: &Account,
        request: &Connection,
        introduction: &Introduction,
        now_ms: u64,
    ) -> Result<Sent> {
        let conflict = || Error::refused(ProblemCode::Conflict);
        let answers = request.received_feed().filter(|_| request.standing() == Standing::Incoming);
        let answers = answers.ok_or_else(conflict)?;
        let (person, at) = (request.person(), first_place()?);
        let card = seal(account, person, introduction, Some(answers), at, now_ms).await?;
        let body = AcceptRequest { card, answers };
        let state = self.act(Method::POST, &person.account(), "accept", Some(&body)).await?;
        Ok(Sent { state, known: with_sent(request.known(), at.feed, now_ms) })
    }

    /// Gives a connection a new card in the place of the one that it has: after the cloud has moved, the profile was changed, or one of
    /// the two has a new identity ([`Connection::needs_card`]).
    ///
    /// # Errors
    /// [`ErrorKind::Refused`]: [`Conflict`](ProblemCode::Conflict) when another device did at the same time, or the connection has no card
    /// of the account's; [`NotFound`](ProblemCode::NotFound) when there is no connection any more.
    pub async fn put_card(
        &self,
        account: &Account,
        connection: &Connection,
        introduction: &Introduction,
        now_ms: u64,
    ) -> Result<Sent> {
        let before = connection.own_card().ok_or_else(|| Error::refused(ProblemCode::Conflict))?;
        let at = FeedPlace { feed: before.feed, seq: before.seq + 1, previous: before.sealed.feed_hash() };
        // Whoever of the two asked first: it is the other's list that the account wants to be connected with.
        let answers = connection.received_feed();
        let card = seal(account, connection.person(), introduction, answers, at, now_ms).await?;
        let state = self.act(Method::PUT, &connection.person().account(), "card", Some(&CardRequest { card })).await?;
        Ok(Sent { state, known: connection.known().clone() })
    }

    /// Does not agree to a request. The other sees that it is gone, and may ask again.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`]: [`Conflict`](ProblemCode::Conflict) when the two are connected meanwhile,
    /// [`NotFound`](ProblemCode::NotFound) for nobody.
    pub async fn decline_connection(&self, other: &Id) -> Result<Option<ConnectionState>> {
        self.act(Method::POST, other, "decline", None::<&()>).await
    }

    /// Takes a request back.
    ///
    /// # Errors
    /// As [`Platform::decline_connection`].
    pub async fn cancel_connection(&self, other: &Id) -> Result<Option<ConnectionState>> {
        self.act(Method::POST, other, "cancel", None::<&()>).await
    }

    /// Ends a connection, on both sides. What was shared is revoked elsewhere.
    ///
    /// # Errors
    /// As [`Platform::decline_connection`].
    pub async fn remove_connection(&self, other: &Id) -> Result<Option<ConnectionState>> {
        self.act(Method::POST, other, "remove", None::<&()>).await
    }

    /// Wants nothing of a person any more: a connection ends, requests are not shown, nothing is told. He is not told either; he still
    /// finds the account as anybody does.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`]: [`LimitReached`](ProblemCode::LimitReached), [`NotFound`](ProblemCode::NotFound) for nobody.
    pub async fn block(&self, other: &Id) -> Result<Option<ConnectionState>> {
        self.act(Method::POST, other, "block", None::<&()>).await
    }

    /// Ends that. A request that the person has made and not taken back is shown then.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`]: [`NotFound`](ProblemCode::NotFound) for nobody.
    pub async fn unblock(&self, other: &Id) -> Result<Option<ConnectionState>> {
        self.act(Method::POST, other, "unblock", None::<&()>).await
    }

    async fn act(
        &self,
        method: Method,
        other: &Id,
        action: &str,
        body: Option<&impl Serialize>,
    ) -> Result<Option<ConnectionState>> {
        let reply: ActionReply = self.ask(method, &format!("connections/{other}/{action}"), body).await?;
        Ok(reply.state)
    }
}

async fn seal(
    account: &Account,
    person: &Person,
    introduction: &Introduction,
    answers: Option<Id>,
    at: FeedPlace,
    now_ms: u64,
) -> Result<WireCard> {
    if account.history.current() != account.identity.public() {
        return Err(Error::new(ErrorKind::KeyChanged, "the identity is not the account's current one"));
    }
    let (seq, hash) = place(&account.history);
    let card = ContactCard {
        gateway: introduction.gateway.clone(),
        profile: introduction.profile.clone(),
        history: HistoryHead { seq, hash },
        made_ms: now_ms,
        answers,
    };
    let subject = Subject::Contact { at };
    let sealed = device::seal_to(&account.identity, person.identity(), &subject, &card.to_json()?).await?;
    Ok(WireCard { feed: at.feed, seq: at.seq, previous: at.previous, sealed })
}

fn first_place() -> Result<FeedPlace> {
    Ok(FeedPlace { feed: Id::generate()?, seq: 1, previous: Hash::ZERO })
}

fn with_sent(known: &KnownPerson, feed: Id, made_ms: u64) -> KnownPerson {
    KnownPerson { sent: Some(KnownSent { feed, made_ms }), ..known.clone() }
}
