//! What can be done with the selected pictures, above them.

use imegha_worker::protocol::Entry;
use leptos::prelude::*;

use super::picks::Picks;
use crate::components::{Icon, Shape};

/// One thing that can be done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deed {
    /// Its words.
    pub(crate) label: &'static str,
    /// The keys that do the same.
    pub(crate) keys: &'static str,
    /// Its icon.
    pub(crate) shape: Shape,
    /// For tests.
    pub(crate) testid: &'static str,
    /// How much room it takes.
    pub(crate) room: Room,
    /// Whether it can be done now. It keeps the keyboard when it cannot.
    pub(crate) ready: Signal<bool>,
    /// Does it with what is selected.
    pub(crate) run: Callback<Vec<Entry>>,
}

/// How much room a thing takes that can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// Its words stand beside the icon, where there is room for them.
    Words,
    /// The same, and it is not there on a phone.
    Desk,
    /// Its icon.
    Icon,
}

/// How many are selected, and what can be done with them; `children` while none is.
#[component]
pub(crate) fn PickBar(
    /// What is selected.
    picks: Picks,
    /// What can be done.
    deeds: Vec<Deed>,
    /// What stands there while nothing is selected.
    children: ChildrenFn,
) -> impl IntoView {
    let count = Memo::new(move |_| picks.selection.with(|selection| selection.count()));
    let any = Memo::new(move |_| count.get() > 0);
    let (children, deeds) = (StoredValue::new(children), StoredValue::new(deeds));
    view! {
        <div class="shelf-bar" class:selecting=any>
            <p class="unseen" role="status" data-testid="selected">
                {move || match count.get() {
                    0 => String::new(),
                    many => format!("{many} selected"),
                }}
            </p>
            <Show when=move || any.get() fallback=move || children.with_value(|children| children())>
                <div class="selection-bar picks" role="toolbar" aria-label="What is selected" data-testid="selection-bar">
                    <button
                        type="button"
                        class="icon-button"
                        data-testid="clear-selection"
                        aria-label="Select nothing"
                        title="Select nothing (Esc)"
                        on:click=move |_| picks.clear()
                    >
                        <Icon shape=Shape::Close/>
                    </button>
                    <strong class="selection-count" aria-hidden="true">{count}<span class="wide-only">" selected"</span></strong>
                    <span class="selection-actions">
                        {move || deeds.with_value(|deeds| deeds.iter().map(|deed| view! { <Press picks deed=*deed/> }).collect_view())}
                    </span>
                </div>
            </Show>
        </div>
    }
}

#[component]
fn Press(picks: Picks, deed: Deed) -> impl IntoView {
    let Deed { label, keys, shape, testid, room, ready, run } = deed;
    let title = if keys.is_empty() { label.to_owned() } else { format!("{label} ({keys})") };
    view! {
        <button
            type="button"
            class="button small quiet"
            class:bare=room == Room::Icon
            class:desk-only=room == Room::Desk
            data-testid=testid
            title=title
            aria-disabled=move || (!ready.get()).then_some("true")
            on:click=move |_| {
                if ready.get_untracked() {
                    run.run(untrack(|| picks.chosen()));
                }
            }
        >
            <Icon shape/>
            <span class="action-label">{label}</span>
        </button>
    }
}
