//! The remote backend before a gateway, or a network, that lies, fails and leads astray.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use futures::TryStreamExt as _;
use http::{HeaderValue, StatusCode, header};
use http_body_util::BodyExt as _;
use imegha_cloud::backend::memory::{MemoryBlobs, MemoryRecords};
use imegha_cloud::backend::remote::{Remote, RemoteBlobs, RemoteRecords};
use imegha_cloud::backend::{BlobStore, Condition, Key, ObjectName, Query, Record, RecordStore, Write};
use imegha_cloud::clock::{ManualClock, SystemClock};
use imegha_cloud::schema::{CloudSchema, CloudValue, Collection};
use imegha_cloud::{Error, ErrorKind, Result};

use crate::sample;
use crate::served::{Served, owner};

fn name(number: u8) -> ObjectName {
    ObjectName::from_salt([number; 24])
}

fn put(seq: u64) -> Write<CloudSchema> {
    Write::Put(Record::new(Key::new(Collection::Log, [], [CloudValue::U64(seq)])), Condition::None)
}

/// A real gateway, before it something that changes its answers, and a client.
struct Bench {
    records: RemoteRecords,
    blobs: RemoteBlobs,
    memory: MemoryRecords<CloudSchema>,
    /// How many requests came.
    asked: Arc<AtomicUsize>,
    served: Served,
}

impl Bench {
    /// `change` makes of the number of a request, counted from 0, and its answer what the client gets.
    async fn new(change: impl Fn(usize, Answer) -> Response + Clone + Send + Sync + 'static) -> Self {
        let (memory, blobs) = (MemoryRecords::new(), MemoryBlobs::new());
        blobs.put(&name(1), sample::object(10_000, 1)).await.unwrap();
        blobs.put(&name(2), sample::object(10_000, 2)).await.unwrap();
        memory.transact(&[put(1), put(2), put(3)]).await.unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        let on_the_way = from_fn(move |request: Request, next: Next| {
            let (change, number) = (change.clone(), count.fetch_add(1, Ordering::SeqCst));
            async move { change(number, Answer::read(next.run(request).await).await) }
        });
        let behind = move |app: Router| app.layer(on_the_way);
        let stores = (Arc::new(memory.clone()), Arc::new(blobs));
        let served = Served::start_behind(stores.0, stores.1, Arc::new(SystemClock), behind).await;
        let remote = served.remote();
        Self { records: RemoteRecords::new(remote.clone()), blobs: RemoteBlobs::new(remote), memory, asked, served }
    }

    fn asked(&self) -> usize {
        self.asked.swap(0, Ordering::SeqCst)
    }

    async fn read(&self, range: Option<std::ops::Range<u64>>) -> Result<Vec<u8>> {
        let body = self.blobs.get(&name(1), range).await?;
        Ok(body.stream.try_collect::<Vec<_>>().await?.concat())
    }
}

/// Makes of the honest answer what the client gets.
type Attack = fn(Answer) -> Response;

/// The honest answer.
struct Answer {
    status: StatusCode,
    headers: http::HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        Self { status: parts.status, headers: parts.headers, body: body.collect().await.unwrap().to_bytes().to_vec() }
    }

    /// As it is, with a length that fits the body.
    fn pass(mut self) -> Response {
        self.headers.remove(header::CONTENT_LENGTH);
        let mut response = self.body.into_response();
        *response.status_mut() = self.status;
        for (name, value) in self.headers {
            response.headers_mut().insert(name.expect("each name stands once"), value);
        }
        response
    }

    fn with_header(mut self, name: header::HeaderName, value: &str) -> Self {
        self.headers.insert(name, HeaderValue::from_str(value).unwrap());
        self
    }

    fn edited(mut self, from: &str, to: &str) -> Self {
        let body = String::from_utf8(self.body).unwrap();
        assert!(body.contains(from), "{body}");
        self.body = body.replace(from, to).into_bytes();
        self
    }
}

fn kind<T: std::fmt::Debug>(result: Result<T>) -> ErrorKind {
    result.expect_err("this is refused").kind()
}

/// Turns red without the comparisons in `RemoteBlobs::get` and `exactly`.
#[tokio::test]
async fn a10_a_range_that_was_not_asked_for_is_refused() {
    let bytes = sample::object(10_000, 1).into_bytes();
    let honest = Bench::new(|_, answer| answer.pass()).await;
    assert_eq!(honest.read(Some(1_000..2_000)).await.unwrap(), bytes[1_000..2_000]);
    assert_eq!(honest.read(Some(9_000..20_000)).await.unwrap(), bytes[9_000..]);
    assert_eq!(honest.read(None).await.unwrap(), bytes);

    let attacks: Vec<(&str, Attack)> = vec![
        ("shifted", |answer| answer.with_header(header::CONTENT_RANGE, "bytes 1001-2000/10000").pass()),
        ("longer", |answer| answer.with_header(header::CONTENT_RANGE, "bytes 1000-2000/10000").pass()),
        ("shorter", |answer| answer.with_header(header::CONTENT_RANGE, "bytes 1000-1998/10000").pass()),
        ("of a shorter object", |answer| answer.with_header(header::CONTENT_RANGE, "bytes 1000-1999/1500").pass()),
        ("without a range", |mut answer| {
            answer.headers.remove(header::CONTENT_RANGE);
            answer.pass()
        }),
        ("nonsense", |answer| answer.with_header(header::CONTENT_RANGE, "bytes a-b/c").pass()),
        ("200 for 206", |mut answer| {
            answer.status = StatusCode::OK;
            answer.pass()
        }),
        ("whole with 200", |mut answer| {
            answer.headers.remove(header::CONTENT_RANGE);
            (answer.status, answer.body) = (StatusCode::OK, sample::object(10_000, 1).into_bytes());
            answer.pass()
        }),
        ("whole with 206", |mut answer| {
            answer.body = sample::object(10_000, 1).into_bytes();
            answer.pass()
        }),
        ("204", |mut answer| {
            (answer.status, answer.body) = (StatusCode::NO_CONTENT, vec![]);
            answer.pass()
        }),
        ("short body", |mut answer| {
            answer.body.truncate(999);
            answer.pass()
        }),
        ("long body", |mut answer| {
            answer.body.push(0);
            answer.pass()
        }),
        // Without a length the end of the stream is all that says it.
        ("short stream", |mut answer| {
            answer.body.truncate(999);
            let stream = futures::stream::iter([Ok::<_, std::io::Error>(std::mem::take(&mut answer.body))]);
            answer.pass().map(|_| Body::from_stream(stream))
        }),
    ];
    for (what, attack) in attacks {
        let bench = Bench::new(move |_, answer| attack(answer)).await;
        let result = bench.read(Some(1_000..2_000)).await;
        assert_eq!(kind(result), ErrorKind::CannotOpen, "{what}");
    }
}

/// A whole object of another length than is said. Turns red without `exactly`.
#[tokio::test]
async fn a11_a_length_that_lies_is_refused() {
    let attacks: Vec<(&str, Attack)> = vec![
        ("no length", |answer| {
            let pieces = answer.body.chunks(1_000).map(|piece| Ok::<_, std::io::Error>(piece.to_vec()));
            Body::from_stream(futures::stream::iter(pieces.collect::<Vec<_>>())).into_response()
        }),
        ("206 for 200", |mut answer| {
            answer.status = StatusCode::PARTIAL_CONTENT;
            answer.pass()
        }),
    ];
    for (what, attack) in attacks {
        let bench = Bench::new(move |_, answer| attack(answer)).await;
        assert_eq!(kind(bench.read(None).await), ErrorKind::CannotOpen, "{what}");
    }
}

/// Turns red without the comparisons in `RemoteRecords`, `head` and `list`.
#[tokio::test]
async fn a14_an_answer_to_another_question_is_refused() {
    let key = |seq| Key::new(Collection::Log, [], [CloudValue::U64(seq)]);
    let query = Query::new(Collection::Log, []);
    let honest = Bench::new(|_, answer| answer.pass()).await;
    assert!(honest.records.get(&key(1)).await.unwrap().is_some());
    assert_eq!(honest.records.query(&query).await.unwrap().records.len(), 3);
    assert_eq!(honest.blobs.list(None, 5).await.unwrap().len(), 2);

    let moved = Bench::new(|_, answer| answer.edited(r#""u64":"1""#, r#""u64":"2""#).pass()).await;
    assert_eq!(kind(moved.records.get(&key(1)).await), ErrorKind::CannotOpen);
    assert_eq!(kind(moved.records.query(&query).await), ErrorKind::CannotOpen, "one place twice");
    let elsewhere = Bench::new(|_, answer| answer.edited("\"log\"", "\"nonce\"").pass()).await;
    assert_eq!(kind(elsewhere.records.get(&key(1)).await), ErrorKind::CannotOpen);
    assert_eq!(kind(elsewhere.records.query(&query).await), ErrorKind::CannotOpen);
    let unknown = Bench::new(|_, answer| answer.edited("\"log\"", "\"diary\"").pass()).await;
    assert_eq!(kind(unknown.records.get(&key(1)).await), ErrorKind::CannotOpen);
    let renamed = Bench::new(|_, answer| answer.edited("01010101", "ffffffff").pass()).await;
    assert_eq!(kind(renamed.blobs.head(&name(1)).await), ErrorKind::CannotOpen);
    assert_eq!(kind(renamed.blobs.list(None, 5).await), ErrorKind::CannotOpen, "out of order");
    let too_many = Bench::new(|_, answer| answer.pass()).await;
    assert_eq!(too_many.blobs.list(None, 1).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_no_answer_of_a_gateway_is_not_read() {
    let endless = Bench::new(|_, _| {
        let zeros = futures::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b' '; 1 << 20]));
        Body::from_stream(zeros).into_response()
    })
    .await;
    assert_eq!(kind(endless.blobs.head(&name(1)).await), ErrorKind::CannotOpen);
    let html = Bench::new(|_, _| "<html>".into_response()).await;
    assert_eq!(kind(html.blobs.head(&name(1)).await), ErrorKind::Backend);
    assert_eq!(kind(html.served.remote().version().await), ErrorKind::Backend);
    let strange = Bench::new(|_, _| (StatusCode::IM_A_TEAPOT, "<html>").into_response()).await;
    assert_eq!(kind(strange.blobs.head(&name(1)).await), ErrorKind::Backend);
}

/// Turns red without `redirect::Policy::none()`.
#[tokio::test]
async fn a_redirect_is_not_followed() {
    let other = Bench::new(|_, answer| answer.pass()).await;
    let to = other.served.address.to_string();
    for status in [301, 302, 303, 307, 308] {
        let to = to.clone();
        let astray = Bench::new(move |_, _| {
            (StatusCode::from_u16(status).unwrap(), [(header::LOCATION, to.clone())]).into_response()
        })
        .await;
        assert_eq!(kind(astray.read(None).await), ErrorKind::Backend);
        assert_eq!(kind(astray.records.transact(&[put(9)]).await), ErrorKind::Backend);
    }
    assert_eq!(other.asked(), 0);
}

/// What may be sent twice is tried three times, the rest once.
#[tokio::test]
async fn a55_a_gateway_that_fails_now_and_then_is_asked_again() {
    let down = || StatusCode::SERVICE_UNAVAILABLE.into_response();
    let failing_twice = move |number, answer: Answer| if number < 2 { down() } else { answer.pass() };
    let bench = Bench::new(failing_twice).await;
    assert_eq!(bench.read(None).await.unwrap().len(), 10_000);
    assert_eq!(bench.asked(), 3);
    bench.records.query(&Query::new(Collection::Log, [])).await.unwrap();
    assert_eq!(bench.asked(), 3);
    bench.blobs.delete(&name(1)).await.unwrap();
    assert_eq!(bench.asked(), 3);
    assert_eq!(kind(bench.records.transact(&[put(9)]).await), ErrorKind::Unavailable);
    assert_eq!(bench.asked(), 1);
    assert_eq!(kind(bench.blobs.put(&name(3), sample::object(200, 3)).await), ErrorKind::Unavailable);
    assert_eq!(bench.asked(), 1);
    assert_eq!(kind(bench.blobs.begin_upload(&name(4)).await), ErrorKind::Unavailable);
    assert_eq!(bench.asked(), 1);
    // What was lost on the way back has happened.
    assert_eq!(bench.memory.query(&Query::new(Collection::Log, [])).await.unwrap().records.len(), 4);

    let never = Bench::new(move |_, _| down()).await;
    assert_eq!(kind(never.read(None).await), ErrorKind::Unavailable);
    assert_eq!(never.asked(), 3);
    let refused = Bench::new(|_, answer| answer.pass()).await;
    assert_eq!(kind(refused.blobs.head(&name(9)).await), ErrorKind::NotFound);
    assert_eq!(refused.asked(), 1, "an answer is an answer");
}

#[tokio::test]
async fn a_gateway_that_is_not_there_is_unavailable() {
    let nowhere = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let clock = Arc::new(SystemClock);
    let remote = Remote::new(nowhere.parse().unwrap(), owner(), owner().fingerprint(), clock).unwrap();
    let error: Error = remote.check_version().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(kind(RemoteBlobs::new(remote).list(None, 1).await), ErrorKind::Unavailable);
}

#[tokio::test]
async fn clocks_that_differ_are_told_apart() {
    let (records, blobs) = (Arc::new(MemoryRecords::new()), Arc::new(MemoryBlobs::new()));
    let gateways = Arc::new(ManualClock::new(1_790_000_000_000));
    let served = Served::start_at(records, blobs, gateways.clone()).await;
    let mine = Arc::new(ManualClock::new(1_790_000_000_000));
    let remote = Remote::new(served.address.clone(), owner(), owner().fingerprint(), mine.clone()).unwrap();
    let records = RemoteRecords::new(remote.clone());
    records.transact(&[put(1)]).await.unwrap();
    mine.advance(61_000);
    let error = records.transact(&[put(2)]).await.unwrap_err();
    assert_eq!((error.kind(), error.server_time()), (ErrorKind::ClockSkew, Some(1_790_000_000)));
    gateways.advance(61_000);
    records.transact(&[put(2)]).await.unwrap();
    remote.check_version().await.unwrap();
}

#[tokio::test]
async fn an_address_is_a_plain_one() {
    for address in ["https://me@x.example", "https://me:pw@x.example", "https://x.example/?q", "https://x.example/#f"] {
        let remote = Remote::new(address.parse().unwrap(), owner(), owner().fingerprint(), Arc::new(SystemClock));
        assert_eq!(kind(remote), ErrorKind::Malformed, "{address}");
    }
}

/// A gateway whose stores are full says so, and room can still be made through it.
#[cfg(feature = "embedded")]
#[tokio::test]
async fn a57_room_can_be_made_in_a_full_cloud() {
    use imegha_cloud::backend::embedded::{Embedded, EmbeddedConfig};
    use imegha_cloud::schema::Field;

    let folder = tempfile::tempdir().unwrap();
    let config = EmbeddedConfig::default().with_quotas(5_000, 200_000);
    let Embedded { records, blobs } = Embedded::<CloudSchema>::open_with(folder.path(), &config).unwrap();
    let served = Served::start(Arc::new(records), Arc::new(blobs)).await;
    let (records, blobs) = (RemoteRecords::new(served.remote()), RemoteBlobs::new(served.remote()));
    blobs.put(&name(1), sample::object(4_000, 1)).await.unwrap();
    assert_eq!(kind(blobs.put(&name(2), sample::object(4_000, 2)).await), ErrorKind::StorageFull);
    let big = |seq: u64| {
        let record = Record::new(Key::new(Collection::Log, [], [CloudValue::U64(seq)]));
        Write::Put(record.with(Field::Entry, CloudValue::Sealed(sample::sealed(3_500, 1))), Condition::None)
    };
    let mut kept = 0;
    while records.transact(&[big(kept)]).await.is_ok() {
        kept += 1;
    }
    assert_eq!(kind(records.transact(&[big(kept)]).await), ErrorKind::StorageFull);
    // Whatever room was left for nonces is used up too.
    while blobs.begin_upload(&name(3)).await.is_ok() {}
    blobs.delete(&name(1)).await.unwrap();
    assert_eq!(kind(blobs.head(&name(1)).await), ErrorKind::NotFound);
    let delete = |seq| Write::Delete(Key::new(Collection::Log, [], [CloudValue::U64(seq)]), Condition::Present);
    records.transact(&(0..5).map(delete).collect::<Vec<_>>()).await.unwrap();
    records.transact(&[big(1_000)]).await.unwrap();
    blobs.put(&name(2), sample::object(4_000, 2)).await.unwrap();
}
