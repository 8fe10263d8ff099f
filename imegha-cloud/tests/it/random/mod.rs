//! Random operations of three devices on one cloud, against a plain tree; the storage fails now and then.
//!
//! Each run draws operations, who does each, and whether a call to the storage fails during it: before it is heard, after it was
//! done, either with everything after it or not. What the cloud then holds must be the model, before or after the operation; which
//! of both only a failure may leave open. Now and then the account's keys are renewed first, and every device goes on with the new
//! ones. `IMEGHA_TEST_SEED` draws other runs, `IMEGHA_TEST_RUNS` more or fewer.

mod model;
mod operation;

use std::cell::Cell;
use std::collections::HashMap;
use std::num::NonZeroU64;
use std::sync::Arc;

use imegha_cloud::clock::{Clock as _, ManualClock, SystemClock};
use imegha_cloud::{Cloud, CloudKeys, Depth, Entry, ErrorKind, MemoryDevice, Store};
use imegha_crypto::Id;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::adversary::{Failing, Failure, Plan};
use crate::storage::{MOST_RENEWALS, Storage, keys, renewed};
use model::{Line, Model, Refused, TRASH};
use operation::{Drawn, Operation, drawn};

/// One operation: by which device, and which call to the storage fails meanwhile.
#[derive(Clone, Debug)]
struct Step {
    device: usize,
    operation: Drawn,
    failure: Option<(Which, Failure)>,
    /// Whether the keys are renewed first.
    renews: bool,
}

/// Which call fails, counted from 0.
#[derive(Clone, Copy, Debug)]
enum Which {
    /// Of all of them.
    Call(u32),
    /// Of those that write records.
    Write(u32),
}

/// How often what happened, over all runs: a test of failures that never fail proves nothing.
#[derive(Debug, Default)]
struct Counts {
    done: Cell<u32>,
    refused: Cell<u32>,
    failed: Cell<u32>,
    /// Of the failed ones, those that had happened all the same.
    happened: Cell<u32>,
    /// Of the keys.
    renewed: Cell<u32>,
}

#[test]
fn three_devices_and_a_plain_tree_agree_in_memory() {
    runs(1, 1_000, || Box::pin(async { Storage::memory() }));
}

#[test]
fn three_devices_and_a_plain_tree_agree_on_one_machine() {
    runs(2, 500, || Box::pin(async { Storage::embedded_in(folder()) }));
}

// The slowest, in two halves, which run side by side.
#[cfg(all(feature = "gateway", feature = "remote"))]
#[test]
fn three_devices_and_a_plain_tree_agree_through_a_gateway() {
    runs(3, 250, || Box::pin(Storage::behind_a_gateway(Storage::embedded_in(folder()))));
}

#[cfg(all(feature = "gateway", feature = "remote"))]
#[test]
fn three_devices_and_a_plain_tree_agree_through_a_gateway_again() {
    runs(4, 250, || Box::pin(Storage::behind_a_gateway(Storage::embedded_in(folder()))));
}

pub(crate) type Made = std::pin::Pin<Box<dyn Future<Output = Storage>>>;

/// So many runs, each on what `make` makes, drawn from a seed.
pub(crate) fn runs(seed: u32, default: u32, make: fn() -> Made) {
    let setting = |name, default: u32| std::env::var(name).map_or(default, |text| text.parse().expect("a number"));
    let (seed, cases) = (setting("IMEGHA_TEST_SEED", seed), setting("IMEGHA_TEST_RUNS", default));
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&seed.to_be_bytes());
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let counts = Counts::default();
    runner
        .run(&proptest::collection::vec(step(), 1..17), |steps| {
            runtime.block_on(async { run(&make().await, &steps, &counts).await });
            Ok(())
        })
        .unwrap();
    println!("seed {seed}, {cases} runs: {counts:?}");
    if cases >= 250 {
        assert!(counts.done.get() > 2 * cases && counts.refused.get() > cases / 4, "{counts:?}");
        assert!(counts.failed.get() > cases / 4 && counts.happened.get() > cases / 50, "{counts:?}");
        assert!(counts.renewed.get() > cases / 8, "{counts:?}");
    }
}

fn step() -> impl Strategy<Value = Step> {
    let which = prop_oneof![(0..16_u32).prop_map(Which::Call), (0..2_u32).prop_map(Which::Write)];
    let how = prop_oneof![Just(Failure::Before), Just(Failure::After), Just(Failure::Gone), Just(Failure::Lost)];
    let failure = prop_oneof![2 => Just(None), 1 => (which, how).prop_map(Some)];
    let renews = prop_oneof![15 => Just(false), 1 => Just(true)];
    (0..DEVICES, drawn(), failure, renews).prop_map(|(device, operation, failure, renews)| Step {
        device,
        operation,
        failure,
        renews,
    })
}

async fn run(storage: &Storage, steps: &[Step], counts: &Counts) {
    let devices: Vec<Arc<MemoryDevice>> = (0..DEVICES).map(|_| Arc::default()).collect();
    let open = async |device: usize, keys: &CloudKeys| {
        let cloud = Cloud::open(keys.clone(), storage.store_of(devices[device].clone())).await;
        cloud.map(|cloud| cloud.checkpoint_every(DISTANCE))
    };
    let (mut keys, mut renewals) = (keys(), 0);
    let created = Cloud::create(keys.clone(), storage.store_of(devices[0].clone())).await.unwrap();
    let mut clouds = vec![created.checkpoint_every(DISTANCE)];
    for device in 1..DEVICES {
        clouds.push(open(device, &keys).await.unwrap());
    }
    let mut model = Model::new(clouds[0].root());
    for Step { device, operation, failure, renews } in steps {
        let Some(operation) = operation.on(&model) else { continue };
        let renews = *renews && renewals < MOST_RENEWALS;
        if renews {
            renewals += 1;
            keys = renewed(renewals);
            bump(&counts.renewed);
        }
        if renews && failure.is_none() {
            clouds[*device] = open(*device, &keys).await.unwrap();
        }
        let (outcome, was_to_fail) = match failure {
            None => (operation.run(&clouds[*device]).await, false),
            Some((which, failure)) => {
                // The device starts anew behind the failing line, with what it remembers.
                let plan = match which {
                    Which::Call(at) => Plan::new(*at, *failure),
                    Which::Write(at) => Plan::of_writes(*at, *failure),
                };
                let store = storage.store_of(devices[*device].clone());
                let records = Failing::new(&storage.records, &plan);
                let store = Store { records, blobs: Failing::new(&storage.blobs, &plan), ..store };
                let outcome = match Cloud::open(keys.clone(), store).await {
                    Ok(cloud) => operation.run(&cloud.checkpoint_every(DISTANCE)).await,
                    Err(error) => Err(error),
                };
                clouds[*device] = open(*device, &keys).await.unwrap();
                (outcome, plan.failed())
            }
        };
        if renews {
            // The others know the old keys only, which open nothing any more.
            for other in (0..DEVICES).filter(|other| other != device) {
                assert!(clouds[other].list(&clouds[other].root()).await.is_err());
                clouds[other] = open(other, &keys).await.unwrap();
            }
        }
        let before = model.clone();
        let made = outcome.as_ref().ok().copied().flatten();
        let refused = operation.apply(&mut model, made.unwrap_or(UNKNOWN)).err();
        match (&outcome, refused) {
            (Ok(_), None) => bump(&counts.done),
            (Err(error), Some(why)) if is_refusal(error.kind(), why) => {
                model = before;
                bump(&counts.refused);
            }
            (Err(error), _) if was_to_fail && error.kind() == ErrorKind::Unavailable => {
                bump(&counts.failed);
                let witness = &clouds[(device + 1) % DEVICES];
                model = settle(witness, &operation, before, model, counts).await;
            }
            other => panic!("{operation:?}: the cloud and the model say {other:?}"),
        }
    }
    check(storage, &keys, &clouds, devices[0].clone(), &model).await;
}

/// After a failure that leaves open what happened: the model that the cloud now is.
async fn settle(witness: &Cloud, operation: &Operation, before: Model, after: Model, counts: &Counts) -> Model {
    if !operation.is_one_change() {
        // Removing for good may have stopped anywhere; doing it again ends it, unless all of it was done.
        let again = operation.run(witness).await;
        assert!(again.is_ok() || again.is_err_and(|error| error.kind() == ErrorKind::NotFound), "{operation:?}");
        return if lines(witness).await == before.lines() { before } else { after };
    }
    if let Operation::Prune { file, .. } = operation {
        // No line says how many older revisions there are.
        let there: Vec<u64> = witness.revisions(file).await.unwrap().iter().map(|revision| revision.number).collect();
        if there == before.numbers(file) {
            return before;
        }
        assert_eq!(there, after.numbers(file), "{operation:?} was done by halves");
        bump(&counts.happened);
        return after;
    }
    let there = lines(witness).await;
    if there == before.lines() {
        return before;
    }
    assert_eq!(there, after.lines(), "{operation:?} was done by halves");
    bump(&counts.happened);
    // What was made has an id that nobody has told.
    let mut settled = before;
    let known = [settled.ids(), settled.albums()].concat();
    let albums = witness.albums().await.unwrap().into_iter().map(|album| album.id);
    let made =
        entries(witness).await.into_iter().map(|(_, entry)| entry.id).chain(albums).find(|id| !known.contains(id));
    operation.apply(&mut settled, made.unwrap_or(UNKNOWN)).unwrap();
    settled
}

/// At the end: every device sees the model, everything opens, and nothing is stored that no record names, as a device has it that
/// `remembers`, and one that does not.
async fn check(storage: &Storage, keys: &CloudKeys, clouds: &[Cloud], remembers: Arc<MemoryDevice>, model: &Model) {
    for (device, cloud) in clouds.iter().enumerate() {
        assert_eq!(lines(cloud).await, model.lines(), "device {device}");
    }
    let stranger = Cloud::open(keys.clone(), storage.store()).await.unwrap();
    assert_eq!(lines(&stranger).await, model.lines());
    let outside = entries(&stranger).await;
    let is_outside = |id: &Id| outside.iter().any(|(path, entry)| entry.id == *id && !path.starts_with(TRASH));
    for (id, revisions) in model.contents().filter(|(id, _)| is_outside(id)) {
        for (number, content) in revisions {
            let read = stranger.download_revision(&id, *number).await.unwrap().bytes().await.unwrap();
            assert!(read == content.to_vec(), "revision {number} is another");
        }
        let (_, newest) = revisions.last_key_value().expect("a file has a revision");
        assert_eq!(stranger.thumbnail(&id).await.ok(), newest.thumbnail());
    }
    let report = stranger.verify(Depth::Deep).await.unwrap();
    assert!(report.problems.is_empty(), "{report:?}");
    // What failures left behind is collected, once it is old enough that nobody is at it still.
    let clock = Arc::new(ManualClock::new(SystemClock.now_ms() + 30 * 24 * 3_600_000));
    for device in [remembers, Arc::default()] {
        let later =
            Cloud::open(keys.clone(), Store { clock: clock.clone(), ..storage.store_of(device) }).await.unwrap();
        let checkpoint = later.usage().await.unwrap().checkpoint;
        later.gc().await.unwrap();
        assert_eq!(later.usage().await.unwrap().checkpoint, checkpoint);
        assert_eq!(storage.objects().await.0, model.objects() + usize::try_from(checkpoint.count).unwrap());
    }
}

/// Everything in a cloud, the trash behind the rest, in order.
async fn lines(cloud: &Cloud) -> Vec<Line> {
    let line = |(path, entry): (String, Entry)| Line {
        path,
        folder: entry.is_folder(),
        revision: entry.revision,
        sha256: entry.sha256.map(|hash| *hash.as_bytes()),
        thumbnail: entry.has_thumbnail,
    };
    let entries = entries(cloud).await;
    let paths: HashMap<Id, String> = entries.iter().map(|(path, entry)| (entry.id, path.clone())).collect();
    let mut lines: Vec<Line> = entries.into_iter().map(line).collect();
    for album in cloud.albums().await.unwrap() {
        let files = cloud.album_files(&album.id, 0, usize::MAX).await.unwrap();
        assert_eq!((album.files, album.cover), (files.len(), files.first().map(|file| file.id)));
        let files: Vec<String> = files.iter().map(|file| paths[&file.id].clone()).collect();
        lines.push(Line::album(&album.title, &files));
    }
    lines.sort();
    lines
}

async fn entries(cloud: &Cloud) -> Vec<(String, Entry)> {
    let mut found = Vec::new();
    let in_the_trash = cloud.list_trash().await.unwrap();
    let mut next: Vec<(String, Entry)> =
        in_the_trash.into_iter().map(|entry| (format!("{TRASH}/{}", entry.name), entry)).collect();
    next.extend(cloud.list(&cloud.root()).await.unwrap().into_iter().map(|entry| (format!("/{}", entry.name), entry)));
    while let Some((path, entry)) = next.pop() {
        assert!(entry.damaged.is_none(), "{entry:?}");
        if entry.is_folder() {
            let inside = cloud.list(&entry.id).await.unwrap();
            next.extend(inside.into_iter().map(|inner| (format!("{path}/{}", inner.shown_name), inner)));
        }
        found.push((path, entry));
    }
    found
}

fn is_refusal(kind: ErrorKind, why: Refused) -> bool {
    match why {
        Refused::Taken => kind == ErrorKind::AlreadyExists,
        Refused::Cannot => matches!(kind, ErrorKind::NotFound | ErrorKind::Malformed),
    }
}

fn bump(count: &Cell<u32>) {
    count.set(count.get() + 1);
}

/// A folder in memory where the system has one: what a disk loses in a crash is tested elsewhere, with fewer syncs.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a temporary folder")
}

const DEVICES: usize = 3;

/// Entries of the log between two checkpoints: so few that most runs have some.
const DISTANCE: NonZeroU64 = NonZeroU64::new(4).unwrap();

/// The id of what was perhaps made.
const UNKNOWN: Id = Id::from_bytes([9; 16]);
