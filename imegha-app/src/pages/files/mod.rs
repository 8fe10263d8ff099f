//! The files: one folder at a time, and what is on its way.

mod crumbs;
mod drop_zone;
mod entry_list;
mod new_folder;

use imegha_worker::protocol::{Entry, Failure};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map};

use crate::bridge::{Client, FolderView, Picked, of_input, page};
use crate::components::{FailureNotice, Icon, Shape};
use crate::words::{Doing, Way};
use crumbs::Crumbs;
use drop_zone::DropZone;
use entry_list::EntryList;
use new_folder::NewFolder;

/// The page of a folder; the uppermost one without an id in the address.
#[component]
pub(crate) fn Files() -> impl IntoView {
    let client = Client::expect();
    let params = use_params_map();
    let folder = Memo::new(move |_| params.with(|params| params.get("folder")));

    let navigate = use_navigate();
    Effect::new({
        let navigate = navigate.clone();
        move |was_in: Option<bool>| {
            let folder = folder.get();
            let is_in = client.session.with(Option::is_some);
            if client.taking_up.get() || client.locked.with(Option::is_some) {
                // The keys may be there in a moment; and what is locked shows no page.
            } else if is_in {
                spawn_local(client.open(folder));
            } else if was_in == Some(true) && !client.ended.get_untracked() {
                // The person has just signed out.
                navigate("/", NavigateOptions { replace: true, ..Default::default() });
            } else {
                let next = folder.map_or_else(|| "/files".to_owned(), |folder| format!("/files/{folder}"));
                let options = NavigateOptions { replace: true, ..Default::default() };
                navigate(&format!("/sign-in?next={next}"), options);
            }
            is_in
        }
    });
    let failure = Signal::derive(move || {
        client.folder.with(|view| if let FolderView::Failed(failure) = view { Some(failure.clone()) } else { None })
    });
    let go = move |way: Way| match way {
        Way::Reload => page::reload(),
        Way::SignIn => navigate("/sign-in", NavigateOptions::default()),
        Way::Root => navigate("/files", NavigateOptions::default()),
        Way::Retry | Way::NewCode | Way::Mend => spawn_local(client.open(folder.get_untracked())),
    };
    let take = Callback::new(move |picked: Picked| {
        if let Some(id) = shown_folder(client) {
            client.upload(&id, picked);
        }
    });
    let is_empty = move || client.folder.with(|view| view.listing().is_some_and(|listing| listing.entries.is_empty()));
    let is_loading = move || client.folder.with(|view| *view == FolderView::Loading);
    let is_shown = Signal::derive(move || client.folder.with(|view| view.listing().is_some()));
    view! {
        <Title text="Files · iMegha"/>
        <section class="files" aria-busy=move || if is_loading() { "true" } else { "false" }>
            <div class="files-head">
                <Crumbs/>
                <Toolbar ready=is_shown/>
            </div>
            <FailureNotice failure doing=Doing::Listing go/>
            <Show when=is_loading><Skeleton/></Show>
            <Show when=is_empty><Empty/></Show>
            <EntryList/>
        </section>
        <DropZone take ready=is_shown/>
    }
}

/// The id of the folder on the screen.
fn shown_folder(client: Client) -> Option<String> {
    client.folder.with_untracked(|view| view.listing().map(|listing| listing.folder.clone()))
}

#[component]
fn Toolbar(ready: Signal<bool>) -> impl IntoView {
    let client = Client::expect();
    let input = NodeRef::<html::Input>::new();
    let naming = RwSignal::new(false);
    let chosen = move |_| {
        if let (Some(input), Some(folder)) = (input.get_untracked(), shown_folder(client)) {
            client.upload(&folder, of_input(&input));
        }
    };
    let choose = move |_| {
        if let Some(input) = input.get_untracked() {
            input.click();
        }
    };
    view! {
        <div class="toolbar">
            <button type="button" class="button quiet" data-testid="new-folder" disabled=move || !ready.get() on:click=move |_| naming.set(true)>
                <Icon shape=Shape::FolderPlus/>
                "New folder"
            </button>
            <button type="button" class="button" data-testid="upload" disabled=move || !ready.get() on:click=choose>
                <Icon shape=Shape::Upload/>
                "Upload files"
            </button>
            <input
                node_ref=input
                type="file"
                multiple
                hidden
                tabindex="-1"
                aria-label="Files to upload"
                data-testid="upload-input"
                on:change=chosen
            />
        </div>
        <NewFolder open=naming/>
    }
}

/// What stands in the list's place until it is there.
#[component]
fn Skeleton() -> impl IntoView {
    let row = |_| view! { <li class="entry"><span class="ghost square"></span><span class="ghost line"></span><span class="ghost short"></span></li> };
    view! {
        <div data-testid="loading">
            <p class="unseen" role="status">"Your files are being opened."</p>
            <ul class="entries" aria-hidden="true">{(0..6).map(row).collect_view()}</ul>
        </div>
    }
}

#[component]
fn Empty() -> impl IntoView {
    view! {
        <div class="empty" data-testid="empty">
            <svg class="drawing" viewBox="0 0 200 140" aria-hidden="true" focusable="false">
                <path class="d-soft" d="M52 118a32 32 0 0 1-5-63.5A48 48 0 0 1 137 40a40 40 0 0 1 12 78Z"/>
                <path class="d-sheet" d="M78 66h30l14 14v40H78Z"/>
                <path class="d-line" d="M78 66h30l14 14v40H78ZM108 66v14h14M100 110V92M92 99l8-8 8 8"/>
            </svg>
            <h2>"Nothing here yet"</h2>
            <p>"Drop files anywhere on this page, or choose them with “Upload files”. They are sealed before they leave this device."</p>
        </div>
    }
}

/// Whether an entry is a file, a folder, or what cannot be opened.
fn kind(entry: &Entry) -> &'static str {
    match entry {
        Entry { damaged: true, .. } => "damaged",
        Entry { folder: true, .. } => "folder",
        _ => "file",
    }
}

/// A failure as it is shown in one line.
fn short(failure: &Failure, doing: Doing) -> String {
    let words = crate::words::Words::of(failure, doing);
    format!("{}. {}", words.title, words.text)
}
