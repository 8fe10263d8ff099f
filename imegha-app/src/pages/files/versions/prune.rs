//! Removing older versions, and before that what it would free.

use imegha_worker::protocol::{Amount, Entry, Failure, Keep};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::file_size;
use crate::pages::entries::Desk;
use crate::words::{Doing, short};

/// Which versions stay, how much the others free, and the button that removes them.
#[component]
pub(super) fn Prune(
    entry: RwSignal<Option<Entry>>,
    /// Some were removed.
    pruned: Callback<()>,
) -> impl IntoView {
    let desk = Desk::expect();
    let chosen = RwSignal::new(0_usize);
    let amount = RwSignal::new(None::<Amount>);
    let (busy, failure) = (RwSignal::new(false), RwSignal::new(None::<Failure>));
    let node = move || entry.with_untracked(|entry| entry.as_ref().map(|entry| entry.id.clone()));
    let keep = move || RULES.get(chosen.get_untracked()).map_or(RULES[0].1, |(_, keep)| *keep);
    let ask = move || {
        let Some(node) = node() else { return };
        amount.set(None);
        failure.set(None);
        let asked = chosen.get_untracked();
        spawn_local(async move {
            let answer = desk.client.prunable(node, keep()).await;
            if chosen.try_get_untracked() != Some(asked) {
                return;
            }
            match answer {
                Ok(prunable) => amount.set(Some(prunable)),
                Err(failed) => failure.set(Some(failed)),
            }
        });
    };
    Effect::new(move |_| {
        chosen.track();
        ask();
    });
    let remove = move |_| {
        let Some(node) = node().filter(|_| !busy.get_untracked()) else { return };
        busy.set(true);
        failure.set(None);
        spawn_local(async move {
            let mark = desk.busy(std::slice::from_ref(&node));
            let removed = desk.client.prune(node, keep()).await;
            drop(mark);
            match removed {
                Ok(removed) => desk.toaster.did(&format!("Removed: {}", counted(removed)), &[], None),
                Err(failed) => _ = failure.try_set(Some(failed)),
            }
            _ = busy.try_set(false);
            // What broke off has removed some.
            pruned.try_run(());
            if amount.try_get_untracked().is_some() {
                ask();
            }
        });
    };
    let words = move || match (failure.get(), amount.get()) {
        (Some(failure), _) => short(&failure, Doing::Changing),
        (None, None) => "Counting…".to_owned(),
        (None, Some(Amount { count: 0, .. })) => "All older versions stay.".to_owned(),
        (None, Some(amount)) => {
            format!("This removes {} for good, and cannot be undone.", counted(amount))
        }
    };
    let any = move || amount.with(|amount| amount.is_some_and(|amount| amount.count > 0));
    let option = |(index, (words, _)): (usize, &(&'static str, Keep))| {
        view! { <option value=index.to_string()>{*words}</option> }
    };
    view! {
        <div class="prune">
            <label class="chosen" for="prune-keep">
                <span>"Remove older versions, but keep"</span>
                <select
                    id="prune-keep"
                    data-testid="prune-keep"
                    disabled=busy
                    on:change=move |event| chosen.set(event_target_value(&event).parse().unwrap_or_default())
                >
                    {RULES.iter().enumerate().map(option).collect_view()}
                </select>
            </label>
            <p class="fine" role="status" data-testid="prune-words">{words}</p>
            <button type="button" class="button danger small" data-testid="prune" hidden=move || !any() disabled=busy on:click=remove>
                {move || if busy.get() { "Removing…" } else { "Remove them" }}
            </button>
        </div>
    }
}

/// How many versions, and how much room they take.
fn counted(amount: Amount) -> String {
    let versions = if amount.count == 1 { "1 version".to_owned() } else { format!("{} versions", amount.count) };
    format!("{versions}, {}", file_size(amount.bytes))
}

/// What can be chosen; at first what removes least.
const RULES: &[(&str, Keep)] = &[
    ("the last 10 and those of 30 days", Keep { last: 10, days: 30 }),
    ("those of the last 30 days", Keep { last: 0, days: 30 }),
    ("the last 10", Keep { last: 10, days: 0 }),
    ("the last one", Keep { last: 1, days: 0 }),
    ("only what is there now", Keep { last: 0, days: 0 }),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_counted_with_their_room() {
        assert_eq!(counted(Amount { count: 1, bytes: 1_500 }), "1 version, 1.5 kB");
        assert_eq!(counted(Amount { count: 12, bytes: 0 }), "12 versions, 0 B");
    }

    #[test]
    fn what_is_chosen_at_first_removes_least() {
        let (_, first) = RULES[0];
        assert!(RULES.iter().all(|(_, rule)| rule.last <= first.last && rule.days <= first.days));
    }
}
