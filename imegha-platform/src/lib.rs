//! The thin platform of iMegha.
#![forbid(unsafe_code)]

#[cfg(feature = "client")]
pub mod client;
mod error;
mod problem;
pub mod protocol;
mod tag;

pub use error::{Error, ErrorKind, Result};
pub use problem::{Problem, ProblemCode};
pub use tag::Tag;
