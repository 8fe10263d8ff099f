//! The program that is killed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use imegha_cloud::{BytesSource, Cloud, CloudKeys, Entry, OnTaken};
use imegha_crypto::{Dek, Fingerprint, Id, Identity, RecoveryPhrase, Sealed};
use serde::{Deserialize, Serialize};

use super::model::{Content, Listing, Op, Rng};
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
    let mut rng = Rng::new(seed);
    println!("{MARK}ready");
    loop {
        let there = Listing::of(&cloud).await;
        let op = choose(&mut rng, &there);
        println!("{MARK}begin {}", serde_json::to_string(&op).unwrap());
        run(&cloud, &there, &op).await.unwrap();
        println!("{MARK}done");
    }
}

fn choose(rng: &mut Rng, there: &Listing) -> Op {
    let names = |like: &dyn Fn(&Entry) -> bool| {
        let like = there.nodes.iter().filter(|(_, (_, entry))| like(entry));
        like.map(|(name, _)| name.clone()).collect::<Vec<_>>()
    };
    let folders: Vec<String> = [String::new()].into_iter().chain(names(&|entry| entry.is_folder())).collect();
    let files = names(&|entry| !entry.is_folder() && entry.size < LARGE as u64);
    let large = names(&|entry| !entry.is_folder() && entry.size >= LARGE as u64);
    let all = names(&|_| true);
    let trash: Vec<_> = there.trash.keys().cloned().collect();
    let content = |rng: &mut Rng, len: u64| Content { len: len as usize, seed: rng.next() };
    let small = |rng: &mut Rng| {
        let len = rng.below(40_000);
        content(rng, len)
    };
    let name = format!("{:016x}", rng.next());
    match rng.below(100) {
        // At most two large ones, and those get revisions: what is checked after each kill stays small.
        0..6 if large.len() < 2 => {
            Op::Upload { parent: rng.one_of(&folders).clone(), name, content: content(rng, LARGE as u64) }
        }
        0..6 => Op::Replace { name: rng.one_of(&large).clone(), content: content(rng, LARGE as u64) },
        6..18 if !files.is_empty() => Op::Replace { name: rng.one_of(&files).clone(), content: small(rng) },
        18..28 => Op::Folder { parent: rng.one_of(&folders).clone(), name },
        28..38 if !all.is_empty() => Op::Rename { name: rng.one_of(&all).clone(), to: name },
        38..52 if !all.is_empty() => {
            let names = some(rng, &all, &files);
            let outside = |folder: &&String| !names.iter().any(|name| is_inside(there, folder, name));
            let targets: Vec<_> = folders.iter().filter(outside).cloned().collect();
            Op::Move { names, folder: rng.one_of(&targets).clone() }
        }
        52..62 if !all.is_empty() => Op::Trash { names: some(rng, &all, &files) },
        62..70 if !trash.is_empty() => Op::Restore { name: rng.one_of(&trash).clone() },
        70..74 if !trash.is_empty() => Op::Purge { name: rng.one_of(&trash).clone() },
        74..78 if there.albums.len() < 4 => Op::Album { title: name },
        74..90 if !there.albums.is_empty() && !files.is_empty() => on_an_album(rng, there, &files),
        _ => Op::Upload { parent: rng.one_of(&folders).clone(), name, content: small(rng) },
    }
}

fn on_an_album(rng: &mut Rng, there: &Listing, files: &[String]) -> Op {
    let titles: Vec<_> = there.albums.keys().cloned().collect();
    let title = rng.one_of(&titles).clone();
    let shown = &there.albums[&title].1;
    match rng.below(10) {
        0..2 if !shown.is_empty() => Op::TakeOut { name: rng.one_of(shown).clone(), title },
        2..5 if !shown.is_empty() => Op::First { name: rng.one_of(shown).clone(), title },
        5 => Op::Delete { title },
        _ => Op::Add { title, names: (0..3).map(|_| rng.one_of(files).clone()).collect() },
    }
}

/// One node, or several files.
fn some(rng: &mut Rng, all: &[String], files: &[String]) -> Vec<String> {
    if files.is_empty() || rng.below(2) == 0 {
        return vec![rng.one_of(all).clone()];
    }
    let mut names: Vec<_> = (0..4).map(|_| rng.one_of(files).clone()).collect();
    names.sort();
    names.dedup();
    names
}

/// Whether `node` is `folder` or in it.
fn is_inside(there: &Listing, node: &str, folder: &str) -> bool {
    node == folder || there.nodes.get(node).is_some_and(|(parent, _)| is_inside(there, parent, folder))
}

async fn run(cloud: &Cloud, there: &Listing, op: &Op) -> imegha_cloud::Result<()> {
    let id = |name: &String| if name.is_empty() { cloud.root() } else { there.nodes[name].1.id };
    let ids = |names: &[String]| names.iter().map(id).collect::<Vec<_>>();
    let sealed = |content: &Content| {
        let sealed = imegha_cloud::Content::new(BytesSource::new(content.bytes()));
        match content.thumbnail() {
            Some(thumbnail) => sealed.thumbnail(thumbnail),
            None => sealed,
        }
    };
    let album = |title: &String| there.albums[title].0;
    match op {
        Op::Upload { parent, name, content } => cloud.upload(&id(parent), name, sealed(content)).await.map(drop),
        Op::Replace { name, content } => cloud.replace(&id(name), sealed(content)).await.map(drop),
        Op::Folder { parent, name } => cloud.create_folder(&id(parent), name).await.map(drop),
        Op::Rename { name, to } => cloud.rename(&id(name), to).await.map(drop),
        Op::Move { names, folder } => cloud.move_to(&ids(names), &id(folder), OnTaken::Refuse).await.map(drop),
        Op::Trash { names } => cloud.trash(&ids(names)).await,
        Op::Restore { name } => cloud.restore(&[there.trash[name].id]).await.map(drop),
        Op::Purge { name } => cloud.purge(&[there.trash[name].id]).await.map(drop),
        Op::Album { title } => cloud.create_album(title).await.map(drop),
        Op::Add { title, names } => cloud.add_to_album(&album(title), &ids(names)).await.map(drop),
        Op::First { title, name } => {
            let first = there.albums[title].1.first().filter(|first| *first != name).map(id);
            match first {
                Some(first) => cloud.move_in_album(&album(title), &[id(name)], Some(&first)).await,
                None => Ok(()),
            }
        }
        Op::TakeOut { title, name } => cloud.remove_from_album(&album(title), &[id(name)]).await.map(drop),
        Op::Delete { title } => cloud.delete_album(&album(title)).await,
    }
}
