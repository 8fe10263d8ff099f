//! The account's connections.

use http::Method;
use imegha_crypto::Id;

use super::connection::Connection;
use super::known::{KnownPeople, KnownPerson};
use crate::client::account::Account;
use crate::client::platform::{Platform, not_of_form};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::{ConnectionReply, ConnectionState, ConnectionsReply, PersonReply};
use crate::tag::Tag;

/// One connection of a list. That one person's keys do not hold is his matter, and keeps nobody from the others.
#[derive(Debug)]
pub struct Listed {
    /// The other's account.
    pub account: Id,
    /// The iMTag, by the platform's word: to say whom it is about when the keys do not hold.
    pub tag: String,
    /// What the platform says that he is.
    pub claimed: ConnectionState,
    /// The connection, or why it cannot be taken: [`ErrorKind::KeyChanged`], [`ErrorKind::CannotOpen`].
    pub connection: Result<Connection>,
}

impl Platform {
    /// All connections of the account: those that it asked for and that wait, those asked of it, those that are, those that it blocks.
    ///
    /// Remember each [`Connection::known`]: `known` is what the device remembers. Whoever comes under the iMTag of a person whom the device knows
    /// and is another account is [`ErrorKind::KeyChanged`], until the one whom it knew is [forgotten](KnownPeople::forget).
    ///
    /// # Errors
    /// [`ErrorKind::Refused`]: [`SignedOut`](crate::ProblemCode::SignedOut); [`ErrorKind::Network`], [`ErrorKind::Version`].
    pub async fn connections(&self, account: &Account, known: &KnownPeople) -> Result<Vec<Listed>> {
        let mut listed = Vec::new();
        let (mut path, mut after) = ("connections".to_owned(), None);
        for _ in 0..MAX_PAGES {
            let page: ConnectionsReply = self.ask(Method::GET, &path, None::<&()>).await?;
            for reply in page.connections {
                let connection = match is_somebody_else(known, &reply.person) {
                    true => Err(Error::new(ErrorKind::KeyChanged, "this iMTag was another account's")),
                    false => Connection::open(account, &reply, known.get(&reply.person.account)).await,
                };
                let (account, tag) = (reply.person.account, reply.person.tag);
                listed.push(Listed { account, tag, claimed: reply.state, connection });
            }
            match page.next.map(|next| Id::parse_hex(&next)).transpose() {
                // In the order of their ids: a list that does not go on never ends.
                Ok(Some(next)) if after.is_none_or(|after| next > after) && listed.len() <= MAX_LISTED => {
                    path = format!("connections?after={next}");
                    after = Some(next);
                }
                Ok(Some(_)) => return Err(not_of_form()),
                Ok(None) => return Ok(listed),
                Err(error) => return Err(not_of_form().caused_by(error)),
            }
        }
        Err(not_of_form())
    }

    /// The connection with one person, who is nobody to the account where there is none.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`]: [`NotFound`](crate::ProblemCode::NotFound), [`SignedOut`](crate::ProblemCode::SignedOut);
    /// [`ErrorKind::KeyChanged`] and [`ErrorKind::CannotOpen`] when what the platform shows does not hold.
    pub async fn connection(&self, account: &Account, other: &Id, known: Option<&KnownPerson>) -> Result<Connection> {
        let reply: ConnectionReply = self.ask(Method::GET, &format!("connections/{other}"), None::<&()>).await?;
        if reply.person.account != *other {
            return Err(Error::new(ErrorKind::KeyChanged, "this is not the person that was asked for"));
        }
        Connection::open(account, &reply, known).await
    }
}

/// Whether a person comes under the iMTag of another one whom the device knows: whoever could be given a name that is trusted would need no keys.
fn is_somebody_else(known: &KnownPeople, person: &PersonReply) -> bool {
    let before = Tag::from_stored(&person.tag).ok().and_then(|tag| known.by_tag(&tag).map(|known| known.account));
    before.is_some_and(|before| before != person.account)
}

/// More than an account has of all kinds of connections, which are some 2,400.
const MAX_LISTED: usize = 10_000;

/// The most pages. There is one connection in each at least.
const MAX_PAGES: usize = 3_000;
