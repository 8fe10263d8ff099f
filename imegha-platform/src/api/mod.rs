//! The platform over HTTP: [`router`]. Handlers parse, call and map; what they call is without HTTP.
//!
//! Mount it at `/api/v1`. The host puts the client's address into each request as `axum::extract::ConnectInfo<SocketAddr>`
//! (`into_make_service_with_connect_info`); without it all clients share one limit.

mod address;
mod body;
mod changes;
mod events;
mod guard;
mod handlers;
mod limits;
mod people;
mod problem;
mod recovery;
mod session;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{delete, get, post, put};

pub use limits::{Limits, PeopleLimits, Rate};

use self::limits::Limiter;
use crate::PlatformServer;

/// The routes of the [protocol](crate::protocol), to be mounted at `/api/v1`.
pub fn router(server: PlatformServer) -> Router {
    let limiter = Arc::new(Limiter::new(server.options().limits));
    let state = Api { server, limiter };
    Router::new()
        .route("/config", get(handlers::config))
        .route("/sign-up", post(handlers::sign_up))
        .route("/sign-up/confirm", post(handlers::confirm))
        .route("/sign-up/resend", post(handlers::resend))
        .route("/prelogin", post(handlers::prelogin))
        .route("/sign-in", post(handlers::sign_in))
        .route("/sign-out", post(handlers::sign_out))
        .route("/account", get(handlers::account))
        .route("/account/password", post(changes::password))
        .route("/account/password/drop", post(changes::drop_passwords))
        .route("/account/email", post(changes::email))
        .route("/account/email/confirm", post(changes::confirm_email))
        .route("/account/phrase", post(changes::phrase))
        .route("/account/phrase/drop", post(changes::drop_phrases))
        .route("/account/policy", post(changes::policy))
        .route("/account/delete", post(changes::delete_account))
        .route("/recovery", post(recovery::begin))
        .route("/recovery/open", post(recovery::open))
        .route("/recovery/finish", post(recovery::finish))
        .route("/account/gateway", put(handlers::set_gateway))
        .route("/account/cloud", post(handlers::host_cloud))
        .route("/sessions", get(handlers::sessions).delete(handlers::sign_out_everywhere))
        .route("/sessions/{id}", delete(handlers::revoke_session))
        .merge(people_router())
        .fallback(handlers::not_found)
        .method_not_allowed_fallback(handlers::method_not_allowed)
        .layer(DefaultBodyLimit::max(MAX_BODY_LEN))
        .layer(axum::middleware::from_fn(guard::guard))
        .with_state(state)
}

fn people_router() -> Router<Api> {
    Router::new()
        .route("/people/{tag}", get(people::look_up))
        .route("/connections", get(people::connections))
        .route("/connections/{account}", get(people::connection))
        .route("/connections/{account}/request", post(people::request))
        .route("/connections/{account}/accept", post(people::accept))
        .route("/connections/{account}/card", put(people::put_card))
        .route("/connections/{account}/{action}", post(people::act))
        .route("/devices", get(people::devices).post(people::register_device))
        .route("/devices/{id}", delete(people::remove_device))
        .route("/pokes", post(people::poke))
        .route("/events", get(events::events))
}

/// What the handlers share.
#[derive(Clone, Debug)]
struct Api {
    server: PlatformServer,
    limiter: Arc<Limiter>,
}

/// The largest body: a sign-up has a tenth of it.
const MAX_BODY_LEN: usize = 64 * 1024;
