//! What brings something into the folder on the screen.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::HtmlInputElement;

use super::new_folder::NewFolder;
use crate::bridge::{Client, choose_files, chosen, of_input, remembers_files};
use crate::components::{Icon, Shape};
use crate::pages::entries::shown_folder;

/// The buttons' elements and dialogs, for who presses them from elsewhere: a menu, a key.
#[derive(Clone, Copy)]
pub(super) struct Tools {
    /// Whether the name of a new folder is asked for.
    pub(super) naming: RwSignal<bool>,
    files: NodeRef<html::Input>,
    folder: NodeRef<html::Input>,
}

impl Tools {
    pub(super) fn new() -> Self {
        Self { naming: RwSignal::new(false), files: NodeRef::new(), folder: NodeRef::new() }
    }

    /// Lets the person choose files: by a picker whose files the browser finds again after a reload, where it has one.
    pub(super) fn choose_files(self, client: Client) {
        if !remembers_files() {
            return press(self.files);
        }
        let Some(folder) = shown_folder(client) else { return };
        spawn_local(async move {
            match choose_files().await {
                Some(handles) => client.upload(&folder, chosen(handles)),
                None => press(self.files),
            }
        });
    }

    /// Lets the person choose a folder.
    pub(super) fn choose_folder(self) {
        press(self.folder);
    }
}

fn press(input: NodeRef<html::Input>) {
    if let Some(input) = input.get_untracked() {
        input.click();
    }
}

/// The buttons.
#[component]
pub(super) fn Toolbar(
    tools: Tools,
    /// Whether there is a folder on the screen.
    ready: Signal<bool>,
) -> impl IntoView {
    let client = Client::expect();
    let take = move |input: NodeRef<html::Input>| {
        let input: Option<HtmlInputElement> = input.get_untracked();
        if let (Some(input), Some(folder)) = (input, shown_folder(client)) {
            client.upload(&folder, of_input(&input));
        }
    };
    view! {
        <div class="toolbar">
            <button type="button" class="button quiet" data-testid="new-folder" disabled=move || !ready.get() on:click=move |_| tools.naming.set(true)>
                <Icon shape=Shape::FolderPlus/>
                "New folder"
            </button>
            <button type="button" class="button" data-testid="upload" disabled=move || !ready.get() on:click=move |_| tools.choose_files(client)>
                <Icon shape=Shape::Upload/>
                "Upload files"
            </button>
            <input
                node_ref=tools.files
                type="file"
                multiple
                hidden
                tabindex="-1"
                aria-label="Files to upload"
                data-testid="upload-input"
                on:change=move |_| take(tools.files)
            />
            <input
                node_ref=tools.folder
                type="file"
                prop:webkitdirectory=true
                hidden
                tabindex="-1"
                aria-label="Folder to upload"
                data-testid="upload-folder-input"
                on:change=move |_| take(tools.folder)
            />
        </div>
        <NewFolder open=tools.naming/>
    }
}
