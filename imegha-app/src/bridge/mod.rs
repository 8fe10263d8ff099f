//! The page's side of what is outside of it: the worker that holds the keys, and the browser.
//!
//! What can be thought through without a browser stands in plain structs with tests ([`arranging`], [`book`], [`message`],
//! [`transfer`], [`queue`], [`pace`], [`route`], [`idle`], [`folder`], [`selection`], [`thumbnails`], [`view`]); what touches the browser is in [`link`],
//! [`device`], [`meter`], [`page`] and [`source`].

mod account;
mod albums;
mod arranging;
mod book;
mod client;
mod device;
mod exporting;
mod files;
mod folder;
mod idle;
mod interrupted;
mod link;
mod message;
pub(crate) mod meter;
mod moving;
mod pace;
pub(crate) mod page;
mod people;
mod place;
mod places;
mod policy;
mod profile;
mod queue;
mod revisions;
mod route;
mod selection;
mod settings;
mod source;
mod streams;
mod thumbnails;
mod transfer;
mod view;

pub(crate) use arranging::Rearrangement;
pub(crate) use client::{Client, SEEN};
pub(crate) use device::{choose_files, chooses_folders, remembers_files};
pub(crate) use exporting::Exporting;
pub(crate) use files::Undo;
pub(crate) use folder::FolderView;
pub(crate) use idle::{Idle, Patience};
pub(crate) use policy::PolicyInForce;
pub(crate) use profile::Portrait;
#[cfg(test)]
pub(crate) use queue::Queue;
pub(crate) use selection::Selection;
pub(crate) use source::{Picked, chosen, dropped, of_input};
pub(crate) use streams::stream;
pub(crate) use thumbnails::Thumbnail;
pub(crate) use transfer::{Decision, Direction, State, Transfer};
pub(crate) use view::{By, Layout, Look};
