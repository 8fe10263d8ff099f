//! The headers that keep the page to itself.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// Which headers fit this server: https or loopback.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    /// Whether people reach the server by https.
    pub(crate) secure: bool,
}

impl Policy {
    /// The page's policy. `nonce` is new in every answer.
    ///
    /// Gateways of others cannot be named when the page is served, so any https address may be connected to; on a
    /// loopback server other loopback ports too, since that is where gateways in development are.
    pub(crate) fn page_csp(self, nonce: &str) -> String {
        format!(
            "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
             worker-src 'self'; frame-src 'self'; img-src 'self' blob:; media-src 'self' blob:; \
             connect-src 'self' https:{}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            self.loopback()
        )
    }

    /// The worker's policy: a worker has that of its own answer, not the page's.
    pub(crate) fn worker_csp(self) -> String {
        format!(
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' https:{}; \
             base-uri 'none'; frame-ancestors 'none'",
            self.loopback()
        )
    }

    /// Adds what every answer carries, and leaves what a handler has set.
    pub(crate) fn apply(self, headers: &mut HeaderMap) {
        let always = [
            (header::CONTENT_SECURITY_POLICY, NOTHING_CSP),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "no-referrer"),
            (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
            (HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
            (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
            (HeaderName::from_static("permissions-policy"), PERMISSIONS),
        ];
        let tls = (header::STRICT_TRANSPORT_SECURITY, "max-age=63072000");
        for (name, value) in always.into_iter().chain(self.secure.then_some(tls)) {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        }
    }

    fn loopback(self) -> &'static str {
        if self.secure { "" } else { " http://127.0.0.1:* http://localhost:*" }
    }
}

/// `Integrity-Policy` of the page: no script without a hash that the page named.
pub(crate) const INTEGRITY_POLICY: (HeaderName, HeaderValue) =
    (HeaderName::from_static("integrity-policy"), HeaderValue::from_static("blocked-destinations=(script)"));

/// The policy of what is no page: should a browser show it as one, nothing in it runs or loads.
const NOTHING_CSP: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PERMISSIONS: &str = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(), \
     browsing-topics=(), clipboard-write=(self), fullscreen=(self)";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policies_are_those_of_the_design() {
        assert_eq!(
            Policy { secure: true }.page_csp("N"),
            "default-src 'none'; script-src 'self' 'nonce-N' 'wasm-unsafe-eval'; style-src 'self'; worker-src 'self'; \
             frame-src 'self'; img-src 'self' blob:; media-src 'self' blob:; connect-src 'self' https:; \
             form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
        assert!(
            Policy { secure: false }
                .page_csp("N")
                .contains("connect-src 'self' https: http://127.0.0.1:* http://localhost:*;")
        );
        assert!(!Policy { secure: true }.worker_csp().contains("http://"));
    }

    #[test]
    fn strict_transport_only_where_there_is_transport_security() {
        for secure in [true, false] {
            let mut headers = HeaderMap::new();
            Policy { secure }.apply(&mut headers);
            assert_eq!(headers.contains_key(header::STRICT_TRANSPORT_SECURITY), secure);
            assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        }
    }

    #[test]
    fn a_handlers_own_header_stays() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("own"));
        Policy { secure: true }.apply(&mut headers);
        assert_eq!(headers[header::CONTENT_SECURITY_POLICY], "own");
    }
}
