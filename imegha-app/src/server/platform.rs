//! The platform of this server: accounts in one SQLite file, codes by mail or on the terminal; or both in an AWS account.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use imegha_cloud::backend::embedded::EmbeddedRecords;
use imegha_cloud::clock::SystemClock;
use imegha_crypto::Id;
use imegha_platform::identity::EmbeddedOptions;
use imegha_platform::mail::{Mailer, SmtpMailer, TerminalMailer};
use imegha_platform::registry::{PlatformSchema, Registry};
use imegha_platform::{CloudHost, PlatformServer, ServerOptions, ServerParts, ServerSecret};

use super::config::Config;
use super::config_aws::AwsPlatform;
use super::data::{DataFolder, REGISTRY, SECRET};
use super::push::PushConfig;

/// The platform of these parts, and the registry that it keeps its accounts in.
///
/// # Errors
/// When the origin cannot be used.
pub(crate) fn open(
    config: &Config,
    parts: ServerParts,
    host: Option<Arc<dyn CloudHost>>,
) -> Result<(PlatformServer, Registry)> {
    let mut options = ServerOptions::new(config.origin.as_str().parse().context("IMEGHA_ORIGIN cannot be used")?);
    options.proxies = config.proxies;
    options.policy_version = config.policy.version;
    let registry = parts.registry.clone();
    let push = config.push.as_ref().map(PushConfig::open).transpose()?;
    Ok((PlatformServer::new(ServerParts { host, push, ..parts }, options)?, registry))
}

/// What the platform is made of, where the settings say that its accounts are.
///
/// # Errors
/// When that cannot be opened.
pub(crate) async fn parts(config: &Config, data: &DataFolder) -> Result<ServerParts> {
    match &config.aws {
        None => embedded(data, mailer(config)?),
        Some(aws) => in_aws(aws).await,
    }
}

/// The same beside a server that may run: nothing is made that is not there.
///
/// # Errors
/// When there is no platform.
pub(crate) async fn parts_to_read(config: &Config) -> Result<ServerParts> {
    if let Some(aws) = &config.aws {
        return in_aws(aws).await;
    }
    let (registry, secret) = (config.data.join(REGISTRY), config.data.join(SECRET));
    for path in [&registry, &secret] {
        ensure!(path.is_file(), "there are no accounts in {} (IMEGHA_DATA)", config.data.display());
    }
    over(&registry, &secret, Arc::new(TerminalMailer))
}

/// The parts of a platform in the data folder.
///
/// # Errors
/// When what is under the data folder cannot be opened.
pub(crate) fn embedded(data: &DataFolder, mailer: Arc<dyn Mailer>) -> Result<ServerParts> {
    over(&data.registry(), &data.secret(), mailer)
}

fn over(registry: &Path, secret: &Path, mailer: Arc<dyn Mailer>) -> Result<ServerParts> {
    let store = EmbeddedRecords::<PlatformSchema>::open(registry)
        .with_context(|| format!("the accounts in {} cannot be opened", registry.display()))?;
    let secret = ServerSecret::load_or_create(secret).with_context(|| format!("{}", secret.display()))?;
    Ok(ServerParts::embedded(Arc::new(store), Arc::new(SystemClock), secret, mailer, EmbeddedOptions::default()))
}

/// The parts of a platform in an AWS account. Pool, client, table and credentials are tried before anybody is served.
///
/// # Errors
/// In words: what of the set-up is wrong.
#[cfg(feature = "aws")]
pub(crate) async fn in_aws(aws: &AwsPlatform) -> Result<ServerParts> {
    use imegha_cloud::backend::aws::{AwsConfig, AwsRecords};
    use imegha_platform::identity::{CognitoConfig, CognitoIdentity};

    let mut pool = CognitoConfig::new(&aws.pool, &aws.client, aws.client_secret.clone())
        .context("IMEGHA_COGNITO_POOL, IMEGHA_COGNITO_CLIENT or IMEGHA_COGNITO_SECRET cannot be used")?;
    if let Some(endpoint) = &aws.cognito {
        pool = pool.with_endpoint(endpoint.clone());
    }
    if let Some(issuer) = &aws.issuer {
        pool = pool.with_issuer(issuer);
    }
    if let Some(jwks) = &aws.jwks {
        pool = pool.with_jwks(jwks.clone());
    }
    let mut records = AwsConfig::default().with_region(aws.region());
    if let Some(endpoint) = &aws.dynamodb {
        records = records.with_dynamodb_endpoint(endpoint.clone());
    }
    let records = Arc::new(AwsRecords::<PlatformSchema>::open(&aws.table, &records).await?);
    let (clock, secret) = (Arc::new(SystemClock), ServerSecret::from_bytes(*aws.secret));
    let identity = CognitoIdentity::open(pool, records.clone(), clock.clone(), secret.clone()).await?;
    identity.check().await.context("the user pool cannot be used (IMEGHA_COGNITO_POOL)")?;
    let registry = Registry::new(records, clock);
    registry.account(&Id::from_bytes([0; 16])).await.context("the accounts cannot be read (IMEGHA_TABLE)")?;
    Ok(ServerParts { registry, identity: Arc::new(identity), secret, host: None, push: None })
}

#[cfg(not(feature = "aws"))]
pub(crate) async fn in_aws(_: &AwsPlatform) -> Result<ServerParts> {
    anyhow::bail!("IMEGHA_PLATFORM is aws, and this program was built without it: build it with --features aws")
}

/// Whether the accounts can be read.
pub(crate) async fn is_ready(registry: &Registry) -> bool {
    registry.account(&Id::from_bytes([0; 16])).await.is_ok()
}

/// Removes what has ended by itself, for as long as the server runs.
pub(crate) async fn sweep(platform: PlatformServer) {
    let mut every = tokio::time::interval(SWEEP_EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        if let Err(error) = platform.sweep().await {
            tracing::warn!(?error, "what has ended could not be removed");
        }
    }
}

/// Who delivers the codes: the mail server, or the terminal.
///
/// # Errors
/// When the mail server's address or the sender's cannot be used.
fn mailer(config: &Config) -> Result<Arc<dyn Mailer>> {
    Ok(match &config.mail {
        None => Arc::new(TerminalMailer),
        // Neither of the two stands in the error: the address may hold a password.
        Some(mail) => Arc::new(SmtpMailer::new(&mail.url, &mail.from).context("IMEGHA_SMTP_URL or IMEGHA_MAIL_FROM")?),
    })
}

const SWEEP_EVERY: Duration = Duration::from_secs(5 * 60);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::config_aws::COMPLETE;

    fn aws(more: &[(&str, &str)]) -> Config {
        let variables = [&COMPLETE[..], more].concat();
        let config = Config::from_variables(|name| {
            variables.iter().rev().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        });
        config.expect("a config")
    }

    /// Before anybody is served, and without the secrets.
    #[tokio::test]
    async fn what_is_wrong_with_accounts_in_aws_is_told_at_the_start() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let data = DataFolder::open(root.path()).expect("opened");
        let nowhere = [("IMEGHA_COGNITO_ENDPOINT", "http://127.0.0.1:9")];
        for (config, said) in [
            (aws(&nowhere), if cfg!(feature = "aws") { "IMEGHA_COGNITO_POOL" } else { "--features aws" }),
            (
                aws(&[("IMEGHA_COGNITO_POOL", "a pool")]),
                if cfg!(feature = "aws") { "IMEGHA_COGNITO_POOL" } else { "--features aws" },
            ),
        ] {
            let error = format!("{:#}", parts(&config, &data).await.expect_err("refused"));
            assert!(error.contains(said) && !error.contains("the-secret-of-the-client"), "{error}");
        }
    }

    #[tokio::test]
    async fn who_only_reads_makes_nothing() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let path = root.path().join("data").display().to_string();
        let config = Config::from_variables(|name| (name == "IMEGHA_DATA").then(|| path.clone())).expect("a config");
        let error = parts_to_read(&config).await.expect_err("there is nothing");
        assert!(error.to_string().contains("no accounts"), "{error}");
        assert!(!config.data.exists());

        // Beside a server that has the folder.
        let data = DataFolder::open(&config.data).expect("opened");
        let running = embedded(&data, Arc::new(TerminalMailer)).expect("a platform");
        let email = imegha_crypto::Email::parse("nobody@example.com").expect("an address");
        let held = parts_to_read(&config).await.expect("beside it").everything_on(&email).await.expect("read");
        assert!(held.is_empty());
        drop(running);
    }
}
