//! Whether it works, for whoever watches it, and what it writes down.

use imegha_cloud::backend::BlobStore as _;
use imegha_cloud::backend::remote::RemoteBlobs;
use imegha_cloud::{BytesSource, Cloud, Content, ErrorKind};

use super::{Program, command, owner_text};
use crate::gateway::bench::name;
use crate::served::owner;
use crate::storage::keys;

#[tokio::test(flavor = "multi_thread")]
async fn it_is_ready_while_its_stores_answer() {
    let folder = tempfile::tempdir().unwrap();
    let (data, elsewhere) = (folder.path().join("cloud"), folder.path().join("elsewhere"));
    let program = Program::start(&["--data", data.to_str().unwrap()]);
    assert_eq!(program.get("/healthz").await, (200, "alive\n".to_owned()));
    assert_eq!(program.get("/readyz").await, (200, "ready\n".to_owned()));
    let blobs = RemoteBlobs::new(program.remote());
    assert_eq!(blobs.head(&name(1)).await.unwrap_err().kind(), ErrorKind::NotFound);

    // A disk that is gone. What was on it is not said to be missing.
    std::fs::rename(&data, &elsewhere).unwrap();
    program.answers("/readyz", 503).await;
    // However many ask, the stores are asked every five seconds.
    for _ in 0..20 {
        assert_eq!(program.get("/readyz").await, (503, "the stores do not answer\n".to_owned()));
    }
    assert_eq!(program.get("/healthz").await.0, 200);
    assert_eq!(blobs.head(&name(1)).await.unwrap_err().kind(), ErrorKind::Backend);

    std::fs::rename(&elsewhere, &data).unwrap();
    program.answers("/readyz", 200).await;
    let log = program.stop();
    assert!((1..=3).contains(&log.matches("not ready: the stores do not answer").count()), "{log}");
}

/// The most that it ever logs holds nothing of who asked for what.
#[tokio::test(flavor = "multi_thread")]
async fn a51_the_log_names_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let program = Program::spawn(
        command(&["--data", data, "--listen", "127.0.0.1:0"]).env("RUST_LOG", "trace,hyper::proto=trace,rustls=trace"),
    );
    let cloud = Cloud::create(keys(), program.store()).await.unwrap();
    cloud.upload(&cloud.root(), "a name", Content::new(BytesSource::new("some words"))).await.unwrap();
    let request = program.draft("GET", "/v1/blobs?limit=17", "").sign();
    let header = |name: &str| request.headers()[name].to_str().unwrap().to_owned();
    let answer = reqwest::Client::new().get(program.url("/v1/blobs?limit=17")).headers(request.headers().clone());
    assert_eq!(answer.send().await.unwrap().status(), 200);
    program.get("/v1/somebody@example.org?secret=words").await;

    let blobs = RemoteBlobs::new(program.remote());
    let objects = blobs.list(None, 10).await.unwrap();
    assert_eq!(objects.len(), 1);
    let port = program.address.port().unwrap().to_string();
    let log = program.stop();
    for said in ["answered", "/v1/blobs/{name}", "route=\"none\"", "method=\"PUT\"", "status=204", "stopping"] {
        assert!(log.contains(said), "{said} is not in {log}");
    }
    let unsaid = [
        objects[0].name.to_string(),
        owner().fingerprint().to_string(),
        owner_text(),
        header("signature"),
        header("signature-input"),
        nonce(&header("signature-input")),
        "keyid".to_owned(),
        "limit".to_owned(),
        "somebody".to_owned(),
        "words".to_owned(),
        "127.0.0.1".to_owned(),
        format!(":{port}"),
    ];
    for secret in unsaid {
        assert!(!log.contains(&secret), "{secret} is in {log}");
    }
}

fn nonce(signature_input: &str) -> String {
    let (_, after) = signature_input.split_once("nonce=\"").unwrap();
    after.split_once('"').unwrap().0.to_owned()
}
