//! What the platform answers when it refuses: a JSON problem (RFC 9457) with a stable code and no inner text.

use serde::{Deserialize, Serialize};

/// The stable codes of the platform's problems. Server and client share them; words for people are the app's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ProblemCode {
    /// The request is not of its form.
    Malformed,
    /// This is not an email address in the form that is stored (FORMAT 3).
    EmailInvalid,
    /// The password has characters that cannot be used in one, or is too weak. Found out on the device only.
    PasswordRefused,
    /// The iMTag is not of its form, or reserved.
    TagInvalid,
    /// The iMTag is taken.
    TagTaken,
    /// 13 or older is required.
    TooYoung,
    /// The policy in force must be accepted.
    PolicyNotAccepted,
    /// A public key, a signature or a sealed key that is not accepted.
    KeyRefused,
    /// The account id is in use.
    AccountExists,
    /// Email or password is wrong; which of them is not said.
    WrongPassword,
    /// The code is wrong.
    WrongCode,
    /// The code has expired or was tried too often; another can be sent.
    CodeExpired,
    /// Too many tries; `retry_after_ms` says how long to wait.
    TooManyTries,
    /// Not signed in, or no longer.
    SignedOut,
    /// The request comes from another site's page.
    OriginRefused,
    /// Somebody else changed it first.
    Conflict,
    /// As many of these as are kept: connections, requests, devices, streams of events.
    LimitReached,
    /// This platform hosts no clouds.
    NoHostedClouds,
    /// No such thing here.
    NotFound,
    /// Not with this method.
    MethodNotAllowed,
    /// The body is larger than is taken.
    TooLarge,
    /// The body is not JSON.
    UnsupportedMediaType,
    /// The request took too long to arrive or to answer.
    Timeout,
    /// The platform's disk is full.
    StorageFull,
    /// The platform cannot answer now.
    Unavailable,
    /// Something failed inside. The server's log says what, the answer does not.
    Internal,
    /// A code that this version does not know.
    #[serde(other)]
    Unknown,
}

impl ProblemCode {
    /// The HTTP status that it comes with (RFC 9110).
    pub fn status(self) -> u16 {
        match self {
            Self::Malformed | Self::Unknown => 400,
            Self::WrongPassword | Self::SignedOut => 401,
            Self::OriginRefused => 403,
            Self::NotFound | Self::NoHostedClouds => 404,
            Self::MethodNotAllowed => 405,
            Self::Timeout => 408,
            Self::TagTaken | Self::AccountExists | Self::Conflict | Self::LimitReached => 409,
            Self::CodeExpired => 410,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::EmailInvalid
            | Self::PasswordRefused
            | Self::TagInvalid
            | Self::TooYoung
            | Self::PolicyNotAccepted
            | Self::KeyRefused
            | Self::WrongCode => 422,
            Self::TooManyTries => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
            Self::StorageFull => 507,
        }
    }

    /// Its name in JSON, such as `tag_taken`.
    pub fn name(self) -> String {
        let name = serde_json::to_value(self).ok().and_then(|name| name.as_str().map(str::to_owned));
        name.expect("a unit variant is a string in JSON")
    }

    /// A short sentence, always the same for a code: the `title` of RFC 9457.
    pub fn title(self) -> &'static str {
        match self {
            Self::Malformed => "the request is not of its form",
            Self::EmailInvalid => "this is not an email address",
            Self::PasswordRefused => "the password cannot be used",
            Self::TagInvalid => "the iMTag is not of its form, or reserved",
            Self::TagTaken => "the iMTag is taken",
            Self::TooYoung => "13 or older is required",
            Self::PolicyNotAccepted => "the policy in force must be accepted",
            Self::KeyRefused => "a key or a signature is not accepted",
            Self::AccountExists => "the account id is in use",
            Self::WrongPassword => "email or password is wrong",
            Self::WrongCode => "the code is wrong",
            Self::CodeExpired => "the code has expired",
            Self::TooManyTries => "too many tries",
            Self::SignedOut => "not signed in",
            Self::OriginRefused => "the request comes from another site",
            Self::Conflict => "somebody else changed it first",
            Self::LimitReached => "as many of these as are kept",
            Self::NoHostedClouds => "this platform hosts no clouds",
            Self::NotFound => "no such thing here",
            Self::MethodNotAllowed => "not with this method",
            Self::TooLarge => "the body is too large",
            Self::UnsupportedMediaType => "the body is not JSON",
            Self::Timeout => "the request took too long",
            Self::StorageFull => "the platform's disk is full",
            Self::Unavailable => "the platform cannot answer now",
            Self::Internal => "something failed inside",
            Self::Unknown => "a problem that this version does not know",
        }
    }
}

/// A problem as it goes over the wire, as `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
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
    /// Milliseconds to wait, with [`ProblemCode::TooManyTries`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

impl Problem {
    /// The problem of a code.
    pub fn new(code: ProblemCode, retry_after_ms: Option<u64>) -> Self {
        Self {
            kind: format!("urn:imegha:problem:{}", code.name()),
            title: code.title().to_owned(),
            status: code.status(),
            code,
            retry_after_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_named_by_its_code() {
        let json = serde_json::to_value(Problem::new(ProblemCode::TagTaken, None)).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "type": "urn:imegha:problem:tag_taken", "title": "the iMTag is taken", "status": 409, "code": "tag_taken"
            })
        );
    }

    #[test]
    fn a_code_of_a_later_version_is_read() {
        let problem: Problem = serde_json::from_str(r#"{"code":"from_the_future"}"#).unwrap();
        assert_eq!(problem.code, ProblemCode::Unknown);
    }
}
