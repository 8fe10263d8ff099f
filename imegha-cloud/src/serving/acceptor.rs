//! Connections: TLS, and a word to whoever typed `http://`.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum_server::accept::Accept;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use futures::future::BoxFuture;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Answers TLS. A connection that begins with anything but a handshake is sent to the https address and closed: nothing
/// of the request is read for it, and nothing of the server but its address, which the person typed, is in the answer.
#[derive(Clone, Debug)]
pub struct TlsAcceptor {
    tls: RustlsAcceptor,
    redirect: Arc<str>,
}

impl TlsAcceptor {
    /// Answers with the certificate of `config`; `origin` is where plain http is sent.
    pub fn new(config: RustlsConfig, origin: &str) -> Self {
        let redirect = format!(
            "HTTP/1.1 308 Permanent Redirect\r\nLocation: {origin}/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        Self { tls: RustlsAcceptor::new(config).handshake_timeout(HANDSHAKE), redirect: redirect.into() }
    }
}

impl<S: Send + 'static> Accept<TcpStream, S> for TlsAcceptor {
    type Stream = <RustlsAcceptor as Accept<TcpStream, S>>::Stream;
    type Service = <RustlsAcceptor as Accept<TcpStream, S>>::Service;
    type Future = BoxFuture<'static, io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let this = self.clone();
        Box::pin(async move {
            let mut first = [0];
            let peeked = tokio::time::timeout(HANDSHAKE, stream.peek(&mut first));
            if peeked.await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if first[0] == HANDSHAKE_RECORD {
                return this.tls.accept(stream, service).await;
            }
            // That somebody was sent on is no failure of the server's; neither is it a connection.
            let _ = tokio::time::timeout(HANDSHAKE, send_on(stream, &this.redirect)).await;
            Err(io::Error::new(io::ErrorKind::InvalidData, "plain http on the TLS port"))
        })
    }
}

async fn send_on(mut stream: TcpStream, redirect: &str) -> io::Result<()> {
    stream.write_all(redirect.as_bytes()).await?;
    stream.shutdown().await?;
    // What is unread when a socket is closed resets the connection, and the answer with it.
    let mut rest = [0; 1024];
    for _ in 0..MOST_UNREAD {
        if stream.read(&mut rest).await? == 0 {
            break;
        }
    }
    Ok(())
}

/// The type of the first record of a TLS connection (RFC 8446, 5.1).
const HANDSHAKE_RECORD: u8 = 22;

/// How long a connection may take until it is one.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How many KiB of a plain request are read to be thrown away.
const MOST_UNREAD: usize = 16;
