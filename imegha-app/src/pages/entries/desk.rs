//! What a list of entries and all around it share: what is shown, what is selected, what is under way.

use std::collections::BTreeSet;

use imegha_worker::protocol::Entry;
use leptos::prelude::*;

use super::action::{Action, Shelf};
use super::moving::Moving;
use super::pointer::ROW;
use super::window::Frame;
use crate::bridge::{Client, Look, Selection, page};
use crate::components::{Spot, Toaster};

/// One line of a list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Item {
    /// The file or folder.
    pub(crate) entry: Entry,
    /// What else is known of it here.
    pub(crate) about: About,
}

/// What is known of an entry beside itself.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum About {
    /// It is in the folder on the screen.
    Here,
    /// It was found in this folder.
    In {
        /// The folder's id in hex.
        folder: String,
        /// The names of the folders, from the outermost.
        path: Vec<String>,
    },
    /// It is in the trash.
    Trashed {
        /// Since when, in milliseconds since 1970.
        trashed_ms: u64,
        /// Until when.
        purged_ms: u64,
        /// Where it was; nothing when that folder is gone.
        origin: Option<Vec<String>>,
    },
}

/// The state of a page that shows a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Desk {
    /// The app's state.
    pub(crate) client: Client,
    /// Where is said what was done.
    pub(crate) toaster: Toaster,
    /// Which list.
    pub(crate) shelf: Shelf,
    /// What is shown, in its order.
    pub(crate) items: Memo<Vec<Item>>,
    /// What is selected, and what has the keyboard.
    pub(crate) selection: RwSignal<Selection>,
    /// What something is being done with.
    pub(crate) busy: RwSignal<BTreeSet<String>>,
    /// Where the menu is open: of what is selected, or of the background.
    pub(crate) menu: RwSignal<Option<Spot>>,
    /// How it looks.
    pub(crate) look: RwSignal<Look>,
    /// Where the list stands.
    pub(crate) frame: RwSignal<Frame>,
    /// What is being dragged.
    pub(crate) dragged: RwSignal<Vec<String>>,
    /// The folder that it is above, if it can land there; the uppermost one is empty.
    pub(crate) above: RwSignal<Option<String>>,
    /// Whether the last touch of the page was a finger's.
    pub(crate) by_finger: RwSignal<bool>,
    /// A move that waits for an answer.
    pub(crate) asking: RwSignal<Option<Moving>>,
    /// Does something with what is selected.
    act: Callback<(Self, Action, Vec<Item>)>,
    /// Reads again what is shown.
    pub(crate) changed: Callback<()>,
}

impl Desk {
    /// A desk for a list; provided to what is below.
    pub(crate) fn provide(
        shelf: Shelf,
        look: RwSignal<Look>,
        items: Memo<Vec<Item>>,
        act: Callback<(Self, Action, Vec<Item>)>,
        changed: Callback<()>,
    ) -> Self {
        let desk = Self {
            client: Client::expect(),
            toaster: Toaster::expect(),
            shelf,
            items,
            selection: RwSignal::new(Selection::default()),
            busy: RwSignal::new(BTreeSet::new()),
            menu: RwSignal::new(None),
            look,
            frame: RwSignal::new(Frame::default()),
            dragged: RwSignal::new(vec![]),
            above: RwSignal::new(None),
            by_finger: RwSignal::new(false),
            asking: RwSignal::new(None),
            act,
            changed,
        };
        provide_context(desk);
        desk
    }

    /// The desk that [`Desk::provide`] made.
    pub(crate) fn expect() -> Self {
        expect_context()
    }

    /// The selected entries, in the order of the list.
    pub(crate) fn chosen(self) -> Vec<Entry> {
        self.selection.with(|selection| {
            let is_chosen = |item: &&Item| selection.has(&item.entry.id);
            self.items.with(|items| items.iter().filter(is_chosen).map(|item| item.entry.clone()).collect())
        })
    }

    /// The selected entries with what is known of them.
    fn chosen_items(self) -> Vec<Item> {
        self.selection.with_untracked(|selection| {
            let is_chosen = |item: &&Item| selection.has(&item.entry.id);
            self.items.with_untracked(|items| items.iter().filter(is_chosen).cloned().collect())
        })
    }

    /// What can be done with what is selected.
    pub(crate) fn offered(self) -> Vec<Action> {
        Action::offered(self.shelf, &self.chosen())
    }

    /// Does it, if it can be done now.
    pub(crate) fn try_act(self, action: Action) {
        if action == Action::SelectAll {
            return self.select_all();
        }
        if untrack(|| self.offered()).contains(&action) || Action::of_background(self.shelf).contains(&action) {
            self.act.run((self, action, self.chosen_items()));
        }
    }

    /// Selects all that something can be done with.
    pub(crate) fn select_all(self) {
        self.items.with_untracked(|items| {
            let whole = items.iter().map(|item| &item.entry).filter(|entry| !entry.damaged);
            self.selection.update(|selection| selection.all(whole.map(|entry| entry.id.as_str())));
        });
    }

    /// Selects all as far as this entry.
    pub(crate) fn reach(self, id: &str) {
        self.items.with_untracked(|items| {
            let order: Vec<&str> = items.iter().map(|item| item.entry.id.as_str()).collect();
            self.selection.update(|selection| selection.reach(&order, id));
        });
    }

    /// Marks entries as busy; they are not when what is returned is dropped.
    pub(crate) fn busy(self, ids: &[String]) -> Busy {
        self.busy.try_update(|busy| busy.extend(ids.iter().cloned()));
        Busy { all: self.busy, ids: ids.to_vec() }
    }

    /// Scrolls to an entry and gives it the keyboard.
    pub(crate) fn focus(self, id: &str) {
        let index = self.items.with_untracked(|items| items.iter().position(|item| item.entry.id == id));
        let Some(index) = index else { return };
        let by = self.frame.with_untracked(|frame| frame.scroll_to(index, COVERED));
        if by != 0.0 {
            page::scroll_by(by);
            // Before the browser says that it has scrolled, so that the entry is drawn when it gets the keyboard.
            self.frame.update(|frame| frame.top -= by);
        }
        let id = row_id(id);
        request_animation_frame(move || page::focus_in_place(&id));
    }

    /// Gives the keyboard back to the entry that had it, if it would be nowhere.
    pub(crate) fn focus_again(self) {
        request_animation_frame(move || {
            let current =
                self.selection.try_with_untracked(|selection| selection.current().map(str::to_owned)).flatten();
            if let Some(current) = current.filter(|_| page::focus_is_nowhere()) {
                self.focus(&current);
            }
        });
    }
}

/// Entries that something is being done with.
#[derive(Debug)]
pub(crate) struct Busy {
    all: RwSignal<BTreeSet<String>>,
    ids: Vec<String>,
}

impl Drop for Busy {
    fn drop(&mut self) {
        // The page may be gone.
        _ = self.all.try_update(|all| self.ids.iter().for_each(|id| _ = all.remove(id)));
    }
}

/// The id of an entry's element.
pub(crate) fn row_id(id: &str) -> String {
    format!("{ROW}{id}")
}

/// The id of the folder on the screen.
pub(crate) fn shown_folder(client: Client) -> Option<String> {
    client.folder.with_untracked(|view| view.listing().map(|listing| listing.folder.clone()))
}

/// What the bar at the top of the page and the list's own bar cover.
const COVERED: f64 = 150.0;
