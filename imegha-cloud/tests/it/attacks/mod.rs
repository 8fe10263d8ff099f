//! ATTACKS, by number: what malicious storage does, and that it fails.

pub(crate) mod insider;
mod objects;
mod rollback;
mod signature;
mod two_keys;
