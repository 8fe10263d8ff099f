//! Everything as plain files: to a folder, or as an archive.

use imegha_worker::protocol::Exported;
use leptos::prelude::*;

use crate::bridge::{Client, Exporting, chooses_folders, page};
use crate::components::{Dialog, FailureNotice, FileName, file_size};
use crate::words::{Doing, Way};

/// The dialog that the account menu opens. Closed, the export goes on, and opened again it says how it stands.
#[component]
pub(crate) fn ExportDialog() -> impl IntoView {
    let client = Client::expect();
    let revisions = RwSignal::new(false);
    let stand = move || client.exporting.get();
    view! {
        <Dialog id="export-title" title="Export everything" open=client.export_shown>
            <div class="export" data-testid="export" data-state=move || state_name(&stand())>
                {move || match stand() {
                    None => choice(client, revisions),
                    Some(Exporting::Running { files, bytes, .. }) => running(client, files, bytes),
                    Some(Exporting::Done(exported)) => done(client, exported),
                    Some(Exporting::Failed(failure)) => {
                        let go = move |way: Way| {
                            if way == Way::Reload { page::reload() } else { client.exporting.set(None) }
                        };
                        view! { <FailureNotice failure=Signal::stored(Some(failure)) doing=Doing::Exporting go=go/> }.into_any()
                    }
                }}
            </div>
        </Dialog>
    }
}

fn choice(client: Client, revisions: RwSignal<bool>) -> AnyView {
    let to_folders = chooses_folders();
    view! {
        <p>
            "All your folders and files, decrypted on this device and written as plain files, with a manifest of names, times and SHA-256. \
             Whoever can read where they are written can read them."
        </p>
        <label class="check">
            <input
                type="checkbox"
                data-testid="export-revisions"
                prop:checked=revisions
                on:change=move |event| revisions.set(event_target_checked(&event))
            />
            <span>"Older versions of files too"</span>
        </label>
        <div class="dialog-buttons">
            <button
                type="button"
                class="button"
                class:quiet=to_folders
                data-testid="export-archive"
                on:click=move |_| client.export(false, revisions.get_untracked())
            >
                "Save an archive (tar)"
            </button>
            <button
                type="button"
                class="button"
                data-testid="export-folder"
                hidden=!to_folders
                on:click=move |_| client.export(true, revisions.get_untracked())
            >
                "Choose a folder…"
            </button>
        </div>
    }
    .into_any()
}

fn running(client: Client, files: u64, bytes: u64) -> AnyView {
    view! {
        <p role="status" data-testid="export-progress">
            <span class="spinner" aria-hidden="true"></span>
            {format!(" {} so far, {}", count(files, "file"), file_size(bytes))}
        </p>
        <p class="fine">"You can close this and go on; the page has to stay open."</p>
        <div class="dialog-buttons">
            <button type="button" class="button quiet" data-testid="export-stop" on:click=move |_| client.stop_export()>"Stop"</button>
            <button type="button" class="button" on:click=move |_| client.export_shown.set(false)>"Close"</button>
        </div>
    }
    .into_any()
}

fn done(client: Client, exported: Exported) -> AnyView {
    let Exported { folders, files, bytes, failed, named, changed } = exported;
    let more = failed.saturating_sub(named.len() as u64);
    view! {
        <p role="status" data-testid="export-done">
            {format!("Exported {} and {}, {}. Every file was verified.", count(folders, "folder"), count(files, "file"), file_size(bytes))}
        </p>
        <div hidden=failed == 0 data-testid="export-failed">
            <p>{format!("{failed} could not be exported, being damaged or not there any more. The manifest says why:")}</p>
            <ul class="export-failed">
                {named.into_iter().map(|name| view! { <li><FileName name/></li> }).collect_view()}
            </ul>
            <p hidden=more == 0>{format!("and {more} more")}</p>
        </div>
        <p class="fine" hidden=!changed>"Something was changed meanwhile: another export has it."</p>
        <div class="dialog-buttons">
            <button
                type="button"
                class="button"
                data-testid="export-close"
                on:click=move |_| {
                    client.export_shown.set(false);
                    client.exporting.set(None);
                }
            >
                "Close"
            </button>
        </div>
    }
    .into_any()
}

fn state_name(stand: &Option<Exporting>) -> &'static str {
    match stand {
        None => "choice",
        Some(Exporting::Running { .. }) => "running",
        Some(Exporting::Done(_)) => "done",
        Some(Exporting::Failed(_)) => "failed",
    }
}

fn count(number: u64, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}
