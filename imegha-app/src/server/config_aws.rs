//! The settings of a platform whose accounts are in an AWS account.

use anyhow::{Context as _, Result, bail, ensure};
use url::Url;
use zeroize::Zeroizing;

/// What `imegha-platform/deploy/platform.yaml` has made, and the platform's own secret. There are secrets in it: no `Debug`.
///
/// Credentials and all else of AWS come from where every tool of AWS has them; the region is the user pool's.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct AwsPlatform {
    /// `IMEGHA_COGNITO_POOL`: the stack's output `UserPool`.
    pub(crate) pool: String,
    /// `IMEGHA_COGNITO_CLIENT`: the stack's output `UserPoolClient`.
    pub(crate) client: String,
    /// `IMEGHA_COGNITO_SECRET`: that client's secret.
    pub(crate) client_secret: Zeroizing<String>,
    /// `IMEGHA_TABLE`: the stack's output `Table`.
    pub(crate) table: String,
    /// `IMEGHA_PLATFORM_SECRET`: 32 random bytes, the same for every instance and after every start.
    pub(crate) secret: Zeroizing<[u8; 32]>,
    /// `IMEGHA_COGNITO_ENDPOINT`: another server that speaks Cognito's protocol.
    pub(crate) cognito: Option<Url>,
    /// `IMEGHA_COGNITO_ISSUER`: who signs its tokens.
    pub(crate) issuer: Option<String>,
    /// `IMEGHA_COGNITO_JWKS`: where the keys of its tokens are.
    pub(crate) jwks: Option<Url>,
    /// `IMEGHA_DYNAMODB_ENDPOINT`: another server that speaks DynamoDB's protocol.
    pub(crate) dynamodb: Option<Url>,
}

impl AwsPlatform {
    /// Reads the environment through `variable`, which says what a variable is set to; `None` where the accounts are in the data folder.
    ///
    /// # Errors
    /// In words: which variable, and what it should be. What a secret is set to does not stand in them.
    pub(crate) fn from_variables(variable: &impl Fn(&str) -> Option<String>) -> Result<Option<Self>> {
        match variable("IMEGHA_PLATFORM").as_deref() {
            None | Some("embedded") => {
                for name in NEEDED {
                    ensure!(variable(name).is_none(), "{name} is set: set IMEGHA_PLATFORM=aws too");
                }
                return Ok(None);
            }
            Some("aws") => {}
            Some(text) => bail!("IMEGHA_PLATFORM is {text:?}; it should be embedded or aws"),
        }
        let needed = |name: &str| {
            variable(name).with_context(|| {
                format!(
                    "IMEGHA_PLATFORM is aws: set {name} too, see imegha-platform/RUNBOOK.md ({})",
                    NEEDED.join(", ")
                )
            })
        };
        let address = |name: &str| {
            let parsed = variable(name).map(|text| {
                let url = Url::parse(&text).ok().filter(|url| ["http", "https"].contains(&url.scheme()));
                url.with_context(|| format!("{name} is {text:?}; it should be an http or https address"))
            });
            parsed.transpose()
        };
        let mut secret = Zeroizing::new([0; 32]);
        hex::decode_to_slice(Zeroizing::new(needed("IMEGHA_PLATFORM_SECRET")?).as_str(), secret.as_mut_slice())
            .ok()
            .context("IMEGHA_PLATFORM_SECRET should be 64 hexadecimal digits: openssl rand -hex 32")?;
        Ok(Some(Self {
            pool: needed("IMEGHA_COGNITO_POOL")?,
            client: needed("IMEGHA_COGNITO_CLIENT")?,
            client_secret: Zeroizing::new(needed("IMEGHA_COGNITO_SECRET")?),
            table: needed("IMEGHA_TABLE")?,
            secret,
            cognito: address("IMEGHA_COGNITO_ENDPOINT")?,
            issuer: variable("IMEGHA_COGNITO_ISSUER"),
            jwks: address("IMEGHA_COGNITO_JWKS")?,
            dynamodb: address("IMEGHA_DYNAMODB_ENDPOINT")?,
        }))
    }

    /// The region in the pool's id.
    #[cfg(feature = "aws")]
    pub(crate) fn region(&self) -> &str {
        self.pool.split_once('_').map_or("", |(region, _)| region)
    }
}

const NEEDED: [&str; 5] =
    ["IMEGHA_COGNITO_POOL", "IMEGHA_COGNITO_CLIENT", "IMEGHA_COGNITO_SECRET", "IMEGHA_TABLE", "IMEGHA_PLATFORM_SECRET"];

/// All that is needed.
#[cfg(test)]
pub(crate) const COMPLETE: [(&str, &str); 6] = [
    ("IMEGHA_PLATFORM", "aws"),
    ("IMEGHA_COGNITO_POOL", "eu-north-1_AbCdEf123"),
    ("IMEGHA_COGNITO_CLIENT", "7abcdefghijklmnopqrstuvwxy"),
    ("IMEGHA_COGNITO_SECRET", "the-secret-of-the-client"),
    ("IMEGHA_TABLE", "imegha-platform-Table"),
    ("IMEGHA_PLATFORM_SECRET", "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Option<AwsPlatform>> {
        AwsPlatform::from_variables(&|name: &str| {
            variables.iter().rev().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    fn refusal(variables: &[(&str, &str)]) -> String {
        read(variables).err().expect("refused").to_string()
    }

    #[test]
    fn accounts_are_in_the_data_folder_unless_asked() {
        assert!(read(&[]).expect("none").is_none());
        assert!(read(&[("IMEGHA_PLATFORM", "embedded")]).expect("none").is_none());
        assert!(refusal(&[("IMEGHA_PLATFORM", "AWS")]).contains("embedded or aws"));
        for (name, value) in COMPLETE.into_iter().skip(1) {
            assert!(refusal(&[(name, value)]).contains("IMEGHA_PLATFORM=aws"), "{name}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let whole = read(&COMPLETE).expect("whole").expect("aws");
        assert_eq!((whole.pool.as_str(), whole.secret[1]), ("eu-north-1_AbCdEf123", 0x11));
        for (missing, _) in &COMPLETE[1..] {
            let rest: Vec<_> = COMPLETE.into_iter().filter(|(name, _)| name != missing).collect();
            assert!(refusal(&rest).contains(&format!("set {missing} too")), "{missing}");
        }
    }

    #[test]
    fn a_secret_does_not_stand_in_an_error() {
        for secret in ["", "0011", &"z".repeat(64), &"0".repeat(66)] {
            let set = [&COMPLETE[..], &[("IMEGHA_PLATFORM_SECRET", secret)]].concat();
            let said = refusal(&set);
            assert!(said.contains("64 hexadecimal digits") && (secret.is_empty() || !said.contains(secret)), "{said}");
        }
    }

    #[test]
    fn other_servers_have_addresses() {
        for name in ["IMEGHA_COGNITO_ENDPOINT", "IMEGHA_COGNITO_JWKS", "IMEGHA_DYNAMODB_ENDPOINT"] {
            let set = |value| [&COMPLETE[..], &[(name, value)]].concat();
            assert!(read(&set("http://127.0.0.1:4566")).is_ok());
            for value in ["127.0.0.1:4566", "file:///etc/passwd"] {
                assert!(refusal(&set(value)).contains(name), "{value}");
            }
        }
    }
}
