//! What to do with a file whose name is taken.

use leptos::prelude::*;

use crate::bridge::{Client, Decision};
use crate::components::{Dialog, shown_name};

/// Asks of the first file whose name is taken. Everything else goes on meanwhile.
#[component]
pub(super) fn NameTaken() -> impl IntoView {
    let client = Client::expect();
    let asked = Memo::new(move |_| {
        client
            .transfers
            .with(|queue| queue.asking().map(|(transfer, more)| (transfer.number, transfer.name.clone(), more)))
    });
    let number = Memo::new(move |_| asked.with(|asked| asked.as_ref().map(|(number, ..)| *number)));
    let name = move || asked.with(|asked| asked.as_ref().map(|(_, name, _)| shown_name(name)).unwrap_or_default());
    let more = move || asked.with(|asked| asked.as_ref().map_or(0, |(.., more)| *more));
    let (open, rest) = (RwSignal::new(false), RwSignal::new(false));
    Effect::new(move |_| {
        open.set(number.get().is_some());
        rest.set(false);
    });
    // Closed without an answer, by Escape, it stays in the list as what has to be decided, and can be stopped there.
    let decide = move |decision| {
        if let Some(number) = number.get_untracked() {
            client.decide(number, decision, rest.get_untracked());
        }
    };
    view! {
        <Dialog id="name-taken-title" title="This name is taken" open>
            <div data-testid="name-taken">
                <p>"The folder already has "<strong><bdi class="any-name">{name}</bdi></strong>". What shall become of it?"</p>
                <label class="check" hidden=move || more() == 0>
                    <input
                        type="checkbox"
                        data-testid="taken-rest"
                        prop:checked=rest
                        on:change=move |event| rest.set(event_target_checked(&event))
                    />
                    <span>{move || format!("Do the same for the other {} that came with it, where a name is taken", more())}</span>
                </label>
                <p class="fine">"“Replace” makes yours the newest version; the one before stays in the file’s history."</p>
                <div class="dialog-buttons">
                    <button type="button" class="button quiet" data-testid="taken-skip" on:click=move |_| decide(Decision::Skip)>
                        "Skip"
                    </button>
                    <button type="button" class="button quiet" data-testid="taken-replace" on:click=move |_| decide(Decision::Replace)>
                        "Replace"
                    </button>
                    <button type="button" class="button" data-testid="taken-keep-both" on:click=move |_| decide(Decision::KeepBoth)>
                        "Keep both"
                    </button>
                </div>
            </div>
        </Dialog>
    }
}
