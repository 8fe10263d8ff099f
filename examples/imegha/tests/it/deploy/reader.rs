//! What the program stores is opened from the account by who has FORMAT.md, RECORDS.md and the words, and nothing of ours:
//! `imegha-cloud/tests/reader.py`.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType};
use imegha_cloud::backend::aws::{Aws, AwsConfig};
use imegha_crypto::Id;

use crate::person::{Person, content};
use crate::server::{Server, Stores};

#[test]
fn a_file_that_was_put_is_opened_from_the_bucket_by_the_formats_alone() {
    let place = Place::new();
    let server = Server::start_on(place.stores());
    let ada = Person::signed_in(&server);
    let mut expected = vec![("files/alone".to_owned(), content(70_000))];
    ada.file("alone", content(70_000));
    ada.run(&["put", "alone"]).ok();
    // A folder: small files go together, a large one by itself and in parts.
    for (name, len) in [("nothing", 0), ("Straße ☀", 16_384), ("deeper/small", 100), ("deeper/large", 9_000_000)] {
        ada.file(&format!("Photos/{name}"), content(len));
        expected.push((format!("files/2026/Photos/{name}"), content(len)));
    }
    ada.run(&["put", "Photos", "--to", "/2026"]).ok();
    ada.file("newer/alone", content(80_000));
    ada.run(&["put", "newer/alone", "--if-exists", "replace"]).ok();
    expected[0].1 = content(80_000);

    let read = ada.path("read");
    std::fs::create_dir(&read).unwrap();
    place.read(&server.phrase, &read);
    for (name, bytes) in &expected {
        assert!(std::fs::read(read.join(name)).unwrap() == *bytes, "{name} is another");
    }
    assert_eq!(count(&read), expected.len());
}

/// A bucket and a table, and a prefix in both that nobody else has.
struct Place {
    s3: String,
    dynamodb: String,
    bucket: String,
    table: String,
    prefix: String,
}

impl Place {
    fn new() -> Self {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let endpoint = |name| set(name).unwrap_or_else(|| panic!("{name} says where they are (CONTRIBUTING.md)"));
        let named = |name| set(name).unwrap_or_else(|| "imegha-tests".to_owned());
        Self {
            s3: endpoint("IMEGHA_TEST_S3_ENDPOINT"),
            dynamodb: endpoint("IMEGHA_TEST_DYNAMODB_ENDPOINT"),
            bucket: named("IMEGHA_TEST_S3_BUCKET"),
            table: named("IMEGHA_TEST_DYNAMODB_TABLE"),
            prefix: format!("{}/", &Id::generate().unwrap().to_string()[..12]),
        }
    }

    /// The stores of a cloud there, with what is missing of bucket and table made.
    async fn stores(&self) -> Stores {
        let sdk = aws_config::load_defaults(BehaviorVersion::latest()).await;
        let s3 = aws_sdk_s3::config::Builder::from(&sdk).endpoint_url(&self.s3).force_path_style(true).build();
        let _ = aws_sdk_s3::Client::from_conf(s3).create_bucket().bucket(&self.bucket).send().await;
        let dynamodb = aws_sdk_dynamodb::config::Builder::from(&sdk).endpoint_url(&self.dynamodb).build();
        let dynamodb = aws_sdk_dynamodb::Client::from_conf(dynamodb);
        let mut creation = dynamodb.create_table().table_name(&self.table).billing_mode(BillingMode::PayPerRequest);
        for (name, key) in [("pk", KeyType::Hash), ("sk", KeyType::Range)] {
            let attribute = AttributeDefinition::builder().attribute_name(name);
            let element = KeySchemaElement::builder().attribute_name(name).key_type(key);
            creation = creation
                .attribute_definitions(attribute.attribute_type(ScalarAttributeType::B).build().unwrap())
                .key_schema(element.build().unwrap());
        }
        // Where they are there already, or cannot be made, the first request says what is wrong.
        let _ = creation.send().await;
        let config = AwsConfig::default()
            .with_s3_endpoint(self.s3.parse().unwrap())
            .with_dynamodb_endpoint(self.dynamodb.parse().unwrap())
            .with_prefix(&self.prefix)
            .unwrap();
        let Aws { records, blobs } = Aws::open(&self.bucket, &self.table, &config).await.unwrap();
        (Arc::new(records), Arc::new(blobs))
    }

    /// Opens everything with the words, into a folder.
    fn read(&self, phrase: &str, folder: &Path) {
        let python = std::env::var_os("IMEGHA_TEST_PYTHON").expect("IMEGHA_TEST_PYTHON has boto3 and cryptography");
        let reader = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../imegha-cloud/tests/reader.py");
        let mut child = Command::new(python)
            .arg(reader)
            .args([&self.bucket, &self.table, &self.prefix])
            .arg(folder)
            .env("AWS_ENDPOINT_URL_S3", &self.s3)
            .env("AWS_ENDPOINT_URL_DYNAMODB", &self.dynamodb)
            .env("AWS_DEFAULT_REGION", std::env::var("AWS_REGION").unwrap_or_default())
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(phrase.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// The files in a folder and below.
fn count(folder: &Path) -> usize {
    let below = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    below.map(|path| if path.is_dir() { count(&path) } else { 1 }).sum()
}
