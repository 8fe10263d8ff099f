//! What is where: the gateway below its address's path, and beside it what says whether it works.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::uri::PathAndQuery;
use axum::http::{StatusCode, Uri};
use axum::middleware::from_fn;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use imegha_cloud::gateway::{Gateway, router};
use tower::ServiceExt as _;

use crate::log;
use crate::readiness::Readiness;

/// The whole program as one router. `path` is that of the gateway's address; a proxy may pass it on or cut it off, since what
/// was signed is the whole address either way.
pub(crate) fn routes(gateway: Gateway, path: &str, readiness: Arc<Readiness>) -> Router {
    let mount =
        Mount { path: path.trim_end_matches('/').into(), gateway: router(gateway).layer(from_fn(log::answered)) };
    Router::new()
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(async move || ready(&readiness).await))
        .fallback(serve)
        .with_state(mount)
}

async fn ready(readiness: &Readiness) -> (StatusCode, &'static str) {
    match readiness.is_ready().await {
        true => (StatusCode::OK, "ready\n"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "the stores do not answer\n"),
    }
}

#[derive(Clone)]
struct Mount {
    path: Arc<str>,
    gateway: Router,
}

async fn serve(State(mount): State<Mount>, mut request: Request) -> Response {
    if let Some(below) = below(&mount.path, request.uri()) {
        *request.uri_mut() = below;
    }
    mount.gateway.oneshot(request).await.into_response()
}

/// The address below a path, if it is.
fn below(path: &str, uri: &Uri) -> Option<Uri> {
    let below = uri.path_and_query()?.as_str().strip_prefix(path)?;
    if !below.starts_with('/') {
        return None;
    }
    Some(Uri::from(PathAndQuery::try_from(below).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_cut_off_whole() {
        let below = |path: &str, uri: &str| below(path, &uri.parse().expect("an address")).map(|uri| uri.to_string());
        assert_eq!(below("", "/v1/blobs?limit=1").as_deref(), Some("/v1/blobs?limit=1"));
        assert_eq!(below("/a/b", "/a/b/v1/blobs?limit=1").as_deref(), Some("/v1/blobs?limit=1"));
        for outside in ["/v1/blobs", "/a/bc/v1/blobs", "/a/b", "/a/b?limit=1", "/x/a/b/v1"] {
            assert_eq!(below("/a/b", outside), None, "{outside}");
        }
    }
}
