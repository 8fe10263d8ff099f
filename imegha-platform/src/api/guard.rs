//! What holds for every answer.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::Api;
use crate::problem::{Problem, ProblemCode};

/// Ends a request that takes too long, also one whose body trickles in, and lets nobody keep an answer.
pub(super) async fn guard(State(api): State<Api>, request: Request, next: Next) -> Response {
    let patience = Duration::from_millis(api.server.options().answer_within_ms);
    let mut response = match tokio::time::timeout(patience, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(ProblemCode::Timeout, None).into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
