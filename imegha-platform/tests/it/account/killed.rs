//! ATTACKS 29 and 56: a program that is killed at any moment of a change. Something opens the account then, and it is one thing.
//!
//! A child process is platform and client in one, over a SQLite file, and says in a line each what it begins and what was acknowledged. Its parent
//! kills it by SIGKILL, opens the same file, and compares.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use imegha_cloud::backend::embedded::EmbeddedRecords;
use imegha_cloud::clock::Clock as _;
use imegha_crypto::{Dek, RecoveryPhrase};
use imegha_platform::client::SignUp;
use imegha_platform::registry::PlatformSchema;
use serde::{Deserialize, Serialize};

use super::model::{Op, Person, Planned, check, first_dek, sign_in};
use crate::random::Random;
use crate::world::{DAY, MINUTE, NOW, PASSWORD, POLICY, World};

const KILLS: u64 = 200;
/// An account lives over so many kills, of which the last one hits its deletion.
const KILLS_AN_ACCOUNT: u64 = 10;
/// A child lives up to this long after it is ready: a few changes.
const LONGEST_LIFE_MS: u64 = 700;
/// A deletion is over soon.
const LONGEST_DELETION_MS: u64 = 60;

const ALICE: &str = "alice@example.com";
const MARK: &str = "@@ ";
const TOLD: &str = "IMEGHA_TEST_KILLED";

/// What the child is told.
#[derive(Serialize, Deserialize)]
struct Told {
    root: std::path::PathBuf,
    seed: u64,
    now_ms: u64,
    person: Kept,
    deletes: bool,
}

/// A person on paper.
#[derive(Serialize, Deserialize)]
struct Kept {
    email: String,
    password: String,
    words: String,
    epoch: u32,
}

impl Kept {
    fn of(person: &Person) -> Self {
        let words: Vec<_> = person.phrase.words().collect();
        let (email, password) = (person.email.clone(), person.password.clone());
        Self { email, password, words: words.join(" "), epoch: person.epoch }
    }

    fn person(self) -> Person {
        let Self { email, password, words, epoch } = self;
        Person { email, password, phrase: RecoveryPhrase::parse(&words).unwrap(), epoch }
    }
}

/// What the child says.
#[derive(Serialize, Deserialize)]
enum Said {
    Ready,
    /// Begins a change, after which the person has this.
    Begin(String, Kept),
    Done,
}

/// How the kills fell.
#[derive(Debug, Default)]
struct Tally {
    acknowledged: BTreeMap<String, u64>,
    in_the_middle: BTreeMap<String, u64>,
    after_an_acknowledged: u64,
    had_happened: u64,
}

/// Turns red without the transaction of `registry/account_keys.rs` (`replace_keys`) and without the order of the steps in `flows/password.rs` and
/// `flows/recovery.rs`: see `stopped.rs`, which stops at each.
#[tokio::test(flavor = "multi_thread")]
async fn a29_killed_at_any_moment_of_a_change_one_thing_opens() {
    let seed = Random::seed(29);
    let mut random = Random::new(seed);
    let mut tally = Tally::default();
    let root = tempfile::tempdir().unwrap();
    let mut now_ms = NOW;
    // The same at each beginning: what an account was made of may be used again once nothing of it is left.
    let sign_up = SignUp::prepare(ALICE, "alice", PASSWORD, NOW).await.unwrap();
    for account in 0..KILLS / KILLS_AN_ACCOUNT {
        let (mut person, dek) = make(&open(root.path(), now_ms), &sign_up).await;
        for kill in 0..KILLS_AN_ACCOUNT {
            let at = format!("seed {seed}, account {account}, kill {kill}");
            let deletes = kill + 1 == KILLS_AN_ACCOUNT;
            now_ms += 20 * DAY;
            let told =
                Told { root: root.path().to_owned(), seed: random.next(), now_ms, person: Kept::of(&person), deletes };
            let life = random.below(if deletes { LONGEST_DELETION_MS } else { LONGEST_LIFE_MS });
            let said = run_and_kill(&told, Duration::from_millis(life));
            now_ms += 20 * DAY;
            let world = open(root.path(), now_ms);
            let mut begun = None;
            let mut acknowledged = 0;
            for said in said {
                match said {
                    Said::Ready => {}
                    Said::Begin(kind, after) => begun = Some((kind, after.person())),
                    Said::Done => {
                        let (kind, after) = begun.take().unwrap();
                        *tally.acknowledged.entry(kind.clone()).or_default() += 1;
                        acknowledged += 1;
                        person = after;
                        if kind == "deletion" {
                            assert!(sign_in(&world, &person.email, &person.password).await.is_none(), "{at}");
                        }
                    }
                }
            }
            tally.after_an_acknowledged += u64::from(acknowledged > 0);
            if let Some((kind, _)) = &begun {
                *tally.in_the_middle.entry(kind.clone()).or_default() += 1;
            }
            if deletes {
                tally.had_happened += u64::from(end(&world, &dek, &person, &at).await && acknowledged == 0);
                continue;
            }
            let (kind, after) = begun.unwrap_or_else(|| (String::new(), person.clone()));
            let (next, is_new) = check(&world, &dek, &person, &after, kind == "recovery", &at).await;
            tally.had_happened += u64::from(is_new && !kind.is_empty());
            now_ms = world.clock.now_ms();
            person = next;
        }
        now_ms += 20 * DAY;
    }
    println!("{KILLS} kills: {tally:?}");
    assert!(tally.after_an_acknowledged >= KILLS / 5, "too few kills after an acknowledged change");
    assert!(tally.in_the_middle.values().sum::<u64>() >= KILLS / 5, "too few kills in the middle of a change");
    for kind in ["password", "email", "phrase", "recovery", "renewal"] {
        assert!(tally.in_the_middle.contains_key(kind), "none was killed in the middle of: {kind}");
    }
}

fn open(root: &Path, now_ms: u64) -> World {
    let records = EmbeddedRecords::<PlatformSchema>::open(root.join("platform.sqlite")).unwrap();
    let world = World::over(Arc::new(records));
    world.clock.advance(now_ms - NOW);
    world
}

async fn make(world: &World, sign_up: &SignUp) -> (Person, Dek) {
    let client = world.client();
    client.sign_up(sign_up, true, POLICY).await.unwrap();
    client.confirm(&sign_up.account(), &world.next_code().await).await.unwrap();
    let dek = client.sign_in_first(sign_up).await.unwrap().account.dek;
    let (email, password) = (ALICE.to_owned(), PASSWORD.to_owned());
    (Person { email, password, phrase: sign_up.phrase().clone(), epoch: 1 }, dek)
}

/// The end of an account whose deletion was killed: it is there as a whole, and goes now, or it is gone. Whether it was.
async fn end(world: &World, dek: &Dek, person: &Person, at: &str) -> bool {
    let there = sign_in(world, &person.email, &person.password).await;
    let gone = there.is_none();
    if let Some((client, signed_in)) = there {
        assert!(first_dek(&signed_in.account) == dek, "{at}");
        client.delete_account(&signed_in.account, &person.password).await.unwrap();
    }
    world.server.sweep().await.unwrap();
    assert!(sign_in(world, &person.email, &person.password).await.is_none(), "{at}");
    world.clock.advance(MINUTE);
    gone
}

/// Runs a child for as long as `life` after it is ready, and returns what it said until it was killed.
fn run_and_kill(told: &Told, life: Duration) -> Vec<Said> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "account::killed::the_child", "--nocapture"])
        .env(TOLD, serde_json::to_string(told).unwrap())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (say, hear) = mpsc::channel();
    let listener = std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            // Whatever the test harness says comes before the mark.
            if let Some((_, said)) = line.split_once(MARK) {
                // A line that was cut off was not said.
                if let Ok(said) = serde_json::from_str::<Said>(said) {
                    let _ = say.send(said);
                }
            }
        }
    });
    let mut said = vec![hear.recv_timeout(Duration::from_secs(60)).expect("the child is ready")];
    std::thread::sleep(life);
    assert!(child.try_wait().unwrap().is_none(), "the child ended by itself: a change failed");
    child.kill().unwrap();
    child.wait().unwrap();
    listener.join().unwrap();
    said.extend(hear.try_iter());
    said
}

/// The program that is killed. By itself it does nothing.
#[tokio::test]
async fn the_child() {
    let Ok(told) = std::env::var(TOLD) else { return };
    let Told { root, seed, now_ms, person, deletes } = serde_json::from_str(&told).unwrap();
    let (world, mut person, mut random) = (open(&root, now_ms), person.person(), Random::new(seed));
    let (client, signed_in) = sign_in(&world, &person.email, &person.password).await.unwrap();
    say(&Said::Ready);
    if deletes {
        say(&Said::Begin("deletion".to_owned(), Kept::of(&person)));
        client.delete_account(&signed_in.account, &person.password).await.unwrap();
        say(&Said::Done);
        std::thread::sleep(Duration::from_secs(60));
        return;
    }
    loop {
        world.clock.advance(DAY);
        let (client, signed_in) = sign_in(&world, &person.email, &person.password).await.unwrap();
        let planned = Planned::new(Op::numbered(random.next(), random.next()), &person, &signed_in);
        say(&Said::Begin(planned.op.kind().to_owned(), Kept::of(&planned.after)));
        planned.make(&world, &client, &signed_in, &person).await.unwrap();
        say(&Said::Done);
        person = planned.after;
    }
}

fn say(said: &Said) {
    // One write a line, as soon as it is so.
    let line = format!("{MARK}{}\n", serde_json::to_string(said).unwrap());
    let mut out = std::io::stdout().lock();
    out.write_all(line.as_bytes()).unwrap();
    out.flush().unwrap();
}
