//! A line for each answer: method, route, status, time. Never the path, which holds names, nor who asked.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;

/// Logs what was answered.
pub(crate) async fn answered(request: Request, next: Next) -> Response {
    // A method is whatever word somebody sends.
    let known = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS];
    let method = known.into_iter().find(|method| method == request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let started = Instant::now();
    let response = next.run(request).await;
    tracing::debug!(
        method = method.as_ref().map_or("other", Method::as_str),
        route = route.as_ref().map_or("none", MatchedPath::as_str),
        status = response.status().as_u16(),
        ms = started.elapsed().as_millis(),
        "answered"
    );
    response
}
