//! What a gateway is told about where it stands.

use std::sync::Arc;

use url::Url;

use super::BodyBudget;
use super::direct::Direct;
use crate::backend::Presign;
use crate::clock::{Clock, SystemClock};
use crate::error::{Error, ErrorKind, Result};

/// The address of a gateway, its clock, and how much it holds in memory.
#[derive(Clone, Debug)]
pub struct GatewayOptions {
    /// The public address without a slash at its end: what requests are signed for, whatever their `Host` says.
    pub(super) address: String,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) bodies: BodyBudget,
    pub(super) direct: Option<Direct>,
}

impl GatewayOptions {
    /// Options for the gateway that clients reach at `address`: scheme, host, port, and the path that it is mounted at.
    ///
    /// # Errors
    /// `Malformed` for an address that is not http or https, or that has a user, a query or a fragment.
    pub fn new(address: &Url) -> Result<Self> {
        let plain = matches!(address.scheme(), "http" | "https")
            && address.username().is_empty()
            && address.password().is_none()
            && address.query().is_none()
            && address.fragment().is_none();
        if !plain {
            return Err(Error::new(ErrorKind::Malformed, "not the address of a gateway"));
        }
        Ok(Self {
            address: address.as_str().trim_end_matches('/').to_owned(),
            clock: Arc::new(SystemClock),
            bodies: BodyBudget::default(),
            direct: None,
        })
    }

    /// The same at another address.
    pub(super) fn with_address(self, address: &Url) -> Result<Self> {
        let Self { address, .. } = Self::new(address)?;
        Ok(Self { address, ..self })
    }

    /// The same on another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The same with a budget for bodies that other gateways of the process share.
    #[must_use]
    pub fn with_body_budget(mut self, bodies: BodyBudget) -> Self {
        self.bodies = bodies;
        self
    }

    /// The same, with bodies of `from_len` bytes and more straight between the client and the store, by addresses that `presign` signs.
    /// Clients must reach the store for that; for those in browsers it must allow the app's origin.
    #[must_use]
    pub fn with_direct(mut self, presign: Arc<dyn Presign>, from_len: u64) -> Self {
        self.direct = Some(Direct { presign, from_len });
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_plain_one() {
        let address = |text: &str| GatewayOptions::new(&text.parse().unwrap()).map(|options| options.address);
        assert_eq!(address("https://cloud.example").unwrap(), "https://cloud.example");
        assert_eq!(address("https://cloud.example:443/a/b/").unwrap(), "https://cloud.example/a/b");
        for refused in ["ftp://x.example", "https://x.example/?q", "https://x.example/#f", "https://me@x.example"] {
            assert_eq!(address(refused).unwrap_err().kind(), ErrorKind::Malformed);
        }
    }
}
