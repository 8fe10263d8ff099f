//! What is being uploaded and downloaded: a plain list with its rules.

use imegha_worker::protocol::{ErrorCode, Failure};

/// Towards the cloud or from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// To this folder.
    Up {
        /// Its id in hex.
        folder: String,
    },
    /// From this file.
    Down {
        /// Its id in hex.
        node: String,
    },
}

/// How a transfer stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum State {
    /// Others come first.
    Queued,
    /// Under way.
    Running,
    /// The connection is gone; it goes on by itself.
    Waiting,
    /// Done.
    Done,
    /// It failed.
    Failed(Failure),
    /// The person stopped it.
    Cancelled,
}

/// One file on its way.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Transfer {
    /// The number by which worker and page speak of it.
    pub(crate) number: u32,
    /// Where to.
    pub(crate) direction: Direction,
    /// The file's name.
    pub(crate) name: String,
    /// Bytes in all.
    pub(crate) size: u64,
    /// Bytes done.
    pub(crate) done: u64,
    /// How it stands.
    pub(crate) state: State,
}

/// All transfers since the page was opened, in the order in which they were asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Queue {
    last: u32,
    transfers: Vec<Transfer>,
}

impl State {
    /// Whether there is nothing more to come.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self, Self::Done | Self::Failed(_) | Self::Cancelled)
    }

    /// Whether the worker is at it.
    fn is_active(&self) -> bool {
        matches!(self, Self::Running | Self::Waiting)
    }
}

impl Queue {
    /// Puts a file at the end, and says its number.
    pub(crate) fn add(&mut self, direction: Direction, name: String, size: u64) -> u32 {
        self.last += 1;
        let number = self.last;
        self.transfers.push(Transfer { number, direction, name, size, done: 0, state: State::Queued });
        number
    }

    /// The transfer of this number.
    pub(crate) fn of(&self, number: u32) -> Option<&Transfer> {
        self.transfers.iter().find(|transfer| transfer.number == number)
    }

    /// All of them, the newest last.
    pub(crate) fn all(&self) -> &[Transfer] {
        &self.transfers
    }

    /// Starts what may start now, and returns it: no more than [`AT_ONCE`] are under way together.
    pub(crate) fn start(&mut self) -> Vec<Transfer> {
        let active = self.transfers.iter().filter(|transfer| transfer.state.is_active()).count();
        let queued = self.transfers.iter_mut().filter(|transfer| transfer.state == State::Queued);
        queued
            .take(AT_ONCE.saturating_sub(active))
            .map(|transfer| {
                transfer.state = State::Running;
                transfer.clone()
            })
            .collect()
    }

    /// The worker says how far a transfer is. One that is over stays so: a late word changes nothing.
    pub(crate) fn progress(&mut self, number: u32, done: u64, total: u64) {
        if let Some(transfer) = self.active(number) {
            transfer.state = State::Running;
            (transfer.done, transfer.size) = (done.min(total), total);
        }
    }

    /// The worker says that the connection is gone.
    pub(crate) fn wait(&mut self, number: u32) {
        if let Some(transfer) = self.active(number) {
            transfer.state = State::Waiting;
        }
    }

    /// The worker's answer.
    pub(crate) fn finish(&mut self, number: u32, outcome: Result<(), Failure>) {
        if let Some(transfer) = self.active(number) {
            transfer.state = match outcome {
                Ok(()) => State::Done,
                Err(Failure { code: ErrorCode::Cancelled, .. }) => State::Cancelled,
                Err(failure) => State::Failed(failure),
            };
            if transfer.state == State::Done {
                transfer.done = transfer.size;
            }
        }
    }

    /// The person stops a transfer. Answers whether the worker has to be told: it has begun, and is over only when the
    /// worker says so.
    pub(crate) fn cancel(&mut self, number: u32) -> bool {
        match self.transfers.iter_mut().find(|transfer| transfer.number == number) {
            Some(transfer) if transfer.state == State::Queued => {
                transfer.state = State::Cancelled;
                false
            }
            Some(transfer) => transfer.state.is_active(),
            None => false,
        }
    }

    /// Puts a transfer that failed or was stopped back among those that wait for their turn.
    pub(crate) fn retry(&mut self, number: u32) {
        if let Some(transfer) = self.transfers.iter_mut().find(|transfer| transfer.number == number)
            && matches!(transfer.state, State::Failed(_) | State::Cancelled)
        {
            (transfer.state, transfer.done) = (State::Queued, 0);
        }
    }

    /// Forgets what is over, and returns the numbers.
    pub(crate) fn clear(&mut self) -> Vec<u32> {
        let over = self.transfers.extract_if(.., |transfer| transfer.state.is_over());
        over.map(|transfer| transfer.number).collect()
    }

    /// Forgets everything. Numbers go on, so that a late word is about nothing.
    pub(crate) fn abandon(&mut self) {
        self.transfers.clear();
    }

    /// Whether something is under way or waits for its turn.
    pub(crate) fn is_busy(&self) -> bool {
        self.transfers.iter().any(|transfer| !transfer.state.is_over())
    }

    /// The whole list in one line, for its heading and for who listens to the page.
    pub(crate) fn summary(&self) -> String {
        let count = |which: fn(&State) -> bool| self.transfers.iter().filter(|transfer| which(&transfer.state)).count();
        let (all, done, failed) = (
            self.transfers.len(),
            count(|state| *state == State::Done),
            count(|state| matches!(state, State::Failed(_))),
        );
        let going = count(|state| !state.is_over());
        let mut parts = Vec::new();
        if going > 0 {
            parts.push(format!("{done} of {all} done"));
        } else if done > 0 {
            parts.push(if done == 1 { "1 file done".to_owned() } else { format!("{done} files done") });
        }
        if failed > 0 {
            parts.push(format!("{failed} failed"));
        }
        if parts.is_empty() {
            parts.push("Stopped".to_owned());
        }
        parts.join(", ")
    }

    fn active(&mut self, number: u32) -> Option<&mut Transfer> {
        self.transfers.iter_mut().find(|transfer| transfer.number == number && transfer.state.is_active())
    }
}

/// How many are under way together. Each holds a few parts of 8 MiB in the worker's memory.
const AT_ONCE: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(files: u32) -> Queue {
        let mut queue = Queue::default();
        for number in 1..=files {
            let given = queue.add(Direction::Up { folder: "f".to_owned() }, format!("{number}.jpg"), 100);
            assert_eq!(given, number);
        }
        queue
    }

    fn state(queue: &Queue, number: u32) -> State {
        queue.of(number).expect("a transfer").state.clone()
    }

    fn network() -> Failure {
        Failure { code: ErrorCode::Network, ms: None }
    }

    #[test]
    fn two_at_once_in_their_order() {
        let mut queue = queue(4);
        let numbers = |started: Vec<Transfer>| started.iter().map(|transfer| transfer.number).collect::<Vec<_>>();
        assert_eq!(numbers(queue.start()), [1, 2]);
        assert_eq!(numbers(queue.start()), [0; 0]);
        queue.wait(1);
        assert_eq!(numbers(queue.start()), [0; 0]);
        queue.finish(1, Ok(()));
        assert_eq!(numbers(queue.start()), [3]);
        queue.finish(2, Err(network()));
        assert_eq!(numbers(queue.start()), [4]);
    }

    #[test]
    fn a_late_word_changes_nothing() {
        let mut queue = queue(1);
        queue.progress(1, 50, 100);
        assert_eq!(queue.of(1).map(|transfer| transfer.done), Some(0));
        queue.start();
        queue.progress(1, 150, 100);
        assert_eq!(queue.of(1).map(|transfer| transfer.done), Some(100));
        queue.finish(1, Ok(()));
        queue.progress(1, 1, 100);
        queue.wait(1);
        queue.finish(1, Err(network()));
        assert_eq!(state(&queue, 1), State::Done);
        queue.progress(9, 1, 1);
    }

    #[test]
    fn waiting_goes_on_with_the_next_progress() {
        let mut queue = queue(1);
        queue.start();
        queue.wait(1);
        assert_eq!(state(&queue, 1), State::Waiting);
        queue.progress(1, 10, 100);
        assert_eq!(state(&queue, 1), State::Running);
    }

    #[test]
    fn cancelling_asks_the_worker_only_for_what_has_begun() {
        let mut queue = queue(3);
        queue.start();
        assert!(queue.cancel(1));
        assert_eq!(state(&queue, 1), State::Running);
        queue.finish(1, Err(Failure { code: ErrorCode::Cancelled, ms: None }));
        assert_eq!(state(&queue, 1), State::Cancelled);
        assert!(!queue.cancel(3));
        assert_eq!(state(&queue, 3), State::Cancelled);
        assert!(!queue.cancel(1));
        assert!(!queue.cancel(77));
    }

    #[test]
    fn only_what_did_not_succeed_is_tried_again() {
        let mut queue = queue(2);
        queue.start();
        queue.progress(1, 60, 100);
        queue.finish(1, Err(network()));
        queue.retry(1);
        assert_eq!(queue.of(1).map(|transfer| (transfer.state.clone(), transfer.done)), Some((State::Queued, 0)));
        queue.finish(2, Ok(()));
        queue.retry(2);
        assert_eq!(state(&queue, 2), State::Done);
    }

    #[test]
    fn clearing_keeps_what_is_not_over() {
        let mut queue = queue(4);
        queue.start();
        queue.finish(1, Ok(()));
        queue.cancel(4);
        assert_eq!(queue.clear(), [1, 4]);
        assert_eq!(queue.all().iter().map(|transfer| transfer.number).collect::<Vec<_>>(), [2, 3]);
        assert!(queue.is_busy());
    }

    #[test]
    fn what_was_abandoned_cannot_touch_what_comes_later() {
        let mut queue = queue(1);
        queue.start();
        queue.abandon();
        assert_eq!(queue.add(Direction::Down { node: "n".to_owned() }, "x".to_owned(), 1), 2);
        queue.start();
        queue.finish(1, Ok(()));
        assert_eq!(state(&queue, 2), State::Running);
    }

    #[test]
    fn the_summary_says_what_matters() {
        let mut queue = queue(3);
        assert_eq!(queue.summary(), "0 of 3 done");
        queue.start();
        queue.finish(1, Ok(()));
        queue.finish(2, Err(network()));
        assert_eq!(queue.summary(), "1 of 3 done, 1 failed");
        queue.start();
        queue.finish(3, Ok(()));
        assert_eq!(queue.summary(), "2 files done, 1 failed");
        assert!(!queue.is_busy());
        queue.clear();
        queue.add(Direction::Down { node: "n".to_owned() }, "x".to_owned(), 1);
        queue.cancel(4);
        assert_eq!(queue.summary(), "Stopped");
    }
}
