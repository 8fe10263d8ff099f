//! The platform over HTTP: [`router`]. Handlers parse, call and map; what they call is without HTTP.
//!
//! Mount it at `/api/v1`. The host puts the client's address into each request as `axum::extract::ConnectInfo<SocketAddr>`
//! (`into_make_service_with_connect_info`); without it all clients share one limit.
//!
//! `GET /openapi.json` describes it (OpenAPI 3.1). The description is made with the routes, from the handlers' arguments and the types of the
//! protocol.

mod address;
mod body;
mod changes;
mod events;
mod guard;
mod handlers;
mod limits;
mod metrics;
mod operation;
mod part;
mod people;
mod problem;
mod recovery;
mod routes;
mod session;
mod table;

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::extract::DefaultBodyLimit;

pub use limits::{Limits, PeopleLimits, Rate};
pub(crate) use metrics::Metrics;

use self::limits::Limiter;
use self::routes::Routes;
use self::table::routes;
use crate::PlatformServer;

/// The routes of the [protocol](crate::protocol), to be mounted at `/api/v1`.
pub fn router(server: PlatformServer) -> Router {
    let limiter = Arc::new(Limiter::new(server.options().limits));
    let state = Api { server, limiter };
    routes(Routes::served())
        .into_router()
        .fallback(handlers::not_found)
        .method_not_allowed_fallback(handlers::method_not_allowed)
        .layer(DefaultBodyLimit::max(MAX_BODY_LEN))
        .layer(axum::middleware::from_fn_with_state(state.clone(), guard::guard))
        .layer(axum::middleware::from_fn_with_state(state.clone(), metrics::count))
        .with_state(state)
}

/// The description of the routes (OpenAPI 3.1), as `GET /openapi.json` answers it: JSON.
pub fn description() -> &'static str {
    static DESCRIPTION: LazyLock<String> = LazyLock::new(|| {
        let description = routes(Routes::described()).into_description();
        serde_json::to_string(&description).expect("a description is JSON")
    });
    &DESCRIPTION
}

/// The media type of [`PlatformServer::metrics`].
pub const METRICS_MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What the handlers share.
#[derive(Clone, Debug)]
struct Api {
    server: PlatformServer,
    limiter: Arc<Limiter>,
}

/// The largest body: a sign-up has a tenth of it.
const MAX_BODY_LEN: usize = 64 * 1024;
