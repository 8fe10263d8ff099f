//! What is being uploaded and downloaded: a plain list with its rules.

use imegha_worker::protocol::{ErrorCode, Failure, Interrupted, OnTaken};

use super::transfer::{Decision, Direction, State, Transfer};

/// All transfers since the page was opened, in the order in which they were asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Queue {
    last: u32,
    last_batch: u32,
    transfers: Vec<Transfer>,
    /// What the person said for the rest of a batch.
    rest: Option<(u32, Decision)>,
}

impl Queue {
    /// A number for what the person chooses at once.
    pub(crate) fn begin_batch(&mut self) -> u32 {
        self.last_batch += 1;
        self.last_batch
    }

    /// A number that no transfer has, for what is none and is spoken of like one.
    pub(crate) fn draw_number(&mut self) -> u32 {
        self.last += 1;
        self.last
    }

    /// Puts a file at the end, and says its number.
    pub(crate) fn add(&mut self, batch: u32, direction: Direction, name: String, size: u64) -> u32 {
        let number = self.draw_number();
        let (done, state, taken, begun) = (0, State::Queued, OnTaken::Ask, false);
        self.transfers.push(Transfer { number, batch, direction, name, size, done, state, taken, begun });
        number
    }

    /// Puts an upload there that a tab which is gone did not end, and says its number.
    pub(crate) fn add_interrupted(&mut self, upload: &Interrupted) -> u32 {
        let batch = self.begin_batch();
        let direction = Direction::Up { folder: upload.folder.clone(), path: Vec::new() };
        let number = self.add(batch, direction, upload.name.clone(), upload.size);
        let transfer = self.transfers.last_mut().expect("it was put there");
        (transfer.done, transfer.state, transfer.begun) =
            (upload.sent.min(upload.size), State::Interrupted { found: false }, true);
        if upload.replaces {
            transfer.taken = OnTaken::Replace;
        }
        number
    }

    /// The browser knows where the file of an interrupted upload is.
    pub(crate) fn found(&mut self, number: u32) {
        if let Some(place) = self.place(number)
            && let State::Interrupted { found } = &mut self.transfers[place].state
        {
            *found = true;
        }
    }

    /// The file is not where the browser knew it.
    pub(crate) fn lost(&mut self, number: u32) {
        if let Some(place) = self.place(number)
            && let State::Interrupted { found } = &mut self.transfers[place].state
        {
            *found = false;
        }
    }

    /// Whether a file of this name may have been stored as `stored`: as it is, or with a number where its name was taken.
    pub(crate) fn is_called(stored: &str, name: &str) -> bool {
        if stored == name {
            return true;
        }
        let (stem, extension) = name.rfind('.').filter(|dot| *dot > 0).map_or((name, ""), |dot| name.split_at(dot));
        let number = stored.strip_prefix(stem).and_then(|rest| rest.strip_suffix(extension));
        let number = number.and_then(|rest| rest.strip_prefix(" (")?.strip_suffix(')'));
        number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    }

    /// The file of an interrupted upload is there again: it goes on.
    pub(crate) fn take_up(&mut self, number: u32) {
        if let Some(place) = self.place(number)
            && self.transfers[place].state.is_interrupted()
        {
            self.transfers[place].state = State::Queued;
        }
    }

    /// The transfer of this number.
    pub(crate) fn of(&self, number: u32) -> Option<&Transfer> {
        self.place(number).map(|place| &self.transfers[place])
    }

    /// All of them, the newest last.
    pub(crate) fn all(&self) -> &[Transfer] {
        &self.transfers
    }

    /// The numbers of those to show, no more than `most`: all of them, those first that want the person, then the newest; or, when
    /// there are more, then those that move, and what is over last.
    pub(crate) fn window(&self, most: usize) -> Vec<u32> {
        let newest_first = self.transfers.iter().rev();
        if self.transfers.len() <= most {
            let mut all: Vec<_> = newest_first.collect();
            all.sort_by_key(|transfer| !transfer.state.wants_the_person());
            return all.into_iter().map(|transfer| transfer.number).collect();
        }
        let rank = |transfer: &Transfer| match transfer.state {
            State::Asking => 0,
            State::Running | State::Waiting => 1,
            State::Failed(_) | State::Stalled | State::Interrupted { .. } => 2,
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
        self.has(|state| !state.is_over() && !state.is_interrupted())
    }

    /// Whether something goes on without the person.
    pub(crate) fn is_going(&self) -> bool {
        self.has(State::is_going)
    }

    /// Whether a transfer stands so.
    pub(crate) fn has(&self, which: fn(&State) -> bool) -> bool {
        self.transfers.iter().any(|transfer| which(&transfer.state))
    }

    /// Bytes done and bytes in all, of what is not given up and does not wait for its file.
    pub(crate) fn bytes(&self) -> (u64, u64) {
        let counted = self.transfers.iter().filter(|transfer| match &transfer.state {
            State::Done => true,
            state => !state.is_over() && !state.is_interrupted(),
        });
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
            (count(State::is_interrupted), "interrupted"),
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

/// How many are under way together. Each holds a few parts of 8 MiB in the worker's memory.
const AT_ONCE: usize = 2;

#[cfg(test)]
mod tests;
