//! What a cloud should be like after some operations. Every node has a name that no other ever had.

use std::collections::BTreeMap;

use imegha_cloud::{Cloud, Entry};
use imegha_crypto::Id;
use serde::{Deserialize, Serialize};

use crate::storage::bytes;

/// One operation, as the child says it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Op {
    /// A new file.
    Upload { parent: String, name: String, content: Content },
    /// A new revision of a file.
    Replace { name: String, content: Content },
    /// A new folder.
    Folder { parent: String, name: String },
}

/// Bytes that both processes can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Content {
    pub(super) len: usize,
    pub(super) seed: u64,
}

impl Content {
    pub(super) fn bytes(self) -> Vec<u8> {
        bytes(self.len, self.seed)
    }
}

/// Where a node is, and what it holds; a folder holds nothing. The root has the empty name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) parent: String,
    pub(super) content: Option<Content>,
}

/// A tree by the names of its nodes.
#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    pub(super) nodes: BTreeMap<String, Node>,
}

impl Model {
    pub(super) fn apply(&mut self, op: &Op) {
        match op.clone() {
            Op::Upload { parent, name, content } => {
                self.nodes.insert(name, Node { parent, content: Some(content) });
            }
            Op::Replace { name, content } => {
                self.nodes.get_mut(&name).expect("it is there").content = Some(content);
            }
            Op::Folder { parent, name } => {
                self.nodes.insert(name, Node { parent, content: None });
            }
        }
    }
}

/// What a cloud shows.
pub(super) struct Seen {
    nodes: BTreeMap<String, (String, Option<Vec<u8>>)>,
    /// The nodes themselves, by name.
    pub(super) entries: BTreeMap<String, Entry>,
}

impl Seen {
    /// Opens everything that is listed, from the root on.
    pub(super) async fn walk(cloud: &Cloud) -> Self {
        let mut seen = Self { nodes: BTreeMap::new(), entries: BTreeMap::new() };
        let mut folders: Vec<(Id, String)> = vec![(cloud.root(), String::new())];
        while let Some((id, parent)) = folders.pop() {
            for entry in cloud.list(&id).await.expect("a folder is listed") {
                assert!(entry.damaged.is_none() && entry.shown_name == entry.name, "{}", entry.name);
                let content = match entry.is_folder() {
                    true => {
                        folders.push((entry.id, entry.name.clone()));
                        None
                    }
                    false => {
                        let download = cloud.download(&entry.id).await.expect("a file that is listed is there");
                        Some(download.bytes().await.expect("a file that is listed opens"))
                    }
                };
                let twice = seen.nodes.insert(entry.name.clone(), (parent.clone(), content));
                assert!(twice.is_none(), "{} is there twice", entry.name);
                seen.entries.insert(entry.name.clone(), entry);
            }
        }
        seen
    }

    /// The names of the nodes that are like that.
    pub(super) fn names(&self, like: impl Fn(&Entry) -> bool) -> Vec<String> {
        self.entries.iter().filter(|(_, entry)| like(entry)).map(|(name, _)| name.clone()).collect()
    }

    /// Whether it is what it should be, to the last byte.
    pub(super) fn is(&self, model: &Model) -> bool {
        self.nodes.len() == model.nodes.len()
            && self.nodes.iter().zip(&model.nodes).all(|((name, seen), (expected_name, expected))| {
                name == expected_name && seen.0 == expected.parent && seen.1 == expected.content.map(Content::bytes)
            })
    }

    /// The names by which it is not.
    pub(super) fn differs(&self, model: &Model) -> String {
        let missing = model.nodes.keys().filter(|name| !self.nodes.contains_key(*name));
        let more = self.nodes.keys().filter(|name| !model.nodes.contains_key(*name));
        let other = self.nodes.iter().filter(|(name, seen)| {
            let expected = model.nodes.get(*name);
            expected.is_some_and(|node| node.parent != seen.0 || node.content.map(Content::bytes) != seen.1)
        });
        format!(
            "missing {:?}, more {:?}, other {:?}",
            missing.collect::<Vec<_>>(),
            more.collect::<Vec<_>>(),
            other.map(|(name, _)| name).collect::<Vec<_>>()
        )
    }
}

/// SplitMix64: the same numbers for the same seed.
pub(super) struct Rng(u64);

impl Rng {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to `end`, without it.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub(super) fn one_of<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len() as u64) as usize]
    }
}
