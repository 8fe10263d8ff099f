//! The one way to say no.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use crate::error::{Error, ErrorKind};
use crate::protocol::{Problem, ProblemCode};

/// An answer that refuses. What an error says inside goes to the log, not to the client.
#[derive(Debug)]
pub(super) struct Refusal {
    problem: Problem,
    /// The object's length, where a range is refused.
    size: Option<u64>,
}

impl Refusal {
    pub(super) fn new(code: ProblemCode) -> Self {
        Self { problem: Problem::new(code), size: None }
    }

    /// To whatever is not allowed, and to whatever is not there.
    pub(super) fn not_found() -> Self {
        Self::new(ProblemCode::NotFound)
    }

    pub(super) fn malformed() -> Self {
        Self::new(ProblemCode::Malformed)
    }

    pub(super) fn range_not_satisfiable(size: u64) -> Self {
        Self { size: Some(size), ..Self::new(ProblemCode::RangeNotSatisfiable) }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let problem = Problem::of(&error);
        if matches!(problem.code, ProblemCode::Internal | ProblemCode::Unavailable) {
            tracing::error!(?error, "storage failed");
        } else if error.kind() == ErrorKind::StorageFull {
            tracing::warn!(?error, "storage is full");
        }
        Self { problem, size: None }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self.problem).expect("a problem is strings and numbers");
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(size) = self.size {
            let range = HeaderValue::try_from(format!("bytes */{size}")).expect("digits are visible ASCII");
            headers.insert(header::CONTENT_RANGE, range);
        }
        response
    }
}
