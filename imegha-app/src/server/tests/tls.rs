//! TLS of the server's own, asked by a client that checks certificates.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use imegha_cloud::serving::TlsAcceptor;
use rcgen::{CertificateParams, KeyPair};
use reqwest::{Certificate, Client, tls::Version};

use super::Setting;
use super::running::{Running, free_address};
use crate::server::serving::serve;
use crate::server::tls::Tls;

/// A client that trusts this certificate and no other.
fn client(pem: &[u8]) -> reqwest::ClientBuilder {
    let root = Certificate::from_pem(pem).expect("a certificate");
    Client::builder().tls_certs_only([root]).redirect(reqwest::redirect::Policy::none())
}

async fn ask(client: reqwest::ClientBuilder, url: &str) -> reqwest::Result<reqwest::Response> {
    client.build().expect("a client").get(url).send().await
}

/// What a server answers to these bytes, until it closes.
fn raw(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).expect("connected");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time");
    stream.write_all(bytes).expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer, and the end");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_self_signed_server_is_trusted_by_its_certificate_alone() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let (address, origin) = free_address();
    let origin = origin.replace("http://", "https://");
    let setting = Setting::with(root.path(), &origin, &[("IMEGHA_TLS", "self-signed")]);
    let running = Running::start(&setting, address).await;
    let pem = fs::read(root.path().join("data/tls/self-signed.pem")).expect("the certificate");

    let answer = ask(client(&pem), &format!("{origin}/healthz")).await.expect("an answer");
    assert_eq!(answer.version(), reqwest::Version::HTTP_11);
    assert!(answer.headers().contains_key("strict-transport-security"));
    assert_eq!(answer.text().await.expect("a body"), "alive\n");
    let by_name = format!("https://localhost:{}/readyz", address.port());
    assert_eq!(ask(client(&pem), &by_name).await.expect("an answer").status(), 200);

    // TLS 1.2 is spoken, and nobody else's certificate is this one.
    let old = client(&pem).tls_version_max(Version::TLS_1_2);
    assert_eq!(ask(old, &by_name).await.expect("an answer").status(), 200);
    let other = CertificateParams::new(["localhost".to_owned()]).expect("a name");
    let other = other.self_signed(&KeyPair::generate().expect("a key")).expect("a certificate").pem();
    assert!(ask(client(other.as_bytes()), &by_name).await.is_err());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_is_sent_on_and_what_is_neither_is_cut() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let (address, origin) = free_address();
    let origin = origin.replace("http://", "https://");
    let setting = Setting::with(root.path(), &origin, &[("IMEGHA_TLS", "self-signed")]);
    let running = Running::start(&setting, address).await;
    let answers = tokio::task::spawn_blocking(move || {
        let plain = raw(address, b"GET /secret/path?with=query HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n");
        // A record that says handshake and holds none.
        (plain, raw(address, b"\x16\x03\x01\x00\x05hello"))
    });
    let (plain, cut) = answers.await.expect("answered");
    assert!(plain.starts_with("HTTP/1.1 308 "), "{plain}");
    assert!(plain.contains(&format!("\r\nLocation: {origin}/\r\n")), "{plain}");
    assert!(!plain.contains("secret") && !plain.contains("elsewhere"), "nothing of the request comes back: {plain}");
    assert!(!cut.contains("HTTP"), "{cut:?}");
    running.stop().await;
}

/// Writes a certificate for localhost and its key.
fn write_pair(folder: &Path) -> String {
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(["localhost".to_owned()]).expect("a name");
    let pem = params.self_signed(&key).expect("a certificate").pem();
    fs::write(folder.join("cert.pem"), &pem).expect("written");
    fs::write(folder.join("key.pem"), key.serialize_pem()).expect("written");
    pem
}

fn with_files(root: &Path, origin: &str) -> Setting {
    let path = |name: &str| root.join(name).display().to_string();
    Setting::with(root, origin, &[("IMEGHA_TLS_CERT", &path("cert.pem")), ("IMEGHA_TLS_KEY", &path("key.pem"))])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_needs_no_restart() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let (address, origin) = free_address();
    let origin = origin.replace("http://127.0.0.1", "https://localhost");
    let first = write_pair(root.path());
    let setting = with_files(root.path(), &origin);
    let tls = Tls::open(setting.config.tls.clone().expect("tls")).await.expect("a certificate");
    let (site, _data) = setting.open();
    let listener = std::net::TcpListener::bind(address).expect("the address is free");
    let acceptor = TlsAcceptor::new(tls.config(), &origin);
    let serving = tokio::spawn(serve(listener, site, Some(acceptor), std::future::pending()));
    let following = tokio::spawn(tls.follow_every(Duration::from_millis(50)));
    let url = format!("{origin}/healthz");
    ask(client(first.as_bytes()), &url).await.expect("an answer");

    // Half a renewal: the certificate is new, its key is not there yet.
    let old_key = fs::read(root.path().join("key.pem")).expect("the key");
    let second = write_pair(root.path());
    let new_key = fs::read(root.path().join("key.pem")).expect("the key");
    fs::write(root.path().join("key.pem"), old_key).expect("written");
    tokio::time::sleep(Duration::from_millis(300)).await;
    ask(client(first.as_bytes()), &url).await.expect("the old one goes on");

    fs::write(root.path().join("key.pem"), new_key).expect("written");
    let renewed = async {
        while ask(client(second.as_bytes()), &url).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), renewed).await.expect("the new one is used");
    assert!(ask(client(first.as_bytes()), &url).await.is_err());
    serving.abort();
    following.abort();
}

#[tokio::test]
async fn what_is_wrong_with_the_files_is_said_in_words() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let setting = with_files(root.path(), "https://localhost");
    let source = setting.config.tls.expect("tls");
    let refusal = async || format!("{:#}", Tls::open(source.clone()).await.expect_err("refused"));
    let (cert, key) = (root.path().join("cert.pem"), root.path().join("key.pem"));
    assert!(refusal().await.contains("cert.pem cannot be read (IMEGHA_TLS_CERT)"));
    write_pair(root.path());
    let good = (fs::read(&cert).expect("there"), fs::read(&key).expect("there"));
    Tls::open(source.clone()).await.expect("a pair");

    fs::remove_file(&key).expect("removed");
    assert!(refusal().await.contains("key.pem cannot be read (IMEGHA_TLS_KEY)"));
    fs::write(&key, &good.0).expect("written");
    assert!(refusal().await.contains("no private key"));
    fs::write(&key, "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n-----END ENCRYPTED PRIVATE KEY-----\n")
        .expect("written");
    assert!(refusal().await.contains("is encrypted"));
    fs::write(&cert, &good.1).expect("written");
    fs::write(&key, &good.1).expect("written");
    assert!(refusal().await.contains("no certificate"));
    write_pair(root.path());
    fs::write(&key, &good.1).expect("written");
    let mismatch = refusal().await;
    assert!(mismatch.contains("is the key that certificate's?"), "{mismatch}");
    assert!(!mismatch.contains("BEGIN"), "no key in an error");
}
