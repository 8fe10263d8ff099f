//! The set-up of a client of Apple's service.

use std::fmt;

use url::Url;
use zeroize::Zeroizing;

use super::unusable;
use crate::error::Result;

/// What a client of Apple's service needs: a key of the developer's account, and which app it is for.
#[derive(Clone)]
pub struct ApnsConfig {
    /// The signing key, as Apple gives it out: PEM of PKCS#8, an elliptic curve key on P-256.
    pub key_pem: Zeroizing<Vec<u8>>,
    /// The id of that key: ten letters and digits.
    pub key_id: String,
    /// The id of the developer's team: ten letters and digits.
    pub team_id: String,
    /// The app: its bundle id.
    pub topic: String,
    /// The service: [`ApnsConfig::PRODUCTION`], [`ApnsConfig::DEVELOPMENT`], or one's own.
    pub host: Url,
    /// The certificates (PEM) that the service's must come from; those of the web, where there are none.
    pub roots_pem: Option<Vec<u8>>,
}

impl ApnsConfig {
    /// For apps from the store and from TestFlight.
    pub const PRODUCTION: &str = "https://api.push.apple.com";
    /// For apps that a developer runs.
    pub const DEVELOPMENT: &str = "https://api.sandbox.push.apple.com";

    pub(super) fn checked_topic(&self) -> Result<&str> {
        let form = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        if self.topic.is_empty() || self.topic.len() > 155 || !self.topic.bytes().all(form) {
            return Err(unusable("the topic of notifications is the bundle id of an app"));
        }
        Ok(&self.topic)
    }

    pub(super) fn checked_ids(&self) -> Result<(&str, &str)> {
        let form = |id: &str| id.len() == 10 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !form(&self.key_id) || !form(&self.team_id) {
            return Err(unusable("the ids of a push key and of a team are ten letters and digits each"));
        }
        Ok((&self.key_id, &self.team_id))
    }

    /// Host and port.
    pub(super) fn checked_host(&self) -> Result<(String, u16)> {
        let host = self.host.host_str().filter(|_| self.host.scheme() == "https" && self.host.path() == "/");
        let bare = self.host.username().is_empty() && self.host.query().is_none() && self.host.fragment().is_none();
        match (host, self.host.port_or_known_default()) {
            (Some(host), Some(port)) if bare => Ok((host.trim_matches(['[', ']']).to_owned(), port)),
            _ => Err(unusable("a push service is at an https address without a path")),
        }
    }
}

/// Without the key.
impl fmt::Debug for ApnsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApnsConfig")
            .field("topic", &self.topic)
            .field("host", &self.host.as_str())
            .finish_non_exhaustive()
    }
}
