//! The services that these tests speak to, and a place of its own in them for each test.

use std::sync::atomic::{AtomicU32, Ordering};

use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_dynamodb::types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType};
use aws_sdk_s3::error::ProvideErrorMetadata as _;
use imegha_cloud::backend::aws::{Aws, AwsConfig};
use imegha_cloud::schema::CloudSchema;
use imegha_crypto::Id;
use tokio::sync::OnceCell;
use url::Url;

/// Where S3 and DynamoDB are, and a bucket and a table in them.
pub(crate) struct Peers {
    pub(crate) s3: Url,
    pub(crate) dynamodb: Url,
    pub(crate) bucket: String,
    pub(crate) table: String,
}

/// The services, with a bucket and a table that are there.
pub(crate) async fn peers() -> &'static Peers {
    static PEERS: OnceCell<Peers> = OnceCell::const_new();
    PEERS
        .get_or_init(|| async {
            let peers = Peers::from_env();
            let s3 = s3_client(&peers).await;
            create_bucket(&s3, &peers.bucket).await;
            create_table(&dynamodb_client(&peers).await, &peers.table).await;
            peers
        })
        .await
}

/// An empty cloud that no other test sees.
pub(crate) async fn new_cloud() -> Aws<CloudSchema> {
    new_cloud_with(&sdk().await).await
}

/// The same with another HTTP client, other credentials.
pub(crate) async fn new_cloud_with(sdk: &SdkConfig) -> Aws<CloudSchema> {
    let peers = peers().await;
    Aws::with_sdk(&peers.bucket, &peers.table, &new_config().await, sdk).unwrap()
}

/// The services, under a prefix that no other test has.
pub(crate) async fn new_config() -> AwsConfig {
    config().await.with_prefix(&new_prefix()).unwrap()
}

/// A prefix that no other test has.
pub(crate) fn new_prefix() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Of this run: the services may have been there before it.
    let run = &Id::generate().unwrap().to_string()[..12];
    format!("{run}-{}/", NEXT.fetch_add(1, Ordering::SeqCst))
}

pub(crate) async fn config() -> AwsConfig {
    let peers = peers().await;
    AwsConfig::default().with_s3_endpoint(peers.s3.clone()).with_dynamodb_endpoint(peers.dynamodb.clone())
}

/// Credentials and region of the environment.
pub(crate) async fn sdk() -> SdkConfig {
    aws_config::load_defaults(BehaviorVersion::latest()).await
}

/// S3 as an administrator sees it.
pub(crate) async fn s3_client(peers: &Peers) -> aws_sdk_s3::Client {
    let builder = aws_sdk_s3::config::Builder::from(&sdk().await);
    aws_sdk_s3::Client::from_conf(builder.endpoint_url(peers.s3.as_str()).force_path_style(true).build())
}

async fn dynamodb_client(peers: &Peers) -> aws_sdk_dynamodb::Client {
    let builder = aws_sdk_dynamodb::config::Builder::from(&sdk().await);
    aws_sdk_dynamodb::Client::from_conf(builder.endpoint_url(peers.dynamodb.as_str()).build())
}

/// Makes a bucket unless it is there.
pub(crate) async fn create_bucket(s3: &aws_sdk_s3::Client, bucket: &str) {
    if let Err(error) = s3.create_bucket().bucket(bucket).send().await {
        let there = matches!(error.code(), Some("BucketAlreadyOwnedByYou" | "BucketAlreadyExists"));
        assert!(there, "the bucket of the tests cannot be made: {error:?}");
    }
}

/// Makes a table unless it is there.
pub(crate) async fn create_table(dynamodb: &aws_sdk_dynamodb::Client, table: &str) {
    let mut creation = dynamodb.create_table().table_name(table).billing_mode(BillingMode::PayPerRequest);
    for (name, key) in [("pk", KeyType::Hash), ("sk", KeyType::Range)] {
        let attribute = AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::B);
        let element = KeySchemaElement::builder().attribute_name(name).key_type(key);
        creation = creation.attribute_definitions(attribute.build().unwrap()).key_schema(element.build().unwrap());
    }
    if let Err(error) = creation.send().await {
        assert_eq!(error.code(), Some("ResourceInUseException"), "the table of the tests cannot be made: {error:?}");
    }
    for _ in 0..120 {
        let described = dynamodb.describe_table().table_name(table).send().await.unwrap();
        if described.table().and_then(|table| table.table_status()).is_some_and(|status| status.as_str() == "ACTIVE") {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
    panic!("the table of the tests does not become active");
}

impl Peers {
    fn from_env() -> Self {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let endpoint = |name| set(name).map(|value| value.parse().expect("an endpoint is a URL"));
        let (Some(s3), Some(dynamodb)) =
            (endpoint("IMEGHA_TEST_S3_ENDPOINT"), endpoint("IMEGHA_TEST_DYNAMODB_ENDPOINT"))
        else {
            panic!(
                "the tests of the backend `aws` speak to S3 and DynamoDB: `cargo xtask test --only aws` starts both and runs them, \
                 or point IMEGHA_TEST_S3_ENDPOINT and IMEGHA_TEST_DYNAMODB_ENDPOINT at others (CONTRIBUTING.md)"
            )
        };
        let named = |name| set(name).unwrap_or_else(|| "imegha-tests".to_owned());
        Self { s3, dynamodb, bucket: named("IMEGHA_TEST_S3_BUCKET"), table: named("IMEGHA_TEST_DYNAMODB_TABLE") }
    }
}
