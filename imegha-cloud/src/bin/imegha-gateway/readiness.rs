//! Whether the gateway can serve: whether its stores answer.

use std::time::Duration;

use anyhow::Context as _;
use imegha_cloud::gateway::Gateway;
use imegha_cloud::{Error, ErrorKind, Result};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// What the stores last answered. Anybody may ask for it, so they are asked at most every five seconds, and once at a time: in
/// an AWS account each question is billed.
#[derive(Debug)]
pub(crate) struct Readiness {
    gateway: Gateway,
    last: Mutex<Option<Answer>>,
}

#[derive(Clone, Copy, Debug)]
struct Answer {
    at: Instant,
    is_ready: bool,
}

impl Readiness {
    pub(crate) fn new(gateway: Gateway) -> Self {
        Self { gateway, last: Mutex::new(None) }
    }

    /// Asks both stores.
    ///
    /// # Errors
    /// As they give them; `Unavailable` when they do not answer in time.
    pub(crate) async fn ask(&self) -> Result<()> {
        let too_late = |_| Error::new(ErrorKind::Unavailable, "the stores did not answer in time");
        timeout(PATIENCE, self.gateway.check_stores()).await.map_err(too_late).flatten()
    }

    /// Asks before anything is served. What may be mended by waiting is told to the log.
    ///
    /// # Errors
    /// In words: what no waiting mends.
    pub(crate) async fn at_start(&self) -> anyhow::Result<()> {
        match self.ask().await {
            // It may be there in a moment, and `/readyz` says whether it is.
            Err(error) if error.kind() == ErrorKind::Unavailable => {
                tracing::warn!(?error, "the stores do not answer yet");
                Ok(())
            }
            asked => asked.context("the stores cannot be used"),
        }
    }

    /// Whether they answer, or did a moment ago.
    pub(crate) async fn is_ready(&self) -> bool {
        let mut last = self.last.lock().await;
        if let Some(answer) = last.filter(|answer| answer.at.elapsed() < FRESH) {
            return answer.is_ready;
        }
        let asked = self.ask().await;
        if let Err(error) = &asked {
            tracing::warn!(?error, "not ready: the stores do not answer");
        }
        let answer = Answer { at: Instant::now(), is_ready: asked.is_ok() };
        *last = Some(answer);
        answer.is_ready
    }
}

const FRESH: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(5);
