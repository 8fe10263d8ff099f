//! What stands on every page while somebody is signed in.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{ExportDialog, IdleWatch, TransferPanel, Viewer};
use crate::bridge::{Client, FolderView, State, page};
use crate::components::Toaster;

/// The transfers, the viewer, the watch on whoever has gone away, and on what others change.
#[component]
pub(crate) fn SignedIn() -> impl IntoView {
    let client = Client::expect();
    // Locking takes names off the screen before the worker has let go of the session.
    let is_in = Memo::new(move |_| client.session.with(Option::is_some) && client.locked.with(Option::is_none));
    view! {
        <Show when=move || is_in.get()>
            <TransferPanel/>
            <Viewer/>
            <ExportDialog/>
            <IdleWatch/>
            <Watch/>
            <Renewals/>
        </Show>
    }
}

/// Says that another tab has changed the account.
#[component]
fn Renewals() -> impl IntoView {
    let (client, toaster) = (Client::expect(), Toaster::expect());
    Effect::new(move |before: Option<u32>| {
        let now = client.renewals.get();
        if before.is_some_and(|before| before != now) {
            toaster.did("Your account was changed in another tab", &[], None);
        }
        now
    });
}

/// Has the worker look for what others changed: every half minute while the page can be seen, and when one comes back to it. What
/// stopped for want of a network goes on when it is back.
#[component]
fn Watch() -> impl IntoView {
    let client = Client::expect();
    let look = move || {
        if page::is_visible() {
            spawn_local(client.refresh());
        }
    };
    let back = move || {
        client.wake_stalled();
        if client.stale.get_untracked().is_some() || client.folder.with_untracked(FolderView::is_out_of_reach) {
            client.reread();
        } else {
            look();
        }
    };
    let listening = [
        window_event_listener_untyped("focus", move |_| look()),
        window_event_listener_untyped("visibilitychange", move |_| look()),
        window_event_listener_untyped("online", move |_| back()),
    ];
    // A browser cannot always tell that the server is back. What transfers change is read with them.
    let is_quiet = move || !client.transfers.with_untracked(|queue| queue.has(State::is_active));
    let at_times = move || {
        if is_quiet() {
            back();
        }
    };
    let every = set_interval_with_handle(at_times, EVERY);
    on_cleanup(move || {
        listening.into_iter().for_each(|listening| listening.remove());
        if let Ok(every) = every {
            every.clear();
        }
    });
}

const EVERY: Duration = Duration::from_secs(30);
