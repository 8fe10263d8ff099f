//! The address of a cloud's gateway.

use imegha_crypto::Id;
use serde::{Deserialize, Serialize};
#[cfg(feature = "client")]
use url::Host;
use url::Url;

#[cfg(feature = "client")]
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::base64url;

/// Where an account's cloud is. The platform keeps it sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayAddress {
    /// The gateway's address.
    pub url: Url,
    /// The cloud's id.
    pub cloud: Id,
}

impl GatewayAddress {
    /// The JSON that is sealed.
    #[cfg(feature = "client")]
    pub(crate) fn to_json(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(&WireAddress::from(self))
            .map_err(|error| Error::with_source(ErrorKind::Device, "the gateway's address cannot be written", error))
    }

    /// Reads what was sealed.
    ///
    /// # Errors
    /// [`ErrorKind::CannotOpen`] when it is not of the form, or neither https nor on loopback.
    #[cfg(feature = "client")]
    pub(crate) fn from_json(json: &[u8]) -> Result<Self> {
        let malformed = || Error::new(ErrorKind::CannotOpen, "the gateway's address is not of its form");
        let payload: WireAddress = serde_json::from_slice(json).map_err(|_| malformed())?;
        let url = Url::parse(&payload.url).map_err(|_| malformed())?;
        if !is_safe_address(&url) {
            return Err(malformed());
        }
        Ok(Self { url, cloud: payload.cloud })
    }
}

/// An address as it stands in JSON, not looked at yet.
#[derive(Serialize, Deserialize)]
pub(crate) struct WireAddress {
    pub(crate) url: String,
    #[serde(with = "base64url")]
    pub(crate) cloud: Id,
}

impl From<&GatewayAddress> for WireAddress {
    fn from(address: &GatewayAddress) -> Self {
        Self { url: address.url.to_string(), cloud: address.cloud }
    }
}

/// Whether requests may go there: https, or plain http to this very machine.
#[cfg(feature = "client")]
pub(crate) fn is_safe_address(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.has_host(),
        "http" => match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        },
        _ => false,
    }
}

#[cfg(all(test, feature = "client"))]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine() {
        for (text, safe) in [
            ("https://example.com/cloud", true),
            ("http://127.0.0.1:3000/", true),
            ("http://[::1]:3000/", true),
            ("http://localhost/", true),
            ("http://example.com/", false),
            ("http://127.0.0.1.example.com/", false),
            ("http://192.168.1.2/", false),
            ("ftp://localhost/", false),
            ("data:text/plain,x", false),
        ] {
            assert_eq!(is_safe_address(&Url::parse(text).unwrap()), safe, "{text}");
        }
    }

    #[test]
    fn the_address_survives_and_an_unsafe_one_does_not() {
        let address =
            GatewayAddress { url: Url::parse("https://cloud.example/x").unwrap(), cloud: Id::from_bytes([7; 16]) };
        let json = address.to_json().unwrap();
        assert_eq!(GatewayAddress::from_json(&json).unwrap(), address);
        let json = String::from_utf8(json).unwrap().replace("https", "http");
        assert_eq!(GatewayAddress::from_json(json.as_bytes()).unwrap_err().kind(), ErrorKind::CannotOpen);
    }
}
