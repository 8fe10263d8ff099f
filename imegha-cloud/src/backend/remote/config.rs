//! Where a gateway is, who signs, and how long is waited.

use std::fmt::Debug;

use imegha_crypto::request::{RequestParts, SignedHeaders, sign};
use imegha_crypto::{Fingerprint, Identity};
use url::Url;

use crate::error::{Error, ErrorKind, Result};

/// Signs requests: an [`Identity`], or something that holds one.
pub trait RequestSigner: Send + Sync + Debug {
    /// The headers of FORMAT 13. `created` is in seconds since 1970, `nonce` is random.
    ///
    /// # Errors
    /// As [`imegha_crypto::request::sign`].
    fn sign(
        &self,
        parts: &RequestParts<'_>,
        audience: &Fingerprint,
        created: u64,
        nonce: [u8; 16],
    ) -> imegha_crypto::Result<SignedHeaders>;
}

impl RequestSigner for Identity {
    fn sign(
        &self,
        parts: &RequestParts<'_>,
        audience: &Fingerprint,
        created: u64,
        nonce: [u8; 16],
    ) -> imegha_crypto::Result<SignedHeaders> {
        sign(self, parts, audience, created, nonce)
    }
}

/// The address without a slash at its end, for a path to be added.
pub(super) fn address(gateway: &Url) -> Result<String> {
    let plain = matches!(gateway.scheme(), "http" | "https")
        && gateway.username().is_empty()
        && gateway.password().is_none()
        && gateway.query().is_none()
        && gateway.fragment().is_none();
    if !plain {
        return Err(Error::new(ErrorKind::Malformed, "not the address of a gateway"));
    }
    Ok(gateway.as_str().trim_end_matches('/').to_owned())
}

/// How often something that may be sent twice is tried.
pub(super) const ATTEMPTS: u32 = 3;

/// The longest pause before the second attempt; each further one is four times as long.
pub(super) const PAUSE_MS: u64 = 200;

/// How long the gateway may take to begin an answer, and to go on with it.
pub(super) const ANSWER_MS: u64 = 60_000;

/// How long an object or a part may take to be sent and stored: 64 MiB at 600 kbit/s.
pub(super) const SEND_MS: u64 = 15 * 60_000;
