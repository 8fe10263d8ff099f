//! Files and folders: nodes, their revisions, and the objects that hold their content.

mod commit;
mod download;
mod entry;
mod fate;
pub(crate) mod fields;
mod find;
mod gc;
mod journal;
#[cfg(test)]
mod ledger;
mod list;
mod looked;
mod moves;
pub(crate) mod name;
mod names;
pub(crate) mod node;
mod object;
pub(crate) mod parent_key;
mod parts;
mod placing;
mod purge;
mod rekey;
mod rename;
mod resumption;
mod revision;
mod revisions;
mod sending;
mod thumbnail;
mod trash;
pub(crate) mod tree;
mod unfinished;
mod upload;
mod verify;

pub use download::Download;
pub use entry::{Entry, NodeKind};
pub use find::Found;
pub use gc::Collected;
pub use looked::Looked;
pub use moves::OnTaken;
pub use name::MAX_NAME_LEN;
pub(crate) use purge::{MOST_WRITES, named_objects};
pub use purge::{Purged, TRASH_DAYS};
pub use revision::Revision;
pub use revisions::KeepRevisions;
pub use unfinished::Unfinished;
pub use verify::{Depth, Fault, Problem, Report};
