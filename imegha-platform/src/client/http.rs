//! The transport over HTTP, natively and in the browser. The only file that knows which of the two it is.

use async_trait::async_trait;
use futures::StreamExt as _;
use url::Url;

use super::transport::{MAX_RESPONSE_LEN, Request, Response, Streamed, Transport};
use crate::error::{Error, ErrorKind, Result};
use crate::gateway_address::is_safe_address;
use crate::protocol::SessionKind;

/// HTTP to one platform: TLS, or plain on loopback. No redirect is followed natively; in the browser `fetch`
/// follows those within the platform's own origin, and cookies go nowhere else.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    client: reqwest::Client,
    base: Url,
}

impl HttpTransport {
    /// A transport to the platform at `origin`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when the address is neither https nor on loopback.
    pub fn new(origin: &Url) -> Result<Self> {
        if !is_safe_address(origin) {
            return Err(Error::new(ErrorKind::Config, "a platform's address is https, or on loopback"));
        }
        let base = origin
            .join("/api/v1/")
            .map_err(|error| Error::with_source(ErrorKind::Config, "this address has no paths", error))?;
        Ok(Self { client: client()?, base })
    }

    fn build(&self, request: Request) -> Result<reqwest::RequestBuilder> {
        let url = self
            .base
            .join(&request.path)
            .map_err(|error| Error::with_source(ErrorKind::Config, "this address has no such path", error))?;
        let mut builder = self.client.request(request.method, url);
        if let Some(bearer) = &request.bearer {
            builder = builder.bearer_auth(bearer.as_str());
        }
        if let Some(mut body) = request.body {
            // Moved, not copied: from here on it is reqwest's to drop.
            builder = builder.header(http::header::CONTENT_TYPE, "application/json").body(std::mem::take(&mut *body));
        }
        Ok(same_origin(builder))
    }
}

#[async_trait]
impl Transport for HttpTransport {
    async fn send(&self, request: Request) -> Result<Response> {
        let exchange = exchange(self.build(request)?.timeout(TIMEOUT));
        // The browser's futures stay on their thread; `Transport` is `Send` everywhere.
        #[cfg(target_arch = "wasm32")]
        let exchange = send_wrapper::SendWrapper::new(exchange);
        exchange.await
    }

    fn origin(&self) -> String {
        self.base.origin().ascii_serialization()
    }

    async fn stream(&self, request: Request) -> Result<Streamed> {
        let opening = open(self.build(request)?);
        #[cfg(target_arch = "wasm32")]
        let opening = send_wrapper::SendWrapper::new(opening);
        opening.await
    }

    fn session_kind(&self) -> SessionKind {
        if cfg!(target_arch = "wasm32") { SessionKind::Cookie } else { SessionKind::Bearer }
    }
}

async fn exchange(builder: reqwest::RequestBuilder) -> Result<Response> {
    let response = builder.send().await.map_err(unreachable)?;
    let status = response.status().as_u16();
    let mut body = Vec::new();
    let mut stream = response.bytes_stream();
    while let Some(bytes) = stream.next().await {
        let bytes = bytes.map_err(unreachable)?;
        if body.len() + bytes.len() > MAX_RESPONSE_LEN {
            return Err(Error::new(ErrorKind::Version, "the platform's answer is too large"));
        }
        body.extend_from_slice(&bytes);
    }
    Ok(Response { status, body })
}

async fn open(builder: reqwest::RequestBuilder) -> Result<Streamed> {
    let response = builder.send().await.map_err(unreachable)?;
    let status = response.status().as_u16();
    let body = response.bytes_stream().map(|bytes| bytes.map(Into::into).map_err(unreachable));
    #[cfg(target_arch = "wasm32")]
    let body = send_wrapper::SendWrapper::new(body);
    Ok(Streamed { status, body: Box::pin(body) })
}

/// The address stands in reqwest's error; it is the platform's own, but errors hold no paths.
fn unreachable(error: reqwest::Error) -> Error {
    Error::with_source(ErrorKind::Network, "the platform cannot be reached", error.without_url())
}

const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(60);

/// How long nothing may come of an answer. A stream of events has a line every 15 seconds. A browser has no such limit: there a stream
/// whose other side vanished ends when the browser finds out.
#[cfg(not(target_arch = "wasm32"))]
const SILENCE: std::time::Duration = std::time::Duration::from_secs(60);

#[cfg(not(target_arch = "wasm32"))]
fn client() -> Result<reqwest::Client> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(std::time::Duration::from_secs(10))
        .read_timeout(SILENCE)
        .build()
        .map_err(|error| Error::with_source(ErrorKind::Config, "no HTTP client can be made", error))
}

#[cfg(target_arch = "wasm32")]
fn client() -> Result<reqwest::Client> {
    Ok(reqwest::Client::new())
}

#[cfg(not(target_arch = "wasm32"))]
fn same_origin(builder: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
    builder
}

#[cfg(target_arch = "wasm32")]
fn same_origin(builder: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
    builder.fetch_credentials_same_origin()
}
