//! One file on its way: to the cloud or from it.

use imegha_worker::protocol::{Failure, OnTaken};

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
        /// The number of an older revision; the newest without.
        revision: Option<u64>,
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
    /// Its tab was closed. It goes on when its file is there again.
    Interrupted {
        /// Whether the browser knows where the file is.
        found: bool,
    },
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
    pub(super) batch: u32,
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
    pub(super) begun: bool,
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

    /// Whether it stands until the person does something.
    pub(super) fn wants_the_person(&self) -> bool {
        matches!(self, Self::Asking | Self::Failed(_) | Self::Interrupted { .. })
    }

    /// Whether its tab was closed, and its file has to be there again.
    pub(crate) fn is_interrupted(&self) -> bool {
        matches!(self, Self::Interrupted { .. })
    }

    /// Whether it goes on without the person.
    pub(super) fn is_going(&self) -> bool {
        matches!(self, Self::Queued | Self::Running | Self::Waiting | Self::Stalled)
    }
}

impl Transfer {
    /// Whether it is an upload.
    pub(crate) fn is_up(&self) -> bool {
        matches!(self.direction, Direction::Up { .. })
    }

    /// The id of the folder that it goes to, if it is an upload.
    pub(crate) fn folder(&self) -> Option<&str> {
        match &self.direction {
            Direction::Up { folder, .. } => Some(folder),
            Direction::Down { .. } => None,
        }
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

impl Transfer {
    pub(super) fn cancel(&mut self) -> bool {
        match self.state {
            State::Running | State::Waiting => true,
            State::Queued | State::Stalled | State::Paused | State::Asking | State::Interrupted { .. } => {
                let leaves_something = self.leaves_something();
                self.state = State::Cancelled;
                leaves_something
            }
            _ => false,
        }
    }

    pub(super) fn pause(&mut self) -> bool {
        if !self.can_pause() {
            return false;
        }
        let is_active = self.state.is_active();
        if !is_active {
            self.state = State::Paused;
        }
        is_active
    }

    pub(super) fn decide(&mut self, decision: Decision) {
        (self.taken, self.state) = match decision {
            Decision::KeepBoth => (OnTaken::KeepBoth, State::Queued),
            Decision::Replace => (OnTaken::Replace, State::Queued),
            Decision::Skip => (OnTaken::Ask, State::Skipped),
        };
    }
}
