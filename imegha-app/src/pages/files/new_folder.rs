//! Making a folder.

use imegha_worker::protocol::Failure;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::name::refusal;
use crate::bridge::{Client, page};
use crate::components::{BusyButton, Dialog, Field};
use crate::pages::entries::shown_folder;
use crate::words::{Doing, short};

/// Asks for a name, and makes the folder.
#[component]
pub(super) fn NewFolder(open: RwSignal<bool>) -> impl IntoView {
    let client = Client::expect();
    let name = RwSignal::new(String::new());
    let problem = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    Effect::new(move |_| {
        if open.get() {
            name.set(String::new());
            problem.set(String::new());
            page::focus("folder-name");
        }
    });
    let create = move || {
        if busy.get_untracked() {
            return;
        }
        let wanted = name.get_untracked().trim().to_owned();
        if let Some(refused) = refusal(&wanted) {
            problem.set(short(&Failure { code: refused, ms: None }, Doing::CreatingFolder));
            page::focus("folder-name");
            return;
        }
        let Some(parent) = shown_folder(client) else { return };
        problem.set(String::new());
        busy.set(true);
        spawn_local(async move {
            match client.create_folder(parent, wanted).await {
                Ok(()) => _ = open.try_set(false),
                Err(failed) => _ = problem.try_set(short(&failed, Doing::CreatingFolder)),
            }
            busy.try_set(false);
        });
    };
    view! {
        <Dialog id="new-folder-title" title="New folder" open>
            <form
                class="form"
                novalidate
                on:submit=move |event| {
                    event.prevent_default();
                    create();
                }
            >
                <Field id="folder-name" label="Name" value=name problem/>
                <div class="dialog-buttons">
                    <button type="button" class="button quiet" on:click=move |_| open.set(false)>"Cancel"</button>
                    <BusyButton label="Make folder" busy_label="Making it…" busy testid="create-folder"/>
                </div>
            </form>
        </Dialog>
    }
}
