//! A cloud in an AWS account of one's own, without any server of ours between.
//!
//! ```text
//! IMEGHA_BUCKET=my-bucket IMEGHA_TABLE=my-table cargo run -p imegha-examples --example own_account
//! ```
//!
//! Credentials and region come from where every AWS tool has them. `IMEGHA_S3_ENDPOINT` and `IMEGHA_DYNAMODB_ENDPOINT` point it at whatever
//! else speaks the two protocols: SeaweedFS and dynoxide, MiniStack. The bucket needs nothing, the table the binary keys `pk` and `sk`.
//!
//! What is worth seeing: the program names neither service behind `open`. A cloud is the same on a folder, on two services, behind a
//! gateway; another backend is another two values in a `Store`.
#![forbid(unsafe_code)]

use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use imegha_cloud::backend::RecordStore;
use imegha_cloud::backend::aws::{Aws, AwsConfig};
use imegha_cloud::clock::SystemClock;
use imegha_cloud::schema::CloudSchema;
use imegha_cloud::{BytesSource, Cloud, CloudKeys, Content, Depth, MemoryDevice, PriceList, Requests, Store};
use imegha_crypto::{Dek, Id, Identity};

#[tokio::main]
async fn main() -> Result<()> {
    // Of an account these come from signing in: see quickstart.rs. Whoever loses them has nothing.
    let keys = CloudKeys::new(Id::generate()?, Dek::generate()?, 1, Arc::new(Identity::generate()?));
    let cloud = Cloud::create(keys.clone(), store().await?).await?;

    // Of 20 MB three parts are sent, each behind the one before it in memory; S3 joins them.
    let film = vec![7; 20_000_000];
    let entry = cloud.upload(&cloud.root(), "film.bin", Content::new(BytesSource::new(film.clone()))).await?;

    // Another device: the same keys, no memory. It reads the log to its signed head before it believes anything.
    let elsewhere = Cloud::open(keys, store().await?).await?;
    let read = elsewhere.download(&entry.id).await?.bytes().await?;
    ensure!(read == film, "what was read is not what was stored");
    let report = elsewhere.verify(Depth::Quick).await?;
    ensure!(report.problems.is_empty(), "something is not as it should be: {:?}", report.problems);

    let usage = elsewhere.usage().await?;
    let month = usage.estimate(&PriceList::AWS_2025, &Requests::default()).total();
    println!("{} objects with {} bytes in the bucket", report.objects, report.bytes);
    println!("a month of that costs about {} millionths of a dollar", month.0);
    Ok(())
}

/// The account's bucket and table, as a device sees them that has seen nothing yet.
async fn store() -> Result<Store> {
    let named = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let bucket = named("IMEGHA_BUCKET").context("IMEGHA_BUCKET names the bucket")?;
    let table = named("IMEGHA_TABLE").context("IMEGHA_TABLE names the table")?;
    let mut config = AwsConfig::default();
    if let Some(prefix) = named("IMEGHA_PREFIX") {
        // Several clouds in one bucket and one table.
        config = config.with_prefix(&prefix)?;
    }
    if let Some(endpoint) = named("IMEGHA_S3_ENDPOINT") {
        config = config.with_s3_endpoint(endpoint.parse()?);
    }
    if let Some(endpoint) = named("IMEGHA_DYNAMODB_ENDPOINT") {
        config = config.with_dynamodb_endpoint(endpoint.parse()?);
    }
    let Aws { records, blobs } = Aws::open(&bucket, &table, &config).await?;
    let records: Arc<dyn RecordStore<CloudSchema>> = Arc::new(records);
    Ok(Store { records, blobs: Arc::new(blobs), clock: Arc::new(SystemClock), device: Arc::new(MemoryDevice::new()) })
}
