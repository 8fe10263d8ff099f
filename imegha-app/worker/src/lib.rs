//! The web app's worker: keys, cryptography and clients, out of the page's reach.
//!
//! Without the feature `worker` the crate is [`protocol`], which the page shares.
#![forbid(unsafe_code)]

pub mod protocol;
