//! Trying again: how often, and how long between.

use std::sync::Arc;

use imegha_crypto::Id;

use super::Watch;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result};

/// The attempts that are left of something that may fail for a while.
#[derive(Debug)]
pub(crate) struct Attempts {
    clock: Arc<dyn Clock>,
    kind: ErrorKind,
    left: u32,
    wait_ms: u64,
    longest_ms: u64,
}

impl Attempts {
    /// For a backend that does not answer: about twenty seconds in all.
    pub(crate) fn at_network(clock: &Arc<dyn Clock>) -> Self {
        Self { clock: clock.clone(), kind: ErrorKind::Unavailable, left: 6, wait_ms: 300, longest_ms: 8_000 }
    }

    /// For a record that somebody waits to see: about a second and a half.
    pub(crate) fn at_read(clock: &Arc<dyn Clock>) -> Self {
        Self { left: 3, wait_ms: 200, ..Self::at_network(clock) }
    }

    /// For what nobody should wait for: none after the first.
    pub(crate) fn none(clock: &Arc<dyn Clock>) -> Self {
        Self { left: 0, ..Self::at_network(clock) }
    }

    /// For a race with another device: long enough that many devices that write at once all get their turn.
    pub(crate) fn at_race(clock: &Arc<dyn Clock>) -> Self {
        Self { clock: clock.clone(), kind: ErrorKind::Conflict, left: 20, wait_ms: 10, longest_ms: 1_000 }
    }

    /// Waits before the next attempt, a random time so that two who met do not meet again.
    ///
    /// # Errors
    /// Gives `error` back when no attempt is left or another one would not help.
    pub(crate) async fn again(&mut self, error: Error) -> Result<()> {
        if !self.may_help(&error) {
            return Err(error);
        }
        self.left -= 1;
        let random = u64::from(Id::generate()?.as_bytes()[0]);
        self.clock.sleep(self.wait_ms / 2 + self.wait_ms * random / 255).await;
        self.wait_ms = (self.wait_ms * 2).min(self.longest_ms);
        Ok(())
    }

    /// Whether [`Attempts::again`] would wait.
    pub(crate) fn may_help(&self, error: &Error) -> bool {
        error.kind() == self.kind && self.left > 0
    }
}

/// Runs `attempt` again for as long as the store does not answer. It is told whether an earlier attempt may have arrived.
pub(crate) async fn persist<T, F: Future<Output = Result<T>>>(
    mut attempts: Attempts,
    watch: &Watch,
    attempt: impl Fn(bool) -> F,
) -> Result<T> {
    let mut again = false;
    loop {
        match attempt(again).await {
            Ok(value) => return Ok(value),
            Err(error) => {
                if attempts.may_help(&error) {
                    watch.waiting();
                }
                attempts.again(error).await?;
                again = true;
            }
        }
    }
}
