//! A gateway without a socket, and requests that are signed by hand.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, HeaderName, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use imegha_cloud::backend::memory::{MemoryBlobs, MemoryRecords};
use imegha_cloud::backend::{BlobStore, Condition, Key, ObjectName, Query, Record, RecordStore, Write};
use imegha_cloud::clock::ManualClock;
use imegha_cloud::gateway::{Gateway, GatewayOptions, router};
use imegha_cloud::protocol::{TransactRequest, path};
use imegha_cloud::schema::{CloudSchema, CloudValue, Collection, Field};
use imegha_crypto::request::{RequestParts, sign};
use imegha_crypto::{Fingerprint, Hash, Identity};
use tower::ServiceExt as _;

use crate::sample;
use crate::served::owner;

pub(crate) const NOW: u64 = 1_790_000_000;
pub(crate) const ADDRESS: &str = "https://cloud.example/at";

/// A gateway without a socket, and what is behind it.
pub(crate) struct Bench {
    pub(crate) app: Router,
    pub(crate) records: MemoryRecords<CloudSchema>,
    pub(crate) blobs: MemoryBlobs,
    pub(crate) clock: Arc<ManualClock>,
}

/// An answer, read to its end.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The code of the problem, or the empty string.
    pub(crate) fn code(&self) -> String {
        let json: serde_json::Value = serde_json::from_slice(&self.body).unwrap_or_default();
        json["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::of(MemoryRecords::new(), MemoryBlobs::new(), &owner(), ADDRESS)
    }

    pub(crate) fn of(records: MemoryRecords<CloudSchema>, blobs: MemoryBlobs, owner: &Identity, address: &str) -> Self {
        let clock = Arc::new(ManualClock::new(NOW * 1000));
        let options = GatewayOptions::new(&address.parse().unwrap()).unwrap().with_clock(clock.clone());
        let stores = (Arc::new(records.clone()), Arc::new(blobs.clone()));
        let gateway = Gateway::new(stores.0, stores.1, owner.public().clone(), options);
        Self { app: router(gateway), records, blobs, clock }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        send(&self.app, request).await
    }

    /// All that is stored, nonces apart.
    pub(crate) async fn stored(&self) -> (Vec<Record<CloudSchema>>, usize, usize) {
        let records = self.records.query(&Query::new(Collection::Log, [])).await.unwrap().records;
        let objects = self.blobs.list(None, 1_000).await.unwrap().len();
        (records, objects, self.blobs.uploads().await.unwrap().len())
    }

    pub(crate) async fn nonces(&self) -> usize {
        self.records.query(&Query::new(Collection::Nonce, [])).await.unwrap().records.len()
    }
}

pub(crate) async fn send(app: &Router, request: Request<Body>) -> Answer {
    let (parts, body) = app.clone().oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    Answer { status: parts.status, headers: parts.headers, body }
}

/// A request before it is signed.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) body: Vec<u8>,
    pub(crate) range: Option<&'static str>,
    pub(crate) signer: Arc<Identity>,
    pub(crate) audience: Fingerprint,
    pub(crate) address: &'static str,
    pub(crate) created: u64,
    pub(crate) nonce: [u8; 16],
}

impl Draft {
    /// The owner's, now, for the owner's gateway, with a nonce of its own.
    pub(crate) fn new(method: &'static str, path: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        Self {
            method,
            path: path.into(),
            body: body.into(),
            range: None,
            signer: owner(),
            audience: owner().fingerprint(),
            address: ADDRESS,
            created: NOW,
            nonce: *imegha_crypto::Id::generate().unwrap().as_bytes(),
        }
    }

    /// The request with its signature, as the wire has it.
    pub(crate) fn sign(&self) -> Request<Body> {
        let parts = RequestParts {
            method: self.method,
            target_uri: &format!("{}{}", self.address, self.path),
            body_digest: Hash::of(&self.body),
            range: self.range,
            if_match: None,
            if_none_match: None,
        };
        let headers = sign(&self.signer, &parts, &self.audience, self.created, self.nonce).unwrap();
        let mut request = Request::builder()
            .method(self.method)
            .uri(&self.path)
            .header("content-digest", headers.content_digest)
            .header("imegha-audience", headers.imegha_audience)
            .header("signature-input", headers.signature_input)
            .header("signature", headers.signature);
        if let Some(range) = self.range {
            request = request.header(header::RANGE, range);
        }
        request.body(Body::from(self.body.clone())).unwrap()
    }
}

pub(crate) fn name(number: u8) -> ObjectName {
    ObjectName::from_salt([number; 24])
}

pub(crate) fn log_entry(seq: u64) -> Write<CloudSchema> {
    let record = Record::new(Key::new(Collection::Log, [], [CloudValue::U64(seq)]));
    Write::Put(record.with(Field::Seq, CloudValue::U64(seq)), Condition::Absent)
}

pub(crate) fn transact(writes: &[Write<CloudSchema>]) -> Draft {
    Draft::new("POST", path::RECORDS_TRANSACT, serde_json::to_vec(&TransactRequest::of(writes)).unwrap())
}

pub(crate) fn put_object(number: u8) -> Draft {
    Draft::new("PUT", path::blob(&name(number)), sample::object(1_000, number).into_bytes())
}

pub(crate) fn with_header(mut request: Request<Body>, name: &'static str, value: &str) -> Request<Body> {
    request.headers_mut().insert(HeaderName::from_static(name), value.parse().unwrap());
    request
}

/// The header with one piece of it replaced.
pub(crate) fn edited(mut request: Request<Body>, name: &str, from: &str, to: &str) -> Request<Body> {
    let value = request.headers()[name].to_str().unwrap();
    assert!(value.contains(from), "{value}");
    let value = value.replace(from, to).parse().unwrap();
    *request.headers_mut().get_mut(name).unwrap() = value;
    request
}

pub(crate) fn entry(seq: u64) -> Record<CloudSchema> {
    match log_entry(seq) {
        Write::Put(record, _) => record,
        _ => unreachable!("it is a put"),
    }
}
