//! What more than one target needs: people whose keys are the same in every run, and changes of bytes.

mod change;
mod people;

pub use change::{Change, changed};
pub use people::{ALICE, BOB, MALLORY, Person};
