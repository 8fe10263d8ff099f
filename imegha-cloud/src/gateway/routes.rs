//! Which path is answered by whom.

use std::time::Duration;

use axum::response::Response;
use axum::routing::{get, post, put};
use axum::{Extension, Json, Router, middleware};
use http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{Any, CorsLayer};

use super::refusal::Refusal;
use super::{Gateway, blobs, direct, history, records, uploads};
use crate::protocol::{DIRECT, ProblemCode, VersionAnswer, path};

/// The routes of one gateway, below `/v1`. A host may nest them under any prefix that stands in the gateway's address.
pub fn router(gateway: Gateway) -> Router {
    routes().layer(Extension(gateway))
}

/// The routes, which take their gateway from the request's extensions.
pub(super) fn routes() -> Router {
    Router::new()
        .route(path::VERSION, get(async || Json(VersionAnswer::current())))
        .route(path::RECORDS_GET, post(records::get))
        .route(path::RECORDS_GET_ALL, post(records::get_all))
        .route(path::RECORDS_QUERY, post(records::query))
        .route(path::RECORDS_TRANSACT, post(records::transact))
        .route(path::BLOBS, get(blobs::list))
        .route("/v1/blobs/{name}", put(blobs::put).get(blobs::get).delete(blobs::delete))
        .route("/v1/blobs/{name}/direct", post(direct::put))
        .route("/v1/blobs/{name}/meta", get(blobs::meta))
        .route("/v1/blobs/{name}/uploads", post(uploads::begin))
        .route("/v1/blobs/{name}/uploads/{id}", get(uploads::head).delete(uploads::abort))
        .route("/v1/blobs/{name}/uploads/{id}/parts/{number}", put(uploads::put_part))
        .route("/v1/blobs/{name}/uploads/{id}/parts/{number}/direct", post(direct::put_part))
        .route("/v1/blobs/{name}/uploads/{id}/complete", post(uploads::complete))
        .route(path::UPLOADS, get(uploads::list))
        .route(path::OWNER_HISTORY, put(history::put))
        .fallback(async || Refusal::not_found())
        .method_not_allowed_fallback(async || Refusal::new(ProblemCode::MethodNotAllowed))
        .layer(middleware::from_fn(direct::said))
        .layer(middleware::map_response(with_headers))
        .layer(cors())
}

/// Any page may ask, since only a signature is heard: no cookie is read, and none is sent.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([
            header::CONTENT_TYPE,
            header::RANGE,
            header::IF_MATCH,
            header::IF_NONE_MATCH,
            HeaderName::from_static("content-digest"),
            HeaderName::from_static("imegha-audience"),
            HeaderName::from_static("signature-input"),
            HeaderName::from_static("signature"),
        ])
        .expose_headers([
            header::CONTENT_RANGE,
            header::CONTENT_LENGTH,
            header::ACCEPT_RANGES,
            HeaderName::from_static(DIRECT),
        ])
        .max_age(Duration::from_secs(2 * 60 * 60))
}

async fn with_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
