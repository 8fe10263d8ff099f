//! Giving a file or folder another name.

use imegha_worker::protocol::{Entry, Failure};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::name::refusal;
use crate::bridge::{Undo, page};
use crate::components::{BusyButton, Dialog, Field, forget_when_closed};
use crate::pages::entries::Desk;
use crate::words::{Doing, short};

/// Asks for the new name of an entry.
#[component]
pub(super) fn Rename(entry: RwSignal<Option<Entry>>) -> impl IntoView {
    let desk = Desk::expect();
    let (open, busy) = (RwSignal::new(false), RwSignal::new(false));
    let (name, problem) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    Effect::new(move |_| {
        if let Some(entry) = entry.get() {
            let letters = stem(&entry);
            name.set(entry.name);
            problem.set(String::new());
            open.set(true);
            request_animation_frame(move || page::select_start(FIELD, letters));
        }
    });
    forget_when_closed(open, entry);
    let rename = move || {
        let Some(before) = entry.get_untracked().filter(|_| !busy.get_untracked()) else { return };
        let wanted = name.get_untracked().trim().to_owned();
        if wanted == before.name {
            open.set(false);
            return;
        }
        if let Some(refused) = refusal(&wanted) {
            problem.set(short(&Failure { code: refused, ms: None }, Doing::Changing));
            page::focus(FIELD);
            return;
        }
        problem.set(String::new());
        busy.set(true);
        spawn_local(async move {
            let mark = desk.busy(std::slice::from_ref(&before.id));
            let renamed = desk.client.rename(before.id.clone(), wanted).await;
            drop(mark);
            match renamed {
                Ok(now) => {
                    let undo = Undo::Rename { node: before.id, name: before.name };
                    desk.toaster.did("Renamed to", &[now.name], Some(undo));
                    open.try_set(false);
                    // The dialog gives it back to a row that has been drawn anew since.
                    desk.focus_again();
                    desk.changed.try_run(());
                }
                Err(failed) => {
                    problem.try_set(short(&failed, Doing::Changing));
                    page::focus(FIELD);
                }
            }
            busy.try_set(false);
        });
    };
    view! {
        <Dialog id="rename-title" title="Rename" open>
            <form
                class="form"
                novalidate
                on:submit=move |event| {
                    event.prevent_default();
                    rename();
                }
            >
                <Field id=FIELD label="Name" value=name problem/>
                <div class="dialog-buttons">
                    <button type="button" class="button quiet" on:click=move |_| open.set(false)>"Cancel"</button>
                    <BusyButton label="Rename" busy_label="Renaming…" busy testid="rename"/>
                </div>
            </form>
        </Dialog>
    }
}

/// How many letters of a name, as JavaScript counts them, come before its extension.
fn stem(entry: &Entry) -> u32 {
    let name = &entry.name;
    let end = match name.rfind('.') {
        Some(dot) if dot > 0 && !entry.folder => dot,
        _ => name.len(),
    };
    name[..end].encode_utf16().count().try_into().unwrap_or(u32::MAX)
}

const FIELD: &str = "new-name";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::entries::samples;

    #[test]
    fn the_extension_is_left_out() {
        let entry = |name: &str, folder| Entry { folder, ..samples::file(name, "", 0, 0) };
        for (name, folder, letters) in [
            ("photo.jpg", false, 5),
            ("v1.2", true, 4),
            (".config", false, 7),
            ("a.tar.gz", false, 5),
            ("👩.png", false, 2),
        ] {
            assert_eq!(stem(&entry(name, folder)), letters, "{name}");
        }
    }
}
