//! Bodies of requests: of bounded length, arriving in bounded time, in a bounded amount of memory.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::{HeaderMap, header};
use http_body_util::BodyExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};

use super::refusal::Refusal;
use crate::protocol::ProblemCode;

/// How many bytes of bodies may be in memory at a time. A handle: clones share the budget.
///
/// A part is held whole, because nothing of it is stored before its digest was compared.
#[derive(Clone, Debug)]
pub struct BodyBudget {
    blocks: Arc<Semaphore>,
}

impl BodyBudget {
    /// A budget of `len` bytes. Less than the longest body (64 MiB and a chunk) is raised to that.
    pub fn new(len: usize) -> Self {
        let len = len.max(crate::protocol::MAX_BLOB_LEN);
        Self { blocks: Arc::new(Semaphore::new(len.div_ceil(BLOCK_LEN).min(Semaphore::MAX_PERMITS))) }
    }

    async fn take(&self, len: usize) -> Result<OwnedSemaphorePermit, Refusal> {
        let blocks = u32::try_from(len.div_ceil(BLOCK_LEN)).map_err(|_| Refusal::new(ProblemCode::TooLarge))?;
        match timeout(MAX_WAIT, self.blocks.clone().acquire_many_owned(blocks)).await {
            Ok(Ok(taken)) => Ok(taken),
            _ => Err(Refusal::new(ProblemCode::Unavailable)),
        }
    }
}

impl Default for BodyBudget {
    /// 256 MiB.
    fn default() -> Self {
        Self::new(256 * 1024 * 1024)
    }
}

/// A body that was read, and its place in the budget.
#[derive(Debug)]
pub(super) struct ReadBody {
    pub(super) bytes: Vec<u8>,
    _taken: OwnedSemaphorePermit,
}

/// Reads a body of at most `limit` bytes.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
    budget: &BodyBudget,
) -> Result<ReadBody, Refusal> {
    let most = announced(headers, limit).map_err(Refusal::new)?;
    let taken = budget.take(most).await?;
    let bytes = collect(body, most, MAX_TIME).await.map_err(Refusal::new)?;
    Ok(ReadBody { bytes, _taken: taken })
}

/// How many bytes a body may have, by what its headers say and the limit.
pub(super) fn announced(headers: &HeaderMap, limit: usize) -> Result<usize, ProblemCode> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|len| len.to_str().ok()?.parse::<usize>().ok());
    // Without a length it may become as long as it may be.
    let most = announced.unwrap_or(limit);
    if most > limit { Err(ProblemCode::TooLarge) } else { Ok(most) }
}

/// Reads a body of at most `most` bytes, which may take `within`.
pub(super) async fn collect(mut body: Body, most: usize, within: Duration) -> Result<Vec<u8>, ProblemCode> {
    let end = Instant::now() + within;
    let mut bytes = Vec::new();
    loop {
        let idle = Instant::now() + MAX_IDLE;
        let Ok(frame) = timeout_at(idle.min(end), body.frame()).await else {
            return Err(ProblemCode::Timeout);
        };
        match frame {
            None => return Ok(bytes),
            Some(Err(_)) => return Err(ProblemCode::Malformed),
            Some(Ok(frame)) => {
                let Ok(data) = frame.into_data() else { continue };
                if bytes.len() + data.len() > most {
                    return Err(ProblemCode::TooLarge);
                }
                bytes.extend_from_slice(&data);
            }
        }
    }
}

const BLOCK_LEN: usize = 64 * 1024;
/// How long a request waits for room in the budget.
const MAX_WAIT: Duration = Duration::from_secs(30);
/// How long a body may pause.
const MAX_IDLE: Duration = Duration::from_secs(30);
/// How long a body may take: 64 MiB at 600 kbit/s.
const MAX_TIME: Duration = Duration::from_secs(15 * 60);
