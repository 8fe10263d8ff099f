//! Every change that was made to the cloud, the newest first.

mod filter;
mod line;
mod words;

use imegha_worker::protocol::{AuditEntry, AuditFilter, Failure};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_params_map;

use super::frame::Frame;
use crate::bridge::Client;
use crate::components::{FailureNotice, Icon, Notice, Shape, Toaster, Tone};
use crate::pages::files::Skeleton;
use crate::pages::gate::{gate, way_on};
use crate::pages::loaded::Loaded;
use crate::words::Doing;
use filter::{Filter, Filters};
use line::Line;

/// The page of the activity; of one file or folder with its id in the address.
#[component]
pub(crate) fn Activity() -> impl IntoView {
    let (client, toaster) = (Client::expect(), Toaster::expect());
    let params = use_params_map();
    let node = Memo::new(move |_| params.with(|params| params.get("node")));
    let address = Memo::new(move |_| {
        node.get().map_or("/settings/activity".to_owned(), |node| format!("/settings/activity/{node}"))
    });
    let filter = Filter::new();
    let entries = RwSignal::new(Loaded::<Vec<AuditEntry>>::Loading);
    let (more, busy, exporting) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(false));
    let failure = RwSignal::new(None::<Failure>);
    let turn = StoredValue::new(0_u32);
    let wanted = move || -> AuditFilter { untrack(|| filter.wanted(node.get())) };

    let begin = move || {
        turn.update_value(|turn| *turn += 1);
        let now = turn.get_value();
        failure.set(None);
        more.set(false);
        entries.set(Loaded::Loading);
        let filter = wanted();
        spawn_local(async move {
            let read = client.audit(filter).await;
            if turn.try_get_value() != Some(now) {
                return;
            }
            match read {
                Ok((read, rest)) => {
                    entries.set(Loaded::Shown(read));
                    more.set(rest);
                }
                Err(failed) => entries.set(Loaded::Failed(failed)),
            }
        });
    };
    let read_on = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failure.set(None);
        let now = turn.get_value();
        spawn_local(async move {
            let read = client.more_audit().await;
            _ = busy.try_set(false);
            if turn.try_get_value() != Some(now) {
                return;
            }
            match read {
                Ok((read, rest)) => {
                    entries.update(|entries| {
                        if let Loaded::Shown(entries) = entries {
                            entries.extend(read);
                        }
                    });
                    more.set(rest);
                }
                Err(failed) => failure.set(Some(failed)),
            }
        });
    };
    gate(address, begin);
    Effect::new(move |before: Option<()>| {
        filter.track();
        if before.is_some() && client.session.with_untracked(Option::is_some) {
            begin();
        }
    });
    let export = move |_| {
        exporting.set(true);
        let filter = wanted();
        spawn_local(async move {
            match client.export_audit(filter).await {
                Ok(1) => toaster.did("Saved 1 entry", &[], None),
                Ok(count) => toaster.did(&format!("Saved {count} entries"), &[], None),
                Err(failure) => toaster.failed(&failure, Doing::Reading),
            }
            _ = exporting.try_set(false);
        });
    };
    let go = way_on(move || if failure.with_untracked(Option::is_some) { read_on() } else { begin() });
    let failed = Signal::derive(move || entries.with(Loaded::failure).or(failure.get()));
    let lines = move || entries.with(|entries| entries.shown().cloned().unwrap_or_default());
    let is_shown = Memo::new(move |_| entries.with(|entries| entries.shown().is_some()));
    let is_none = Memo::new(move |_| entries.with(|entries| entries.shown().is_some_and(Vec::is_empty)));
    view! {
        <Frame title="Activity">
            <p class="lead">"Every change that was made to your cloud, by you: nobody else can write to it."</p>
            <Filters filter node/>
            <Show when=move || is_shown.get()>
                <Notice tone=Tone::Plain>
                    <p data-testid="activity-proof">
                        "This device read the whole log and found every entry sealed by your keys, in its place, and signed: none was changed, \
                         left out or put in. It does not say which of your devices it was, and times are those of the device’s own clock."
                    </p>
                </Notice>
            </Show>
            <Show when=move || entries.with(Loaded::is_loading)><Skeleton words="The log is being read."/></Show>
            <ol class="log" aria-label="Changes, the newest first">
                <For each=lines key=|entry| entry.seq let:entry><Line entry/></For>
            </ol>
            <Show when=move || is_none.get()>
                <p class="empty" data-testid="activity-none">"Nothing of the kind was done."</p>
            </Show>
            <FailureNotice failure=failed doing=Doing::Reading go/>
            <div class="toolbar">
                <Show when=move || more.get()>
                    <button type="button" class="button quiet" data-testid="activity-more" disabled=busy on:click=move |_| read_on()>
                        {move || if busy.get() { "Reading…" } else { "Show older" }}
                    </button>
                </Show>
                <Show when=move || is_shown.get() && !is_none.get()>
                    <button type="button" class="button quiet" data-testid="activity-export" disabled=exporting on:click=export>
                        <Icon shape=Shape::Download/>
                        {move || if exporting.get() { "Reading…" } else { "Save as JSON lines" }}
                    </button>
                </Show>
            </div>
        </Frame>
    }
}
