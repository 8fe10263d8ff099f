//! Other people: finding them, knowing their keys, being connected with them.
//!
//! What the platform says of others is its word. A key history is verified whole and held against what the device remembers
//! ([`KnownPerson`]); a connection counts when the other's own contact card proves it ([`Connection`]).

mod actions;
mod connection;
mod devices;
mod events;
mod known;
mod list;
mod person;
mod safety;

pub use actions::{Introduction, Sent};
pub use connection::{Connection, Standing};
pub use events::Events;
pub use known::{KnownCard, KnownPeople, KnownPerson, KnownSent};
pub use list::Listed;
pub use person::Person;
pub use safety::SafetyNumber;
