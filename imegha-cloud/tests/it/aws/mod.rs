//! The backend `aws`, on services that speak the protocols of S3 and DynamoDB.
//!
//! `cargo xtask test --only aws` starts SeaweedFS, dynoxide and MiniStack for them; the variables in `peers.rs` point them at others.

mod conformance;
mod direct;
mod errors;
mod faults;
mod full_folder;
#[cfg(all(feature = "server", unix))]
mod lambda;
mod line;
mod many;
pub(crate) mod peers;
#[cfg(all(feature = "server", unix))]
mod program;
mod random;
mod reader;
mod requests;
mod service;
mod shared;
mod stack;
mod units;
