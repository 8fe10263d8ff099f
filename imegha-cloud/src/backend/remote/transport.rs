//! One request and its answer, natively and in the browser. What is not `Send` there ends in this file.

use bytes::Bytes;
use futures::future::{Either, select};
use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt as _};
use http::{HeaderMap, Method, StatusCode};
use reqwest::Client;
use url::Url;

use super::config::ANSWER_MS;
use super::error::{dishonest, unreachable};
use crate::error::{Error, ErrorKind, Result};
use crate::timer::sleep;

/// Sends requests.
#[derive(Clone, Debug)]
pub(super) struct Transport {
    client: Client,
}

/// A request that is ready to be sent.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// How long it may take until the answer begins.
    pub(super) within_ms: u64,
}

/// An answer whose body is still to come.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: BoxStream<'static, Result<Bytes>>,
}

impl Transport {
    pub(super) fn new() -> Result<Self> {
        let builder = Client::builder();
        #[cfg(not(target_arch = "wasm32"))]
        let builder =
            builder.redirect(reqwest::redirect::Policy::none()).connect_timeout(std::time::Duration::from_secs(10));
        let client = builder
            .build()
            .map_err(|error| Error::with_source(ErrorKind::Unavailable, "this machine cannot make requests", error))?;
        Ok(Self { client })
    }

    pub(super) async fn send(&self, request: Request) -> Result<Answer> {
        let (url, within_ms) = (request.url.clone(), request.within_ms);
        let builder = self.client.request(request.method, request.url).headers(request.headers);
        let builder = if request.body.is_empty() { builder } else { builder.body(request.body) };
        // No cookie goes to a gateway, and nothing of an answer is kept.
        #[cfg(target_arch = "wasm32")]
        let builder = builder.fetch_credentials_omit().fetch_cache_no_store();
        let sent = on_this_thread(async move { builder.send().await.map(on_this_thread) });
        let response = within(within_ms, sent).await?.map_err(|error| unreachable(error.without_url()))?;
        let response = off_this_thread(response);
        // A browser has followed a redirect already; what came is not looked at.
        if *response.url() != url {
            return Err(dishonest());
        }
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Answer { status, headers, body: pieces(on_this_thread(response.bytes_stream())) })
    }
}

/// The body piece by piece, each in bounded time.
fn pieces(body: impl Stream<Item = reqwest::Result<Bytes>> + Send + 'static) -> BoxStream<'static, Result<Bytes>> {
    stream::unfold(Some(body.boxed()), |pieces| async move {
        let mut pieces = pieces?;
        match within(ANSWER_MS, pieces.next()).await {
            Ok(None) => None,
            Ok(Some(Ok(piece))) => Some((Ok(piece), Some(pieces))),
            Ok(Some(Err(error))) => Some((Err(unreachable(error.without_url())), None)),
            Err(late) => Some((Err(late), None)),
        }
    })
    .boxed()
}

/// What `future` gives, or an error after `ms` milliseconds.
async fn within<T>(ms: u64, future: impl Future<Output = T> + Send) -> Result<T> {
    match select(Box::pin(future), Box::pin(sleep(ms))).await {
        Either::Left((output, _)) => Ok(output),
        Either::Right(_) => Err(Error::new(ErrorKind::Unavailable, "the gateway took too long")),
    }
}

/// Natively everything is `Send`.
#[cfg(not(target_arch = "wasm32"))]
fn on_this_thread<T>(value: T) -> T {
    value
}

#[cfg(not(target_arch = "wasm32"))]
fn off_this_thread<T>(value: T) -> T {
    value
}

/// In the browser there is one thread for all that a worker does: what says that it must stay there does.
#[cfg(target_arch = "wasm32")]
fn on_this_thread<T>(value: T) -> send_wrapper::SendWrapper<T> {
    send_wrapper::SendWrapper::new(value)
}

#[cfg(target_arch = "wasm32")]
fn off_this_thread<T>(value: send_wrapper::SendWrapper<T>) -> T {
    value.take()
}
