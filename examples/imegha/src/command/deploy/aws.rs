//! The AWS account that the environment names, and what AWS says when it does not do something.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::ProvideCredentials as _;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use crate::failure::{Code, Failure, Result};
use crate::shown::shown;

/// An account whose credentials AWS takes.
pub(super) struct Account {
    pub(super) sdk: SdkConfig,
    pub(super) id: String,
    pub(super) region: String,
}

impl Account {
    /// Credentials come from where every AWS tool has them, and from nowhere else.
    pub(super) async fn open(region: Option<String>) -> Result<Self> {
        let loader = aws_config::defaults(BehaviorVersion::latest());
        let sdk = match region {
            Some(region) => loader.region(Region::new(region)).load().await,
            None => loader.load().await,
        };
        let region = sdk.region().map(|region| region.as_ref().to_owned());
        let region =
            region.ok_or_else(|| Failure::usage("no region is set: --region, AWS_REGION or a profile names it"))?;
        let found = match sdk.credentials_provider() {
            Some(provider) => provider.provide_credentials().await.is_ok(),
            None => false,
        };
        if !found {
            let words =
                "no AWS credentials were found: set AWS_PROFILE, or sign in with `aws sso login` or `aws configure`";
            return Err(Failure::new(Code::Failed, words));
        }
        let asked = aws_sdk_sts::Client::new(&sdk).get_caller_identity().send().await;
        let id = asked.map_err(|error| said("asking whose credentials these are", &region, &error))?.account;
        let id = id.ok_or_else(|| Failure::new(Code::Unreachable, "AWS does not say whose credentials these are"))?;
        Ok(Self { sdk, id, region })
    }
}

/// What AWS said, in one line.
pub(super) fn said<E: ProvideErrorMetadata, R>(doing: &str, region: &str, error: &SdkError<E, R>) -> Failure {
    let unreachable = |words: String| Failure::new(Code::Unreachable, words);
    match error {
        SdkError::ServiceError(service) => {
            let (code, message) =
                (service.err().code().unwrap_or("an error"), service.err().message().unwrap_or_default());
            let hint = match code {
                "ExpiredToken" | "ExpiredTokenException" => "; sign in again, as with `aws sso login`",
                "InvalidClientTokenId"
                | "InvalidAccessKeyId"
                | "SignatureDoesNotMatch"
                | "UnrecognizedClientException" => {
                    "; these credentials are none that AWS takes, or the region is not enabled for the account"
                }
                "AccessDenied" | "AccessDeniedException" => "; these credentials may not do that",
                _ => "",
            };
            Failure::new(Code::Failed, format!("{doing}: AWS says {}: {}{hint}", shown(code), shown(message)))
        }
        SdkError::TimeoutError(_) => unreachable(format!("{doing}: AWS does not answer in {}", shown(region))),
        SdkError::DispatchFailure(_) => {
            unreachable(format!("{doing}: AWS cannot be reached in {}; is that the name of a region?", shown(region)))
        }
        _ => unreachable(format!("{doing}: this does not answer like AWS")),
    }
}
