//! Signed requests (FORMAT 13): who may ask, and that it is asked once.

use std::collections::HashMap;

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts as _, Path, Request};
use http::header::{CONTENT_LENGTH, IF_MATCH, IF_NONE_MATCH, RANGE};
use http::{HeaderMap, HeaderName, request};
use imegha_crypto::request::{Received, ReceivedHeaders, RequestParts};
use imegha_crypto::{Hash, PublicIdentity};
use serde::de::DeserializeOwned;

use super::Gateway;
use super::body::{self, ReadBody};
use super::nonce::{Nonce, WINDOW};
use super::refusal::Refusal;
use crate::error::Error;
use crate::protocol::ProblemCode;

/// A request that the owner signed, with a body of at most `LIMIT` bytes.
///
/// The signature is verified before the body is read, so a stranger's body is never held.
#[derive(Debug)]
pub(super) struct Signed<const LIMIT: usize> {
    pub(super) gateway: Gateway,
    pub(super) nonce: Nonce,
    /// The header `range`.
    pub(super) range: Option<String>,
    path: HashMap<String, String>,
    query: HashMap<String, String>,
    body: ReadBody,
}

impl<const LIMIT: usize> Signed<LIMIT> {
    /// A segment of the path.
    pub(super) fn segment(&self, name: &str) -> Result<&str, Refusal> {
        self.path.get(name).map(String::as_str).ok_or_else(Refusal::malformed)
    }

    /// A parameter of the query.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    /// The body.
    pub(super) fn into_body(self) -> ReadBody {
        self.body
    }

    /// The body as JSON.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        serde_json::from_slice(&self.body.bytes).map_err(|_| Refusal::malformed())
    }
}

impl<S: Send + Sync, const LIMIT: usize> FromRequest<S> for Signed<LIMIT> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        // No gateway: a host that has no cloud of that owner. The answer is the one to a stranger.
        let gateway = parts.extensions.get::<Gateway>().cloned().ok_or_else(Refusal::not_found)?;
        let received = gateway.verify(&parts).await?;
        gateway.check_time(&received)?;
        let mut body = read_body(&parts.headers, body, LIMIT, &gateway).await?;
        if !has_digest(&mut body, received.body_digest()).await {
            return Err(Refusal::not_found());
        }
        check_preconditions(&parts)?;
        let Path(path) = Path::from_request_parts(&mut parts, &()).await.map_err(|_| Refusal::malformed())?;
        Ok(Self {
            nonce: Nonce::of(&received),
            range: header(&parts.headers, &RANGE).flatten().map(str::to_owned),
            query: query(&parts)?,
            path,
            body,
            gateway,
        })
    }
}

impl Gateway {
    /// The signature's headers when the owner's newest identity signed just this for this gateway; the body is still to be compared.
    async fn verify(&self, parts: &request::Parts) -> Result<Received, Refusal> {
        let received = received(&parts.headers).ok_or_else(Refusal::not_found)?;
        let owner = &self.inner.owner;
        let known = owner.newest();
        let is_known = known.fingerprint() == received.keyid();
        // For what cannot be right the store is not asked who else there is.
        let may_be = received.audience() == owner.first().fingerprint()
            && (!is_known || self.is_signed_by(&received, parts, known.identity()));
        if !may_be {
            return Err(Refusal::not_found());
        }
        let newest = self.newest_for(&received.keyid()).await?;
        let is_newest = match is_known {
            true => newest.fingerprint() == received.keyid(),
            false => self.is_signed_by(&received, parts, newest.identity()),
        };
        if is_newest { Ok(received) } else { Err(Refusal::not_found()) }
    }

    /// Whether that identity signed just this for this gateway.
    pub(super) fn is_signed_by(&self, received: &Received, parts: &request::Parts, signer: &PublicIdentity) -> bool {
        // The address that the deployment says, never the one that `Host` says.
        let target_uri = parts.uri.path_and_query().map(|path| format!("{}{path}", self.inner.options.address));
        let headers = [RANGE, IF_MATCH, IF_NONE_MATCH].map(|name| header(&parts.headers, &name));
        let (Some(target_uri), [Some(range), Some(if_match), Some(if_none_match)]) = (target_uri, headers) else {
            return false;
        };
        let signed = RequestParts {
            method: parts.method.as_str(),
            target_uri: &target_uri,
            body_digest: received.body_digest(),
            range,
            if_match,
            if_none_match,
        };
        // The owner's first fingerprint is the audience, so that no other gateway can pass the request on to this one.
        received.verify(&signed, signer, &self.inner.owner.first().fingerprint()).is_ok()
    }

    /// Checks that it was signed just now.
    pub(super) fn check_time(&self, received: &Received) -> Result<(), Refusal> {
        if self.now().abs_diff(received.created()) > WINDOW {
            return Err(Error::clock_skew(self.now()).into());
        }
        Ok(())
    }
}

/// The headers of a signature, of their form. What they say is not verified.
pub(super) fn received(headers: &HeaderMap) -> Option<Received> {
    let required = |name| header(headers, &HeaderName::from_static(name))?;
    let headers = ReceivedHeaders {
        content_digest: required("content-digest")?,
        imegha_audience: required("imegha-audience")?,
        signature_input: required("signature-input")?,
        signature: required("signature")?,
    };
    Received::parse(&headers).ok()
}

/// A header: absent, or once and of visible characters. `None` for anything else.
fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<Option<&'a str>> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Some(None),
        (Some(value), None) => Some(Some(value.to_str().ok()?)),
        (Some(_), Some(_)) => None,
    }
}

async fn read_body(headers: &HeaderMap, body: Body, limit: usize, gateway: &Gateway) -> Result<ReadBody, Refusal> {
    // Where no body belongs a length says so before anything is read.
    if limit == 0 && headers.get(CONTENT_LENGTH).is_some_and(|len| len != "0") {
        return Err(Refusal::new(ProblemCode::TooLarge));
    }
    body::read(headers, body, limit, &gateway.inner.options.bodies).await
}

/// Whether a body is the one that was signed. A long one is hashed where it may block.
async fn has_digest(body: &mut ReadBody, digest: Hash) -> bool {
    if body.bytes.len() < LONG {
        return Hash::of(&body.bytes) == digest;
    }
    let bytes = std::mem::take(&mut body.bytes);
    match tokio::task::spawn_blocking(move || (Hash::of(&bytes), bytes)).await {
        Ok((hash, bytes)) => {
            body.bytes = bytes;
            hash == digest
        }
        Err(_) => false,
    }
}

/// Objects are immutable and records have conditions of their own: a precondition has nothing to say here,
/// and one that is not heeded must not be taken.
pub(super) fn check_preconditions(parts: &request::Parts) -> Result<(), Refusal> {
    let none = parts.headers.get(IF_MATCH).is_none() && parts.headers.get(IF_NONE_MATCH).is_none();
    if none { Ok(()) } else { Err(Refusal::malformed()) }
}

/// The parameters of the query, each at most once.
fn query(parts: &request::Parts) -> Result<HashMap<String, String>, Refusal> {
    let mut parameters = HashMap::new();
    for (name, value) in url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
        if parameters.insert(name.into_owned(), value.into_owned()).is_some() {
            return Err(Refusal::malformed());
        }
    }
    Ok(parameters)
}

/// Bodies from this length on are hashed apart.
const LONG: usize = 1024 * 1024;
