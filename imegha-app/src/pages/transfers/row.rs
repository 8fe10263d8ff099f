//! One file on its way, or what became of it.

use leptos::html;
use leptos::prelude::*;
use web_sys::HtmlInputElement;

use crate::bridge::{Client, Direction, State, Transfer, page};
use crate::components::{FileName, Icon, Shape, Toaster, file_size, percent, shown_name};
use crate::words::{Doing, Way, Words};

/// The row of one transfer.
#[component]
pub(super) fn Row(number: u32) -> impl IntoView {
    let client = Client::expect();
    let transfer = Memo::new(move |_| client.transfers.with(|queue| queue.of(number).cloned()));
    let of =
        move |read: fn(&Transfer) -> String| transfer.with(|transfer| transfer.as_ref().map(read).unwrap_or_default());
    let is = move |which: fn(&Transfer) -> bool| {
        Memo::new(move |_| transfer.with(|transfer| transfer.as_ref().is_some_and(which)))
    };
    let state = move || of(|transfer| state_name(&transfer.state).to_owned());
    let (moving, pausing, again) = (is(|transfer| !transfer.state.is_over()), is(Transfer::can_pause), is(can_retry));
    let interrupted = is(|transfer| transfer.state.is_interrupted());
    let has_bar = is(|transfer| !transfer.state.is_over() && transfer.state != State::Asking);
    // The name never changes, and with it neither do the labels.
    let name =
        transfer.with_untracked(|transfer| transfer.as_ref().map(|transfer| transfer.name.clone()).unwrap_or_default());
    let (shown, direction) = (shown_name(&name), move || of(|transfer| direction_name(transfer).to_owned()));
    let again_name = shown.clone();
    let (cancel_label, pause_label) = (format!("Stop {shown}"), format!("Pause {shown}"));
    let retry_label = {
        let shown = shown.clone();
        Signal::derive(move || {
            match transfer.with(|transfer| transfer.as_ref().map(|transfer| transfer.state.clone())) {
                Some(State::Paused) => format!("Resume {shown}"),
                _ => format!("Try {shown} again"),
            }
        })
    };
    let progress_label = format!("How much of {shown} is done");
    view! {
        <li class="transfer" data-testid="transfer" data-name=name.clone() data-state=state>
            <span class="transfer-icon">{move || view! { <Icon shape=transfer.with(|transfer| transfer.as_ref().map_or(Shape::File, shape))/> }}</span>
            <div class="transfer-body">
                <span class="unseen">{direction}</span>
                <FileName name=name.clone()/>
                <progress
                    max="100"
                    value=move || transfer.with(|transfer| transfer.as_ref().map_or(0, bar).to_string())
                    hidden=move || !has_bar.get()
                    aria-label=progress_label
                ></progress>
                <p class="transfer-state">{move || of(words)}</p>
            </div>
            <Show when=move || pausing.get()>
                <button
                    type="button"
                    class="icon-button"
                    data-testid="transfer-pause"
                    aria-label=pause_label.clone()
                    title="Pause"
                    on:click=move |_| client.pause(number)
                >
                    <Icon shape=Shape::Pause/>
                </button>
            </Show>
            <Show when=move || interrupted.get()>
                <Again number name=again_name.clone() transfer/>
            </Show>
            <Show when=move || again.get()>
                <button
                    type="button"
                    class="icon-button"
                    data-testid="transfer-retry"
                    aria-label=retry_label
                    title=move || if transfer.with(|transfer| transfer.as_ref().is_some_and(|one| one.state == State::Paused)) { "Resume" } else { "Try again" }
                    on:click=move |_| retry(client, &transfer.get_untracked(), number)
                >
                    {move || {
                        let paused = transfer.with(|transfer| transfer.as_ref().is_some_and(|one| one.state == State::Paused));
                        view! { <Icon shape=if paused { Shape::Play } else { Shape::Retry }/> }
                    }}
                </button>
            </Show>
            <Show when=move || moving.get()>
                <button
                    type="button"
                    class="icon-button"
                    data-testid="transfer-cancel"
                    aria-label=cancel_label.clone()
                    title="Stop"
                    on:click=move |_| client.cancel(number)
                >
                    <Icon shape=Shape::Close/>
                </button>
            </Show>
        </li>
    }
}

/// Has an upload go on whose tab was closed: by a press where the browser knows its file, else by its file that is chosen again.
#[component]
fn Again(number: u32, name: String, transfer: Memo<Option<Transfer>>) -> impl IntoView {
    let client = Client::expect();
    let toaster = Toaster::expect();
    let input = NodeRef::<html::Input>::new();
    let found = Memo::new(move |_| {
        transfer.with(|transfer| transfer.as_ref().is_some_and(|one| one.state == State::Interrupted { found: true }))
    });
    let chosen = move |_| {
        let input: Option<HtmlInputElement> = input.get_untracked();
        if let Some(another) = input.and_then(|input| client.choose_again(number, &input)) {
            toaster.note("That is another file. Uploaded as one of its own:", another);
        }
    };
    let press = move |_| {
        if found.get_untracked() {
            client.find_again(number);
        } else if let Some(input) = input.get_untracked() {
            input.click();
        }
    };
    let label = {
        let name = name.clone();
        move || if found.get() { format!("Resume {name}") } else { format!("Choose {name} again") }
    };
    view! {
        <button
            type="button"
            class="icon-button"
            data-testid="transfer-again"
            aria-label=label
            title=move || if found.get() { "Resume" } else { "Choose the file again" }
            on:click=press
        >
            {move || view! { <Icon shape=if found.get() { Shape::Play } else { Shape::File }/> }}
        </button>
        <input
            node_ref=input
            type="file"
            hidden
            tabindex="-1"
            aria-label=format!("{name}, to be chosen again")
            data-testid="transfer-again-input"
            on:change=chosen
        />
    }
}

fn retry(client: Client, transfer: &Option<Transfer>, number: u32) {
    match transfer.as_ref().map(|transfer| (&transfer.state, doing(transfer))) {
        Some((State::Failed(failure), doing)) if Words::of(failure, doing).way == Way::Reload => page::reload(),
        _ => client.retry(number),
    }
}

fn can_retry(transfer: &Transfer) -> bool {
    match &transfer.state {
        State::Cancelled | State::Paused | State::Stalled => true,
        State::Failed(failure) => Words::of(failure, doing(transfer)).way != Way::Mend,
        _ => false,
    }
}

fn doing(transfer: &Transfer) -> Doing {
    match transfer.direction {
        Direction::Up { .. } => Doing::Uploading,
        Direction::Down { .. } => Doing::Downloading,
    }
}

fn direction_name(transfer: &Transfer) -> &'static str {
    match transfer.direction {
        Direction::Up { .. } => "Upload: ",
        Direction::Down { .. } => "Download: ",
    }
}

fn shape(transfer: &Transfer) -> Shape {
    match (&transfer.state, &transfer.direction) {
        (State::Done, _) => Shape::Check,
        (State::Failed(_) | State::Asking | State::Interrupted { .. }, _) => Shape::Warning,
        (State::Waiting | State::Stalled, _) => Shape::Offline,
        (State::Paused, _) => Shape::Pause,
        (_, Direction::Up { .. }) => Shape::Upload,
        (_, Direction::Down { .. }) => Shape::Download,
    }
}

/// How far the bar is. Nothing of an empty file is not yet the whole of it.
fn bar(transfer: &Transfer) -> u64 {
    if transfer.state == State::Queued { 0 } else { percent(transfer.done, transfer.size) }
}

fn state_name(state: &State) -> &'static str {
    match state {
        State::Queued => "queued",
        State::Running => "running",
        State::Waiting | State::Stalled => "waiting",
        State::Paused => "paused",
        State::Interrupted { .. } => "interrupted",
        State::Asking => "asking",
        State::Skipped => "skipped",
        State::Done => "done",
        State::Failed(_) => "failed",
        State::Cancelled => "cancelled",
    }
}

/// How a transfer stands, in words.
fn words(transfer: &Transfer) -> String {
    let (size, up) = (file_size(transfer.size), matches!(transfer.direction, Direction::Up { .. }));
    match &transfer.state {
        State::Queued => "Waits for its turn".to_owned(),
        State::Running if transfer.done == 0 && up => format!("Sealing, {size}"),
        State::Running if transfer.done == 0 => format!("Fetching, {size}"),
        State::Running if transfer.done == transfer.size && up => "Writing the last of it".to_owned(),
        State::Running => format!("{} of {size}", file_size(transfer.done)),
        State::Waiting => "The connection is gone. Trying again by itself…".to_owned(),
        State::Stalled => "The connection is gone. It goes on by itself when it is back.".to_owned(),
        State::Paused if transfer.done > 0 => format!("Paused at {} of {size}", file_size(transfer.done)),
        State::Paused => format!("Paused, {size}"),
        State::Interrupted { found } => {
            let how = if *found { "Resume it" } else { "Choose the file again" };
            format!("Interrupted at {} of {size}. {how}, and it goes on where it stood.", file_size(transfer.done))
        }
        State::Asking => "The folder has something of this name already".to_owned(),
        State::Skipped => "Skipped. What was there stays.".to_owned(),
        State::Done if up => format!("Stored, {size}"),
        State::Done => format!("Saved, every byte verified, {size}"),
        State::Failed(failure) => {
            let words = Words::of(failure, doing(transfer));
            format!("{}. {}", words.title, words.text)
        }
        State::Cancelled => "Stopped. Nothing half-done was kept.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use imegha_worker::protocol::{ErrorCode, Failure};

    use super::*;
    use crate::bridge::Queue;

    fn transfer(direction: Direction, done: u64, state: State) -> Transfer {
        let mut queue = Queue::default();
        let number = queue.add(1, direction, "a.jpg".to_owned(), 2_000_000);
        let mut transfer = queue.of(number).expect("just added").clone();
        (transfer.done, transfer.state) = (done, state);
        transfer
    }

    fn up() -> Direction {
        Direction::Up { folder: "f".to_owned(), path: Vec::new() }
    }

    fn down() -> Direction {
        Direction::Down { node: "n".to_owned(), revision: None }
    }

    #[test]
    fn every_wait_has_words() {
        for (direction, done, state, expected) in [
            (up(), 0, State::Queued, "Waits for its turn"),
            (up(), 0, State::Running, "Sealing, 2.0 MB"),
            (up(), 500_000, State::Running, "500 kB of 2.0 MB"),
            (up(), 2_000_000, State::Running, "Writing the last of it"),
            (down(), 0, State::Running, "Fetching, 2.0 MB"),
            (up(), 500_000, State::Paused, "Paused at 500 kB of 2.0 MB"),
            (
                up(),
                500_000,
                State::Interrupted { found: false },
                "Interrupted at 500 kB of 2.0 MB. Choose the file again, and it goes on where it stood.",
            ),
            (
                up(),
                500_000,
                State::Interrupted { found: true },
                "Interrupted at 500 kB of 2.0 MB. Resume it, and it goes on where it stood.",
            ),
            (up(), 0, State::Asking, "The folder has something of this name already"),
            (up(), 1, State::Stalled, "The connection is gone. It goes on by itself when it is back."),
            (up(), 0, State::Skipped, "Skipped. What was there stays."),
            (down(), 1, State::Waiting, "The connection is gone. Trying again by itself…"),
            (down(), 2_000_000, State::Done, "Saved, every byte verified, 2.0 MB"),
        ] {
            assert_eq!(words(&transfer(direction, done, state)), expected);
        }
    }

    #[test]
    fn an_empty_file_is_not_done_before_it_began() {
        let empty = |state| {
            let mut empty = transfer(up(), 0, state);
            empty.size = 0;
            empty
        };
        assert_eq!(bar(&empty(State::Queued)), 0);
        assert_eq!(bar(&empty(State::Done)), 100);
    }

    #[test]
    fn a_failure_speaks_of_what_was_done() {
        let full = State::Failed(Failure { code: ErrorCode::StorageFull, ms: None });
        assert!(words(&transfer(up(), 0, full.clone())).contains("was not stored"));
        assert!(can_retry(&transfer(up(), 0, full)));
        let name = State::Failed(Failure { code: ErrorCode::NameInvalid, ms: None });
        assert!(!can_retry(&transfer(up(), 0, name)));
    }
}
