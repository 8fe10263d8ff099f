//! Serving, from the settings until it is told to stop.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use imegha_cloud::gateway::{BodyBudget, Gateway, GatewayOptions};
use imegha_cloud::serving::{PemPair, TlsAcceptor, asked_to_stop, serve};
use url::Url;

use crate::address::public_address;
use crate::arguments::Settings;
use crate::readiness::Readiness;
use crate::routes::routes;
use crate::stores::{self, Stores};

/// Serves until Ctrl-C or SIGTERM, then finishes what it is answering.
///
/// # Errors
/// In words, for whoever started it.
pub(crate) async fn run(settings: Settings) -> Result<()> {
    let Settings { owner, listen, address, tls_cert, tls_key, body_budget, storage } = settings;
    let stop = asked_to_stop();
    let pair = match (&tls_cert, &tls_key) {
        (Some(chain), Some(key)) => Some(PemPair::read((chain, "--tls-cert"), (key, "--tls-key"))?),
        _ => None,
    };
    let listener = TcpListener::bind(listen)
        .with_context(|| format!("{listen} cannot be listened on; another server may be running there (--listen)"))?;
    let address = public_address(address, listener.local_addr()?, pair.is_some())?;
    let options = GatewayOptions::new(&address).context("--address should be https://host, with or without a path")?;
    let tls = match pair {
        Some(pair) => Some(acceptor(pair, tls_cert.as_deref(), &address).await?),
        None => None,
    };

    let Stores { records, blobs, direct } = stores::open(storage).await?;
    let mut options = options.with_body_budget(BodyBudget::new(body_budget));
    if let Some((presign, from_len)) = direct {
        options = options.with_direct(presign, from_len);
    }
    let gateway = Gateway::new(records, blobs, owner.into_identity(), options);
    let readiness = Arc::new(Readiness::new(gateway.clone()));
    readiness.at_start().await?;

    let router = routes(gateway, address.path(), readiness);
    // On the terminal, not in the log, and read by whoever started it on a port that was free.
    println!("imegha-gateway is at {}", address.as_str().trim_end_matches('/'));
    serve(listener, router, tls, stop).await.context("the server ended")
}

async fn acceptor(pair: PemPair, chain: Option<&Path>, address: &Url) -> Result<TlsAcceptor> {
    let config = pair.into_config().await.with_context(|| {
        let chain = chain.unwrap_or(Path::new("--tls-cert")).display();
        format!("the certificate in {chain} cannot be used with that key (is the key that certificate's?)")
    })?;
    Ok(TlsAcceptor::new(config, &address.origin().ascii_serialization()))
}
