//! What went wrong, in the page's terms.

use imegha_cloud::ErrorKind as CloudKind;
use imegha_platform::{ErrorKind as PlatformKind, ProblemCode};

use crate::protocol::{ErrorCode, Failure};

impl Failure {
    /// A failure that its code says all of.
    pub(crate) fn new(code: ErrorCode) -> Self {
        Self { code, ms: None }
    }
}

impl From<imegha_cloud::Error> for Failure {
    fn from(error: imegha_cloud::Error) -> Self {
        let code = match error.kind() {
            CloudKind::NotFound => ErrorCode::NotFound,
            CloudKind::AlreadyExists => ErrorCode::NameTaken,
            CloudKind::Conflict => ErrorCode::Conflict,
            CloudKind::CannotOpen => ErrorCode::CannotOpen,
            CloudKind::Rollback => ErrorCode::Rollback,
            CloudKind::StorageFull => ErrorCode::StorageFull,
            CloudKind::Denied => ErrorCode::SignedOut,
            CloudKind::ClockSkew => ErrorCode::ClockSkew,
            CloudKind::Version => ErrorCode::Version,
            CloudKind::Unavailable => ErrorCode::Network,
            CloudKind::Cancelled => ErrorCode::Cancelled,
            CloudKind::Moved => ErrorCode::Moved,
            CloudKind::Source => ErrorCode::SourceChanged,
            _ => ErrorCode::Internal,
        };
        if code == ErrorCode::Internal {
            log(&error);
        }
        Self { code, ms: error.server_time().map(|seconds| seconds.saturating_mul(1_000)) }
    }
}

impl From<imegha_platform::Error> for Failure {
    fn from(error: imegha_platform::Error) -> Self {
        let code = match error.kind() {
            PlatformKind::Refused(code) => refused(code),
            PlatformKind::WeakKdf => ErrorCode::WeakKdf,
            PlatformKind::KeyChanged => ErrorCode::KeyChanged,
            PlatformKind::CannotOpen => ErrorCode::CannotOpen,
            PlatformKind::Network => ErrorCode::Network,
            PlatformKind::Version => ErrorCode::Version,
            _ => ErrorCode::Internal,
        };
        if code == ErrorCode::Internal {
            log(&error);
        }
        Self { code, ms: error.retry_after_ms() }
    }
}

impl From<imegha_crypto::Error> for Failure {
    fn from(error: imegha_crypto::Error) -> Self {
        imegha_platform::Error::from(error).into()
    }
}

fn refused(code: ProblemCode) -> ErrorCode {
    match code {
        ProblemCode::EmailInvalid => ErrorCode::EmailInvalid,
        ProblemCode::PasswordRefused => ErrorCode::PasswordRefused,
        ProblemCode::TagInvalid => ErrorCode::TagInvalid,
        ProblemCode::TagTaken => ErrorCode::TagTaken,
        ProblemCode::TooYoung => ErrorCode::TooYoung,
        ProblemCode::PolicyNotAccepted => ErrorCode::PolicyNotAccepted,
        ProblemCode::WrongPassword => ErrorCode::WrongPassword,
        ProblemCode::WrongCode => ErrorCode::WrongCode,
        ProblemCode::CodeExpired => ErrorCode::CodeExpired,
        ProblemCode::TooManyTries => ErrorCode::TooManyTries,
        ProblemCode::SignedOut => ErrorCode::SignedOut,
        ProblemCode::KeyRefused => ErrorCode::KeyRefused,
        ProblemCode::StorageFull => ErrorCode::StorageFull,
        ProblemCode::Conflict => ErrorCode::Conflict,
        ProblemCode::NotFound => ErrorCode::NotFound,
        ProblemCode::LimitReached => ErrorCode::LimitReached,
        ProblemCode::Unavailable | ProblemCode::Timeout => ErrorCode::Network,
        ProblemCode::Unknown => ErrorCode::Version,
        _ => ErrorCode::Internal,
    }
}

/// For whoever looks at the console: errors hold no user data.
fn log(error: &dyn std::error::Error) {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    web_sys::console::error_1(&text.into());
}
