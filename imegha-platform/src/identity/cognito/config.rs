//! Which user pool, and how it is spoken to.

use std::fmt;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_cognitoidentityprovider::Client;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use base64ct::{Base64, Encoding as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use url::Url;
use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind, Result};

/// A user pool and the app client in it whose secret the platform has. The pool's region is in its id.
///
/// There are no credentials in it: they come from the default chain of [`aws-config`](https://docs.rs/aws-config) (environment, profile,
/// single sign-on, container, instance) and nowhere else.
#[derive(Clone)]
pub struct CognitoConfig {
    pub(super) pool: String,
    pub(super) client: String,
    client_secret: Zeroizing<String>,
    region: String,
    endpoint: Option<Url>,
    issuer: Option<String>,
    jwks: Option<Url>,
}

impl CognitoConfig {
    /// The pool of this id (`eu-north-1_AbCdEf123`), by the app client of that id and secret.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when one of them is not of its form.
    pub fn new(pool: &str, client: &str, client_secret: Zeroizing<String>) -> Result<Self> {
        let refused = |words| Err(Error::new(ErrorKind::Config, words));
        let words = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let region = match pool.split_once('_') {
            Some((region, name)) if words(name) && region.split('-').all(words) && pool.len() <= 55 => region,
            _ => return refused("not the id of a user pool: a region, an underscore and letters"),
        };
        if !words(client) || client.len() > 128 {
            return refused("not the id of an app client: letters and digits");
        }
        if client_secret.is_empty() {
            return refused("the app client has a secret, and it is not set");
        }
        Ok(Self {
            pool: pool.to_owned(),
            client: client.to_owned(),
            client_secret,
            region: region.to_owned(),
            endpoint: None,
            issuer: None,
            jwks: None,
        })
    }

    /// The same at another address that speaks Cognito's protocol.
    #[must_use]
    pub fn with_endpoint(mut self, endpoint: Url) -> Self {
        self.endpoint = Some(endpoint);
        self
    }

    /// The same with tokens of another issuer than AWS's own address of the pool.
    #[must_use]
    pub fn with_issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// The same with the keys of the tokens at another address than below the issuer.
    #[must_use]
    pub fn with_jwks(mut self, jwks: Url) -> Self {
        self.jwks = Some(jwks);
        self
    }

    /// What the default chain of `aws-config` gives. Reads files and may ask services of AWS.
    pub(super) async fn load(&self) -> SdkConfig {
        aws_config::defaults(BehaviorVersion::latest()).region(Region::new(self.region.clone())).load().await
    }

    pub(super) fn client(&self, sdk: &SdkConfig) -> Client {
        let mut builder = aws_sdk_cognitoidentityprovider::config::Builder::from(sdk)
            .region(Region::new(self.region.clone()))
            .retry_config(RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS))
            .timeout_config(
                TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(ATTEMPT).build(),
            );
        if let Some(endpoint) = &self.endpoint {
            builder = builder.endpoint_url(endpoint.as_str());
        }
        Client::from_conf(builder.build())
    }

    /// Who signs the tokens.
    pub(super) fn issuer(&self) -> String {
        let aws = || format!("https://cognito-idp.{}.amazonaws.com/{}", self.region, self.pool);
        self.issuer.clone().unwrap_or_else(aws)
    }

    /// Where the keys are that tokens are signed by.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when the issuer is no address.
    pub(super) fn jwks(&self) -> Result<Url> {
        match &self.jwks {
            Some(jwks) => Ok(jwks.clone()),
            None => Url::parse(&format!("{}/.well-known/jwks.json", self.issuer()))
                .map_err(|error| Error::with_source(ErrorKind::Config, "the tokens' issuer is not an address", error)),
        }
    }

    /// What proves to Cognito that a request comes from whoever has the app client's secret: HMAC-SHA256 (RFC 2104) over user name and
    /// client id.
    pub(super) fn secret_hash(&self, username: &str) -> String {
        let secret = self.client_secret.as_bytes();
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of every length");
        mac.update(username.as_bytes());
        mac.update(self.client.as_bytes());
        Base64::encode_string(&mac.finalize().into_bytes())
    }
}

impl fmt::Debug for CognitoConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CognitoConfig")
            .field("pool", &self.pool)
            .field("endpoint", &self.endpoint.as_ref().map(Url::as_str))
            .finish_non_exhaustive()
    }
}

const MAX_ATTEMPTS: u32 = 4;
const CONNECT: Duration = Duration::from_secs(5);
/// It hashes a password and may hand a mail over.
const ATTEMPT: Duration = Duration::from_secs(15);

#[cfg(test)]
mod tests {
    use super::*;

    fn config(pool: &str, client: &str, secret: &str) -> Result<CognitoConfig> {
        CognitoConfig::new(pool, client, Zeroizing::new(secret.to_owned()))
    }

    #[test]
    fn ids_have_their_form() {
        let good = config("eu-north-1_AbCdEf123", "7abcdefghijklmnopqrstuvwxy", "secret").unwrap();
        assert_eq!(good.issuer(), "https://cognito-idp.eu-north-1.amazonaws.com/eu-north-1_AbCdEf123");
        assert_eq!(good.jwks().unwrap().as_str(), format!("{}/.well-known/jwks.json", good.issuer()));
        for pool in ["", "eu-north-1", "eu-north-1_", "_AbC", "eu-north-1_A/..", "eu--1_A", "https://a_b"] {
            assert_eq!(config(pool, "a", "secret").unwrap_err().kind(), ErrorKind::Config, "{pool}");
        }
        assert!(config("eu-north-1_A", "a b", "secret").is_err() && config("eu-north-1_A", "", "secret").is_err());
        assert!(config("eu-north-1_A", "a", "").is_err());
    }

    #[test]
    fn the_secret_is_not_shown() {
        let config = config("eu-north-1_AbCdEf123", "client", "verysecret").unwrap();
        assert!(!format!("{config:?}").contains("verysecret"));
    }

    /// The value is OpenSSL's: `printf userclient | openssl dgst -sha256 -hmac secret -binary | base64`.
    #[test]
    fn the_secret_hash_is_an_hmac() {
        let config = config("eu-north-1_AbCdEf123", "client", "secret").unwrap();
        assert_eq!(config.secret_hash("user"), "wvW87lzZoI+qQCVGmWVBJLlucdJ65huAVP1z+0MgA6E=");
        assert_ne!(config.secret_hash("userc"), config.secret_hash("user"));
    }
}
