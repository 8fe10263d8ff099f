//! Bytes that go straight between this client and the bucket, to addresses that the gateway gives.
//!
//! The gateway is not trusted with where it sends anybody: an address is https, unless the gateway itself is http, and
//! is on this machine only if the gateway is. Nothing of a request to the gateway goes there, no redirect is followed.

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, IF_NONE_MATCH, RANGE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use imegha_crypto::Hash;
use url::{Host, Url};

use super::config::{ATTEMPTS, PAUSE_MS};
use super::connection::{Question, Remote, header, json, random_below, several};
use super::error::{dishonest, in_storage};
use super::transport::Answer;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::{CHECKSUM, DIRECT, Decimal, DirectAnswer, DirectRequest};
use crate::timer::sleep;

/// From how many bytes on the gateway lets bodies past it, as far as it has said.
#[derive(Debug, Default)]
pub(super) struct DirectFrom(AtomicU64);

impl DirectFrom {
    /// Notes what an answer says.
    pub(super) fn hear(&self, headers: &HeaderMap) {
        let said = headers.get(DIRECT).and_then(|said| Decimal::parse(said.to_str().ok()?));
        self.0.store(said.map_or(NEVER, |said| said.0.max(1)), Ordering::Relaxed);
    }

    /// Notes that it does not know of it.
    pub(super) fn never(&self) {
        self.0.store(NEVER, Ordering::Relaxed);
    }

    /// Whether a body of that length is to go past it. One that has said nothing yet is asked, where that pays.
    pub(super) fn takes(&self, len: usize) -> bool {
        let from = match self.0.load(Ordering::Relaxed) {
            UNHEARD => USUAL,
            from => from,
        };
        from != NEVER && len as u64 >= from
    }
}

const UNHEARD: u64 = 0;
const NEVER: u64 = u64::MAX;
/// Below it a second request costs more than it spares.
const USUAL: u64 = 1024 * 1024;

impl Remote {
    /// Asks to read an object, and reads it wherever the gateway says that it is.
    pub(super) async fn read(&self, question: Question) -> Result<Answer> {
        let digest = Hash::of(&[]);
        several(true, || async {
            let answer = self.attempt(&question, Some(digest)).await?;
            if !is_address(&answer) {
                return Ok(answer);
            }
            let url = self.allowed(&json(answer).await?)?;
            let mut headers = HeaderMap::new();
            if let Some(range) = question.range() {
                headers.insert(RANGE, header(range.to_owned())?);
            }
            let answer = self.send_straight(Method::GET, url, headers, Bytes::new()).await?;
            if answer.status.is_success() { Ok(answer) } else { Err(in_storage(answer.status)) }
        })
        .await
    }

    /// Asks at `path` for an address and puts `body` there. `false` when the gateway has none: then it goes through it.
    pub(super) async fn put_straight(&self, path: &str, body: &Bytes, what: Put) -> Result<bool> {
        let asked = DirectRequest { len: Decimal(body.len() as u64), crc32: crc32fast::hash(body) };
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static(CHECKSUM), header(asked.checksum())?);
        if what == Put::Object {
            headers.insert(IF_NONE_MATCH, HeaderValue::from_static("*"));
        }
        let question = Question::post(path, &asked);
        several(what == Put::Part, || self.put_once(question.clone(), &headers, body, what)).await
    }

    async fn put_once(&self, question: Question, headers: &HeaderMap, body: &Bytes, what: Put) -> Result<bool> {
        for _ in 0..ATTEMPTS {
            let url = match self.ask::<DirectAnswer>(question.clone()).await {
                Ok(address) => self.allowed(&address)?,
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    // Of a part it may be the upload that is not there.
                    if what == Put::Object {
                        self.direct_from().never();
                    }
                    return Ok(false);
                }
                Err(error) => return Err(error),
            };
            let answer = self.send_straight(Method::PUT, url, headers.clone(), body.clone()).await?;
            match answer.status {
                status if status.is_success() => return Ok(true),
                // Another put of that name is under way, says S3, and this one was not done.
                StatusCode::CONFLICT if what == Put::Object => sleep(random_below(PAUSE_MS)?).await,
                status => return Err(in_storage(status)),
            }
        }
        Err(in_storage(StatusCode::SERVICE_UNAVAILABLE))
    }

    async fn send_straight(&self, method: Method, url: Url, headers: HeaderMap, body: Bytes) -> Result<Answer> {
        self.send(method, url, headers, body).await.map_err(|error| match error.kind() {
            ErrorKind::Unavailable => {
                Error::with_source(ErrorKind::Unavailable, "the storage behind the gateway cannot be reached", error)
            }
            _ => error,
        })
    }

    /// The address, if it is one that this gateway may send its clients to.
    fn allowed(&self, address: &DirectAnswer) -> Result<Url> {
        let url = Url::parse(&address.url).ok().filter(|_| address.url.len() <= MAX_URL_LEN);
        url.filter(|url| is_allowed(url, self.gateway())).ok_or_else(dishonest)
    }
}

fn is_allowed(url: &Url, gateway: &Url) -> bool {
    let safe = url.scheme() == "https" || (url.scheme() == "http" && gateway.scheme() == "http");
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    safe && plain && (is_this_machine(gateway) || !is_this_machine(url))
}

pub(super) fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_unspecified(),
        Some(Host::Ipv6(address)) => match address.to_ipv4_mapped() {
            Some(address) => address.is_loopback() || address.is_unspecified(),
            None => address.is_loopback() || address.is_unspecified(),
        },
        None => false,
    }
}

/// Whether an answer says where the object is, and is not the object.
fn is_address(answer: &Answer) -> bool {
    answer.status == StatusCode::OK && answer.headers.get(CONTENT_TYPE).is_some_and(|kind| kind == "application/json")
}

/// What is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Put {
    /// A whole object, unless there is one of that name: once.
    Object,
    /// A part of an upload: again, where it did not arrive.
    Part,
}

/// More than any that is signed.
const MAX_URL_LEN: usize = 8 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_leads_to_no_worse_place_than_its_own() {
        let allowed = |url: &str, gateway: &str| is_allowed(&url.parse().unwrap(), &gateway.parse().unwrap());
        for (url, gateway) in [
            ("https://bucket.s3.eu-north-1.amazonaws.com/a?X-Amz-Signature=b", "https://cloud.example/mine"),
            ("https://bucket.example/a", "http://127.0.0.1:8080"),
            ("http://127.0.0.1:9000/a", "http://localhost:8080"),
            ("http://s3.lan:9000/a", "http://cloud.lan:8080"),
        ] {
            assert!(allowed(url, gateway), "{url} of {gateway}");
        }
        for url in [
            "http://bucket.example/a",
            "ftp://bucket.example/a",
            "file:///etc/passwd",
            "data:text/plain,a",
            "https://me@bucket.example/a",
            "https://me:pw@bucket.example/a",
            "https://bucket.example/a#b",
            "https://localhost/a",
            "https://a.localhost/a",
            "https://localhost./a",
            "https://127.0.0.1/a",
            "https://2130706433/a",
            "https://0.0.0.0/a",
            "https://[::1]/a",
            "https://[::ffff:127.0.0.1]/a",
        ] {
            assert!(!allowed(url, "https://cloud.example/mine"), "{url}");
        }
        assert!(!allowed("http://127.0.0.1/a", "http://cloud.lan"));
    }

    #[test]
    fn what_goes_past_the_gateway_is_as_it_says() {
        let from = DirectFrom::default();
        assert!(from.takes(1 << 20) && !from.takes((1 << 20) - 1), "not heard yet");
        let hear = |value: Option<&str>| {
            let mut headers = HeaderMap::new();
            if let Some(value) = value {
                headers.insert(DIRECT, HeaderValue::from_str(value).unwrap());
            }
            from.hear(&headers);
        };
        hear(Some("10"));
        assert!(from.takes(10) && !from.takes(9));
        hear(Some("0"));
        assert!(from.takes(1) && !from.takes(0));
        for nothing in [None, Some(""), Some("-1"), Some("many"), Some("18446744073709551616")] {
            hear(nothing);
            assert!(!from.takes(usize::MAX), "{nothing:?}");
        }
    }
}
