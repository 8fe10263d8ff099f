//! The gateway: an owner's cloud over HTTP, for signed requests.
//!
//! Only the owner is served so far; grants to others come with sharing. Whatever is not allowed is answered as if it
//! did not exist: no signature, another's, another audience, a changed body and a missing object all give the same 404,
//! to the byte. A request that the owner did sign, but outside the window of 60 seconds, is told `clock_skew` and
//! the time: who can send one has seen a signed request already and learns nothing else.
//!
//! The owner is whoever has the newest identity: the first, which the deployment pins, or the one at the end of the key history that
//! the owner has told since ([`Remote::follow`](crate::backend::remote::Remote::follow)). It is kept in the record store, outside the log. The one
//! before it is refused at once by the gateway that was told, and within 60 seconds by others before the same store, which serve the new one at
//! once. A gateway that was never told, or whose store was put back to a state before, serves what it knows.
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
mod history;
mod hosted;
mod newest;
mod nonce;
mod options;
mod owner;
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
use owner::Owner;
pub use routes::router;
use url::Url;

use crate::backend::{BlobStore, ObjectName, RecordStore};
use crate::error::{ErrorKind, Result};
use crate::schema::CloudSchema;

/// The gateway of one cloud. A handle: a clone is the same gateway, and making one is cheap.
#[derive(Clone)]
pub struct Gateway {
    inner: Arc<Inner>,
}

struct Inner {
    records: Arc<dyn RecordStore<CloudSchema>>,
    blobs: Arc<dyn BlobStore>,
    owner: Arc<Owner>,
    options: GatewayOptions,
    /// When nonces were last purged, in seconds since 1970.
    purged: AtomicU64,
    uploads: Arc<Handles>,
}

impl Gateway {
    /// A gateway before two stores, for the owner whose FIRST identity this is. What it is told of later ones it knows as long as it, or a clone
    /// of it, lives, and finds in the store otherwise.
    pub fn new(
        records: Arc<dyn RecordStore<CloudSchema>>,
        blobs: Arc<dyn BlobStore>,
        owner: PublicIdentity,
        options: GatewayOptions,
    ) -> Self {
        let (owner, purged, uploads) = (Arc::new(Owner::new(owner)), AtomicU64::new(0), Arc::default());
        Self { inner: Arc::new(Inner { records, blobs, owner, options, purged, uploads }) }
    }

    /// The same cloud at another address, with what this gateway knows of its owner and of the uploads under way.
    ///
    /// # Errors
    /// As [`GatewayOptions::new`].
    pub fn at(&self, address: &Url) -> Result<Self> {
        let Inner { records, blobs, owner, options, purged: _, uploads } = &*self.inner;
        let options = options.clone().with_address(address)?;
        let (records, blobs, owner, uploads) = (records.clone(), blobs.clone(), owner.clone(), uploads.clone());
        Ok(Self { inner: Arc::new(Inner { records, blobs, owner, options, purged: AtomicU64::new(0), uploads }) })
    }

    /// Asks the one store for the owner's newest identity, the other for something that is not there: whether they answer, for two of the
    /// cheapest requests.
    ///
    /// # Errors
    /// As the stores give them; `Backend` where the record of that identity is damaged, so that nobody is served.
    pub async fn check_stores(&self) -> Result<()> {
        let reading = self.inner.owner.reading.lock().await;
        self.look().await?;
        drop(reading);
        match self.inner.blobs.get(&ObjectName::from_salt([0; 24]), None).await {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway").field("owner", &self.inner.owner.first().fingerprint()).finish_non_exhaustive()
    }
}
