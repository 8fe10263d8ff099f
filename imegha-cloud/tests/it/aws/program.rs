//! The program `imegha-gateway` before S3 and DynamoDB.

use std::net::SocketAddr;
use std::process::Command;

use imegha_cloud::ErrorKind;
use imegha_cloud::backend::ObjectName;
use imegha_cloud::protocol::path;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::Url;

use super::peers::{Peers, new_prefix, peers};
use crate::gateway::history::{Chain, TAG, second};
use crate::program::refused::refusal;
use crate::program::storage::{check, exercise, send};
use crate::program::{Program, command};

/// The program before the peers, under a prefix that no other test has; `changed` has the last word.
fn gateway(peers: &Peers, prefix: &str, changed: &[(&str, &str)]) -> Command {
    let settings = [
        ("--bucket", peers.bucket.as_str()),
        ("--table", &peers.table),
        ("--s3-endpoint", peers.s3.as_str()),
        ("--dynamodb-endpoint", peers.dynamodb.as_str()),
    ];
    let mut command = command(&["--backend", "aws", "--listen", "127.0.0.1:0", "--prefix", prefix]);
    for (name, value) in settings {
        let value = changed.iter().find(|(changed, _)| *changed == name).map_or(value, |(_, value)| value);
        command.args([name, value]);
    }
    command
}

/// Two programs before one table, as behind one address.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_was_not_told_finds_the_newest_identity_in_the_table() {
    let (peers, prefix) = (peers().await, new_prefix());
    let [told, other] = [(); 2].map(|()| Program::spawn(&mut gateway(peers, &prefix, &[])));
    let two = Chain::new().then(&second());
    other.remote().check_owner().await.unwrap();
    told.remote_of(second()).introduce(&two.history, &two.account, TAG).await.unwrap();
    for program in [told, other, Program::spawn(&mut gateway(peers, &prefix, &[]))] {
        program.remote_of(second()).check_owner().await.unwrap();
        assert_eq!(program.remote().check_owner().await.unwrap_err().kind(), ErrorKind::Denied);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cloud_in_an_account_outlives_the_program() {
    let (peers, prefix) = (peers().await, new_prefix());
    let program = Program::spawn(&mut gateway(peers, &prefix, &[]));
    assert_eq!(program.get("/readyz").await.0, 200);
    exercise(program.store()).await;
    program.stop();
    check(Program::spawn(&mut gateway(peers, &prefix, &[])).store()).await;
}

/// An address is a key as long as it is good, whatever is logged.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_address_stands_in_a_log() {
    let (peers, prefix) = (peers().await, new_prefix());
    let mut command = gateway(peers, &prefix, &[]);
    let program = Program::spawn(command.args(["--direct-from", "1"]).env("RUST_LOG", "trace"));
    exercise(program.store()).await;
    let direct = program.draft("GET", path::blob_or_direct(&ObjectName::from_salt([1; 24])), "");
    let (status, answer) = send(&program.url(&direct.path), &direct).await;
    assert!(status == 200 && answer.contains("X-Amz-Signature"), "{answer}");
    let log = program.stop();
    // Lines of the gateway's own stand there, of the requests that were for addresses too.
    assert!(log.contains("route=\"/v1/blobs/{name}/direct\"") && log.contains("{number}/direct"), "{log}");
    for secret in ["X-Amz-", "Signature=", &prefix] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_there_is_told_at_the_start() {
    let (peers, prefix) = (peers().await, new_prefix());
    for (name, said) in [("--bucket", "there is no such bucket"), ("--table", "there is no such table in this region")]
    {
        let (status, line) = refusal(&mut gateway(peers, &prefix, &[(name, "imegha-tests-nowhere")]));
        assert!(status == 1 && line.contains(said), "{line}");
    }
    let (status, line) = refusal(gateway(peers, &prefix, &[]).env("AWS_ACCESS_KEY_ID", "nobody"));
    assert!(status == 1 && line.contains("the credentials are not accepted"), "{line}");
}

/// A service that is away for a while keeps nothing from starting, or from going on when it is back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_ready_while_both_services_answer() {
    let (peers, prefix) = (peers().await, new_prefix());
    let wire = Wire::to(&peers.dynamodb).await;
    let endpoint = format!("http://{}", wire.address);
    let program = Program::spawn(&mut gateway(peers, &prefix, &[("--dynamodb-endpoint", &endpoint)]));
    assert_eq!(program.get("/readyz").await.0, 200);
    let wire = wire.cut();
    program.answers("/readyz", 503).await;
    assert_eq!(program.get("/healthz").await.0, 200);
    let second = Program::spawn(&mut gateway(peers, &prefix, &[("--dynamodb-endpoint", &endpoint)]));
    assert_eq!(second.get("/readyz").await.0, 503);
    let _wire = wire.mend().await;
    program.answers("/readyz", 200).await;
    second.answers("/readyz", 200).await;
}

/// A way to a service that can be cut.
struct Wire {
    address: SocketAddr,
    to: String,
    carrying: Option<JoinHandle<()>>,
}

impl Wire {
    async fn to(service: &Url) -> Self {
        let to = format!("{}:{}", service.host_str().unwrap(), service.port_or_known_default().unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self { address: listener.local_addr().unwrap(), carrying: Some(carry(listener, to.clone())), to }
    }

    /// Takes no connection any more. Those that there are end with the task that carries them.
    fn cut(mut self) -> Self {
        self.carrying.take().unwrap().abort();
        self
    }

    async fn mend(self) -> Self {
        let listener = TcpListener::bind(self.address).await.unwrap();
        Self { carrying: Some(carry(listener, self.to.clone())), ..self }
    }
}

fn carry(listener: TcpListener, to: String) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut carried = tokio::task::JoinSet::new();
        loop {
            let (mut from, _) = listener.accept().await.unwrap();
            let to = to.clone();
            carried.spawn(async move {
                let mut to = TcpStream::connect(to).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut from, &mut to).await;
            });
        }
    })
}
