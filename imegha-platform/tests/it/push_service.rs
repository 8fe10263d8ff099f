//! A push service of ours: HTTP/2 over TLS, which remembers what it was asked and says what it is told to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::{HeaderMap, Method, Request, Response, StatusCode};
use h2::Reason;
use h2::server::SendResponse;
use imegha_platform::push::ApnsConfig;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use url::Url;
use zeroize::Zeroizing;

/// What the service answers.
#[derive(Clone, Debug)]
pub(crate) enum Say {
    /// An answer: status, body, seconds to wait.
    Answer(u16, String, Option<u64>),
    /// The answer 200, and that the connection takes no more requests.
    GoAway,
    /// No answer: the stream is refused.
    RefuseStream,
    /// No answer: the connection ends.
    Cut,
}

impl Say {
    pub(crate) fn reason(status: u16, reason: &str) -> Self {
        Self::Answer(status, format!(r#"{{"reason":"{reason}"}}"#), None)
    }
}

/// One request, whole.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

/// The service.
#[derive(Clone)]
pub(crate) struct Service {
    address: std::net::SocketAddr,
    root_pem: String,
    /// The developer's key, and the public one that tokens are checked with.
    key_pem: String,
    pub(crate) public_key: Vec<u8>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    connections: usize,
    asked: Vec<Asked>,
    to_say: VecDeque<Say>,
}

impl Service {
    pub(crate) async fn start() -> Self {
        let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der());
        let mut tls = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certified.cert.der().clone()], key.into())
            .unwrap();
        tls.alpn_protocols = vec![b"h2".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let developer = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        let service = Self {
            address: listener.local_addr().unwrap(),
            root_pem: certified.cert.pem(),
            key_pem: developer.serialize_pem(),
            public_key: developer.public_key_raw().to_vec(),
            state: Arc::default(),
        };
        let serving = service.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, serving) = (acceptor.clone(), serving.clone());
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    serving.state.lock().unwrap().connections += 1;
                    serving.serve(h2::server::handshake(stream).await.unwrap()).await;
                });
            }
        });
        service
    }

    async fn serve(
        &self,
        mut connection: h2::server::Connection<tokio_rustls::server::TlsStream<tokio::net::TcpStream>, bytes::Bytes>,
    ) {
        let (away, mut going) = tokio::sync::mpsc::unbounded_channel::<bool>();
        loop {
            let accepted = tokio::select! {
                accepted = connection.accept() => accepted,
                Some(cut) = going.recv() => {
                    if cut {
                        return;
                    }
                    connection.graceful_shutdown();
                    continue;
                }
            };
            let Some(Ok((request, respond))) = accepted else { return };
            let (service, away) = (self.clone(), away.clone());
            tokio::spawn(async move { service.answer(request, respond, away).await });
        }
    }

    async fn answer(
        &self,
        request: Request<h2::RecvStream>,
        mut respond: SendResponse<bytes::Bytes>,
        away: tokio::sync::mpsc::UnboundedSender<bool>,
    ) {
        let (parts, mut stream) = request.into_parts();
        let mut body = Vec::new();
        while let Some(bytes) = stream.data().await {
            body.extend_from_slice(&bytes.unwrap());
        }
        let path = parts.uri.path().to_owned();
        let say = {
            let mut state = self.state.lock().unwrap();
            state.asked.push(Asked { method: parts.method, path, headers: parts.headers, body });
            state.to_say.pop_front().unwrap_or(Say::Answer(200, String::new(), None))
        };
        let (status, body, wait) = match say {
            Say::Answer(status, body, wait) => (status, body, wait),
            Say::GoAway => {
                away.send(false).unwrap();
                (200, String::new(), None)
            }
            Say::RefuseStream => return respond.send_reset(Reason::REFUSED_STREAM),
            Say::Cut => return away.send(true).unwrap(),
        };
        let mut response = Response::builder().status(StatusCode::from_u16(status).unwrap());
        if let Some(seconds) = wait {
            response = response.header("retry-after", seconds.to_string());
        }
        let mut stream = respond.send_response(response.body(()).unwrap(), false).unwrap();
        stream.send_data(body.into(), true).unwrap();
    }

    /// The set-up of a client that trusts this service.
    pub(crate) fn config(&self) -> ApnsConfig {
        ApnsConfig {
            key_pem: Zeroizing::new(self.key_pem.clone().into_bytes()),
            key_id: "ABC123DEFG".to_owned(),
            team_id: "DEF123GHIJ".to_owned(),
            topic: "example.imegha.app".to_owned(),
            host: Url::parse(&format!("https://localhost:{}", self.address.port())).unwrap(),
            roots_pem: Some(self.root_pem.clone().into_bytes()),
        }
    }

    /// Has the next requests answered so; after those every one with 200.
    pub(crate) fn say(&self, answers: impl IntoIterator<Item = Say>) {
        self.state.lock().unwrap().to_say.extend(answers);
    }

    pub(crate) fn connections(&self) -> usize {
        self.state.lock().unwrap().connections
    }

    /// What was asked since the last time, once it is `count` requests, and no more of them come.
    pub(crate) async fn asked(&self, count: usize) -> Vec<Asked> {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
        while self.state.lock().unwrap().asked.len() < count && tokio::time::Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(150)).await;
        let asked = std::mem::take(&mut self.state.lock().unwrap().asked);
        assert_eq!(asked.len(), count, "{asked:?}");
        asked
    }
}
