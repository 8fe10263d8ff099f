//! The program that is killed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use imegha_cloud::{BytesSource, Cloud, CloudKeys};
use imegha_crypto::{Dek, Fingerprint, Id, Identity, RecoveryPhrase, Sealed};
use serde::{Deserialize, Serialize};

use super::model::{Content, Op, Rng, Seen};
use super::store;

/// What the child is told by, and how it marks what it says.
pub(super) const ROOT: &str = "IMEGHA_TEST_CRASH_ROOT";
pub(super) const SEED: &str = "IMEGHA_TEST_CRASH_SEED";
pub(super) const MARK: &str = "@@ ";

/// A file of two parts.
const LARGE: usize = 8 * 1024 * 1024 + 70_000;

/// The keys of the cloud, as both processes have them.
pub(super) struct Keys(CloudKeys);

#[derive(Serialize, Deserialize)]
struct Kept {
    account: String,
    words: String,
    dek: String,
    identity: String,
    fingerprint: [u8; 32],
}

impl Keys {
    /// Makes keys, and leaves them for the child. The identity is that of every test: an RSA key takes a while.
    pub(super) fn make(root: &Path) -> Self {
        let (account, dek, identity) = (Id::generate().unwrap(), Dek::generate().unwrap(), identity());
        let phrase = RecoveryPhrase::generate().unwrap();
        let kept = Kept {
            account: account.to_string(),
            words: phrase.words().collect::<Vec<_>>().join(" "),
            dek: hex::encode(dek.wrap_by_recovery(&phrase.derive_keys().kek, &account, 1).unwrap().as_bytes()),
            identity: hex::encode(identity.wrap(&dek, &account, 1).unwrap().as_bytes()),
            fingerprint: *identity.fingerprint().as_bytes(),
        };
        fs::write(file(root), serde_json::to_vec(&kept).unwrap()).unwrap();
        Self(CloudKeys::new(account, dek, 1, identity))
    }

    fn load(root: &Path) -> Self {
        let kept: Kept = serde_json::from_slice(&fs::read(file(root)).unwrap()).unwrap();
        let sealed = |text: &str| Sealed::from_received(hex::decode(text).unwrap()).unwrap();
        let account = Id::parse_hex(&kept.account).unwrap();
        let kek = RecoveryPhrase::parse(&kept.words).unwrap().derive_keys().kek;
        let dek = Dek::unwrap_by_recovery(&sealed(&kept.dek), &kek, &account, 1).unwrap();
        let fingerprint = Fingerprint::from_bytes(kept.fingerprint);
        let identity = Identity::unwrap(&sealed(&kept.identity), &dek, &account, 1, &fingerprint).unwrap();
        Self(CloudKeys::new(account, dek, 1, Arc::new(identity)))
    }

    pub(super) fn cloud_keys(&self) -> CloudKeys {
        self.0.clone()
    }
}

fn file(root: &Path) -> PathBuf {
    root.join("keys.json")
}

#[cfg(all(feature = "gateway", feature = "remote"))]
fn identity() -> Arc<Identity> {
    crate::served::owner()
}

#[cfg(not(all(feature = "gateway", feature = "remote")))]
fn identity() -> Arc<Identity> {
    Arc::new(Identity::generate().unwrap())
}

/// Works on the cloud under `root` until it is killed.
pub(super) async fn work(root: &Path, seed: u64) {
    let cloud = Cloud::open(Keys::load(root).cloud_keys(), store(root)).await.unwrap();
    let mut seen = Seen::walk(&cloud).await;
    let mut rng = Rng::new(seed);
    println!("{MARK}ready");
    loop {
        let op = choose(&mut rng, &seen);
        println!("{MARK}begin {}", serde_json::to_string(&op).unwrap());
        run(&cloud, &mut seen, &op).await;
        println!("{MARK}done");
    }
}

fn choose(rng: &mut Rng, seen: &Seen) -> Op {
    let folders: Vec<String> = [String::new()].into_iter().chain(seen.names(|entry| entry.is_folder())).collect();
    let files = seen.names(|entry| !entry.is_folder() && entry.size < LARGE as u64);
    let large = seen.names(|entry| !entry.is_folder() && entry.size >= LARGE as u64);
    let content = |rng: &mut Rng, len: u64| Content { len: len as usize, seed: rng.next() };
    let name = format!("{:016x}", rng.next());
    match rng.below(100) {
        // At most two large ones, and those get revisions: what is checked after each kill stays small.
        0..8 if large.len() < 2 => {
            let content = content(rng, LARGE as u64);
            Op::Upload { parent: rng.one_of(&folders).clone(), name, content }
        }
        0..8 => Op::Replace { name: rng.one_of(&large).clone(), content: content(rng, LARGE as u64) },
        8..30 if !files.is_empty() => {
            let len = rng.below(40_000);
            Op::Replace { name: rng.one_of(&files).clone(), content: content(rng, len) }
        }
        30..45 => Op::Folder { parent: rng.one_of(&folders).clone(), name },
        _ => {
            let len = rng.below(40_000);
            Op::Upload { parent: rng.one_of(&folders).clone(), name, content: content(rng, len) }
        }
    }
}

async fn run(cloud: &Cloud, seen: &mut Seen, op: &Op) {
    let id = |seen: &Seen, name: &str| if name.is_empty() { cloud.root() } else { seen.entries[name].id };
    let sealed = |content: &Content| imegha_cloud::Content::new(BytesSource::new(content.bytes()));
    let entry = match op {
        Op::Upload { parent, name, content } => cloud.upload(&id(seen, parent), name, sealed(content)).await,
        Op::Replace { name, content } => cloud.replace(&id(seen, name), sealed(content)).await,
        Op::Folder { parent, name } => cloud.create_folder(&id(seen, parent), name).await,
    };
    let entry = entry.unwrap();
    seen.entries.insert(entry.name.clone(), entry);
}
