//! A source changes between two runs of its upload, while storage keeps everything that it is sent.

use std::collections::HashMap;

use bytes::Bytes;
use imegha_cloud::backend::ObjectName;
use imegha_cloud::{BytesSource, Content};
use imegha_crypto::{Id, SealedPart};

use crate::adversary::{Failure, Plan};
use crate::resume::{PART, Unsized, read, start, start_failing};
use crate::storage::{Storage, bytes};
use crate::watched::Watched;

/// What storage was sent under each object's key and part's nonces, in two runs with two sources.
#[derive(Default)]
struct Ledger {
    sealed: HashMap<(ObjectName, u32), SealedPart>,
    again: usize,
}

impl Ledger {
    fn enter(&mut self, watched: &Watched) {
        for sent in watched.sent() {
            if let Some(before) = self.sealed.insert((sent.object, sent.number), sent.part.clone()) {
                assert!(before == sent.part, "part {} of one object was sealed twice, and differs", sent.number);
                self.again += 1;
            }
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Ended {
    /// No part had been sent when the first run was killed.
    NothingSent,
    /// The second run went on with the first one's object.
    WentOn,
    /// It began another.
    Anew,
}

/// An upload that is killed at that call, and another run with another source, in a cloud of their own.
async fn two_runs(make: fn() -> Storage, first: &Bytes, second: &Bytes, kill_at: u32, ledger: &mut Ledger) -> Ended {
    let (storage, device) = (&make(), tempfile::tempdir().unwrap());
    storage.create().await;
    let upload = Id::generate().unwrap();
    // No length is said: then nothing but the hashes tells that a source has changed.
    let content = |data: &Bytes| Content::new(Unsized(BytesSource::new(data.clone()))).resumable(&upload);
    let plan = Plan::new(kill_at, Failure::DiesAfter);
    let before = Watched::new(&storage.blobs);
    let process = async {
        let cloud = start_failing(storage, device.path(), before.clone(), &plan).await?;
        Some(cloud.upload(&cloud.root(), "x", content(first)).await)
    };
    assert!(plan.until_death(process).await.is_none(), "it is killed before it ends");
    if before.sent().is_empty() {
        return Ended::NothingSent;
    }

    let after = Watched::new(&storage.blobs);
    let cloud = start(storage, device.path(), after.clone()).await;
    let entry = cloud.upload(&cloud.root(), "x", content(second)).await.unwrap();
    assert!(read(&cloud, &entry.id).await == *second);
    ledger.enter(&before);
    ledger.enter(&after);
    let object = cloud.revisions(&entry.id).await.unwrap()[0].object;
    match object == before.sent()[0].object {
        true => Ended::WentOn,
        false => Ended::Anew,
    }
}

/// Turns red without the comparison of `known.hash` in `Resumption::enter`: the second run would seal another plaintext under the
/// first one's key and nonces. `files/ledger` of the crate has the same over 100,000 random schedules.
#[tokio::test]
async fn a16_a_source_that_changed_is_not_sealed_under_its_old_key() {
    let data: Bytes = bytes(2 * PART, 1).into();
    let mut changed = data.to_vec();
    changed[7] ^= 1;
    let (changed, shorter) = (Bytes::from(changed), data.slice(..PART));
    let mut ledger = Ledger::default();
    for make in [Storage::memory, Storage::embedded] {
        // From the call that brings the first part on, at three calls.
        let mut killed = 0;
        for kill_at in 0.. {
            // The control: the same source goes on.
            match two_runs(make, &data, &data, kill_at, &mut ledger).await {
                Ended::NothingSent => continue,
                ended => assert_eq!(ended, Ended::WentOn, "{} {kill_at}", make().name),
            }
            for other in [&changed, &shorter] {
                let ended = two_runs(make, &data, other, kill_at, &mut ledger).await;
                assert_eq!(ended, Ended::Anew, "{} {kill_at}", make().name);
            }
            killed += 1;
            if killed == 3 {
                break;
            }
        }
    }
    assert!(ledger.again >= 4, "of {} parts {} were sealed again", ledger.sealed.len(), ledger.again);
}
