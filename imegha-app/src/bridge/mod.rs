//! The page's side of what is outside of it: the worker that holds the keys, and the browser.
//!
//! What can be thought through without a browser stands in plain structs with tests ([`book`], [`message`],
//! [`transfer`], [`folder`], [`selection`], [`view`]); what touches the browser is in [`link`], [`meter`], [`page`] and [`source`].

mod book;
mod client;
mod files;
mod folder;
mod link;
mod message;
pub(crate) mod meter;
pub(crate) mod page;
mod selection;
mod source;
mod transfer;
mod view;

pub(crate) use client::Client;
pub(crate) use files::Undo;
pub(crate) use folder::FolderView;
pub(crate) use selection::Selection;
pub(crate) use source::{Dropped, dropped, of_input};
pub(crate) use transfer::{Direction, State, Transfer};
pub(crate) use view::{By, Layout, Look};
