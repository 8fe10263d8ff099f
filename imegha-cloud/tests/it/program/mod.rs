//! The program `imegha-gateway`, started as a process.

mod health;
pub(crate) mod refused;
mod stopped;
pub(crate) mod storage;
mod tls;

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use imegha_cloud::backend::remote::{Remote, RemoteBlobs, RemoteRecords};
use imegha_cloud::clock::{Clock as _, ManualClock, SystemClock};
use imegha_cloud::protocol::OwnerText;
use imegha_cloud::{DeviceStore, MemoryDevice, Store};
use imegha_crypto::Identity;
use reqwest::Client;
use url::Url;

use crate::gateway::bench::Draft;
use crate::served::owner;

/// A gateway that serves [`owner`] in a process of its own, until it is dropped.
pub(crate) struct Program {
    child: Child,
    /// What it said its address is.
    pub(crate) address: Url,
    log: File,
}

impl Program {
    /// Starts it with these arguments on a free port, and waits until it serves.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::spawn(command(arguments).args(["--listen", "127.0.0.1:0"]))
    }

    /// Starts a command of it, and waits until it serves.
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut log = tempfile::tempfile().unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(log.try_clone().unwrap()).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        let Some(address) = said.trim().strip_prefix("imegha-gateway is at ") else {
            panic!("it did not start: {said}{}", read(&mut log));
        };
        Self { child, address: address.parse().unwrap(), log }
    }

    /// The owner's way to it.
    pub(crate) fn remote(&self) -> Remote {
        self.remote_of(owner())
    }

    /// The way of another identity to the owner's gateway.
    pub(crate) fn remote_of(&self, signer: Arc<Identity>) -> Remote {
        Remote::new(self.address.clone(), signer, owner().fingerprint(), Arc::new(SystemClock)).unwrap()
    }

    /// The cloud behind it, as a new device sees it.
    pub(crate) fn store(&self) -> Store {
        self.store_of(Arc::new(MemoryDevice::new()))
    }

    pub(crate) fn store_of(&self, device: Arc<dyn DeviceStore>) -> Store {
        let (records, blobs) = (RemoteRecords::new(self.remote()), RemoteBlobs::new(self.remote()));
        // It shows the time, and does not wait where a client would before it tries again.
        let clock = Arc::new(ManualClock::new(SystemClock.now_ms()));
        Store { records: Arc::new(records), blobs: Arc::new(blobs), clock, device }
    }

    /// A request of the owner's to it, to be signed.
    pub(crate) fn draft(&self, method: &'static str, path: impl Into<String>, body: impl Into<Vec<u8>>) -> Draft {
        let address = self.address.as_str().trim_end_matches('/').to_owned();
        Draft { address: address.leak(), created: SystemClock.now_ms() / 1000, ..Draft::new(method, path, body) }
    }

    /// An address of the host, whatever path the gateway has.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address.origin().ascii_serialization())
    }

    /// The status and the text that a GET of anybody gets.
    pub(crate) async fn get(&self, path: &str) -> (u16, String) {
        let answer = Client::new().get(self.url(path)).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// Asks until it answers with that status.
    pub(crate) async fn answers(&self, path: &str, status: u16) {
        let started = Instant::now();
        loop {
            let (answered, text) = self.get(path).await;
            if answered == status {
                return;
            }
            assert!(started.elapsed() < PATIENCE, "{path} is {answered}, {text}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Asks it to stop, as a service manager does.
    pub(crate) fn terminate(&self) {
        let killed = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(killed.success());
    }

    /// Waits for its end. What it logged comes with its status.
    pub(crate) fn wait(mut self) -> (ExitStatus, String) {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status, read(&mut self.log));
            }
            assert!(started.elapsed() < PATIENCE, "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Stops it, which it does well.
    pub(crate) fn stop(self) -> String {
        self.terminate();
        let (status, log) = self.wait();
        assert!(status.success(), "{status}: {log}");
        log
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            self.child.kill().unwrap();
            self.child.wait().unwrap();
        }
    }
}

/// The program for [`owner`], with none of the settings that the tests' own environment may have.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_imegha-gateway"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("IMEGHA_GATEWAY_")) {
        command.env_remove(name);
    }
    command.env_remove("RUST_LOG").args(["--owner", &owner_text()]).args(arguments);
    command
}

/// What a gateway is told whose it is.
pub(crate) fn owner_text() -> String {
    OwnerText::from(owner().public()).to_string()
}

fn read(file: &mut File) -> String {
    let mut text = String::new();
    file.rewind().unwrap();
    file.read_to_string(&mut text).unwrap();
    text
}

/// Longer than it may go on after it was asked to stop.
const PATIENCE: Duration = Duration::from_secs(30);
