//! The web app's worker: keys, cryptography and clients, out of the page's reach.
//!
//! Without the feature `worker` the crate is [`protocol`], which the page shares.
#![forbid(unsafe_code)]

#[cfg(any(test, all(feature = "worker", target_arch = "wasm32")))]
mod acquaintances;
#[cfg(any(test, all(feature = "worker", target_arch = "wasm32")))]
mod address;
#[cfg(any(test, all(feature = "worker", target_arch = "wasm32")))]
mod code;
#[cfg(any(test, all(feature = "worker", target_arch = "wasm32")))]
mod preview;
pub mod protocol;
#[cfg(any(test, all(feature = "worker", target_arch = "wasm32")))]
mod sides;

#[cfg(all(feature = "worker", target_arch = "wasm32"))]
mod worker;

#[cfg(all(feature = "worker", target_arch = "wasm32"))]
pub use worker::start;
