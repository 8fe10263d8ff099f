//! Looking for names: in the folder on the screen while one types, everywhere when one asks for it.

use imegha_worker::protocol::{Failure, Hit};
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::KeyboardEvent;

use crate::bridge::Client;
use crate::components::{Icon, Shape};

/// What was looked for. It is nowhere but here: not in the address, and not in the browser's history.
#[derive(Clone, Copy, Debug)]
pub(super) struct Search {
    /// What is typed.
    pub(super) typed: RwSignal<String>,
    /// What was found everywhere.
    pub(super) found: RwSignal<Found>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Found {
    /// It was not looked for everywhere.
    #[default]
    NotAsked,
    /// It is being looked for.
    Looking,
    /// These.
    Hits {
        /// What was found.
        hits: Vec<Hit>,
        /// Whether there is more.
        more: bool,
    },
    /// It could not be looked for.
    Failed(Failure),
}

impl Search {
    pub(super) fn new() -> Self {
        Self { typed: RwSignal::new(String::new()), found: RwSignal::new(Found::NotAsked) }
    }

    /// Looks everywhere for what is typed.
    pub(super) fn everywhere(self, client: Client) {
        if self.typed.with_untracked(|typed| typed.trim().is_empty()) {
            return;
        }
        self.found.set(Found::Looking);
        self.again(client);
    }

    /// Looks again, and leaves on the screen what was found until then.
    pub(super) fn again(self, client: Client) {
        let text = self.typed.get_untracked().trim().to_owned();
        spawn_local(async move {
            let found = match client.find(text.clone()).await {
                Ok((hits, more)) => Found::Hits { hits, more },
                Err(failure) => Found::Failed(failure),
            };
            // What is typed may be something else by now.
            let is_wanted = self.typed.try_with_untracked(|typed| typed.trim() == text).unwrap_or_default()
                && self.found.try_with_untracked(|found| *found != Found::NotAsked).unwrap_or_default();
            if is_wanted {
                self.found.set(found);
            }
        });
    }

    /// Forgets what was typed and found.
    pub(super) fn clear(self) {
        self.typed.set(String::new());
        self.found.set(Found::NotAsked);
    }

    /// Whether the list is what was found everywhere.
    pub(super) fn is_everywhere(self) -> bool {
        self.found.with(|found| matches!(found, Found::Hits { .. }))
    }
}

/// The field.
#[component]
pub(super) fn SearchField(search: Search) -> impl IntoView {
    let client = Client::expect();
    let any = move || search.typed.with(|typed| !typed.is_empty());
    let typed = move |event| {
        search.typed.set(event_target_value(&event));
        search.found.set(Found::NotAsked);
    };
    let key = move |event: KeyboardEvent| {
        if event.key() == "Escape" && untrack(any) {
            event.prevent_default();
            event.stop_propagation();
            search.clear();
        }
    };
    view! {
        <form
            class="search"
            role="search"
            on:submit=move |event| {
                event.prevent_default();
                search.everywhere(client);
            }
        >
            <Icon shape=Shape::Search/>
            <input
                id=FIELD
                type="text"
                inputmode="search"
                enterkeyhint="search"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                aria-label="Search by name"
                placeholder="Search by name"
                data-testid="search"
                prop:value=search.typed
                on:input=typed
                on:keydown=key
            />
            <Show when=any>
                <button
                    type="button"
                    class="icon-button"
                    data-testid="search-clear"
                    aria-label="Clear the search"
                    title="Clear (Esc)"
                    on:click=move |_| {
                        search.clear();
                        crate::bridge::page::focus(FIELD);
                    }
                >
                    <Icon shape=Shape::Close/>
                </button>
            </Show>
        </form>
    }
}

/// How many were found, and the way to look further.
#[component]
pub(super) fn SearchLine(search: Search, shown: Signal<usize>) -> impl IntoView {
    let client = Client::expect();
    let any = move || search.typed.with(|typed| !typed.trim().is_empty());
    let looking = move || search.found.with(|found| *found == Found::Looking);
    let words = move || {
        let count = shown.get();
        let things = if count == 1 { "1 item".to_owned() } else { format!("{count} items") };
        search.found.with(|found| match found {
            Found::NotAsked => format!("{things} in this folder"),
            Found::Looking => "Looking in all folders…".to_owned(),
            Found::Hits { more: false, .. } => format!("{things} in all folders"),
            Found::Hits { more: true, .. } => format!("The first {things} in all folders; type more to see others"),
            Found::Failed(_) => String::new(),
        })
    };
    // Where nothing fits, the page below offers it.
    let offers = move || !search.is_everywhere() && shown.get() > 0;
    view! {
        <Show when=any>
            <p class="search-line" data-testid="search-line">
                <span role="status">{words}</span>
                <Show when=offers>
                    <button
                        type="button"
                        class="button small quiet"
                        data-testid="search-everywhere"
                        disabled=looking
                        on:click=move |_| search.everywhere(client)
                    >
                        "Search everywhere"
                    </button>
                </Show>
            </p>
        </Show>
    }
}

/// The id of the field.
pub(super) const FIELD: &str = "search-field";
