//! TLS of the server's own: which certificate, and the one in use following the files that it comes from.

mod certificate;
mod self_signed;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum_server::tls_rustls::RustlsConfig;

use certificate::Certificate;
pub(crate) use certificate::Source;
pub(crate) use self_signed::SelfSigned;

/// The certificate that connections are answered with. Cheap to clone; every clone sees a renewed certificate.
#[derive(Clone)]
pub(crate) struct Tls {
    source: Source,
    config: RustlsConfig,
    /// What `config` was at first.
    opened: Arc<Certificate>,
}

impl Tls {
    /// Reads the certificate, or makes it.
    ///
    /// # Errors
    /// In words, for whoever started the server: a file that cannot be read, is no certificate or no key, or a key that is another
    /// certificate's.
    pub(crate) async fn open(source: Source) -> Result<Self> {
        let certificate = source.read()?;
        let config = source.config(&certificate).await?;
        if let Some(fingerprint) = &certificate.fingerprint {
            announce(fingerprint);
        }
        Ok(Self { source, config, opened: Arc::new(certificate) })
    }

    /// The rustls configuration that new connections get.
    pub(crate) fn config(&self) -> RustlsConfig {
        self.config.clone()
    }

    /// Takes a renewed certificate into use: within a minute of its files changing, at once on SIGHUP. A broken one is logged and
    /// the old one stays, since the two files of a renewal may be seen between one and the other.
    pub(crate) async fn follow(self) {
        self.follow_every(LOOK_EVERY).await;
    }

    /// The same, looking more often.
    pub(crate) async fn follow_every(self, look_every: Duration) {
        let mut every = tokio::time::interval(look_every);
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut hang_up = HangUp::listen();
        let mut seen = self.opened.clone();
        loop {
            tokio::select! {
                _ = every.tick() => {}
                () = hang_up.heard() => {}
            }
            let now = self.source.read();
            if now.as_ref().is_ok_and(|now| *now == *seen) {
                continue;
            }
            match self.take(now).await {
                Ok(certificate) => {
                    tracing::info!("the TLS certificate has changed; new connections get the new one");
                    seen = certificate.into();
                }
                Err(error) => tracing::warn!("the TLS certificate stays as it was: {error:#}"),
            }
        }
    }

    async fn take(&self, certificate: Result<Certificate>) -> Result<Certificate> {
        let certificate = certificate?;
        let config = self.source.config(&certificate).await?;
        self.config.reload_from_config(config.get_inner());
        if let Some(fingerprint) = &certificate.fingerprint {
            announce(fingerprint);
        }
        Ok(certificate)
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("source", &self.source).finish_non_exhaustive()
    }
}

impl Source {
    async fn config(&self, certificate: &Certificate) -> Result<RustlsConfig> {
        let config = certificate.pair.clone().into_config().await;
        config.with_context(|| format!("{self} cannot be used for TLS"))
    }
}

/// Says on the terminal how a person recognises the certificate that no authority vouches for.
fn announce(fingerprint: &str) {
    println!(
        "The certificate is self-signed: a browser warns of it once. It is this one if its SHA-256 fingerprint is"
    );
    println!("    {fingerprint}");
}

/// SIGHUP, where there is one.
struct HangUp {
    #[cfg(unix)]
    signal: Option<tokio::signal::unix::Signal>,
}

impl HangUp {
    fn listen() -> Self {
        Self {
            #[cfg(unix)]
            signal: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok(),
        }
    }

    async fn heard(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.signal {
            signal.recv().await;
            return;
        }
        std::future::pending().await
    }
}

const LOOK_EVERY: Duration = Duration::from_secs(60);
