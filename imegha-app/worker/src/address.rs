//! The address of a gateway, as somebody types it.

use url::{Host, Url};

/// Reads what was typed: `cloud.example` is `https://cloud.example`. Nothing for what is no address that a gateway can have: neither
/// https nor on this machine, or with a user, a query or a fragment.
pub(crate) fn parse(typed: &str) -> Option<Url> {
    let typed = typed.trim();
    if typed.is_empty() || typed.len() > MAX_LEN || typed.contains(char::is_whitespace) {
        return None;
    }
    let url = match typed.contains("://") {
        true => Url::parse(typed),
        false => Url::parse(&format!("https://{typed}")),
    };
    let url = url.ok()?;
    let is_bare = url.username().is_empty() && url.password().is_none();
    let is_safe = match url.scheme() {
        "https" => url.has_host(),
        "http" => is_this_machine(&url),
        _ => false,
    };
    (is_safe && is_bare && url.query().is_none() && url.fragment().is_none()).then_some(url)
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Longer ones nobody types.
const MAX_LEN: usize = 2_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_https_or_on_this_machine() {
        for (typed, read) in [
            (" https://cloud.example/mine ", Some("https://cloud.example/mine")),
            ("cloud.example", Some("https://cloud.example/")),
            ("Cloud.Example:8443/a", Some("https://cloud.example:8443/a")),
            ("http://127.0.0.1:8080", Some("http://127.0.0.1:8080/")),
            ("http://[::1]:8080", Some("http://[::1]:8080/")),
            ("http://localhost", Some("http://localhost/")),
            ("", None),
            ("  ", None),
            ("http://cloud.example", None),
            ("http://192.168.1.2:8080", None),
            ("http://127.0.0.1.example", None),
            ("ftp://localhost", None),
            ("javascript://cloud.example", None),
            ("https://", None),
            ("https://user@cloud.example", None),
            ("user:secret@cloud.example", None),
            ("https://cloud.example?x", None),
            ("https://cloud.example#x", None),
            ("my cloud.example", None),
        ] {
            assert_eq!(parse(typed).as_ref().map(Url::as_str), read, "{typed:?}");
        }
        assert_eq!(parse(&format!("https://cloud.example/{}", "x".repeat(MAX_LEN))), None);
    }
}
