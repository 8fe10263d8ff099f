//! One thing that a page asks for.

use imegha_worker::protocol::Failure;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Whether it is being done, and what failed. It is done once at a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deed {
    pub(super) busy: RwSignal<bool>,
    pub(super) failure: RwSignal<Option<Failure>>,
}

impl Deed {
    pub(super) fn new() -> Self {
        Self { busy: RwSignal::new(false), failure: RwSignal::new(None) }
    }

    /// Does it. `done` hears of success, unless what asked for it has gone meanwhile.
    pub(super) fn run<T: 'static>(
        self,
        deed: impl Future<Output = Result<T, Failure>> + 'static,
        done: impl FnOnce(T) + 'static,
    ) {
        self.run_and_then(deed, done, async || ());
    }

    /// The same, with something that is due whatever came of it.
    pub(super) fn run_and_then<T: 'static>(
        self,
        deed: impl Future<Output = Result<T, Failure>> + 'static,
        done: impl FnOnce(T) + 'static,
        then: impl AsyncFnOnce() + 'static,
    ) {
        if self.busy.get_untracked() {
            return;
        }
        self.failure.set(None);
        self.busy.set(true);
        spawn_local(async move {
            let outcome = deed.await;
            if self.busy.try_set(false).is_some() {
                return;
            }
            match outcome {
                Ok(outcome) => done(outcome),
                Err(failed) => self.failure.set(Some(failed)),
            }
            then().await;
        });
    }
}
