//! The address of a gateway, as somebody types it.

use std::net::Ipv4Addr;

use url::{Host, Url};

/// Reads what was typed: `cloud.example` is `https://cloud.example`. Nothing for what is no address that a gateway can have: neither
/// https nor on this machine, or with a user, a query or a fragment. An app that came by https asks nobody by http, on this machine neither:
/// its page does not let it (`server/headers.rs`).
pub(crate) fn parse(typed: &str, app: Option<&Url>) -> Option<Url> {
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
        "http" => app.is_some_and(|app| app.scheme() == "http") && is_this_machine(&url),
        _ => false,
    };
    (is_safe && is_bare && url.query().is_none() && url.fragment().is_none()).then_some(url)
}

/// By one of the two names that a page may ask: no others can be said in a policy of where it connects to.
fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address == Ipv4Addr::LOCALHOST,
        Some(Host::Ipv6(_)) | None => false,
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
            ("http://localhost", Some("http://localhost/")),
            ("", None),
            ("  ", None),
            ("http://[::1]:8080", None),
            ("http://127.0.0.2:8080", None),
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
            let app = Url::parse("http://127.0.0.1:3000/").unwrap();
            assert_eq!(parse(typed, Some(&app)).as_ref().map(Url::as_str), read, "{typed:?}");
            // Where the app itself came by https, and where it is not known how, all of it is https.
            let secure = Url::parse("https://app.example/").unwrap();
            for app in [Some(&secure), None] {
                let read = read.filter(|read| read.starts_with("https:"));
                assert_eq!(parse(typed, app).as_ref().map(Url::as_str), read, "{typed:?}");
            }
        }
        assert_eq!(parse(&format!("https://cloud.example/{}", "x".repeat(MAX_LEN)), None), None);
    }
}
