//! Bodies that go past the gateway, and a gateway, or a bucket, that leads astray.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use base64ct::{Base64, Encoding as _};
use futures::TryStreamExt as _;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt as _;
use imegha_cloud::backend::memory::{MemoryBlobs, MemoryRecords};
use imegha_cloud::backend::remote::RemoteBlobs;
use imegha_cloud::backend::{Announced, BlobStore, ObjectName, Presign, PresignedUrl};
use imegha_cloud::{ErrorKind, Result};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::sample;
use crate::served::Served;

/// What the bucket was asked.
#[derive(Clone, Debug)]
struct Asked {
    method: Method,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// All that it was asked.
type Seen = Arc<Mutex<Vec<Asked>>>;

/// Answers a request.
type Answer = dyn Fn(&Asked) -> Response + Send + Sync;

/// A bucket that answers what a test says, the gateway that sends its clients there, and a client.
struct Bench {
    blobs: RemoteBlobs,
    asked: Seen,
    behind: MemoryBlobs,
    bucket: JoinHandle<()>,
    _served: Served,
}

/// Sends everybody to one address.
#[derive(Debug)]
struct To(String);

#[async_trait]
impl Presign for To {
    async fn presign_get(&self, _: &ObjectName) -> Result<PresignedUrl> {
        Ok(PresignedUrl::new(&self.0))
    }

    async fn presign_put(&self, _: &ObjectName, _: &Announced) -> Result<PresignedUrl> {
        Ok(PresignedUrl::new(&self.0))
    }
}

impl Bench {
    /// A bucket that answers so, for bodies of 1,000 bytes and more.
    async fn new(answer: impl Fn(&Asked) -> Response + Send + Sync + 'static) -> Self {
        Self::leading_to(answer, |bucket| bucket).await
    }

    /// The same with a gateway that gives the address that `change` makes of the bucket's.
    async fn leading_to(
        answer: impl Fn(&Asked) -> Response + Send + Sync + 'static,
        change: impl FnOnce(String) -> String,
    ) -> Self {
        let asked = Seen::default();
        let state = (asked.clone(), Arc::new(answer) as Arc<Answer>);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/an-object?X-Amz-Signature=secret", listener.local_addr().unwrap());
        let app = Router::new().fallback(bucket).with_state(state);
        let bucket = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let behind = MemoryBlobs::new();
        behind.put(&name(1), sample::object(10_000, 1)).await.unwrap();
        let presign = Arc::new(To(change(address)));
        let stores = (Arc::new(MemoryRecords::new()), Arc::new(behind.clone()));
        let served = Served::start_with(stores.0, stores.1, |options| options.with_direct(presign, 1_000)).await;
        let blobs = RemoteBlobs::new(served.remote());
        // From this answer the client knows that there are addresses.
        blobs.head(&name(1)).await.unwrap();
        Self { blobs, asked, behind, bucket, _served: served }
    }

    fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    async fn read(&self, range: Option<std::ops::Range<u64>>) -> Result<Vec<u8>> {
        let body = self.blobs.get(&name(1), range).await?;
        Ok(body.stream.try_collect::<Vec<_>>().await?.concat())
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.bucket.abort();
    }
}

async fn bucket(State((asked, answer)): State<(Seen, Arc<Answer>)>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    let one = Asked { method: parts.method, headers: parts.headers, body };
    let response = answer(&one);
    asked.lock().unwrap().push(one);
    response
}

/// What an honest bucket answers to a read of the object.
fn honest(asked: &Asked) -> Response {
    let bytes = sample::object(10_000, 1).into_bytes();
    let Some(range) = asked.headers.get(header::RANGE) else { return bytes.into_response() };
    let (start, last) = range.to_str().unwrap().strip_prefix("bytes=").unwrap().split_once('-').unwrap();
    let (start, end) = (start.parse::<usize>().unwrap(), (last.parse::<usize>().unwrap() + 1).min(bytes.len()));
    let said = [(header::CONTENT_RANGE, format!("bytes {start}-{}/{}", end - 1, bytes.len()))];
    (StatusCode::PARTIAL_CONTENT, said, bytes[start..end].to_vec()).into_response()
}

fn name(number: u8) -> ObjectName {
    ObjectName::from_salt([number; 24])
}

fn kind<T: std::fmt::Debug>(result: Result<T>) -> ErrorKind {
    result.expect_err("this is refused").kind()
}

#[tokio::test]
async fn large_bodies_go_straight_and_small_ones_through() {
    let bench = Bench::new(honest).await;
    let bytes = sample::object(10_000, 1).into_bytes();
    assert_eq!(bench.read(None).await.unwrap(), bytes);
    assert_eq!(bench.read(Some(2_000..3_000)).await.unwrap(), bytes[2_000..3_000]);
    assert_eq!(bench.read(Some(9_000..20_000)).await.unwrap(), bytes[9_000..]);
    assert_eq!(bench.asked().len(), 3);
    assert_eq!(bench.read(Some(2_000..2_999)).await.unwrap(), bytes[2_000..2_999]);
    bench.blobs.put(&name(2), sample::object(999, 2)).await.unwrap();
    assert!(bench.asked().is_empty());
    assert_eq!(bench.behind.head(&name(2)).await.unwrap().size, 999);
    bench.blobs.put(&name(3), sample::object(1_000, 3)).await.unwrap();
    let [put] = &bench.asked()[..] else { panic!("one request") };
    assert_eq!((&put.method, put.body.len()), (&Method::PUT, 1_000));
    assert_eq!(put.headers[header::IF_NONE_MATCH], "*");
    assert_eq!(put.headers[header::CONTENT_LENGTH], "1000");
    let crc32 = crc32fast::hash(sample::object(1_000, 3).as_bytes());
    let sent = Base64::decode_vec(put.headers["x-amz-checksum-crc32"].to_str().unwrap()).unwrap();
    assert_eq!(sent, crc32.to_be_bytes());
}

/// What an address is for: bytes. Turns red where a request to it is signed as one to a gateway.
#[tokio::test]
async fn nothing_of_a_gateways_goes_to_an_address() {
    let bench = Bench::new(honest).await;
    bench.read(None).await.unwrap();
    bench.blobs.put(&name(3), sample::object(1_000, 3)).await.unwrap();
    for asked in bench.asked() {
        for name in ["signature", "signature-input", "imegha-audience", "content-digest", "cookie", "authorization"] {
            assert!(!asked.headers.contains_key(name), "{name} of {}", asked.method);
        }
    }
}

/// Turns red without `is_allowed`.
#[tokio::test]
async fn an_address_that_is_none_is_not_followed() {
    for bad in ["ftp://x.example/a", "file:///etc/passwd", "http://me@127.0.0.1/a", "", "/v1/blobs", "data:,a"] {
        let bench = Bench::leading_to(honest, |_| bad.to_owned()).await;
        assert_eq!(kind(bench.read(None).await), ErrorKind::CannotOpen, "{bad}");
        assert_eq!(kind(bench.blobs.put(&name(3), sample::object(1_000, 3)).await), ErrorKind::CannotOpen, "{bad}");
    }
    let long = Bench::leading_to(honest, |bucket| format!("{bucket}{}", "a".repeat(10_000))).await;
    assert_eq!(kind(long.read(None).await), ErrorKind::CannotOpen);
    assert!(long.asked().is_empty());
}

#[tokio::test]
async fn a_redirect_of_the_bucket_is_not_followed() {
    let other = Bench::new(honest).await;
    let other_address = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        let asked = other.asked.clone();
        let state = (asked, Arc::new(honest) as Arc<Answer>);
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(bucket).with_state(state)).await });
        address
    };
    for status in [301, 302, 303, 307, 308] {
        let to = other_address.clone();
        let astray = Bench::new(move |_| {
            (StatusCode::from_u16(status).unwrap(), [(header::LOCATION, to.clone())]).into_response()
        })
        .await;
        assert_eq!(kind(astray.read(None).await), ErrorKind::Backend);
        assert_eq!(kind(astray.blobs.put(&name(3), sample::object(1_000, 3)).await), ErrorKind::Backend);
    }
    assert!(other.asked().is_empty());
}

/// Another range, another length, more than was asked for: none of it is read.
#[tokio::test]
async fn a_bucket_that_lies_is_not_believed() {
    fn with_range(range: &str, len: usize) -> Response {
        let said = [(header::CONTENT_RANGE, HeaderValue::from_str(range).unwrap())];
        (StatusCode::PARTIAL_CONTENT, said, vec![0; len]).into_response()
    }
    let endless = || {
        let zeros = futures::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![0; 1 << 16]));
        Body::from_stream(zeros)
    };
    let answers: Vec<Box<Answer>> = vec![
        Box::new(|_| with_range("bytes 2001-3000/10000", 1_000)),
        Box::new(|_| with_range("bytes 2000-3000/10000", 1_001)),
        Box::new(|_| with_range("bytes 2000-2998/10000", 999)),
        Box::new(|_| with_range("bytes 2000-2999/10000", 999)),
        Box::new(|_| sample::object(10_000, 1).into_bytes().into_response()),
        Box::new(|_| StatusCode::NO_CONTENT.into_response()),
        Box::new(move |_| {
            let said = [(header::CONTENT_RANGE, "bytes 2000-2999/10000")];
            (StatusCode::PARTIAL_CONTENT, said, endless()).into_response()
        }),
        // An address in an object's place, once more.
        Box::new(|_| axum::Json(serde_json::json!({ "url": "http://127.0.0.1:1/" })).into_response()),
    ];
    for (number, answer) in answers.into_iter().enumerate() {
        let bench = Bench::new(answer).await;
        assert_eq!(kind(bench.read(Some(2_000..3_000)).await), ErrorKind::CannotOpen, "{number}");
    }
    // What it says when it refuses is not read at all.
    let wordy = Bench::new(move |_| (StatusCode::FORBIDDEN, endless()).into_response()).await;
    assert_eq!(kind(wordy.read(None).await), ErrorKind::Backend);
    assert_eq!(kind(wordy.blobs.put(&name(3), sample::object(1_000, 3)).await), ErrorKind::Backend);
}

/// Reads are tried again, each at a new address; a put is tried once, unless the bucket says that it was not done.
#[tokio::test]
async fn what_fails_is_tried_again_where_that_does_no_harm() {
    let down = Bench::new(|_| StatusCode::SERVICE_UNAVAILABLE.into_response()).await;
    assert_eq!(kind(down.read(None).await), ErrorKind::Unavailable);
    assert_eq!(down.asked().len(), 3);
    assert_eq!(kind(down.blobs.put(&name(3), sample::object(1_000, 3)).await), ErrorKind::Unavailable);
    assert_eq!(down.asked().len(), 1);
    let raced = Bench::new(|_| StatusCode::CONFLICT.into_response()).await;
    assert_eq!(kind(raced.blobs.put(&name(3), sample::object(1_000, 3)).await), ErrorKind::Unavailable);
    assert_eq!(raced.asked().len(), 3);
    let taken = Bench::new(|_| StatusCode::PRECONDITION_FAILED.into_response()).await;
    assert_eq!(kind(taken.blobs.put(&name(3), sample::object(1_000, 3)).await), ErrorKind::AlreadyExists);
    assert_eq!(taken.asked().len(), 1);
    let error = down.read(None).await.unwrap_err();
    assert!(!format!("{error:?}").contains("secret"), "{error:?}");
    let away = Bench::leading_to(honest, |_| "http://127.0.0.1:1/?X-Amz-Signature=secret".to_owned()).await;
    let error = away.read(None).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Unavailable && !format!("{error:?}").contains("secret"), "{error:?}");
}

/// A store that signs no addresses of parts has them sent through the gateway, and a gateway without addresses has everything.
#[tokio::test]
async fn where_there_is_no_address_it_goes_through_the_gateway() {
    let bench = Bench::new(honest).await;
    let upload = bench.blobs.begin_upload(&name(4)).await.unwrap();
    upload.put_part(1, 0, sample::part(2_000, 4)).await.unwrap();
    upload.complete(1, 2_000).await.unwrap();
    assert!(bench.asked().is_empty());
    assert_eq!(bench.behind.head(&name(4)).await.unwrap().size, 2_000);

    let served = Served::start(Arc::new(MemoryRecords::new()), Arc::new(MemoryBlobs::new())).await;
    let blobs = RemoteBlobs::new(served.remote());
    // The first request there is: large, and no answer has said anything yet.
    blobs.put(&name(1), sample::object(2 << 20, 1)).await.unwrap();
    assert_eq!(blobs.head(&name(1)).await.unwrap().size, 2 << 20);
    let body = blobs.get(&name(1), None).await.unwrap();
    assert_eq!(body.stream.try_collect::<Vec<_>>().await.unwrap().concat().len(), 2 << 20);
}
