//! People to each other: who asked, knows or blocks whom; their devices; that there is something new.
//!
//! Of two people both have a record of the other, or neither has, and every change writes both in one transaction. What it is
//! conditional on is the version of both people's [`Counts`], which every such change raises and which is never used twice: a
//! request that was withdrawn and made again is not the one that was answered meanwhile.

mod action;
mod connection;
mod counts;
mod devices;
mod directory;
mod pokes;
mod removal;

pub use action::{Acted, Action};
pub use connection::{Card, ConnectionView, Standing};
pub(super) use devices::owner_key;
pub use devices::{Device, PushService};
pub use directory::PersonRecord;
pub use pokes::{PokeKind, PokeRecord};

use super::fields::PlatformRecord;
use super::schema::{Collection, Field, PUSH_TOKEN_LEN, PlatformSchema, PlatformValue};
use super::{AccountRecord, Due, DueKind, Fields, PlatformKey, Registry, damaged};
