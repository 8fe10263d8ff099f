//! Hosting the cloud of somebody whose keys one does not have.
//!
//! ```text
//! cargo run -p imegha-examples --example host_gateway
//! ```
//!
//! The host is told whose cloud it is: a public identity, which is no secret. It keeps sealed values, answers that owner's signed
//! requests, and has one 404 for everybody else. The owner's device checks that before it stores anything there. `imegha-gateway` is this as
//! a program, with TLS, limits and an orderly end; `hosted_router` serves many clouds at one address.
#![forbid(unsafe_code)]

use std::sync::Arc;

use anyhow::{Result, ensure};
use imegha_cloud::backend::embedded::Embedded;
use imegha_cloud::backend::remote::Remote;
use imegha_cloud::clock::SystemClock;
use imegha_cloud::gateway::{Gateway, GatewayOptions, router};
use imegha_cloud::protocol::OwnerText;
use imegha_cloud::{BytesSource, Cloud, CloudKeys, Connected, Content, ErrorKind, MemoryDevice};
use imegha_crypto::{Dek, Id, Identity};
use url::Url;

#[tokio::main]
async fn main() -> Result<()> {
    let identity = Arc::new(Identity::generate()?);
    // What the owner gives the host, by mail or on paper.
    let owner = OwnerText::from(identity.public()).to_string();
    let folder = std::env::temp_dir().join(format!("imegha-{}", Id::generate()?));
    let address = host(&owner, &folder).await?;

    // The owner, on a device of their own.
    let keys = CloudKeys::new(Id::generate()?, Dek::generate()?, 1, identity.clone());
    let (clock, device) = (Arc::new(SystemClock), Arc::new(MemoryDevice::new()));
    let connected = Cloud::connect(address.clone(), identity.fingerprint(), keys, clock.clone(), device).await?;
    let Connected { cloud, created } = connected;
    ensure!(created, "the folder was new");
    let content = Content::new(BytesSource::new("the sea, seen from the tower"));
    let file = cloud.upload(&cloud.root(), "sea.txt", content).await?;
    println!("stored {} bytes at {address}", file.size);

    // Somebody else, to whom there is nothing there.
    let stranger = Arc::new(Identity::generate()?);
    let refused = Remote::new(address, stranger.clone(), stranger.fingerprint(), clock)?.check_owner().await;
    ensure!(refused.is_err_and(|error| error.kind() == ErrorKind::Denied), "a stranger was served");

    // And the host, who looks into every file of the folder.
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(&folder)?.flatten().filter(|entry| entry.path().is_file()) {
        bytes.extend(std::fs::read(entry.path())?);
    }
    let text = String::from_utf8_lossy(&bytes);
    ensure!(!bytes.is_empty() && !text.contains("sea.txt") && !text.contains("the tower"), "something lies open");
    println!("the host finds neither name nor content in {} bytes", bytes.len());
    Ok(std::fs::remove_dir_all(folder)?)
}

/// What the host runs: two stores, whose they are, and the address that requests are signed for.
async fn host(owner: &str, folder: &std::path::Path) -> Result<Url> {
    let owner: OwnerText = owner.parse()?;
    let Embedded { records, blobs } = Embedded::open(folder)?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    // On this machine alone; anywhere else it is https, and so `https://your.host`.
    let address: Url = format!("http://{}", listener.local_addr()?).parse()?;
    let options = GatewayOptions::new(&address)?;
    let gateway = Gateway::new(Arc::new(records), Arc::new(blobs), owner.into_identity(), options);
    tokio::spawn(async move { axum::serve(listener, router(gateway)).await });
    Ok(address)
}
