//! The clouds that this server hosts: a folder each, behind the same gateway that anybody deploys.
//!
//! A cloud is at `<origin>/cloud/<owner's first fingerprint>`. It is opened when it is first asked for, and closed when many
//! others were asked for since.

mod open;
mod owner;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use imegha_cloud::backend::embedded::EmbeddedConfig;
use imegha_cloud::gateway::{BodyBudget, Clouds, Gateway, hosted_router};
use imegha_crypto::{Fingerprint, Id, PublicIdentity};
use imegha_platform::{CloudHost, ErrorKind, ProblemCode};
use tokio::sync::Mutex;
use url::Url;

use super::data::make_private;
use open::{OpenClouds, open};
use owner::Owner;

/// The hosted clouds. Cheap to clone.
#[derive(Clone)]
pub(crate) struct HostedClouds(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    /// `<origin>/cloud`.
    address: String,
    config: EmbeddedConfig,
    bodies: BodyBudget,
    open: Mutex<OpenClouds>,
}

impl HostedClouds {
    /// The clouds in `folder`, at `origin` (without a slash at its end), of at most `quota` bytes each.
    pub(crate) fn new(folder: PathBuf, origin: &str, quota: u64) -> Self {
        Self(Arc::new(Inner {
            folder,
            address: format!("{origin}/cloud"),
            config: EmbeddedConfig::default().with_quotas(quota, RECORD_QUOTA),
            bodies: BodyBudget::default(),
            open: Mutex::new(OpenClouds::new(AT_ONCE)),
        }))
    }

    /// The gateways of all of them, to be nested under `/cloud`.
    pub(crate) fn router(self) -> Router {
        hosted_router(Arc::new(self))
    }

    /// Where the cloud of that owner is, whether or not there is one.
    fn address(&self, owner: &Fingerprint) -> anyhow::Result<Url> {
        Ok(Url::parse(&format!("{}/{owner}", self.0.address))?)
    }

    fn folder(&self, owner: &Fingerprint) -> PathBuf {
        self.0.folder.join(owner.to_string())
    }

    /// Makes the folder of an account's cloud, unless it is there.
    fn make(&self, account: &Id, identity: &PublicIdentity) -> anyhow::Result<Url> {
        let fingerprint = identity.fingerprint();
        let folder = self.folder(&fingerprint);
        match Owner::read(&folder)? {
            Some(owner) if owner.account == *account => {}
            Some(_) => anyhow::bail!("this hosted cloud is another account's"),
            None => {
                make_private(&folder)?;
                Owner { account: *account, identity: identity.clone() }.write(&folder)?;
            }
        }
        self.address(&fingerprint)
    }

    /// Opens the cloud of that owner; nothing when it was never made.
    fn open(&self, owner: &Fingerprint) -> anyhow::Result<Option<Gateway>> {
        let folder = self.folder(owner);
        let Some(Owner { identity, .. }) = Owner::read(&folder)? else { return Ok(None) };
        // The folder's name is what was asked for; whose it is stands in it.
        anyhow::ensure!(identity.fingerprint() == *owner, "a hosted cloud stands under another's fingerprint");
        open(&folder, identity, &self.address(owner)?, &self.0.config, self.0.bodies.clone()).map(Some)
    }
}

#[async_trait]
impl CloudHost for HostedClouds {
    async fn create(&self, account: &Id, owner: &PublicIdentity) -> imegha_platform::Result<Url> {
        let (clouds, account, owner) = (self.clone(), *account, owner.clone());
        let made = tokio::task::spawn_blocking(move || clouds.make(&account, &owner)).await;
        made.map_err(anyhow::Error::from).flatten().map_err(|error| {
            tracing::error!(?error, "a hosted cloud could not be made");
            imegha_platform::Error::new(
                ErrorKind::Refused(ProblemCode::Unavailable),
                "a hosted cloud could not be made",
            )
        })
    }

    fn quota(&self) -> Option<u64> {
        self.0.config.blob_quota
    }
}

#[async_trait]
impl Clouds for HostedClouds {
    async fn gateway(&self, owner: &Fingerprint) -> imegha_cloud::Result<Option<Gateway>> {
        // Held while a cloud is opened, so that no two requests open the same one.
        let mut opened = self.0.open.lock().await;
        if let Some(gateway) = opened.find(owner) {
            return Ok(Some(gateway));
        }
        let (clouds, wanted) = (self.clone(), *owner);
        let gateway = tokio::task::spawn_blocking(move || clouds.open(&wanted)).await;
        let gateway = gateway.map_err(anyhow::Error::from).flatten().map_err(|error| {
            tracing::error!(?error, "a hosted cloud could not be opened");
            imegha_cloud::Error::new(imegha_cloud::ErrorKind::Unavailable, "a hosted cloud could not be opened")
        })?;
        if let Some(gateway) = &gateway {
            opened.keep(*owner, gateway.clone());
        }
        Ok(gateway)
    }
}

impl fmt::Debug for HostedClouds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostedClouds").field("folder", &self.0.folder).finish_non_exhaustive()
    }
}

/// How many clouds are open at once: each has an SQLite connection and a few files.
const AT_ONCE: usize = 128;

/// The most bytes of a cloud's records: about a million files.
const RECORD_QUOTA: u64 = 4 * 1024 * 1024 * 1024;
