//! Storage that fails at one call, whichever it is: what is there stays whole, and what was acknowledged stays.

use std::sync::Arc;

use bytes::Bytes;
use imegha_cloud::{BytesSource, Cloud, Content, Entry, ErrorKind, MemoryDevice, Result, Store};
use imegha_crypto::Id;

use crate::adversary::{Failing, Failure, Plan};
use crate::storage::{Storage, bytes, keys};

const PART: usize = 8 * 1024 * 1024;

/// What is uploaded at first, what is uploaded under failures, and what replaces the first.
struct Data {
    old: Bytes,
    new: Bytes,
    replaced: Bytes,
}

fn content(data: &Bytes) -> Content {
    Content::new(BytesSource::new(data.clone()))
}

/// The storage as a device sees it whose connection follows `plan`.
fn failing(storage: &Storage, plan: &Arc<Plan>) -> Store {
    let store = storage.store();
    Store { records: Failing::new(&storage.records, plan), blobs: Failing::new(&storage.blobs, plan), ..store }
}

/// What one run did, and what it was told.
struct Outcome {
    uploaded: Result<Entry>,
    replaced: Result<Entry>,
    folder: Result<Entry>,
}

async fn run(cloud: &Cloud, old: &Id, data: &Data) -> Outcome {
    Outcome {
        uploaded: cloud.upload(&cloud.root(), "new", content(&data.new)).await,
        replaced: cloud.replace(old, content(&data.replaced)).await,
        folder: cloud.create_folder(&cloud.root(), "folder").await,
    }
}

/// Fails call after call, each in a cloud of its own, until a run makes fewer calls than that.
async fn every_call(make: fn() -> Storage, failure: Failure, len: usize) -> u32 {
    let data = Data { old: bytes(10, 1).into(), new: bytes(len, 2).into(), replaced: bytes(1_000, 3).into() };
    for fail_at in 0.. {
        let storage = make();
        let honest = storage.create().await;
        let old = honest.upload(&honest.root(), "old", content(&data.old)).await.unwrap();
        let plan = Plan::new(fail_at, failure);
        let device = Arc::new(MemoryDevice::new());
        let store = Store { device: device.clone(), ..failing(&storage, &plan) };
        let outcome = match Cloud::open(keys(), store).await {
            Ok(cloud) => Some(run(&cloud, &old.id, &data).await),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Unavailable, "{fail_at}");
                None
            }
        };
        let at = format!("{} {failure:?} at call {fail_at}", storage.name);

        // The same device with storage that is well again, and another one, agree on what there is.
        let same = Cloud::open(keys(), storage.store_of(device)).await.expect(&at);
        let listed = same.list(&same.root()).await.expect(&at);
        assert_eq!(listed, honest.list(&honest.root()).await.unwrap(), "{at}");
        assert!(listed.iter().all(|entry| entry.damaged.is_none() && entry.shown_name == entry.name), "{at}");

        // Everything that is shown is whole.
        for entry in listed.iter().filter(|entry| !entry.is_folder()) {
            let expected = match (entry.name.as_str(), entry.revision) {
                ("old", 1) => &data.old,
                ("old", 2) => &data.replaced,
                ("new", 1) => &data.new,
                other => panic!("{at}: {other:?}"),
            };
            assert!(same.download(&entry.id).await.unwrap().bytes().await.unwrap() == *expected, "{at}");
        }
        // Everything that was acknowledged is shown, and what is not known to have failed is told as that.
        if let Some(Outcome { uploaded, replaced, folder }) = outcome {
            for result in [uploaded, replaced, folder] {
                match result {
                    Ok(entry) => assert!(listed.contains(&entry), "{at}"),
                    Err(error) => {
                        assert_eq!(error.kind(), ErrorKind::Unavailable, "{at}: {error:?}");
                        assert_eq!(failure, Failure::Gone, "{at}: a call that fails once is tried again");
                    }
                }
            }
            if !plan.failed() {
                return fail_at;
            }
        }
        // No object that a record names was removed, and but for a store that stays away there is no other.
        let named = listed.iter().map(|entry| entry.revision).sum::<u64>() as usize;
        let (objects, uploads) = storage.objects().await;
        assert!(objects >= named, "{at}");
        if failure != Failure::Gone {
            // An upload that was begun and whose id was lost with the answer stays unfinished, for `gc` to collect.
            assert!(objects == named && uploads <= usize::from(failure == Failure::After), "{at}");
        }
    }
    unreachable!("a run makes fewer than four billion calls")
}

#[tokio::test]
async fn a_call_that_fails_once_is_tried_again() {
    for failure in [Failure::Before, Failure::After] {
        assert!(every_call(Storage::memory, failure, 100_000).await > 14);
        assert!(every_call(Storage::embedded, failure, 1_000).await > 14);
    }
}

#[tokio::test]
async fn a_part_that_fails_once_is_tried_again() {
    for failure in [Failure::Before, Failure::After] {
        assert!(every_call(Storage::memory, failure, PART + 1).await > 18);
    }
}

#[tokio::test]
async fn storage_that_goes_away_leaves_nothing_half_done() {
    assert!(every_call(Storage::memory, Failure::Gone, 100_000).await > 14);
    assert!(every_call(Storage::memory, Failure::Gone, PART + 1).await > 14);
    assert!(every_call(Storage::embedded, Failure::Gone, 1_000).await > 14);
}
