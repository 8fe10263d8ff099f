//! What does not help to try again, and how it is said: in words of ours, without a name or a text of the service's.

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use futures::future::join_all;
use imegha_cloud::backend::aws::{Aws, AwsBlobs, AwsRecords};
use imegha_cloud::backend::{
    BlobStore as _, Condition, Key, ObjectName, Query, Record, RecordStore as _, UploadId, Write,
};
use imegha_cloud::schema::{CloudSchema, CloudValue, Collection};
use imegha_cloud::{Error, ErrorKind};

use super::line::{Fault, Line};
use super::peers::{config, new_cloud, new_cloud_with, new_config, peers, sdk};
use crate::sample::object;

fn name() -> ObjectName {
    ObjectName::from_salt([7; 24])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_bucket_is_no_missing_object() {
    let blobs = AwsBlobs::with_sdk("imegha-no-such-bucket", &new_config().await, &sdk().await).unwrap();
    let id = UploadId::parse("x").unwrap();
    let errors = [
        blobs.get(&name(), None).await.unwrap_err(),
        blobs.get(&name(), Some(0..5)).await.unwrap_err(),
        blobs.put(&name(), object(104, 7)).await.unwrap_err(),
        blobs.list(None, 10).await.unwrap_err(),
        blobs.begin_upload(&name()).await.unwrap_err(),
        blobs.resume_upload(&name(), &id).await.unwrap_err(),
        blobs.uploads().await.unwrap_err(),
    ];
    for error in errors {
        said(&error, ErrorKind::Backend, "there is no such bucket");
    }
    // The same in a bucket that is there.
    let blobs = new_cloud().await.blobs;
    assert_eq!(blobs.get(&name(), None).await.unwrap_err().kind(), ErrorKind::NotFound);
    blobs.put(&name(), object(104, 7)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_table_is_no_missing_record() {
    let records =
        AwsRecords::<CloudSchema>::with_sdk("imegha-no-such-table", &new_config().await, &sdk().await).unwrap();
    let errors = [
        records.get(&key()).await.unwrap_err(),
        records.query(&Query::new(Collection::Log, [])).await.unwrap_err(),
        records.transact(&[put()]).await.unwrap_err(),
    ];
    for error in errors {
        said(&error, ErrorKind::Backend, "there is no such table in this region");
    }
    let records = new_cloud().await.records;
    assert_eq!(records.get(&key()).await.unwrap(), None);
    records.transact(&[put()]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_credentials_are_told() {
    for (id, secret) in [("tests", "another-secret-of-the-owner"), ("nobody", "another-secret-of-the-owner")] {
        let credentials = Credentials::new(id, secret, None, None, "tests");
        let blobs = new_cloud_with(&with(SharedCredentialsProvider::new(credentials)).await).await.blobs;
        for error in [blobs.list(None, 10).await.unwrap_err(), blobs.put(&name(), object(104, 7)).await.unwrap_err()] {
            said(&error, ErrorKind::Denied, "the credentials are not accepted");
            assert!(!format!("{error:?}").contains("secret"), "{error:?}");
        }
    }
}

/// A provider that has none, and says why.
#[derive(Debug)]
struct Without(fn() -> CredentialsError);

impl ProvideCredentials for Without {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(Err((self.0)()))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn missing_credentials_are_told() {
    let cases: [(fn() -> CredentialsError, _, _); 3] = [
        (|| CredentialsError::not_loaded("no profile"), ErrorKind::Denied, "no credentials were found"),
        (|| CredentialsError::provider_error("printed secret"), ErrorKind::Denied, "the credentials cannot be loaded"),
        (
            || CredentialsError::provider_timed_out(std::time::Duration::from_secs(5)),
            ErrorKind::Unavailable,
            "the credentials did not come in time",
        ),
    ];
    for (why, kind, words) in cases {
        let Aws { records, blobs } = new_cloud_with(&with(SharedCredentialsProvider::new(Without(why))).await).await;
        for error in [blobs.list(None, 10).await.unwrap_err(), records.get(&key()).await.unwrap_err()] {
            said(&error, kind, words);
            assert!(!format!("{error:?}").contains("secret"), "{error:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_at_the_address_is_told() {
    let nowhere: url::Url = "http://127.0.0.1:9/".parse().unwrap();
    let config = config().await.with_s3_endpoint(nowhere.clone()).with_dynamodb_endpoint(nowhere);
    let Aws { records, blobs } = Aws::<CloudSchema>::with_sdk("bucket", "table", &config, &sdk().await).unwrap();
    for error in [blobs.list(None, 10).await.unwrap_err(), records.get(&key()).await.unwrap_err()] {
        said(&error, ErrorKind::Unavailable, "the service cannot be reached");
    }
}

/// What AWS answers and the peers do not, as AWS documents it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_s3_refuses_is_told() {
    const CASES: &[(u16, &str, ErrorKind, &str)] = &[
        (301, "PermanentRedirect", ErrorKind::Backend, "the bucket is in another region"),
        (400, "AuthorizationHeaderMalformed", ErrorKind::Backend, "the bucket is in another region"),
        (400, "ExpiredToken", ErrorKind::Denied, "the credentials have expired"),
        (403, "AccessDenied", ErrorKind::Denied, "the credentials do not allow this"),
        (403, "InvalidAccessKeyId", ErrorKind::Denied, "the credentials are not accepted"),
        (403, "RequestTimeTooSkewed", ErrorKind::ClockSkew, "the clock of this machine and the service's differ"),
        (404, "NoSuchBucket", ErrorKind::Backend, "there is no such bucket"),
        (400, "SomethingNew", ErrorKind::Backend, "listing objects"),
        (400, "secret words", ErrorKind::Backend, "listing objects"),
        (500, "InternalError", ErrorKind::Unavailable, "the service cannot answer now"),
        (503, "SlowDown", ErrorKind::Unavailable, "the service asks for fewer requests"),
        (507, "InsufficientStorage", ErrorKind::StorageFull, "storage is full"),
    ];
    join_all(CASES.iter().map(async |(status, code, kind, words)| {
        let line = Line::new();
        let body = format!(
            "<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>secret words</Message>\
             <BucketName>{}</BucketName></Error>",
            peers().await.bucket
        );
        line.plan(move |_| Some(Fault::Answer(*status, body.clone().leak())));
        let blobs = new_cloud_with(&line.sdk().await).await.blobs;
        said(&blobs.list(None, 10).await.unwrap_err(), *kind, words);
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_dynamodb_refuses_is_told() {
    const CASES: &[(u16, &str, ErrorKind, &str)] = &[
        (400, "ExpiredTokenException", ErrorKind::Denied, "the credentials have expired"),
        (400, "UnrecognizedClientException", ErrorKind::Denied, "the credentials are not accepted"),
        (400, "AccessDeniedException", ErrorKind::Denied, "the credentials do not allow this"),
        (400, "ResourceNotFoundException", ErrorKind::Backend, "there is no such table in this region"),
        (400, "ValidationException", ErrorKind::Backend, "reading a record"),
        (400, "ProvisionedThroughputExceededException", ErrorKind::Unavailable, "the service asks for fewer requests"),
        (400, "ThrottlingException", ErrorKind::Unavailable, "the service asks for fewer requests"),
        (500, "InternalServerError", ErrorKind::Unavailable, "the service cannot answer now"),
    ];
    join_all(CASES.iter().map(async |(status, code, kind, words)| {
        let line = Line::new();
        let body = format!("{{\"__type\":\"com.amazonaws.dynamodb.v20120810#{code}\",\"message\":\"secret words\"}}");
        line.plan(move |_| Some(Fault::Answer(*status, body.clone().leak())));
        let records = new_cloud_with(&line.sdk().await).await.records;
        said(&records.get(&key()).await.unwrap_err(), *kind, words);
    }))
    .await;
}

const CONFLICT: Fault = Fault::Answer(
    400,
    r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","CancellationReasons":
        [{"Code":"TransactionConflict"}]}"#,
);

/// dynoxide does one transaction after the other; DynamoDB cancels one of two that meet.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transactions_that_meet_try_again() {
    let line = Line::new();
    let records = new_cloud_with(&line.sdk().await).await.records;
    line.next("TransactWriteItems", [CONFLICT, CONFLICT]);
    records.transact(&[put()]).await.unwrap();
    assert_eq!(line.take_requests()["TransactWriteItems"], 3);
    // A condition that does not hold is told at once.
    let error = records.transact(&[put()]).await.unwrap_err();
    assert_eq!((error.kind(), error.failed_write()), (ErrorKind::Conflict, Some(0)));
    assert_eq!(line.take_requests()["TransactWriteItems"], 1);
    // Those that never stop meeting are a lost race, of which no condition is known.
    line.plan(|_| Some(CONFLICT));
    let error = records.transact(&[put()]).await.unwrap_err();
    assert_eq!((error.kind(), error.failed_write()), (ErrorKind::Conflict, None));
    assert_eq!(line.take_requests()["TransactWriteItems"], 5);
}

/// SeaweedFS tells the loser that the name is taken; S3 may tell it to try again first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn puts_that_meet_try_again() {
    const RACE: Fault = Fault::Answer(409, "<Error><Code>ConditionalRequestConflict</Code></Error>");
    let line = Line::new();
    let blobs = new_cloud_with(&line.sdk().await).await.blobs;
    line.next("PutObject", [RACE]);
    blobs.put(&name(), object(104, 7)).await.unwrap();
    assert_eq!(line.take_requests()["PutObject"], 2);
    // Another's object is no doing of the first attempt.
    line.next("PutObject", [RACE]);
    assert_eq!(blobs.put(&name(), object(104, 8)).await.unwrap_err().kind(), ErrorKind::AlreadyExists);
}

/// Opens what a person opens: by the default chain.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_default_chain_opens_a_cloud() {
    let peers = peers().await;
    let cloud = Aws::<CloudSchema>::open(&peers.bucket, &peers.table, &new_config().await).await.unwrap();
    cloud.records.transact(&[put()]).await.unwrap();
    assert!(cloud.records.get(&key()).await.unwrap().is_some());
    cloud.blobs.put(&name(), object(104, 7)).await.unwrap();
    assert_eq!(cloud.blobs.head(&name()).await.unwrap().size, 104);
}

#[track_caller]
fn said(error: &Error, kind: ErrorKind, words: &str) {
    assert_eq!((error.kind(), error.to_string().as_str()), (kind, words), "{error:?}");
    let all = format!("{error:?}");
    for hidden in ["secret words", "imegha-tests", "imegha-no-such", "Signature="] {
        assert!(!all.contains(hidden), "{all}");
    }
}

async fn with(credentials: SharedCredentialsProvider) -> SdkConfig {
    sdk().await.into_builder().credentials_provider(credentials).build()
}

fn key() -> Key<CloudSchema> {
    Key::new(Collection::Log, [], [CloudValue::U64(1)])
}

fn put() -> Write<CloudSchema> {
    Write::Put(Record::new(key()), Condition::Absent)
}
