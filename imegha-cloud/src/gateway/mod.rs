//! The gateway: an owner's cloud over HTTP, for signed requests.
//!
//! Only the owner is served so far; grants to others come with sharing. Whatever is not allowed is answered as if it
//! did not exist: no signature, another's, another audience, a changed body and a missing object all give the same 404,
//! to the byte. A request that the owner did sign, but outside the window of 60 seconds, is told `clock_skew` and
//! the time: who can send one has seen a signed request already and learns nothing else.
//!
//! ```no_run
//! # async fn run(owner: imegha_crypto::PublicIdentity) -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//! use imegha_cloud::backend::embedded::Embedded;
//! use imegha_cloud::gateway::{Gateway, GatewayOptions, router};
//!
//! let Embedded { records, blobs } = Embedded::open("cloud")?;
//! let options = GatewayOptions::new(&"https://cloud.example/mine".parse()?)?;
//! let gateway = Gateway::new(Arc::new(records), Arc::new(blobs), owner, options);
//! let app = axum::Router::new().nest("/mine", router(gateway));
//! axum::serve(tokio::net::TcpListener::bind("127.0.0.1:8000").await?, app).await?;
//! # Ok(()) }
//! ```

mod blobs;
mod body;
mod direct;
mod handles;
mod hosted;
mod nonce;
mod options;
mod records;
mod refusal;
mod routes;
mod signed;
mod uploads;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

pub use body::BodyBudget;
use handles::Handles;
pub use hosted::{Clouds, hosted_router};
use imegha_crypto::PublicIdentity;
pub use options::GatewayOptions;
pub use routes::router;

use crate::backend::{BlobStore, Key, ObjectName, RecordStore};
use crate::error::{ErrorKind, Result};
use crate::schema::{CloudSchema, CloudValue, Collection};

/// The gateway of one cloud. A handle: a clone is the same gateway, and making one is cheap.
#[derive(Clone)]
pub struct Gateway {
    inner: Arc<Inner>,
}

struct Inner {
    records: Arc<dyn RecordStore<CloudSchema>>,
    blobs: Arc<dyn BlobStore>,
    owner: PublicIdentity,
    options: GatewayOptions,
    /// When nonces were last purged, in seconds since 1970.
    purged: AtomicU64,
    uploads: Handles,
}

impl Gateway {
    /// A gateway before two stores, for the owner whose FIRST identity this is.
    pub fn new(
        records: Arc<dyn RecordStore<CloudSchema>>,
        blobs: Arc<dyn BlobStore>,
        owner: PublicIdentity,
        options: GatewayOptions,
    ) -> Self {
        let (purged, uploads) = (AtomicU64::new(0), Handles::default());
        Self { inner: Arc::new(Inner { records, blobs, owner, options, purged, uploads }) }
    }

    /// Asks each store for something that is not there: whether they answer, for two of the cheapest requests.
    ///
    /// # Errors
    /// As the stores give them.
    pub async fn check_stores(&self) -> Result<()> {
        self.inner.records.get(&Key::new(Collection::Nonce, [], [CloudValue::Time(0)])).await?;
        match self.inner.blobs.get(&ObjectName::from_salt([0; 24]), None).await {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway").field("owner", &self.inner.owner.fingerprint()).finish_non_exhaustive()
    }
}
