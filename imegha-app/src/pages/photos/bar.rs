//! What can be done with the selected pictures, above them.

use imegha_worker::protocol::Entry;
use leptos::prelude::*;

use super::picks::Picks;
use crate::components::{Icon, SelectedBar, Shape};

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
    let deeds = StoredValue::new(deeds);
    let actions =
        move || deeds.with_value(|deeds| deeds.iter().map(|deed| view! { <Press picks deed=*deed/> }).collect_view());
    view! {
        <SelectedBar count class="selection-bar picks" clear=Callback::new(move |()| picks.clear()) actions>
            {children()}
        </SelectedBar>
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
