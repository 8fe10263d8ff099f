//! What a gateway and the network report, as meaning.

use http::StatusCode;

use crate::error::{Error, ErrorKind};
use crate::protocol::Problem;

/// The error of an answer that is no success.
pub(super) fn refused(status: StatusCode, body: &[u8]) -> Error {
    match status {
        // Of a proxy on the way, or of a gateway that says so in words that may not be ours.
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => unavailable(),
        StatusCode::TOO_MANY_REQUESTS => unavailable(),
        _ => match serde_json::from_slice::<Problem>(body) {
            // A problem speaks for its own status alone.
            Ok(problem) if problem.code.status() == status.as_u16() => problem.into_error(),
            _ if status == StatusCode::NOT_FOUND => Error::new(ErrorKind::NotFound, "no such thing at this gateway"),
            _ => Error::new(ErrorKind::Backend, "this does not answer like a gateway"),
        },
    }
}

/// The error of storage's answer to a request that went there straight, which has no words of ours.
pub(super) fn in_storage(status: StatusCode) -> Error {
    let (kind, context) = match status {
        StatusCode::NOT_FOUND => (ErrorKind::NotFound, "no such object or upload in storage"),
        StatusCode::PRECONDITION_FAILED => (ErrorKind::AlreadyExists, "an object of this name is there"),
        StatusCode::RANGE_NOT_SATISFIABLE => (ErrorKind::Malformed, "the object has no such range"),
        StatusCode::INSUFFICIENT_STORAGE => (ErrorKind::StorageFull, "there is no room"),
        StatusCode::TOO_MANY_REQUESTS => (ErrorKind::Unavailable, "storage cannot answer now"),
        status if status.is_server_error() => (ErrorKind::Unavailable, "storage cannot answer now"),
        _ => (ErrorKind::Backend, "storage does not take the address that the gateway gave"),
    };
    Error::new(kind, context)
}

/// The error of an answer that does not fit the question.
pub(super) fn dishonest() -> Error {
    Error::new(ErrorKind::CannotOpen, "the gateway sent something else than was asked for")
}

/// The error of a gateway that cannot be reached.
pub(super) fn unreachable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::with_source(ErrorKind::Unavailable, "the gateway cannot be reached", source)
}

fn unavailable() -> Error {
    Error::new(ErrorKind::Unavailable, "the gateway cannot answer now")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ProblemCode;

    fn kind(status: u16, body: &[u8]) -> ErrorKind {
        refused(StatusCode::from_u16(status).unwrap(), body).kind()
    }

    #[test]
    fn what_storage_says_is_told_by_its_status() {
        for (status, kind) in [
            (301, ErrorKind::Backend),
            (400, ErrorKind::Backend),
            (403, ErrorKind::Backend),
            (404, ErrorKind::NotFound),
            (412, ErrorKind::AlreadyExists),
            (416, ErrorKind::Malformed),
            (429, ErrorKind::Unavailable),
            (500, ErrorKind::Unavailable),
            (503, ErrorKind::Unavailable),
            (507, ErrorKind::StorageFull),
        ] {
            assert_eq!(in_storage(StatusCode::from_u16(status).unwrap()).kind(), kind, "{status}");
        }
    }

    #[test]
    fn a_refusal_is_understood_or_strange() {
        let problem = |code| serde_json::to_vec(&Problem::new(code)).unwrap();
        assert_eq!(kind(409, &problem(ProblemCode::Conflict)), ErrorKind::Conflict);
        assert_eq!(kind(409, &problem(ProblemCode::Replayed)), ErrorKind::Replayed);
        assert_eq!(kind(507, &problem(ProblemCode::StorageFull)), ErrorKind::StorageFull);
        assert_eq!(kind(404, b"<html>"), ErrorKind::NotFound);
        for status in [429, 502, 503, 504] {
            assert_eq!(kind(status, b"<html>"), ErrorKind::Unavailable);
        }
        for status in [301, 302, 400, 401, 403, 409, 500] {
            assert_eq!(kind(status, b""), ErrorKind::Backend);
        }
        assert_eq!(kind(500, &problem(ProblemCode::Conflict)), ErrorKind::Backend);
    }
}
