//! Storage behind a gateway, over HTTP: for browsers, and for whoever keeps the cloud on another machine.
//!
//! Every request is signed anew (FORMAT 13). Reads, parts and removals, which may be sent twice without harm, are tried
//! up to three times when the gateway cannot be reached, with random pauses of up to 0.2 and 0.8 seconds; everything
//! else is tried once, and [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable) then leaves open whether it happened.
//! A gateway before a bucket may send large bodies past itself, to addresses that it gives; see [`protocol`](crate::protocol).
//! Nothing that a gateway answers is trusted: what does not fit what was asked for is `CannotOpen`. Redirects are not followed.
//!
//! ```no_run
//! # async fn run(identity: imegha_crypto::Identity) -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//! use imegha_cloud::backend::remote::{Remote, RemoteBlobs, RemoteRecords};
//! use imegha_cloud::clock::SystemClock;
//!
//! let audience = identity.fingerprint();
//! let remote = Remote::new("https://cloud.example/mine".parse()?, Arc::new(identity), audience, Arc::new(SystemClock))?;
//! remote.check_version().await?;
//! let (records, blobs) = (RemoteRecords::new(remote.clone()), RemoteBlobs::new(remote));
//! # Ok(()) }
//! ```

mod blobs;
mod config;
mod connection;
mod direct;
mod error;
mod history;
mod records;
mod transport;

pub use blobs::RemoteBlobs;
pub use config::RequestSigner;
pub use connection::Remote;
pub use records::RemoteRecords;
