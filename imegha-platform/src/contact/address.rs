//! Which addresses of others are taken.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use crate::gateway_address::GatewayAddress;

/// Whether requests may go to an address that another person gave: https, in the public network, not the own cloud, nothing but an
/// address. This machine is taken only by those whose own cloud is on it too, which is so in development.
pub(super) fn is_fit_for_a_peer(address: &GatewayAddress, own: Option<&GatewayAddress>) -> bool {
    let url = &address.url;
    let bare =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    let foreign = own.is_none_or(|own| own.cloud != address.cloud && own.url != *url);
    let near = match reach(url) {
        Reach::Public => url.scheme() == "https",
        Reach::ThisMachine => {
            matches!(url.scheme(), "https" | "http") && own.is_some_and(|own| reach(&own.url) == Reach::ThisMachine)
        }
        Reach::Private => false,
    };
    bare && foreign && near && url.as_str().len() <= MAX_LEN
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    Public,
    ThisMachine,
    Private,
}

fn reach(url: &Url) -> Reach {
    match url.host() {
        Some(Host::Domain("localhost")) => Reach::ThisMachine,
        Some(Host::Domain(name)) => of_name(name),
        Some(Host::Ipv4(address)) => of_address(address.into()),
        Some(Host::Ipv6(address)) => of_address(address.into()),
        None => Reach::Private,
    }
}

/// A name says little of where it leads; what can only lead into one's own network is refused.
fn of_name(name: &str) -> Reach {
    let name = name.trim_end_matches('.');
    let private = !name.contains('.') || PRIVATE_DOMAINS.iter().any(|domain| name.ends_with(domain));
    if private { Reach::Private } else { Reach::Public }
}

fn of_address(address: IpAddr) -> Reach {
    match address.to_canonical() {
        address if address.is_loopback() => Reach::ThisMachine,
        IpAddr::V4(address) if is_private_v4(address) => Reach::Private,
        IpAddr::V6(address) if is_private_v6(address) => Reach::Private,
        _ => Reach::Public,
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [a, b, ..] = address.octets();
    address.is_private()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_broadcast()
        || address.is_multicast()
        || a == 0
        // Carriers' own (RFC 6598), benchmarks (RFC 2544), and what is reserved.
        || (a == 100 && (64..128).contains(&b))
        || (a == 198 && (18..20).contains(&b))
        || a >= 240
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    address.is_unspecified()
        || address.is_multicast()
        || address.is_unique_local()
        || address.is_unicast_link_local()
        // Documentation, and what holds an IPv4 address inside (NAT64, 6to4).
        || (first == 0x2001 && second == 0xdb8)
        || (first == 0x64 && second == 0xff9b)
        || first == 0x2002
}

const PRIVATE_DOMAINS: [&str; 5] = [".localhost", ".local", ".internal", ".home.arpa", ".lan"];
/// The longest address.
const MAX_LEN: usize = 1_024;

#[cfg(test)]
mod tests {
    use imegha_crypto::Id;

    use super::*;

    fn address(url: &str, cloud: u8) -> GatewayAddress {
        GatewayAddress { url: Url::parse(url).unwrap(), cloud: Id::from_bytes([cloud; 16]) }
    }

    #[test]
    fn an_address_of_another_is_public_and_not_ones_own() {
        let (far, near) = (address("https://me.example/", 9), address("http://127.0.0.1:3000/clouds/me", 9));
        for (url, from_far, from_near) in [
            ("https://bob.example/cloud", true, true),
            ("https://93.184.216.34/", true, true),
            ("https://[2606:2800:220:1::1]/", true, true),
            ("http://bob.example/", false, false),
            ("http://127.0.0.1:3000/clouds/bob", false, true),
            ("http://localhost:3000/", false, true),
            ("https://[::1]/", false, true),
            ("https://[::ffff:10.0.0.1]/", false, false),
            ("https://10.1.2.3/", false, false),
            ("https://192.168.1.1/", false, false),
            ("https://169.254.169.254/latest/meta-data", false, false),
            ("https://100.64.0.1/", false, false),
            ("https://0.0.0.0/", false, false),
            ("https://[fe80::1]/", false, false),
            ("https://[fd00::1]/", false, false),
            ("https://router.local/", false, false),
            ("https://router/", false, false),
            ("https://metadata.google.internal./", false, false),
            ("https://user@bob.example/", false, false),
            ("https://bob.example/?q=1", false, false),
            ("https://bob.example/#x", false, false),
            ("ftp://bob.example/", false, false),
        ] {
            let peer = address(url, 1);
            assert_eq!(is_fit_for_a_peer(&peer, Some(&far)), from_far, "{url}");
            assert_eq!(is_fit_for_a_peer(&peer, None), from_far, "{url}, of somebody without a cloud");
            assert_eq!(is_fit_for_a_peer(&peer, Some(&near)), from_near, "{url}, near");
        }
        assert!(!is_fit_for_a_peer(&address("https://me.example/", 1), Some(&far)), "the own address");
        assert!(!is_fit_for_a_peer(&address("https://bob.example/", 9), Some(&far)), "the own cloud");
    }
}
