//! What else lies in the bucket: versions, other clouds, other people's objects.

use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use imegha_cloud::ErrorKind;
use imegha_cloud::backend::aws::{Aws, AwsBlobs};
use imegha_cloud::backend::{BlobStore as _, Condition, Key, ObjectName, Query, Record, RecordStore as _, Write};
use imegha_cloud::schema::{CloudSchema, CloudValue, Collection};
use imegha_crypto::Id;

use super::line::{Fault, Line};
use super::peers::{config, create_bucket, new_cloud, new_cloud_with, peers, s3_client, sdk};
use crate::sample::{object, part};

/// A deleted object's versions are gone, and nobody else's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_versioned_bucket_keeps_nothing_of_a_deleted_object() {
    let peers = peers().await;
    let s3 = s3_client(peers).await;
    let bucket = format!("{}-versioned", peers.bucket);
    create_bucket(&s3, &bucket).await;
    let enabled = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
    s3.put_bucket_versioning().bucket(&bucket).versioning_configuration(enabled).send().await.unwrap();
    let prefix = format!("{}/", &Id::generate().unwrap().to_string()[..16]);
    let blobs = AwsBlobs::with_sdk(&bucket, &config().await.with_prefix(&prefix).unwrap(), &sdk().await).unwrap();
    let versions = async || {
        let page = s3.list_object_versions().bucket(&bucket).prefix(&prefix).send().await.unwrap();
        (page.versions().len(), page.delete_markers().len())
    };

    blobs.put(&name(1), object(104, 7)).await.unwrap();
    blobs.put(&name(2), object(104, 7)).await.unwrap();
    // What a purge under another policy, or a hand, left behind: a marker over a version.
    s3.delete_object().bucket(&bucket).key(format!("{prefix}{}", name(1))).send().await.unwrap();
    assert_eq!(versions().await, (2, 1));
    blobs.put(&name(1), object(104, 7)).await.unwrap();
    assert_eq!(versions().await, (3, 1));
    blobs.delete(&name(1)).await.unwrap();
    assert_eq!(versions().await, (1, 0));
    blobs.delete(&name(1)).await.unwrap();
    assert_eq!(versions().await, (1, 0));
    assert_eq!(blobs.head(&name(2)).await.unwrap().size, 104);

    // Of one that came in parts too.
    let upload = blobs.begin_upload(&name(3)).await.unwrap();
    upload.put_part(1, 0, part(500, 1)).await.unwrap();
    upload.complete(1, 500).await.unwrap();
    blobs.delete(&name(3)).await.unwrap();
    blobs.delete(&name(2)).await.unwrap();
    assert_eq!(versions().await, (0, 0));
}

/// Where another handle has sent a part anew, S3 says that it has another than the one that is named: then it is asked which.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_that_was_sent_anew_is_looked_up() {
    const OTHER_PART: Fault = Fault::Answer(400, "<Error><Code>InvalidPart</Code></Error>");
    let line = Line::new();
    let blobs = new_cloud_with(&line.sdk().await).await.blobs;
    let upload = blobs.begin_upload(&name(1)).await.unwrap();
    upload.put_part(1, 0, part(500, 1)).await.unwrap();
    line.take_requests();
    // One that never knows its own parts is not asked for ever, and the upload is still there.
    line.next("CompleteMultipartUpload", [OTHER_PART, OTHER_PART]);
    assert_eq!(upload.complete(1, 500).await.unwrap_err().kind(), ErrorKind::CannotOpen);
    line.next("CompleteMultipartUpload", [OTHER_PART]);
    upload.complete(1, 500).await.unwrap();
    let requests = line.take_requests();
    assert_eq!((requests["CompleteMultipartUpload"], requests["ListParts"]), (4, 2));
    assert_eq!(blobs.head(&name(1)).await.unwrap().size, 500);
}

/// Clouds of two prefixes see nothing of each other, nor of what else lies there, also where one prefix begins with the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clouds_of_two_prefixes_are_apart() {
    let peers = peers().await;
    let s3 = s3_client(peers).await;
    let outer = format!("{}/", &Id::generate().unwrap().to_string()[..12]);
    let inner = format!("{outer}in/");
    let open = async |prefix: &str| {
        let config = config().await.with_prefix(prefix).unwrap();
        Aws::<CloudSchema>::with_sdk(&peers.bucket, &peers.table, &config, &sdk().await).unwrap()
    };
    let (one, two) = (open(&outer).await, open(&inner).await);
    for key in ["0", "readme.txt", "zz"] {
        s3.put_object().bucket(&peers.bucket).key(format!("{outer}{key}")).send().await.unwrap();
    }
    let key = Key::<CloudSchema>::new(Collection::Log, [], [CloudValue::U64(1)]);
    let put = || [Write::Put(Record::new(key.clone()), Condition::Absent)];
    one.blobs.put(&name(1), object(104, 7)).await.unwrap();
    one.blobs.put(&name(9), object(104, 7)).await.unwrap();
    one.records.transact(&put()).await.unwrap();
    assert!(two.blobs.list(None, 10).await.unwrap().is_empty());
    assert_eq!(two.records.get(&key).await.unwrap(), None);
    two.records.transact(&put()).await.unwrap();
    two.blobs.put(&name(5), object(104, 7)).await.unwrap();
    let _begun = two.blobs.begin_upload(&name(6)).await.unwrap();
    for limit in 1..5 {
        let mut listed: Vec<ObjectName> = Vec::new();
        while let page = one.blobs.list(listed.last(), limit).await.unwrap()
            && !page.is_empty()
        {
            listed.extend(page.iter().map(|meta| meta.name));
        }
        assert_eq!(listed, [name(1), name(9)], "{limit}");
    }
    assert!(one.blobs.uploads().await.unwrap().is_empty());
    assert_eq!(one.records.query(&Query::new(Collection::Log, [])).await.unwrap().records.len(), 1);
}

/// The place without parts, which DynamoDB has no key for, is a place like any other, and the first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_place_without_parts_comes_first() {
    let records = new_cloud().await.records;
    let places = [vec![], vec![CloudValue::U64(0)], vec![CloudValue::U64(0), CloudValue::U64(0)]];
    let all: Vec<_> =
        places.into_iter().map(|sort| Record::new(Key::<CloudSchema>::new(Collection::Nonce, [], sort))).collect();
    for record in all.iter().rev() {
        records.transact(&[Write::Put(record.clone(), Condition::Absent)]).await.unwrap();
    }
    assert_eq!(records.get(&all[0].key).await.unwrap().as_ref(), Some(&all[0]));
    let mut query = Query::new(Collection::Nonce, []);
    assert_eq!(records.query(&query).await.unwrap().records, all);
    query.after = Some(Vec::new());
    assert_eq!(records.query(&query).await.unwrap().records, all[1..]);
    (query.descending, query.after) = (true, Some(all[1].key.sort.clone()));
    assert_eq!(records.query(&query).await.unwrap().records, all[..1]);
    records.transact(&[Write::Delete(all[0].key.clone(), Condition::Present)]).await.unwrap();
    assert_eq!(records.get(&all[0].key).await.unwrap(), None);
}

fn name(number: u8) -> ObjectName {
    ObjectName::from_salt([number; 24])
}
