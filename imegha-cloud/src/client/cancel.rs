//! Stopping what takes long.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

use futures::future::{Either, select};

use crate::error::{Error, ErrorKind, Result};

/// Stops a transfer that was given a clone of it. Once cancelled it stays so.
///
/// ```
/// use imegha_cloud::CancelToken;
///
/// let token = CancelToken::new();
/// let held_by_the_transfer = token.clone();
/// token.cancel();
/// assert!(held_by_the_transfer.is_cancelled());
/// ```
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    cancelled: bool,
    waiting: Vec<Waker>,
}

impl CancelToken {
    /// A token that nobody has cancelled.
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancels everything that holds a clone of this token.
    pub fn cancel(&self) {
        let waiting = {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            state.cancelled = true;
            std::mem::take(&mut state.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Whether it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).cancelled
    }

    /// Waits until it is cancelled.
    pub async fn cancelled(&self) {
        poll_fn(|context| {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if state.cancelled {
                return Poll::Ready(());
            }
            if !state.waiting.iter().any(|waker| waker.will_wake(context.waker())) {
                state.waiting.push(context.waker().clone());
            }
            Poll::Pending
        })
        .await;
    }

    /// Runs `work` until it ends or the token is cancelled; then `work` is dropped where it stands.
    pub(crate) async fn guard<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let work = std::pin::pin!(work);
        let cancelled = std::pin::pin!(self.cancelled());
        match select(cancelled, work).await {
            Either::Left(_) => Err(Error::new(ErrorKind::Cancelled, "the transfer was cancelled")),
            Either::Right((result, _)) => result,
        }
    }
}
