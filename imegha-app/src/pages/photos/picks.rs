//! Which pictures are selected, and which one has the keyboard.

use imegha_worker::protocol::Entry;
use leptos::ev;
use leptos::prelude::*;
use web_sys::{KeyboardEvent, MouseEvent, PointerEvent};

use crate::bridge::{Selection, page};
use crate::pages::entries::Press;

/// The pictures of a page, and what a person does with them before anything is done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Picks {
    /// The pictures in their order.
    pub(crate) entries: Memo<Vec<Entry>>,
    /// Those that are selected.
    pub(crate) selection: RwSignal<Selection>,
    by_finger: RwSignal<bool>,
    press: Press,
}

impl Picks {
    /// None of these, at first. Keys work as long as the page is there: all with Ctrl + A, none with Escape.
    pub(crate) fn new(entries: Memo<Vec<Entry>>) -> Self {
        let by_finger = RwSignal::new(false);
        let picks =
            Self { entries, selection: RwSignal::new(Selection::default()), by_finger, press: Press::new(by_finger) };
        // What goes takes its selection with it.
        Effect::new(move |before: Option<Vec<String>>| {
            let now = entries.with(|entries| entries.iter().map(|entry| entry.id.clone()).collect::<Vec<_>>());
            if let Some(before) = before.filter(|before| *before != now) {
                picks.selection.update(|selection| selection.keep(&before, &now));
                picks.focus_again();
            }
            now
        });
        let keys = window_event_listener(ev::keydown, move |event| {
            if event.default_prevented() || page::keys_are_taken() {
                return;
            }
            match (event.key().as_str(), event.ctrl_key() || event.meta_key()) {
                ("a", true) if !event.shift_key() && !event.alt_key() => {
                    event.prevent_default();
                    picks.all();
                }
                ("Escape", false) => picks.selection.update(Selection::clear),
                _ => {}
            }
        });
        on_cleanup(move || keys.remove());
        picks
    }

    /// The selected ones in their order.
    pub(crate) fn chosen(self) -> Vec<Entry> {
        self.selection.with(|selection| {
            self.entries.with(|entries| entries.iter().filter(|entry| selection.has(&entry.id)).cloned().collect())
        })
    }

    /// Whether there are any.
    pub(crate) fn any(self) -> bool {
        self.selection.with(|selection| !selection.is_empty())
    }

    /// Where the one stands that has the keyboard.
    pub(crate) fn current(self) -> Option<usize> {
        let current = self.selection.with(|selection| selection.current().map(str::to_owned))?;
        self.entries.with(|entries| entries.iter().position(|entry| entry.id == current))
    }

    /// Selects nothing, and leaves the keyboard where it was.
    pub(crate) fn clear(self) {
        self.selection.update(Selection::clear);
        self.focus_again();
    }

    /// Gives the keyboard to the one that stands there.
    pub(crate) fn go(self, index: usize) {
        let id = self.entries.with_untracked(|entries| entries.get(index).map(|entry| entry.id.clone()));
        let Some(id) = id else { return };
        self.selection.update(|selection| selection.go(&id));
        let tile = tile_id(&id);
        // At once where it is drawn, so that the next key finds it there.
        page::focus(&tile);
        if page::focused().is_none_or(|focused| focused.id() != tile) {
            request_animation_frame(move || page::focus(&tile));
        }
    }

    /// Selects this one too, or no longer.
    pub(super) fn toggle(self, id: &str) {
        self.selection.update(|selection| selection.toggle(id));
    }

    /// A press on one: answers whether it is to be opened.
    pub(super) fn click(self, id: &str, event: &MouseEvent) -> bool {
        let (shift, control) = (event.shift_key(), event.ctrl_key() || event.meta_key());
        let any = self.selection.with_untracked(|selection| !selection.is_empty());
        if self.press.was_long() {
            return false;
        }
        match (shift, control) {
            (true, _) => self.reach(id),
            (false, true) => self.toggle(id),
            // A press of the keyboard comes from nowhere.
            (false, false) if any && event.detail() > 0 => self.toggle(id),
            (false, false) => return true,
        }
        false
    }

    /// A key while one has the keyboard: answers whether it was for the selection.
    pub(super) fn key(self, id: &str, event: &KeyboardEvent) {
        if event.key() == " " && !event.shift_key() && !event.ctrl_key() && !event.alt_key() {
            event.prevent_default();
            event.stop_propagation();
            self.toggle(id);
        }
    }

    /// A finger, pen or mouse came down on one: a finger that stays selects it.
    pub(super) fn down(self, id: &str, event: &PointerEvent) {
        let id = id.to_owned();
        self.press.down(event, move || self.toggle(&id));
    }

    pub(super) fn moved(self, event: &PointerEvent) {
        self.press.moved(event);
    }

    pub(super) fn up(self) {
        self.press.up();
    }

    /// A menu of the browser's: not where a finger stays.
    pub(super) fn menu(self, event: &MouseEvent) {
        if self.by_finger.get_untracked() {
            event.prevent_default();
        }
    }

    fn all(self) {
        self.entries.with_untracked(|entries| {
            self.selection.update(|selection| selection.all(entries.iter().map(|entry| entry.id.as_str())));
        });
    }

    fn reach(self, id: &str) {
        self.entries.with_untracked(|entries| {
            let order: Vec<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
            self.selection.update(|selection| selection.reach(&order, id));
        });
    }

    /// Gives the keyboard back to the one that had it, if it would be nowhere.
    fn focus_again(self) {
        request_animation_frame(move || {
            let current =
                self.selection.try_with_untracked(|selection| selection.current().map(str::to_owned)).flatten();
            if let Some(current) = current.filter(|_| page::focus_is_nowhere()) {
                page::focus_in_place(&tile_id(&current));
            }
        });
    }
}

/// The id of a picture's element.
pub(super) fn tile_id(id: &str) -> String {
    format!("photo-{id}")
}
