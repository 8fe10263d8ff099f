//! The versions of a file: every save is one, and older ones stay until they are removed.

mod prune;

use imegha_worker::protocol::{Entry, Failure, Revision};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::bridge::page;
use crate::components::{Dialog, FailureNotice, FileName, Icon, Shape, file_size};
use crate::pages::entries::Desk;
use crate::pages::loaded::Loaded;
use crate::words::{Doing, Way};
use prune::Prune;

/// Lists them while there is a file, to be downloaded, put back or removed.
#[component]
pub(super) fn Versions(entry: RwSignal<Option<Entry>>) -> impl IntoView {
    let desk = Desk::expect();
    let open = RwSignal::new(false);
    let list = RwSignal::new(Loaded::<Vec<Revision>>::Loading);
    let failure = RwSignal::new(None::<Failure>);
    let restoring = RwSignal::new(None::<u64>);
    let read = move || {
        // The page may be gone by now.
        let node = entry.try_with_untracked(|entry| entry.as_ref().map(|entry| entry.id.clone())).flatten();
        let Some(node) = node else { return };
        spawn_local(async move {
            let read = desk.client.revisions(node.clone()).await;
            // Another file, or none, may be asked about by now.
            let now = entry.try_with_untracked(|entry| entry.as_ref().is_some_and(|entry| entry.id == node));
            if now == Some(true) {
                list.set(read.into());
            }
        });
    };
    Effect::new(move |_| {
        if entry.with(Option::is_some) {
            list.set(Loaded::Loading);
            failure.set(None);
            open.set(true);
            read();
        }
    });
    Effect::new(move |_| {
        if !open.get() && entry.with_untracked(Option::is_some) {
            entry.set(None);
            // Nothing of it stays in the document.
            list.set(Loaded::Loading);
            desk.focus_again();
        }
    });
    let restore = Callback::new(move |number: u64| {
        let Some(before) = entry.get_untracked().filter(|_| restoring.get_untracked().is_none()) else { return };
        restoring.set(Some(number));
        failure.set(None);
        spawn_local(async move {
            let mark = desk.busy(std::slice::from_ref(&before.id));
            let restored = desk.client.restore_revision(before.id.clone(), number).await;
            drop(mark);
            _ = restoring.try_set(None);
            match restored {
                Ok(now) => {
                    desk.toaster.did("An older version is the newest again", &[now.name], None);
                    read();
                    desk.changed.try_run(());
                }
                Err(failed) => _ = failure.try_set(Some(failed)),
            }
        });
    });
    let go = move |way: Way| match way {
        Way::Reload => page::reload(),
        _ => {
            failure.set(None);
            read();
        }
    };
    let failed = Signal::derive(move || list.with(Loaded::failure).or(failure.get()));
    let name = move || entry.get().map(|entry| view! { <p class="named"><FileName name=entry.name/></p> });
    let rows = move || {
        let revisions = list.with(|list| list.shown().cloned()).unwrap_or_default();
        let newest = revisions.first().map(|revision| revision.number);
        let row = move |revision: Revision| {
            let is_newest = Some(revision.number) == newest;
            view! { <Row entry revision is_newest restoring restore/> }
        };
        revisions.into_iter().map(row).collect_view()
    };
    let older = Memo::new(move |_| list.with(|list| list.shown().map_or(0, |list| list.len().saturating_sub(1))));
    let pruned = Callback::new(move |()| read());
    view! {
        <Dialog id="versions-title" title="Versions" open>
            <div class="versions" data-testid="versions">
                {name}
                <Show when=move || list.with(Loaded::is_loading)>
                    <p class="mover-note" role="status"><span class="spinner" aria-hidden="true"></span>" Reading…"</p>
                </Show>
                // It may be longer than the dialog: the keyboard scrolls it.
                <ol class="version-list" tabindex="0" aria-label="Versions, the newest first">{rows}</ol>
                <FailureNotice failure=failed doing=Doing::Reading go/>
                <Show when=move || { older.get() > 0 }><Prune entry pruned/></Show>
                <div class="dialog-buttons">
                    <button type="button" class="button" data-testid="versions-close" on:click=move |_| open.set(false)>"Close"</button>
                </div>
            </div>
        </Dialog>
    }
}

#[component]
fn Row(
    entry: RwSignal<Option<Entry>>,
    revision: Revision,
    is_newest: bool,
    restoring: RwSignal<Option<u64>>,
    restore: Callback<u64>,
) -> impl IntoView {
    let desk = Desk::expect();
    let Revision { number, size, written_ms } = revision;
    let busy = move || restoring.get() == Some(number);
    let when = page::moment(written_ms);
    view! {
        <li class="version" data-testid="version" data-number=number.to_string()>
            <span class="version-words">
                <time>{when.clone()}</time>
                <span class="fine">{file_size(size)}{is_newest.then_some(" · now")}</span>
            </span>
            <button
                type="button"
                class="icon-button"
                data-testid="version-download"
                aria-label=format!("Download the version of {when}")
                title="Download"
                on:click=move |_| {
                    if let Some(entry) = entry.get_untracked() {
                        desk.client.download_revision(&entry, &revision);
                    }
                }
            >
                <Icon shape=Shape::Download/>
            </button>
            {(!is_newest).then(|| view! {
                <button
                    type="button"
                    class="button small quiet"
                    data-testid="version-restore"
                    aria-label=format!("Restore the version of {when}")
                    disabled=move || restoring.with(Option::is_some)
                    on:click=move |_| restore.run(number)
                >
                    {move || if busy() { "Restoring…" } else { "Restore" }}
                </button>
            })}
        </li>
    }
}
