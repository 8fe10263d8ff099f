//! The one log of a cloud (FORMAT 11): its entries, its signed head, and the index of what it says.

mod action;
mod chain;
mod change;
mod checkpoint;
mod head;
mod index;
pub(crate) mod key;
mod listing;
mod records;
mod walk;

pub use action::Action;
pub(crate) use chain::{Log, NotAppended};
pub(crate) use change::{Change, Entry};
pub(crate) use head::Head;
pub(crate) use index::Position;
