//! Contact cards: what connected people say of themselves to each other (FORMAT 8, purpose `contact`), as JSON.
//!
//! What opens was signed by the one whom it is from, and may still be anything: reading is strict, and other people's addresses are
//! judged before anybody goes there.

mod address;
mod card;

pub use card::{ContactCard, HistoryHead, ProfileHead};
