//! The files that a person chose or dropped, kept until they are uploaded.

use std::cell::RefCell;
use std::collections::BTreeMap;

use web_sys::{DataTransfer, File, HtmlInputElement};

/// What was dropped on the page.
#[derive(Debug, Default)]
pub(crate) struct Dropped {
    /// The files.
    pub(crate) files: Vec<File>,
    /// How many folders were among them.
    pub(crate) folders: usize,
}

/// Keeps a transfer's file, so that a failed upload can be tried again.
pub(crate) fn keep(number: u32, file: File) {
    SOURCES.with_borrow_mut(|sources| sources.insert(number, file));
}

/// A transfer's file.
pub(crate) fn of(number: u32) -> Option<File> {
    SOURCES.with_borrow(|sources| sources.get(&number).cloned())
}

/// Forgets a transfer's file.
pub(crate) fn forget(number: u32) {
    SOURCES.with_borrow_mut(|sources| sources.remove(&number));
}

/// Forgets all of them.
pub(crate) fn forget_all() {
    SOURCES.with_borrow_mut(BTreeMap::clear);
}

/// The files that were chosen, and the input emptied, so that the same file can be chosen again.
pub(crate) fn of_input(input: &HtmlInputElement) -> Vec<File> {
    let files = input.files().map(|list| (0..list.length()).filter_map(|index| list.get(index)).collect());
    input.set_value("");
    files.unwrap_or_default()
}

/// The files that were dropped. A folder comes as a file that cannot be read, so it is told apart here.
pub(crate) fn dropped(data: &DataTransfer) -> Dropped {
    let items = data.items();
    let mut dropped = Dropped::default();
    for item in (0..items.length()).filter_map(|index| items.get(index)) {
        if item.kind() != "file" {
            continue;
        }
        if item.webkit_get_as_entry().ok().flatten().is_some_and(|entry| entry.is_directory()) {
            dropped.folders += 1;
        } else if let Ok(Some(file)) = item.get_as_file() {
            dropped.files.push(file);
        }
    }
    dropped
}

thread_local! {
    static SOURCES: RefCell<BTreeMap<u32, File>> = const { RefCell::new(BTreeMap::new()) };
}
