//! What a cloud should be like after some operations. Every node has a name that no other ever had.

use std::collections::{BTreeMap, BTreeSet};

use imegha_cloud::{Cloud, Entry, Thumbnail};
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
    /// Another name.
    Rename { name: String, to: String },
    /// Another folder, for all of them or none.
    Move { names: Vec<String>, folder: String },
    /// Into the trash, all of them or none.
    Trash { names: Vec<String> },
    /// Out of it.
    Restore { name: String },
    /// Gone for good, with what is in it.
    Purge { name: String },
    /// A new album.
    Album { title: String },
    /// Files at the end of an album, all of them or none.
    Add { title: String, names: Vec<String> },
    /// A file to before the first of an album.
    First { title: String, name: String },
    /// Out of an album.
    TakeOut { title: String, name: String },
    /// An album gone, and no file with it.
    Delete { title: String },
}

impl Op {
    /// What it is called in the count.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Upload { .. } => "uploads",
            Self::Replace { .. } => "replaces",
            Self::Folder { .. } => "folders",
            Self::Rename { .. } => "renames",
            Self::Move { .. } => "moves",
            Self::Trash { .. } => "to the trash",
            Self::Restore { .. } => "restores",
            Self::Purge { .. } => "purges",
            Self::Album { .. } => "albums",
            Self::Add { .. } => "added to albums",
            Self::First { .. } => "moved in albums",
            Self::TakeOut { .. } => "out of albums",
            Self::Delete { .. } => "albums deleted",
        }
    }
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

    /// Every third has one.
    pub(super) fn thumbnail(self) -> Option<Thumbnail> {
        let bytes = bytes(self.len % 5_000 + 1, self.seed.wrapping_add(1));
        self.seed.is_multiple_of(3).then(|| Thumbnail { mime: "image/png".to_owned(), bytes })
    }
}

/// Where a node is, and what it holds; a folder holds nothing. The root has the empty name.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Node {
    parent: String,
    content: Option<Content>,
    /// Moved to the trash itself, not with a folder that it is in.
    trashed: bool,
}

/// A tree by the names of its nodes.
#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    nodes: BTreeMap<String, Node>,
    /// The files of each album, in its order: those in the trash among them.
    albums: BTreeMap<String, Vec<String>>,
}

impl Model {
    pub(super) fn apply(&mut self, op: &Op) {
        match op.clone() {
            Op::Upload { parent, name, content } => self.add(name, parent, Some(content)),
            Op::Folder { parent, name } => self.add(name, parent, None),
            Op::Replace { name, content } => self.node(&name).content = Some(content),
            Op::Rename { name, to } => {
                let node = self.nodes.remove(&name).expect("it is there");
                self.nodes.insert(to.clone(), node);
                self.nodes.values_mut().filter(|node| node.parent == name).for_each(|node| node.parent = to.clone());
                self.albums.values_mut().flatten().filter(|file| **file == name).for_each(|file| *file = to.clone());
            }
            Op::Move { names, folder } => names.iter().for_each(|name| self.node(name).parent = folder.clone()),
            Op::Trash { names } => names.iter().for_each(|name| self.node(name).trashed = true),
            Op::Restore { name } => {
                let origin = self.nodes[&name].parent.clone();
                let origin = if self.is_shown(&origin) { origin } else { String::new() };
                *self.node(&name) = Node { parent: origin, trashed: false, ..self.nodes[&name].clone() };
            }
            Op::Purge { name } => {
                self.nodes.remove(&name);
                self.albums.values_mut().for_each(|files| files.retain(|file| *file != name));
                // What is in it goes too, but for what went to the trash before it.
                let inside = |node: &Node| node.parent == name && !node.trashed;
                let inside: Vec<_> =
                    self.nodes.iter().filter(|(_, node)| inside(node)).map(|(name, _)| name.clone()).collect();
                inside.into_iter().for_each(|name| self.apply(&Op::Purge { name }));
            }
            Op::Album { title } => drop(self.albums.insert(title, Vec::new())),
            Op::Add { title, names } => {
                let files = self.files(&title);
                names.into_iter().for_each(|name| {
                    if !files.contains(&name) {
                        files.push(name)
                    }
                });
            }
            Op::First { title, name } => {
                // Before the first that is shown: what is in the trash keeps its place.
                let first = self.albums[&title].iter().find(|file| self.is_shown(file)).cloned();
                if let Some(first) = first.filter(|first| *first != name) {
                    let files = self.files(&title);
                    files.retain(|file| *file != name);
                    let place = files.iter().position(|file| *file == first).expect("it is another");
                    files.insert(place, name);
                }
            }
            Op::TakeOut { title, name } => self.files(&title).retain(|file| *file != name),
            Op::Delete { title } => drop(self.albums.remove(&title)),
        }
    }

    fn files(&mut self, title: &str) -> &mut Vec<String> {
        self.albums.get_mut(title).expect("it is there")
    }

    fn add(&mut self, name: String, parent: String, content: Option<Content>) {
        self.nodes.insert(name, Node { parent, content, trashed: false });
    }

    fn node(&mut self, name: &str) -> &mut Node {
        self.nodes.get_mut(name).expect("it is there")
    }

    /// Whether it is in the tree: neither it nor a folder that it is in is in the trash, or gone.
    fn is_shown(&self, name: &str) -> bool {
        name.is_empty() || self.nodes.get(name).is_some_and(|node| !node.trashed && self.is_shown(&node.parent))
    }

    /// What a cloud should show.
    fn shown(&self) -> Seen {
        let shown = self.nodes.iter().filter(|(name, _)| self.is_shown(name));
        let held = |node: &Node| node.content.map(|content| (content.bytes(), content.thumbnail()));
        let nodes = shown.map(|(name, node)| (name.clone(), (node.parent.clone(), held(node)))).collect();
        let trash = self.nodes.iter().filter(|(_, node)| node.trashed).map(|(name, _)| name.clone()).collect();
        let files = |files: &[String]| files.iter().filter(|file| self.is_shown(file)).cloned().collect();
        let albums = self.albums.iter().map(|(title, names)| (title.clone(), files(names))).collect();
        Seen { nodes, trash, albums }
    }
}

/// A node's folder, and a file's bytes with its thumbnail.
type Shown = (String, Option<(Vec<u8>, Option<Thumbnail>)>);

/// The nodes of a cloud by name, with the folder that each is in, what is in its trash, and its albums with the names of their files.
pub(super) struct Listing {
    pub(super) albums: BTreeMap<String, (Id, Vec<String>)>,
    pub(super) nodes: BTreeMap<String, (String, Entry)>,
    pub(super) trash: BTreeMap<String, Entry>,
}

impl Listing {
    /// Lists everything, from the root on.
    pub(super) async fn of(cloud: &Cloud) -> Self {
        let mut nodes = BTreeMap::new();
        let mut folders: Vec<(Id, String)> = vec![(cloud.root(), String::new())];
        while let Some((id, parent)) = folders.pop() {
            for entry in cloud.list(&id).await.expect("a folder is listed") {
                assert!(entry.damaged.is_none() && entry.shown_name == entry.name, "{}", entry.name);
                if entry.is_folder() {
                    folders.push((entry.id, entry.name.clone()));
                }
                let twice = nodes.insert(entry.name.clone(), (parent.clone(), entry));
                assert!(twice.is_none(), "a node is there twice");
            }
        }
        let trash = cloud.list_trash().await.expect("the trash is listed");
        assert!(trash.iter().all(|entry| entry.damaged.is_none()));
        let mut albums = BTreeMap::new();
        for album in cloud.albums().await.expect("the albums are listed") {
            let files = cloud.album_files(&album.id, 0, usize::MAX).await.expect("an album is listed");
            assert!(files.iter().all(|entry| entry.damaged.is_none()));
            let files = files.into_iter().map(|entry| entry.name).collect();
            assert!(albums.insert(album.title, (album.id, files)).is_none(), "an album is there twice");
        }
        Self { albums, nodes, trash: trash.into_iter().map(|entry| (entry.name.clone(), entry)).collect() }
    }
}

/// What a cloud shows, to the last byte.
#[derive(PartialEq)]
pub(super) struct Seen {
    nodes: BTreeMap<String, Shown>,
    trash: BTreeSet<String>,
    albums: BTreeMap<String, Vec<String>>,
}

impl Seen {
    /// Opens everything that is listed.
    pub(super) async fn walk(cloud: &Cloud) -> Self {
        let Listing { nodes, trash, albums } = Listing::of(cloud).await;
        let albums = albums.into_iter().map(|(title, (_, files))| (title, files)).collect();
        let mut seen = Self { nodes: BTreeMap::new(), trash: trash.keys().cloned().collect(), albums };
        for (name, (parent, entry)) in nodes {
            let content = match entry.is_folder() {
                true => None,
                false => {
                    let download = cloud.download(&entry.id).await.expect("a file that is listed is there");
                    let thumbnail = match entry.has_thumbnail {
                        true => Some(cloud.thumbnail(&entry.id).await.expect("a thumbnail that is listed opens")),
                        false => None,
                    };
                    Some((download.bytes().await.expect("a file that is listed opens"), thumbnail))
                }
            };
            seen.nodes.insert(name, (parent, content));
        }
        // What is in the trash opens too.
        for entry in trash.values().filter(|entry| !entry.is_folder()) {
            cloud.download(&entry.id).await.expect("it is there").bytes().await.expect("it opens");
        }
        seen
    }

    /// Whether it is what it should be.
    pub(super) fn is(&self, model: &Model) -> bool {
        *self == model.shown()
    }

    /// The names by which it is not.
    pub(super) fn differs(&self, model: &Model) -> String {
        let Self { nodes, trash, albums } = model.shown();
        let names: BTreeSet<_> = self.nodes.keys().chain(nodes.keys()).collect();
        let names: Vec<_> = names.into_iter().filter(|name| self.nodes.get(*name) != nodes.get(*name)).collect();
        let trash: Vec<_> = self.trash.symmetric_difference(&trash).collect();
        format!("{names:?}, in the trash {trash:?}, albums {:?} and not {albums:?}", self.albums)
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
