//! [`Remote`]: signed requests to one gateway.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt as _;
use http::header::{CONTENT_TYPE, RANGE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use imegha_crypto::request::RequestParts;
use imegha_crypto::{Fingerprint, Hash, Id};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::config::{ANSWER_MS, ATTEMPTS, PAUSE_MS, RequestSigner, SEND_MS, address};
use super::direct::{DirectFrom, is_this_machine};
use super::error::{dishonest, refused};
use super::transport::{Answer, Request, Transport};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::{MAX_JSON_LEN, VersionAnswer, path};
use crate::timer::sleep;

/// The way to one gateway. A handle: a clone is the same connection.
#[derive(Clone)]
pub struct Remote {
    inner: Arc<Inner>,
}

struct Inner {
    gateway: Url,
    address: String,
    signer: Arc<dyn RequestSigner>,
    audience: Fingerprint,
    clock: Arc<dyn Clock>,
    transport: Transport,
    direct_from: DirectFrom,
}

/// What is asked of a gateway.
#[derive(Clone, Debug)]
pub(super) struct Question {
    method: Method,
    path: String,
    range: Option<String>,
    body: Bytes,
    json: bool,
    /// May be sent twice without harm.
    again: bool,
}

impl Question {
    /// A read: `GET`, tried again.
    pub(super) fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), range: None, body: Bytes::new(), json: false, again: true }
    }

    /// A read that needs a body: `POST`, tried again.
    pub(super) fn read(path: &str, body: &impl Serialize) -> Self {
        Self { again: true, ..Self::post(path, body) }
    }

    /// A `POST` of JSON, tried once.
    pub(super) fn post(path: impl Into<String>, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body).expect("a body is strings and numbers").into();
        Self { method: Method::POST, body, json: true, again: false, ..Self::get(path) }
    }

    /// A `POST` of nothing, tried once.
    pub(super) fn post_nothing(path: impl Into<String>) -> Self {
        Self { method: Method::POST, again: false, ..Self::get(path) }
    }

    /// A `PUT` of sealed bytes, tried once.
    pub(super) fn put(path: impl Into<String>, body: Bytes) -> Self {
        Self { method: Method::PUT, body, again: false, ..Self::get(path) }
    }

    /// A `PUT` of JSON that may be sent twice, tried again.
    pub(super) fn put_json(path: impl Into<String>, body: &impl Serialize) -> Self {
        Self { method: Method::PUT, again: true, ..Self::post(path, body) }
    }

    /// A `DELETE`, tried again: what is gone stays gone.
    pub(super) fn delete(path: impl Into<String>) -> Self {
        Self { method: Method::DELETE, ..Self::get(path) }
    }

    /// The same, tried again when the gateway cannot be reached.
    pub(super) fn again(self) -> Self {
        Self { again: true, ..self }
    }

    /// The header `Range`.
    pub(super) fn range(&self) -> Option<&str> {
        self.range.as_deref()
    }

    /// The same with a `Range`.
    pub(super) fn with_range(self, range: String) -> Self {
        Self { range: Some(range), ..self }
    }
}

impl Remote {
    /// The way to the gateway at `gateway`, whose owner's FIRST fingerprint is `audience`. Nothing is sent yet.
    ///
    /// # Errors
    /// `Malformed` for an address that is not http or https, or that has a user, a query or a fragment.
    pub fn new(
        gateway: Url,
        signer: Arc<dyn RequestSigner>,
        audience: Fingerprint,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let address = address(&gateway)?;
        Ok(Self {
            inner: Arc::new(Inner {
                gateway,
                address,
                signer,
                audience,
                clock,
                transport: Transport::new()?,
                direct_from: DirectFrom::default(),
            }),
        })
    }

    /// What the gateway says of itself. Not signed, and so no proof of anything.
    ///
    /// # Errors
    /// `Unavailable` when it cannot be reached, `Backend` when this does not answer like a gateway.
    pub async fn version(&self) -> Result<VersionAnswer> {
        json(self.retry(&Question::get(path::VERSION), None).await?).await
    }

    /// Checks that this client and the gateway speak a common version.
    ///
    /// # Errors
    /// `Version` when they do not; otherwise as [`Remote::version`].
    pub async fn check_version(&self) -> Result<()> {
        self.version().await?.check()
    }

    /// Checks that this is the gateway of the owner who signs, before anybody relies on it: that its address is https (or on this machine),
    /// that it speaks this client's version, serves the owner, and nobody whose signature is not right.
    ///
    /// It is no proof that the gateway is honest, and need not be: what it stores is sealed, and signed. It tells an address that was
    /// mistyped, or is another's, from the own one.
    ///
    /// # Errors
    /// `Malformed` for an address that is neither https nor on this machine, `Version` as [`Remote::check_version`], `Denied` when it
    /// does not serve this owner, or serves others; otherwise as every request.
    pub async fn check_owner(&self) -> Result<()> {
        let gateway = &self.inner.gateway;
        if gateway.scheme() != "https" && !is_this_machine(gateway) {
            return Err(Error::new(ErrorKind::Malformed, "a gateway's address is https, or on this machine"));
        }
        self.check_version().await?;
        let question = || Question::get(path::blobs_page(None, 1));
        self.tell(question()).await.map_err(|error| match error.kind() {
            ErrorKind::NotFound => Error::new(ErrorKind::Denied, "this gateway is not this owner's"),
            _ => error,
        })?;
        // Signed, and for another request: the owner's gateway answers as if nothing was there.
        let headers = self.sign(&Question::get(path::blobs_page(None, 2)), Hash::of(&[]))?;
        let question = question();
        match several(true, || self.send_signed(&question, headers.clone())).await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) if error.kind() != ErrorKind::Backend => Err(error),
            _ => Err(Error::new(ErrorKind::Denied, "this gateway does not look at signatures")),
        }
    }

    /// Asks, and reads an answer of JSON.
    pub(super) async fn ask<T: DeserializeOwned>(&self, question: Question) -> Result<T> {
        json(self.open(question).await?).await
    }

    /// Asks, where the answer has no body.
    pub(super) async fn tell(&self, question: Question) -> Result<()> {
        self.open(question).await.map(drop)
    }

    /// Asks, and leaves the body of the answer to be read.
    pub(super) async fn open(&self, question: Question) -> Result<Answer> {
        let digest = Hash::of(&question.body);
        self.retry(&question, Some(digest)).await
    }

    /// Asks once, or up to [`ATTEMPTS`] times what may be asked again.
    pub(super) async fn retry(&self, question: &Question, signed_digest: Option<Hash>) -> Result<Answer> {
        several(question.again, || self.attempt(question, signed_digest)).await
    }

    /// Asks once.
    pub(super) async fn attempt(&self, question: &Question, signed_digest: Option<Hash>) -> Result<Answer> {
        let headers = match signed_digest {
            // Signed anew each time: a nonce is good for one request.
            Some(digest) => self.sign(question, digest)?,
            None => HeaderMap::new(),
        };
        self.send_signed(question, headers).await
    }

    fn sign(&self, question: &Question, body_digest: Hash) -> Result<HeaderMap> {
        let Inner { address, signer, audience, clock, .. } = &*self.inner;
        let target_uri = url(address, &question.path)?;
        let parts = RequestParts {
            method: question.method.as_str(),
            target_uri: target_uri.as_str(),
            body_digest,
            range: question.range.as_deref(),
            if_match: None,
            if_none_match: None,
        };
        let nonce = *Id::generate()?.as_bytes();
        let signed = signer.sign(&parts, audience, clock.now_ms() / 1000, nonce)?;
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("content-digest", signed.content_digest),
            ("imegha-audience", signed.imegha_audience),
            ("signature-input", signed.signature_input),
            ("signature", signed.signature),
        ] {
            headers.insert(HeaderName::from_static(name), header(value)?);
        }
        Ok(headers)
    }

    async fn send_signed(&self, question: &Question, mut headers: HeaderMap) -> Result<Answer> {
        if let Some(range) = &question.range {
            headers.insert(RANGE, header(range.clone())?);
        }
        if question.json {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let url = url(&self.inner.address, &question.path)?;
        let answer = self.send(question.method.clone(), url, headers, question.body.clone()).await?;
        if answer.status.is_success() {
            // The version is answered without a signature, and says nothing of it.
            if question.path != path::VERSION {
                self.inner.direct_from.hear(&answer.headers);
            }
            return Ok(answer);
        }
        let status = answer.status;
        // What is too long to be a problem is none.
        let body = collect(answer, MAX_PROBLEM_LEN).await.unwrap_or_default();
        Err(refused(status, &body))
    }

    /// Sends a request as it is, to wherever it goes.
    pub(super) async fn send(&self, method: Method, url: Url, headers: HeaderMap, body: Bytes) -> Result<Answer> {
        let within_ms = if body.len() > LONG { SEND_MS } else { ANSWER_MS };
        self.inner.transport.send(Request { method, url, headers, body, within_ms }).await
    }

    /// From how many bytes on bodies go past the gateway.
    pub(super) fn direct_from(&self) -> &DirectFrom {
        &self.inner.direct_from
    }

    /// The first fingerprint of the gateway's owner.
    pub(super) fn audience(&self) -> Fingerprint {
        self.inner.audience
    }

    /// Where the gateway is.
    pub(super) fn gateway(&self) -> &Url {
        &self.inner.gateway
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote").field("audience", &self.inner.audience).finish_non_exhaustive()
    }
}

pub(super) async fn json<T: DeserializeOwned>(answer: Answer) -> Result<T> {
    let body = collect(answer, MAX_JSON_LEN).await?;
    serde_json::from_slice(&body)
        .map_err(|error| Error::with_source(ErrorKind::Backend, "this does not answer like a gateway", error))
}

/// The whole body, if it is not longer than `limit`.
async fn collect(mut answer: Answer, limit: usize) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(piece) = answer.body.try_next().await? {
        if body.len() + piece.len() > limit {
            return Err(dishonest());
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

fn url(address: &str, path: &str) -> Result<Url> {
    Url::parse(&format!("{address}{path}"))
        .map_err(|error| Error::with_source(ErrorKind::Malformed, "not the address of a gateway", error))
}

pub(super) fn header(value: String) -> Result<HeaderValue> {
    HeaderValue::try_from(value)
        .map_err(|error| Error::with_source(ErrorKind::Malformed, "not the value of a header", error))
}

/// Tries once, or up to [`ATTEMPTS`] times what may be tried again.
pub(super) async fn several<T, F: Future<Output = Result<T>>>(again: bool, attempt: impl Fn() -> F) -> Result<T> {
    let mut pause_ms = PAUSE_MS;
    for _ in 1..ATTEMPTS {
        match attempt().await {
            Err(error) if again && error.kind() == ErrorKind::Unavailable => {
                sleep(random_below(pause_ms)?).await;
                pause_ms *= 4;
            }
            answer => return answer,
        }
    }
    attempt().await
}

pub(super) fn random_below(limit: u64) -> Result<u64> {
    let random = Id::generate()?;
    let (first, _) = random.as_bytes().split_first_chunk().expect("an id has 16 bytes");
    Ok(u64::from_be_bytes(*first) % limit)
}

/// Bodies from this length on may take longer to be sent.
const LONG: usize = 64 * 1024;
const MAX_PROBLEM_LEN: usize = 16 * 1024;
