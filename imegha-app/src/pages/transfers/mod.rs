//! What is on its way, on every page while somebody is signed in.

mod conflict;
mod row;

use leptos::ev;
use leptos::prelude::*;

use crate::bridge::{Client, State};
use crate::components::{Icon, Shape, file_size};
use crate::words::duration;
use conflict::NameTaken;
use row::Row;

/// The transfers since the page was opened; nothing while there are none.
#[component]
pub(crate) fn TransferPanel() -> impl IntoView {
    let client = Client::expect();
    let guard = window_event_listener(ev::beforeunload, move |event| {
        if client.transfers.with_untracked(|queue| queue.is_busy()) || client.is_at_work() {
            event.prevent_default();
        }
    });
    on_cleanup(move || guard.remove());

    let folded = RwSignal::new(false);
    let any = move || client.transfers.with(|queue| !queue.all().is_empty()) || client.preparing.get().is_some();
    let has = move |which: fn(&State) -> bool| Memo::new(move |_| client.transfers.with(|queue| queue.has(which)));
    let over = has(State::is_over);
    let numbers = Memo::new(move |_| client.transfers.with(|queue| queue.window(MOST_ROWS)));
    let hidden = Memo::new(move |_| client.transfers.with(|queue| queue.all().len().saturating_sub(MOST_ROWS)));
    // A memo, so that who listens hears what changed, and not every percent.
    let summary = Memo::new(move |_| match client.preparing.get() {
        Some(_) if client.transfers.with(|queue| queue.all().is_empty()) => "Looking through what you chose".to_owned(),
        _ => client.transfers.with(|queue| queue.summary()),
    });
    let going = Memo::new(move |_| client.transfers.with(|queue| queue.is_going()));
    let percent = move || {
        let (done, size) = client.transfers.with(|queue| queue.bytes());
        crate::components::percent(done, size).to_string()
    };
    view! {
        <Show when=any>
            <section class="transfers" aria-label="Transfers" data-testid="transfers">
                <header class="transfers-head">
                    <div class="transfers-words">
                        <p aria-live="polite" data-testid="transfers-summary">{summary}</p>
                        <p class="transfers-pace" data-testid="transfers-pace" hidden=move || !going.get()>{move || pace(client)}</p>
                    </div>
                    <button
                        type="button"
                        class="icon-button turn"
                        data-testid="transfers-fold"
                        aria-expanded=move || if folded.get() { "false" } else { "true" }
                        aria-label=move || if folded.get() { "Show the transfers" } else { "Fold the transfers" }
                        on:click=move |_| folded.update(|folded| *folded = !*folded)
                    >
                        <Icon shape=Shape::ChevronRight/>
                    </button>
                </header>
                <progress class="transfers-total" max="100" value=percent hidden=move || !going.get() aria-label="How much of all transfers is done"></progress>
                <div hidden=folded>
                    <div class="transfers-tools">
                        <Tool testid="transfers-pause" label="Pause all" shown=Memo::new(move |_| client.transfers.with(|queue| queue.all().iter().any(|one| one.can_pause()))) press=move || client.pause_all()/>
                        <Tool testid="transfers-resume" label="Resume all" shown=has(|state| *state == State::Paused) press=move || client.retry_all(|state| *state == State::Paused)/>
                        <Tool testid="transfers-retry" label="Retry failed" shown=has(|state| matches!(state, State::Failed(_) | State::Stalled)) press=move || client.retry_all(|state| matches!(state, State::Failed(_) | State::Stalled))/>
                        <Tool testid="transfers-cancel" label="Stop all" shown=Memo::new(move |_| client.transfers.with(|queue| queue.is_busy())) press=move || client.cancel_all()/>
                        <Tool testid="transfers-clear" label="Clear" shown=over press=move || client.clear()/>
                    </div>
                    <p class="transfers-preparing" data-testid="transfers-preparing" hidden=move || client.preparing.get().is_none()>
                        <span class="spinner" aria-hidden="true"></span>
                        {move || format!("Looking through folders: {} files so far", client.preparing.get().unwrap_or_default())}
                    </p>
                    <ul class="transfers-list">
                        <For each=move || numbers.get() key=|number| *number let:number>
                            <Row number/>
                        </For>
                    </ul>
                    <p class="transfers-more" data-testid="transfers-more" hidden=move || hidden.get() == 0>
                        {move || format!("and {} more", hidden.get())}
                    </p>
                </div>
            </section>
        </Show>
        <NameTaken/>
    }
}

#[component]
fn Tool(
    testid: &'static str,
    label: &'static str,
    shown: Memo<bool>,
    press: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    view! {
        <button type="button" class="button quiet small" data-testid=testid hidden=move || !shown.get() on:click=move |_| press()>
            {label}
        </button>
    }
}

/// How far and how fast all of it is, and how long it still takes.
fn pace(client: Client) -> String {
    let (done, size) = client.transfers.with(|queue| queue.bytes());
    let mut words = format!("{} of {}", file_size(done), file_size(size));
    client.pace.with(|pace| {
        if let Some(speed) = pace.speed() {
            words.push_str(&format!(" · {}/s", file_size(speed)));
        }
        if let Some(left_ms) = pace.left_ms(size.saturating_sub(done)) {
            words.push_str(&format!(" · {} left", duration(left_ms)));
        }
    });
    words
}

/// The most rows that stand in the document: thousands of them would make it slow.
const MOST_ROWS: usize = 200;
