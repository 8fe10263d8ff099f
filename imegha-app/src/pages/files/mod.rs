//! The files: one folder at a time, or what was found in all of them.

mod crumbs;
mod damaged;
mod drop_zone;
mod move_dialog;
mod name;
mod new_folder;
mod rename;
mod search;
mod states;
mod toolbar;
mod versions;

use imegha_worker::protocol::{Entry, Hit};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map};

use super::albums::AddToAlbum;
use super::entries::{
    About, Action, Conflict, Desk, EntryList, Item, KeySheet, LookTools, SelectionBar, Shelf, Shortcuts, compare,
    contains, shortcuts, shown_folder,
};
use super::gate::{gate, reread_when_changed};
use crate::bridge::{Client, FolderView, Look, Picked, Undo, page};
use crate::components::{FailureNotice, Icon, Places, Shape};
use crate::words::{Doing, Way};
use crumbs::Crumbs;
use damaged::Damaged;
use drop_zone::DropZone;
use move_dialog::MoveDialog;
use rename::Rename;
use search::{FIELD, Found, Search, SearchField, SearchLine};
pub(super) use states::Skeleton;
use states::{Empty, NothingFound};
use toolbar::{Toolbar, Tools};
use versions::Versions;

/// The page of a folder; the uppermost one without an id in the address.
#[component]
pub(crate) fn Files() -> impl IntoView {
    let client = Client::expect();
    let params = use_params_map();
    let folder = Memo::new(move |_| params.with(|params| params.get("folder")));
    let address = Memo::new(move |_| folder.get().map_or("/files".to_owned(), |folder| format!("/files/{folder}")));
    let navigate = use_navigate();

    let (search, tools) = (Search::new(), Tools::new());
    let (renaming, moving, damaged) = (RwSignal::new(None), RwSignal::new(vec![]), RwSignal::new(None));
    let (versions, adding) = (RwSignal::new(None), RwSignal::new(vec![]));
    let look = Look::signal();
    let items = Memo::new(move |_| sorted(look.get(), items(client, search)));
    let act = Callback::new({
        let navigate = navigate.clone();
        move |(desk, action, chosen): (Desk, Action, Vec<Item>)| match (action, chosen.as_slice()) {
            (Action::Open, [Item { entry, .. }]) if entry.damaged => damaged.set(Some(entry.id.clone())),
            (Action::Open, [Item { entry, .. }]) if entry.folder => {
                navigate(&format!("/files/{}", entry.id), NavigateOptions::default());
            }
            (Action::Open, [Item { entry, .. }]) => {
                let beside = items.with_untracked(|items| items.iter().map(|item| item.entry.clone()).collect());
                client.look_at(entry.clone(), beside);
            }
            (Action::Download, files) => files.iter().for_each(|item| client.download(&item.entry)),
            (Action::Versions, [Item { entry, .. }]) => versions.set(Some(entry.clone())),
            (Action::Activity, [Item { entry, .. }]) => {
                navigate(&format!("/settings/activity/{}", entry.id), NavigateOptions::default());
            }
            (Action::Rename, [Item { entry, .. }]) => renaming.set(Some(entry.clone())),
            (Action::Move, _) => moving.set(chosen),
            (Action::AddToAlbum, _) => adding.set(chosen.into_iter().map(|item| item.entry).collect()),
            (Action::Trash, _) => trash(desk, &chosen),
            (Action::NewFolder, _) => tools.naming.set(true),
            (Action::Upload, _) => tools.choose_files(client),
            (Action::UploadFolder, _) => tools.choose_folder(),
            _ => {}
        }
    });
    let changed = Callback::new(move |()| {
        if search.found.with_untracked(|found| matches!(found, Found::Hits { .. })) {
            search.again(client);
        }
    });
    let desk = Desk::provide(Shelf::Files, look, items, act, changed);
    gate(address, move || {
        search.clear();
        desk.selection.set(Default::default());
        spawn_local(client.open(folder.get_untracked()));
    });
    reread_when_changed(changed);

    let failure = Signal::derive(move || {
        let of_search =
            search.found.with(|found| if let Found::Failed(failure) = found { Some(failure.clone()) } else { None });
        let of_folder = client
            .folder
            .with(|view| if let FolderView::Failed(failure) = view { Some(failure.clone()) } else { None });
        of_folder.or(of_search)
    });
    let go = move |way: Way| match way {
        Way::Reload => page::reload(),
        Way::SignIn => navigate("/sign-in", NavigateOptions::default()),
        Way::Connect | Way::Cloud => navigate("/settings/cloud", NavigateOptions::default()),
        Way::Root => navigate("/files", NavigateOptions::default()),
        _ if search.found.with_untracked(|found| matches!(found, Found::Failed(_))) => search.everywhere(client),
        Way::Albums | Way::People | Way::Retry | Way::NewCode | Way::Mend => {
            spawn_local(client.open(folder.get_untracked()))
        }
    };
    let take = Callback::new(move |picked: Picked| {
        if let Some(id) = shown_folder(client) {
            client.upload(&id, picked);
        }
    });

    let is_shown = Memo::new(move |_| client.folder.with(|view| view.listing().is_some()));
    let is_loading = move || client.folder.with(|view| *view == FolderView::Loading);
    let is_bare =
        Memo::new(move |_| client.folder.with(|view| view.listing().is_some_and(|listing| listing.entries.is_empty())));
    let is_asked = Memo::new(move |_| search.typed.with(|typed| !typed.trim().is_empty()));
    let everywhere = Memo::new(move |_| search.is_everywhere());
    let looking = move || search.found.with(|found| *found == Found::Looking);
    let nothing = Memo::new(move |_| is_shown.get() && is_asked.get() && items.with(Vec::is_empty));
    let shown = Signal::derive(move || items.with(Vec::len));
    let look_everywhere = Callback::new(move |()| search.everywhere(client));

    let sheet = RwSignal::new(false);
    let new_folder = Callback::new(move |()| {
        if is_shown.get_untracked() {
            tools.naming.set(true)
        }
    });
    shortcuts(desk, Shortcuts { search: Some(FIELD), new_folder: Some(new_folder), sheet });
    view! {
        <Title text="Files · iMegha"/>
        <section class="desk files" aria-busy=move || if is_loading() { "true" } else { "false" }>
            <Places/>
            <div class="desk-main">
                <div class="files-head">
                    <Crumbs/>
                    <Toolbar tools ready=is_shown.into()/>
                </div>
                <SelectionBar>
                    <SearchField search/>
                    <LookTools/>
                    <button
                        type="button"
                        class="icon-button wide-only"
                        data-testid="show-keys"
                        aria-label="Keys"
                        title="Keys (?)"
                        on:click=move |_| sheet.set(true)
                    >
                        <Icon shape=Shape::Keys/>
                    </button>
                </SelectionBar>
                <SearchLine search shown/>
                <FailureNotice failure doing=Doing::Listing go/>
                <Show when=is_loading><Skeleton words="Your files are being opened."/></Show>
                <Show when=move || is_bare.get() && !is_asked.get()><Empty/></Show>
                <Show when=move || nothing.get() && !looking()>
                    <NothingFound everywhere=everywhere.get_untracked() look=look_everywhere/>
                </Show>
                <EntryList label="Files and folders" found=everywhere/>
            </div>
        </section>
        <Rename entry=renaming/>
        <Versions entry=versions/>
        <MoveDialog items=moving/>
        <AddToAlbum files=adding done=Callback::new(move |()| desk.focus_again())/>
        <Conflict/>
        <Damaged entry=damaged/>
        <KeySheet open=sheet/>
        <DropZone take ready=is_shown.into()/>
    }
}

/// What the list shows: what was found, or what of the folder fits what is typed.
fn items(client: Client, search: Search) -> Vec<Item> {
    let found = search.found.with(|found| match found {
        Found::Hits { hits, .. } => Some(hits.clone()),
        _ => None,
    });
    if let Some(hits) = found {
        let item = |hit: Hit| Item { entry: hit.entry, about: About::In { folder: hit.folder, path: hit.path } };
        return hits.into_iter().map(item).collect();
    }
    let fits = |entry: &&Entry| search.typed.with(|typed| contains(&entry.name, typed));
    client.folder.with(|view| {
        let entries = view.listing().map(|listing| listing.entries.as_slice()).unwrap_or_default();
        entries.iter().filter(fits).map(|entry| Item { entry: entry.clone(), about: About::Here }).collect()
    })
}

fn sorted(look: Look, mut items: Vec<Item>) -> Vec<Item> {
    items.sort_by(|a, b| compare(look, &a.entry, &b.entry));
    items
}

/// Moves what is selected to the trash.
fn trash(desk: Desk, items: &[Item]) {
    let ids: Vec<String> = items.iter().map(|item| item.entry.id.clone()).collect();
    let names: Vec<String> = items.iter().map(|item| item.entry.name.clone()).collect();
    spawn_local(async move {
        let busy = desk.busy(&ids);
        let done = desk.client.trash(ids.clone()).await;
        drop(busy);
        match done {
            Ok(()) => {
                desk.toaster.did("Moved to the trash", &names, Some(Undo::Restore(ids)));
                desk.changed.try_run(());
            }
            Err(failure) => desk.toaster.failed(&failure, Doing::Changing),
        }
    });
}
