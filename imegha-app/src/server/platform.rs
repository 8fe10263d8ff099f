//! The platform of this server: accounts in one SQLite file, codes by mail or on the terminal; or both in an AWS account.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use imegha_cloud::backend::embedded::EmbeddedRecords;
use imegha_cloud::clock::SystemClock;
use imegha_crypto::Id;
use imegha_platform::identity::EmbeddedOptions;
use imegha_platform::mail::{Mailer, SmtpMailer, TerminalMailer};
use imegha_platform::registry::{PlatformSchema, Registry};
use imegha_platform::{CloudHost, PlatformServer, ServerOptions, ServerParts, ServerSecret};

use super::config::Config;
use super::config_aws::AwsPlatform;
use super::data::DataFolder;

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
    let registry = parts.registry.clone();
    Ok((PlatformServer::new(ServerParts { host, ..parts }, options)?, registry))
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

/// The parts of a platform in the data folder.
///
/// # Errors
/// When what is under the data folder cannot be opened.
pub(crate) fn embedded(data: &DataFolder, mailer: Arc<dyn Mailer>) -> Result<ServerParts> {
    let path = data.registry();
    let store = EmbeddedRecords::<PlatformSchema>::open(&path)
        .with_context(|| format!("the accounts in {} cannot be opened", path.display()))?;
    let secret = data.secret();
    let secret = ServerSecret::load_or_create(&secret).with_context(|| format!("{}", secret.display()))?;
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
    Ok(ServerParts { registry, identity: Arc::new(identity), secret, host: None })
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
