//! What the platform does, without HTTP: each flow from a parsed request to an answer.

mod account;
mod deletion;
mod email;
mod password;
mod people;
mod person;
mod phrase;
mod prelogin;
mod recovery;
mod renewal;
mod session;
mod sign_in;
mod sign_up;
mod validate;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use imegha_cloud::backend::RecordStore;
use imegha_cloud::clock::Clock;
use imegha_crypto::{Id, PublicIdentity};
use url::{Host, Url};

pub use person::Held;
pub(crate) use session::Authenticated;

use crate::api::{Limits, Metrics};
use crate::error::{Error, ErrorKind, Result};
use crate::identity::{EmbeddedIdentity, EmbeddedOptions, IdentityProvider};
use crate::mail::Mailer;
use crate::protocol::Config;
use crate::push::{PushCarrier, PushQueue};
use crate::registry::{PlatformSchema, Registry};
use crate::secret::ServerSecret;

/// A platform. Cheap to clone; [`api::router`](crate::api::router) serves it.
#[derive(Clone)]
pub struct PlatformServer {
    inner: Arc<Inner>,
}

struct Inner {
    parts: ServerParts,
    options: ServerOptions,
    hub: people::Hub,
    push: Option<PushQueue>,
    metrics: Metrics,
}

/// What a platform is made of.
#[derive(Clone, Debug)]
pub struct ServerParts {
    /// Its accounts.
    pub registry: Registry,
    /// Who proves that an account is theirs.
    pub identity: Arc<dyn IdentityProvider>,
    /// Its secret, the same after every start.
    pub secret: ServerSecret,
    /// Who makes clouds for accounts, if anybody does.
    pub host: Option<Arc<dyn CloudHost>>,
    /// Who carries notifications to devices, if anybody does.
    pub push: Option<Arc<dyn PushCarrier>>,
}

impl ServerParts {
    /// The parts of a platform on one machine: registry and identity in one store. Without a [`CloudHost`] and a
    /// [`PushCarrier`], to which `host` and `push` may be set.
    pub fn embedded(
        store: Arc<dyn RecordStore<PlatformSchema>>,
        clock: Arc<dyn Clock>,
        secret: ServerSecret,
        mailer: Arc<dyn Mailer>,
        options: EmbeddedOptions,
    ) -> Self {
        let identity = EmbeddedIdentity::new(store.clone(), clock.clone(), secret.clone(), mailer, options);
        Self { registry: Registry::new(store, clock), identity: Arc::new(identity), secret, host: None, push: None }
    }
}

/// What can be chosen of a platform.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServerOptions {
    /// The address that people type, such as `https://imegha.example`: scheme, host and port. Pages of no other origin are heard.
    pub origin: Url,
    /// The version of the policy in force, which a sign-up must accept.
    pub policy_version: u32,
    /// How long a session lasts, in milliseconds: 30 days.
    pub session_ms: u64,
    /// How much is taken from one address and for one account.
    pub limits: Limits,
    /// How many proxies of the operator's own stand before the server, each of which adds to `X-Forwarded-For`: 0, and the header is
    /// not read.
    pub proxies: usize,
    /// How often a stream of events looks into the registry for what another instance has put there, and whether its session goes on: every
    /// five seconds. What the same instance puts there it hears at once.
    pub events_look_ms: u64,
    /// How long a notification that the push service did not take waits before it is tried again the first time: a second. Each time after
    /// that it is twice as long.
    pub push_wait_ms: u64,
    /// How long a request may take, from its first byte to its answer's: half a minute. A body that trickles in is cut off then.
    pub answer_within_ms: u64,
}

impl ServerOptions {
    /// The defaults, at `origin`.
    pub fn new(origin: Url) -> Self {
        Self {
            origin,
            policy_version: 1,
            session_ms: 30 * 24 * 60 * 60 * 1000,
            limits: Limits::default(),
            proxies: 0,
            events_look_ms: 5_000,
            push_wait_ms: 1_000,
            answer_within_ms: 30_000,
        }
    }
}

/// Makes clouds for accounts: implemented by the server that hosts them. The platform itself has no route to what people keep.
#[async_trait]
pub trait CloudHost: Send + Sync + fmt::Debug {
    /// The address of the account's cloud, which is made if there is none yet. `owner` is the account's first identity: the gateway
    /// takes requests that it signed.
    ///
    /// # Errors
    /// [`StorageFull`](crate::ProblemCode::StorageFull), or whatever failed.
    async fn create(&self, account: &Id, owner: &PublicIdentity) -> Result<Url>;

    /// The most bytes of objects that each of its clouds holds, if there is such a limit. Everybody is told it.
    fn quota(&self) -> Option<u64> {
        None
    }
}

impl PlatformServer {
    /// A platform of these parts.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when the origin is neither https nor on loopback, or is more than an origin.
    pub fn new(parts: ServerParts, options: ServerOptions) -> Result<Self> {
        let origin = &options.origin;
        let bare = origin.path() == "/" && origin.query().is_none() && origin.username().is_empty();
        if !bare || !(origin.scheme() == "https" || is_loopback_http(origin)) {
            return Err(Error::new(ErrorKind::Config, "a platform's origin is https, or on loopback, without a path"));
        }
        let first_wait = Duration::from_millis(options.push_wait_ms);
        let push = parts.push.clone().map(|carrier| PushQueue::new(carrier, parts.registry.clone(), first_wait));
        Ok(Self { inner: Arc::new(Inner { parts, options, hub: people::Hub::new(), push, metrics: Metrics::new() }) })
    }

    /// What clients need to know before anybody signs in.
    pub fn config(&self) -> Config {
        Config {
            policy_version: self.options().policy_version,
            code_on_terminal: self.identity().code_on_terminal(),
            hosted_clouds: self.inner.parts.host.is_some(),
            hosted_bytes: self.inner.parts.host.as_ref().and_then(|host| host.quota()),
        }
    }

    /// Removes what has ended: accounts never confirmed or being deleted, sessions, challenges, codes, lock-outs. To be called every few minutes; nothing depends on
    /// when, since every reader looks at the clock itself.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`].
    pub async fn sweep(&self) -> Result<()> {
        for account in self.registry().unconfirmed(SWEEP_LIMIT).await? {
            self.registry().release(&account).await?;
        }
        for account in self.registry().deleting(SWEEP_LIMIT).await? {
            // One that cannot be deleted yet keeps nobody from the others.
            if let Err(error) = self.finish_deletion(&account).await {
                tracing::warn!(?error, "an account is not deleted to its end yet");
            }
        }
        self.registry().sweep_challenges(SWEEP_LIMIT).await?;
        self.registry().sweep_sessions(SWEEP_LIMIT).await?;
        self.registry().sweep_pokes(SWEEP_LIMIT).await?;
        self.identity().sweep(SWEEP_LIMIT).await
    }

    /// How many requests there were since the start, and how long they took, by route and status: text for Prometheus
    /// ([`METRICS_MEDIA_TYPE`](crate::api::METRICS_MEDIA_TYPE)). Nothing of whoever asked is in it, and still it is for operators alone: it
    /// says how many there are.
    pub fn metrics(&self) -> String {
        self.inner.metrics.to_text()
    }

    pub(crate) fn metrics_of_requests(&self) -> &Metrics {
        &self.inner.metrics
    }

    pub(crate) fn options(&self) -> &ServerOptions {
        &self.inner.options
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.inner.parts.registry
    }

    pub(crate) fn identity(&self) -> &dyn IdentityProvider {
        self.inner.parts.identity.as_ref()
    }

    pub(crate) fn secret(&self) -> &ServerSecret {
        &self.inner.parts.secret
    }

    pub(crate) fn hub(&self) -> &people::Hub {
        &self.inner.hub
    }

    pub(crate) fn push(&self) -> Option<&PushQueue> {
        self.inner.push.as_ref()
    }

    pub(crate) fn host(&self) -> Option<&dyn CloudHost> {
        self.inner.parts.host.as_deref()
    }
}

impl fmt::Debug for PlatformServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlatformServer").field("origin", &self.options().origin.as_str()).finish_non_exhaustive()
    }
}

fn is_loopback_http(origin: &Url) -> bool {
    origin.scheme() == "http"
        && match origin.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
}

/// How much of each kind one sweep removes at most.
const SWEEP_LIMIT: usize = 500;
