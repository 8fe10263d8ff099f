//! The crate's integration tests, natively. Those of the browser stand in `tests/wasm.rs`.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

#[cfg(all(feature = "futures", feature = "tokio"))]
mod asynchronous;
mod attacks;
mod bip39;
mod bounds;
mod bulk;
mod compile_fail;
#[cfg(target_os = "linux")]
mod memory;
mod objects;
mod providers;
mod records;
mod rfc9421;
mod secrets;
mod send;
mod stream;
mod vectors;
mod wycheproof;
