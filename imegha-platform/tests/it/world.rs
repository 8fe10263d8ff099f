//! A platform in this process: its parts, and ways to talk to it.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request as HttpRequest, StatusCode, header};
use futures::StreamExt as _;
use http_body_util::BodyExt as _;
use imegha_cloud::backend::RecordStore;
use imegha_cloud::backend::embedded::EmbeddedRecords;
use imegha_cloud::backend::memory::MemoryRecords;
use imegha_cloud::clock::ManualClock;
use imegha_crypto::{Id, PublicIdentity};
use imegha_platform::api::{Limits, PeopleLimits, Rate};
use imegha_platform::client::{Platform, Request, Response, SignUp, SignedIn, Streamed, Transport};
use imegha_platform::identity::{Argon2Cost, EmbeddedOptions};
use imegha_platform::mail::{Mail, MemoryMailer, Message};
use imegha_platform::protocol::SessionKind;
use imegha_platform::push::PushCarrier;
use imegha_platform::registry::{PlatformSchema, Registry};
use imegha_platform::{
    CloudHost, Error, ErrorKind, PlatformServer, Result, ServerOptions, ServerParts, ServerSecret, api,
};
use serde_json::Value;
use tower::ServiceExt as _;
use url::Url;

use crate::description;
use crate::faulty::Faulty;
use crate::recording::Recording;

pub(crate) const PASSWORD: &str = "plum cactus governs tuesday";
pub(crate) const ORIGIN: &str = "http://127.0.0.1:3000";
pub(crate) const POLICY: u32 = 1;
pub(crate) const MINUTE: u64 = 60 * 1000;
pub(crate) const DAY: u64 = 24 * 60 * MINUTE;
pub(crate) const NOW: u64 = 1_790_000_000_000;

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) mailer: MemoryMailer,
    pub(crate) store: Recording,
    pub(crate) identity: Faulty,
    pub(crate) server: PlatformServer,
    pub(crate) wire: Arc<Wire>,
    folder: Option<Arc<tempfile::TempDir>>,
    parts: Parts,
}

/// What makes a platform's parts of records, a clock and a mailbox.
#[derive(Clone)]
pub(crate) struct Parts {
    make: Arc<MakeParts>,
    is_one_machine: bool,
}

type MakeParts = dyn Fn(Arc<Recording>, Arc<ManualClock>, MemoryMailer) -> ServerParts + Send + Sync;

impl Parts {
    pub(crate) fn new(
        make: impl Fn(Arc<Recording>, Arc<ManualClock>, MemoryMailer) -> ServerParts + Send + Sync + 'static,
    ) -> Self {
        Self { make: Arc::new(make), is_one_machine: false }
    }

    /// Those of one machine.
    fn embedded() -> Self {
        let made = Self::new(|store, clock, mailer| {
            // The least that Argon2 takes: what is tested here is not its cost.
            let identity = EmbeddedOptions { argon2: Argon2Cost { memory_kib: 8, passes: 1 } };
            ServerParts::embedded(store, clock, ServerSecret::from_bytes([42; 32]), Arc::new(mailer), identity)
        });
        Self { is_one_machine: true, ..made }
    }
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Parts")
    }
}

impl World {
    pub(crate) fn memory() -> Self {
        Self::memory_with(|_| {})
    }

    pub(crate) fn memory_with(change: impl FnOnce(&mut ServerOptions)) -> Self {
        Self::build(Arc::new(MemoryRecords::<PlatformSchema>::new()), None, change)
    }

    pub(crate) fn embedded() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let records = EmbeddedRecords::<PlatformSchema>::open(folder.path().join("platform.sqlite")).unwrap();
        Self::build(Arc::new(records), Some(folder), |_| {})
    }

    fn build(
        records: Arc<dyn RecordStore<PlatformSchema>>,
        folder: Option<tempfile::TempDir>,
        change: impl FnOnce(&mut ServerOptions),
    ) -> Self {
        let (clock, mailer) = (Arc::new(ManualClock::new(NOW)), MemoryMailer::default());
        Self::serve(Parts::embedded(), clock, mailer, Recording::new(records), folder.map(Arc::new), None, change)
    }

    /// A platform of other parts than one machine's.
    #[cfg(all(feature = "aws", feature = "conformance"))]
    pub(crate) fn of(parts: Parts, records: Arc<dyn RecordStore<PlatformSchema>>) -> Self {
        let (clock, mailer) = (Arc::new(ManualClock::new(NOW)), MemoryMailer::default());
        Self::serve(parts, clock, mailer, Recording::new(records), None, None, |_| {})
    }

    /// Another server over the same records, with a clean memory.
    pub(crate) fn restarted(&self, change: impl FnOnce(&mut ServerOptions)) -> Self {
        let (clock, folder) = (self.clock.clone(), self.folder.clone());
        Self::serve(self.parts.clone(), clock, MemoryMailer::default(), self.store.reborn(), folder, None, change)
    }

    /// The server in the place of this one, for the clients that are there: they go on with it.
    pub(crate) fn restart(&mut self) {
        let again = self.restarted(|_| {});
        *self.wire.router.lock().unwrap() = again.wire.router.lock().unwrap().clone();
        *self.wire.store.lock().unwrap() = again.store.clone();
        *self = Self { wire: self.wire.clone(), ..again };
    }

    /// Whether the records are SQLite's.
    pub(crate) fn is_embedded(&self) -> bool {
        self.folder.is_some()
    }

    /// A platform over records that are there.
    pub(crate) fn over(records: Arc<dyn RecordStore<PlatformSchema>>) -> Self {
        Self::build(records, None, |_| {})
    }

    fn serve(
        parts_of: Parts,
        clock: Arc<ManualClock>,
        mailer: MemoryMailer,
        store: Recording,
        folder: Option<Arc<tempfile::TempDir>>,
        push: Option<Arc<dyn PushCarrier>>,
        change: impl FnOnce(&mut ServerOptions),
    ) -> Self {
        let mut parts = (parts_of.make)(Arc::new(store.clone()), clock.clone(), mailer.clone());
        parts.host = Some(Arc::new(Host));
        parts.push = push;
        let identity = Faulty::new(parts.identity);
        parts.identity = Arc::new(identity.clone());
        let mut options = ServerOptions::new(Url::parse(ORIGIN).unwrap());
        options.policy_version = POLICY;
        options.events_look_ms = 30;
        // Wide: what is limited, and how, is the business of `limits.rs`.
        let wide = Rate { burst: 100_000, per_hour: 100_000 };
        options.limits =
            Limits { network_sign_up: wide, network: wide, account: wide, mail: wide, people: PeopleLimits::all(wide) };
        change(&mut options);
        let server = PlatformServer::new(parts, options).unwrap();
        let wire = Arc::new(Wire {
            router: Mutex::new(api::router(server.clone())),
            store: Mutex::new(store.clone()),
            sent: Mutex::default(),
            answered: Mutex::default(),
        });
        Self { clock, mailer, store, identity, server, wire, folder, parts: parts_of }
    }

    /// Whether what proves a password is among the records.
    pub(crate) fn keeps_credentials(&self) -> bool {
        self.parts.is_one_machine
    }

    /// A platform that has devices notified.
    pub(crate) fn notifying(clock: Arc<ManualClock>, push: Arc<dyn PushCarrier>) -> Self {
        let store = Recording::new(Arc::new(MemoryRecords::<PlatformSchema>::new()));
        Self::serve(Parts::embedded(), clock, MemoryMailer::default(), store, None, Some(push), |options| {
            options.push_wait_ms = 20;
        })
    }

    /// Another instance of the same platform, behind the same load balancer.
    pub(crate) fn another_instance(&self) -> Self {
        let (clock, mailer, folder) = (self.clock.clone(), self.mailer.clone(), self.folder.clone());
        Self::serve(self.parts.clone(), clock, mailer, self.store.clone(), folder, None, |_| {})
    }

    /// The registry, past the platform.
    pub(crate) fn server_registry(&self) -> Registry {
        Registry::new(Arc::new(self.store.clone()), self.clock.clone())
    }

    /// A client that has nobody signed in.
    pub(crate) fn client(&self) -> Platform {
        Platform::with_transport(self.wire.clone())
    }

    /// A new account, asked for but not confirmed.
    pub(crate) async fn sign_up(&self, email: &str, tag: &str) -> SignUp {
        let sign_up = SignUp::prepare(email, tag, PASSWORD, NOW).await.unwrap();
        self.client().sign_up(&sign_up, true, POLICY).await.unwrap();
        sign_up
    }

    /// A new account with its code given.
    pub(crate) async fn account(&self, email: &str, tag: &str) -> SignUp {
        let sign_up = self.sign_up(email, tag).await;
        let code = self.next_code().await;
        self.client().confirm(&sign_up.account(), &code).await.unwrap();
        sign_up
    }

    /// A new account, and a client that is signed in to it.
    pub(crate) async fn signed_in(&self, email: &str, tag: &str) -> (Platform, SignedIn) {
        let sign_up = self.account(email, tag).await;
        let client = self.client();
        let signed_in = client.sign_in_first(&sign_up).await.unwrap();
        (client, signed_in)
    }

    pub(crate) async fn next_mail(&self) -> Mail {
        let wait = std::time::Duration::from_secs(20);
        tokio::time::timeout(wait, self.mailer.next()).await.expect("a mail comes")
    }

    pub(crate) async fn next_code(&self) -> String {
        match self.next_mail().await.message {
            Message::Code { code, .. } | Message::RecoveryCode { code, .. } | Message::EmailChangeCode { code, .. } => {
                code
            }
            _ => panic!("not a mail with a code"),
        }
    }

    /// One request as HTTP.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let mut request = HttpRequest::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.wire.exchange(request.body(body).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, &[], Some(body)).await
    }

    /// The body of the request that the client sent last to a path.
    pub(crate) fn last_sent(&self, path: &str) -> Value {
        let sent = self.wire.sent.lock().unwrap();
        let (_, body) = sent.iter().rev().find(|(sent, _)| sent == path).expect("it was sent");
        if body.is_empty() { Value::Null } else { serde_json::from_slice(body).unwrap() }
    }
}

/// A code that is not `code`.
pub(crate) fn another_code(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

/// An answer as HTTP: what somebody who compares answers compares.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap().to_owned()
    }
}

/// The way to the router without a socket, and all that went over it.
#[derive(Debug)]
pub(crate) struct Wire {
    router: Mutex<Router>,
    store: Mutex<Recording>,
    pub(crate) sent: Mutex<Vec<(String, Vec<u8>)>>,
    pub(crate) answered: Mutex<Vec<Vec<u8>>>,
}

impl Wire {
    pub(crate) async fn exchange(&self, request: HttpRequest<Body>) -> Answer {
        let router = self.router.lock().unwrap().clone();
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = router.oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        description::check(&method, &path, parts.status, &parts.headers, &body);
        Answer { status: parts.status, headers: parts.headers, body }
    }
}

#[async_trait]
impl Transport for Wire {
    async fn send(&self, request: Request) -> Result<Response> {
        let body = request.body.as_ref().map(|body| body.to_vec()).unwrap_or_default();
        self.sent.lock().unwrap().push((request.path.clone(), body.clone()));
        let mut http = HttpRequest::builder().method(request.method).uri(format!("/{}", request.path));
        if request.body.is_some() {
            http = http.header(header::CONTENT_TYPE, "application/json");
        }
        if let Some(bearer) = &request.bearer {
            http = http.header(header::AUTHORIZATION, format!("Bearer {}", bearer.as_str()));
        }
        let store = self.store.lock().unwrap().clone();
        let answer = self.exchange(http.body(Body::from(body)).unwrap()).await;
        if store.is_dead() {
            return Err(Error::new(ErrorKind::Network, "nobody answers"));
        }
        self.answered.lock().unwrap().push(answer.body.clone());
        Ok(Response { status: answer.status.as_u16(), body: answer.body })
    }

    fn origin(&self) -> String {
        ORIGIN.to_owned()
    }

    async fn stream(&self, request: Request) -> Result<Streamed> {
        let mut http = HttpRequest::builder().method(request.method).uri(format!("/{}", request.path));
        if let Some(bearer) = &request.bearer {
            http = http.header(header::AUTHORIZATION, format!("Bearer {}", bearer.as_str()));
        }
        let router = self.router.lock().unwrap().clone();
        let response = router.oneshot(http.body(Body::empty()).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().into_data_stream().map(|bytes| Ok(bytes.unwrap().to_vec()));
        Ok(Streamed { status, body: Box::pin(body) })
    }

    fn session_kind(&self) -> SessionKind {
        SessionKind::Bearer
    }
}

/// A host whose clouds are their addresses.
#[derive(Debug)]
struct Host;

#[async_trait]
impl CloudHost for Host {
    async fn create(&self, account: &Id, owner: &PublicIdentity) -> Result<Url> {
        Ok(Url::parse(&format!("https://clouds.example/{account}/{}", owner.fingerprint())).unwrap())
    }
}
