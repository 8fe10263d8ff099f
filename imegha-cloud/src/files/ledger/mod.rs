//! ATTACKS 16: random schedules of runs that are killed, fail, pause, retry and go on while their source changes, through the code that
//! decides what is sealed. A ledger holds what every key and nonce sealed.
//!
//! Parts are one chunk long here, so that 100,000 schedules take seconds; `attacks/resume.rs` of the integration tests goes through the
//! public API with parts of the real length.

mod source;
mod world;

use std::collections::HashSet;
use std::fmt;
use std::ops::Range;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use imegha_crypto::{Dek, Id, Purpose, PurposeKey};

use super::resumption::Resumption;
use super::sending::{self, Target};
use crate::backend::ObjectName;
use crate::backend::memory::MemoryRecords;
use crate::client::{CancelToken, JournalStore as _, MemoryDevice, MemoryJournals, Store, Watch};
use crate::clock::ManualClock;
use crate::error::ErrorKind;
use source::{CHUNK, Changing, Chunks};
use world::{FlakyJournal, World};

const SCHEDULES: u64 = 100_000;

/// Turns red without `known.hash != hash` in `Resumption::enter`, without the comparison of `last` beside it, and without the save
/// below it.
#[test]
fn a16_no_nonce_seals_two_plaintexts_in_any_schedule() {
    let key = Dek::generate().unwrap().derive_purpose_key(Purpose::Journal, &Id::ZERO);
    let run = |seeds: Range<u64>| {
        let (mut counts, mut salts) = (Counts::default(), Vec::new());
        seeds.for_each(|seed| salts.extend(schedule(seed, &key, &mut counts)));
        (counts, salts)
    };
    let (one, other) = std::thread::scope(|scope| {
        let other = scope.spawn(|| run(SCHEDULES / 2..SCHEDULES));
        (run(0..SCHEDULES / 2), other.join().unwrap())
    });
    let counts = one.0.plus(&other.0);
    let mut salts = HashSet::new();
    assert!(one.1.into_iter().chain(other.1).all(|salt| salts.insert(salt)), "two uploads have one salt");
    println!("{SCHEDULES} schedules: {counts:?}");
    // Each of what is to be tested happened often.
    assert!(counts.0.iter().all(|count| *count >= SCHEDULES / 10), "too few: {counts:?}");
}

/// How often what is to be tested happened.
#[derive(Clone, Copy, Debug)]
enum Count {
    Killed,
    Failed,
    /// Paused or cancelled.
    Stopped,
    Done,
    /// Runs that found a journal and kept its object.
    WentOn,
    /// Runs that found a journal, and whose source is not the one of the run before.
    Changed,
    /// Runs whose source changed under them.
    ChangedWithin,
    /// Runs that found a journal and began another object.
    Anew,
    /// Chunks that left the device again in a later run.
    SealedAgain,
    /// Chunks of what was done that its last run did not send.
    PassedOver,
}

impl Count {
    const ALL: [Self; 10] = [
        Self::Killed,
        Self::Failed,
        Self::Stopped,
        Self::Done,
        Self::WentOn,
        Self::Changed,
        Self::ChangedWithin,
        Self::Anew,
        Self::SealedAgain,
        Self::PassedOver,
    ];
}

#[derive(Default)]
struct Counts([u64; Count::ALL.len()]);

impl Counts {
    fn add(&mut self, what: Count, count: u64) {
        self.0[what as usize] += count;
    }

    fn plus(mut self, other: &Self) -> Self {
        Count::ALL.into_iter().for_each(|what| self.add(what, other.0[what as usize]));
        self
    }
}

impl fmt::Debug for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(Count::ALL.iter().zip(&self.0)).finish()
    }
}

/// One upload, in up to five runs. Gives the salts that were drawn.
fn schedule(seed: u64, key: &PurposeKey, counts: &mut Counts) -> HashSet<ObjectName> {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let journals = MemoryJournals::new();
    let world = World::default();
    let (upload, file) = (Id::generate().unwrap(), Id::generate().unwrap());
    let mut content = Chunks::random(&mut random);
    let replaces = random.one_in(3);
    let (size_known, goes_back) = (random.one_in(2), !random.one_in(3));
    for run in 0..5 {
        let changes = run > 0 && random.one_in(2);
        if changes {
            content.change(&mut random);
        }
        world.lock().begin_run(&mut random, run);
        let held = now(journals.hold(&Id::ZERO, &upload)).unwrap();
        let held = Box::new(FlakyJournal { inner: held, world: world.clone() });
        let mut resumption = Some(now(Resumption::take(&upload, key.clone(), held)).unwrap());
        let before = resumption.as_ref().and_then(|found| found.journal()).map(|journal| journal.object);

        let source = Changing {
            content: content.clone(),
            later: random.one_in(3).then(|| content.changed(&mut random)),
            change_at: random.below(6),
            size: size_known.then(|| content.len()),
            goes_back,
            at: 0,
            world: world.clone(),
        };
        let token = CancelToken::new();
        world.lock().stop = random.one_in(4).then(|| (random.below(12), random.one_in(4), token.clone()));
        let watch = Watch { cancel: token, ..Watch::default() };
        let store = Store {
            records: Arc::new(MemoryRecords::new()),
            blobs: Arc::new(world.clone()),
            clock: Arc::new(ManualClock::new(1)),
            device: Arc::new(MemoryDevice::new()),
        };
        let target = Target {
            file: replaces.then_some(&file),
            number: if replaces { 2 } else { 1 },
            folder: &Id::ZERO,
            name: "x",
            part_len: CHUNK as u64,
        };
        let polls = if random.one_in(3) { random.below(60) } else { u64::MAX };
        let ended = {
            let sending = pin!(sending::store(&store, &target, Box::new(source), &watch, &mut resumption));
            poll_up_to(sending, polls)
        };

        let mut world = world.lock();
        counts.add(Count::Changed, u64::from(changes && before.is_some()));
        counts.add(Count::ChangedWithin, u64::from(std::mem::take(&mut world.changed_within)));
        counts.add(Count::SealedAgain, std::mem::take(&mut world.sealed_again));
        if let Some(before) = before {
            let others = world.sent_now.iter().any(|object| *object != before);
            counts.add(Count::Anew, u64::from(others));
            counts.add(Count::WentOn, u64::from(!others && world.sent_now.contains(&before)));
        }
        match ended {
            None => counts.add(Count::Killed, 1),
            Some(Err(error)) if error.kind() == ErrorKind::Cancelled => counts.add(Count::Stopped, 1),
            Some(Err(_)) => counts.add(Count::Failed, 1),
            Some(Ok(stored)) => {
                counts.add(Count::Done, 1);
                counts.add(Count::PassedOver, world.verify(&stored.name, stored.size));
                drop(world);
                // It dies before it has said so, or with the transaction on its way, or it is over.
                let mut resumption = resumption.expect("it was handed in");
                match random.below(3) {
                    0 => {}
                    1 => drop(now(resumption.commit())),
                    _ => {
                        now(resumption.remove());
                        break;
                    }
                }
            }
        }
    }
    world.lock().salts()
}

/// Polls until it ends, or so often and no more: then its process is dead.
fn poll_up_to<T>(mut future: std::pin::Pin<&mut impl Future<Output = T>>, polls: u64) -> Option<T> {
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..polls.min(10_000) {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return Some(value);
        }
    }
    assert!(polls < 10_000, "it never ends");
    None
}

fn now<T>(future: impl Future<Output = T>) -> T {
    poll_up_to(pin!(future), u64::MAX).expect("it ends")
}

struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % end
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }
}
