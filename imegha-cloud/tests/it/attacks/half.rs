//! Storage does a part of a transaction, or loses an object of it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use imegha_cloud::backend::{Condition, Key, Page, Query, Record, RecordStore, Write};
use imegha_cloud::clock::{Clock as _, ManualClock, SystemClock};
use imegha_cloud::schema::{CloudSchema, CloudValue, Field};
use imegha_cloud::{
    BytesSource, Cloud, Content, Depth, Error, ErrorKind, Fault, MemoryDevice, OnTaken, Problem, Result, Store,
};
use imegha_crypto::{Id, SealedObject};

use super::insider::child;
use crate::adversary::{Recorded, read_object};
use crate::storage::{Records, Storage, keys};

const DAY_MS: u64 = 86_400_000;

/// Which writes of a transaction are done.
#[derive(Clone, Copy, Debug)]
enum Part {
    First(usize),
    AllBut(usize),
}

/// A real record store that does a part of each transaction and does not answer.
#[derive(Debug)]
struct Half {
    inner: Arc<Records>,
    part: Mutex<Option<Part>>,
    /// How many writes the longest transaction had.
    longest: AtomicUsize,
}

impl Half {
    /// One that does all of each, until it is told otherwise.
    fn new(inner: &Arc<Records>) -> Arc<Self> {
        Arc::new(Self { inner: inner.clone(), part: Mutex::new(None), longest: AtomicUsize::new(0) })
    }

    fn does(&self, part: Option<Part>) {
        *self.part.lock().unwrap() = part;
    }
}

#[async_trait]
impl RecordStore<CloudSchema> for Half {
    async fn get(&self, key: &Key<CloudSchema>) -> Result<Option<Record<CloudSchema>>> {
        self.inner.get(key).await
    }

    async fn query(&self, query: &Query<CloudSchema>) -> Result<Page<CloudSchema>> {
        self.inner.query(query).await
    }

    async fn transact(&self, writes: &[Write<CloudSchema>]) -> Result<()> {
        self.longest.fetch_max(writes.len(), Ordering::SeqCst);
        let part = *self.part.lock().unwrap();
        let Some(part) = part else { return self.inner.transact(writes).await };
        let mut writes = writes.to_vec();
        match part {
            Part::First(count) => writes.truncate(count),
            Part::AllBut(number) => drop((number < writes.len()).then(|| writes.remove(number))),
        }
        for write in &mut writes {
            let (Write::Put(_, condition) | Write::Delete(_, condition) | Write::Check(_, condition)) = write;
            *condition = Condition::None;
        }
        if !writes.is_empty() {
            self.inner.transact(&writes).await?;
        }
        Err(Error::new(ErrorKind::Unavailable, "half of it was done"))
    }
}

fn content(text: &'static str) -> Content {
    Content::new(BytesSource::new(text))
}

/// What a change is tried on: a folder that is stale, with two files in it, one of two revisions; a file in the trash.
struct Scene {
    storage: Storage,
    recorded: Arc<Recorded>,
    folder: Id,
    one: Id,
    two: Id,
    trashed: Id,
}

impl Scene {
    async fn new() -> Self {
        let storage = Storage::memory();
        let recorded = Recorded::new(&storage.records);
        let cloud = Cloud::create(keys(), Store { records: recorded.clone(), ..storage.store() }).await.unwrap();
        let folder = cloud.create_folder(&cloud.root(), "folder").await.unwrap().id;
        let one = cloud.upload(&folder, "one", content("1")).await.unwrap().id;
        cloud.replace(&one, content("2")).await.unwrap();
        let two = cloud.upload(&folder, "two", content("3")).await.unwrap().id;
        let trashed = cloud.upload(&cloud.root(), "trashed", content("4")).await.unwrap().id;
        cloud.trash(&[trashed]).await.unwrap();
        cloud.mark_stale(&folder).await.unwrap();
        Self { storage, recorded, folder, one, two, trashed }
    }

    /// The same in storage of its own.
    async fn copy(&self) -> Storage {
        let records = self.recorded.state_after(self.recorded.count()).await;
        let blobs = Storage::memory().blobs;
        for meta in self.storage.blobs.list(None, 1_000).await.unwrap() {
            let object = read_object(&*self.storage.blobs, &meta.name).await.unwrap();
            blobs.put(&meta.name, SealedObject::from_received(object).unwrap()).await.unwrap();
        }
        Storage::memory().with(records, blobs)
    }

    async fn change(&self, cloud: &Cloud, which: &str) -> Result<()> {
        match which {
            "upload" => cloud.upload(&cloud.root(), "new", content("new")).await.map(drop),
            "replace" => cloud.replace(&self.one, content("new")).await.map(drop),
            "rename" => cloud.rename(&self.two, "new").await.map(drop),
            "move" => cloud.move_to(&[self.one, self.two], &cloud.root(), OnTaken::Refuse).await.map(drop),
            "trash" => cloud.trash(&[self.folder]).await,
            "restore" => cloud.restore(&[self.trashed]).await.map(drop),
            "purge" => cloud.purge(&[self.trashed]).await.map(drop),
            other => panic!("{other}"),
        }
    }

    /// What a device sees, place and content, of everything that it takes for sound.
    async fn seen(&self, cloud: &Cloud, at: &str) -> BTreeSet<(String, Vec<u8>)> {
        let damage = |error: Error| {
            let kind = error.kind();
            assert!(
                matches!(kind, ErrorKind::CannotOpen | ErrorKind::Rollback | ErrorKind::NotFound),
                "{at}: {error:?}"
            );
        };
        let mut seen = BTreeSet::new();
        let lists = [cloud.list(&cloud.root()).await, cloud.list(&self.folder).await, cloud.list_trash().await];
        let entries = lists.into_iter().filter_map(|list| list.map_err(damage).ok()).flatten();
        for entry in entries {
            if entry.damaged.is_some() || entry.is_folder() {
                continue;
            }
            let bytes = match cloud.download(&entry.id).await {
                Ok(download) => download.bytes().await,
                Err(error) => Err(error),
            };
            let place = format!("{}/{}", entry.parent, entry.name);
            seen.extend(bytes.map_err(damage).ok().map(|bytes| (place, bytes)));
        }
        seen
    }
}

/// Whatever part of a transaction storage does, all that a device takes for sound is as it was before the change, or all of it as it is
/// after; as before, as long as the head is not written. Stopped by the log's hash of each record (`Log::list` and `Log::read`): without
/// those lines this turns red.
#[tokio::test]
async fn a18_a_transaction_that_fails_half_way() {
    let scene = Scene::new().await;
    let mut refused = 0;
    for which in ["upload", "replace", "rename", "move", "trash", "restore", "purge"] {
        // The control: the whole of it.
        let storage = scene.copy().await;
        let whole = Half::new(&storage.records);
        let cloud = Cloud::open(keys(), Store { records: whole.clone(), ..storage.store() }).await.unwrap();
        let before = scene.seen(&cloud, which).await;
        scene.change(&cloud, which).await.unwrap();
        let after = scene.seen(&cloud, which).await;
        let len = whole.longest.load(Ordering::SeqCst);
        assert!(before.len() == 3 && len >= 4, "{which}: {before:?}");

        for part in (0..len).flat_map(|number| [Part::First(number), Part::AllBut(number)]) {
            let at = format!("{which} {part:?}");
            let storage = scene.copy().await;
            let half = Half::new(&storage.records);
            let (same, other) = (Arc::new(MemoryDevice::new()), Arc::new(MemoryDevice::new()));
            let cloud =
                Cloud::open(keys(), Store { records: half.clone(), ..storage.store_of(same.clone()) }).await.unwrap();
            drop(Cloud::open(keys(), storage.store_of(other.clone())).await.unwrap());
            half.does(Some(part));
            let _ = scene.change(&cloud, which).await;
            for device in [same, other, Arc::new(MemoryDevice::new())] {
                match Cloud::open(keys(), storage.store_of(device)).await {
                    Ok(cloud) => {
                        let seen = scene.seen(&cloud, &at).await;
                        let headless = matches!(part, Part::First(_));
                        let sound = seen.is_subset(&before) || (!headless && seen.is_subset(&after));
                        assert!(sound, "{at}: {seen:?}, before {before:?}, after {after:?}");
                        refused += usize::from(seen.len() < before.len());
                    }
                    Err(error) => {
                        assert!(matches!(error.kind(), ErrorKind::CannotOpen | ErrorKind::Rollback), "{at}: {error:?}");
                        refused += 1;
                    }
                }
            }
        }
    }
    assert!(refused > 50, "{refused}");
}

/// A transaction that nobody heard of leaves an object without a name: `gc` collects it, and refuses to collect anything while a record
/// is half there (`let record = record?` in `Named::read`): without that line this turns red.
#[tokio::test]
async fn a18_gc_collects_what_a_failed_transaction_left_and_nothing_else() {
    for storage in Storage::all().await {
        let clock = Arc::new(ManualClock::new(SystemClock.now_ms()));
        let half = Half::new(&storage.records);
        let store = Store { clock: clock.clone(), records: half.clone(), ..storage.store() };
        let cloud = Cloud::create(keys(), store).await.unwrap();
        let file = cloud.upload(&cloud.root(), "file", content("1")).await.unwrap();
        cloud.replace(&file.id, content("2")).await.unwrap();
        let honest = child(&storage, &cloud.root(), &file.id).await;

        // Nothing of it is done: the object stays, for the transaction might arrive yet.
        half.does(Some(Part::First(0)));
        assert_eq!(cloud.replace(&file.id, content("3")).await.unwrap_err().kind(), ErrorKind::Unavailable);
        assert_eq!(storage.objects().await, (3, 0), "{}", storage.name);
        half.does(None);
        clock.advance(2 * DAY_MS);
        // One record of it is done: what the other named is not known.
        let damaged = honest.clone().with(Field::Edit, CloudValue::U64(9));
        half.inner.transact(&[Write::Put(damaged, Condition::None)]).await.unwrap();
        assert_eq!(cloud.gc().await.unwrap_err().kind(), ErrorKind::CannotOpen);
        assert_eq!(storage.objects().await, (3, 0));
        half.inner.transact(&[Write::Put(honest, Condition::None)]).await.unwrap();
        assert_eq!(cloud.gc().await.unwrap().objects, 1);
        for (revision, text) in [(1, b"1"), (2, b"2")] {
            let download = cloud.download_revision(&file.id, revision).await.unwrap();
            assert_eq!(download.bytes().await.unwrap(), text, "{}", storage.name);
        }
        assert_eq!(cloud.verify(Depth::Deep).await.unwrap().problems, []);
    }
}

/// Told as what it is, found by `verify` (`look_at_object`), and no hindrance to anything else.
#[tokio::test]
async fn a18_an_object_missing_after_its_commit() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let file = cloud.upload(&cloud.root(), "file", content("1")).await.unwrap();
        let other = cloud.upload(&cloud.root(), "other", content("2")).await.unwrap();
        assert_eq!(cloud.verify(Depth::Quick).await.unwrap().problems, []);
        let object = cloud.revisions(&file.id).await.unwrap()[0].object;
        storage.blobs.delete(&object).await.unwrap();

        let download = cloud.download(&file.id).await.unwrap();
        assert_eq!(download.bytes().await.unwrap_err().kind(), ErrorKind::CannotOpen, "{}", storage.name);
        let missing = Problem { node: Some(file.id), what: Fault::ObjectMissing };
        for depth in [Depth::Quick, Depth::Deep] {
            let report = cloud.verify(depth).await.unwrap();
            assert_eq!((report.problems, report.objects), (vec![missing], 1));
        }
        assert_eq!(cloud.download(&other.id).await.unwrap().bytes().await.unwrap(), b"2");
        cloud.gc().await.unwrap();
        cloud.replace(&file.id, content("3")).await.unwrap();
        assert_eq!(cloud.download(&file.id).await.unwrap().bytes().await.unwrap(), b"3");
        cloud.trash(&[file.id]).await.unwrap();
        assert_eq!(cloud.purge(&[file.id]).await.unwrap().nodes, 1);
        assert_eq!(cloud.verify(Depth::Deep).await.unwrap().problems, []);
    }
}
