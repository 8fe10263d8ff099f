//! Who listens on this instance, so that he hears at once what is said on it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use imegha_crypto::Id;
use tokio::sync::watch;

use crate::error::{Error, Result};
use crate::problem::ProblemCode;

/// The listeners of one instance. What is said on another one they find in the registry, a few seconds later.
#[derive(Clone, Debug)]
pub(crate) struct Hub {
    accounts: Arc<Mutex<HashMap<Id, Listeners>>>,
    ended: watch::Sender<bool>,
}

#[derive(Debug)]
struct Listeners {
    count: usize,
    word: watch::Sender<u64>,
}

/// One who listens. Dropped, he has left.
#[derive(Debug)]
pub(super) struct Listener {
    hub: Hub,
    account: Id,
    word: watch::Receiver<u64>,
    ended: watch::Receiver<bool>,
}

impl Hub {
    pub(crate) fn new() -> Self {
        Self { accounts: Arc::default(), ended: watch::channel(false).0 }
    }

    /// Has whoever listens for an account look.
    pub(super) fn notify(&self, account: &Id) {
        let accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(listeners) = accounts.get(account) {
            listeners.word.send_modify(|words| *words = words.wrapping_add(1));
        }
    }

    /// Ends every stream: the server is about to stop, and must not wait for those that never end by themselves.
    pub(crate) fn end(&self) {
        self.ended.send_replace(true);
    }

    /// Listens for an account.
    ///
    /// # Errors
    /// [`ProblemCode::LimitReached`].
    pub(super) fn listen(&self, account: &Id) -> Result<Listener> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let listeners = accounts.entry(*account).or_insert_with(|| Listeners { count: 0, word: watch::channel(0).0 });
        if listeners.count >= MAX_LISTENERS {
            return Err(Error::refused(ProblemCode::LimitReached));
        }
        listeners.count += 1;
        let (word, ended) = (listeners.word.subscribe(), self.ended.subscribe());
        Ok(Listener { hub: self.clone(), account: *account, word, ended })
    }
}

impl Listener {
    /// Waits until there may be something new, `limit` at most. `false` when nothing comes any more.
    pub(super) async fn wait(&mut self, limit: std::time::Duration) -> bool {
        tokio::select! {
            _ = self.ended.wait_for(|ended| *ended) => false,
            changed = self.word.changed() => changed.is_ok(),
            () = tokio::time::sleep(limit) => true,
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut accounts = self.hub.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(listeners) = accounts.get_mut(&self.account) {
            listeners.count -= 1;
            if listeners.count == 0 {
                accounts.remove(&self.account);
            }
        }
    }
}

/// The most streams of an account on one instance: its tabs and devices.
const MAX_LISTENERS: usize = 12;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn listeners_are_bounded_heard_and_gone() {
        let hub = Hub::new();
        let (alice, bob) = (Id::from_bytes([1; 16]), Id::from_bytes([2; 16]));
        let mut listening: Vec<_> = (0..MAX_LISTENERS).map(|_| hub.listen(&alice).unwrap()).collect();
        assert_eq!(hub.listen(&alice).unwrap_err().code(), Some(ProblemCode::LimitReached));
        let mut other = hub.listen(&bob).unwrap();

        hub.notify(&alice);
        let soon = Duration::from_secs(60);
        for listener in &mut listening {
            assert!(tokio::time::timeout(Duration::from_secs(5), listener.wait(soon)).await.unwrap());
        }
        assert!(tokio::time::timeout(Duration::from_millis(20), other.wait(soon)).await.is_err(), "not for Bob");
        assert!(other.wait(Duration::from_millis(1)).await, "he looks by himself");

        listening.pop();
        listening.push(hub.listen(&alice).unwrap());
        hub.end();
        assert!(!listening[0].wait(soon).await && !other.wait(soon).await);
        drop((listening, other));
        assert!(hub.accounts.lock().unwrap().is_empty(), "nothing is left of who has gone");
    }
}
