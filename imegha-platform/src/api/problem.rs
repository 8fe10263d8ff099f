//! Errors as answers.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::error::{Error, ErrorKind};
use crate::problem::{Problem, ProblemCode};

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(ms) = self.retry_after_ms {
            // Whole seconds (RFC 9110, 10.2.3), rounded up.
            headers.insert(header::RETRY_AFTER, HeaderValue::from(ms.div_ceil(1000)));
        }
        response
    }
}

/// What an error is to the outside: a code. What failed inside goes to the log.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let code = match self.kind() {
            ErrorKind::Refused(code) => code,
            _ => ProblemCode::Internal,
        };
        if code.status() >= 500 {
            tracing::error!(error = ?self, "a request failed");
        }
        Problem::new(code, self.retry_after_ms()).into_response()
    }
}
