//! The same account from outside the browser: what Chromium wrote, opened by the SDK, and the other way round.
//!
//! ```text
//! interop read  --data imegha-data --email ada@example.com --out downloads            # IMEGHA_PASSWORD; the server is stopped
//! interop write --origin http://127.0.0.1:3000 --email ada@example.com FILE...        # IMEGHA_PASSWORD; the server runs
//! ```
//!
//! `read` needs no server: with the data folder and the password alone it opens the account's hosted cloud and writes every file to `--out`. It
//! is what somebody does whose host is gone. `write` signs in over HTTP and uploads through the owner's gateway.
#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use imegha_cloud::backend::embedded::Embedded;
use imegha_cloud::backend::remote::{Remote, RemoteBlobs, RemoteRecords};
use imegha_cloud::clock::SystemClock;
use imegha_cloud::{Cloud, CloudKeys, Content, FileSource, MemoryDevice, Store, ToDisk};
use imegha_examples::LocalPlatform;
use imegha_platform::client::{Account, Platform};

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Opens a data folder without its server and writes every file of an account to a folder.
    Read {
        /// The data folder of a server that does not run.
        #[arg(long)]
        data: PathBuf,
        /// The account's address.
        #[arg(long)]
        email: String,
        /// Where the files go.
        #[arg(long)]
        out: PathBuf,
    },
    /// Uploads files through the account's gateway.
    Write {
        /// The address of the platform.
        #[arg(long)]
        origin: url::Url,
        /// The account's address.
        #[arg(long)]
        email: String,
        /// The files.
        files: Vec<PathBuf>,
    },
}

#[tokio::main]
async fn main() -> Result<()> {
    // Not an argument: other users of a machine see those.
    let password = std::env::var("IMEGHA_PASSWORD").context("the password goes into IMEGHA_PASSWORD")?;
    match Arguments::parse().command {
        Command::Read { data, email, out } => read(&data, &email, &password, &out).await,
        Command::Write { origin, email, files } => write(origin, &email, &password, &files).await,
    }
}

async fn read(data: &Path, email: &str, password: &str, out: &Path) -> Result<()> {
    let platform = LocalPlatform::start(data).await?;
    let account = platform.client.sign_in(email, password).await?.account;
    let folder = data.join("clouds").join(account.history.first().fingerprint().to_string());
    let Embedded { records, blobs } = Embedded::open(&folder)?;
    let store = Store {
        records: Arc::new(records),
        blobs: Arc::new(blobs),
        clock: Arc::new(SystemClock),
        device: Arc::new(MemoryDevice::new()),
    };
    let cloud = Cloud::open(keys(&account)?, store).await?;
    std::fs::create_dir_all(out)?;
    for file in cloud.list(&cloud.root()).await?.iter().filter(|entry| !entry.is_folder()) {
        // A name is sealed text of whoever uploaded it: it has no separator, and here it must not begin with a dot either.
        anyhow::ensure!(!file.name.starts_with('.'), "a file whose name begins with a dot is left out");
        cloud.download_to_path(&file.id, out.join(&file.name), ToDisk::new().overwrite()).await?;
        println!("{} {}", file.sha256.context("a file has a hash")?, file.name);
    }
    Ok(())
}

async fn write(origin: url::Url, email: &str, password: &str, files: &[PathBuf]) -> Result<()> {
    let account = Platform::new(origin)?.sign_in(email, password).await?.account;
    let gateway = account.gateway.clone().context("this account has no cloud yet")?;
    let owner = account.history.first().fingerprint();
    let remote = Remote::new(gateway.url, account.identity.clone(), owner, Arc::new(SystemClock))?;
    let store = Store {
        records: Arc::new(RemoteRecords::new(remote.clone())),
        blobs: Arc::new(RemoteBlobs::new(remote)),
        clock: Arc::new(SystemClock),
        device: Arc::new(MemoryDevice::new()),
    };
    let cloud = Cloud::open(keys(&account)?, store).await?;
    for path in files {
        let name = path.file_name().and_then(|name| name.to_str()).context("a file needs a name in Unicode")?;
        let content = Content::new(FileSource::open(path).await?);
        let entry = cloud.upload(&cloud.root(), name, content).await?;
        println!("{} {}", entry.sha256.context("a file has a hash")?, entry.name);
    }
    Ok(())
}

/// The account's keys, for the cloud that the account names and no other.
fn keys(account: &Account) -> Result<CloudKeys> {
    let keys = CloudKeys::new(account.id, account.dek.clone(), account.dek_epoch, account.identity.clone());
    let gateway = account.gateway.as_ref().context("this account has no cloud yet")?;
    Ok(keys.with_cloud(gateway.cloud))
}
