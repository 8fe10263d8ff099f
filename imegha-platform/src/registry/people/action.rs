//! What people do to their connections: what each action makes of both sides, and the transaction that writes it.

use imegha_cloud::backend::{Condition, Write};
use imegha_crypto::Id;

use super::connection::{Card, Connection, Standing};
use super::{AccountRecord, Field, PlatformSchema, PlatformValue as V, Registry, damaged};
use crate::error::{Error, ErrorKind, Result};
use crate::problem::ProblemCode;
use crate::registry::AccountState;

/// Something that one person does to the connection with another.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Asks to be connected. Where the other has asked already, that connects them.
    Request(Card),
    /// Agrees to the request whose card stands in the list `answers`.
    Accept {
        /// The account's own card.
        card: Card,
        /// The list of the request that was read: another one may have taken its place.
        answers: Id,
    },
    /// Does not agree to a request. The other may ask again.
    Decline,
    /// Takes a request back.
    Cancel,
    /// Ends a connection.
    Remove,
    /// Wants nothing of the other. Who was connected sees that he is not any more, as after [`Action::Remove`]; who has asked, or asks,
    /// sees a request that is not answered.
    Block,
    /// Ends that. A request that the other has made meanwhile is shown.
    Unblock,
    /// Puts a newer card in the place of the account's own.
    PutCard(Card),
    /// Leaves for ever: the account is being deleted.
    Forget,
}

/// What an action has made of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acted {
    /// What the other is to the account now; never [`Standing::Shut`].
    pub standing: Option<Standing>,
    /// Whether the other sees anything of it, and so should be told.
    pub seen_by_other: bool,
}

/// Both sides of a connection.
#[derive(Clone, Debug, PartialEq)]
struct Pair {
    mine: Connection,
    theirs: Connection,
}

impl Registry {
    /// Does what an account wants with its connection to `other`: both sides in one transaction. Done again, it is no error, since an
    /// answer may have been lost.
    ///
    /// # Errors
    /// [`ProblemCode::NotFound`] for no such person, and for what there is nothing of; [`ProblemCode::Conflict`] for what cannot be done with
    /// the connection as it is; [`ProblemCode::LimitReached`]; [`ProblemCode::Malformed`] for oneself.
    pub async fn act(&self, account: &Id, other: &Id, action: &Action) -> Result<Acted> {
        if account == other {
            return Err(Error::refused(ProblemCode::Malformed));
        }
        for _ in 0..ATTEMPTS {
            if *action != Action::Forget && self.confirmed(other).await?.is_none() {
                return Err(Error::refused(ProblemCode::NotFound));
            }
            // The counts first: what is read after them and written under their versions is what they belong to.
            let [counts, their_counts] = self.counts(&[*account, *other]).await?[..] else { return Err(damaged()) };
            let keys = [Connection::key(account, other), Connection::key(other, account)];
            let sides = self.store.get_all(&keys).await?;
            let sides: Result<Vec<_>> =
                sides.iter().map(|side| side.as_ref().map(Connection::from_record).transpose()).collect();
            let before = match <[_; 2]>::try_from(sides?) {
                Ok([Some(mine), Some(theirs)]) => Some(Pair { mine, theirs }),
                Ok([None, None]) => None,
                // Read while somebody else wrote.
                _ => continue,
            };
            let after = step(before.clone(), action, self.now_ms())?;
            let acted = Acted {
                standing: after.as_ref().and_then(|pair| pair.mine.standing.shown()),
                seen_by_other: is_seen(before.as_ref(), after.as_ref()),
            };
            if after == before {
                return Ok(acted);
            }
            let mine = |pair: &Option<Pair>| pair.as_ref().map(|pair| pair.mine.clone());
            let theirs = |pair: &Option<Pair>| pair.as_ref().map(|pair| pair.theirs.clone());
            let new = counts.replace(mine(&before).as_ref(), mine(&after).as_ref());
            let their_new = their_counts.replace(theirs(&before).as_ref(), theirs(&after).as_ref());
            let newly_asks = matches!(action, Action::Request(_)) && acted.standing == Some(Standing::Asked);
            // Who is blocked, and so on no list, is told as anybody else that the list is full.
            if newly_asks
                && mine(&before).is_none_or(|mine| mine.standing == Standing::Shut)
                && their_counts.takes_no_request()
            {
                return Err(Error::refused(ProblemCode::LimitReached));
            }
            if matches!(action, Action::Request(_) | Action::Accept { .. } | Action::Block) {
                new.check_bounded(&counts)?;
                their_new.check_bounded(&their_counts)?;
            }

            let [my_key, their_key] = keys;
            let mut writes = vec![
                side(my_key, mine(&after)),
                side(their_key, theirs(&after)),
                new.put(account, &counts),
                their_new.put(other, &their_counts),
            ];
            if *action != Action::Forget {
                // Who is being deleted gets no new records.
                writes
                    .extend([account, other].map(|account| Write::Check(AccountRecord::key(account), is_confirmed())));
            }
            if self.transact(&writes).await? {
                return Ok(acted);
            }
        }
        Err(Error::new(ErrorKind::Refused(ProblemCode::Unavailable), "too many changed the same connections at once"))
    }
}

/// What an action makes of both sides.
fn step(before: Option<Pair>, action: &Action, now_ms: u64) -> Result<Option<Pair>> {
    use Standing as S;

    let conflict = || Error::refused(ProblemCode::Conflict);
    let not_found = || Error::refused(ProblemCode::NotFound);
    let side = |standing, card| Connection { standing, since_ms: now_ms, card };
    let pair = |mine, theirs| Ok(Some(Pair { mine, theirs }));
    let standings = before.as_ref().map(|pair| (pair.mine.standing, pair.theirs.standing));
    let shut = || pair(side(S::Blocked, None), side(S::Shut, None));
    let connect = |mine: Card, theirs: Connection| {
        pair(side(S::Connected, Some(mine)), Connection { standing: S::Connected, since_ms: now_ms, ..theirs })
    };
    match (action, before, standings) {
        (Action::Forget, _, _) => Ok(None),

        (Action::Request(card), None, _) => pair(side(S::Asked, Some(card.clone())), side(S::Incoming, None)),
        (Action::Request(card), Some(Pair { theirs, .. }), Some((S::Shut, S::Blocked))) => {
            pair(side(S::Asked, Some(card.clone())), theirs)
        }
        (Action::Request(card), Some(Pair { mine, theirs }), Some((S::Asked, _))) => {
            pair(Connection { card: Some(card.clone()), ..mine }, theirs)
        }
        (Action::Request(card), Some(Pair { theirs, .. }), Some((S::Incoming, _))) => connect(card.clone(), theirs),
        (Action::Request(card), Some(before), Some((S::Connected, _))) if before.mine.card.as_ref() == Some(card) => {
            Ok(Some(before))
        }
        (Action::Request(_), _, _) => Err(conflict()),

        (Action::Accept { card, answers }, Some(Pair { theirs, .. }), Some((S::Incoming, _))) => match &theirs.card {
            Some(request) if request.at.feed == *answers => connect(card.clone(), theirs),
            _ => Err(conflict()),
        },
        (Action::Accept { card, .. }, Some(before), Some((S::Connected, _))) => {
            if before.mine.card.as_ref() == Some(card) { Ok(Some(before)) } else { Err(conflict()) }
        }
        (Action::Accept { .. }, _, _) => Err(not_found()),

        (Action::Decline, Some(_), Some((S::Incoming, _))) => Ok(None),
        (Action::Cancel, Some(Pair { theirs, .. }), Some((S::Asked, S::Blocked))) => pair(side(S::Shut, None), theirs),
        (Action::Cancel, Some(_), Some((S::Asked, _))) => Ok(None),
        (Action::Remove, Some(_), Some((S::Connected, _))) => Ok(None),
        // Nothing is there any more, as far as the account may know.
        (Action::Decline | Action::Cancel | Action::Remove, before, None | Some((S::Shut, _))) => Ok(before),
        (Action::Decline | Action::Cancel | Action::Remove, _, _) => Err(conflict()),

        (Action::Block, None, _) => shut(),
        (Action::Block, before, Some((S::Blocked, _))) => Ok(before),
        (Action::Block, Some(Pair { theirs, .. }), Some((S::Incoming, _) | (_, S::Blocked))) => {
            pair(side(S::Blocked, None), theirs)
        }
        (Action::Block, Some(_), _) => shut(),

        (Action::Unblock, Some(Pair { theirs, .. }), Some((S::Blocked, S::Asked))) => {
            let since_ms = theirs.since_ms;
            pair(Connection { standing: S::Incoming, since_ms, card: None }, theirs)
        }
        (Action::Unblock, Some(Pair { theirs, .. }), Some((S::Blocked, S::Blocked))) => {
            pair(side(S::Shut, None), theirs)
        }
        (Action::Unblock, Some(_), Some((S::Blocked, _))) => Ok(None),
        (Action::Unblock, before, _) => Ok(before),

        (Action::PutCard(card), Some(Pair { mine, theirs }), Some((S::Asked | S::Connected, _))) => {
            let there = mine.card.as_ref().ok_or_else(damaged)?;
            let follows = card.at.feed == there.at.feed
                && there.at.seq.checked_add(1) == Some(card.at.seq)
                && card.at.previous == there.sealed.feed_hash();
            if !follows && there != card {
                return Err(conflict());
            }
            pair(Connection { card: Some(card.clone()), ..mine }, theirs)
        }
        (Action::PutCard(_), _, _) => Err(not_found()),
    }
}

/// Whether the other's view has changed: what he is shown of the account, or its card. Who blocks is shown neither.
fn is_seen(before: Option<&Pair>, after: Option<&Pair>) -> bool {
    let shown = |pair: Option<&Pair>| -> Option<(Standing, Option<Card>)> {
        let pair = pair?;
        match pair.theirs.standing.shown()? {
            Standing::Blocked => None,
            Standing::Asked => Some((Standing::Asked, None)),
            standing => Some((standing, pair.mine.card.clone())),
        }
    };
    shown(before) != shown(after)
}

fn side(key: super::PlatformKey, connection: Option<Connection>) -> Write<PlatformSchema> {
    match connection {
        Some(connection) => Write::Put(connection.to_record(key), Condition::None),
        None => Write::Delete(key, Condition::None),
    }
}

pub(super) fn is_confirmed() -> Condition<PlatformSchema> {
    Condition::Equals(Field::State, V::U64(AccountState::Confirmed.number()))
}

/// How often a lost race is run again: each round somebody wins.
const ATTEMPTS: usize = 12;
