//! A video that is watched while most of it stays where it is, sealed: what a player asks for is fetched and opened, and nothing else.
//!
//! ```text
//! cargo run -p imegha-examples --example video                 # a player in this process, which jumps about
//! cargo run -p imegha-examples --example video -- film.mp4     # http://127.0.0.1:8089/film, for a browser of this machine
//! ```
//!
//! A player asks by `Range`. Each range is a few whole chunks of 16 KiB, and each chunk is authentic by itself, so that nothing unopened is
//! ever shown and nobody waits for the end of the file. What is served here is plain: keep it on this machine.
#![forbid(unsafe_code)]

use std::ops::Range;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use imegha_cloud::backend::memory::{MemoryBlobs, MemoryRecords};
use imegha_cloud::clock::SystemClock;
use imegha_cloud::{BytesSource, Cloud, CloudKeys, Content, Entry, MemoryDevice, Store};
use imegha_crypto::{Dek, Id, Identity};
use tower::ServiceExt as _;

#[tokio::main]
async fn main() -> Result<()> {
    let keys = CloudKeys::new(Id::generate()?, Dek::generate()?, 1, Arc::new(Identity::generate()?));
    let (records, blobs) = (Arc::new(MemoryRecords::new()), Arc::new(MemoryBlobs::new()));
    let store = Store { records, blobs, clock: Arc::new(SystemClock), device: Arc::new(MemoryDevice::new()) };
    let cloud = Cloud::create(keys, store).await?;
    let given = std::env::args().nth(1);
    let content = match &given {
        Some(path) => std::fs::read(path).with_context(|| format!("{path} cannot be read"))?,
        None => (0..30_000_000_u32).map(|byte| (byte % 251) as u8).collect(),
    };
    let film = cloud.upload(&cloud.root(), "film.mp4", Content::new(BytesSource::new(content.clone()))).await?;
    let app = Router::new().route("/film", get(play)).with_state((cloud, film));
    if given.is_some() {
        println!("http://127.0.0.1:8089/film");
        return Ok(axum::serve(tokio::net::TcpListener::bind("127.0.0.1:8089").await?, app).await?);
    }
    // The beginning, a jump to the middle, and the last bytes, where some formats keep their index.
    for (range, bytes) in [
        ("bytes=0-999", &content[..1_000]),
        ("bytes=15000000-15099999", &content[15_000_000..15_100_000]),
        ("bytes=29999000-", &content[29_999_000..]),
    ] {
        let request = Request::get("/film").header(header::RANGE, range).body(Body::empty())?;
        let answer = app.clone().oneshot(request).await?;
        ensure!(answer.status() == StatusCode::PARTIAL_CONTENT, "{range}: {}", answer.status());
        println!("{range}: {}", answer.headers()[header::CONTENT_RANGE].to_str()?);
        ensure!(to_bytes(answer.into_body(), 1 << 20).await? == bytes, "{range} is not what was stored");
    }
    Ok(())
}

/// Answers a player: with the range that it asks for, opened chunk by chunk as it is sent.
async fn play(State((cloud, film)): State<(Cloud, Entry)>, request: Request) -> Response {
    let asked = request.headers().get(header::RANGE).and_then(|range| parse(range.to_str().ok()?, film.size));
    let range = asked.clone().unwrap_or(0..film.size);
    let opened = match cloud.download_range(&film.id, range.clone()).await {
        Ok(download) => Body::from_stream(download),
        // A player needs no reason; the log of a server of yours does.
        Err(_) => return StatusCode::BAD_GATEWAY.into_response(),
    };
    let headers = [
        (header::CONTENT_TYPE, "video/mp4".to_owned()),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        (header::CONTENT_LENGTH, (range.end - range.start).to_string()),
    ];
    let place = format!("bytes {}-{}/{}", range.start, range.end.saturating_sub(1), film.size);
    match asked {
        Some(_) => (StatusCode::PARTIAL_CONTENT, headers, [(header::CONTENT_RANGE, place)], opened).into_response(),
        None => (headers, opened).into_response(),
    }
}

/// `bytes=5-9` or `bytes=5-`, cut at the end. Any other is not heeded, as RFC 9110, 14.2 allows.
fn parse(range: &str, size: u64) -> Option<Range<u64>> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let last = if last.is_empty() { size.checked_sub(1)? } else { last.parse::<u64>().ok()?.min(size.checked_sub(1)?) };
    let first = first.parse().ok()?;
    (first <= last).then_some(first..last + 1)
}
