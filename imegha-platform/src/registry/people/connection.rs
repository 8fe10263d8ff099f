//! What one person is to another, and the contact card that he gave.

use imegha_cloud::backend::{Query, Record};
use imegha_crypto::{FeedPlace, Hash, Id, SealedTo};

use super::{
    Collection, Field, Fields, PersonRecord, PlatformKey, PlatformRecord, PlatformValue as V, Registry, damaged,
};
use crate::error::Result;

/// What another person is to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The account asked to be connected, and waits.
    Asked,
    /// The other asked, and waits.
    Incoming,
    /// Both want it.
    Connected,
    /// The account wants nothing of the other.
    Blocked,
    /// The other blocks the account. It is there so that either's records lead to both, and is shown to nobody.
    Shut,
}

impl Standing {
    pub(super) fn number(self) -> u64 {
        match self {
            Self::Asked => 1,
            Self::Incoming => 2,
            Self::Connected => 3,
            Self::Blocked => 4,
            Self::Shut => 5,
        }
    }

    fn from_number(number: u64) -> Result<Self> {
        [Self::Asked, Self::Incoming, Self::Connected, Self::Blocked, Self::Shut]
            .into_iter()
            .find(|standing| standing.number() == number)
            .ok_or_else(damaged)
    }

    /// As the account itself may see it.
    pub(super) fn shown(self) -> Option<Self> {
        (self != Self::Shut).then_some(self)
    }
}

/// A contact card: what one person says of himself to another (FORMAT 8, `contact`). Only the other can open it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Where it stands. Each request and each answer begins a list of its own, at 1.
    pub at: FeedPlace,
    /// The card.
    pub sealed: SealedTo,
}

/// One side of a connection, as the registry keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Connection {
    pub(super) standing: Standing,
    pub(super) since_ms: u64,
    /// What this side gave the other, as long as it wants the connection.
    pub(super) card: Option<Card>,
}

/// A connection, as one side of it sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectionView {
    /// The other person.
    pub person: PersonRecord,
    /// What the other is to the account; never [`Standing::Shut`].
    pub standing: Standing,
    /// Since when, in milliseconds since 1970.
    pub since_ms: u64,
    /// The card that the account gave the other.
    pub sent: Option<Card>,
    /// The card that the other gave the account.
    pub received: Option<Card>,
}

impl Connection {
    pub(super) fn key(whose: &Id, other: &Id) -> PlatformKey {
        PlatformKey::new(Collection::Connection, [V::Id(*whose)], [V::Id(*other)])
    }

    pub(super) fn to_record(&self, key: PlatformKey) -> PlatformRecord {
        let record = Record::new(key)
            .with(Field::ConnectionState, V::U64(self.standing.number()))
            .with(Field::ConnectionSince, V::Time(self.since_ms));
        match &self.card {
            Some(card) => record
                .with(Field::Card, V::Card(card.sealed.clone()))
                .with(Field::CardFeed, V::Id(card.at.feed))
                .with(Field::CardSeq, V::U64(card.at.seq))
                .with(Field::CardPrevious, V::Hash(card.at.previous)),
            None => record,
        }
    }

    pub(super) fn from_record(record: &PlatformRecord) -> Result<Self> {
        let fields = Fields(record);
        let card = match fields.optional(Field::Card, Fields::card)? {
            Some(sealed) => {
                let feed = fields.id(Field::CardFeed)?;
                let previous: Hash = fields.hash(Field::CardPrevious)?;
                Some(Card { at: FeedPlace { feed, seq: fields.u64(Field::CardSeq)?, previous }, sealed })
            }
            None => None,
        };
        Ok(Self {
            standing: Standing::from_number(fields.u64(Field::ConnectionState)?)?,
            since_ms: fields.time(Field::ConnectionSince)?,
            card,
        })
    }
}

impl Registry {
    /// The connection of an account with another, as the account sees it.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`](crate::ErrorKind::Storage), as every method here.
    pub async fn connection(&self, account: &Id, other: &Id) -> Result<Option<ConnectionView>> {
        match self.store.get(&Connection::key(account, other)).await? {
            Some(record) => self.view(account, other, Connection::from_record(&record)?).await,
            None => Ok(None),
        }
    }

    /// A page of an account's connections, in the order of the others' ids, and where the next page begins.
    ///
    /// # Errors
    /// As every method here.
    pub async fn connections(&self, account: &Id, after: Option<&Id>) -> Result<(Vec<ConnectionView>, Option<Id>)> {
        let mut query = Query::new(Collection::Connection, [V::Id(*account)]);
        query.after = after.map(|after| vec![V::Id(*after)]);
        let (mut views, mut entries) = (Vec::new(), 0);
        loop {
            query.limit = PAGE;
            let page = self.store.query(&query).await?;
            for record in &page.records {
                let other = super::super::keys::place_id(record)?;
                if let Some(view) = self.view(account, &other, Connection::from_record(record)?).await? {
                    entries += view.person.history.len();
                    views.push(view);
                }
                // A page is bounded by what it holds: histories are served whole, and may be long.
                if views.len() >= PAGE || entries >= PAGE_ENTRIES {
                    return Ok((views, Some(other)));
                }
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok((views, None)),
            }
        }
    }

    /// What is shown of a connection: nothing where the other is gone, or blocks the account.
    async fn view(&self, account: &Id, other: &Id, mine: Connection) -> Result<Option<ConnectionView>> {
        let Some(standing) = mine.standing.shown() else { return Ok(None) };
        let Some(person) = self.person(other).await? else { return Ok(None) };
        let received = match standing {
            Standing::Incoming | Standing::Connected => self.card_of(other, account).await?,
            _ => None,
        };
        Ok(Some(ConnectionView { person, standing, since_ms: mine.since_ms, sent: mine.card, received }))
    }

    async fn card_of(&self, whose: &Id, to: &Id) -> Result<Option<Card>> {
        let record = self.store.get(&Connection::key(whose, to)).await?;
        Ok(record.as_ref().map(Connection::from_record).transpose()?.and_then(|theirs| theirs.card))
    }
}

/// The most connections of a page. An answer is a mebibyte at most; a connection with two cards and one identity has 13 KB at most.
const PAGE: usize = 40;
/// And the most entries of key histories.
const PAGE_ENTRIES: usize = 200;
