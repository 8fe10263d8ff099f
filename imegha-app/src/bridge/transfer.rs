//! What is being uploaded and downloaded: a plain list with its rules.

use imegha_worker::protocol::{ErrorCode, Failure, OnTaken};

/// Towards the cloud or from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// To a folder.
    Up {
        /// The id, in hex, of the folder that was on the screen.
        folder: String,
        /// The names of the folders below it, from the outermost: of a folder that was chosen whole.
        path: Vec<String>,
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
    /// The connection is gone; the worker tries again.
    Waiting,
    /// The connection stayed away; the page tries again by itself.
    Stalled,
    /// The person stopped it for now.
    Paused,
    /// The name is taken, and the person has not said what to do.
    Asking,
    /// Done.
    Done,
    /// It failed.
    Failed(Failure),
    /// The person stopped it.
    Cancelled,
    /// The name is taken, and what is there stays.
    Skipped,
}

/// What a person says of a name that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Both stay, the new one under another name.
    KeepBoth,
    /// The new one becomes the newest revision of what is there.
    Replace,
    /// Only what is there stays.
    Skip,
}

/// One file on its way.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Transfer {
    /// The number by which worker and page speak of it.
    pub(crate) number: u32,
    /// Which of the person's choices brought it: what is said of one name can count for the rest of them.
    batch: u32,
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
    /// What to do when its name is taken.
    pub(crate) taken: OnTaken,
    /// Whether the worker was told of it: then it may keep what is needed to go on.
    begun: bool,
}

/// All transfers since the page was opened, in the order in which they were asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Queue {
    last: u32,
    last_batch: u32,
    transfers: Vec<Transfer>,
    /// What the person said for the rest of a batch.
    rest: Option<(u32, Decision)>,
}

impl State {
    /// Whether there is nothing more to come.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self, Self::Done | Self::Failed(_) | Self::Cancelled | Self::Skipped)
    }

    /// Whether the worker is at it.
    pub(crate) fn is_active(&self) -> bool {
        matches!(self, Self::Running | Self::Waiting)
    }

    /// Whether it goes on without the person.
    fn is_going(&self) -> bool {
        matches!(self, Self::Queued | Self::Running | Self::Waiting | Self::Stalled)
    }
}

impl Transfer {
    /// Whether it is an upload.
    pub(crate) fn is_up(&self) -> bool {
        matches!(self.direction, Direction::Up { .. })
    }

    /// Whether it can be stopped for now. A download has nothing to go on from.
    pub(crate) fn can_pause(&self) -> bool {
        self.is_up() && self.state.is_going()
    }

    /// Whether the worker may keep something of it that is of no use any more.
    pub(crate) fn leaves_something(&self) -> bool {
        self.begun && self.is_up() && self.state != State::Done
    }
}

impl Queue {
    /// A number for what the person chooses at once.
    pub(crate) fn begin_batch(&mut self) -> u32 {
        self.last_batch += 1;
        self.last_batch
    }

    /// Puts a file at the end, and says its number.
    pub(crate) fn add(&mut self, batch: u32, direction: Direction, name: String, size: u64) -> u32 {
        self.last += 1;
        let number = self.last;
        let (done, state, taken, begun) = (0, State::Queued, OnTaken::Ask, false);
        self.transfers.push(Transfer { number, batch, direction, name, size, done, state, taken, begun });
        number
    }

    /// The transfer of this number.
    pub(crate) fn of(&self, number: u32) -> Option<&Transfer> {
        self.place(number).map(|place| &self.transfers[place])
    }

    /// All of them, the newest last.
    pub(crate) fn all(&self) -> &[Transfer] {
        &self.transfers
    }

    /// The numbers of those to show, no more than `most`: all of them, the newest first; or, when there are more, those first that
    /// move or want the person, and what is over last.
    pub(crate) fn window(&self, most: usize) -> Vec<u32> {
        let newest_first = self.transfers.iter().rev();
        if self.transfers.len() <= most {
            return newest_first.map(|transfer| transfer.number).collect();
        }
        let rank = |transfer: &Transfer| match transfer.state {
            State::Asking => 0,
            State::Running | State::Waiting => 1,
            State::Failed(_) | State::Stalled => 2,
            State::Paused => 3,
            State::Queued => 4,
            State::Done | State::Cancelled | State::Skipped => 5,
        };
        let mut ranked: Vec<_> = newest_first.map(|transfer| (rank(transfer), transfer.number)).collect();
        // What waits is shown in its order, what is over the latest first.
        ranked.sort_by_key(|(rank, number)| (*rank, if *rank == 4 { i64::from(*number) } else { -i64::from(*number) }));
        ranked.into_iter().take(most).map(|(_, number)| number).collect()
    }

    /// Starts what may start now, and returns it: no more than [`AT_ONCE`] are under way together.
    pub(crate) fn start(&mut self) -> Vec<Transfer> {
        let active = self.transfers.iter().filter(|transfer| transfer.state.is_active()).count();
        let queued = self.transfers.iter_mut().filter(|transfer| transfer.state == State::Queued);
        queued
            .take(AT_ONCE.saturating_sub(active))
            .map(|transfer| {
                (transfer.state, transfer.begun) = (State::Running, true);
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

    /// The worker is done with a transfer.
    pub(crate) fn finish(&mut self, number: u32, outcome: Result<(), Failure>) {
        let rest = self.rest;
        let Some(transfer) = self.active(number) else { return };
        match outcome {
            Ok(()) => (transfer.state, transfer.done) = (State::Done, transfer.size),
            Err(Failure { code: ErrorCode::Cancelled, .. }) => transfer.state = State::Cancelled,
            Err(Failure { code: ErrorCode::Paused, .. }) => transfer.state = State::Paused,
            Err(Failure { code: ErrorCode::Network, .. }) => transfer.state = State::Stalled,
            Err(Failure { code: ErrorCode::NameTaken, .. }) if transfer.is_up() && transfer.taken == OnTaken::Ask => {
                match rest {
                    Some((batch, decision)) if batch == transfer.batch => transfer.decide(decision),
                    _ => transfer.state = State::Asking,
                }
            }
            Err(failure) => transfer.state = State::Failed(failure),
        }
    }

    /// A transfer cannot even begin.
    pub(crate) fn refuse(&mut self, number: u32, failure: Failure) {
        if let Some(place) = self.place(number) {
            self.transfers[place].state = State::Failed(failure);
        }
    }

    /// The first whose name is taken and of which the person has to decide, and how many more of its batch there are.
    pub(crate) fn asking(&self) -> Option<(&Transfer, usize)> {
        let first = self.transfers.iter().find(|transfer| transfer.state == State::Asking)?;
        let more = self
            .transfers
            .iter()
            .filter(|other| other.batch == first.batch && other.number != first.number && (!other.state.is_over()));
        Some((first, more.count()))
    }

    /// The person decides of a name that is taken, and with `rest` of all others that came with it.
    pub(crate) fn decide(&mut self, number: u32, decision: Decision, rest: bool) {
        let Some(place) = self.place(number) else { return };
        let batch = self.transfers[place].batch;
        if rest {
            self.rest = Some((batch, decision));
        }
        for transfer in &mut self.transfers {
            let is_meant = transfer.number == number || rest && transfer.batch == batch;
            if is_meant && transfer.state == State::Asking {
                transfer.decide(decision);
            }
        }
    }

    /// The person stops a transfer. Answers whether the worker has to be told: it is at it, and it is over only when the worker
    /// says so, or it keeps what was sent.
    pub(crate) fn cancel(&mut self, number: u32) -> bool {
        let Some(place) = self.place(number) else { return false };
        self.transfers[place].cancel()
    }

    /// The person stops everything. Answers the numbers that the worker has to be told.
    pub(crate) fn cancel_all(&mut self) -> Vec<u32> {
        let told = self.transfers.iter_mut().filter_map(|transfer| transfer.cancel().then_some(transfer.number));
        told.collect()
    }

    /// The person stops an upload for now. Answers whether the worker has to be told.
    pub(crate) fn pause(&mut self, number: u32) -> bool {
        let Some(place) = self.place(number) else { return false };
        self.transfers[place].pause()
    }

    /// The person stops all uploads for now. Answers the numbers that the worker has to be told.
    pub(crate) fn pause_all(&mut self) -> Vec<u32> {
        let told = self.transfers.iter_mut().filter_map(|transfer| transfer.pause().then_some(transfer.number));
        told.collect()
    }

    /// Puts a transfer that failed, was paused or stopped back among those that wait for their turn.
    pub(crate) fn retry(&mut self, number: u32) {
        let Some(place) = self.place(number) else { return };
        let transfer = &mut self.transfers[place];
        match transfer.state {
            // What was sent is kept, so the bar stays where it is.
            State::Paused | State::Stalled => transfer.state = State::Queued,
            State::Failed(_) | State::Cancelled => (transfer.state, transfer.done) = (State::Queued, 0),
            _ => {}
        }
    }

    /// Puts all of those back that `which` says.
    pub(crate) fn retry_all(&mut self, which: fn(&State) -> bool) {
        let numbers: Vec<_> =
            self.all().iter().filter(|transfer| which(&transfer.state)).map(|one| one.number).collect();
        numbers.into_iter().for_each(|number| self.retry(number));
    }

    /// Forgets what is over, and returns it.
    pub(crate) fn clear(&mut self) -> Vec<Transfer> {
        self.transfers.extract_if(.., |transfer| transfer.state.is_over()).collect()
    }

    /// Forgets everything. Numbers go on, so that a late word is about nothing.
    pub(crate) fn abandon(&mut self) {
        self.transfers.clear();
        self.rest = None;
    }

    /// Whether something goes on by itself or waits for the person.
    pub(crate) fn is_busy(&self) -> bool {
        self.has(|state| !state.is_over())
    }

    /// Whether something goes on without the person.
    pub(crate) fn is_going(&self) -> bool {
        self.has(State::is_going)
    }

    /// Whether a transfer stands so.
    pub(crate) fn has(&self, which: fn(&State) -> bool) -> bool {
        self.transfers.iter().any(|transfer| which(&transfer.state))
    }

    /// Bytes done and bytes in all, of what is not given up.
    pub(crate) fn bytes(&self) -> (u64, u64) {
        let counted =
            self.transfers.iter().filter(|transfer| !transfer.state.is_over() || transfer.state == State::Done);
        counted.fold((0, 0), |(done, size), transfer| (done + transfer.done, size + transfer.size))
    }

    /// The whole list in one line, for its heading and for who listens to the page.
    pub(crate) fn summary(&self) -> String {
        let count = |which: fn(&State) -> bool| self.transfers.iter().filter(|transfer| which(&transfer.state)).count();
        let (all, done, failed) = (
            self.transfers.len(),
            count(|state| *state == State::Done),
            count(|state| matches!(state, State::Failed(_))),
        );
        let mut parts = Vec::new();
        if self.is_busy() {
            parts.push(format!("{done} of {all} done"));
        } else if done > 0 {
            parts.push(if done == 1 { "1 file done".to_owned() } else { format!("{done} files done") });
        }
        for (count, word) in [
            (failed, "failed"),
            (count(|state| *state == State::Paused), "paused"),
            (count(|state| *state == State::Asking), "to decide"),
            (count(|state| *state == State::Skipped), "skipped"),
        ] {
            if count > 0 {
                parts.push(format!("{count} {word}"));
            }
        }
        if parts.is_empty() {
            parts.push("Stopped".to_owned());
        }
        parts.join(", ")
    }

    /// Where a number stands: they only ever grow.
    fn place(&self, number: u32) -> Option<usize> {
        self.transfers.binary_search_by_key(&number, |transfer| transfer.number).ok()
    }

    fn active(&mut self, number: u32) -> Option<&mut Transfer> {
        let place = self.place(number)?;
        Some(&mut self.transfers[place]).filter(|transfer| transfer.state.is_active())
    }
}

impl Transfer {
    fn cancel(&mut self) -> bool {
        match self.state {
            State::Running | State::Waiting => true,
            State::Queued | State::Stalled | State::Paused | State::Asking => {
                let leaves_something = self.leaves_something();
                self.state = State::Cancelled;
                leaves_something
            }
            _ => false,
        }
    }

    fn pause(&mut self) -> bool {
        if !self.can_pause() {
            return false;
        }
        let is_active = self.state.is_active();
        if !is_active {
            self.state = State::Paused;
        }
        is_active
    }

    fn decide(&mut self, decision: Decision) {
        (self.taken, self.state) = match decision {
            Decision::KeepBoth => (OnTaken::KeepBoth, State::Queued),
            Decision::Replace => (OnTaken::Replace, State::Queued),
            Decision::Skip => (OnTaken::Ask, State::Skipped),
        };
    }
}

/// How many are under way together. Each holds a few parts of 8 MiB in the worker's memory.
const AT_ONCE: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    fn up() -> Direction {
        Direction::Up { folder: "f".to_owned(), path: Vec::new() }
    }

    fn down() -> Direction {
        Direction::Down { node: "n".to_owned() }
    }

    fn queue(files: u32) -> Queue {
        let mut queue = Queue::default();
        let batch = queue.begin_batch();
        for number in 1..=files {
            assert_eq!(queue.add(batch, up(), format!("{number}.jpg"), 100), number);
        }
        queue
    }

    fn state(queue: &Queue, number: u32) -> State {
        queue.of(number).expect("a transfer").state.clone()
    }

    fn failed(code: ErrorCode) -> Result<(), Failure> {
        Err(Failure { code, ms: None })
    }

    fn started(queue: &mut Queue) -> Vec<u32> {
        queue.start().iter().map(|transfer| transfer.number).collect()
    }

    #[test]
    fn two_at_once_in_their_order() {
        let mut queue = queue(4);
        assert_eq!(started(&mut queue), [1, 2]);
        assert_eq!(started(&mut queue), [0; 0]);
        queue.wait(1);
        assert_eq!(started(&mut queue), [0; 0]);
        queue.finish(1, Ok(()));
        assert_eq!(started(&mut queue), [3]);
        queue.finish(2, failed(ErrorCode::StorageFull));
        assert_eq!(started(&mut queue), [4]);
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
        queue.finish(1, failed(ErrorCode::Network));
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
    fn without_a_network_it_stalls_and_goes_on_where_it_was() {
        let mut queue = queue(3);
        queue.start();
        queue.progress(1, 60, 100);
        queue.finish(1, failed(ErrorCode::Network));
        assert_eq!(state(&queue, 1), State::Stalled);
        assert!(queue.is_busy() && queue.is_going());
        assert_eq!(started(&mut queue), [3], "it holds no place");
        queue.retry_all(|state| *state == State::Stalled);
        assert_eq!(queue.of(1).map(|transfer| (transfer.state.clone(), transfer.done)), Some((State::Queued, 60)));
    }

    #[test]
    fn cancelling_asks_the_worker_only_for_what_has_begun() {
        let mut queue = queue(4);
        queue.start();
        assert!(queue.cancel(1));
        assert_eq!(state(&queue, 1), State::Running);
        queue.finish(1, failed(ErrorCode::Cancelled));
        assert_eq!(state(&queue, 1), State::Cancelled);
        assert!(!queue.cancel(3));
        assert_eq!(state(&queue, 3), State::Cancelled);
        assert!(!queue.cancel(1));
        assert!(!queue.cancel(77));

        // What was sent of a paused one lies in the worker's journal.
        queue.finish(2, failed(ErrorCode::Paused));
        assert!(queue.cancel(2));
        assert_eq!(state(&queue, 2), State::Cancelled);
    }

    #[test]
    fn all_are_stopped_at_once() {
        let mut queue = queue(4);
        let batch = queue.begin_batch();
        queue.add(batch, down(), "x".to_owned(), 1);
        queue.start();
        assert_eq!(queue.pause_all(), [1, 2]);
        queue.finish(1, failed(ErrorCode::Paused));
        assert_eq!([state(&queue, 1), state(&queue, 3)], [State::Paused, State::Paused]);
        assert_eq!(state(&queue, 5), State::Queued, "a download has nothing to go on from");
        queue.retry_all(|state| *state == State::Paused);
        assert_eq!([state(&queue, 1), state(&queue, 3)], [State::Queued, State::Queued]);
        assert_eq!(queue.cancel_all(), [1, 2]);
        queue.finish(2, failed(ErrorCode::Cancelled));
        assert!(!queue.is_busy());
    }

    #[test]
    fn a_pause_keeps_how_far_it_was_and_a_failure_does_not() {
        let mut queue = queue(2);
        queue.start();
        queue.progress(1, 60, 100);
        assert!(queue.pause(1));
        queue.finish(1, failed(ErrorCode::Paused));
        assert!(!queue.is_going() || state(&queue, 1) == State::Paused);
        queue.retry(1);
        assert_eq!(queue.of(1).map(|transfer| (transfer.state.clone(), transfer.done)), Some((State::Queued, 60)));
        queue.progress(2, 60, 100);
        queue.finish(2, failed(ErrorCode::StorageFull));
        queue.retry(2);
        assert_eq!(queue.of(2).map(|transfer| (transfer.state.clone(), transfer.done)), Some((State::Queued, 0)));
    }

    #[test]
    fn only_what_did_not_succeed_is_tried_again() {
        let mut queue = queue(1);
        queue.start();
        queue.finish(1, Ok(()));
        queue.retry(1);
        assert_eq!(state(&queue, 1), State::Done);
    }

    #[test]
    fn a_taken_name_asks_and_the_others_go_on() {
        let mut queue = queue(3);
        queue.start();
        queue.finish(1, failed(ErrorCode::NameTaken));
        assert_eq!(state(&queue, 1), State::Asking);
        assert_eq!(queue.asking().map(|(transfer, more)| (transfer.number, more)), Some((1, 2)));
        assert_eq!(started(&mut queue), [3]);
        queue.decide(1, Decision::Replace, false);
        assert_eq!(
            queue.of(1).map(|transfer| (transfer.state.clone(), transfer.taken)),
            Some((State::Queued, OnTaken::Replace))
        );
        queue.finish(2, failed(ErrorCode::NameTaken));
        assert_eq!(state(&queue, 2), State::Asking, "it was said of one");
        queue.decide(2, Decision::Skip, false);
        assert_eq!(state(&queue, 2), State::Skipped);
        // A folder of that name cannot be replaced: asked and answered, it fails.
        queue.start();
        queue.finish(1, failed(ErrorCode::NameTaken));
        assert!(matches!(state(&queue, 1), State::Failed(_)));
    }

    #[test]
    fn what_is_said_for_the_rest_counts_for_what_came_with_it() {
        let mut queue = queue(3);
        let another = queue.begin_batch();
        queue.add(another, up(), "x".to_owned(), 1);
        queue.start();
        queue.finish(1, failed(ErrorCode::NameTaken));
        queue.finish(2, failed(ErrorCode::NameTaken));
        queue.decide(1, Decision::KeepBoth, true);
        assert_eq!(
            queue.of(2).map(|transfer| (transfer.state.clone(), transfer.taken)),
            Some((State::Queued, OnTaken::KeepBoth))
        );
        assert_eq!(started(&mut queue), [1, 2]);
        queue.finish(1, Ok(()));
        queue.finish(2, Ok(()));
        assert_eq!(started(&mut queue), [3, 4]);
        queue.finish(3, failed(ErrorCode::NameTaken));
        assert_eq!(state(&queue, 3), State::Queued, "nothing more is asked");
        queue.finish(4, failed(ErrorCode::NameTaken));
        assert_eq!(state(&queue, 4), State::Asking, "another choice of files is asked of again");
    }

    #[test]
    fn clearing_keeps_what_is_not_over() {
        let mut queue = queue(5);
        queue.start();
        queue.finish(1, Ok(()));
        queue.finish(2, failed(ErrorCode::StorageFull));
        queue.cancel(5);
        let over: Vec<_> =
            queue.clear().iter().map(|transfer| (transfer.number, transfer.leaves_something())).collect();
        assert_eq!(over, [(1, false), (2, true), (5, false)]);
        assert_eq!(queue.all().iter().map(|transfer| transfer.number).collect::<Vec<_>>(), [3, 4]);
        assert_eq!(queue.of(4).map(|transfer| transfer.number), Some(4));
        assert!(queue.is_busy());
    }

    #[test]
    fn what_was_abandoned_cannot_touch_what_comes_later() {
        let mut queue = queue(1);
        queue.start();
        queue.abandon();
        let batch = queue.begin_batch();
        assert_eq!(queue.add(batch, down(), "x".to_owned(), 1), 2);
        queue.start();
        queue.finish(1, Ok(()));
        assert_eq!(state(&queue, 2), State::Running);
    }

    #[test]
    fn the_window_shows_what_moves() {
        let mut queue = queue(10);
        assert_eq!(queue.window(10), [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
        queue.start();
        queue.finish(1, Ok(()));
        queue.finish(2, failed(ErrorCode::StorageFull));
        queue.start();
        assert_eq!(queue.window(6), [4, 3, 2, 5, 6, 7]);
    }

    #[test]
    fn the_summary_says_what_matters() {
        let mut queue = queue(3);
        assert_eq!(queue.summary(), "0 of 3 done");
        queue.start();
        queue.finish(1, Ok(()));
        queue.finish(2, failed(ErrorCode::StorageFull));
        assert_eq!(queue.summary(), "1 of 3 done, 1 failed");
        assert_eq!(queue.bytes(), (100, 200));
        queue.pause(3);
        assert_eq!(queue.summary(), "1 of 3 done, 1 failed, 1 paused");
        queue.retry(3);
        queue.start();
        queue.finish(3, Ok(()));
        assert_eq!(queue.summary(), "2 files done, 1 failed");
        assert!(!queue.is_busy());
        queue.clear();
        let batch = queue.begin_batch();
        queue.add(batch, down(), "x".to_owned(), 1);
        queue.cancel(4);
        assert_eq!(queue.summary(), "Stopped");
    }
}
