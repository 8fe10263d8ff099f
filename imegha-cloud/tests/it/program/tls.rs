//! TLS of the program's own, asked by a client that checks certificates.

use std::fs;
use std::path::Path;

use imegha_cloud::protocol::path;
use rcgen::{CertificateParams, KeyPair};
use reqwest::{Certificate, Client};

use super::refused::refusal;
use super::{Program, command};
use crate::gateway::bench::name;
use crate::sample;

/// A client that trusts this certificate and no other.
fn client(pem: &[u8]) -> Client {
    let root = Certificate::from_pem(pem).unwrap();
    Client::builder().tls_certs_only([root]).redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// Writes a certificate for the loopback that nobody vouches for, and its key.
fn write_pair(folder: &Path) -> String {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    let pem = params.self_signed(&key).unwrap().pem();
    fs::write(folder.join("cert.pem"), &pem).unwrap();
    fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
    pem
}

#[tokio::test(flavor = "multi_thread")]
async fn it_speaks_tls_with_the_certificate_that_it_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let pem = write_pair(folder.path());
    let (data, cert, key) = (at("data"), at("cert.pem"), at("key.pem"));
    let program = Program::start(&["--data", &data, "--tls-cert", &cert, "--tls-key", &key]);
    assert_eq!(program.address.scheme(), "https");
    let client = client(pem.as_bytes());
    let ready = client.get(program.url("/readyz")).send().await.unwrap();
    assert_eq!((ready.status().as_u16(), ready.version()), (200, reqwest::Version::HTTP_11));

    // What was signed for the address is heard there, and comes back.
    let object = sample::object(1_000, 1).into_bytes();
    for (method, body, status) in [("PUT", object.clone(), 204), ("GET", vec![], 200)] {
        let draft = program.draft(method, path::blob(&name(1)), body);
        let request = client.request(method.parse().unwrap(), program.url(&draft.path));
        let answer = request.headers(draft.sign().headers().clone()).body(draft.body.clone()).send().await.unwrap();
        assert_eq!(answer.status(), status);
        if method == "GET" {
            assert!(answer.bytes().await.unwrap() == object);
        }
    }

    // Nobody else's certificate is this one, and plain http is not answered.
    let other = tempfile::tempdir().unwrap();
    let stranger = self::client(write_pair(other.path()).as_bytes());
    assert!(stranger.get(program.url("/readyz")).send().await.is_err());
    let plain = program.url("/readyz").replace("https://", "http://");
    assert_eq!(client.get(plain).send().await.unwrap().status(), 308);
    program.stop();
}

#[test]
fn what_is_wrong_with_the_files_is_said_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (data, cert, key) = (at("data"), at("cert.pem"), at("key.pem"));
    let refusal = || {
        let arguments = ["--data", &data, "--tls-cert", &cert, "--tls-key", &key, "--listen", "127.0.0.1:0"];
        let (status, line) = refusal(&mut command(&arguments));
        assert_eq!(status, 1);
        assert!(!line.contains("BEGIN"), "no key in an error: {line}");
        line
    };
    assert!(refusal().contains("cert.pem cannot be read (--tls-cert)"));
    write_pair(folder.path());
    let first_key = fs::read(&key).unwrap();
    write_pair(folder.path());
    let second_key = fs::read(&key).unwrap();
    fs::write(&key, first_key).unwrap();
    assert!(refusal().contains("is the key that certificate's?"));
    fs::write(&key, b"nothing").unwrap();
    assert!(refusal().contains("key.pem holds no private key in PEM form (--tls-key)"));
    fs::write(&cert, &second_key).unwrap();
    assert!(refusal().contains("cert.pem holds no certificate in PEM form (--tls-cert)"));
    assert!(!Path::new(&data).exists());
}
