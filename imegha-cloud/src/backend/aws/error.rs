//! What S3, DynamoDB, the SDK and the network report, as meaning.
//!
//! The cause that an [`Error`] keeps is the answer's status and code, or what the connection said: never the text of an
//! answer, which repeats names and parts of signatures.

use std::error::Error as StdError;
use std::fmt;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::error::TransactionCanceledException;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::error::{Error, ErrorKind};

/// The error of a request while doing `context`.
pub(super) fn request<E>(context: &'static str) -> impl Fn(SdkError<E, HttpResponse>) -> Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    move |error| match error {
        SdkError::ServiceError(refused) => answered(Answer::new(refused.raw(), refused.err().code()), context),
        SdkError::TimeoutError(_) => Error::new(ErrorKind::Unavailable, "the service did not answer in time"),
        SdkError::ResponseError(cut) => answered(Answer::new(cut.raw(), None), context),
        SdkError::DispatchFailure(_) => match error.into_source() {
            Ok(source) => match credentials(&*source) {
                Some(error) => error,
                None => Error::with_source(ErrorKind::Unavailable, "the service cannot be reached", source),
            },
            Err(_) => Error::new(ErrorKind::Unavailable, "the service cannot be reached"),
        },
        _ => Error::new(ErrorKind::Backend, context),
    }
}

/// The error of a request about an object, where "not found" without more is said of the object.
pub(super) fn object<E>(context: &'static str) -> impl Fn(SdkError<E, HttpResponse>) -> Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    move |error| match &error {
        // The answer to a HEAD has no body, and so no code.
        SdkError::ServiceError(refused) if refused.raw().status().as_u16() == 404 => match refused.err().code() {
            Some("NoSuchKey" | "NotFound") | None => Error::new(ErrorKind::NotFound, "no such object"),
            _ => request(context)(error),
        },
        _ => request(context)(error),
    }
}

/// The error of a request about an upload that somebody else named: what cannot be the id of one is the id of none.
pub(super) fn upload<E>(context: &'static str) -> impl Fn(SdkError<E, HttpResponse>) -> Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    move |error| match error.as_service_error().and_then(ProvideErrorMetadata::code) {
        Some("InvalidRequest" | "InvalidArgument") => Error::new(ErrorKind::NotFound, "no such upload"),
        _ => request(context)(error),
    }
}

/// The error of a transaction.
pub(super) fn transaction(error: SdkError<TransactWriteItemsError, HttpResponse>) -> Error {
    const CONTEXT: &str = "writing records";
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() else {
        return request(CONTEXT)(error);
    };
    match Cancelled::of(cancelled) {
        Cancelled::Condition(index) => Error::failed_condition(index),
        Cancelled::Busy => Error::new(ErrorKind::Conflict, "others are writing the same records all the time"),
        Cancelled::Throttled => throttled(None),
        Cancelled::Other => request(CONTEXT)(error),
    }
}

/// The error of a stored item or an answer that this version did not ask for.
pub(super) fn unreadable(error: Error) -> Error {
    Error::with_source(ErrorKind::Backend, "what is stored cannot be read", error)
}

/// The error of an answer that does not fit the question.
pub(super) fn dishonest() -> Error {
    Error::new(ErrorKind::CannotOpen, "storage sent something else than was asked for")
}

/// The error of an answer that ended before its end.
pub(super) fn cut(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
    Error::with_source(ErrorKind::Unavailable, "an object's bytes stopped coming", source)
}

/// Whether a request failed for a part that is not the one that it names.
pub(super) fn is_other_part<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    matches!(error.as_service_error().and_then(ProvideErrorMetadata::code), Some("InvalidPart" | "InvalidPartOrder"))
}

/// Why DynamoDB cancelled a transaction.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Cancelled {
    /// The condition of that write did not hold, the first of those.
    Condition(usize),
    /// Another transaction was at the same records.
    Busy,
    /// Too much at once.
    Throttled,
    /// Anything else.
    Other,
}

impl Cancelled {
    pub(super) fn of(cancelled: &TransactionCanceledException) -> Self {
        let reasons = cancelled.cancellation_reasons();
        let first =
            |codes: &[&str]| reasons.iter().position(|reason| reason.code().is_some_and(|c| codes.contains(&c)));
        if let Some(index) = first(&["ConditionalCheckFailed"]) {
            Self::Condition(index)
        } else if first(&["TransactionConflict"]).is_some() {
            Self::Busy
        } else if first(&["ThrottlingError", "ProvisionedThroughputExceeded"]).is_some() {
            Self::Throttled
        } else {
            Self::Other
        }
    }
}

fn answered(answer: Answer, context: &'static str) -> Error {
    let (kind, context) = match (answer.code.as_deref().unwrap_or_default(), answer.status) {
        (RACE | "PreconditionFailed", _) | (_, 412) => (ErrorKind::AlreadyExists, "an object of this name is there"),
        ("NoSuchUpload", _) => (ErrorKind::NotFound, "no such upload"),
        ("NoSuchKey", _) => (ErrorKind::NotFound, "no such object"),
        ("InvalidRange", _) | (_, 416) => (ErrorKind::Malformed, "the object has no such range"),
        ("InvalidPart" | "InvalidPartOrder" | "EntityTooSmall", _) => {
            (ErrorKind::Malformed, "a part is missing or too short")
        }
        ("NoSuchBucket", _) => (ErrorKind::Backend, "there is no such bucket"),
        ("ResourceNotFoundException", _) => (ErrorKind::Backend, "there is no such table in this region"),
        ("PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException", _)
        | (_, 301 | 307) => (ErrorKind::Backend, "the bucket is in another region"),
        ("ExpiredToken" | "ExpiredTokenException" | "RequestExpired" | "TokenRefreshRequired", _) => {
            (ErrorKind::Denied, "the credentials have expired")
        }
        (
            "InvalidAccessKeyId"
            | "InvalidClientTokenId"
            | "InvalidSignatureException"
            | "InvalidToken"
            | "IncompleteSignature"
            | "MissingAuthenticationToken"
            | "MissingAuthenticationTokenException"
            | "SignatureDoesNotMatch"
            | "UnrecognizedClientException",
            _,
        ) => (ErrorKind::Denied, "the credentials are not accepted"),
        ("RequestTimeTooSkewed" | "RequestInTheFuture", _) => {
            (ErrorKind::ClockSkew, "the clock of this machine and the service's differ")
        }
        (
            "BandwidthLimitExceeded"
            | "LimitExceededException"
            | "ProvisionedThroughputExceededException"
            | "RequestLimitExceeded"
            | "RequestTimeout"
            | "RequestTimeoutException"
            | "SlowDown"
            | "ThrottledException"
            | "Throttling"
            | "ThrottlingException"
            | "TooManyRequestsException"
            | "TransactionInProgressException",
            _,
        )
        | (_, 429) => return throttled(Some(answer)),
        // Also in an answer that began with a success.
        ("InternalError" | "InternalServerError" | "ServiceUnavailable", _) => {
            (ErrorKind::Unavailable, "the service cannot answer now")
        }
        (_, 507) => (ErrorKind::StorageFull, "storage is full"),
        (_, 500..) => (ErrorKind::Unavailable, "the service cannot answer now"),
        ("AccessDenied" | "AccessDeniedException", _) | (_, 401 | 403) => {
            (ErrorKind::Denied, "the credentials do not allow this")
        }
        // Of an answer that began well and was cut.
        (_, 200..=299) => (ErrorKind::Unavailable, "the answer was cut"),
        _ => (ErrorKind::Backend, context),
    };
    Error::with_source(kind, context, answer)
}

fn throttled(answer: Option<Answer>) -> Error {
    const CONTEXT: &str = "the service asks for fewer requests";
    match answer {
        Some(answer) => Error::with_source(ErrorKind::Unavailable, CONTEXT, answer),
        None => Error::new(ErrorKind::Unavailable, CONTEXT),
    }
}

/// The error of credentials, if they are what failed. Its source is dropped: it may hold what a provider printed.
fn credentials(failure: &(dyn StdError + 'static)) -> Option<Error> {
    let chain = std::iter::successors(Some(failure), |error| (*error).source());
    Some(match chain.filter_map(|error| error.downcast_ref()).next()? {
        CredentialsError::CredentialsNotLoaded(_) => Error::new(ErrorKind::Denied, "no credentials were found"),
        CredentialsError::ProviderTimedOut(_) => {
            Error::new(ErrorKind::Unavailable, "the credentials did not come in time")
        }
        _ => Error::new(ErrorKind::Denied, "the credentials cannot be loaded"),
    })
}

/// An answer without its text.
#[derive(Debug)]
struct Answer {
    status: u16,
    code: Option<String>,
}

impl Answer {
    fn new(response: &HttpResponse, code: Option<&str>) -> Self {
        // Codes are words. Whatever else stands in their place was made up by whoever answered.
        let code = code.filter(|code| code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        Self { status: response.status().as_u16(), code: code.map(str::to_owned) }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "answered {} {}", self.status, self.code.as_deref().unwrap_or("without a code"))
    }
}

impl StdError for Answer {}

/// How S3 says that another request of the same name was under way.
pub(super) const RACE: &str = "ConditionalRequestConflict";
