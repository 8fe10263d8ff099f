//! Work on what has come, on a thread of its own, while more is coming.

use std::sync::mpsc;
use std::thread;

use futures::channel::oneshot;

use crate::error::{Error, ErrorKind, Result};

/// A thread that works on one item after another, in the order in which they are given to it. It ends when this value is dropped.
pub(crate) struct Beside<T, U> {
    jobs: mpsc::Sender<(T, oneshot::Sender<U>)>,
}

impl<T: Send + 'static, U: Send + 'static> Beside<T, U> {
    /// Starts it; gives the work back where there are no threads to be had, as in a browser.
    pub(crate) fn start<W: FnMut(T) -> U + Send + 'static>(work: W) -> Result<Self, W> {
        let (hand_over, take) = mpsc::sync_channel::<W>(1);
        let (jobs, taken) = mpsc::channel::<(T, oneshot::Sender<U>)>();
        let started = thread::Builder::new().name("imegha-open".to_owned()).spawn(move || {
            let Ok(mut work) = take.recv() else { return };
            while let Ok((item, answer)) = taken.recv() {
                // Nobody waits any more: whoever read has stopped.
                if answer.send(work(item)).is_err() {
                    return;
                }
            }
        });
        match started {
            Ok(_) => match hand_over.send(work) {
                Ok(()) => Ok(Self { jobs }),
                Err(mpsc::SendError(work)) => Err(work),
            },
            Err(_) => Err(work),
        }
    }

    /// Gives it an item at once. The future yields what became of it.
    ///
    /// # Errors
    /// `Backend` when the work has panicked.
    pub(crate) fn run(&self, item: T) -> impl Future<Output = Result<U>> + Send + use<T, U> {
        let (answer, answered) = oneshot::channel();
        let given = self.jobs.send((item, answer));
        async move {
            let died = || Error::new(ErrorKind::Backend, "a thread of this program has ended");
            given.map_err(|_| died())?;
            answered.await.map_err(|_| died())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn items_are_worked_on_in_their_order() {
        let mut seen = Vec::new();
        let beside = Beside::start(move |item: u32| {
            seen.push(item);
            seen.clone()
        });
        let beside = beside.unwrap_or_else(|_| panic!("there are threads"));
        let (first, second) = (beside.run(1), beside.run(2));
        assert_eq!(second.await.unwrap(), [1, 2]);
        assert_eq!(first.await.unwrap(), [1]);
    }

    #[tokio::test]
    async fn work_that_panics_is_an_error_and_no_end_without_one() {
        let beside = Beside::start(|item: u32| assert_eq!(item, 1)).unwrap_or_else(|_| panic!("there are threads"));
        beside.run(1).await.unwrap();
        assert_eq!(beside.run(2).await.unwrap_err().kind(), ErrorKind::Backend);
        assert_eq!(beside.run(1).await.unwrap_err().kind(), ErrorKind::Backend);
    }

    #[test]
    fn whoever_stops_waiting_stops_the_thread() {
        let (alive, gone) = mpsc::channel::<()>();
        let beside = Beside::start(move |item: u32| {
            let _held = &alive;
            item
        });
        let beside = beside.unwrap_or_else(|_| panic!("there are threads"));
        drop(beside.run(1));
        drop(beside);
        assert_eq!(gone.recv(), Err(mpsc::RecvError));
    }
}
