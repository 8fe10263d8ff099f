//! Telling a gateway how the owner's identity changed.

use imegha_crypto::{Id, KeyHistory};

use super::config::ATTEMPTS;
use super::connection::{Question, Remote};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::{HistoryRequest, path};
use crate::timer::sleep;

impl Remote {
    /// Tells the gateway the key history of the account of that id and tag, whose first identity it was deployed for. From then on it serves
    /// the identity at the history's end, which signs here, and none before it. To tell it twice changes nothing.
    ///
    /// Devices do that when they have made a new identity, and when a gateway does not know theirs ([`Remote::introduce`]).
    ///
    /// ```no_run
    /// # async fn run(history: imegha_crypto::KeyHistory, account: imegha_crypto::Id, newest: imegha_crypto::Identity)
    /// # -> Result<(), Box<dyn std::error::Error>> {
    /// use std::sync::Arc;
    /// use imegha_cloud::backend::remote::Remote;
    /// use imegha_cloud::clock::SystemClock;
    ///
    /// let owner = history.first().fingerprint();
    /// let remote = Remote::new("https://cloud.example/mine".parse()?, Arc::new(newest), owner, Arc::new(SystemClock))?;
    /// remote.follow(&history, &account, "alice").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// `Malformed` for a history that does not begin with the gateway's owner; `Version` for a gateway from before it could be told;
    /// `Denied` when it does not take this history: it is another owner's, knows a later or another one, or the signer is not the history's
    /// last; otherwise as every request. After `Unavailable` it may know the history or not.
    pub async fn follow(&self, history: &KeyHistory, account: &Id, tag: &str) -> Result<()> {
        if history.first().fingerprint() != self.audience() {
            return Err(Error::new(ErrorKind::Malformed, "this history is not that of the gateway's owner"));
        }
        let request = HistoryRequest::of(history, account, tag);
        match self.tell(Question::put_json(path::OWNER_HISTORY, &request)).await {
            Err(error) if error.kind() == ErrorKind::NotFound => Err(self.why_not_taken().await),
            told => told,
        }
    }

    /// As [`Remote::check_owner`]; a gateway that does not know the identity that signs here is told the history once, and asked again.
    ///
    /// # Errors
    /// As [`Remote::check_owner`] and [`Remote::follow`].
    pub async fn introduce(&self, history: &KeyHistory, account: &Id, tag: &str) -> Result<()> {
        match self.check_owner().await {
            Err(error) if error.kind() == ErrorKind::Denied && history.entries().len() > 1 => {}
            checked => return checked,
        }
        self.follow(history, account, tag).await?;
        for _ in 1..ATTEMPTS {
            match self.check_owner().await {
                // Another instance than the one that was told, which strangers keep from looking for a second.
                Err(error) if error.kind() == ErrorKind::Denied => sleep(LOOKS_AGAIN_MS).await,
                checked => return checked,
            }
        }
        self.check_owner().await
    }

    /// Why a gateway has said that there is no such thing: one that can be told says of another method that it is the wrong one.
    async fn why_not_taken(&self) -> Error {
        match self.retry(&Question::get(path::OWNER_HISTORY), None).await {
            Err(error) if error.kind() == ErrorKind::NotFound => Error::new(
                ErrorKind::Version,
                "this gateway is from before identities could change: it serves only the first until it is updated",
            ),
            Err(error) if error.kind() == ErrorKind::Unavailable => error,
            _ => Error::new(
                ErrorKind::Denied,
                "this gateway does not take this key history: it is another owner's, or knows a later one",
            ),
        }
    }
}

/// How often a gateway looks for identities that it does not know, whoever has it do so.
const LOOKS_AGAIN_MS: u64 = 1_000;
