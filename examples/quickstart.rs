//! Your own encrypted cloud in one program. Run it twice:
//!
//! ```text
//! cargo run -p imegha-examples --example quickstart     # signs up and stores a file
//! cargo run -p imegha-examples --example quickstart     # another process: reads it back with nothing but the password
//! ```
//!
//! Everything is in `./quickstart-data`: accounts, records, blobs. Look into it: there is no name and no content to be found.
#![forbid(unsafe_code)]

use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use imegha_cloud::backend::embedded::Embedded;
use imegha_cloud::clock::SystemClock;
use imegha_cloud::{BytesSource, Cloud, CloudKeys, Content, FileDevice, Store};
use imegha_examples::LocalPlatform;
use imegha_platform::client::{Account, SignUp, check_strength};

const EMAIL: &str = "ada@example.com";
const PASSWORD: &str = "quartz meadow sings twice";

#[tokio::main]
async fn main() -> Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "quickstart-data".into());
    let folder = Path::new(&folder);
    if folder.exists() { read_back(folder).await } else { sign_up_and_store(folder).await }
}

async fn sign_up_and_store(folder: &Path) -> Result<()> {
    let platform = LocalPlatform::start(folder).await?;
    check_strength(PASSWORD, &[EMAIL, "ada"])?;

    // Every key is drawn and wrapped here, on the device. The platform gets the wraps.
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis().try_into()?;
    let sign_up = SignUp::prepare(EMAIL, "ada", PASSWORD, now_ms).await?;
    println!("Write this down, it is shown once:\n  {}", sign_up.phrase().words().collect::<Vec<_>>().join(" "));
    platform.client.sign_up(&sign_up, true, 1).await?;
    platform.client.confirm(&sign_up.account(), &platform.code().await?).await?;
    let account = platform.client.sign_in_first(&sign_up).await?.account;

    // With this in the cloud, the words and the storage are enough to open everything: see recovery.rs.
    let keys = keys(&account).with_recovery_wrap(sign_up.recovery_wrap().clone());
    let cloud = Cloud::create(keys, store(folder)?).await?;
    let photos = cloud.create_folder(&cloud.root(), "Photos").await?;
    let content = Content::new(BytesSource::new("the sea, seen from the tower")).mime("text/plain");
    let entry = cloud.upload(&photos.id, "sea.txt", content).await?;
    println!("Stored {} in {}: {} bytes, sealed. Run me again.", entry.name, photos.name, entry.size);
    Ok(())
}

async fn read_back(folder: &Path) -> Result<()> {
    let platform = LocalPlatform::start(folder).await?;
    let account = platform.client.sign_in(EMAIL, PASSWORD).await?.account;
    let cloud = Cloud::open(keys(&account), store(folder)?).await?;
    let photos = cloud.list(&cloud.root()).await?.pop().context("the folder is gone")?;
    let file = cloud.list(&photos.id).await?.pop().context("the file is gone")?;
    let content = cloud.download(&file.id).await?.bytes().await?;
    println!("{}/{}: {}", photos.name, file.name, String::from_utf8(content)?);
    Ok(())
}

fn keys(account: &Account) -> CloudKeys {
    CloudKeys::new(account.id, account.dek.clone(), account.dek_epoch, account.identity.clone())
}

/// Where the bytes go: a folder of this machine. What the device remembers, so that it notices a rollback, lies beside it.
fn store(folder: &Path) -> Result<Store> {
    let Embedded { records, blobs } = Embedded::open(folder.join("cloud"))?;
    let device = FileDevice::new(folder.join("device"));
    Ok(Store {
        records: Arc::new(records),
        blobs: Arc::new(blobs),
        clock: Arc::new(SystemClock),
        device: Arc::new(device),
    })
}
