//! ATTACKS, by number: what malicious storage does, and that it fails.

mod audit;
mod checkpoints;
mod exchanged;
mod half;
pub(crate) mod insider;
mod listing;
mod misplaced;
mod names;
mod objects;
mod ranged;
mod resume;
mod rollback;
mod signature;
mod stale;
mod two_keys;
mod two_writers;
