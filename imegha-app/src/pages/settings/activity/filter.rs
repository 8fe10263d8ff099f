//! What is wanted of the log.

use imegha_worker::protocol::AuditFilter;
use leptos::prelude::*;
use leptos_router::components::A;

use super::words::ACTIONS;
use crate::bridge::page;
use crate::components::{Icon, Shape};

/// What was chosen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Filter {
    /// The log's name of what was done; empty for all.
    action: RwSignal<String>,
    /// The first day, as a field for dates names it; empty for the beginning.
    since: RwSignal<String>,
    /// The last day; empty for today.
    until: RwSignal<String>,
}

impl Filter {
    pub(super) fn new() -> Self {
        Self {
            action: RwSignal::new(String::new()),
            since: RwSignal::new(String::new()),
            until: RwSignal::new(String::new()),
        }
    }

    /// Has an effect run again when something else is chosen.
    pub(super) fn track(self) {
        self.action.track();
        self.since.track();
        self.until.track();
    }

    /// As the worker is asked.
    pub(super) fn wanted(self, node: Option<String>) -> AuditFilter {
        AuditFilter {
            since_ms: self.since.with(|day| page::first_moment(day, 0)),
            // The last day counts as a whole, whatever hours it has.
            before_ms: self.until.with(|day| page::first_moment(day, 1)),
            action: Some(self.action.get()).filter(|action| !action.is_empty()),
            node,
        }
    }
}

/// The fields to choose in.
#[component]
pub(super) fn Filters(
    filter: Filter,
    /// The file or folder that it is about.
    node: Memo<Option<String>>,
) -> impl IntoView {
    let option = |(name, words): &(&'static str, &'static str)| view! { <option value=*name>{*words}</option> };
    let day = |id: &'static str, label: &'static str, value: RwSignal<String>| {
        view! {
            <label class="chosen" for=id>
                <span>{label}</span>
                <input id=id type="date" data-testid=id prop:value=value on:change=move |event| value.set(event_target_value(&event))/>
            </label>
        }
    };
    view! {
        <div class="filters" role="group" aria-label="What is shown">
            <label class="chosen" for="activity-action">
                <span>"What"</span>
                <select id="activity-action" data-testid="activity-action" on:change=move |event| filter.action.set(event_target_value(&event))>
                    <option value="">"Everything"</option>
                    {ACTIONS.iter().map(option).collect_view()}
                </select>
            </label>
            {day("activity-since", "From", filter.since)}
            {day("activity-until", "To", filter.until)}
            <Show when=move || node.with(Option::is_some)>
                <p class="chosen-node" data-testid="activity-node">
                    "Only what was done to one file or folder."
                    <A href="/settings/activity" attr:class="button quiet small" attr:data-testid="activity-node-clear">
                        <Icon shape=Shape::Close/>
                        "Show all"
                    </A>
                </p>
            </Show>
        </div>
    }
}
