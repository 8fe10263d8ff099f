//! Asked to stop in the middle of something.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::StreamExt as _;
use futures::channel::mpsc;
use imegha_cloud::backend::BlobStore as _;
use imegha_cloud::backend::remote::RemoteBlobs;
use imegha_cloud::protocol::path;
use imegha_cloud::{BytesSource, Cloud, Content, Depth, FileDevice};
use imegha_crypto::Id;
use reqwest::{Body, Client};

use super::Program;
use crate::gateway::bench::name;
use crate::sample;
use crate::storage::{bytes, keys};

/// What was acknowledged is there, whenever the program was asked to stop; and what was not goes on.
///
/// Turns red when a part, or a transaction, is acknowledged before it is stored: the process that did so is gone.
#[tokio::test(flavor = "multi_thread")]
async fn stopping_in_an_upload_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let device = || Arc::new(FileDevice::new(folder.path().join("device")));
    let data = folder.path().join("cloud");
    let arguments = ["--data", data.to_str().unwrap()];
    let program = Program::start(&arguments);
    Cloud::create(keys(), program.store_of(device())).await.unwrap();
    program.stop();
    let mut acknowledged = Vec::new();
    let mut interrupted = 0;
    // After the first byte, after the first part, in the third.
    for (round, at) in [1, 8 << 20, (16 << 20) + 1].into_iter().enumerate() {
        let program = Arc::new(Program::start(&arguments));
        let cloud = Cloud::open(keys(), program.store_of(device())).await.unwrap();
        let small = bytes(1_000, round as u64);
        let entry = cloud.upload(&cloud.root(), &format!("small {round}"), of(&small)).await.unwrap();
        acknowledged.push((entry.id, small));

        let large = bytes((24 << 20) + 777, round as u64);
        let (upload, told) = (Id::generate().unwrap(), AtomicBool::new(false));
        let stopping = program.clone();
        let content = of(&large).resumable(&upload).progress(move |done, _| {
            if done >= at && !told.swap(true, Ordering::SeqCst) {
                stopping.terminate();
            }
        });
        let uploaded = cloud.upload(&cloud.root(), &format!("large {round}"), content).await;
        let (status, log) = Arc::into_inner(program).unwrap_or_else(|| panic!("it is held")).wait();
        assert!(status.success(), "{status}: {log}");

        let program = Program::start(&arguments);
        let cloud = Cloud::open(keys(), program.store_of(device())).await.unwrap();
        let entry = match uploaded {
            Ok(entry) => entry,
            Err(_) => {
                interrupted += 1;
                let again = of(&large).resumable(&upload);
                cloud.upload(&cloud.root(), &format!("large {round}"), again).await.unwrap()
            }
        };
        acknowledged.push((entry.id, large));
        for (file, content) in &acknowledged {
            assert!(cloud.download(file).await.unwrap().bytes().await.unwrap() == *content, "round {round}");
        }
        assert_eq!(cloud.verify(Depth::Deep).await.unwrap().problems, []);
        program.stop();
    }
    assert!(interrupted > 0, "no upload was interrupted");
}

fn of(bytes: &[u8]) -> Content {
    Content::new(BytesSource::new(bytes.to_vec()))
}

/// A request that has begun is answered; no other begins.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_under_way_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--data", folder.path().to_str().unwrap()];
    let program = Program::start(&arguments);
    let draft = program.draft("PUT", path::blob(&name(1)), sample::object(200_000, 1).into_bytes());
    let (body, rest) = mpsc::unbounded();
    let request = Client::new().put(program.url(&draft.path)).headers(draft.sign().headers().clone());
    let request = request.body(Body::wrap_stream(rest.map(Ok::<Vec<u8>, std::io::Error>)));
    let (first, last) = draft.body.split_at(100_000);
    body.unbounded_send(first.to_vec()).unwrap();
    let answer = tokio::spawn(request.send());
    // Its first bytes are there when a request that came after it was answered.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(program.get("/healthz").await.0, 200);

    program.terminate();
    while Client::new().get(program.url("/healthz")).send().await.is_ok() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(!answer.is_finished());
    body.unbounded_send(last.to_vec()).unwrap();
    drop(body);
    assert_eq!(answer.await.unwrap().unwrap().status(), 204);
    let (status, log) = program.wait();
    assert!(status.success(), "{status}: {log}");

    let program = Program::start(&arguments);
    assert_eq!(RemoteBlobs::new(program.remote()).head(&name(1)).await.unwrap().size, 200_000);
}

/// Whoever does not go on does not keep it from ending: the grace is 15 seconds.
#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_go_on_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(&["--data", folder.path().to_str().unwrap()]);
    let draft = program.draft("PUT", path::blob(&name(1)), sample::object(200_000, 1).into_bytes());
    let (body, rest) = mpsc::unbounded();
    let request = Client::new().put(program.url(&draft.path)).headers(draft.sign().headers().clone());
    let request = request.body(Body::wrap_stream(rest.map(Ok::<Vec<u8>, std::io::Error>)));
    body.unbounded_send(draft.body[..100_000].to_vec()).unwrap();
    let answer = tokio::spawn(request.send());
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let asked = std::time::Instant::now();
    program.terminate();
    let (status, log) = tokio::task::spawn_blocking(|| program.wait()).await.unwrap();
    assert!(status.success(), "{status}: {log}");
    assert!((14..20).contains(&asked.elapsed().as_secs()), "{:?}", asked.elapsed());
    assert!(answer.await.unwrap().is_err());
    drop(body);
}
