//! A list of files and folders: what the files page and the trash have in common.
//!
//! What can be thought through without a browser stands in plain code with tests: [`action`] (what can be done), [`keys`],
//! [`kind`], [`order`], [`window`] (which part is drawn), and [`crate::bridge::Selection`].

mod action;
mod bar;
mod desk;
pub(crate) mod drag;
mod keys;
mod kind;
mod list;
mod moving;
mod order;
mod pointer;
mod press;
mod row;
mod sheet;
mod shortcuts;
mod sorting;
mod window;

pub(crate) use action::{Action, Shelf};
pub(crate) use bar::SelectionBar;
pub(crate) use desk::{About, Desk, Item, shown_folder};
pub(crate) use kind::shape;
#[cfg(test)]
pub(crate) use kind::tests as samples;
pub(crate) use list::EntryList;
pub(crate) use moving::{Conflict, move_entries};
pub(crate) use order::{compare, contains, natural};
pub(crate) use press::Press;
pub(crate) use sheet::KeySheet;
pub(crate) use shortcuts::{Shortcuts, shortcuts};
pub(crate) use sorting::LookTools;
pub(crate) use window::Frame;
