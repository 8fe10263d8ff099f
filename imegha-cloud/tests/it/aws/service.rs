//! Services of AWS that no SDK is here for: requests to them, signed.

use std::time::SystemTime;

use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use url::Url;

use super::peers::sdk;

/// Where stacks are made, and what they are made of.
pub(crate) struct Service {
    pub(crate) endpoint: Url,
    pub(crate) sdk: SdkConfig,
}

impl Service {
    pub(crate) async fn new() -> Self {
        let endpoint = std::env::var(ENDPOINT).ok().and_then(|endpoint| endpoint.parse().ok());
        let endpoint = endpoint.unwrap_or_else(|| panic!("{ENDPOINT} says where stacks are made (CONTRIBUTING.md)"));
        Self { endpoint, sdk: sdk().await }
    }

    pub(crate) fn s3(&self) -> aws_sdk_s3::Client {
        let builder = aws_sdk_s3::config::Builder::from(&self.sdk);
        aws_sdk_s3::Client::from_conf(builder.endpoint_url(self.endpoint.as_str()).force_path_style(true).build())
    }

    pub(crate) fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        let builder = aws_sdk_dynamodb::config::Builder::from(&self.sdk);
        aws_sdk_dynamodb::Client::from_conf(builder.endpoint_url(self.endpoint.as_str()).build())
    }

    /// The status and the text that a request gets, which is signed for the service of that name.
    pub(crate) async fn send(
        &self,
        service: &str,
        method: &'static str,
        path: &str,
        kind: &'static str,
        body: Vec<u8>,
    ) -> (u16, String) {
        let url = self.endpoint.join(path).unwrap();
        let mut request =
            http::Request::builder().method(method).uri(url.as_str()).header("content-type", kind).body(body).unwrap();
        let credentials = self.sdk.credentials_provider().unwrap().provide_credentials().await.unwrap().into();
        let settings = v4::SigningParams::builder()
            .identity(&credentials)
            .region(self.sdk.region().unwrap().as_ref())
            .name(service)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .unwrap()
            .into();
        let headers = [("content-type", kind)].into_iter();
        let signable = SignableRequest::new(method, url.as_str(), headers, SignableBody::Bytes(request.body()));
        let (instructions, _) = sign(signable.unwrap(), &settings).unwrap().into_parts();
        instructions.apply_to_request_http1x(&mut request);
        let answer = reqwest::Client::new().execute(request.try_into().unwrap()).await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

const ENDPOINT: &str = "IMEGHA_TEST_CLOUDFORMATION_ENDPOINT";
