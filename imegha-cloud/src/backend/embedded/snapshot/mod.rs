//! Copies of what is in use: of a database, and of a cloud with its objects. Nothing is opened for them, so no key is needed.
//!
//! They are what a backup is made of, and bringing one back is the same in the other direction.

mod cloud;
mod database;

pub use cloud::{CloudCopy, check_cloud, copy_cloud};
pub use database::{check_database, copy_database};
