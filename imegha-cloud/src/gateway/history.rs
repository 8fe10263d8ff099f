//! The owner's key history, told by the identity at its end (FORMAT 7).
//!
//! The gateway does not know that identity yet, so this is the one body that is read before anybody can say whose it is. It is short,
//! few are read at a time, one is verified at a time, and all of that is done for a cloud that is not there too: how long an answer takes
//! says nothing of which clouds a host has.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use http::{HeaderMap, StatusCode, request};
use imegha_crypto::request::Received;
use imegha_crypto::{Fingerprint, Hash, Id, KeyHistory};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::Gateway;
use super::body;
use super::newest::Newest;
use super::nonce::Nonce;
use super::refusal::Refusal;
use super::signed::{check_preconditions, received};
use crate::backend::Write;
use crate::error::{Error, ErrorKind};
use crate::protocol::{HistoryRequest, MAX_HISTORY_LEN, ProblemCode};

pub(super) async fn put(request: Request) -> Result<StatusCode, Refusal> {
    let (parts, body) = request.into_parts();
    let received = received(&parts.headers).ok_or_else(Refusal::not_found)?;
    let told = Told::read(&parts.headers, body, received.body_digest()).await?;
    let gateway = parts.extensions.get::<Gateway>().ok_or_else(Refusal::not_found)?;
    gateway.check(&told, &received, &parts)?;
    gateway.follow(&told, &Nonce::of(&received)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A history that holds. Whose it is nobody has asked yet.
#[derive(Debug)]
struct Told {
    account: Id,
    tag: String,
    history: KeyHistory,
}

impl Told {
    /// Reads a body with that digest, in bounded time and room.
    async fn read(headers: &HeaderMap, body: Body, digest: Hash) -> Result<Self, Refusal> {
        let most = body::announced(headers, MAX_HISTORY_LEN).map_err(|_| Refusal::not_found())?;
        let busy = || Refusal::new(ProblemCode::Unavailable);
        let place = timeout(MAX_WAIT, READ.acquire()).await.ok().and_then(Result::ok).ok_or_else(busy)?;
        let bytes = body::collect(body, most, MAX_TIME).await.map_err(|code| match code {
            ProblemCode::Timeout => Refusal::new(code),
            _ => Refusal::not_found(),
        })?;
        if Hash::of(&bytes) != digest {
            return Err(Refusal::not_found());
        }
        let turn = VERIFIED.acquire().await.map_err(|_| busy())?;
        let verified = tokio::task::spawn_blocking(move || {
            // Whoever hangs up meanwhile does not make room for another.
            let _held = (place, turn);
            let (account, tag, history) = serde_json::from_slice::<HistoryRequest>(&bytes).ok()?.into_told().ok()?;
            Some(Self { account, tag, history })
        });
        verified.await.ok().flatten().ok_or_else(Refusal::not_found)
    }

    /// Whether the history goes on from an identity that the gateway knows, or ends with it. One that branched off does not, nor one
    /// that is older.
    fn leads_on_from(&self, known: &Newest) -> bool {
        known.is_in(&self.history, &self.account, &self.tag)
    }

    /// The identities before the last.
    fn before(&self) -> BTreeSet<Fingerprint> {
        let (_, before) = self.history.entries().split_last().expect("a history that holds has a first entry");
        before.iter().map(|entry| entry.identity.fingerprint()).collect()
    }
}

impl Gateway {
    /// Checks that the history is this owner's, and that the identity at its end signed the request just now.
    fn check(&self, told: &Told, received: &Received, parts: &request::Parts) -> Result<(), Refusal> {
        let (first, last) = (told.history.first(), told.history.current());
        if first != self.inner.owner.first() || !self.is_signed_by(received, parts, last) {
            return Err(Refusal::not_found());
        }
        self.check_time(received)?;
        check_preconditions(parts)?;
        // Whoever had an identity that was replaced does not come back with it.
        if told.before().contains(&last.fingerprint()) { Err(Refusal::not_found()) } else { Ok(()) }
    }

    /// Keeps the newest identity, if the history leads on from the one that is known.
    async fn follow(&self, told: &Told, nonce: &Nonce) -> Result<(), Refusal> {
        let owner = &self.inner.owner;
        let newest = Newest::of(&told.history);
        let _reading = owner.reading.lock().await;
        for _ in 0..TRIES {
            // Whose history is behind what is known already does not have the store asked.
            if !told.leads_on_from(&owner.newest()) {
                return Err(Refusal::not_found());
            }
            let stored = self.look().await?;
            if !told.leads_on_from(&owner.newest()) {
                return Err(Refusal::not_found());
            }
            let Some(record) = newest.to_record().filter(|_| stored.as_ref() != Some(&newest)) else {
                owner.take(newest, told.before());
                return Ok(());
            };
            let write = Write::Put(record, Newest::unchanged(stored.as_ref()));
            match self.transact_once(nonce, vec![write]).await {
                // Another instance was told meanwhile: the history may go on from there.
                Err(error) if error.failed_write() == Some(0) => {}
                Err(error) => return Err(error.into()),
                Ok(()) => {
                    owner.take(newest, told.before());
                    return Ok(());
                }
            }
        }
        Err(Error::new(ErrorKind::Conflict, "the owner's newest identity is being changed by others").into())
    }
}

/// Bodies that are read at a time, whoever sends them.
static READ: Semaphore = Semaphore::const_new(4);
/// Histories that are verified at a time: one of 1,000 entries has 3,000 signatures.
static VERIFIED: Semaphore = Semaphore::const_new(1);

/// How long a request waits until its body is read.
const MAX_WAIT: Duration = Duration::from_secs(30);
/// How long a body may take.
const MAX_TIME: Duration = Duration::from_secs(10);
/// How often the record is written anew when others write it.
const TRIES: usize = 3;
