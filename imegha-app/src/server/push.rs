//! Notifications on Apple's devices, where the operator has a key for them.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use imegha_cloud::clock::SystemClock;
use imegha_platform::push::{Apns, ApnsConfig, PushCarrier};
use url::Url;

/// What is set of the push service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PushConfig {
    /// `IMEGHA_APNS_KEY`: the file of the signing key.
    key: PathBuf,
    /// `IMEGHA_APNS_KEY_ID`.
    key_id: String,
    /// `IMEGHA_APNS_TEAM_ID`.
    team_id: String,
    /// `IMEGHA_APNS_TOPIC`: the bundle id of the app.
    topic: String,
    /// `IMEGHA_APNS_HOST`: Apple's for apps of the store, where it is not set.
    host: Url,
    /// `IMEGHA_APNS_ROOTS`: the file of the certificates that the service's must come from.
    roots: Option<PathBuf>,
}

impl PushConfig {
    /// Reads the variables: all of the first four, or none.
    ///
    /// # Errors
    /// In words: which variable, and what it should be.
    pub(crate) fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Self>> {
        let [key, key_id, team_id, topic] = match NAMES.map(&variable) {
            [Some(key), Some(key_id), Some(team_id), Some(topic)] => [key, key_id, team_id, topic],
            [None, None, None, None] => {
                for name in ["IMEGHA_APNS_HOST", "IMEGHA_APNS_ROOTS"] {
                    if variable(name).is_some() {
                        bail!("{name} is set: set {} too", NAMES.join(", "));
                    }
                }
                return Ok(None);
            }
            _ => bail!("{} are set together, or none is", NAMES.join(", ")),
        };
        let host = variable("IMEGHA_APNS_HOST").unwrap_or_else(|| ApnsConfig::PRODUCTION.to_owned());
        let host =
            host.parse().with_context(|| format!("IMEGHA_APNS_HOST is {host:?}; it should be an https address"))?;
        let roots = variable("IMEGHA_APNS_ROOTS").map(PathBuf::from);
        Ok(Some(Self { key: key.into(), key_id, team_id, topic, host, roots }))
    }

    /// The client of the service. Nothing is connected yet.
    ///
    /// # Errors
    /// In words: which variable, without anything of the key.
    pub(crate) fn open(&self) -> Result<Arc<dyn PushCarrier>> {
        let read = |name: &str, path: &PathBuf| {
            std::fs::read(path).with_context(|| format!("{name}: {} cannot be read", path.display()))
        };
        let config = ApnsConfig {
            key_pem: read("IMEGHA_APNS_KEY", &self.key)?.into(),
            key_id: self.key_id.clone(),
            team_id: self.team_id.clone(),
            topic: self.topic.clone(),
            host: self.host.clone(),
            roots_pem: self.roots.as_ref().map(|roots| read("IMEGHA_APNS_ROOTS", roots)).transpose()?,
        };
        let apns = Apns::new(&config, Arc::new(SystemClock)).context("IMEGHA_APNS_… cannot be used")?;
        Ok(Arc::new(apns))
    }
}

/// What is set together.
const NAMES: [&str; 4] = ["IMEGHA_APNS_KEY", "IMEGHA_APNS_KEY_ID", "IMEGHA_APNS_TEAM_ID", "IMEGHA_APNS_TOPIC"];

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [(&str, &str); 4] = [
        ("IMEGHA_APNS_KEY", "/nowhere/key.p8"),
        ("IMEGHA_APNS_KEY_ID", "ABC123DEFG"),
        ("IMEGHA_APNS_TEAM_ID", "DEF123GHIJ"),
        ("IMEGHA_APNS_TOPIC", "example.app"),
    ];

    fn config(variables: &[(&str, &str)]) -> Result<Option<PushConfig>> {
        PushConfig::from_variables(|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_push_service_is_all_there_or_none() {
        assert_eq!(config(&[]).expect("none"), None);
        let all = config(&ALL).expect("config").expect("a service");
        assert_eq!(all.host.as_str(), "https://api.push.apple.com/");
        for (left_out, _) in ALL {
            let rest: Vec<_> = ALL.into_iter().filter(|(name, _)| *name != left_out).collect();
            assert!(config(&rest).expect_err("refused").to_string().contains(left_out));
        }
        assert!(config(&[("IMEGHA_APNS_HOST", "https://a.example")]).is_err());
        assert!(config(&[&ALL[..], &[("IMEGHA_APNS_HOST", "here")]].concat()).is_err());
        let error = all.open().expect_err("no such file");
        assert!(error.to_string().contains("IMEGHA_APNS_KEY"), "{error}");
    }
}
