//! Entries that are dragged to a folder of the page. Nothing of them leaves it: the browser is given a mark without a name, and
//! no file, so that the page does not take them for an upload.

use leptos::prelude::*;
use web_sys::DragEvent;

use super::desk::{About, Desk, Item, shown_folder};
use super::moving::move_entries;

/// An entry is picked up, and with it all that is selected when it is.
pub(super) fn start(desk: Desk, id: &str, event: &DragEvent) {
    let Some(data) = event.data_transfer().filter(|_| !desk.by_finger.get_untracked()) else {
        event.prevent_default();
        return;
    };
    if !desk.selection.with_untracked(|selection| selection.has(id)) {
        desk.selection.update(|selection| selection.only(id));
    }
    data.set_effect_allowed("move");
    // Without any data some browsers drag nothing.
    _ = data.set_data(MARK, "");
    let ids = untrack(|| desk.chosen()).into_iter().filter(|entry| !entry.damaged).map(|entry| entry.id).collect();
    desk.dragged.set(ids);
}

/// What is dragged is above a folder; the uppermost one without an id.
pub(crate) fn over(desk: Desk, folder: Option<&str>, event: &DragEvent) {
    let lands = can_land(desk, folder);
    desk.above.set(lands.then(|| folder.unwrap_or_default().to_owned()));
    if lands {
        event.prevent_default();
        if let Some(data) = event.data_transfer() {
            data.set_drop_effect("move");
        }
    }
}

/// It is no longer above what it was.
pub(crate) fn leave(desk: Desk) {
    desk.above.set(None);
}

/// It was let go, wherever that was.
pub(super) fn end(desk: Desk) {
    desk.above.set(None);
    desk.dragged.set(vec![]);
}

/// What is dragged is let go above a folder.
pub(crate) fn land(desk: Desk, folder: Option<&str>, event: &DragEvent) {
    if !can_land(desk, folder) {
        return;
    }
    event.prevent_default();
    let dragged = desk.dragged.get_untracked();
    end(desk);
    let items = desk.items.with_untracked(|items| {
        items.iter().filter(|item| dragged.contains(&item.entry.id)).cloned().collect::<Vec<_>>()
    });
    move_entries(desk, items, folder.map(str::to_owned));
}

/// Not into itself, nor to where it is. What is on a screen of its own is not above itself.
fn can_land(desk: Desk, folder: Option<&str>) -> bool {
    let here = shown_folder(desk.client);
    let dragged = desk.dragged.get_untracked();
    let is_elsewhere = |item: &Item| match &item.about {
        About::In { folder: from, .. } => folder != Some(from.as_str()),
        About::Here => folder != here.as_deref(),
        About::Trashed { .. } => false,
    };
    let fits = |item: &&Item| folder != Some(item.entry.id.as_str()) && is_elsewhere(item);
    desk.items.with_untracked(|items| {
        let mut moved = items.iter().filter(|item| dragged.contains(&item.entry.id)).peekable();
        moved.peek().is_some() && moved.all(|item| fits(&item))
    })
}

const MARK: &str = "application/x-imegha";
