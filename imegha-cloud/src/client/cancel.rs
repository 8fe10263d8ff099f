//! Stopping what takes long.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

use futures::future::{Either, select};

use crate::error::{Error, ErrorKind, Result};

/// Stops a transfer that was given a clone of it, for good or for now. Once cancelled it stays so; what was paused is begun again
/// with another token.
///
/// Either way the transfer ends with [`ErrorKind::Cancelled`]; [`is_paused`](Self::is_paused) says which way it was.
///
/// ```
/// use imegha_cloud::CancelToken;
///
/// let token = CancelToken::new();
/// let held_by_the_transfer = token.clone();
/// token.pause();
/// assert!(held_by_the_transfer.is_paused());
/// token.cancel();
/// assert!(held_by_the_transfer.is_cancelled() && !held_by_the_transfer.is_paused());
/// ```
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    stop: Option<Stop>,
    waiting: Vec<Waker>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    Paused,
    Cancelled,
}

impl CancelToken {
    /// A token that stops nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancels everything that holds a clone of this token.
    pub fn cancel(&self) {
        self.stop(Stop::Cancelled);
    }

    /// Stops like [`cancel`](Self::cancel), but for now: of an upload that is [`resumable`](crate::Content::resumable) the journal and
    /// the parts that were sent stay. Anything else is cancelled by it. What is cancelled already stays so.
    pub fn pause(&self) {
        self.stop(Stop::Paused);
    }

    /// Whether it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.stopped() == Some(Stop::Cancelled)
    }

    /// Whether it was paused, and not cancelled since.
    pub fn is_paused(&self) -> bool {
        self.stopped() == Some(Stop::Paused)
    }

    /// Waits until it is cancelled or paused.
    pub async fn cancelled(&self) {
        poll_fn(|context| {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if state.stop.is_some() {
                return Poll::Ready(());
            }
            if !state.waiting.iter().any(|waker| waker.will_wake(context.waker())) {
                state.waiting.push(context.waker().clone());
            }
            Poll::Pending
        })
        .await;
    }

    /// Refuses to go on once it was cancelled or paused.
    pub(crate) fn check(&self) -> Result<()> {
        if self.stopped().is_some() { Err(stopped()) } else { Ok(()) }
    }

    /// Runs `work` until it ends or the token stops it; then `work` is dropped where it stands.
    pub(crate) async fn guard<T, E: From<Error>>(&self, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let work = std::pin::pin!(work);
        let cancelled = std::pin::pin!(self.cancelled());
        match select(cancelled, work).await {
            Either::Left(_) => Err(stopped().into()),
            Either::Right((result, _)) => result,
        }
    }

    fn stop(&self, stop: Stop) {
        let waiting = {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if state.stop != Some(Stop::Cancelled) {
                state.stop = Some(stop);
            }
            std::mem::take(&mut state.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }

    fn stopped(&self) -> Option<Stop> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).stop
    }
}

fn stopped() -> Error {
    Error::new(ErrorKind::Cancelled, "the transfer was cancelled")
}
