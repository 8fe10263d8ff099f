//! The web app's worker: keys, cryptography and clients, out of the page's reach.
#![forbid(unsafe_code)]

pub mod protocol;
