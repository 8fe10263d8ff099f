//! Choosing the folder that something is moved to.

use imegha_worker::protocol::{Crumb, Entry, Failure, Listing};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::name::refusal;
use crate::bridge::FolderView;
use crate::components::{Dialog, FileName, Icon, MakeHere, Making, Shape, forget_when_closed};
use crate::pages::entries::{About, Desk, Item, move_entries, natural, shown_folder};
use crate::words::{Doing, short};

/// Asks where to, while there is something to move.
#[component]
pub(super) fn MoveDialog(items: RwSignal<Vec<Item>>) -> impl IntoView {
    let desk = Desk::expect();
    let open = RwSignal::new(false);
    let place = Place { desk, view: RwSignal::new(FolderView::Loading), turn: RwSignal::new(0) };
    Effect::new(move |_| {
        if items.with(|items| !items.is_empty()) {
            place.open(shown_folder(desk.client));
            open.set(true);
        }
    });
    forget_when_closed(open, items);
    let target = move || place.view.with(|view| view.listing().map(|listing| listing.folder.clone()));
    let can_move = move || target().is_some_and(|target| !items.with(|items| are_all_in(items, desk, &target)));
    let go = move |_| {
        let (moved, target) = (items.get_untracked(), untrack(target));
        open.set(false);
        if target.is_some() {
            move_entries(desk, moved, target);
        }
    };
    view! {
        <Dialog id="move-title" title="Move to" open>
            <div class="mover" data-testid="mover">
                {move || items.with(|items| match items.as_slice() {
                    [item] => view! { <p class="named fine"><FileName name=item.entry.name.clone()/></p> }.into_any(),
                    items => view! { <p class="fine">{format!("{} items", items.len())}</p> }.into_any(),
                })}
                <Path place/>
                <Folders place items/>
                <NewFolderHere place/>
                <div class="dialog-buttons">
                    <button type="button" class="button quiet" data-testid="move-cancel" on:click=move |_| open.set(false)>"Cancel"</button>
                    <button type="button" class="button" data-testid="move-here" disabled=move || !can_move() on:click=go>"Move here"</button>
                </div>
            </div>
        </Dialog>
    }
}

/// The folder that is looked into.
#[derive(Clone, Copy)]
struct Place {
    desk: Desk,
    view: RwSignal<FolderView>,
    /// How often one was asked for: only the answer to the last counts.
    turn: RwSignal<u32>,
}

impl Place {
    fn open(self, folder: Option<String>) {
        self.turn.update(|turn| *turn = turn.wrapping_add(1));
        let turn = self.turn.get_untracked();
        self.view.set(FolderView::Loading);
        spawn_local(async move {
            let view = match self.desk.client.list(folder).await {
                Ok(listing) => FolderView::Shown(listing),
                Err(failure) => FolderView::Failed(failure),
            };
            if self.turn.try_get_untracked() == Some(turn) {
                self.view.set(view);
            }
        });
    }
}

/// The way to the folder, each step a button.
#[component]
fn Path(place: Place) -> impl IntoView {
    let step = move |crumb: Option<Crumb>, is_last: bool| {
        let (id, name) = crumb.map_or((None, "My files".to_owned()), |crumb| (Some(crumb.id), crumb.name));
        view! {
            <li>
                <button
                    type="button"
                    class="mover-step"
                    aria-current=is_last.then_some("location")
                    on:click=move |_| place.open(id.clone())
                >
                    <FileName name/>
                </button>
            </li>
        }
    };
    let steps = move || {
        let path = place.view.with(|view| view.listing().map(|listing| listing.path.clone())).unwrap_or_default();
        let last = path.len();
        let way = std::iter::once(None).chain(path.into_iter().map(Some)).enumerate();
        way.map(|(index, crumb)| step(crumb, index == last)).collect_view()
    };
    view! { <ol class="mover-path" aria-label="Where to" data-testid="mover-path">{steps}</ol> }
}

/// The folders in it.
#[component]
fn Folders(place: Place, items: RwSignal<Vec<Item>>) -> impl IntoView {
    let line = move |folder: Entry| {
        let is_moved = items.with(|items| items.iter().any(|item| item.entry.id == folder.id));
        let (id, name, shown) = (folder.id, folder.name.clone(), folder.name);
        view! {
            <li>
                <button
                    type="button"
                    class="mover-folder"
                    disabled=is_moved
                    data-testid="mover-folder"
                    data-name=name
                    on:click=move |_| place.open(Some(id.clone()))
                >
                    <Icon shape=Shape::Folder/>
                    <FileName name=shown/>
                    <Icon shape=Shape::ChevronRight/>
                </button>
            </li>
        }
    };
    let list = move || match place.view.get() {
        FolderView::Loading => view! { <p class="mover-note" role="status">"Opening…"</p> }.into_any(),
        FolderView::Failed(failure) => view! {
            <p class="mover-note" role="alert">{short(&failure, Doing::Listing)}</p>
            <button type="button" class="button small" on:click=move |_| place.open(None)>"To my files"</button>
        }
        .into_any(),
        FolderView::Shown(listing) => {
            let folders = folders(listing);
            if folders.is_empty() {
                view! { <p class="mover-note" data-testid="mover-empty">"No folders in here."</p> }.into_any()
            } else {
                view! { <ul>{folders.into_iter().map(line).collect_view()}</ul> }.into_any()
            }
        }
    };
    view! { <div class="mover-list">{list}</div> }
}

/// Makes a folder in it, and goes there.
#[component]
fn NewFolderHere(place: Place) -> impl IntoView {
    let (name, problem) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (asked, busy) = (RwSignal::new(false), RwSignal::new(false));
    let make = move || {
        let wanted = name.get_untracked().trim().to_owned();
        let parent = place.view.with_untracked(|view| view.listing().map(|listing| listing.folder.clone()));
        let Some(parent) = parent.filter(|_| !busy.get_untracked()) else { return };
        if let Some(code) = refusal(&wanted) {
            problem.set(short(&Failure { code, ms: None }, Doing::CreatingFolder));
            return;
        }
        problem.set(String::new());
        busy.set(true);
        spawn_local(async move {
            match place.desk.client.make_folder(parent, wanted).await {
                Ok(folder) => {
                    place.open(Some(folder.id));
                    asked.try_set(false);
                    name.try_set(String::new());
                }
                Err(failed) => _ = problem.try_set(short(&failed, Doing::CreatingFolder)),
            }
            busy.try_set(false);
        });
    };
    view! { <MakeHere making=FOLDER asked name problem busy make=Callback::new(move |()| make())/> }
}

/// The folders of a listing, as people count.
fn folders(listing: Listing) -> Vec<Entry> {
    let mut folders: Vec<Entry> = listing.entries.into_iter().filter(|entry| entry.folder && !entry.damaged).collect();
    folders.sort_by(|a, b| natural(&a.name, &b.name));
    folders
}

/// Whether moving them there would change nothing.
fn are_all_in(items: &[Item], desk: Desk, target: &str) -> bool {
    let here = shown_folder(desk.client);
    items.iter().all(|item| match &item.about {
        About::Here => here.as_deref() == Some(target),
        About::In { folder, .. } => folder == target,
        About::Trashed { .. } => true,
    })
}

const FOLDER: Making = Making {
    new: ("New folder", Shape::FolderPlus),
    label: "Name of the new folder",
    field: "mover-folder-name",
    busy: "Make",
    testids: ["mover-new-folder", "mover-make"],
};
