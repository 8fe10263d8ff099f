//! The integration tests of the crate, in one binary.

#[cfg(feature = "conformance")]
mod conformance;
#[cfg(feature = "embedded")]
mod embedded;
mod sample;
