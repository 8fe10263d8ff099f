//! `/metrics`, for Prometheus: at an address of its own, which the operator chooses, and nowhere without one.

use std::net::{SocketAddr, TcpListener};

use anyhow::{Context as _, Result};
use axum::Router;
use axum::http::header;
use axum::routing::get;
use imegha_cloud::serving;
use imegha_platform::PlatformServer;
use imegha_platform::api::METRICS_MEDIA_TYPE;

/// Listens at the address.
///
/// # Errors
/// When it is taken, or not this machine's.
pub(crate) fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).with_context(|| format!("{address} cannot be listened on (IMEGHA_METRICS)"))
}

/// Answers there, for as long as it is waited for.
pub(crate) async fn serve(listener: TcpListener, platform: PlatformServer) {
    if let Err(error) = serving::serve(listener, router(platform), None, std::future::pending()).await {
        // The server goes on: people do not wait for what only its operator reads.
        tracing::error!(%error, "metrics are not served any more");
    }
}

fn router(platform: PlatformServer) -> Router {
    let counts = move || async move { ([(header::CONTENT_TYPE, METRICS_MEDIA_TYPE)], platform.metrics()) };
    Router::new().route("/metrics", get(counts))
}
