//! Locks when nobody has been there for a while.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::bridge::{Client, Idle, SEEN, page};

/// Watches keyboard and pointer. Tabs tell each other by what this browser remembers, so that one that is hidden does not lock while
/// another is used. Transfers, an export and a check count as somebody.
#[component]
pub(crate) fn IdleWatch() -> impl IntoView {
    let client = Client::expect();
    let left = RwSignal::new(None::<u64>);
    let seen_ms = StoredValue::new(0_u64);
    let see = move || {
        let now_ms = page::now_ms();
        left.try_set(None);
        if seen_ms.try_get_value().is_some_and(|seen_ms| now_ms.saturating_sub(seen_ms) > TELL_MS) {
            seen_ms.try_set_value(now_ms);
            page::remember(SEEN, Some(&now_ms.to_string()));
        }
    };
    let look = move || {
        if client.transfers.with_untracked(|queue| queue.is_going()) || client.is_at_work() {
            return see();
        }
        let elsewhere = page::recall(SEEN).and_then(|seen| seen.parse().ok()).unwrap_or_default();
        let seen_ms = seen_ms.try_get_value().unwrap_or_default().max(elsewhere);
        match client.patience.get_untracked().at(page::now_ms(), seen_ms) {
            Idle::No => _ = left.try_set(None),
            Idle::Soon(seconds) => _ = left.try_set(Some(seconds)),
            Idle::Over if client.locked.with_untracked(Option::is_none) => spawn_local(client.lock()),
            Idle::Over => {}
        }
    };
    see();
    let listening = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]
        .map(|event| window_event_listener_untyped(event, move |_| see()));
    let every = set_interval_with_handle(look, EVERY);
    on_cleanup(move || {
        listening.into_iter().for_each(|listening| listening.remove());
        if let Ok(every) = every {
            every.clear();
        }
    });
    view! {
        <div class="idle" role="alert">
            <Show when=move || left.get().is_some()>
                <p class="idle-words" data-testid="idle-notice">
                    "Nobody seems to be here. iMegha locks in a moment; move or press anything to go on. "
                    // Said once, not every second.
                    <strong aria-hidden="true">{move || left.get().unwrap_or_default()}</strong>
                </p>
            </Show>
        </div>
    }
}

const EVERY: Duration = Duration::from_secs(1);

/// How often it is written down that somebody is here.
const TELL_MS: u64 = 1_000;
