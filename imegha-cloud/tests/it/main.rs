//! The integration tests of the crate, in one binary.

#[cfg(feature = "conformance")]
mod conformance;
