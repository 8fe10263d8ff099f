//! Storage in an AWS account: objects in a bucket of S3, records in a table of DynamoDB. Or in whatever speaks their
//! protocols: any endpoint will do.
//!
//! ```no_run
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> imegha_cloud::Result<()> {
//! use imegha_cloud::backend::BlobStore as _;
//! use imegha_cloud::backend::aws::{Aws, AwsConfig};
//! use imegha_cloud::schema::CloudSchema;
//!
//! // Region and credentials are those of the environment, of a profile, of the machine's role.
//! let Aws { records, blobs } = Aws::<CloudSchema>::open("my-bucket", "my-table", &AwsConfig::default()).await?;
//! assert!(blobs.list(None, 10).await?.is_empty());
//! # drop(records); Ok(()) }
//! ```
//!
//! The table has the binary keys `pk` and `sk`, and is best billed on demand; the bucket may be versioned. Opening asks
//! nothing of either. What a request needs: `s3:PutObject`, `s3:GetObject`, `s3:DeleteObject`, `s3:AbortMultipartUpload`,
//! `s3:ListMultipartUploadParts` on the objects, `s3:ListBucket` and `s3:ListBucketMultipartUploads` on the bucket, of a
//! versioned one also `s3:ListBucketVersions` and `s3:DeleteObjectVersion`; `dynamodb:GetItem`, `BatchGetItem`, `Query`, `PutItem`,
//! `DeleteItem` and `ConditionCheckItem` on the table.
//!
//! # Failures
//!
//! What may be tried again is, up to five times in all, with random pauses: timeouts, cut connections, 5xx answers,
//! throttling, transactions that met others. [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable) after that leaves
//! open whether a write happened. A missing bucket or table and a wrong region are `Backend`, expired and refused
//! credentials `Denied`; each says so in words.
//!
//! # Limits
//!
//! Those of the traits, which are those of the services:
//! [multipart uploads](https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html),
//! [conditional writes](https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html),
//! [items, keys and transactions](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html).

mod blobs;
mod config;
mod error;
mod item;
mod presign;
mod records;
mod retries;
mod upload;

use aws_config::SdkConfig;

pub use blobs::AwsBlobs;
pub use config::AwsConfig;
pub use records::AwsRecords;

use crate::backend::Schema;
use crate::error::Result;

/// Both stores of a cloud: a table and a bucket.
#[derive(Clone, Debug)]
pub struct Aws<S: Schema> {
    /// The records.
    pub records: AwsRecords<S>,
    /// The objects.
    pub blobs: AwsBlobs,
}

impl<S: Schema> Aws<S> {
    /// The cloud in `bucket` and `table`, with the credentials of the default chain. Asks nothing of either yet.
    ///
    /// # Errors
    /// `Malformed` when no region is set.
    pub async fn open(bucket: &str, table: &str, config: &AwsConfig) -> Result<Self> {
        Self::with_sdk(bucket, table, config, &config.load().await)
    }

    /// The same with credentials, HTTP client and whatever else `sdk` says, but for retries and timeouts.
    ///
    /// # Errors
    /// `Malformed` when no region is set.
    pub fn with_sdk(bucket: &str, table: &str, config: &AwsConfig, sdk: &SdkConfig) -> Result<Self> {
        let blobs = AwsBlobs::with_sdk(bucket, config, sdk)?;
        Ok(Self { records: AwsRecords::with_sdk(table, config, sdk)?, blobs })
    }
}
