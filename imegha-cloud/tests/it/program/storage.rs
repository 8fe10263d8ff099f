//! A cloud behind the program, and what a stranger sees of it.

use imegha_cloud::backend::BlobStore as _;
use imegha_cloud::backend::remote::RemoteBlobs;
use imegha_cloud::protocol::path;
use imegha_cloud::{BytesSource, Cloud, Content, Depth, ErrorKind, Store};
use reqwest::Client;

use super::Program;
use crate::gateway::bench::{Draft, name};
use crate::gateway::history::{Chain, TAG, second};
use crate::sample;
use crate::served::{owner, stranger};
use crate::storage::{bytes, keys};

/// Creates a cloud, puts files into it, reads them whole and in part: small ones and one of three parts.
pub(crate) async fn exercise(store: Store) {
    let cloud = Cloud::create(keys(), store).await.unwrap();
    for (name, len) in FILES {
        let file = cloud.upload(&cloud.root(), name, Content::new(BytesSource::new(content(len)))).await.unwrap();
        let around = len.min(8 << 20).saturating_sub(5) as u64..(len as u64).min((8 << 20) + 5);
        let part = cloud.download_range(&file.id, around.clone()).await.unwrap().bytes().await.unwrap();
        assert_eq!(part, content(len)[around.start as usize..around.end as usize]);
    }
}

/// Reads what [`exercise`] left, as a device that has never seen it.
pub(crate) async fn check(store: Store) {
    let cloud = Cloud::open(keys(), store).await.unwrap();
    let mut listed = cloud.list(&cloud.root()).await.unwrap();
    listed.sort_by_key(|entry| entry.size);
    assert_eq!(listed.len(), FILES.len());
    for (entry, (name, len)) in listed.iter().zip(FILES) {
        assert_eq!(entry.name, name);
        assert!(cloud.download(&entry.id).await.unwrap().bytes().await.unwrap() == content(len), "{name}");
    }
    assert_eq!(cloud.verify(Depth::Deep).await.unwrap().problems, []);
}

fn content(len: usize) -> Vec<u8> {
    bytes(len, len as u64)
}

/// The last is of three parts.
const FILES: [(&str, usize); 3] = [("a byte", 1), ("a chunk and more", 20_000), ("a film", (16 << 20) + 12_345)];

#[tokio::test(flavor = "multi_thread")]
async fn a_cloud_outlives_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("not there yet/cloud");
    let arguments = ["--data", data.to_str().unwrap()];
    let program = Program::start(&arguments);
    program.remote().check_version().await.unwrap();
    exercise(program.store()).await;
    program.stop();
    check(Program::start(&arguments).store()).await;
}

/// The gateway is below its address's path, and where a proxy has cut that off.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_has_a_path_or_a_proxy_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let program = Program::start(&["--data", data, "--address", "https://cloud.example/at/home/"]);
    assert_eq!(program.address.as_str(), "https://cloud.example/at/home");
    program.stop();
    // It listens on a port that it does not say, so here it is one that was free.
    let listening = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let address = format!("http://{listening}/at/home");
    let arguments = ["--data", data, "--address", &address, "--listen", &listening.to_string()];
    let program = Program::spawn(&mut super::command(&arguments));
    let put = program.draft("PUT", path::blob(&name(1)), sample::object(500, 1).into_bytes());
    assert_eq!(send(&format!("{address}{}", put.path), &put).await.0, 204);
    let get = || program.draft("GET", path::blob(&name(1)), "");
    assert_eq!(send(&format!("{address}{}", get().path), &get()).await.0, 200);
    assert_eq!(send(&program.url(&get().path), &get()).await.0, 200);
    assert_eq!(send(&program.url(&format!("/elsewhere{}", get().path)), &get()).await.0, 404);
    let remote = RemoteBlobs::new(program.remote());
    assert_eq!(remote.list(None, 10).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_gets_one_404() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(&["--data", folder.path().to_str().unwrap()]);
    let put = program.draft("PUT", path::blob(&name(1)), sample::object(500, 1).into_bytes());
    assert_eq!(send(&program.url(&put.path), &put).await.0, 204);
    let there = program.draft("GET", path::blob(&name(1)), "");
    assert_eq!(send(&program.url(&there.path), &there).await.0, 200);
    let missing = program.draft("GET", path::blob(&name(2)), "");
    let missing = send(&program.url(&missing.path), &missing).await;
    assert_eq!(missing.0, 404);
    let strangers = Draft { signer: stranger(), ..program.draft("GET", path::blob(&name(1)), "") };
    assert_eq!(send(&program.url(&strangers.path), &strangers).await, missing);
    let audience = Draft { audience: stranger().fingerprint(), ..there };
    assert_eq!(send(&program.url(&audience.path), &audience).await, missing);
    for path in ["/", "/v1/uploads", "/v1/blobs?limit=1", "/healthz/", "/readyz/x", "/metrics", "/at/home/v1/uploads"] {
        assert_eq!(program.get(path).await, missing, "{path}");
    }
}

/// Whoever has the first identity, on a device that was lost, stays outside: killed, it has forgotten nothing when it starts again.
#[tokio::test(flavor = "multi_thread")]
async fn an_identity_that_was_replaced_stays_outside_when_the_program_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--data", folder.path().to_str().unwrap()];
    let two = Chain::new().then(&second());
    let program = Program::start(&arguments);
    program.remote().check_owner().await.unwrap();
    program.remote_of(second()).introduce(&two.history, &two.account, TAG).await.unwrap();
    let mut program = Some(program);
    for number in [1, 2] {
        // Dropped, the one before is killed.
        let program = program.take().unwrap_or_else(|| Program::start(&arguments));
        assert_eq!(program.remote().check_owner().await.unwrap_err().kind(), ErrorKind::Denied);
        let refused = program.remote_of(owner()).follow(&Chain::new().history, &two.account, TAG).await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Denied);
        program.remote_of(second()).check_owner().await.unwrap();
        let blobs = RemoteBlobs::new(program.remote_of(second()));
        blobs.put(&name(number), sample::object(500, number)).await.unwrap();
        assert_eq!(blobs.list(None, 10).await.unwrap().len(), usize::from(number));
    }
}

/// Sends a request to an address; its status and text.
pub(crate) async fn send(url: &str, draft: &Draft) -> (u16, String) {
    let request = draft.sign();
    let client = Client::new().request(request.method().clone(), url).headers(request.headers().clone());
    let answer = client.body(draft.body.clone()).send().await.unwrap();
    (answer.status().as_u16(), String::from_utf8_lossy(&answer.bytes().await.unwrap()).into_owned())
}
