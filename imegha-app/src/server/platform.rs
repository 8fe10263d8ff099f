//! The platform of this server: accounts in one SQLite file, codes by mail or on the terminal.

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
use super::data::DataFolder;
use super::push::PushConfig;

/// Opens the platform, and the registry that it keeps its accounts in.
///
/// # Errors
/// When what is under the data folder cannot be opened.
pub(crate) fn open(
    config: &Config,
    data: &DataFolder,
    host: Option<Arc<dyn CloudHost>>,
    mailer: Arc<dyn Mailer>,
) -> Result<(PlatformServer, Registry)> {
    let path = data.registry();
    let store = EmbeddedRecords::<PlatformSchema>::open(&path)
        .with_context(|| format!("the accounts in {} cannot be opened", path.display()))?;
    let secret = data.secret();
    let secret = ServerSecret::load_or_create(&secret).with_context(|| format!("{}", secret.display()))?;
    let parts =
        ServerParts::embedded(Arc::new(store), Arc::new(SystemClock), secret, mailer, EmbeddedOptions::default());
    let mut options = ServerOptions::new(config.origin.as_str().parse().context("IMEGHA_ORIGIN cannot be used")?);
    options.proxies = config.proxies;
    let registry = parts.registry.clone();
    let push = config.push.as_ref().map(PushConfig::open).transpose()?;
    Ok((PlatformServer::new(ServerParts { host, push, ..parts }, options)?, registry))
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
pub(crate) fn mailer(config: &Config) -> Result<Arc<dyn Mailer>> {
    Ok(match &config.mail {
        None => Arc::new(TerminalMailer),
        // Neither of the two stands in the error: the address may hold a password.
        Some(mail) => Arc::new(SmtpMailer::new(&mail.url, &mail.from).context("IMEGHA_SMTP_URL or IMEGHA_MAIL_FROM")?),
    })
}

const SWEEP_EVERY: Duration = Duration::from_secs(5 * 60);
