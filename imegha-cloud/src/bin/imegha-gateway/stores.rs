//! The two stores that the gateway stands before.

use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
#[cfg(feature = "aws")]
use imegha_cloud::backend::aws::{Aws, AwsConfig};
#[cfg(feature = "embedded")]
use imegha_cloud::backend::embedded::Embedded;
use imegha_cloud::backend::{BlobStore, Presign, RecordStore};
use imegha_cloud::schema::CloudSchema;

use crate::arguments::{Backend, Storage};

/// Records and objects, and what signs addresses of objects for bodies of so many bytes and more.
#[derive(Clone, Debug)]
pub(crate) struct Stores {
    pub(crate) records: Arc<dyn RecordStore<CloudSchema>>,
    pub(crate) blobs: Arc<dyn BlobStore>,
    pub(crate) direct: Option<(Arc<dyn Presign>, u64)>,
}

/// Opens the stores that the settings name.
///
/// # Errors
/// In words: a setting that is missing, one of another backend, a folder that cannot be opened or that another process has.
pub(crate) async fn open(storage: Storage) -> Result<Stores> {
    match storage.backend {
        Backend::Embedded => embedded(storage).await,
        Backend::Aws => aws(storage).await,
    }
}

#[cfg(feature = "embedded")]
async fn embedded(storage: Storage) -> Result<Stores> {
    let Storage { backend: _, data, bucket, table, prefix, region, s3_endpoint, direct_from, dynamodb_endpoint } =
        storage;
    let others = [
        ("--bucket", bucket.is_some()),
        ("--table", table.is_some()),
        ("--prefix", prefix.is_some()),
        ("--region", region.is_some()),
        ("--s3-endpoint", s3_endpoint.is_some()),
        ("--direct-from", direct_from.is_some()),
        ("--dynamodb-endpoint", dynamodb_endpoint.is_some()),
    ];
    if let Some((name, _)) = others.iter().find(|(_, is_set)| *is_set) {
        bail!("{name} is a setting of the backend aws: set --backend aws, or leave it out");
    }
    let folder = data.context("--data is not set: the folder that the cloud is kept in")?;
    let shown = folder.display().to_string();
    let opened = tokio::task::spawn_blocking(move || Embedded::open(folder)).await?;
    let Embedded { records, blobs } = opened.with_context(|| format!("the cloud in {shown} cannot be opened"))?;
    Ok(Stores { records: Arc::new(records), blobs: Arc::new(blobs), direct: None })
}

#[cfg(not(feature = "embedded"))]
async fn embedded(_: Storage) -> Result<Stores> {
    bail!("this gateway was built without the backend embedded: set --backend aws, or build it with the feature server")
}

#[cfg(feature = "aws")]
async fn aws(storage: Storage) -> Result<Stores> {
    let Storage { backend: _, data, bucket, table, prefix, region, s3_endpoint, direct_from, dynamodb_endpoint } =
        storage;
    if data.is_some() {
        bail!("--data is a setting of the backend embedded: leave it out");
    }
    let bucket = bucket.context("--bucket is not set: the bucket of S3 that the objects are kept in")?;
    let table = table.context("--table is not set: the table of DynamoDB that the records are kept in")?;
    let mut config = AwsConfig::default();
    if let Some(prefix) = prefix {
        config = config.with_prefix(&prefix).context("--prefix")?;
    }
    if let Some(region) = region {
        config = config.with_region(region);
    }
    if let Some(endpoint) = s3_endpoint {
        config = config.with_s3_endpoint(endpoint);
    }
    if let Some(endpoint) = dynamodb_endpoint {
        config = config.with_dynamodb_endpoint(endpoint);
    }
    let Aws { records, blobs } = Aws::open(&bucket, &table, &config).await?;
    let blobs = Arc::new(blobs);
    let direct = direct_from.map(|from_len| (blobs.clone() as Arc<dyn Presign>, from_len.get()));
    Ok(Stores { records: Arc::new(records), blobs, direct })
}

#[cfg(not(feature = "aws"))]
async fn aws(_: Storage) -> Result<Stores> {
    bail!("this gateway was built without the backend aws: build it with the features server and aws")
}
