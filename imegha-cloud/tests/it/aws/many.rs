//! More than a page: 10,000 records, 5,000 objects.

use futures::{StreamExt as _, TryStreamExt as _, stream};
use imegha_cloud::backend::{BlobStore as _, Condition, Key, ObjectName, Query, Record, RecordStore as _, Write};
use imegha_cloud::schema::{CloudSchema, CloudValue, Collection, Field};
use imegha_crypto::Hash;

use super::line::Line;
use super::peers::new_cloud_with;
use crate::sample::object;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_records_are_queried_page_by_page() {
    const COUNT: u64 = 10_000;
    let line = Line::new();
    let records = new_cloud_with(&line.sdk().await).await.records;
    let record = |number: u64| {
        let key = Key::<CloudSchema>::new(Collection::Log, [], [CloudValue::U64(number)]);
        // Some 300 bytes, as a node has: a page of 1,000 is no megabyte.
        let hash = CloudValue::Hash(Hash::of(&number.to_be_bytes()));
        Record::new(key).with(Field::Hash, hash).with(Field::Seq, CloudValue::U64(number))
    };
    stream::iter(0..COUNT / 100)
        .map(|hundred| {
            let records = &records;
            async move {
                let hundred = hundred * 100..(hundred + 1) * 100;
                let writes: Vec<_> = hundred.map(|number| Write::Put(record(number), Condition::Absent)).collect();
                records.transact(&writes).await
            }
        })
        .buffer_unordered(4)
        .try_collect::<Vec<()>>()
        .await
        .unwrap();
    line.take_requests();
    for descending in [false, true] {
        let mut query = Query::new(Collection::Log, []);
        query.descending = descending;
        let (mut found, mut pages) = (Vec::new(), 0);
        loop {
            let page = records.query(&query).await.unwrap();
            found.extend(page.records);
            pages += 1;
            let Some(next) = page.next else { break };
            query.after = Some(next);
        }
        let mut expected: Vec<_> = (0..COUNT).map(record).collect();
        if descending {
            expected.reverse();
        }
        assert!(found == expected);
        println!("{COUNT} records in {pages} pages: {:?}", line.take_requests());
        assert!(pages >= 10);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_thousand_objects_are_listed_page_by_page() {
    const COUNT: u64 = 5_000;
    let line = Line::new();
    let blobs = new_cloud_with(&line.sdk().await).await.blobs;
    let mut names: Vec<_> = (0..COUNT)
        .map(|number| ObjectName::from_salt(Hash::of(&number.to_be_bytes()).as_bytes()[..24].try_into().unwrap()))
        .collect();
    stream::iter(&names)
        .map(|name| blobs.put(name, object(104, 1)))
        .buffer_unordered(16)
        .try_collect::<Vec<()>>()
        .await
        .unwrap();
    names.sort();
    line.take_requests();
    for limit in [1_000, 999] {
        let mut found: Vec<ObjectName> = Vec::new();
        loop {
            let page = blobs.list(found.last(), limit).await.unwrap();
            if page.is_empty() {
                break;
            }
            found.extend(page.iter().map(|meta| meta.name));
        }
        assert!(found == names);
        println!("{COUNT} objects, {limit} a page: {:?}", line.take_requests());
    }
}
