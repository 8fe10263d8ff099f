//! The address that clients use.

#[cfg(feature = "server")]
use std::net::SocketAddr;

#[cfg(feature = "server")]
use anyhow::ensure;
use anyhow::{Result, bail};
use imegha_cloud::serving::is_loopback;
use url::Url;

/// The address that requests are signed for: the one that is `given`, or on loopback the one that is listened on.
///
/// # Errors
/// In words: none is given for others than this machine, or one that clients cannot use.
#[cfg(feature = "server")]
pub(crate) fn public_address(given: Option<Url>, listening: SocketAddr, speaks_tls: bool) -> Result<Url> {
    let Some(address) = given else {
        ensure!(
            listening.ip().is_loopback(),
            "--listen is {listening}, not loopback: set --address, the https:// address that clients use"
        );
        return Ok(Url::parse(&format!("{}://{listening}", if speaks_tls { "https" } else { "http" }))?);
    };
    usable(address, speaks_tls)
}

/// An address, if clients can use it.
///
/// # Errors
/// In words.
pub(crate) fn usable(address: Url, speaks_tls: bool) -> Result<Url> {
    match address.scheme() {
        "https" => {}
        "http" if speaks_tls => bail!("a certificate is set and --address is http://: make it https://"),
        "http" if is_loopback(address.host_str().unwrap_or_default()) => {}
        "http" => bail!("--address is http://, and not loopback: anything else must be https://"),
        _ => bail!("--address should be https://host, with or without a path"),
    }
    Ok(address)
}

#[cfg(all(test, feature = "server"))]
mod tests {
    use super::*;

    fn address(given: Option<&str>, listening: &str, speaks_tls: bool) -> Result<String, String> {
        let given = given.map(|given| given.parse().expect("a URL"));
        let address = public_address(given, listening.parse().expect("an address"), speaks_tls);
        address.map(String::from).map_err(|error| error.to_string())
    }

    #[test]
    fn clients_reach_it_by_https_or_on_loopback() {
        for (given, listening, tls, expected) in [
            (None, "127.0.0.1:8080", false, "http://127.0.0.1:8080/"),
            (None, "[::1]:8080", true, "https://[::1]:8080/"),
            (Some("https://cloud.example/mine"), "127.0.0.1:8080", false, "https://cloud.example/mine"),
            (Some("https://cloud.example"), "0.0.0.0:443", true, "https://cloud.example/"),
            (Some("http://localhost:9000"), "0.0.0.0:9000", false, "http://localhost:9000/"),
        ] {
            assert_eq!(address(given, listening, tls).expect(expected), expected);
        }
        for (given, listening, tls, said) in [
            (None, "0.0.0.0:8080", false, "set --address"),
            (Some("http://192.168.1.2:8080"), "0.0.0.0:8080", false, "must be https://"),
            (Some("http://cloud.example"), "127.0.0.1:8080", false, "must be https://"),
            (Some("http://localhost"), "127.0.0.1:8080", true, "make it https://"),
            (Some("ftp://cloud.example"), "127.0.0.1:8080", false, "should be https://"),
        ] {
            assert!(address(given, listening, tls).expect_err(said).contains(said), "{said}");
        }
    }
}
