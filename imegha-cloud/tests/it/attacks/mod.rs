//! ATTACKS, by number: what malicious storage does, and that it fails.

mod insider;
mod objects;
mod resume;
mod rollback;
mod signature;
mod two_keys;
