//! The template of a personal cloud, made, updated and deleted by a service that speaks the protocol of CloudFormation.

use std::time::Duration;

use imegha_cloud::backend::aws::{Aws, AwsConfig};
use imegha_cloud::backend::{BlobStore as _, Condition, Key, ObjectName, Record, RecordStore as _, Write};
use imegha_cloud::schema::{CloudSchema, CloudValue, Collection};
use imegha_crypto::Id;

use super::peers::create_bucket;
use super::service::Service;
use crate::sample::object;

/// An update changes what it names, and neither bucket nor table nor what lies in them; nor does the stack's end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_personal_cloud_outlives_its_stack() {
    let stack = Stack::new().await;
    let s3 = stack.service.s3();
    let code = format!("{}-code", stack.name);
    create_bucket(&s3, &code).await;
    for key in ["gateway-1.zip", "gateway-2.zip"] {
        s3.put_object().bucket(&code).key(key).body(EMPTY_ZIP.to_vec().into()).send().await.unwrap();
    }
    let owner = "A".repeat(435);
    let parameters = |key: &'static str, origin: &'static str, email: &'static str| {
        [
            ("Owner", owner.clone()),
            ("AppOrigin", origin.to_owned()),
            ("GatewayCodeBucket", code.clone()),
            ("GatewayCodeKey", key.to_owned()),
            ("AlarmEmail", email.to_owned()),
        ]
    };
    stack.ask("CreateStack", &parameters("gateway-1.zip", "https://app.example", "")).await;
    let made = stack.settled("CREATE_COMPLETE").await;
    let (bucket, table) = (output(&made, "Bucket"), output(&made, "Table"));
    assert!(output(&made, "GatewayUrl").starts_with("https://"), "{made}");

    let Aws { records, blobs } = stack.cloud(&bucket, &table);
    let name = ObjectName::from_salt([1; 24]);
    let key = Key::<CloudSchema>::new(Collection::Log, [], [CloudValue::U64(1)]);
    blobs.put(&name, object(500, 1)).await.unwrap();
    records.transact(&[Write::Put(Record::new(key.clone()), Condition::Absent)]).await.unwrap();
    let versioning = s3.get_bucket_versioning().bucket(&bucket).send().await.unwrap();
    assert_eq!(versioning.status().map(|status| status.as_str()), Some("Enabled"));
    let block = s3.get_public_access_block().bucket(&bucket).send().await.unwrap();
    let block = block.public_access_block_configuration.unwrap();
    let blocked =
        [block.block_public_acls, block.block_public_policy, block.ignore_public_acls, block.restrict_public_buckets];
    assert_eq!(blocked, [Some(true); 4]);
    let origins = async || {
        let cors = s3.get_bucket_cors().bucket(&bucket).send().await.unwrap();
        cors.cors_rules().iter().flat_map(|rule| rule.allowed_origins().to_vec()).collect::<Vec<_>>()
    };
    assert_eq!(origins().await, ["https://app.example"]);

    stack.ask("UpdateStack", &parameters("gateway-2.zip", "https://other.example", "me@mail.example")).await;
    let updated = stack.settled("UPDATE_COMPLETE").await;
    assert_eq!((output(&updated, "Bucket"), output(&updated, "Table")), (bucket.clone(), table.clone()));
    assert_eq!(output(&updated, "GatewayUrl"), output(&made, "GatewayUrl"), "clients sign for it");
    assert_eq!(origins().await, ["https://other.example"]);
    assert_eq!(blobs.head(&name).await.unwrap().size, 500);
    assert!(records.get(&key).await.unwrap().is_some());

    stack.ask("DeleteStack", &[]).await;
    stack.settled("does not exist").await;
    assert_eq!(blobs.head(&name).await.unwrap().size, 500);
    assert!(records.get(&key).await.unwrap().is_some());
}

/// One stack at the service.
struct Stack {
    name: String,
    service: Service,
}

impl Stack {
    async fn new() -> Self {
        Self { name: format!("imegha-{}", &Id::generate().unwrap().to_string()[..12]), service: Service::new().await }
    }

    fn cloud(&self, bucket: &str, table: &str) -> Aws<CloudSchema> {
        let Service { endpoint, sdk } = &self.service;
        let config = AwsConfig::default().with_s3_endpoint(endpoint.clone()).with_dynamodb_endpoint(endpoint.clone());
        Aws::with_sdk(bucket, table, &config, sdk).unwrap()
    }

    /// Does something with the stack, which the service takes.
    async fn ask(&self, action: &str, parameters: &[(&str, String)]) {
        let (status, text) = self.send(action, parameters).await;
        assert_eq!(status, 200, "{action}: {text}");
    }

    /// What the service says of the stack, once that stands in it.
    async fn settled(&self, expected: &str) -> String {
        for _ in 0..1_200 {
            let (_, text) = self.send("DescribeStacks", &[]).await;
            if text.contains(expected) {
                return text;
            }
            assert!(!text.contains("FAILED") && !text.contains("ROLLBACK"), "{text}");
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        panic!("the stack does not come to {expected}");
    }

    async fn send(&self, action: &str, parameters: &[(&str, String)]) -> (u16, String) {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("Version", "2010-05-15").append_pair("Action", action).append_pair("StackName", &self.name);
        if !parameters.is_empty() {
            form.append_pair("TemplateBody", imegha_cloud::deploy::TEMPLATE);
            form.append_pair("Capabilities.member.1", "CAPABILITY_IAM");
        }
        for (number, (key, value)) in (1..).zip(parameters) {
            form.append_pair(&format!("Parameters.member.{number}.ParameterKey"), key);
            form.append_pair(&format!("Parameters.member.{number}.ParameterValue"), value);
        }
        let kind = "application/x-www-form-urlencoded";
        self.service.send("cloudformation", "POST", "/", kind, form.finish().into_bytes()).await
    }
}

/// An output of a stack, as the service describes it.
fn output(described: &str, name: &str) -> String {
    let value = described.split(&format!("<OutputKey>{name}</OutputKey>")).nth(1);
    let value = value.and_then(|rest| rest.split("<OutputValue>").nth(1)?.split("</OutputValue>").next());
    value.unwrap_or_else(|| panic!("{name} is not an output: {described}")).to_owned()
}

/// Nobody runs the program here.
const EMPTY_ZIP: [u8; 22] = {
    let mut zip = [0; 22];
    (zip[0], zip[1], zip[2], zip[3]) = (b'P', b'K', 5, 6);
    zip
};
