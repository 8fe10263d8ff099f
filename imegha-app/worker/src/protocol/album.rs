//! An album, as the page shows it.

use serde::{Deserialize, Serialize};

use super::Entry;

/// An album: files put together under a title and in an order, without a copy of any.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Album {
    /// Its id in hex.
    pub id: String,
    /// Its title; that of a damaged one is its id.
    pub title: String,
    /// The file that is shown for it: the one that was chosen, or else the first; nothing for an empty one.
    pub cover: Option<Entry>,
    /// How many files it shows.
    pub files: u64,
    /// Whether it could not be opened: it can only be deleted.
    pub damaged: bool,
}
