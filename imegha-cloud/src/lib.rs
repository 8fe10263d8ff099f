//! A person's encrypted cloud.
#![forbid(unsafe_code)]

pub mod backend;
mod error;
pub mod schema;

pub use error::{Error, ErrorKind, Result};
