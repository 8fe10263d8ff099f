//! What Cognito, the SDK and the network report, as meaning.
//!
//! The cause that an [`Error`] keeps is the answer's status and code: never its text, which may repeat a user name.

use std::error::Error as StdError;
use std::fmt;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_cognitoidentityprovider::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::error::{Error, ErrorKind};
use crate::problem::ProblemCode;

/// The error of a request while doing `context`.
///
/// A user that is not there, one that is not confirmed and a wrong password are one answer. So are a wrong code and one that has expired:
/// Cognito tells them apart only where there is a user. That a code has expired is told by the platform's own count.
pub(super) fn request<E>(context: &'static str) -> impl Fn(SdkError<E, HttpResponse>) -> Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    move |error| match &error {
        SdkError::ServiceError(refused) => {
            answered(refused.raw().status().as_u16(), refused.err().code(), refused.err().message(), context)
        }
        SdkError::TimeoutError(_) => unavailable("Cognito did not answer in time"),
        SdkError::ResponseError(cut) => answered(cut.raw().status().as_u16(), None, None, context),
        SdkError::DispatchFailure(_) => match error.into_source() {
            Ok(source) => dispatch(&*source),
            Err(_) => unavailable("Cognito cannot be reached"),
        },
        _ => Error::new(ErrorKind::Storage, context),
    }
}

/// The code of what was refused.
pub(super) fn code<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Option<&str> {
    error.as_service_error().and_then(ProvideErrorMetadata::code)
}

/// Whether it is the app client's secret that is refused, and not the person's password, which has the same code.
pub(super) fn is_of_the_secret(code: Option<&str>, message: Option<&str>) -> bool {
    code == Some("NotAuthorizedException")
        && message.is_some_and(|message| message.contains("secret hash") || message.contains("SECRET_HASH"))
}

/// The error of a token that the pool has not signed for this.
pub(super) fn untrue_token(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
    Error::with_source(ErrorKind::Storage, "Cognito answered with a token that is not the user pool's", source)
}

fn answered(status: u16, code: Option<&str>, message: Option<&str>, context: &'static str) -> Error {
    let config = |words| Error::new(ErrorKind::Config, words);
    let error = match (code.unwrap_or_default(), status) {
        ("NotAuthorizedException", _) if is_of_the_secret(code, message) => {
            config("the secret of Cognito's app client is not accepted")
        }
        (
            "NotAuthorizedException"
            | "UserNotFoundException"
            | "UserNotConfirmedException"
            | "PasswordResetRequiredException",
            _,
        ) => Error::refused(ProblemCode::WrongPassword),
        ("CodeMismatchException" | "ExpiredCodeException", _) => Error::refused(ProblemCode::WrongCode),
        ("LimitExceededException" | "TooManyFailedAttemptsException", _) => Error::too_many(LIMITED_MS),
        ("TooManyRequestsException" | "ThrottlingException" | "Throttling", _) | (_, 429) => {
            unavailable("Cognito asks for fewer requests")
        }
        ("ResourceNotFoundException", _) => config("there is no such user pool or app client in this region"),
        ("InvalidPasswordException", _) => {
            config("the user pool's password policy refuses what every password becomes")
        }
        ("InvalidParameterException" | "InvalidUserPoolConfigurationException", _) => {
            config("the user pool or its app client does not allow what the platform asks for")
        }
        ("ExpiredToken" | "ExpiredTokenException" | "RequestExpired" | "TokenRefreshRequired", _) => {
            config("the credentials have expired")
        }
        (
            "UnrecognizedClientException"
            | "InvalidSignatureException"
            | "InvalidClientTokenId"
            | "InvalidAccessKeyId"
            | "IncompleteSignature"
            | "SignatureDoesNotMatch"
            | "MissingAuthenticationToken"
            | "MissingAuthenticationTokenException",
            _,
        ) => config("the credentials are not accepted"),
        ("AccessDeniedException" | "AccessDenied", _) | (_, 401 | 403) => config("the credentials do not allow this"),
        (_, 500..) => unavailable("Cognito cannot answer now"),
        _ => Error::new(ErrorKind::Storage, context),
    };
    error.caused_by(Answer::new(status, code))
}

fn unavailable(context: &'static str) -> Error {
    Error::new(ErrorKind::Refused(ProblemCode::Unavailable), context)
}

/// Why a request was not sent. What a provider of credentials printed is dropped.
fn dispatch(failure: &(dyn StdError + 'static)) -> Error {
    let chain = std::iter::successors(Some(failure), |error| (*error).source());
    match chain.filter_map(|error| error.downcast_ref()).next() {
        Some(CredentialsError::CredentialsNotLoaded(_)) => Error::new(ErrorKind::Config, "no credentials were found"),
        Some(CredentialsError::ProviderTimedOut(_)) => unavailable("the credentials did not come in time"),
        Some(_) => Error::new(ErrorKind::Config, "the credentials cannot be loaded"),
        None => unavailable("Cognito cannot be reached"),
    }
}

/// An answer without its text.
#[derive(Debug)]
struct Answer {
    status: u16,
    code: Option<String>,
}

impl Answer {
    fn new(status: u16, code: Option<&str>) -> Self {
        // Codes are words. Whatever else stands in their place was made up by whoever answered.
        let code = code.filter(|code| code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        Self { status, code: code.map(str::to_owned) }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "answered {} {}", self.status, self.code.as_deref().unwrap_or("without a code"))
    }
}

impl StdError for Answer {}

/// Cognito does not say how long its own limits last; a quarter of an hour is what it documents for the longest.
const LIMITED_MS: u64 = 15 * 60 * 1000;
