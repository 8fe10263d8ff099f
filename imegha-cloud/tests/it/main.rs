//! The integration tests of the crate, in one binary.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

#[cfg(all(feature = "client", feature = "embedded"))]
mod adversary;
#[cfg(all(feature = "client", feature = "embedded"))]
mod attacks;
#[cfg(all(feature = "aws", feature = "client", feature = "conformance", feature = "embedded", feature = "gateway"))]
mod aws;
#[cfg(all(feature = "client", feature = "embedded"))]
mod client_albums;
#[cfg(all(feature = "client", feature = "embedded"))]
mod client_audit;
#[cfg(all(feature = "client", feature = "embedded"))]
mod client_batches;
#[cfg(all(feature = "client", feature = "embedded"))]
mod client_checkpoints;
#[cfg(all(feature = "client", feature = "embedded"))]
mod client_failures;
#[cfg(all(feature = "client", feature = "embedded"))]
mod client_files;
#[cfg(all(feature = "client", feature = "embedded"))]
mod client_gc;
#[cfg(all(feature = "client", feature = "embedded"))]
mod client_late;
#[cfg(all(feature = "client", feature = "embedded"))]
mod client_profile;
#[cfg(all(feature = "client", feature = "embedded"))]
mod client_races;
#[cfg(all(feature = "client", feature = "embedded"))]
mod client_recovery;
#[cfg(all(feature = "client", feature = "embedded"))]
mod client_renewal;
#[cfg(all(feature = "client", feature = "embedded"))]
mod client_revisions;
#[cfg(all(feature = "client", feature = "embedded"))]
mod client_stale;
#[cfg(all(feature = "client", feature = "embedded"))]
mod client_thumbnails;
#[cfg(all(feature = "client", feature = "embedded"))]
mod client_trash;
#[cfg(all(feature = "client", feature = "embedded"))]
mod client_tree;
#[cfg(all(feature = "client", feature = "embedded"))]
mod client_usage;
mod compile_fail;
#[cfg(feature = "conformance")]
mod conformance;
#[cfg(all(feature = "client", feature = "embedded", feature = "gateway", feature = "remote"))]
mod connect;
#[cfg(all(feature = "client", feature = "embedded", unix))]
mod crash;
#[cfg(all(feature = "gateway", feature = "remote"))]
mod direct;
#[cfg(feature = "embedded")]
mod embedded;
#[cfg(all(feature = "client", feature = "embedded"))]
mod embedded_full;
#[cfg(all(feature = "client", feature = "embedded"))]
mod export;
#[cfg(all(feature = "client", feature = "embedded", feature = "gateway", feature = "remote"))]
mod gateway;
#[cfg(all(feature = "client", feature = "embedded"))]
mod migrate;
#[cfg(all(feature = "client", feature = "remote", feature = "server", unix))]
mod program;
#[cfg(all(feature = "client", feature = "embedded"))]
mod random;
#[cfg(all(feature = "gateway", feature = "remote"))]
mod remote;
#[cfg(all(feature = "client", feature = "embedded"))]
mod resume;
mod sample;
#[cfg(all(feature = "gateway", feature = "remote"))]
mod served;
#[cfg(all(feature = "client", feature = "embedded"))]
mod storage;
mod template;
#[cfg(all(feature = "client", feature = "embedded"))]
mod watched;
