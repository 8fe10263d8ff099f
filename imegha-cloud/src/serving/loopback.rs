//! Addresses of this machine alone, where plain http is no danger.

use std::net::IpAddr;

/// Whether a host, as it stands in an address, is this machine itself: `localhost`, `127.0.0.1` and the like, `[::1]`.
pub fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_this_machine() {
        for host in ["localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["", "localhost.example", "0.0.0.0", "192.168.1.2", "[::]", "128.0.0.1"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
