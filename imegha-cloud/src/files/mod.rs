//! Files and folders: nodes, their revisions, and the objects that hold their content.

mod download;
mod entry;
mod fate;
pub(crate) mod fields;
mod journal;
#[cfg(test)]
mod ledger;
mod list;
mod name;
pub(crate) mod node;
mod object;
mod parts;
mod resumption;
mod revision;
mod sending;
pub(crate) mod tree;
mod unfinished;
mod upload;

pub use download::Download;
pub use entry::{Entry, NodeKind};
pub use name::MAX_NAME_LEN;
pub use revision::Revision;
pub use unfinished::Unfinished;
