//! Storage that goes away, and processes that are killed, at every call.

use bytes::Bytes;
use imegha_cloud::{BytesSource, Cloud, Content, Entry, ErrorKind, Result};
use imegha_crypto::Id;

use super::{PART, journals, read, resumable, start, start_failing};
use crate::adversary::{Failure, Plan};
use crate::storage::{Storage, bytes};
use crate::watched::{Sent, Watched};

/// What is uploaded: a new file, or a new revision of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    New,
    Revision,
}

async fn save(cloud: &Cloud, what: What, file: &Entry, name: &str, content: Content) -> Result<Entry> {
    match what {
        What::New => cloud.upload(&cloud.root(), name, content).await,
        What::Revision => cloud.replace(&file.id, content).await,
    }
}

/// Stops an upload at call after call, each with a file of its own, and goes on with it in a new process, until one makes fewer calls
/// than that.
async fn stopped_at_every_call(storage: &Storage, failure: Failure, what: What, len: usize) -> u32 {
    let data: Bytes = bytes(len, 5).into();
    let device = tempfile::tempdir().unwrap();
    storage.create().await;
    for fail_at in 0.. {
        let at = format!("{} {what:?} {failure:?} at call {fail_at}", storage.name);
        let honest = start(storage, device.path(), storage.blobs.clone()).await;
        let old = honest.upload(&honest.root(), &format!("old {fail_at}"), Content::new(BytesSource::new("old"))).await;
        let (old, name, upload) = (old.unwrap(), format!("new {fail_at}"), Id::generate().unwrap());
        let objects = storage.objects().await;

        let plan = Plan::new(fail_at, failure);
        let before = Watched::new(&storage.blobs);
        let process = async {
            let cloud = start_failing(storage, device.path(), before.clone(), &plan).await?;
            Some(save(&cloud, what, &old, &name, resumable(&data, &upload)).await)
        };
        match plan.until_death(process).await.flatten() {
            Some(Ok(entry)) => {
                assert!(!plan.failed() && read(&honest, &entry.id).await == data, "{at}");
                return fail_at;
            }
            Some(Err(error)) => assert_eq!(error.kind(), ErrorKind::Unavailable, "{at}: {error:?}"),
            None => {}
        }

        let after = Watched::new(&storage.blobs);
        let cloud = start(storage, device.path(), after.clone()).await;
        let entry = save(&cloud, what, &old, &name, resumable(&data, &upload)).await.expect(&at);
        assert!(read(&cloud, &entry.id).await == data, "{at}");
        assert_eq!(honest.entry(&entry.id).await.unwrap(), entry, "{at}");
        let listed = honest.list(&honest.root()).await.unwrap();
        assert!(listed.iter().all(|entry| entry.name == entry.shown_name), "{at}: a second file");
        assert_eq!(cloud.unfinished().await.unwrap(), [], "{at}");
        assert_eq!(journals(device.path()), 0, "{at}");

        // A process that had time to say so does not send again what had arrived; one that was killed forgets the last at most.
        let (arrived, again) = (before.acknowledged(), after.numbers());
        let twice = arrived.iter().filter(|number| again.contains(number)).count();
        match failure {
            Failure::Gone => assert_eq!(twice, 0, "{at}: {arrived:?} {again:?}"),
            _ => assert!(twice <= 2, "{at}: {arrived:?} {again:?}"),
        }
        // What goes on is the same object, and what is sent again the same bytes.
        for Sent { object, number, offset, part, .. } in after.sent() {
            for one in before.sent().iter().filter(|one| (one.object, one.number) == (object, number)) {
                assert!(one.part == part && one.offset == offset, "{at}");
            }
            let begun = before.sent().first().map(|one| one.object);
            assert!(begun.is_none_or(|begun| begun == object), "{at}");
        }
        // Nothing is left over, but for an upload whose id was lost with the answer.
        let (now, unfinished) = storage.objects().await;
        let lost = usize::from(failure == Failure::DiesAfter && before.sent().is_empty());
        assert_eq!(now, objects.0 + 1, "{at}");
        assert!(unfinished <= objects.1 + lost, "{at}: {unfinished}");
    }
    unreachable!("an upload makes fewer than four billion calls")
}

#[tokio::test]
async fn an_upload_goes_on_after_storage_went_away_at_any_call() {
    for storage in Storage::all().await {
        assert!(stopped_at_every_call(&storage, Failure::Gone, What::New, PART + 100).await > 8);
    }
    assert!(stopped_at_every_call(&Storage::memory(), Failure::Gone, What::Revision, 2 * PART).await > 8);
}

#[tokio::test]
async fn an_upload_goes_on_after_its_process_was_killed_at_any_call() {
    for failure in [Failure::DiesBefore, Failure::DiesAfter] {
        assert!(stopped_at_every_call(&Storage::memory(), failure, What::New, 2 * PART + 100).await > 8);
        assert!(stopped_at_every_call(&Storage::embedded(), failure, What::Revision, PART + 100).await > 8);
    }
}
