//! The log: every change of a cloud, one sealed entry each, chained by hash, its head signed (FORMAT 11).
//!
//! The head is signed by [`Identity::sign_head`](crate::Identity::sign_head) and checked by
//! [`PublicIdentity::verify_head`](crate::PublicIdentity::verify_head).

use zeroize::Zeroizing;

use crate::envelope::wrapped;
use crate::error::Result;
use crate::id::{Hash, Id};
use crate::keys::purpose::{Purpose, PurposeKey};
use crate::label::Label;
use crate::sealed::Sealed;

/// Seals an entry, under the key for [`Purpose::Log`]. `previous` is the hash of the entry before, zero for the first.
///
/// # Errors
/// [`Error::Key`](crate::Error::Key) when `log` is for something else.
pub fn seal_entry(log: &PurposeKey, cloud: &Id, seq: u64, previous: &Hash, payload: &[u8]) -> Result<Sealed> {
    wrapped::seal(log.of(Purpose::Log)?, &context(cloud, seq, previous), payload)
}

/// Opens the entry that stands at that place.
///
/// # Errors
/// [`Error::Key`](crate::Error::Key) when `log` is for something else,
/// [`Error::CannotOpen`](crate::Error::CannotOpen): another cloud's entry, or one from another place.
pub fn open_entry(
    entry: &Sealed,
    log: &PurposeKey,
    cloud: &Id,
    seq: u64,
    previous: &Hash,
) -> Result<Zeroizing<Vec<u8>>> {
    wrapped::open(log.of(Purpose::Log)?, &context(cloud, seq, previous), entry)
}

/// The hash of an entry in its place: what the next entry names and the head is signed over.
pub fn entry_hash(cloud: &Id, seq: u64, previous: &Hash, entry: &Sealed) -> Hash {
    Label::new("log-hash").id(cloud).u64(seq).hash(previous).part(entry.as_bytes()).sha256()
}

fn context(cloud: &Id, seq: u64, previous: &Hash) -> Label {
    Label::new("log-entry").id(cloud).u64(seq).hash(previous)
}
