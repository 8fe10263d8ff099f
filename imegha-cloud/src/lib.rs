//! A person's encrypted cloud.
#![forbid(unsafe_code)]

pub mod backend;
pub mod clock;
#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
pub mod schema;

pub use error::{Error, ErrorKind, Result};
