//! The server: the pages, the platform's API, and the clouds that it hosts.
//!
//! [`run`] reads the environment, opens what is under `IMEGHA_DATA`, and serves until it is told to stop.

mod assets;
mod clouds;
mod config;
mod data;
mod headers;
mod logging;
mod page;
mod platform;
mod router;
#[cfg(test)]
mod tests;

use std::future::IntoFuture as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use imegha_platform::mail::Mailer;
use tokio::net::TcpListener;
use tokio::sync::watch;

use assets::Assets;
use clouds::HostedClouds;
use config::Config;
use data::DataFolder;
use headers::Policy;
use page::Pages;
use router::Site;

/// Serves until Ctrl-C or SIGTERM, then finishes what it is answering.
///
/// # Errors
/// In words, for whoever started it: a variable that is wrong, a page that is not built, an address that is taken.
pub async fn run() -> Result<()> {
    logging::start();
    let config = Config::from_env()?;
    let data = DataFolder::open(&config.data)?;
    let site = open(&config, &data, platform::mailer(&config)?)?;
    let listener = TcpListener::bind(config.addr).await.with_context(|| {
        format!("{} cannot be listened on; another server may be running there (IMEGHA_ADDR)", config.addr)
    })?;
    announce(&config);
    let sweeping = tokio::spawn(platform::sweep(site.platform.clone()));
    let served = serve(listener, site, asked_to_stop()).await;
    sweeping.abort();
    served
}

/// Opens everything that is served.
fn open(config: &Config, data: &DataFolder, mailer: Arc<dyn Mailer>) -> Result<Site> {
    let assets = Assets::load(&config.site)?;
    let clouds = HostedClouds::new(data.clouds(), config.origin.as_str(), config.quota);
    let (platform, registry) = platform::open(config, data, Arc::new(clouds.clone()), mailer)?;
    let policy = Policy { secure: config.origin.is_secure() };
    let mail = if config.mail.is_some() { "smtp" } else { "terminal" };
    Ok(Site { pages: Pages::new(&assets, policy, mail), assets, policy, platform, registry, clouds })
}

/// Serves until it is asked to stop.
async fn serve(listener: TcpListener, site: Site, asked_to_stop: impl Future<Output = ()>) -> Result<()> {
    let (stop, mut stopped) = watch::channel(());
    // The platform's limits count by the peer's address.
    let service = router::router(site).into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service).with_graceful_shutdown(async move {
        let _ = stopped.changed().await;
    });
    let server = server.into_future();
    tokio::pin!(server);
    tokio::select! {
        ended = &mut server => ended.context("the server ended")?,
        () = asked_to_stop => {
            tracing::info!("stopping; what is being answered is finished first");
            let _ = stop.send(());
            if tokio::time::timeout(GRACE, server).await.is_err() {
                tracing::warn!("some connections did not end in time; they are cut");
            }
        }
    }
    Ok(())
}

/// Tells whoever started it where it is, on the terminal and not in the log.
fn announce(config: &Config) {
    println!("iMegha is at {}", config.origin.as_str());
    println!("Its data is in {}", config.data.display());
    if config.mail.is_none() {
        println!("No mail server is set (IMEGHA_SMTP_URL): the codes that would be mailed are printed here.");
    }
}

async fn asked_to_stop() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}

/// How long open connections may go on after the server was told to stop.
const GRACE: Duration = Duration::from_secs(15);
