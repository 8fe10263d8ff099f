//! Checkpoints of the log: a device that knows nothing starts from the newest, and nothing depends on there being one.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use async_trait::async_trait;
use imegha_cloud::backend::{Condition, Key, Page, Query, Record, RecordStore, Write};
use imegha_cloud::clock::{Clock as _, ManualClock, SystemClock};
use imegha_cloud::schema::{CloudSchema, CloudValue, Collection};
use imegha_cloud::{
    Action, AuditFilter, BytesSource, CancelToken, Cloud, Content, Depth, DeviceStore as _, Entry, MemoryDevice,
    Result, Store, Usage,
};
use imegha_crypto::{Id, Purpose, Sealed};

use crate::adversary::{Failing, Failure, Plan};
use crate::client_audit::audited;
use crate::storage::{Records, Storage, keys};

/// A real record store that counts the entries of the log that are read.
#[derive(Debug)]
pub(crate) struct LogReads {
    inner: Arc<Records>,
    entries: AtomicU64,
}

impl LogReads {
    pub(crate) fn new(inner: &Arc<Records>) -> Arc<Self> {
        Arc::new(Self { inner: inner.clone(), entries: AtomicU64::new(0) })
    }

    /// How many there were since the last call.
    pub(crate) fn take(&self) -> u64 {
        self.entries.swap(0, Ordering::SeqCst)
    }
}

#[async_trait]
impl RecordStore<CloudSchema> for LogReads {
    async fn get(&self, key: &Key<CloudSchema>) -> Result<Option<Record<CloudSchema>>> {
        assert_ne!(key.collection, Collection::Log, "entries are queried");
        self.inner.get(key).await
    }

    async fn query(&self, query: &Query<CloudSchema>) -> Result<Page<CloudSchema>> {
        let page = self.inner.query(query).await?;
        if query.collection == Collection::Log {
            self.entries.fetch_add(page.records.len() as u64, Ordering::SeqCst);
        }
        Ok(page)
    }

    async fn transact(&self, writes: &[Write<CloudSchema>]) -> Result<()> {
        self.inner.transact(writes).await
    }
}

/// A place of the log, as a record says it: not to be believed.
pub(crate) fn place_key() -> Key<CloudSchema> {
    Key::new(Collection::Cloud, [], [CloudValue::U64(3)])
}

pub(crate) fn every(entries: u64) -> NonZeroU64 {
    NonZeroU64::new(entries).unwrap()
}

/// So many changes, each of which is one entry of the log.
pub(crate) async fn change(cloud: &Cloud, times: u64) {
    for number in 0..times {
        cloud.edit_profile(|profile| profile.bio = format!("{number} of {times}")).await.unwrap();
    }
}

/// What a device without memory sees, and how many entries of the log it read for that.
pub(crate) async fn seen_anew(store: Store) -> (Cloud, Seen, u64) {
    let reads = LogReads::new(&store.records);
    let store = Store { records: reads.clone(), device: Arc::new(MemoryDevice::new()), ..store };
    let cloud = Cloud::open(keys(), store).await.unwrap();
    let read = reads.take();
    let seen = Seen::by(&cloud).await;
    (cloud, seen, read)
}

/// What a device sees of a cloud.
#[derive(Debug, PartialEq)]
pub(crate) struct Seen {
    entries: Vec<Entry>,
    bio: String,
    trash: Vec<Entry>,
}

impl Seen {
    pub(crate) async fn by(cloud: &Cloud) -> Self {
        let bio = cloud.profile().await.unwrap().bio;
        Self { entries: cloud.list(&cloud.root()).await.unwrap(), bio, trash: cloud.list_trash().await.unwrap() }
    }
}

/// What a device sees that has that memory, long enough from now that what nobody names is collected.
pub(crate) fn in_a_month(storage: &Storage, device: Arc<MemoryDevice>) -> Store {
    let clock = Arc::new(ManualClock::new(SystemClock.now_ms() + 30 * 24 * 3_600_000));
    Store { clock, ..storage.store_of(device) }
}

/// Changes what a device remembers of a cloud.
pub(crate) async fn edit_memory<T>(
    device: &MemoryDevice,
    cloud: &Id,
    edit: impl FnOnce(&mut serde_json::Map<String, serde_json::Value>) -> T,
) -> T {
    let key = keys().dek.derive_purpose_key(Purpose::Log, cloud);
    let sealed = Sealed::from_received(device.load(cloud).await.unwrap().unwrap()).unwrap();
    let mut memory = serde_json::from_slice(&key.open_local(&sealed, "index", cloud).unwrap()).unwrap();
    let edited = edit(&mut memory);
    let sealed = key.seal_local("index", cloud, &serde_json::to_vec(&memory).unwrap()).unwrap();
    device.save(cloud, sealed.into_bytes()).await.unwrap();
    edited
}

/// The length of the log.
pub(crate) async fn log_len(storage: &Storage) -> u64 {
    let head = storage.records.get(&Key::new(Collection::Head, [], [CloudValue::U64(1)])).await.unwrap().unwrap();
    match head.field(imegha_cloud::schema::Field::Seq) {
        Some(CloudValue::U64(seq)) => *seq,
        other => panic!("no number of the head: {other:?}"),
    }
}

#[tokio::test]
async fn a_new_device_reads_the_end_of_a_long_log() {
    let storage = Storage::memory();
    let cloud = storage.create().await;
    let file = cloud.upload(&cloud.root(), "file", Content::new(BytesSource::new("1"))).await.unwrap();
    let gone = cloud.create_folder(&cloud.root(), "gone").await.unwrap();
    cloud.trash(&[gone.id]).await.unwrap();
    change(&cloud, 2_500).await;
    let len = log_len(&storage).await;
    assert!((2_507..2_512).contains(&len), "two checkpoints: {len}");

    let (stranger, seen, read) = seen_anew(storage.store()).await;
    assert_eq!(seen, Seen::by(&cloud).await);
    assert!((1..=1_002).contains(&read), "{read} entries of {len}");
    assert_eq!(stranger.download(&file.id).await.unwrap().bytes().await.unwrap(), b"1");
    assert_eq!(usage(&cloud).await.checkpoint.count, 1);
    // The control: without the record that leads there all of it is read, to the same end.
    storage.records.transact(&[Write::Delete(place_key(), Condition::Present)]).await.unwrap();
    let (_, seen, read) = seen_anew(storage.store()).await;
    assert_eq!((seen, read), (Seen::by(&cloud).await, len));
}

#[tokio::test]
async fn a_device_that_remembers_reads_every_entry_since() {
    for storage in Storage::all().await {
        let cloud = storage.create().await.checkpoint_every(every(10));
        let reads = LogReads::new(&storage.records);
        let store = Store { records: reads.clone(), ..storage.store() };
        let other = Cloud::open(keys(), store).await.unwrap();
        reads.take();
        change(&cloud, 25).await;
        other.refresh().await.unwrap();
        assert_eq!(reads.take(), log_len(&storage).await - 1, "{}", storage.name);
    }
}

#[tokio::test]
async fn on_every_storage_a_checkpoint_replaces_the_one_before() {
    for storage in Storage::all().await {
        let cloud = storage.create().await.checkpoint_every(every(10));
        let folder = cloud.create_folder(&cloud.root(), "folder").await.unwrap();
        for number in 0..30 {
            let source = BytesSource::new(vec![number; 100]);
            cloud.upload(&folder.id, &number.to_string(), Content::new(source)).await.unwrap();
        }
        assert_eq!(storage.objects().await, (31, 0), "{}", storage.name);
        let (stranger, seen, read) = seen_anew(storage.store()).await;
        assert_eq!(seen, Seen::by(&cloud).await);
        assert!(read <= 12, "{}: {read} entries", storage.name);
        assert_eq!(stranger.list(&folder.id).await.unwrap(), cloud.list(&folder.id).await.unwrap());

        // It is named by the log, and by nothing else: what counts and what collects know of it.
        let counted = usage(&stranger).await;
        assert_eq!((counted.checkpoint.count, counted.orphaned.count, counted.missing), (1, 0, 0));
        let report = stranger.verify(Depth::Deep).await.unwrap();
        assert!(report.problems.is_empty(), "{report:?}");
        let clock = Arc::new(ManualClock::new(SystemClock.now_ms() + 30 * 24 * 3_600_000));
        let later = Cloud::open(keys(), Store { clock, ..storage.store() }).await.unwrap();
        assert_eq!(later.gc().await.unwrap().objects, 0);
        // What the new device writes is seen by the old one, and the other way round.
        stranger.rename(&folder.id, "renamed").await.unwrap();
        change(&cloud, 3).await;
        assert_eq!(Seen::by(&stranger).await, Seen::by(&cloud).await);
        let made = audited(&stranger, AuditFilter::new().action(Action::Checkpoint)).await.unwrap();
        assert!((3..=4).contains(&made.len()) && made.iter().all(|entry| entry.nodes.is_empty()), "{made:?}");
    }
}

#[tokio::test]
async fn a_checkpoint_that_is_lost_is_written_anew_by_who_missed_it() {
    for storage in Storage::all().await {
        let cloud = storage.create().await.checkpoint_every(every(10));
        change(&cloud, 15).await;
        let lost = storage.blobs.list(None, 10).await.unwrap();
        assert_eq!(lost.len(), 1);
        storage.blobs.delete(&lost[0].name).await.unwrap();
        assert_eq!(usage(&cloud).await.missing, 0, "{}: nothing that anybody has kept", storage.name);

        let (stranger, seen, read) = seen_anew(storage.store()).await;
        assert_eq!(seen, Seen::by(&cloud).await);
        assert!(read >= log_len(&storage).await, "{}: {read}", storage.name);
        let stranger = stranger.checkpoint_every(every(10));
        change(&stranger, 1).await;
        assert_eq!(storage.objects().await, (1, 0));
        let (_, seen, read) = seen_anew(storage.store()).await;
        assert!(seen == Seen::by(&cloud).await && read <= 2, "{}: {read}", storage.name);
    }
}

/// It is the log's all the same: others start from it.
#[tokio::test]
async fn a_checkpoint_that_a_device_could_not_use_is_not_collected() {
    for storage in Storage::all().await {
        let cloud = storage.create().await.checkpoint_every(every(10));
        change(&cloud, 15).await;
        let device = Arc::new(MemoryDevice::new());
        let later = |blobs| Store { blobs, ..in_a_month(&storage, device.clone()) };
        let plan = Plan::new(0, Failure::Gone);
        let missed = Cloud::open(keys(), later(Failing::new(&storage.blobs, &plan))).await.unwrap();
        plan.recover();
        let again = Cloud::open(keys(), later(storage.blobs.clone())).await.unwrap();
        for device in [missed, again.clone()] {
            let counted = usage(&device).await;
            assert_eq!((counted.checkpoint.count, counted.orphaned.count), (1, 0), "{}", storage.name);
            assert_eq!(device.gc().await.unwrap().objects, 0);
        }
        let (_, seen, read) = seen_anew(storage.store()).await;
        assert!(seen == Seen::by(&cloud).await && read <= 7, "{read}");

        // Another one is due to it at once, and replaces that one.
        let len = log_len(&storage).await;
        change(&again.checkpoint_every(every(10)), 1).await;
        assert_eq!((log_len(&storage).await, storage.objects().await), (len + 2, (1, 0)), "{}", storage.name);
    }
}

#[tokio::test]
async fn a_checkpoint_that_an_older_version_did_not_remember_is_not_collected() {
    for storage in Storage::all().await {
        let device = Arc::new(MemoryDevice::new());
        let cloud = Cloud::create(keys(), storage.store_of(device.clone())).await.unwrap().checkpoint_every(every(10));
        change(&cloud, 35).await;
        let at = edit_memory(&device, &cloud.id(), |memory| memory.remove("checkpoint").unwrap()).await;
        let older = Cloud::open(keys(), in_a_month(&storage, device.clone())).await.unwrap();
        assert_eq!(older.gc().await.unwrap().objects, 0, "{}: {at}", storage.name);
        let older = Cloud::open(keys(), in_a_month(&storage, device.clone())).await.unwrap();
        let counted = usage(&older).await;
        assert_eq!((counted.checkpoint.count, counted.orphaned.count), (1, 0), "{}", storage.name);
        // What is known of it by now is remembered with the next change.
        change(&older, 1).await;
        edit_memory(&device, &cloud.id(), |memory| assert_eq!(memory["checkpoint"], at)).await;
        let (_, seen, read) = seen_anew(storage.store()).await;
        assert!(seen == Seen::by(&cloud).await && read <= 12, "{read}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_that_write_at_once_leave_one_checkpoint() {
    for storage in Storage::all().await {
        let first = Cloud::create(keys(), storage.store_in_real_time()).await.unwrap().checkpoint_every(every(3));
        let second = Cloud::open(keys(), storage.store_in_real_time()).await.unwrap().checkpoint_every(every(3));
        let write = |cloud: Cloud, device: &'static str| async move {
            for number in 0..20 {
                cloud.create_folder(&cloud.root(), &format!("{device} {number}")).await.unwrap();
            }
        };
        let (a, b) = (tokio::spawn(write(first.clone(), "a")), tokio::spawn(write(second.clone(), "b")));
        a.await.unwrap();
        b.await.unwrap();
        let (_, seen, read) = seen_anew(storage.store()).await;
        assert_eq!(seen, Seen::by(&first).await, "{}", storage.name);
        assert_eq!(seen.entries.len(), 40);
        assert!(read < log_len(&storage).await, "{}: {read}", storage.name);
        // Who lost a race has removed what it had stored.
        assert_eq!(storage.objects().await, (1, 0), "{}", storage.name);
        let report = second.verify(Depth::Deep).await.unwrap();
        assert!(report.problems.is_empty(), "{report:?}");
    }
}

/// Each call to the storage from the one that makes the change on is where the device dies, or its line does.
#[tokio::test]
async fn whoever_dies_at_a_checkpoint_has_made_the_change() {
    for failure in
        [Failure::Before, Failure::After, Failure::Gone, Failure::Lost, Failure::DiesBefore, Failure::DiesAfter]
    {
        let (mut steps, mut with, mut without) = (0, 0, 0);
        loop {
            let storage = Storage::memory();
            let device = Arc::new(MemoryDevice::new());
            let cloud = Cloud::create(keys(), storage.store_of(device.clone())).await.unwrap();
            change(&cloud, 8).await;
            drop(cloud);
            let plan = Plan::new(u32::MAX, failure);
            let store = Store {
                records: Failing::new(&storage.records, &plan),
                blobs: Failing::new(&storage.blobs, &plan),
                ..storage.store_of(device.clone())
            };
            let cloud = Cloud::open(keys(), store).await.unwrap().checkpoint_every(every(10));
            plan.fail_after(steps);
            let edit = cloud.edit_profile(|profile| profile.bio = "the tenth".to_owned());
            let ended = plan.until_death(edit).await;
            let (was_to_fail, reached) = (plan.failed(), log_len(&storage).await);
            drop(cloud);
            if let Some(ended) = &ended
                && reached >= 10
                && !matches!(failure, Failure::Lost)
            {
                // Whatever became of the checkpoint, the change was acknowledged.
                assert!(ended.is_ok(), "{failure:?} {steps}: {ended:?}");
            }
            let (_, seen, read) = seen_anew(storage.store()).await;
            if reached >= 10 {
                assert_eq!(seen.bio, "the tenth");
            }
            match read < reached {
                true => with += 1,
                false => without += 1,
            }
            // The device comes again, and so does a checkpoint; what was left behind is collected.
            let again = Cloud::open(keys(), storage.store_of(device)).await.unwrap().checkpoint_every(every(10));
            change(&again, 10).await;
            let (stranger, seen, read) = seen_anew(storage.store()).await;
            assert!(seen == Seen::by(&again).await && read <= 11, "{failure:?} {steps}: {read}");
            let clock = Arc::new(ManualClock::new(SystemClock.now_ms() + 30 * 24 * 3_600_000));
            Cloud::open(keys(), Store { clock, ..storage.store() }).await.unwrap().gc().await.unwrap();
            assert_eq!(storage.objects().await, (1, 0), "{failure:?} {steps}");
            assert!(stranger.verify(Depth::Deep).await.unwrap().problems.is_empty());
            if !was_to_fail {
                break;
            }
            steps += 1;
        }
        assert!(steps >= 5 && with > 0, "{failure:?}: {steps} steps, {with} with, {without} without");
        // What is lost once only is done again.
        assert!(without > 0 || matches!(failure, Failure::Before | Failure::After), "{failure:?}");
    }
}

/// The change is done: whoever made it waits for no storage that is gone, or that never answers.
#[tokio::test]
async fn a_checkpoint_does_not_hold_up_the_change_before_it() {
    let storage = Storage::memory();
    let cloud = storage.create().await;
    change(&cloud, 8).await;
    let edit = |cloud: &Cloud, bio: &'static str| {
        let cloud = cloud.clone().checkpoint_every(every(10));
        async move { cloud.edit_profile(|profile| profile.bio = bio.to_owned()).await }
    };

    // The first call to the objects never ends.
    let plan = Plan::new(0, Failure::DiesBefore);
    let store = Store { blobs: Failing::new(&storage.blobs, &plan), ..storage.store() };
    let hanging = Cloud::open(keys(), store).await.unwrap();
    let started = Instant::now();
    edit(&hanging, "the tenth").await.unwrap();
    let took = started.elapsed();
    assert!(plan.failed() && (10..60).contains(&took.as_secs()), "{took:?}");
    assert_eq!((log_len(&storage).await, storage.objects().await), (10, (0, 0)));

    // The second transaction is heard, and nothing comes back from then on: it is not sent again.
    let plan = Plan::of_writes(1, Failure::Lost);
    let store = Store { records: Failing::new(&storage.records, &plan), ..storage.store() };
    let gone = Cloud::open(keys(), store).await.unwrap();
    edit(&gone, "the eleventh").await.unwrap();
    assert_eq!((plan.calls(), log_len(&storage).await, storage.objects().await), (2, 12, (1, 0)));
    let (_, seen, read) = seen_anew(storage.store()).await;
    assert!(seen.bio == "the eleventh" && read <= 2, "{read}");
}

#[tokio::test]
async fn a_cloud_that_has_moved_has_a_checkpoint_where_it_is_now() {
    let (from, to) = (Storage::memory(), Storage::embedded());
    let cloud = from.create().await.checkpoint_every(every(10));
    cloud.upload(&cloud.root(), "file", Content::new(BytesSource::new("1"))).await.unwrap();
    change(&cloud, 15).await;
    let moved = cloud.migrate(to.store(), &CancelToken::new(), |_| {}).await.unwrap();
    assert_eq!(moved.objects, 1, "the file's; an index is made where it is read");
    let (stranger, seen, read) = seen_anew(to.store()).await;
    assert_eq!(seen, Seen::by(&moved.cloud).await);
    assert!(read <= 3, "{read}");
    assert_eq!(to.objects().await, (2, 0));
    assert!(stranger.verify(Depth::Deep).await.unwrap().problems.is_empty());
    // A place that was left takes no checkpoint either.
    let (left, ..) = seen_anew(from.store()).await;
    assert!(left.has_left().await.unwrap());
}

async fn usage(cloud: &Cloud) -> Usage {
    cloud.usage().await.unwrap()
}
