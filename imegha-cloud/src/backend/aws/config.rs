//! Where the two services are, and how they are spoken to.

use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::{RequestChecksumCalculation, ResponseChecksumValidation};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use url::Url;

use super::retries::{BusyRecords, RacedPut};
use crate::error::{Error, ErrorKind, Result};

/// Where S3 and DynamoDB are. The default is AWS itself, in the region that the environment or the profile names.
///
/// There are no credentials in it: they come from the default chain of
/// [`aws-config`](https://docs.rs/aws-config) (environment, profile, single sign-on, container, instance) and nowhere else.
#[derive(Clone, Debug, Default)]
pub struct AwsConfig {
    region: Option<Region>,
    s3_endpoint: Option<Url>,
    dynamodb_endpoint: Option<Url>,
    pub(super) prefix: String,
}

impl AwsConfig {
    /// The same in a region, whatever the environment says.
    #[must_use]
    pub fn with_region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(Region::new(region.into()));
        self
    }

    /// The same with objects at another address that speaks the protocol of S3. Buckets are then named in the path.
    #[must_use]
    pub fn with_s3_endpoint(mut self, endpoint: Url) -> Self {
        self.s3_endpoint = Some(endpoint);
        self
    }

    /// The same with records at another address that speaks the protocol of DynamoDB.
    #[must_use]
    pub fn with_dynamodb_endpoint(mut self, endpoint: Url) -> Self {
        self.dynamodb_endpoint = Some(endpoint);
        self
    }

    /// The same with `prefix` before the names of objects and before the partitions of records, so that several clouds
    /// have one bucket and one table: at most 32 bytes of `a-z 0-9 - _ /`, the last of them `/`.
    ///
    /// # Errors
    /// `Malformed` for any other form.
    pub fn with_prefix(mut self, prefix: &str) -> Result<Self> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_/".contains(&byte);
        if prefix.len() > 32 || !prefix.ends_with('/') || !prefix.bytes().all(allowed) {
            return Err(Error::new(ErrorKind::Malformed, "not a prefix of names in a bucket and a table"));
        }
        prefix.clone_into(&mut self.prefix);
        Ok(self)
    }

    /// What the default chain of `aws-config` gives: credentials, region, proxies. Reads files and may ask services of AWS.
    pub(super) async fn load(&self) -> SdkConfig {
        let loader = aws_config::defaults(BehaviorVersion::latest());
        match &self.region {
            Some(region) => loader.region(region.clone()).load().await,
            None => loader.load().await,
        }
    }

    pub(super) fn s3(&self, sdk: &SdkConfig) -> Result<aws_sdk_s3::Client> {
        let mut builder = aws_sdk_s3::config::Builder::from(sdk)
            .region(self.region(sdk)?)
            .retry_config(retries(S3_FIRST_WAIT, S3_LONGEST_WAIT))
            .retry_classifier(RacedPut)
            .timeout_config(timeouts(S3_ATTEMPT))
            // What is sent from here names its checksum; what others send to an address that is signed here brings its own.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            // Whoever reads an object opens it, and every byte of it is authenticated by that.
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
        if let Some(endpoint) = &self.s3_endpoint {
            builder = builder.endpoint_url(endpoint.as_str()).force_path_style(true);
        }
        Ok(aws_sdk_s3::Client::from_conf(builder.build()))
    }

    pub(super) fn dynamodb(&self, sdk: &SdkConfig) -> Result<aws_sdk_dynamodb::Client> {
        let mut builder = aws_sdk_dynamodb::config::Builder::from(sdk)
            .region(self.region(sdk)?)
            .retry_config(retries(DYNAMODB_FIRST_WAIT, DYNAMODB_LONGEST_WAIT))
            .retry_classifier(BusyRecords)
            .timeout_config(timeouts(DYNAMODB_ATTEMPT));
        if let Some(endpoint) = &self.dynamodb_endpoint {
            builder = builder.endpoint_url(endpoint.as_str());
        }
        Ok(aws_sdk_dynamodb::Client::from_conf(builder.build()))
    }

    fn region(&self, sdk: &SdkConfig) -> Result<Region> {
        let region = self.region.clone().or_else(|| sdk.region().cloned());
        region.ok_or_else(|| Error::new(ErrorKind::Malformed, "no region is set: AWS_REGION or a profile names it"))
    }
}

/// Exponential pauses, each of a random part of its length.
fn retries(first: Duration, longest: Duration) -> RetryConfig {
    RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS).with_initial_backoff(first).with_max_backoff(longest)
}

fn timeouts(attempt: Duration) -> TimeoutConfig {
    TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(attempt).build()
}

const MAX_ATTEMPTS: u32 = 5;
const CONNECT: Duration = Duration::from_secs(5);

const S3_FIRST_WAIT: Duration = Duration::from_millis(200);
const S3_LONGEST_WAIT: Duration = Duration::from_secs(5);
/// Long enough for a part on a slow line. A stream that stands still is ended much sooner, by the SDK.
const S3_ATTEMPT: Duration = Duration::from_secs(600);

/// What AWS takes for its own SDKs: records answer within milliseconds.
const DYNAMODB_FIRST_WAIT: Duration = Duration::from_millis(50);
const DYNAMODB_LONGEST_WAIT: Duration = Duration::from_secs(2);
const DYNAMODB_ATTEMPT: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_has_one_form() {
        for prefix in ["a/", "photos-2/of_me/", "/", &format!("{}/", "x".repeat(31))] {
            assert_eq!(AwsConfig::default().with_prefix(prefix).unwrap().prefix, prefix);
        }
        for prefix in ["", "a", "A/", "é/", "a b/", "a/\0/", &format!("{}/", "x".repeat(32))] {
            assert_eq!(AwsConfig::default().with_prefix(prefix).unwrap_err().kind(), ErrorKind::Malformed);
        }
    }

    #[test]
    fn a_region_is_asked_for() {
        let sdk = SdkConfig::builder().behavior_version(BehaviorVersion::latest()).build();
        for refused in [AwsConfig::default().s3(&sdk).map(drop), AwsConfig::default().dynamodb(&sdk).map(drop)] {
            assert_eq!(refused.unwrap_err().kind(), ErrorKind::Malformed);
        }
        AwsConfig::default().with_region("eu-north-1").s3(&sdk).unwrap();
    }
}
