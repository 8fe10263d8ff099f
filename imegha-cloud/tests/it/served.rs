//! A gateway on a port of the loopback, for tests.

use std::sync::{Arc, LazyLock};

use imegha_cloud::backend::remote::Remote;
use imegha_cloud::backend::{BlobStore, RecordStore};
use imegha_cloud::clock::{Clock, SystemClock};
use imegha_cloud::gateway::{Gateway, GatewayOptions, router};
use imegha_cloud::schema::CloudSchema;
use imegha_crypto::Identity;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;

/// An identity takes a while to make; what is tested here is the same with one for all.
static OWNER: LazyLock<Arc<Identity>> = LazyLock::new(|| Arc::new(Identity::generate().unwrap()));
static STRANGER: LazyLock<Arc<Identity>> = LazyLock::new(|| Arc::new(Identity::generate().unwrap()));

pub(crate) fn owner() -> Arc<Identity> {
    OWNER.clone()
}

pub(crate) fn stranger() -> Arc<Identity> {
    STRANGER.clone()
}

/// A gateway that serves until it is dropped.
pub(crate) struct Served {
    pub(crate) address: Url,
    remote: Remote,
    server: JoinHandle<()>,
}

impl Served {
    /// Serves two stores to [`owner`].
    pub(crate) async fn start(records: Arc<dyn RecordStore<CloudSchema>>, blobs: Arc<dyn BlobStore>) -> Self {
        Self::start_at(records, blobs, Arc::new(SystemClock)).await
    }

    pub(crate) async fn start_at(
        records: Arc<dyn RecordStore<CloudSchema>>,
        blobs: Arc<dyn BlobStore>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self::start_behind(records, blobs, clock, |app| app).await
    }

    /// The same behind something that stands on the way.
    pub(crate) async fn start_behind(
        records: Arc<dyn RecordStore<CloudSchema>>,
        blobs: Arc<dyn BlobStore>,
        clock: Arc<dyn Clock>,
        on_the_way: impl FnOnce(axum::Router) -> axum::Router,
    ) -> Self {
        Self::start_in(records, blobs, clock, |options| options, on_the_way).await
    }

    /// The same as other options have it.
    pub(crate) async fn start_with(
        records: Arc<dyn RecordStore<CloudSchema>>,
        blobs: Arc<dyn BlobStore>,
        with: impl FnOnce(GatewayOptions) -> GatewayOptions,
    ) -> Self {
        Self::start_in(records, blobs, Arc::new(SystemClock), with, |app| app).await
    }

    async fn start_in(
        records: Arc<dyn RecordStore<CloudSchema>>,
        blobs: Arc<dyn BlobStore>,
        clock: Arc<dyn Clock>,
        with: impl FnOnce(GatewayOptions) -> GatewayOptions,
        on_the_way: impl FnOnce(axum::Router) -> axum::Router,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address: Url = format!("http://{}/some/where", listener.local_addr().unwrap()).parse().unwrap();
        let options = with(GatewayOptions::new(&address).unwrap().with_clock(clock.clone()));
        let gateway = Gateway::new(records, blobs, owner().public().clone(), options);
        let app = on_the_way(axum::Router::new().nest("/some/where", router(gateway)));
        let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let remote = Remote::new(address.clone(), owner(), owner().fingerprint(), clock).unwrap();
        Self { address, remote, server }
    }

    /// The owner's way to it.
    pub(crate) fn remote(&self) -> Remote {
        self.remote.clone()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The one suite through a gateway: `$served` starts one, and gives it with whatever must live as long.
#[cfg(feature = "conformance")]
macro_rules! remote_conformance {
    ($served:path) => {
        async fn new_records()
        -> (std::sync::Arc<dyn imegha_cloud::backend::RecordStore<imegha_cloud::schema::CloudSchema>>, impl Sized) {
            let served = $served().await;
            (std::sync::Arc::new(imegha_cloud::backend::remote::RemoteRecords::new(served.0.remote())), served)
        }

        async fn new_blobs() -> (std::sync::Arc<dyn imegha_cloud::backend::BlobStore>, impl Sized) {
            let served = $served().await;
            (std::sync::Arc::new(imegha_cloud::backend::remote::RemoteBlobs::new(served.0.remote())), served)
        }

        imegha_cloud::record_conformance!(records, new_records);
        imegha_cloud::blob_conformance!(blobs, new_blobs);
    };
}
#[cfg(feature = "conformance")]
pub(crate) use remote_conformance;
