//! The trash: what was deleted, for thirty days.

use imegha_worker::protocol::Trashed;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;

use super::entries::{About, Action, Desk, EntryList, Item, KeySheet, SelectionBar, Shelf, Shortcuts, shortcuts};
use super::files::Skeleton;
use super::gate::{gate, reread_when_changed, way_on};
use super::loaded::{Loaded, reader};
use crate::bridge::{Client, Look};
use crate::components::{Dialog, EmptyPlace, FailureNotice, FileName, Icon, Places, Shape, forget_when_closed};
use crate::words::Doing;

/// What is to be removed for good, once the person has said so again.
#[derive(Clone, Debug, PartialEq)]
enum Doomed {
    /// These.
    Some(Vec<Item>),
    /// All that is there.
    All,
}

/// The page of the trash.
#[component]
pub(crate) fn Trash() -> impl IntoView {
    let client = Client::expect();
    let trash = RwSignal::new(Loaded::<Vec<Trashed>>::Loading);
    let doomed = RwSignal::new(None::<Doomed>);
    let look = Look::signal();
    // In the order in which it came: the latest first.
    let items = Memo::new(move |_| {
        trash.with(|trash| trash.shown().into_iter().flatten().cloned().map(item).collect::<Vec<_>>())
    });
    let (_, read) = reader(trash, move || client.list_trash());
    let act = Callback::new(move |(desk, action, chosen): (Desk, Action, Vec<Item>)| match action {
        Action::Restore => restore(desk, &chosen),
        Action::Purge => doomed.set(Some(Doomed::Some(chosen))),
        _ => {}
    });
    let desk = Desk::provide(Shelf::Trash, look, items, act, Callback::new(move |()| read()));
    let address = Memo::new(|_| "/trash".to_owned());
    gate(address, read);
    reread_when_changed(desk.changed);

    let failure = Signal::derive(move || trash.with(Loaded::failure));
    let go = way_on(move || {
        trash.set(Loaded::Loading);
        read();
    });
    let is_loading = move || trash.with(Loaded::is_loading);
    let is_empty = Memo::new(move |_| trash.with(|trash| trash.shown().is_some_and(Vec::is_empty)));
    let any = Memo::new(move |_| items.with(|items| !items.is_empty()));
    let sheet = RwSignal::new(false);
    shortcuts(desk, Shortcuts { search: None, new_folder: None, sheet });
    view! {
        <Title text="Trash · iMegha"/>
        <section class="desk files" aria-busy=move || if is_loading() { "true" } else { "false" }>
            <Places/>
            <div class="desk-main">
                <div class="files-head">
                    <h1 class="place-title">"Trash"</h1>
                    <div class="toolbar">
                        <button
                            type="button"
                            class="button quiet"
                            data-testid="empty-trash"
                            disabled=move || !any.get()
                            on:click=move |_| doomed.set(Some(Doomed::All))
                        >
                            <Icon shape=Shape::Purge/>
                            "Empty the trash"
                        </button>
                    </div>
                </div>
                <SelectionBar>
                    <p class="fine shelf-note">"What you delete stays here for 30 days, then it is removed for good."</p>
                </SelectionBar>
                <FailureNotice failure doing=Doing::Listing go/>
                <Show when=is_loading><Skeleton words="The trash is being opened."/></Show>
                <Show when=move || is_empty.get()><Empty/></Show>
                <EntryList label="Trash" found=false/>
            </div>
        </section>
        <Confirm doomed/>
        <KeySheet open=sheet/>
    }
}

/// Asks again, and removes for good.
#[component]
fn Confirm(doomed: RwSignal<Option<Doomed>>) -> impl IntoView {
    let desk = Desk::expect();
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(doomed.with(Option::is_some)));
    forget_when_closed(open, doomed);
    let what = move || match doomed.get() {
        Some(Doomed::Some(items)) => match items.as_slice() {
            [item] => {
                view! { <p class="named"><span>"This will be gone:"</span><FileName name=item.entry.name.clone()/></p> }
                    .into_any()
            }
            items => view! { <p>{format!("{} will be gone.", counted(items))}</p> }.into_any(),
        },
        Some(Doomed::All) => {
            view! { <p>{desk.items.with(|items| format!("All of it will be gone: {}.", counted(items)))}</p> }
                .into_any()
        }
        None => ().into_any(),
    };
    let purge = move |_| {
        if let Some(doomed) = doomed.get_untracked() {
            purge(desk, doomed);
        }
        doomed.set(None);
    };
    view! {
        <Dialog id="purge-title" title="Delete for ever?" open>
            <div data-testid="purge-ask">
                {what}
                <p>"This cannot be undone. Nobody can bring it back: neither you nor whoever runs this server."</p>
                <div class="dialog-buttons">
                    <button type="button" class="button quiet" data-testid="purge-cancel" on:click=move |_| open.set(false)>"Keep it"</button>
                    <button type="button" class="button danger" data-testid="purge-confirm" on:click=purge>"Delete for ever"</button>
                </div>
            </div>
        </Dialog>
    }
}

#[component]
fn Empty() -> impl IntoView {
    view! {
        <EmptyPlace
            testid="trash-empty"
            sheet="M76 64h44l-4 52H80Z"
            line="M70 64h56M88 64v-8h20v8M76 64l4 52h36l4-52M91 76v28M105 76v28"
            title="The trash is empty"
        >
            <p>"What you delete comes here first, and can be put back for 30 days."</p>
        </EmptyPlace>
    }
}

fn item(trashed: Trashed) -> Item {
    let Trashed { entry, trashed_ms, purged_ms, origin } = trashed;
    Item { entry, about: About::Trashed { trashed_ms, purged_ms, origin } }
}

fn restore(desk: Desk, items: &[Item]) {
    let ids: Vec<String> = items.iter().map(|item| item.entry.id.clone()).collect();
    let names: Vec<String> = items.iter().map(|item| item.entry.name.clone()).collect();
    spawn_local(async move {
        let busy = desk.busy(&ids);
        let done = desk.client.restore(ids).await;
        drop(busy);
        match done {
            Ok(()) => desk.toaster.did("Put back", &names, None),
            Err(failure) => desk.toaster.failed(&failure, Doing::Changing),
        }
        desk.changed.try_run(());
    });
}

fn purge(desk: Desk, doomed: Doomed) {
    let items = match &doomed {
        Doomed::Some(items) => items.clone(),
        Doomed::All => desk.items.get_untracked(),
    };
    let ids: Vec<String> = items.iter().map(|item| item.entry.id.clone()).collect();
    let names: Vec<String> = items.into_iter().map(|item| item.entry.name).collect();
    spawn_local(async move {
        let busy = desk.busy(&ids);
        let done = desk.client.purge((doomed != Doomed::All).then_some(ids)).await;
        drop(busy);
        match done {
            Ok(()) if doomed == Doomed::All => desk.toaster.did("The trash is empty", &[], None),
            Ok(()) => desk.toaster.did("Deleted for ever", &names, None),
            Err(failure) => desk.toaster.failed(&failure, Doing::Changing),
        }
        desk.changed.try_run(());
    });
}

/// How many files and folders.
fn counted(items: &[Item]) -> String {
    let folders = items.iter().filter(|item| item.entry.folder).count();
    let files = match items.len() - folders {
        0 => None,
        1 => Some("1 file".to_owned()),
        many => Some(format!("{many} files")),
    };
    let folders = match folders {
        0 => None,
        1 => Some("1 folder with all in it".to_owned()),
        many => Some(format!("{many} folders with all in them")),
    };
    files.into_iter().chain(folders).collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::entries::samples;

    #[test]
    fn what_will_be_gone_is_counted() {
        let of = |folder: bool| {
            let entry = if folder { samples::folder("") } else { samples::file("", "", 0, 0) };
            Item { entry, about: About::Here }
        };
        for (items, expected) in [
            (vec![of(false)], "1 file"),
            (vec![of(true), of(false), of(false)], "2 files and 1 folder with all in it"),
            (vec![of(true), of(true)], "2 folders with all in them"),
        ] {
            assert_eq!(counted(&items), expected);
        }
    }
}
