//! The one log of a cloud (FORMAT 11): its entries, its signed head, and the index of what it says.

mod chain;
mod change;
mod head;
mod index;
pub(crate) mod key;
mod records;

pub(crate) use chain::{Log, NotAppended};
pub(crate) use change::{Action, Change};
pub(crate) use index::Position;
