//! The hosted clouds that are open.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use imegha_cloud::backend::embedded::{Embedded, EmbeddedConfig};
use imegha_cloud::gateway::{BodyBudget, Gateway, GatewayOptions};
use imegha_cloud::schema::CloudSchema;
use imegha_crypto::{Fingerprint, PublicIdentity};
use url::Url;

/// The gateways of the clouds that were asked for last, the latest first.
///
/// One that falls out is closed as soon as no request uses it. Until then its folder is locked, and who asks for it again
/// is told to try later.
#[derive(Debug)]
pub(crate) struct OpenClouds {
    most: usize,
    gateways: VecDeque<(Fingerprint, Gateway)>,
}

impl OpenClouds {
    /// Keeps `most` clouds open.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, gateways: VecDeque::new() }
    }

    /// The gateway of that owner, if it is open.
    pub(crate) fn find(&mut self, owner: &Fingerprint) -> Option<Gateway> {
        let place = self.gateways.iter().position(|(fingerprint, _)| fingerprint == owner)?;
        let found = self.gateways.remove(place)?;
        let gateway = found.1.clone();
        self.gateways.push_front(found);
        Some(gateway)
    }

    /// Keeps a gateway that was just opened.
    pub(crate) fn keep(&mut self, owner: Fingerprint, gateway: Gateway) {
        self.gateways.push_front((owner, gateway));
        self.gateways.truncate(self.most);
    }
}

/// Opens the cloud in `folder` behind a gateway. Blocks.
///
/// # Errors
/// When the folder cannot be opened, or is in use.
pub(crate) fn open(
    folder: &Path,
    owner: PublicIdentity,
    address: &Url,
    config: &EmbeddedConfig,
    bodies: BodyBudget,
) -> Result<Gateway> {
    let Embedded { records, blobs } = Embedded::<CloudSchema>::open_with(folder, config)
        .with_context(|| format!("the hosted cloud in {}", folder.display()))?;
    let options = GatewayOptions::new(address)?.with_body_budget(bodies);
    Ok(Gateway::new(Arc::new(records), Arc::new(blobs), owner, options))
}
