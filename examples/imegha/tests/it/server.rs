//! A server in this process: the platform, and the gateways of a host, on a free port.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use imegha_cloud::backend::embedded::{Embedded, EmbeddedRecords};
use imegha_cloud::backend::remote::{Remote, RemoteBlobs, RemoteRecords};
use imegha_cloud::backend::{BlobStore, RecordStore};
use imegha_cloud::clock::{Clock as _, SystemClock};
use imegha_cloud::gateway::{Clouds, Gateway, GatewayOptions, hosted_router, router};
use imegha_cloud::schema::CloudSchema;
use imegha_cloud::{Cloud, CloudKeys, MemoryDevice, Store};
use imegha_crypto::{Fingerprint, Id, PublicIdentity};
use imegha_platform::client::{Account, GatewayAddress, Platform, SignUp};
use imegha_platform::identity::{Argon2Cost, EmbeddedOptions};
use imegha_platform::mail::{MemoryMailer, Message};
use imegha_platform::{CloudHost, PlatformServer, ServerOptions, ServerParts, ServerSecret};
use tokio::runtime::Runtime;
use url::Url;

pub(crate) const EMAIL: &str = "ada@example.com";
pub(crate) const PASSWORD: &str = "quartz meadow sings twice";

/// A server with one account and its cloud. It stops when it is dropped.
pub(crate) struct Server {
    pub(crate) origin: Url,
    pub(crate) traffic: Arc<Traffic>,
    folder: tempfile::TempDir,
    /// The account's first identity.
    owner: PublicIdentity,
    /// The words that open its cloud.
    pub(crate) phrase: String,
    runtime: Option<Runtime>,
}

/// What passes, and how slowly.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    /// Requests with a body of more than a megabyte: parts of uploads.
    pub(crate) parts: AtomicU64,
    /// How long each of those is held back, in milliseconds.
    pub(crate) delay_ms: AtomicU64,
    /// The length of requests that are refused for good, unless it is 0.
    pub(crate) refused_len: AtomicU64,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::starting(async { None })
    }

    /// The same, where the account's cloud lies in other stores than a folder.
    pub(crate) fn start_on(stores: impl Future<Output = Stores>) -> Self {
        Self::starting(async { Some(stores.await) })
    }

    fn starting(stores: impl Future<Output = Option<Stores>>) -> Self {
        let runtime = Runtime::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let traffic = Arc::new(Traffic::default());
        let serving = async { serve(folder.path(), traffic.clone(), stores.await).await };
        let (origin, owner, phrase) = runtime.block_on(serving);
        Self { origin, traffic, folder, owner, phrase, runtime: Some(runtime) }
    }

    /// Another gateway, as somebody has deployed it for the account, before a new folder of that name.
    pub(crate) fn gateway(&self, name: &str) -> Url {
        self.gateway_of(name, self.owner.clone())
    }

    /// The same for somebody else.
    pub(crate) fn gateway_of(&self, name: &str, owner: PublicIdentity) -> Url {
        let Embedded { records, blobs } = Embedded::open(self.folder.path().join(name)).unwrap();
        self.runtime.as_ref().unwrap().block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address: Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
            let options = GatewayOptions::new(&address).unwrap();
            let app = router(Gateway::new(Arc::new(records), Arc::new(blobs), owner, options));
            tokio::spawn(async move { axum::serve(listener, app).await });
            address
        })
    }

    /// Where everything lies that the server keeps.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Stops it: nobody answers any more.
    pub(crate) fn stop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(5));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What a cloud lies in.
pub(crate) type Stores = (Arc<dyn RecordStore<CloudSchema>>, Arc<dyn BlobStore>);

async fn serve(folder: &Path, traffic: Arc<Traffic>, stores: Option<Stores>) -> (Url, PublicIdentity, String) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin: Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let mailer = MemoryMailer::default();
    let folders = folder.join("clouds");
    let host = Arc::new(Host { folder: folders, stores, origin: origin.clone(), open: Mutex::default() });
    let records = EmbeddedRecords::open(folder.join("platform.sqlite")).unwrap();
    // The least that Argon2 takes: what is tested here is not its cost.
    let options = EmbeddedOptions { argon2: Argon2Cost { memory_kib: 8, passes: 1 } };
    let (clock, secret) = (Arc::new(SystemClock), ServerSecret::from_bytes([42; 32]));
    let mut parts = ServerParts::embedded(Arc::new(records), clock, secret, Arc::new(mailer.clone()), options);
    parts.host = Some(host.clone());
    let server = PlatformServer::new(parts, ServerOptions::new(origin.clone())).unwrap();
    let routes = axum::Router::new()
        .nest("/api/v1", imegha_platform::api::router(server))
        .nest("/cloud", hosted_router(host))
        .layer(from_fn_with_state(traffic, watch));
    let service = routes.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    let (owner, phrase) = sign_up(&origin, &mailer).await;
    (origin, owner, phrase)
}

/// Does what the web app does for a new account.
async fn sign_up(origin: &Url, mailer: &MemoryMailer) -> (PublicIdentity, String) {
    let platform = Platform::new(origin.clone()).unwrap();
    let sign_up = SignUp::prepare(EMAIL, "ada", PASSWORD, SystemClock.now_ms()).await.unwrap();
    platform.sign_up(&sign_up, true, 1).await.unwrap();
    let Message::Code { code, .. } = mailer.next().await.message else { panic!("a code was expected") };
    platform.confirm(&sign_up.account(), &code).await.unwrap();
    let account = platform.sign_in_first(&sign_up).await.unwrap().account;
    let url = platform.host_cloud().await.unwrap().url;
    let keys = keys(&account).with_recovery_wrap(sign_up.recovery_wrap().clone());
    let cloud = Cloud::create(keys, store(&account, &url)).await.unwrap();
    platform.set_gateway(&account, None, GatewayAddress { url, cloud: cloud.id() }).await.unwrap();
    let words = sign_up.phrase().words().collect::<Vec<_>>().join(" ");
    (account.history.first().clone(), words)
}

fn keys(account: &Account) -> CloudKeys {
    CloudKeys::new(account.id, account.dek.clone(), account.dek_epoch, account.identity.clone())
}

fn store(account: &Account, url: &Url) -> Store {
    let clock = Arc::new(SystemClock);
    let audience = account.history.first().fingerprint();
    let remote = Remote::new(url.clone(), account.identity.clone(), audience, clock.clone()).unwrap();
    Store {
        records: Arc::new(RemoteRecords::new(remote.clone())),
        blobs: Arc::new(RemoteBlobs::new(remote)),
        clock,
        device: Arc::new(MemoryDevice::new()),
    }
}

async fn watch(State(traffic): State<Arc<Traffic>>, request: Request, next: Next) -> Response {
    let length = request.headers().get("content-length").and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_some_and(|length| length > 0 && length == traffic.refused_len.load(Ordering::SeqCst)) {
        return (StatusCode::FORBIDDEN, r#"{"code":"denied"}"#).into_response();
    }
    if length.is_some_and(|length: u64| length > 1_000_000) {
        tokio::time::sleep(Duration::from_millis(traffic.delay_ms.load(Ordering::SeqCst))).await;
        traffic.parts.fetch_add(1, Ordering::SeqCst);
    }
    next.run(request).await
}

/// A host of clouds in folders, or of one in other stores.
#[derive(Debug)]
struct Host {
    folder: PathBuf,
    stores: Option<Stores>,
    origin: Url,
    open: Mutex<HashMap<Fingerprint, Gateway>>,
}

#[async_trait]
impl CloudHost for Host {
    async fn create(&self, _: &Id, owner: &PublicIdentity) -> imegha_platform::Result<Url> {
        let fingerprint = owner.fingerprint();
        let url = self.origin.join(&format!("/cloud/{fingerprint}")).unwrap();
        self.open.lock().unwrap().entry(fingerprint).or_insert_with(|| {
            let (records, blobs) = self.stores.clone().unwrap_or_else(|| {
                let Embedded { records, blobs } = Embedded::open(self.folder.join(fingerprint.to_string())).unwrap();
                (Arc::new(records), Arc::new(blobs))
            });
            Gateway::new(records, blobs, owner.clone(), GatewayOptions::new(&url).unwrap())
        });
        Ok(url)
    }
}

#[async_trait]
impl Clouds for Host {
    async fn gateway(&self, owner: &Fingerprint) -> imegha_cloud::Result<Option<Gateway>> {
        Ok(self.open.lock().unwrap().get(owner).cloned())
    }
}
