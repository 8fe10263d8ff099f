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

#[cfg(test)]
mod tests {
    use imegha_crypto::Identity;

    use super::*;

    #[test]
    fn what_falls_out_is_closed_and_opens_again() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let owner = Identity::generate().expect("keys").public().clone();
        let [first, second] =
            ["a", "b"].map(|name| (Fingerprint::from_bytes([name.as_bytes()[0]; 32]), root.path().join(name)));
        let address = "https://cloud.example/cloud/x".parse().expect("an address");
        let config = EmbeddedConfig::default();
        let open = |folder: &Path| open(folder, owner.clone(), &address, &config, BodyBudget::default());

        let mut clouds = OpenClouds::new(1);
        clouds.keep(first.0, open(&first.1).expect("opened"));
        assert!(clouds.find(&first.0).is_some());
        assert!(open(&first.1).is_err(), "a cloud that is open is locked");
        clouds.keep(second.0, open(&second.1).expect("opened"));
        assert!(clouds.find(&first.0).is_none() && clouds.find(&second.0).is_some());
        open(&first.1).expect("it was closed");
    }
}
