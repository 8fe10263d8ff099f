//! ATTACKS 56: a program that is killed at any moment. What it was told is done is there, and nothing is there by half.
//!
//! A child process works on a cloud and says, in a line each, what it begins and what was acknowledged; its parent kills it by
//! SIGKILL, opens the same folders, and compares.

mod child;
mod model;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use imegha_cloud::backend::embedded::Embedded;
use imegha_cloud::clock::{Clock as _, ManualClock, SystemClock};
use imegha_cloud::{Cloud, Depth, FileDevice, MemoryDevice, Store};

use child::Keys;
use model::{Model, Op, Rng, Seen};

const KILLS: u64 = 200;
/// Clouds grow over this many kills.
const KILLS_A_CLOUD: u64 = 20;
/// A child lives up to this long after it is ready: some operations.
const LONGEST_LIFE_MS: u64 = 240;

/// How the kills fell.
#[derive(Debug, Default)]
struct Tally {
    acknowledged: BTreeMap<&'static str, u64>,
    after_an_acknowledged: u64,
    in_the_middle: u64,
    middle_had_happened: u64,
    middle_had_not: u64,
}

/// Turns red without the transaction of `embedded/records.rs` (`transact`): writes one by one leave halves. (A missing fsync shows only
/// when the machine loses its memory, which a killed process does not do.)
#[tokio::test(flavor = "multi_thread")]
async fn a56_killed_at_any_moment_loses_nothing_that_was_acknowledged() {
    let seed = std::env::var("IMEGHA_TEST_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(56);
    println!("IMEGHA_TEST_SEED={seed}");
    let mut rng = Rng::new(seed);
    let mut tally = Tally::default();
    for cloud in 0..KILLS / KILLS_A_CLOUD {
        let root = tempfile::tempdir().unwrap();
        let keys = Keys::make(root.path());
        let mut model = Model::default();
        Cloud::create(keys.cloud_keys(), store(root.path())).await.unwrap();
        for kill in 0..KILLS_A_CLOUD {
            let at = format!("seed {seed}, cloud {cloud}, kill {kill}");
            let life = Duration::from_millis(rng.below(LONGEST_LIFE_MS));
            let said = run_and_kill(root.path(), rng.next(), life).await;
            let (acknowledged, begun) = read(&said);
            acknowledged.iter().for_each(|op| model.apply(op));
            model = check(root.path(), &keys, model, begun.as_ref(), &at, &mut tally).await;
            acknowledged.iter().for_each(|op| *tally.acknowledged.entry(op.kind()).or_default() += 1);
            tally.after_an_acknowledged += u64::from(!acknowledged.is_empty());
            tally.in_the_middle += u64::from(begun.is_some());
        }
        // Whoever has no memory of it reads the whole log, and finds the same.
        let device = Arc::new(MemoryDevice::new());
        let opened = Cloud::open(keys.cloud_keys(), Store { device, ..store(root.path()) }).await.unwrap();
        assert!(Seen::walk(&opened).await.is(&model), "seed {seed}, cloud {cloud}");
        drop(opened);
        clean_up(root.path(), &keys, &format!("seed {seed}, cloud {cloud}")).await;
    }
    println!("{KILLS} kills: {tally:?}");
    assert!(tally.after_an_acknowledged >= KILLS / 5, "too few kills after an acknowledged write");
    assert!(tally.in_the_middle >= KILLS / 5, "too few kills in the middle of an operation");
}

/// What the child of the test runs. Without the variable, as in every other run, there is nothing to do.
#[tokio::test(flavor = "multi_thread")]
async fn the_child() {
    if let (Ok(root), Ok(seed)) = (std::env::var(child::ROOT), std::env::var(child::SEED)) {
        child::work(Path::new(&root), seed.parse().unwrap()).await;
    }
}

fn store(root: &Path) -> Store {
    let Embedded { records, blobs } =
        Embedded::open(root.join("cloud")).expect("the folder opens, and is locked by nobody");
    Store {
        records: Arc::new(records),
        blobs: Arc::new(blobs),
        clock: Arc::new(SystemClock),
        device: Arc::new(FileDevice::new(root.join("device"))),
    }
}

/// Runs a child for as long as `life` after it is ready, and returns what it said until it was killed.
async fn run_and_kill(root: &Path, seed: u64, life: Duration) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::the_child", "--nocapture"])
        .env(child::ROOT, root)
        .env(child::SEED, seed.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = child.stdout.take().unwrap();
    let (ready, is_ready) = mpsc::channel();
    let reading = tokio::task::spawn_blocking(move || {
        let mut said = Vec::new();
        // Whatever the test harness says comes before the mark.
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let Some((_, line)) = line.split_once(child::MARK) else { continue };
            match line {
                "ready" => ready.send(()).unwrap(),
                line => said.push(line.to_owned()),
            }
        }
        said
    });
    tokio::task::spawn_blocking(move || is_ready.recv().expect("the child opens its cloud")).await.unwrap();
    tokio::time::sleep(life).await;
    assert!(child.try_wait().unwrap().is_none(), "the child ended by itself: an operation failed");
    child.kill().unwrap();
    child.wait().unwrap();
    reading.await.unwrap()
}

/// What the killed left behind is nothing but objects and uploads that no record names, and after a week `gc` collects them.
async fn clean_up(root: &Path, keys: &Keys, at: &str) {
    let later = Arc::new(ManualClock::new(SystemClock.now_ms() + 8 * 24 * 60 * 60 * 1_000));
    let store = Store { clock: later, ..store(root) };
    let cloud = Cloud::open(keys.cloud_keys(), store.clone()).await.expect(at);
    let before = cloud.verify(Depth::Deep).await.expect(at);
    assert_eq!(before.problems, [], "{at}");
    cloud.gc().await.expect(at);
    assert_eq!(cloud.verify(Depth::Deep).await.expect(at), before, "{at}");
    let (objects, uploads) = (store.blobs.list(None, 1_000).await.expect(at), store.blobs.uploads().await.expect(at));
    assert_eq!((objects.len() as u64, uploads.len()), (before.objects, 0), "{at}");
}

/// What was acknowledged, and what was begun and not.
fn read(said: &[String]) -> (Vec<Op>, Option<Op>) {
    let mut acknowledged = Vec::new();
    let mut begun = None;
    for line in said {
        match line.strip_prefix("begin ") {
            Some(op) => begun = Some(serde_json::from_str(op).unwrap()),
            None => {
                assert_eq!(line, "done");
                acknowledged.push(begun.take().expect("it was begun"));
            }
        }
    }
    (acknowledged, begun)
}

/// Opens what the child left, with the memory of the child's device, and returns what it is now: `model`, or that and the operation
/// that was begun.
async fn check(root: &Path, keys: &Keys, model: Model, begun: Option<&Op>, at: &str, tally: &mut Tally) -> Model {
    let cloud = Cloud::open(keys.cloud_keys(), store(root)).await.expect(at);
    let seen = Seen::walk(&cloud).await;
    if seen.is(&model) {
        tally.middle_had_not += u64::from(begun.is_some());
        return model;
    }
    let begun =
        begun.unwrap_or_else(|| panic!("{at}: what is there is not what was acknowledged: {}", seen.differs(&model)));
    let mut happened = model.clone();
    happened.apply(begun);
    assert!(
        seen.is(&happened),
        "{at}: neither without {begun:?} ({}) nor with it ({})",
        seen.differs(&model),
        seen.differs(&happened)
    );
    tally.middle_had_happened += 1;
    happened
}
