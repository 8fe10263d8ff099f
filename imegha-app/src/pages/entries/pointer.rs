//! What mouse and finger do to the entries. The list listens for all of them: an entry has no listeners of its own.

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{DragEvent, Element, Event, MouseEvent};

use super::action::{Action, Shelf};
use super::desk::Desk;
use super::drag;
use super::press::Press;
use crate::components::Spot;

/// The listeners of one list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pointer {
    desk: Desk,
    press: Press,
}

impl Pointer {
    pub(super) fn new(desk: Desk) -> Self {
        Self { desk, press: Press::new(desk.by_finger) }
    }

    /// Chooses, or leaves a link to lead where it leads.
    pub(super) fn click(self, event: &MouseEvent) {
        let Some(id) = row_of(event).filter(|_| !is_in(event, CONTROLS)) else { return };
        let desk = self.desk;
        let (shift, control) = (event.shift_key(), event.ctrl_key() || event.meta_key());
        let finger = desk.by_finger.get_untracked();
        // In the trash nothing opens, so that a tap selects.
        let selecting =
            finger && (desk.shelf == Shelf::Trash || desk.selection.with_untracked(|selection| !selection.is_empty()));
        let was_long = self.press.was_long();
        if is_in(event, "a") {
            if !shift && !control && !selecting && !was_long {
                return;
            }
            event.prevent_default();
        }
        match (shift, control) {
            _ if was_long => {}
            (true, _) => desk.reach(&id),
            (false, true) => desk.selection.update(|selection| selection.toggle(&id)),
            (false, false) if selecting => desk.selection.update(|selection| selection.toggle(&id)),
            (false, false) if finger => open(desk, &id),
            (false, false) => desk.selection.update(|selection| selection.only(&id)),
        }
    }

    /// Opens.
    pub(super) fn double_click(self, event: &MouseEvent) {
        if let Some(id) = row_of(event).filter(|_| !is_in(event, CONTROLS) && !is_in(event, "a")) {
            self.desk.selection.update(|selection| selection.only(&id));
            self.desk.try_act(Action::Open);
        }
    }

    /// Opens the menu: of an entry, and of what is selected with it, or of the list itself.
    pub(super) fn menu(self, event: &MouseEvent) {
        event.prevent_default();
        let id = row_of(event);
        if self.desk.by_finger.get_untracked() && id.is_some() {
            // A long press, which selects.
            return;
        }
        match id {
            Some(id) => open_menu(self.desk, &id, Spot::of(event)),
            None => {
                self.desk.selection.update(|selection| selection.clear());
                self.desk.menu.set(Some(Spot::of(event)));
            }
        }
    }

    /// An entry was given the keyboard.
    pub(super) fn focused(self, event: &Event) {
        if let Some(id) = row_of(event)
            && self.desk.selection.with_untracked(|selection| selection.current() != Some(&id))
        {
            self.desk.selection.update(|selection| selection.go(&id));
        }
    }

    /// A finger, pen or mouse came down.
    pub(super) fn down(self, event: &web_sys::PointerEvent) {
        let id = row_of(event).filter(|_| !is_in(event, CONTROLS));
        self.press.down(event, move || {
            if let Some(id) = &id {
                self.desk.selection.update(|selection| selection.toggle(id));
            }
        });
    }

    pub(super) fn moved(self, event: &web_sys::PointerEvent) {
        self.press.moved(event);
    }

    pub(super) fn up(self) {
        self.press.up();
    }

    pub(super) fn drag_start(self, event: &DragEvent) {
        if let Some(id) = row_of(event) {
            drag::start(self.desk, &id, event);
        }
    }

    pub(super) fn drag_over(self, event: &DragEvent) {
        match folder_of(event) {
            Some(id) => drag::over(self.desk, Some(&id), event),
            None => self.desk.above.set(None),
        }
    }

    pub(super) fn drop(self, event: &DragEvent) {
        if let Some(id) = folder_of(event) {
            drag::land(self.desk, Some(&id), event);
        }
    }
}

/// Opens the menu of an entry, and of what is selected with it.
pub(super) fn open_menu(desk: Desk, id: &str, at: Spot) {
    desk.selection.update(|selection| if selection.has(id) { selection.go(id) } else { selection.only(id) });
    desk.menu.set(Some(at));
}

/// A tap opens, and leaves nothing selected.
fn open(desk: Desk, id: &str) {
    desk.selection.update(|selection| selection.only(id));
    desk.try_act(Action::Open);
    desk.selection.update(|selection| selection.clear());
}

/// The id of the entry that an event is about.
fn row_of(event: &Event) -> Option<String> {
    closest(event, ".entry")?.id().strip_prefix(ROW).map(str::to_owned)
}

/// The same, if it is a folder.
fn folder_of(event: &Event) -> Option<String> {
    closest(event, ".entry[data-kind=folder]")?.id().strip_prefix(ROW).map(str::to_owned)
}

fn is_in(event: &Event, selector: &str) -> bool {
    closest(event, selector).is_some()
}

fn closest(event: &Event, selector: &str) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest(selector).ok()?
}

/// What an entry's element is called: this and its id.
pub(super) const ROW: &str = "entry-";

/// What has a meaning of its own in an entry.
const CONTROLS: &str = "button, label, input, .entry-where";
