//! What is where.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use imegha_cloud::deploy::TEMPLATE;
use imegha_platform::registry::Registry;
use imegha_platform::{PlatformServer, api};
use tower_http::trace::TraceLayer;

use super::assets::Assets;
use super::clouds::HostedClouds;
use super::headers::Policy;
use super::page::Pages;
use super::platform;

/// Everything that is served.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) assets: Assets,
    pub(crate) pages: Pages,
    pub(crate) policy: Policy,
    pub(crate) platform: PlatformServer,
    pub(crate) registry: Registry,
    pub(crate) clouds: HostedClouds,
}

/// The whole server as one router.
pub(crate) fn router(site: Site) -> Router {
    let Site { assets, pages, policy, platform, registry, clouds } = site;
    let files = Files { assets: Arc::new(assets), policy };
    Router::new()
        .route("/healthz", get(|| async { "alive\n" }))
        .route("/readyz", get(move || ready(registry)))
        .route("/personal-cloud.yaml", get(template))
        .nest("/api/v1", api::router(platform))
        .nest("/cloud", clouds.router())
        .merge(files.router())
        .merge(pages.router())
        .layer(from_fn(move |request: Request, next: Next| async move {
            let mut response = next.run(request).await;
            policy.apply(response.headers_mut());
            response
        }))
        .layer(TraceLayer::new_for_http().make_span_with(|request: &Request| {
            tracing::info_span!("request", method = %request.method(), path = kind_of(request.uri().path()))
        }))
}

/// The beginning of a path, which says of what kind the request is: what comes behind may be an iMTag that was looked up, or an account's id.
fn kind_of(path: &str) -> &str {
    let parts = if path.starts_with("/api/v1/") { 3 } else { 1 };
    path.match_indices('/').nth(parts).map_or(path, |(end, _)| &path[..end])
}

/// What a cloud of one's own is made from, to be saved.
async fn template() -> impl IntoResponse {
    let headers = [(header::CONTENT_TYPE, "application/yaml"), (header::CONTENT_DISPOSITION, "attachment")];
    (headers, TEMPLATE)
}

async fn ready(registry: Registry) -> (StatusCode, &'static str) {
    match platform::is_ready(&registry).await {
        true => (StatusCode::OK, "ready\n"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "the accounts cannot be read\n"),
    }
}

const SERVICE_WORKER_ALLOWED: HeaderName = HeaderName::from_static("service-worker-allowed");

#[derive(Clone)]
struct Files {
    assets: Arc<Assets>,
    policy: Policy,
}

impl Files {
    fn router(self) -> Router {
        let paths: Vec<String> = self.assets.paths().collect();
        paths.iter().fold(Router::new(), |router, path| router.route(path, get(file))).with_state(self)
    }
}

async fn file(State(files): State<Files>, uri: Uri, request: HeaderMap) -> Response {
    let Some(mut response) = files.assets.answer(uri.path(), &request) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if uri.path() == "/pkg/worker.js" {
        let policy = HeaderValue::try_from(files.policy.worker_csp()).expect("a policy is ASCII");
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if uri.path() == "/pkg/streams.js" {
        // The addresses that it answers stand beside `/pkg/`. Its policy is that of what is no page: it loads and connects to nothing.
        response.headers_mut().insert(SERVICE_WORKER_ALLOWED, HeaderValue::from_static("/"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_logged_of_a_path_names_nobody() {
        for (path, logged) in [
            ("/", "/"),
            ("/healthz", "/healthz"),
            ("/settings/account", "/settings"),
            ("/people/0123456789abcdef0123456789abcdef", "/people"),
            ("/api/v1/sign-in", "/api/v1/sign-in"),
            ("/api/v1/people/alice", "/api/v1/people"),
            ("/api/v1/connections/0123456789abcdef0123456789abcdef/accept", "/api/v1/connections"),
        ] {
            assert_eq!(kind_of(path), logged);
        }
    }
}
