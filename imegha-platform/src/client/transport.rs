//! How the client's requests reach a platform.

use std::fmt;
use std::pin::Pin;

use async_trait::async_trait;
use futures::Stream;
use http::Method;
use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind, Result};
use crate::protocol::SessionKind;

/// Carries requests to one platform. [`HttpTransport`](super::HttpTransport) is the one for use; tests put others in its place.
///
/// An implementation follows no redirect, and sends a request once or not at all.
#[async_trait]
pub trait Transport: Send + Sync + fmt::Debug {
    /// Sends one request and reads the whole answer, whatever its status.
    ///
    /// # Errors
    /// [`ErrorKind::Network`](crate::ErrorKind::Network) when there is no answer, or not all of one.
    async fn send(&self, request: Request) -> Result<Response>;

    /// The origin of the platform that the requests reach, such as `https://imegha.example`, as this device knows it: a recovery is signed
    /// for it, and is worth nothing at another.
    fn origin(&self) -> String;

    /// Sends one request whose answer does not end by itself, and gives it as it comes.
    ///
    /// # Errors
    /// As [`send`](Self::send); [`ErrorKind::Version`](crate::ErrorKind::Version) where a transport has no streams, as by default.
    async fn stream(&self, _request: Request) -> Result<Streamed> {
        Err(Error::new(ErrorKind::Version, "this transport carries no streams"))
    }

    /// How a session is carried: by the browser's cookies, or by the client in memory.
    fn session_kind(&self) -> SessionKind;
}

/// A request, before it is HTTP.
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path below `/api/v1/`, such as `sign-in`.
    pub path: String,
    /// The JSON body, if there is one. Wiped when it is dropped.
    pub body: Option<Zeroizing<Vec<u8>>>,
    /// The session's token, for [`SessionKind::Bearer`].
    pub bearer: Option<Zeroizing<String>>,
}

/// An answer.
#[derive(Clone)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// An answer that comes piece by piece.
pub struct Streamed {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: ByteStream,
}

/// The pieces of a body. They end with an error when the connection breaks.
pub type ByteStream = Pin<Box<dyn Stream<Item = Result<Vec<u8>>> + Send>>;

/// The largest answer that is read. A key history of a hundred identities has a quarter of it.
pub const MAX_RESPONSE_LEN: usize = 1024 * 1024;

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("method", &self.method).field("path", &self.path).finish_non_exhaustive()
    }
}

impl fmt::Debug for Streamed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streamed").field("status", &self.status).finish_non_exhaustive()
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("status", &self.status).finish_non_exhaustive()
    }
}
