//! One HTTP/2 connection, made anew when it has ended.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use h2::client::{SendRequest, handshake};
use http::{Request, Uri};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::answer::Answer;
use super::{ApnsConfig, unusable};
use crate::error::Result;

/// A connection to one host, which is there when it is asked for.
pub(super) struct Connection {
    host: String,
    port: u16,
    name: ServerName<'static>,
    authority: String,
    tls: TlsConnector,
    open: Mutex<Option<SendRequest<Bytes>>>,
}

/// That an exchange has failed, in whichever way: it may be tried again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failed;

impl Connection {
    pub(super) fn new(config: &ApnsConfig) -> Result<Self> {
        let (host, port) = config.checked_host()?;
        let name =
            ServerName::try_from(host.clone()).map_err(|_| unusable("a push service has a name or an address"))?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| unusable("TLS cannot be set up").caused_by(error))?
            .with_root_certificates(roots(config)?)
            .with_no_client_auth();
        tls.alpn_protocols = vec![b"h2".to_vec()];
        let authority = config.host.authority().to_owned();
        Ok(Self { host, port, name, authority, tls: TlsConnector::from(Arc::new(tls)), open: Mutex::new(None) })
    }

    /// The address of a path there.
    pub(super) fn uri(&self, path: &str) -> Uri {
        let uri = Uri::builder().scheme("https").authority(self.authority.as_str()).path_and_query(path).build();
        uri.expect("an authority that was one, and a path of ours")
    }

    /// Sends a request and reads its answer. After one that failed the next one has a new connection: what has died without a word would
    /// otherwise stand in everybody's way.
    pub(super) async fn exchange(&self, request: Request<()>, body: Vec<u8>) -> Result<Answer, Failed> {
        let exchange = tokio::time::timeout(TIMEOUT, self.exchange_once(request, body)).await;
        let answer = exchange.unwrap_or(Err(Failed));
        if answer.is_err() {
            *self.open.lock().await = None;
        }
        answer
    }

    async fn exchange_once(&self, request: Request<()>, body: Vec<u8>) -> Result<Answer, Failed> {
        let mut sender = self.sender().await?;
        let (response, mut stream) = sender.send_request(request, false).map_err(|_| Failed)?;
        stream.send_data(body.into(), true).map_err(|_| Failed)?;
        let (parts, mut body) = response.await.map_err(|_| Failed)?.into_parts();
        let mut read = Vec::new();
        while let Some(bytes) = body.data().await {
            let bytes = bytes.map_err(|_| Failed)?;
            if read.len() + bytes.len() > MAX_ANSWER_LEN {
                return Err(Failed);
            }
            read.extend_from_slice(&bytes);
            body.flow_control().release_capacity(bytes.len()).map_err(|_| Failed)?;
        }
        Ok(Answer::read(parts.status, &parts.headers, &read))
    }

    /// The connection that is open and takes another request, or a new one. One that is going away (GOAWAY) takes none; what is under way
    /// on it comes to its end.
    async fn sender(&self) -> Result<SendRequest<Bytes>, Failed> {
        let mut open = self.open.lock().await;
        if let Some(sender) = open.clone()
            && let Ok(sender) = sender.ready().await
        {
            return Ok(sender);
        }
        *open = None;
        let connected = tokio::time::timeout(CONNECT_TIMEOUT, self.connect()).await.map_err(|_| Failed)?;
        let sender = connected?.ready().await.map_err(|_| Failed)?;
        *open = Some(sender.clone());
        Ok(sender)
    }

    async fn connect(&self) -> Result<SendRequest<Bytes>, Failed> {
        let failed = |what: &'static str| {
            move |error: std::io::Error| {
                tracing::warn!(kind = ?error.kind(), what, "the push service cannot be reached");
                Failed
            }
        };
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(failed("connection"))?;
        let _ = stream.set_nodelay(true);
        let stream = self.tls.connect(self.name.clone(), stream).await.map_err(failed("tls"))?;
        if stream.get_ref().1.alpn_protocol() != Some(b"h2") {
            tracing::warn!("the push service does not speak HTTP/2");
            return Err(Failed);
        }
        let (sender, connection) = handshake(stream).await.map_err(|_| Failed)?;
        tokio::spawn(async move {
            // Its end is seen by whoever sends next.
            let _ = connection.await;
        });
        Ok(sender)
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("authority", &self.authority).finish_non_exhaustive()
    }
}

fn roots(config: &ApnsConfig) -> Result<RootCertStore> {
    let Some(pem) = &config.roots_pem else {
        return Ok(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() });
    };
    let unreadable = || unusable("the root certificates of the push service cannot be read");
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|_| unreadable())?;
        roots.add(certificate).map_err(|error| unreadable().caused_by(error))?;
    }
    if roots.is_empty() { Err(unreadable()) } else { Ok(roots) }
}

/// The longest answer: those of the service have some hundred bytes.
const MAX_ANSWER_LEN: usize = 4 * 1024;
/// How long one exchange takes at most.
const TIMEOUT: Duration = Duration::from_secs(30);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
