//! Services and lines that fail for a while (ATTACKS 55): every operation ends right or with a clear error, and nothing is lost.
//!
//! What stops it: `retries` in `config.rs` of the backend (with one attempt, what is cut fails at once), and `Attempts` in
//! `AwsBlobs::put` and `AwsUpload::join` (without it, what was done is said to have failed). That a repeated transaction does not
//! meet its own doing is the work of the token in `AwsRecords::transact`.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::future::join_all;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use imegha_cloud::backend::aws::Aws;
use imegha_cloud::backend::{BlobStore as _, Condition, Key, ObjectName, Record, RecordStore as _, Write};
use imegha_cloud::schema::{CloudSchema, CloudValue, Collection, Field};
use imegha_cloud::{BytesSource, Cloud, Content, Depth, ErrorKind, OnTaken};

use super::line::{Fault, Line};
use super::peers::new_cloud_with;
use crate::sample::{object, part};
use crate::storage::{Storage, bytes, keys};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a55_stores_behind_a_failing_line_lose_nothing() {
    for percent in [0, 10] {
        let line = Line::new();
        let Aws { records, blobs } = new_cloud_with(&line.sdk().await).await;
        line.plan(failing(percent));

        // Counters, each raised by "if it is still n, then n + 1".
        let raised = join_all((0..8).map(|counter| {
            let records = records.clone();
            async move {
                for number in 0..20 {
                    let condition = match number {
                        0 => Condition::Absent,
                        number => Condition::Equals(Field::Seq, CloudValue::U64(number - 1)),
                    };
                    let write = Write::Put(record(counter, number), condition);
                    records.transact(&[write]).await.unwrap();
                    assert_eq!(records.get(&key(counter)).await.unwrap(), Some(record(counter, number)));
                }
            }
        }));
        // Objects, put and read.
        let cut = AtomicU64::new(0);
        let stored = stream::iter(0..60_u8).for_each_concurrent(6, |number| {
            let (blobs, cut) = (blobs.clone(), &cut);
            async move {
                let (name, content) = (ObjectName::from_salt([number; 24]), object(20_000, number));
                blobs.put(&name, content.clone()).await.unwrap();
                // A body may be cut when its beginning was taken already: whoever reads asks again.
                loop {
                    let body = blobs.get(&name, Some(5..19_000)).await.unwrap();
                    match body.stream.try_collect::<Vec<_>>().await {
                        Ok(pieces) => return assert!(pieces.concat() == content.as_bytes()[5..19_000]),
                        Err(error) => assert_eq!(error.kind(), ErrorKind::Unavailable),
                    }
                    cut.fetch_add(1, Ordering::SeqCst);
                }
            }
        });
        // Uploads in parts.
        let joined = join_all((100..104_u8).map(|number| {
            let blobs = blobs.clone();
            async move {
                let name = ObjectName::from_salt([number; 24]);
                let upload = blobs.begin_upload(&name).await.unwrap();
                for (index, len) in [5 << 20, 5 << 20, 1_000].into_iter().enumerate() {
                    let offset = (index * (5 << 20)) as u64;
                    upload.put_part(index as u32 + 1, offset, part(len, number)).await.unwrap();
                }
                upload.complete(3, (10 << 20) + 1_000).await.unwrap();
            }
        }));
        futures::join!(raised, stored, joined);

        let faults = line.faults();
        println!("{percent} %: {:?}, {} bodies cut: {faults:?}", line.take_requests(), cut.into_inner());
        if percent == 0 {
            assert!(faults.is_empty());
        } else {
            assert!(faults.len() >= 6 && faults.values().sum::<u32>() > 30, "{faults:?}");
        }
        line.plan(|_| None);
        for counter in 0..8 {
            assert_eq!(records.get(&key(counter)).await.unwrap(), Some(record(counter, 19)));
        }
        let listed = blobs.list(None, 1_000).await.unwrap();
        assert_eq!(listed.len(), 64);
        assert!(listed[60..].iter().all(|meta| meta.size == (10 << 20) + 1_000));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a55_a_cloud_behind_a_failing_line_loses_nothing() {
    for percent in [0, 10] {
        let line = Line::new();
        let storage = Storage::aws(new_cloud_with(&line.sdk().await).await);
        let cloud = storage.create().await;
        line.plan(failing(percent));
        let mut contents = BTreeMap::new();
        for number in 0..8 {
            let content = bytes(30_000 + number as usize, number);
            let file = cloud.upload(&cloud.root(), &format!("{number}"), of(&content)).await.unwrap();
            contents.insert(file.id, content);
        }
        let large = bytes(9 << 20, 99);
        let file = cloud.upload(&cloud.root(), "large", of(&large)).await.unwrap();
        contents.insert(file.id, large);
        let ids: Vec<_> = contents.keys().copied().collect();
        for id in &ids[..3] {
            let content = bytes(40_000, 1_000);
            cloud.replace(id, of(&content)).await.unwrap();
            contents.insert(*id, content);
        }
        let folder = cloud.create_folder(&cloud.root(), "folder").await.unwrap();
        cloud.move_to(&ids[4..5], &folder.id, OnTaken::Refuse).await.unwrap();
        if percent > 0 {
            assert!(line.faults().values().sum::<u32>() > 5, "{:?}", line.faults());
        }
        println!("{percent} %: {:?}", line.faults());

        line.plan(|_| None);
        let stranger = Cloud::open(keys(), storage.store()).await.unwrap();
        assert!(stranger.verify(Depth::Deep).await.unwrap().problems.is_empty());
        assert_eq!(stranger.list(&stranger.root()).await.unwrap().len(), 9);
        for (id, content) in contents {
            assert!(stranger.download(&id).await.unwrap().bytes().await.unwrap() == content);
        }
    }
}

/// Nobody answers for a while: each operation says so, and what was there is there afterwards.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a55_an_outage_is_told_and_passes() {
    let line = Line::new();
    let storage = Storage::aws(new_cloud_with(&line.sdk().await).await);
    let cloud = storage.create().await;
    let content = bytes(50_000, 1);
    let file = cloud.upload(&cloud.root(), "before", of(&content)).await.unwrap();
    let is_out = |kind| assert_eq!(kind, ErrorKind::Unavailable);
    // First the objects, then everything.
    line.plan(|operation| operation.contains("Object").then_some(Fault::Cut));
    is_out(cloud.upload(&cloud.root(), "meanwhile", of(b"meanwhile")).await.unwrap_err().kind());
    let read = match cloud.download(&file.id).await {
        Ok(download) => download.bytes().await.map(drop),
        Err(error) => Err(error),
    };
    is_out(read.unwrap_err().kind());
    line.plan(|_| Some(Fault::Answer(503, "")));
    is_out(cloud.list(&cloud.root()).await.unwrap_err().kind());
    is_out(cloud.create_folder(&cloud.root(), "meanwhile").await.unwrap_err().kind());
    line.plan(|_| None);
    let names: Vec<_> = cloud.list(&cloud.root()).await.unwrap().into_iter().map(|entry| entry.name).collect();
    assert_eq!(names, ["before"]);
    assert!(cloud.download(&file.id).await.unwrap().bytes().await.unwrap() == content);
    cloud.upload(&cloud.root(), "meanwhile", of(b"afterwards")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_is_no_failure() {
    let line = Line::new();
    let Aws { records, blobs } = new_cloud_with(&line.sdk().await).await;
    line.next("TransactWriteItems", [Fault::Lost, Fault::Lost]);
    records.transact(&[Write::Put(record(1, 1), Condition::Absent)]).await.unwrap();
    assert_eq!(line.take_requests()["TransactWriteItems"], 3);

    let name = ObjectName::from_salt([1; 24]);
    line.next("PutObject", [Fault::Lost, Fault::Lost]);
    blobs.put(&name, object(500, 1)).await.unwrap();
    // Another's object under that name is still another's.
    line.next("PutObject", [Fault::Cut]);
    assert_eq!(blobs.put(&name, object(500, 2)).await.unwrap_err().kind(), ErrorKind::AlreadyExists);

    let name = ObjectName::from_salt([2; 24]);
    let upload = blobs.begin_upload(&name).await.unwrap();
    upload.put_part(1, 0, part(500, 2)).await.unwrap();
    line.next("CompleteMultipartUpload", [Fault::Lost]);
    upload.complete(1, 500).await.unwrap();
    // Also here, and although it has the same size.
    let late = blobs.begin_upload(&name).await.unwrap();
    late.put_part(1, 0, part(500, 2)).await.unwrap();
    line.next("CompleteMultipartUpload", [Fault::Cut]);
    assert_eq!(late.complete(1, 500).await.unwrap_err().kind(), ErrorKind::AlreadyExists);
    line.next("DeleteObject", [Fault::Lost]);
    blobs.delete(&name).await.unwrap();
    late.complete(1, 500).await.unwrap();
}

/// Of so many requests of a hundred something goes wrong, each time something else.
fn failing(percent: u64) -> impl FnMut(&str) -> Option<Fault> + Send + 'static {
    const SLOW_DOWN: Fault = Fault::Answer(503, "<Error><Code>SlowDown</Code></Error>");
    const INTERNAL: Fault = Fault::Answer(500, "<Error><Code>InternalError</Code></Error>");
    const THROTTLED: Fault = Fault::Answer(400, r#"{"__type":"x#ProvisionedThroughputExceededException"}"#);
    const BUSY: Fault = Fault::Answer(500, r#"{"__type":"x#InternalServerError"}"#);
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    move |operation| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let random = state >> 33;
        let is_s3 = !["TransactWriteItems", "BatchGetItem", "GetItem", "Query"].contains(&operation);
        let faults = if is_s3 { [SLOW_DOWN, INTERNAL] } else { [THROTTLED, BUSY] };
        (random % 100 < percent).then(|| match random / 100 % 6 {
            0 => faults[0],
            1 => faults[1],
            2 => Fault::Cut,
            3 => Fault::Late,
            4 => Fault::Lost,
            _ => Fault::Half,
        })
    }
}

fn of(content: &[u8]) -> Content {
    Content::new(BytesSource::new(content.to_vec()))
}

fn key(counter: u64) -> Key<CloudSchema> {
    Key::new(Collection::Log, [], [CloudValue::U64(counter)])
}

fn record(counter: u64, number: u64) -> Record<CloudSchema> {
    Record::new(key(counter)).with(Field::Seq, CloudValue::U64(number))
}
