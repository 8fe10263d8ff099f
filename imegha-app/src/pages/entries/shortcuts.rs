//! The keys that work wherever the keyboard is on the page.

use leptos::ev;
use leptos::prelude::*;

use super::desk::Desk;
use super::keys::{Command, Key};
use crate::bridge::{Client, page};
use crate::components::Toaster;

/// What the page does when a key asks for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shortcuts {
    /// The id of the field in which one searches, where there is one.
    pub(crate) search: Option<&'static str>,
    /// Asks for a new folder, where one can be made.
    pub(crate) new_folder: Option<Callback<()>>,
    /// Whether the sheet of keys is open.
    pub(crate) sheet: RwSignal<bool>,
}

/// Listens for them as long as the page is there.
pub(crate) fn shortcuts(desk: Desk, shortcuts: Shortcuts) {
    let (client, toaster) = (Client::expect(), Toaster::expect());
    let listener = window_event_listener(ev::keydown, move |event| {
        if event.default_prevented() || page::keys_are_taken() {
            return;
        }
        let name = event.key();
        let (control, shift, alt) = (event.ctrl_key() || event.meta_key(), event.shift_key(), event.alt_key());
        let key = Key { name: &name, control, shift, alt };
        // From nowhere in particular the arrows go to the list.
        let enters = matches!(name.as_str(), "ArrowDown" | "ArrowUp") && !control && !shift && !alt;
        if enters && page::focus_is_on_page() {
            let first = desk.items.with_untracked(|items| items.first().map(|item| item.entry.id.clone()));
            let current = desk.selection.with_untracked(|selection| selection.current().map(str::to_owned));
            if let Some(id) = current.or(first) {
                event.prevent_default();
                desk.selection.update(|selection| selection.only(&id));
                desk.focus(&id);
            }
            return;
        }
        let letters = desk.look.with_untracked(|look| look.letters);
        match (key.on_page(letters), shortcuts) {
            (Some(Command::All), _) => desk.select_all(),
            // Not kept from the browser, which closes by Escape what it has opened: the account's menu.
            (Some(Command::Clear), _) => return desk.selection.update(|selection| selection.clear()),
            (Some(Command::Undo), _) => toaster.undo_last(client),
            (Some(Command::Keys), Shortcuts { sheet, .. }) => sheet.set(true),
            (Some(Command::Search), Shortcuts { search: Some(id), .. }) => {
                // What is selected stands in the field's place.
                desk.selection.update(|selection| selection.clear());
                request_animation_frame(move || page::focus(id));
            }
            (Some(Command::NewFolder), Shortcuts { new_folder: Some(make), .. }) => make.run(()),
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || listener.remove());
}
