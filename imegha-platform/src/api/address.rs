//! Where a request comes from, as far as limits need to know.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;

use super::Api;
use crate::error::Error;

/// The network that a request comes from: the /24 of an IPv4 address, the /64 of an IPv6 one. `None` when the host does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Network(pub(super) Option<[u8; 8]>);

impl FromRequestParts<Api> for Network {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Error> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip());
        let address = match api.server.options().proxies {
            0 => peer,
            proxies => forwarded(parts, proxies).or(peer),
        };
        Ok(Self(address.map(network)))
    }
}

/// The address that the outermost of our own proxies saw. What stands before it in the header was written by the client.
fn forwarded(parts: &Parts, proxies: usize) -> Option<IpAddr> {
    let values = parts.headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let addresses: Vec<_> = values.flat_map(|value| value.split(',')).collect();
    let place = addresses.len().checked_sub(proxies)?;
    addresses.get(place)?.trim().parse().ok()
}

fn network(address: IpAddr) -> [u8; 8] {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            // ::ffff:a.b.c.0 has no /64 that an IPv6 address in use shares.
            [0xff, 0xff, a, b, c, 0, 0, 0]
        }
        IpAddr::V6(address) => {
            let [a, b, c, d, e, f, g, h, ..] = address.octets();
            [a, b, c, d, e, f, g, h]
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn parts(values: &[&str]) -> Parts {
        let mut request = Request::builder();
        for value in values {
            request = request.header("x-forwarded-for", *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn only_what_our_own_proxies_wrote_is_believed() {
        let forged = parts(&["1.1.1.1, 2.2.2.2", "3.3.3.3"]);
        assert_eq!(forwarded(&forged, 1), Some("3.3.3.3".parse().unwrap()));
        assert_eq!(forwarded(&forged, 2), Some("2.2.2.2".parse().unwrap()));
        assert_eq!(forwarded(&forged, 4), None);
        assert_eq!(forwarded(&parts(&[]), 1), None);
        assert_eq!(forwarded(&parts(&["unknown"]), 1), None);
    }

    #[test]
    fn neighbours_share_a_network() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("192.0.2.1"), of("192.0.2.250"));
        assert_eq!(of("192.0.2.1"), of("::ffff:192.0.2.9"));
        assert_ne!(of("192.0.2.1"), of("192.0.3.1"));
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    }
}
