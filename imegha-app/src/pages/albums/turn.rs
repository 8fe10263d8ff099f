//! Which question of a dialog an answer belongs to.

use imegha_worker::protocol::Failure;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::bridge::Client;
use crate::components::Toaster;
use crate::words::Doing;

/// A dialog, and what it asks now. While that is done the dialog stays; a browser may close it all the same, when Escape is pressed twice.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn {
    /// Whether the dialog is open.
    pub(super) open: RwSignal<bool>,
    /// Whether what was asked for is being done.
    pub(super) busy: RwSignal<bool>,
    client: Client,
    toaster: Toaster,
    number: StoredValue<u32>,
}

impl Turn {
    /// Of a dialog that is closed.
    pub(super) fn new() -> Self {
        Self {
            open: RwSignal::new(false),
            busy: RwSignal::new(false),
            client: Client::expect(),
            toaster: Toaster::expect(),
            number: StoredValue::new(0),
        }
    }

    /// Asks anew. What is still being done for the question before is this dialog's no longer.
    pub(super) fn begin(self) {
        self.number.update_value(|number| *number = number.wrapping_add(1));
        self.busy.set(false);
        self.open.set(true);
    }

    /// Does what was asked for. If the dialog still asks the same when that is done, it is closed after success, and `then` hears of it;
    /// else a failure is said, and after success the page is read again.
    pub(super) fn run<T: 'static>(
        self,
        deed: impl Future<Output = Result<T, Failure>> + 'static,
        then: impl FnOnce(Result<T, Failure>) + 'static,
    ) {
        let number = self.number.get_value();
        self.busy.set(true);
        spawn_local(async move {
            let done = deed.await;
            let is_asked = self.number.try_get_value() == Some(number) && self.open.try_get_untracked() == Some(true);
            match done {
                done if is_asked => {
                    self.busy.set(false);
                    if done.is_ok() {
                        self.open.set(false);
                    }
                    then(done);
                }
                Ok(_) => self.client.changed.update(|changed| *changed = changed.wrapping_add(1)),
                // When the session is over, that it is has been said.
                Err(_) if self.client.session.with_untracked(Option::is_none) => {}
                Err(failure) => self.toaster.failed(&failure, Doing::EditingAlbum),
            }
        });
    }
}
