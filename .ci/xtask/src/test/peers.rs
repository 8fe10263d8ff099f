//! The services that the tests of the backend `aws` speak to: SeaweedFS for S3, dynoxide for DynamoDB, MiniStack for Cognito, CloudFormation
//! and what it makes, on free ports of the loopback. Or others, where the environment names them.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::tools;

/// Running services; they end with this value, and with this program however it ends.
#[derive(Debug)]
pub(crate) struct Peers {
    environment: Vec<(&'static str, String)>,
    started: Vec<Peer>,
}

impl Peers {
    /// Those that the environment names, or three that are started.
    pub(crate) fn start() -> Result<Self> {
        if are_named(&[S3, DYNAMODB, CLOUDFORMATION, COGNITO])? {
            return Ok(Self { environment: Vec::new(), started: Vec::new() });
        }
        let ministack = tools::ministack()?;
        let mut peers = Self::start_storage()?;
        let (stacks, port) = start_ministack(&ministack)?;
        for service in [CLOUDFORMATION, COGNITO] {
            peers.environment.push((service, format!("http://127.0.0.1:{port}")));
        }
        peers.started.push(stacks);
        Ok(peers)
    }

    /// The two that keep what is stored, named or started.
    fn start_storage() -> Result<Self> {
        if are_named(&[S3, DYNAMODB])? {
            return Ok(Self { environment: Vec::new(), started: Vec::new() });
        }
        let (weed, dynoxide) = (tools::weed()?, tools::dynoxide()?);
        let (s3, s3_port) = start_seaweedfs(&weed)?;
        let (dynamodb, dynamodb_port) = start_dynoxide(&dynoxide)?;
        let environment = [
            (S3, format!("http://127.0.0.1:{s3_port}")),
            (DYNAMODB, format!("http://127.0.0.1:{dynamodb_port}")),
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY.to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
        ];
        Ok(Self { environment: environment.into(), started: vec![s3, dynamodb] })
    }

    /// Where the one is that a variable names.
    pub(crate) fn address(&self, variable: &str) -> Option<String> {
        let started = self.environment.iter().find(|(name, _)| *name == variable).map(|(_, address)| address.clone());
        started.or_else(|| std::env::var(variable).ok())
    }

    /// Tells a program of tests where they are.
    pub(crate) fn tell(&self, command: &mut Command) {
        if !self.started.is_empty() {
            without_aws(command);
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
    }
}

/// Whether the environment names them all.
///
/// # Errors
/// When it names some of them.
fn are_named(variables: &[&str]) -> Result<bool> {
    let named = |name: &&&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    match variables.iter().filter(named).count() {
        0 => Ok(false),
        count if count == variables.len() => Ok(true),
        _ => bail!("{} are set together, or none is", variables.join(", ")),
    }
}

fn start_seaweedfs(weed: &Path) -> Result<(Peer, u16)> {
    let [s3, s3_grpc, master, master_grpc, volume, volume_grpc, filer, filer_grpc] = free_ports()?;
    let folder = new_folder("seaweedfs")?;
    let identities = serde_json::json!({ "identities": [{
        "name": "tests",
        "credentials": [{ "accessKey": ACCESS_KEY, "secretKey": SECRET_KEY }],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }] });
    std::fs::write(folder.join("s3.json"), identities.to_string())?;
    let inside = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let mut server = Command::new(weed);
    server.arg("server").arg("-s3");
    for (name, value) in [
        ("dir", inside("")),
        ("filer.localSocket", inside("filer.sock")),
        ("s3.localSocket", inside("s3.sock")),
        ("s3.config", inside("s3.json")),
        ("ip", "127.0.0.1".to_owned()),
        ("ip.bind", "127.0.0.1".to_owned()),
        ("s3.autoCreateBucket", "false".to_owned()),
        ("s3.iam", "false".to_owned()),
        ("master.telemetry", "false".to_owned()),
        ("master.volumeSizeLimitMB", "1024".to_owned()),
        ("volume.max", "100".to_owned()),
    ] {
        server.arg(format!("-{name}={value}"));
    }
    for (name, port) in [
        ("s3.port", s3),
        ("s3.port.grpc", s3_grpc),
        ("s3.port.iceberg", 0),
        ("s3.port.lance", 0),
        ("master.port", master),
        ("master.port.grpc", master_grpc),
        ("volume.port", volume),
        ("volume.port.grpc", volume_grpc),
        ("filer.port", filer),
        ("filer.port.grpc", filer_grpc),
    ] {
        server.arg(format!("-{name}={port}"));
    }
    let peer = Peer::start("SeaweedFS", &server, folder)?;
    // It has come up when it would say where an object goes, and when S3 answers at all.
    peer.wait(|| {
        get(master, "/dir/assign").is_some_and(|answer| answer.contains("\"fid\"")) && get(s3, "/").is_some()
    })?;
    Ok((peer, s3))
}

fn start_dynoxide(dynoxide: &Path) -> Result<(Peer, u16)> {
    let [port] = free_ports()?;
    let mut server = Command::new(dynoxide);
    server.args(["serve", "--host", "127.0.0.1", "--port", &port.to_string()]);
    let peer = Peer::start("dynoxide", &server, new_folder("dynoxide")?)?;
    peer.wait(|| get(port, "/").is_some_and(|answer| answer.starts_with("HTTP/1.1 200")))?;
    Ok((peer, port))
}

fn start_ministack(ministack: &Path) -> Result<(Peer, u16)> {
    let [port] = free_ports()?;
    let mut server = Command::new("env");
    // Its MQTT would listen on every address, and on one port.
    server.args(["AUTH=true", "BIND_HOST=127.0.0.1", "IOT_MTLS_ENABLED=0"]);
    let key = [("AWS_ACCESS_KEY_ID", ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", SECRET_KEY)];
    server.args(key.map(|(name, value)| format!("{name}={value}")));
    server.arg(format!("GATEWAY_PORT={port}")).arg(ministack);
    let peer = Peer::start("MiniStack", &server, new_folder("ministack")?)?;
    peer.wait(|| get(port, "/_ministack/health").is_some_and(|answer| answer.starts_with("HTTP/1.1 200")))?;
    Ok((peer, port))
}

/// One server in a process group of its own, under a shell that waits for this program's end.
#[derive(Debug)]
pub(super) struct Peer {
    name: &'static str,
    guard: Child,
    folder: PathBuf,
}

impl Peer {
    pub(super) fn start(name: &'static str, server: &Command, folder: PathBuf) -> Result<Self> {
        let mut guard = Command::new("sh");
        guard.args(["-c", GUARD, "sh"]).arg(&folder).arg(server.get_program()).args(server.get_args());
        guard.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).current_dir(&folder);
        // SeaweedFS would take a key that it finds there for an administrator's.
        without_aws(&mut guard);
        in_its_own_group(&mut guard);
        let guard = guard.spawn().with_context(|| format!("{name} did not start: there is no `sh`"))?;
        println!("{name} started, its data in {}", folder.display());
        Ok(Self { name, guard, folder })
    }

    pub(super) fn wait(&self, is_up: impl Fn() -> bool) -> Result<()> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if is_up() {
                println!("{} is up after {:.1} s", self.name, started.elapsed().as_secs_f32());
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let log = self.log();
        let end: Vec<_> = log.lines().rev().take(10).collect();
        let end: Vec<_> = end.into_iter().rev().collect();
        bail!("{} was not up after {} s. Its last words:\n{}", self.name, PATIENCE.as_secs(), end.join("\n"))
    }
}

impl Peer {
    /// What it has said so far.
    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join(LOG)).unwrap_or_default()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // The end of its input is what the guard waits for.
        drop(self.guard.stdin.take());
        if let Err(error) = self.guard.wait() {
            eprintln!("{} cannot be waited for: {error}", self.name);
        }
    }
}

/// What whoever runs this has set for AWS is neither for the servers nor for their tests.
fn without_aws(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("AWS_") {
            command.env_remove(name);
        }
    }
}

#[cfg(unix)]
fn in_its_own_group(command: &mut Command) {
    std::os::unix::process::CommandExt::process_group(command, 0);
}

#[cfg(not(unix))]
fn in_its_own_group(_: &mut Command) {}

/// An empty folder that nobody else has. Sockets lie in it, whose paths must be short: so not below `target`.
pub(super) fn new_folder(name: &str) -> Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("imegha-{}-{name}", std::process::id()));
    std::fs::create_dir(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    Ok(folder)
}

/// Ports that nobody listens on, each another.
fn free_ports<const N: usize>() -> Result<[u16; N]> {
    let mut listeners = Vec::new();
    for _ in 0..N {
        listeners.push(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?);
    }
    let mut ports = [0; N];
    for (port, listener) in ports.iter_mut().zip(&listeners) {
        *port = listener.local_addr()?.port();
    }
    Ok(ports)
}

/// The answer to a GET on the loopback, if there is one.
fn get(port: u16, path: &str) -> Option<String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    (!answer.is_empty()).then(|| String::from_utf8_lossy(&answer).into_owned())
}

pub(crate) const S3: &str = "IMEGHA_TEST_S3_ENDPOINT";
pub(crate) const DYNAMODB: &str = "IMEGHA_TEST_DYNAMODB_ENDPOINT";
const COGNITO: &str = "IMEGHA_TEST_COGNITO_ENDPOINT";
const CLOUDFORMATION: &str = "IMEGHA_TEST_CLOUDFORMATION_ENDPOINT";

/// They open nothing but a server that lives as long as the tests.
const ACCESS_KEY: &str = "tests";
const SECRET_KEY: &str = "tests-on-the-loopback";

const LOG: &str = "log";

const PATIENCE: Duration = Duration::from_secs(60);

/// Starts the server and reads its own input, which nobody writes to: it ends with whoever started this, however that ends. Then
/// server, data and the group are removed.
const GUARD: &str = r#"data=$1; shift
"$@" </dev/null >"$data/log" 2>&1 &
server=$!
read -r _
kill -KILL "$server"
wait "$server"
rm -rf "$data"
kill -KILL 0"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_ends_with_its_value_and_leaves_nothing() {
        let folder = new_folder("test").expect("a folder");
        let mut server = Command::new("sh");
        server.args(["-c", "echo $$ >number; echo words; exec sleep 1000"]);
        let peer = Peer::start("a server", &server, folder.clone()).expect("it starts");
        peer.wait(|| std::fs::read_to_string(folder.join("number")).is_ok_and(|number| number.ends_with('\n')))
            .expect("it is up");
        let number = std::fs::read_to_string(folder.join("number")).expect("a number");
        let runs =
            || Command::new("kill").args(["-0", number.trim()]).stderr(Stdio::null()).status().expect("kill").success();
        assert!(runs());
        drop(peer);
        assert!(!runs() && !folder.exists());
    }

    #[test]
    fn ports_differ() {
        let mut ports = free_ports::<20>().expect("ports").to_vec();
        ports.sort_unstable();
        ports.dedup();
        assert_eq!(ports.len(), 20);
    }
}
