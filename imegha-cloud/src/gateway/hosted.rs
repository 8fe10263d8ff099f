//! Many gateways in one place, each under its owner's fingerprint.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::Uri;
use http::uri::PathAndQuery;
use imegha_crypto::Fingerprint;
use tower::ServiceExt as _;

use super::Gateway;
use super::refusal::Refusal;
use super::routes::routes;
use crate::error::Result;

/// The clouds that a host has.
#[async_trait]
pub trait Clouds: Send + Sync + Debug {
    /// The gateway of the owner whose first fingerprint this is. Asked at every request: it should be at hand.
    async fn gateway(&self, owner: &Fingerprint) -> Result<Option<Gateway>>;
}

/// The routes of all gateways of a host: `/<owner's first fingerprint in hex>/v1/…`.
///
/// Nested under `/cloud`, a gateway's address ([`GatewayOptions::new`](super::GatewayOptions::new)) is
/// `https://host/cloud/<fingerprint>`. Whether the host has a cloud of a fingerprint is not told to strangers.
pub fn hosted_router(clouds: Arc<dyn Clouds>) -> Router {
    let host = Host { clouds, routes: routes() };
    Router::new().fallback(serve).with_state(host)
}

#[derive(Clone)]
struct Host {
    clouds: Arc<dyn Clouds>,
    routes: Router,
}

async fn serve(State(host): State<Host>, mut request: Request) -> Response {
    let Some((owner, below)) = split(request.uri()) else { return Refusal::not_found().into_response() };
    *request.uri_mut() = below;
    if let Some(owner) = owner {
        match host.clouds.gateway(&owner).await {
            Ok(Some(gateway)) => {
                request.extensions_mut().insert(gateway);
            }
            // The routes answer as to a stranger.
            Ok(None) => {}
            Err(error) => return Refusal::from(error).into_response(),
        }
    }
    host.routes.oneshot(request).await.into_response()
}

/// The fingerprint that a path begins with, and the address below it.
fn split(uri: &Uri) -> Option<(Option<Fingerprint>, Uri)> {
    let path_and_query = uri.path_and_query()?.as_str().strip_prefix('/')?;
    let (owner, below) = path_and_query.split_at(path_and_query.find('/')?);
    let below = Uri::from(PathAndQuery::try_from(below).ok()?);
    Some((Fingerprint::parse_hex(owner).ok(), below))
}
