//! What an account is told while it listens.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use futures::Stream;
use imegha_crypto::Id;

use super::hub::Listener;
use crate::error::Result;
use crate::flows::{Authenticated, PlatformServer};
use crate::protocol::{PokeEvent, PokeName};
use crate::registry::{PokeKind, SessionRecord};

/// One session's stream.
struct Listening {
    server: PlatformServer,
    session: SessionRecord,
    listener: Listener,
    /// What was told already, and of when.
    told: HashMap<(Id, PokeKind), u64>,
    to_tell: VecDeque<PokeEvent>,
    first: bool,
}

impl PlatformServer {
    /// What the account is poked about, from a minute ago on, until its session ends or the server does. A stream that fails ends; whoever
    /// listens again hears what he missed, or, after more than a minute, looks by himself.
    ///
    /// # Errors
    /// [`ProblemCode::LimitReached`](crate::ProblemCode::LimitReached).
    pub(crate) fn events(&self, who: Authenticated) -> Result<impl Stream<Item = PokeEvent> + Send + 'static> {
        let listener = self.hub().listen(&who.account.id)?;
        let listening = Listening {
            server: self.clone(),
            session: who.session,
            listener,
            told: HashMap::new(),
            to_tell: VecDeque::new(),
            first: true,
        };
        Ok(futures::stream::unfold(listening, |mut listening| async move {
            let event = listening.next().await?;
            Some((event, listening))
        }))
    }

    /// Ends all streams of events, for a server that is about to stop.
    pub fn end_events(&self) {
        self.hub().end();
    }
}

impl Listening {
    async fn next(&mut self) -> Option<PokeEvent> {
        loop {
            if let Some(event) = self.to_tell.pop_front() {
                return Some(event);
            }
            let every = Duration::from_millis(self.server.options().events_look_ms);
            if !std::mem::take(&mut self.first) && !self.listener.wait(every).await {
                return None;
            }
            match self.look().await {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => {
                    tracing::warn!(?error, "a stream of events ends");
                    return None;
                }
            }
        }
    }

    /// Looks whether the session goes on, and what there is to tell.
    async fn look(&mut self) -> Result<bool> {
        if !self.server.registry().goes_on(&self.session).await? {
            return Ok(false);
        }
        let pokes = self.server.registry().pokes(&self.session.account).await?;
        // What is not there any more can come again only as something new.
        self.told.retain(|told, _| pokes.iter().any(|poke| (poke.from, poke.kind) == *told));
        for poke in pokes {
            if self.told.insert((poke.from, poke.kind), poke.at_ms) != Some(poke.at_ms) {
                self.to_tell.push_back(PokeEvent { from: poke.from, kind: poke.kind.into() });
            }
        }
        Ok(true)
    }
}

impl From<PokeKind> for PokeName {
    fn from(kind: PokeKind) -> Self {
        match kind {
            PokeKind::Message => Self::Message,
            PokeKind::Feed => Self::Feed,
            PokeKind::Connection => Self::Connection,
        }
    }
}
