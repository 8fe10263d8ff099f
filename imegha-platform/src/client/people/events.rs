//! Hearing of what is new.

use std::collections::VecDeque;
use std::fmt;

use futures::StreamExt as _;

use crate::client::platform::{Platform, not_of_form};
use crate::client::transport::ByteStream;
use crate::error::Result;
use crate::protocol::{PokeEvent, SseEvent, SseParser};

/// What the account is told while it listens.
pub struct Events {
    stream: ByteStream,
    parser: SseParser,
    ready: VecDeque<PokeEvent>,
}

impl Platform {
    /// Listens for what connections have new. Each event only says that it is time to look: who misses one loses nothing that is not
    /// found by looking, so look when the stream begins, and when it has ended and begins again.
    ///
    /// In a browser one of an origin's tabs should listen for all of them: each stream takes one of six connections.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused): [`SignedOut`](crate::ProblemCode::SignedOut),
    /// [`LimitReached`](crate::ProblemCode::LimitReached).
    pub async fn events(&self) -> Result<Events> {
        let stream = self.stream("events").await?;
        Ok(Events { stream, parser: SseParser::default(), ready: VecDeque::new() })
    }
}

impl Events {
    /// The next event; nothing when the platform ended the stream: the session is over, or the server stops. Begin again after a moment.
    ///
    /// May be dropped while it waits and called again.
    ///
    /// # Errors
    /// [`ErrorKind::Network`](crate::ErrorKind::Network) when the connection broke, [`ErrorKind::Version`](crate::ErrorKind::Version).
    pub async fn next(&mut self) -> Result<Option<PokeEvent>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Ok(Some(event));
            }
            let Some(bytes) = self.stream.next().await else { return Ok(None) };
            for event in self.parser.push(&bytes?)? {
                self.ready.extend(poke(&event)?);
            }
        }
    }
}

/// An event of another name is of a later version.
fn poke(event: &SseEvent) -> Result<Option<PokeEvent>> {
    if event.name != "poke" {
        return Ok(None);
    }
    serde_json::from_str(&event.data).map(Some).map_err(|error| not_of_form().caused_by(error))
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}
