//! What a cloud in an AWS account is billed for: requests, counted on the line.

use std::collections::BTreeMap;

use imegha_cloud::{BytesSource, Cloud, Content, MicroDollars, PriceList};

use super::full_folder::fill;
use super::line::Line;
use super::peers::new_cloud_with;
use crate::storage::{Storage, bytes, keys};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_operation_costs_its_requests() {
    let line = Line::new();
    let storage = Storage::aws(new_cloud_with(&line.sdk().await).await);
    let cloud = storage.create().await;
    let root = cloud.root();
    let mut table = Vec::new();
    let mut note = |what: &str| {
        let counts = line.take_requests();
        table.push((what.to_owned(), counts.clone(), line.take_units()));
        counts
    };
    note("create the cloud");

    let small = cloud.upload(&root, "small", of(1_000)).await.unwrap();
    let counted = note("upload a file of 1 part");
    assert_eq!((s3(&counted), counted["PutObject"], counted["TransactWriteItems"]), (1, 1, 1));
    let batch = (0..Cloud::MAX_BATCH).map(|number| (format!("batch {number}"), of(1_000))).collect();
    let batched = cloud.upload_all(&root, batch).await;
    let counted = note("upload 48 small files at once");
    assert_eq!((s3(&counted), counted["PutObject"], counted["TransactWriteItems"]), (48, 48, 1), "{counted:?}");
    let batched: Vec<_> = batched.into_iter().map(|result| result.unwrap().id).collect();
    cloud.trash(&batched).await.unwrap();
    cloud.empty_trash().await.unwrap();
    note("move them to the trash, and empty it");
    for parts in [2, 4] {
        let len = (parts - 1) * (8 << 20) + 1_000;
        cloud.upload(&root, &format!("{parts} parts"), of(len)).await.unwrap();
        let counted = note(&format!("upload a file of {parts} parts"));
        assert_eq!(s3(&counted), parts as u32 + 2, "{counted:?}");
        assert_eq!((counted["UploadPart"], counted["TransactWriteItems"]), (parts as u32, 1));
    }
    cloud.replace(&small.id, of(2_000)).await.unwrap();
    let counted = note("replace a file by 1 part");
    assert_eq!((s3(&counted), counted["TransactWriteItems"]), (1, 1));

    assert_eq!(cloud.download(&small.id).await.unwrap().bytes().await.unwrap().len(), 2_000);
    let counted = note("open a file");
    assert_eq!((s3(&counted), counted["GetObject"], counted["BatchGetItem"]), (1, 1, 1));
    assert_eq!(
        counted.values().sum::<u32>(),
        2,
        "one request of DynamoDB for the log's head and the file's record: {counted:?}"
    );
    cloud.download_range(&small.id, 0..10).await.unwrap().bytes().await.unwrap();
    assert_eq!(s3(&note("open a range of a file")), 1);
    assert_eq!(cloud.list(&root).await.unwrap().len(), 3);
    let counted = note("list a folder of 3");
    assert_eq!((s3(&counted), counted["Query"], counted["GetItem"]), (0, 1, 2));
    let folder = cloud.create_folder(&root, "folder").await.unwrap();
    assert_eq!(note("create a folder")["TransactWriteItems"], 1);
    cloud.rename(&folder.id, "another").await.unwrap();
    assert_eq!(note("rename a folder")["TransactWriteItems"], 1);
    cloud.trash(&[small.id]).await.unwrap();
    note("move a file to the trash");
    fill(&storage, &cloud, &folder, 10_000).await;
    cloud.refresh().await.unwrap();
    line.take_requests();
    line.take_units();
    assert_eq!(cloud.list(&folder.id).await.unwrap().len(), 10_000);
    let counted = note("list a folder of 10,000");
    // A page has 1,000 entries, and the last of them may be empty. Beside them: the log's head twice, and the folder itself.
    assert!(counted["Query"] <= 11 && counted.values().sum::<u32>() == counted["Query"] + 3, "{counted:?}");
    Cloud::open(keys(), storage.store()).await.unwrap();
    note("open the cloud on a device without memory");

    let prices = PriceList::AWS_2025;
    println!("\n{:<45} {:>3} {:>8} {:>9}  which", "", "S3", "DynamoDB", "thousand");
    for (what, counts, units) in &table {
        let all: u32 = counts.values().sum();
        let which: Vec<_> = counts.iter().map(|(name, count)| format!("{count} {name}")).collect();
        let reads: u32 = ["GetObject", "HeadObject"].iter().filter_map(|name| counts.get(*name)).sum();
        // Of a thousand of them, in millionths of a dollar.
        let price = u64::from(s3(counts) - reads) * prices.object_writes_1000.0
            + u64::from(reads) * prices.object_reads_1000.0
            + (units.written * prices.record_writes_million.0 + units.read * prices.record_reads_million.0) / 1_000;
        let price = MicroDollars(price);
        println!("{what:<45} {:>3} {:>8} {price:>9}  {}", s3(counts), all - s3(counts), which.join(", "));
    }
}

/// A gateway on the way asks S3 for no more: it keeps the handles of the uploads under way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_adds_no_request_of_s3() {
    let line = Line::new();
    let storage = Storage::behind_a_gateway(Storage::aws(new_cloud_with(&line.sdk().await).await)).await;
    let cloud = storage.create().await;
    line.take_requests();
    cloud.upload(&cloud.root(), "3 parts", of((16 << 20) + 1_000)).await.unwrap();
    let counted = line.take_requests();
    assert_eq!((s3(&counted), counted["UploadPart"]), (5, 3), "{counted:?}");
}

fn s3(counts: &BTreeMap<String, u32>) -> u32 {
    let is_s3 = |name: &str| !["BatchGetItem", "GetItem", "Query", "TransactWriteItems"].contains(&name);
    counts.iter().filter(|(name, _)| is_s3(name)).map(|(_, count)| count).sum()
}

fn of(len: usize) -> Content {
    Content::new(BytesSource::new(bytes(len, len as u64)))
}
