//! Serving, from the environment until it is told to stop.

use std::net::TcpListener;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use imegha_cloud::serving::{self, TlsAcceptor, asked_to_stop};
use imegha_platform::{CloudHost, ServerParts};
use tokio::task::JoinHandle;

use super::assets::Assets;
use super::clouds::HostedClouds;
use super::config::Config;
use super::data::DataFolder;
use super::headers::Policy;
use super::metrics;
use super::page::Pages;
use super::platform;
use super::router::{Site, router};
use super::tls::Tls;

/// Serves until Ctrl-C or SIGTERM, then finishes what it is answering.
///
/// # Errors
/// In words, for whoever started it.
pub(crate) async fn run() -> Result<()> {
    let config = Config::from_env()?;
    let data = DataFolder::open(&config.data)?;
    let site = open(&config, &data, platform::parts(&config, &data).await?)?;
    let tls = match &config.tls {
        Some(source) => Some(Tls::open(source.clone()).await?),
        None => None,
    };
    let listener = TcpListener::bind(config.addr).with_context(|| {
        format!("{} cannot be listened on; another server may be running there (IMEGHA_ADDR)", config.addr)
    })?;
    let counting = start_counting(&config, &site)?;
    announce(&config);
    let sweeping = tokio::spawn(platform::sweep(site.platform.clone()));
    let following = tls.clone().map(|tls| tokio::spawn(tls.follow()));
    let served =
        serve(listener, site, tls.map(|tls| TlsAcceptor::new(tls.config(), config.origin.as_str())), asked_to_stop())
            .await;
    sweeping.abort();
    for task in following.into_iter().chain(counting) {
        task.abort();
    }
    served
}

/// Serves what is counted, where the settings say.
///
/// # Errors
/// When that address cannot be listened on.
pub(crate) fn start_counting(config: &Config, site: &Site) -> Result<Option<JoinHandle<()>>> {
    let listener = config.metrics.map(metrics::listen).transpose()?;
    Ok(listener.map(|listener| tokio::spawn(metrics::serve(listener, site.platform.clone()))))
}

/// Opens everything that is served.
pub(crate) fn open(config: &Config, data: &DataFolder, parts: ServerParts) -> Result<Site> {
    let assets = Assets::load(&config.site)?;
    let clouds = HostedClouds::new(data.clouds(), config.origin.as_str(), config.quota);
    // Where none are made any more, those that there are stay open to their owners.
    let host = config.hosts.then(|| Arc::new(clouds.clone()) as Arc<dyn CloudHost>);
    let (platform, registry) = platform::open(config, parts, host)?;
    let policy = Policy { secure: config.origin.is_secure() };
    let mail = if prints_codes(config) { "terminal" } else { "smtp" };
    let pages = Pages::new(&assets, policy, mail, config.public.as_ref(), config.policy.clone());
    Ok(Site { pages, assets, policy, platform, registry, clouds })
}

/// Serves until it is asked to stop; with `tls` nothing else is spoken.
pub(crate) async fn serve(
    listener: TcpListener,
    site: Site,
    tls: Option<TlsAcceptor>,
    asked_to_stop: impl Future<Output = ()>,
) -> Result<()> {
    let platform = site.platform.clone();
    let asked_to_stop = async move {
        asked_to_stop.await;
        // They would not end by themselves, and a server that stops waits for what it is answering.
        platform.end_events();
    };
    serving::serve(listener, router(site), tls, asked_to_stop).await.context("the server ended")
}

/// Tells whoever started it where it is, on the terminal and not in the log.
fn announce(config: &Config) {
    println!("iMegha is at {}", config.origin.as_str());
    println!("Its data is in {}", config.data.display());
    if config.aws.is_some() {
        println!("Its accounts are in AWS (IMEGHA_PLATFORM).");
    }
    if prints_codes(config) {
        println!("No mail server is set (IMEGHA_SMTP_URL): the codes that would be mailed are printed here.");
    }
}

/// Whether the codes that would be mailed are printed.
fn prints_codes(config: &Config) -> bool {
    config.mail.is_none() && config.aws.is_none()
}
