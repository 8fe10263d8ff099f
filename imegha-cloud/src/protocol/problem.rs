//! What a gateway answers when it refuses: a JSON problem (RFC 9457) with a stable code and no inner text.

use serde::{Deserialize, Serialize};

use super::Decimal;
use crate::error::{Error, ErrorKind};

/// The stable codes of a gateway's problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ProblemCode {
    /// No such thing, or none that this request may see: the two are never told apart.
    NotFound,
    /// An object of that name is there.
    AlreadyExists,
    /// A condition did not hold; `failed_write` says the first.
    Conflict,
    /// This very request was served before.
    Replayed,
    /// The request is not of its form, or past a bound.
    Malformed,
    /// The body is longer than is taken.
    TooLarge,
    /// The object has no such range.
    RangeNotSatisfiable,
    /// Not with this method.
    MethodNotAllowed,
    /// The disk or the quota is full.
    StorageFull,
    /// This is the gateway's own to write.
    Denied,
    /// The request was signed too long ago, or is from the future; `server_time` says what time it is.
    ClockSkew,
    /// The body took too long to arrive.
    Timeout,
    /// The gateway cannot answer now.
    Unavailable,
    /// Something failed inside. The gateway's log says what, the answer does not.
    Internal,
    /// A code that this version does not know.
    #[serde(other)]
    Unknown,
}

impl ProblemCode {
    /// The HTTP status that it comes with (RFC 9110; 507 is of RFC 4918).
    pub fn status(self) -> u16 {
        match self {
            Self::Malformed | Self::Unknown => 400,
            Self::Denied | Self::ClockSkew => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Timeout => 408,
            Self::AlreadyExists | Self::Conflict | Self::Replayed => 409,
            Self::TooLarge => 413,
            Self::RangeNotSatisfiable => 416,
            Self::Internal => 500,
            Self::Unavailable => 503,
            Self::StorageFull => 507,
        }
    }

    /// A short sentence, always the same for a code: the `title` of RFC 9457.
    pub fn title(self) -> &'static str {
        match self {
            Self::NotFound => "no such thing here",
            Self::AlreadyExists => "an object of this name is there",
            Self::Conflict => "a condition did not hold",
            Self::Replayed => "this request was served before",
            Self::Malformed => "the request is not of its form",
            Self::TooLarge => "the body is too long",
            Self::RangeNotSatisfiable => "the object has no such range",
            Self::MethodNotAllowed => "not with this method",
            Self::StorageFull => "there is no room",
            Self::Denied => "this is the gateway's own",
            Self::ClockSkew => "the clocks of client and gateway differ",
            Self::Timeout => "the request took too long",
            Self::Unavailable => "the gateway cannot answer now",
            Self::Internal => "something failed inside",
            Self::Unknown => "a problem that this version does not know",
        }
    }

    /// The code as it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::AlreadyExists => "already_exists",
            Self::Conflict => "conflict",
            Self::Replayed => "replayed",
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::RangeNotSatisfiable => "range_not_satisfiable",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::StorageFull => "storage_full",
            Self::Denied => "denied",
            Self::ClockSkew => "clock_skew",
            Self::Timeout => "timeout",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
            Self::Unknown => "unknown",
        }
    }
}

/// A problem as it goes over the wire, as `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A URI that names the kind of problem: `urn:imegha:problem:` and the code.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// [`ProblemCode::title`].
    #[serde(default)]
    pub title: String,
    /// The HTTP status again.
    #[serde(default)]
    pub status: u16,
    /// The code, for a program to act on.
    pub code: ProblemCode,
    /// The gateway's time in seconds since 1970, with [`ProblemCode::ClockSkew`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_time: Option<Decimal>,
    /// The first write whose condition did not hold, counted from 0, with [`ProblemCode::Conflict`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_write: Option<u32>,
}

impl Problem {
    /// The problem of a code.
    pub fn new(code: ProblemCode) -> Self {
        Self {
            kind: format!("urn:imegha:problem:{}", code.name()),
            title: code.title().to_owned(),
            status: code.status(),
            code,
            server_time: None,
            failed_write: None,
        }
    }

    /// What of an error a client is told.
    pub fn of(error: &Error) -> Self {
        let code = match error.kind() {
            ErrorKind::NotFound => ProblemCode::NotFound,
            ErrorKind::AlreadyExists => ProblemCode::AlreadyExists,
            ErrorKind::Conflict => ProblemCode::Conflict,
            ErrorKind::Replayed => ProblemCode::Replayed,
            ErrorKind::Malformed => ProblemCode::Malformed,
            ErrorKind::StorageFull => ProblemCode::StorageFull,
            ErrorKind::Denied => ProblemCode::Denied,
            ErrorKind::ClockSkew => ProblemCode::ClockSkew,
            ErrorKind::Unavailable | ErrorKind::Cancelled => ProblemCode::Unavailable,
            _ => ProblemCode::Internal,
        };
        Self {
            server_time: error.server_time().map(Decimal),
            failed_write: error.failed_write().and_then(|write| u32::try_from(write).ok()),
            ..Self::new(code)
        }
    }

    /// The error that a client makes of it.
    pub fn into_error(self) -> Error {
        let kind = match self.code {
            ProblemCode::NotFound => ErrorKind::NotFound,
            ProblemCode::AlreadyExists => ErrorKind::AlreadyExists,
            ProblemCode::Conflict => match self.failed_write {
                Some(write) => return Error::failed_condition(write as usize),
                None => ErrorKind::Conflict,
            },
            ProblemCode::Replayed => ErrorKind::Replayed,
            ProblemCode::Malformed | ProblemCode::TooLarge | ProblemCode::RangeNotSatisfiable => ErrorKind::Malformed,
            ProblemCode::StorageFull => ErrorKind::StorageFull,
            ProblemCode::Denied => ErrorKind::Denied,
            ProblemCode::ClockSkew => match self.server_time {
                Some(time) => return Error::clock_skew(time.0),
                None => ErrorKind::ClockSkew,
            },
            ProblemCode::Timeout | ProblemCode::Unavailable => ErrorKind::Unavailable,
            ProblemCode::MethodNotAllowed | ProblemCode::Internal | ProblemCode::Unknown => ErrorKind::Backend,
        };
        Error::new(kind, self.code.title())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_named_by_its_code() {
        let json = serde_json::to_value(Problem::of(&Error::clock_skew(u64::MAX))).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "type": "urn:imegha:problem:clock_skew", "title": "the clocks of client and gateway differ",
                "status": 403, "code": "clock_skew", "server_time": "18446744073709551615"
            })
        );
    }

    #[test]
    fn an_error_comes_back_as_it_was() {
        for kind in [
            ErrorKind::NotFound,
            ErrorKind::AlreadyExists,
            ErrorKind::Conflict,
            ErrorKind::Replayed,
            ErrorKind::Malformed,
            ErrorKind::StorageFull,
            ErrorKind::Denied,
            ErrorKind::ClockSkew,
            ErrorKind::Unavailable,
            ErrorKind::Backend,
        ] {
            let problem = Problem::of(&Error::with_source(kind, "with a secret", "and another"));
            let json = serde_json::to_string(&problem).unwrap();
            assert!(!json.contains("secret") && !json.contains("another"));
            assert_eq!(json.matches(problem.code.name()).count(), 2, "{json}");
            assert_eq!(serde_json::from_str::<Problem>(&json).unwrap().into_error().kind(), kind);
        }
        assert_eq!(Problem::of(&Error::failed_condition(7)).into_error().failed_write(), Some(7));
        assert_eq!(Problem::of(&Error::clock_skew(9)).into_error().server_time(), Some(9));
    }

    #[test]
    fn a_code_of_a_later_version_is_read() {
        let problem: Problem = serde_json::from_str(r#"{"code":"from_the_future","more":1}"#).unwrap();
        assert_eq!(problem.code, ProblemCode::Unknown);
    }
}
