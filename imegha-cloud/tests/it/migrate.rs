//! A cloud moves to other storage: with everything, killed at any moment, and never to two places.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use imegha_cloud::backend::{Key, Page, Query, Record, RecordStore, Write};
use imegha_cloud::schema::CloudSchema;
use imegha_cloud::{
    BytesSource, CancelToken, Cloud, Content, Depth, Entry, ErrorKind, MemoryDevice, MigrateProgress, Migrated, Result,
    Store,
};
use tokio::sync::Mutex;

use crate::adversary::{Failing, Failure, Plan, Tampering};
use crate::storage::{Records, Storage, bytes, keys, other_keys};

/// Longer than one part.
const LARGE: usize = 9 * 1024 * 1024;

fn content(len: usize, seed: u64) -> Content {
    Content::new(BytesSource::new(bytes(len, seed)))
}

/// Puts into a cloud what a cloud can have: folders, revisions, the trash, names that were others, what is gone.
async fn fill(cloud: &Cloud) {
    let folder = cloud.create_folder(&cloud.root(), "folder").await.unwrap();
    let file = cloud.upload(&folder.id, "first name", content(40_000, 1)).await.unwrap();
    cloud.replace(&file.id, content(100, 2)).await.unwrap();
    cloud.rename(&file.id, "file").await.unwrap();
    let thrown = cloud.upload(&cloud.root(), "thrown away", content(300, 3)).await.unwrap();
    let gone = cloud.upload(&cloud.root(), "gone", content(300, 4)).await.unwrap();
    cloud.trash(&[thrown.id, gone.id]).await.unwrap();
    cloud.purge(&[gone.id]).await.unwrap();
    cloud.edit_profile(|profile| profile.name = "Ada".to_owned()).await.unwrap();
}

/// Sees that what [`fill`] did is there, whole.
async fn check(cloud: &Cloud) {
    let folder = named(cloud, &cloud.root(), "folder").await;
    let file = named(cloud, &folder.id, "file").await;
    assert!(cloud.download(&file.id).await.unwrap().bytes().await.unwrap() == bytes(100, 2));
    assert_eq!(cloud.revisions(&file.id).await.unwrap().len(), 2);
    assert_eq!(cloud.list_trash().await.unwrap().len(), 1);
    assert_eq!(cloud.profile().await.unwrap().name, "Ada");
    assert_eq!(cloud.verify(Depth::Deep).await.unwrap().problems, []);
}

async fn named(cloud: &Cloud, folder: &imegha_crypto::Id, name: &str) -> Entry {
    let listed = cloud.list(folder).await.unwrap();
    listed
        .into_iter()
        .find(|entry| entry.name.eq_ignore_ascii_case(name))
        .unwrap_or_else(|| panic!("{name} is not there"))
}

async fn moved(from: &Storage, to: &Storage) -> Result<Migrated> {
    Cloud::open(keys(), from.store()).await?.migrate(to.store(), &CancelToken::new(), |_| {}).await
}

/// Whether a place takes changes. If it does, there is a folder more.
async fn takes_changes(storage: &Storage) -> bool {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let name = format!("change {}", NUMBER.fetch_add(1, Ordering::SeqCst));
    let cloud = match Cloud::open(keys(), storage.store()).await {
        Ok(cloud) => cloud,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::NotFound, "{error:?}");
            return false;
        }
    };
    match cloud.create_folder(&cloud.root(), &name).await {
        Ok(_) => true,
        Err(error) => {
            // Where it is being moved back to, what it has left lies in part under what is new.
            let refused = matches!(error.kind(), ErrorKind::Moved | ErrorKind::CannotOpen | ErrorKind::Rollback);
            assert!(refused, "{error:?}");
            false
        }
    }
}

/// From each kind of storage to each, with a device that comes along.
#[tokio::test(flavor = "multi_thread")]
async fn a_cloud_moves_with_everything() {
    for index in 0..Storage::all().await.len() {
        for to in Storage::all().await {
            let from = Storage::all().await.swap_remove(index);
            let at = format!("{} to {}", from.name, to.name);
            let device = Arc::new(MemoryDevice::new());
            let cloud = Cloud::create(keys(), from.store_of(device.clone())).await.unwrap();
            fill(&cloud).await;
            cloud.upload(&cloud.root(), "large", content(LARGE, 5)).await.unwrap();
            let seen = std::sync::Mutex::new(Vec::new());
            let watch = |progress: MigrateProgress| seen.lock().unwrap().push(progress);
            let moved = cloud.migrate(to.store_of(device.clone()), &CancelToken::new(), watch).await.expect(&at);
            assert_eq!(moved.objects, 4, "{at}");
            assert!(moved.bytes > LARGE as u64 && moved.records > 20, "{at}: {moved:?}");
            let last = *seen.lock().unwrap().last().unwrap();
            assert!(last.bytes == last.of && last.of == moved.bytes, "{at}: {last:?}");
            check(&moved.cloud).await;
            let large = named(&moved.cloud, &moved.cloud.root(), "large").await;
            assert!(moved.cloud.download(&large.id).await.unwrap().bytes().await.unwrap() == bytes(LARGE, 5));
            assert_eq!(to.objects().await, (4, 0), "{at}");

            // It is read where it was, and written to where it is.
            check(&cloud).await;
            assert!(cloud.has_left().await.unwrap() && !moved.cloud.has_left().await.unwrap());
            for refused in [
                cloud.create_folder(&cloud.root(), "late").await.unwrap_err(),
                cloud.upload(&cloud.root(), "late", content(10, 1)).await.unwrap_err(),
                cloud.trash(&[large.id]).await.unwrap_err(),
                Cloud::open(keys(), from.store()).await.unwrap().rename(&large.id, "x").await.unwrap_err(),
            ] {
                assert_eq!(refused.kind(), ErrorKind::Moved, "{at}");
            }
            // A device that has seen it arrive knows that the old place is old.
            let older = Cloud::open(keys(), from.store_of(device.clone())).await.unwrap_err();
            assert_eq!(older.kind(), ErrorKind::Rollback, "{at}");
            moved.cloud.create_folder(&moved.cloud.root(), "late").await.expect(&at);
            let again = Cloud::open(keys(), to.store_of(device)).await.unwrap();
            assert_eq!(again.list(&again.root()).await.unwrap().len(), 3, "{at}");
        }
    }
}

/// Each call to either place is one that the program dies at, before it is heard and after. Of the two places one at most takes changes
/// then, and the next run brings everything to its end; what was written to the old place in between comes along.
async fn killed_at_every_call(failure: Failure) -> u32 {
    for fail_at in 0.. {
        let (from, to) = (Storage::memory(), Storage::memory());
        fill(&from.create().await).await;
        let plan = Plan::new(fail_at, failure);
        let through = |storage: &Storage| Store {
            records: Failing::new(&storage.records, &plan),
            blobs: Failing::new(&storage.blobs, &plan),
            ..storage.store()
        };
        let (old, new) = (through(&from), through(&to));
        let run = async { Cloud::open(keys(), old).await?.migrate(new, &CancelToken::new(), |_| {}).await.map(drop) };
        let ended = plan.until_death(run).await;
        let at = format!("{failure:?} at call {fail_at}");
        let (old, new) = (takes_changes(&from).await, takes_changes(&to).await);
        assert!(!(old && new), "{at}: two clouds");
        let done = matches!(ended, Some(Ok(())));
        assert!(!done || new, "{at}");
        if let Some(Err(error)) = ended {
            assert_eq!(error.kind(), ErrorKind::Unavailable, "{at}");
        }

        let moved = moved(&from, &to).await.expect(&at);
        check(&moved.cloud).await;
        let changes = usize::from(old) + usize::from(new);
        assert_eq!(moved.cloud.list(&moved.cloud.root()).await.unwrap().len(), 1 + changes, "{at}");
        assert_eq!(to.objects().await, (3, 0), "{at}");
        assert_eq!((takes_changes(&from).await, takes_changes(&to).await), (false, true), "{at}");
        if !plan.failed() {
            return fail_at;
        }
    }
    unreachable!("a run makes fewer than four billion calls")
}

#[tokio::test]
async fn a56_a_migration_that_dies_goes_on() {
    for failure in [Failure::DiesBefore, Failure::DiesAfter] {
        assert!(killed_at_every_call(failure).await > 30);
    }
}

#[tokio::test]
async fn a_migration_whose_storage_stays_away_goes_on() {
    for failure in [Failure::Gone, Failure::Lost] {
        assert!(killed_at_every_call(failure).await > 30);
    }
}

#[tokio::test]
async fn a_call_that_fails_once_is_tried_again() {
    for failure in [Failure::Before, Failure::After] {
        for fail_at in 0..80 {
            let (from, to) = (Storage::memory(), Storage::memory());
            fill(&from.create().await).await;
            let plan = Plan::new(fail_at, failure);
            let store = |storage: &Storage| Store {
                records: Failing::new(&storage.records, &plan),
                blobs: Failing::new(&storage.blobs, &plan),
                ..storage.store()
            };
            let cloud = Cloud::open(keys(), store(&from)).await.unwrap();
            let moved = cloud.migrate(store(&to), &CancelToken::new(), |_| {}).await;
            check(&moved.unwrap_or_else(|error| panic!("{failure:?} at {fail_at}: {error:?}")).cloud).await;
        }
    }
}

/// Counts what is asked of records in either place, and stops the move when that many were.
#[derive(Debug)]
struct Stopping {
    inner: Arc<Records>,
    left: Arc<AtomicU32>,
    stop: CancelToken,
}

impl Stopping {
    fn count(&self) {
        if self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.stop.cancel();
        }
    }
}

#[async_trait]
impl RecordStore<CloudSchema> for Stopping {
    async fn get(&self, key: &Key<CloudSchema>) -> Result<Option<Record<CloudSchema>>> {
        self.count();
        self.inner.get(key).await
    }

    async fn query(&self, query: &Query<CloudSchema>) -> Result<Page<CloudSchema>> {
        self.count();
        self.inner.query(query).await
    }

    async fn transact(&self, writes: &[Write<CloudSchema>]) -> Result<()> {
        self.count();
        self.inner.transact(writes).await
    }
}

/// Stopped at each of its steps: either nothing has happened, or it comes to its end. Never does a cloud that was stopped take changes nowhere.
#[tokio::test]
async fn a_move_is_stopped_before_the_cloud_leaves_or_not_at_all() {
    let (mut stopped, mut ended) = (0, 0);
    for stop_at in 1.. {
        let (from, to) = (Storage::memory(), Storage::memory());
        fill(&from.create().await).await;
        let (stop, left) = (CancelToken::new(), Arc::new(AtomicU32::new(u32::MAX)));
        let through = |storage: &Storage| Store {
            records: Arc::new(Stopping { inner: storage.records.clone(), left: left.clone(), stop: stop.clone() }),
            ..storage.store()
        };
        let cloud = Cloud::open(keys(), through(&from)).await.unwrap();
        left.store(stop_at, Ordering::SeqCst);
        let moved = cloud.migrate(through(&to), &stop, |_| {}).await;
        if !stop.is_cancelled() {
            check(&moved.unwrap().cloud).await;
            break;
        }
        match moved {
            Ok(moved) => {
                ended += 1;
                check(&moved.cloud).await;
                assert!(takes_changes(&to).await && !takes_changes(&from).await, "{stop_at}");
            }
            Err(error) => {
                stopped += 1;
                assert_eq!(error.kind(), ErrorKind::Cancelled, "{stop_at}");
                assert!(!cloud.has_left().await.unwrap(), "{stop_at}");
                assert!(takes_changes(&from).await && !takes_changes(&to).await, "{stop_at}");
                check(&self::moved(&from, &to).await.unwrap().cloud).await;
            }
        }
    }
    assert!(stopped > 10 && ended > 5, "{stopped} were stopped, and {ended} were not");
}

/// A part of a large object that was sent does not stay behind when the next run begins anew.
#[tokio::test]
async fn what_was_half_sent_is_dropped() {
    let (from, to) = (Storage::memory(), Storage::memory());
    let cloud = from.create().await;
    cloud.upload(&cloud.root(), "large", content(LARGE, 5)).await.unwrap();
    let mut left = 0;
    for fail_at in 0.. {
        let plan = Plan::new(fail_at, Failure::DiesAfter);
        let blobs: Arc<crate::storage::Blobs> = Failing::new(&to.blobs, &plan);
        let new = Store { blobs, ..to.store() };
        let ended = plan.until_death(cloud.migrate(new, &CancelToken::new(), |_| {})).await;
        left = left.max(to.objects().await.1);
        if let Some(moved) = ended {
            moved.unwrap();
            break;
        }
    }
    assert_eq!((left, to.objects().await), (1, (1, 0)));
    check_large(&to).await;
}

async fn check_large(storage: &Storage) {
    let cloud = Cloud::open(keys(), storage.store()).await.unwrap();
    let large = named(&cloud, &cloud.root(), "large").await;
    assert!(cloud.download(&large.id).await.unwrap().bytes().await.unwrap() == bytes(LARGE, 5));
}

/// Another device of the owner's that writes to the old place whenever something is written to the new one.
#[derive(Debug)]
struct Busy {
    inner: Arc<Records>,
    other: Cloud,
    left: Mutex<u32>,
}

#[async_trait]
impl RecordStore<CloudSchema> for Busy {
    async fn get(&self, key: &Key<CloudSchema>) -> Result<Option<Record<CloudSchema>>> {
        self.inner.get(key).await
    }

    async fn query(&self, query: &Query<CloudSchema>) -> Result<Page<CloudSchema>> {
        self.inner.query(query).await
    }

    async fn transact(&self, writes: &[Write<CloudSchema>]) -> Result<()> {
        let mut left = self.left.lock().await;
        if *left > 0 {
            *left -= 1;
            let root = self.other.root();
            match *left % 3 {
                0 => drop(self.other.upload(&root, &format!("late {left}"), content(500, 9)).await?),
                1 => {
                    let listed = self.other.list(&root).await?;
                    let late: Vec<_> =
                        listed.iter().filter(|entry| entry.name.starts_with("late")).map(|entry| entry.id).collect();
                    self.other.trash(&late).await?;
                    self.other.purge(&late).await?;
                }
                _ => {
                    let folder = named(&self.other, &root, "folder").await;
                    self.other.rename(&folder.id, if *left % 2 == 0 { "Folder" } else { "folder" }).await?;
                }
            }
        }
        self.inner.transact(writes).await
    }
}

#[tokio::test]
async fn what_changes_meanwhile_comes_along() {
    for changes in 1..14 {
        let (from, to) = (Storage::memory(), Storage::memory());
        let cloud = from.create().await;
        fill(&cloud).await;
        let other = Cloud::open(keys(), from.store()).await.unwrap();
        let busy = Arc::new(Busy { inner: to.records.clone(), other: other.clone(), left: Mutex::new(changes) });
        let moved =
            cloud.migrate(Store { records: busy.clone(), ..to.store() }, &CancelToken::new(), |_| {}).await.unwrap();
        assert_eq!(*busy.left.lock().await, 0);
        let names = async |cloud: &Cloud| {
            let listed = cloud.list(&cloud.root()).await.unwrap();
            let mut names: Vec<_> = listed.into_iter().map(|entry| (entry.name, entry.id, entry.sha256)).collect();
            names.sort();
            names
        };
        assert_eq!(names(&moved.cloud).await, names(&other).await, "{changes}");
        assert_eq!(moved.cloud.verify(Depth::Deep).await.unwrap().problems, [], "{changes}");
        // The device that wrote hears of it at its next change.
        let refused = other.create_folder(&other.root(), "later still").await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Moved);
    }
}

/// Somebody who writes without end is waited for, but not for ever.
#[tokio::test]
async fn who_never_stops_writing_is_told() {
    let (from, to) = (Storage::memory(), Storage::memory());
    let cloud = from.create().await;
    fill(&cloud).await;
    let other = Cloud::open(keys(), from.store()).await.unwrap();
    let busy = Arc::new(Busy { inner: to.records.clone(), other, left: Mutex::new(u32::MAX) });
    let error = cloud.migrate(Store { records: busy, ..to.store() }, &CancelToken::new(), |_| {}).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(takes_changes(&from).await && !takes_changes(&to).await);
    check(&moved(&from, &to).await.unwrap().cloud).await;
}

/// Back again, with what was done there; what is gone there is gone here as well.
#[tokio::test]
async fn a_cloud_moves_back() {
    let (here, there) = (Storage::embedded(), Storage::memory());
    fill(&here.create().await).await;
    for round in 0..3 {
        let (from, to) = if round % 2 == 0 { (&here, &there) } else { (&there, &here) };
        let cloud = moved(from, to).await.unwrap().cloud;
        let (root, name) = (cloud.root(), format!("of round {round}"));
        let file = cloud.upload(&root, &name, content(700, 10 + round)).await.unwrap();
        if round > 0 {
            let before = named(&cloud, &root, &format!("of round {}", round - 1)).await;
            cloud.trash(&[before.id]).await.unwrap();
            cloud.purge(&[before.id]).await.unwrap();
        }
        assert!(cloud.download(&file.id).await.unwrap().bytes().await.unwrap() == bytes(700, 10 + round));
        check(&cloud).await;
        assert_eq!((takes_changes(from).await, takes_changes(to).await), (false, true));
    }
    // A run that has nothing to do copies nothing.
    let again = moved(&here, &there).await.unwrap();
    assert_eq!((again.records, again.objects), (0, 0));
}

/// The same as [`a_cloud_moves_back`], where each call is one that the program dies at.
#[tokio::test]
async fn a_move_back_that_dies_goes_on() {
    for fail_at in 0.. {
        let (here, there) = (Storage::memory(), Storage::memory());
        fill(&here.create().await).await;
        let cloud = moved(&here, &there).await.unwrap().cloud;
        let thrown = cloud.list_trash().await.unwrap()[0].id;
        cloud.purge(&[thrown]).await.unwrap();
        cloud.upload(&cloud.root(), "new", content(700, 10)).await.unwrap();
        let plan = Plan::new(fail_at, Failure::DiesAfter);
        let new = Store {
            records: Failing::new(&here.records, &plan),
            blobs: Failing::new(&here.blobs, &plan),
            ..here.store()
        };
        let _ = plan.until_death(async { cloud.migrate(new, &CancelToken::new(), |_| {}).await.map(drop) }).await;
        let (old, new) = (takes_changes(&there).await, takes_changes(&here).await);
        assert!(!(old && new), "two clouds at {fail_at}");
        let back = moved(&there, &here).await.unwrap().cloud;
        assert_eq!(back.verify(Depth::Deep).await.unwrap().problems, [], "{fail_at}");
        named(&back, &back.root(), "new").await;
        assert!(back.list_trash().await.unwrap().is_empty(), "{fail_at}");
        if !plan.failed() {
            return;
        }
    }
}

/// A cloud leaves for one place. Whoever would take it to another as well is refused, and so is a place that has something.
#[tokio::test]
async fn there_is_one_new_place() {
    let (from, to, other) = (Storage::memory(), Storage::memory(), Storage::memory());
    fill(&from.create().await).await;
    // The ticket of a run that died early is nobody's yet.
    let plan = Plan::new(3, Failure::DiesBefore);
    let early = Store { records: Failing::new(&other.records, &plan), ..other.store() };
    let cloud = Cloud::open(keys(), from.store()).await.unwrap();
    assert!(plan.until_death(cloud.migrate(early, &CancelToken::new(), |_| {})).await.is_none());
    moved(&from, &to).await.unwrap();
    for elsewhere in [&other, &Storage::memory()] {
        assert_eq!(moved(&from, elsewhere).await.unwrap_err().kind(), ErrorKind::Moved);
        assert!(!takes_changes(elsewhere).await);
    }
    // Itself, another cloud of the same keys, another's.
    let (mine, anothers) = (Storage::memory(), Storage::memory());
    mine.create().await;
    Cloud::create(other_keys(), anothers.store()).await.unwrap();
    for taken in [&to, &mine, &anothers] {
        assert_eq!(moved(&to, taken).await.unwrap_err().kind(), ErrorKind::AlreadyExists);
    }
    // Who takes back what has arrived elsewhere has two clouds. Neither is written over the other.
    Cloud::open(keys(), from.store()).await.unwrap().take_back().await.unwrap();
    assert!(takes_changes(&from).await && takes_changes(&to).await);
    for (one, other) in [(&from, &to), (&to, &from)] {
        assert_eq!(moved(one, other).await.unwrap_err().kind(), ErrorKind::AlreadyExists);
    }
}

/// The new place was lost before the cloud had arrived: the owner says so, and goes on where it was.
#[tokio::test]
async fn a_cloud_that_has_left_is_taken_back() {
    let (from, lost) = (Storage::memory(), Storage::memory());
    let cloud = from.create().await;
    fill(&cloud).await;
    cloud.take_back().await.unwrap();
    for fail_at in 0.. {
        assert!(fail_at < 200, "it leaves at some call");
        let plan = Plan::new(fail_at, Failure::DiesBefore);
        let new = Store { records: Failing::new(&lost.records, &plan), ..lost.store() };
        assert!(plan.until_death(cloud.migrate(new, &CancelToken::new(), |_| {})).await.is_none());
        if cloud.has_left().await.unwrap() {
            break;
        }
    }
    let nowhere = Storage::memory();
    assert_eq!(moved(&from, &nowhere).await.unwrap_err().kind(), ErrorKind::Moved);
    cloud.take_back().await.unwrap();
    assert!(takes_changes(&from).await);
    check(&cloud).await;
    check(&moved(&from, &Storage::memory()).await.unwrap().cloud).await;
}

/// What is damaged or withheld is not left behind in silence.
#[tokio::test]
async fn a_damaged_cloud_stays_where_it_is() {
    let (from, to) = (Storage::memory(), Storage::memory());
    let cloud = from.create().await;
    fill(&cloud).await;
    let records = Tampering::new(&from.records);
    records.attack(Box::new(|key: &Key<CloudSchema>, record: Option<Record<CloudSchema>>| {
        use imegha_cloud::schema::Collection;
        record.filter(|_| key.collection != Collection::Profile)
    }) as crate::adversary::RecordAttack);
    let withheld = Cloud::open(keys(), Store { records, ..from.store() }).await.unwrap();
    assert_eq!(
        withheld.migrate(to.store(), &CancelToken::new(), |_| {}).await.unwrap_err().kind(),
        ErrorKind::Rollback
    );

    let object = from.blobs.list(None, 10).await.unwrap()[0].clone();
    let kept = crate::adversary::read_object(&*from.blobs, &object.name).await.unwrap();
    from.blobs.delete(&object.name).await.unwrap();
    assert_eq!(moved(&from, &to).await.unwrap_err().kind(), ErrorKind::NotFound);
    // Of another length: not what the record says.
    let shorter = imegha_crypto::SealedObject::from_received(kept[..kept.len() - 10].to_vec()).unwrap();
    from.blobs.put(&object.name, shorter).await.unwrap();
    assert_eq!(moved(&from, &to).await.unwrap_err().kind(), ErrorKind::CannotOpen);
    assert!(takes_changes(&from).await && !takes_changes(&to).await);
    from.blobs.delete(&object.name).await.unwrap();
    from.blobs.put(&object.name, imegha_crypto::SealedObject::from_received(kept).unwrap()).await.unwrap();
    check(&moved(&from, &to).await.unwrap().cloud).await;
}
