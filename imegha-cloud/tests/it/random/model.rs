//! What a cloud should hold: a plain tree, changed by plain code.

use std::collections::{BTreeMap, BTreeSet};

use imegha_cloud::{OnTaken, Thumbnail};
use imegha_crypto::{Hash, Id};

/// A file's content, as the seed and length that its bytes are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bytes {
    pub(super) seed: u64,
    pub(super) len: usize,
}

/// A folder, or a file with all its revisions.
#[derive(Clone, Debug)]
struct Node {
    /// Counts what was made: ids are drawn, and a run must choose the same again.
    made: usize,
    /// Nothing for what lies in the trash.
    parent: Option<Id>,
    name: String,
    /// By their numbers; none for a folder.
    revisions: Option<BTreeMap<u64, Bytes>>,
    /// Where it was before it went to the trash.
    origin: Option<Id>,
}

/// An album, with its files in order: those in the trash among them, which are not shown.
#[derive(Clone, Debug)]
struct Album {
    id: Id,
    title: String,
    files: Vec<Id>,
}

/// The tree below the root, and the trash; and the albums in the order that they were made in.
#[derive(Clone, Debug)]
pub(super) struct Model {
    root: Id,
    nodes: BTreeMap<Id, Node>,
    made: usize,
    albums: Vec<Album>,
}

/// Why the model refuses something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// The name is taken.
    Taken,
    /// There is no such thing where it would have to be, or it cannot go there.
    Cannot,
}

/// One line of what a cloud holds: where, what, how often it was saved, and the newest content. Of an album: its title and the paths of
/// what it shows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Line {
    pub(super) path: String,
    pub(super) folder: bool,
    pub(super) revision: u64,
    pub(super) sha256: Option<[u8; 32]>,
    pub(super) thumbnail: bool,
}

impl Line {
    pub(super) fn album(title: &str, paths: &[String]) -> Self {
        let path = format!("{ALBUM} {title}: {}", paths.join(", "));
        Self { path, folder: false, revision: 0, sha256: None, thumbnail: false }
    }
}

type Outcome = Result<(), Refused>;

impl Node {
    fn newest(&self) -> Option<(u64, &Bytes)> {
        self.revisions.as_ref()?.last_key_value().map(|(number, content)| (*number, content))
    }
}

impl Model {
    pub(super) fn new(root: Id) -> Self {
        Self { root, nodes: BTreeMap::new(), made: 0, albums: Vec::new() }
    }

    /// Everything that there is, the trash behind the rest, in order.
    pub(super) fn lines(&self) -> Vec<Line> {
        let line = |(id, node): (&Id, &Node)| Line {
            path: self.path(id),
            folder: node.revisions.is_none(),
            revision: node.newest().map_or(0, |(number, _)| number),
            sha256: node.newest().map(|(_, content)| content.sha256()),
            thumbnail: node.newest().is_some_and(|(_, content)| content.thumbnail().is_some()),
        };
        let mut lines: Vec<Line> = self.nodes.iter().map(line).collect();
        lines.extend(self.albums.iter().map(|album| {
            let shown = album.files.iter().filter(|file| self.outside_the_trash(file).is_ok());
            Line::album(&album.title, &shown.map(|file| self.path(file)).collect::<Vec<_>>())
        }));
        lines.sort();
        lines
    }

    /// The number of objects that records name.
    pub(super) fn objects(&self) -> usize {
        let contents = self.nodes.values().filter_map(|node| node.revisions.as_ref()).flat_map(BTreeMap::values);
        contents.map(|content| 1 + usize::from(content.thumbnail().is_some())).sum()
    }

    /// Every node, the oldest first: what an operation chooses from.
    pub(super) fn ids(&self) -> Vec<Id> {
        self.those(|_| true)
    }

    /// The folders, the root first; those in the trash among them.
    pub(super) fn folders(&self) -> Vec<Id> {
        [self.root].into_iter().chain(self.those(|node| node.revisions.is_none())).collect()
    }

    /// The files, those in the trash among them.
    pub(super) fn files(&self) -> Vec<Id> {
        self.those(|node| node.revisions.is_some())
    }

    /// What was put into the trash, without what is below it.
    pub(super) fn trash(&self) -> Vec<Id> {
        self.those(|node| node.parent.is_none())
    }

    /// The albums, the oldest first.
    pub(super) fn albums(&self) -> Vec<Id> {
        self.albums.iter().map(|album| album.id).collect()
    }

    /// The files of an album, those in the trash among them.
    pub(super) fn album_files(&self, album: &Id) -> Vec<Id> {
        self.albums.iter().find(|other| other.id == *album).map(|album| album.files.clone()).unwrap_or_default()
    }

    pub(super) fn create_album(&mut self, id: Id, title: &str) -> Outcome {
        self.albums.push(Album { id, title: title.to_owned(), files: Vec::new() });
        Ok(())
    }

    pub(super) fn add_to_album(&mut self, album: &Id, files: &[Id]) -> Outcome {
        let is_file = |file: &Id| self.nodes.get(file).is_some_and(|node| node.revisions.is_some());
        files.iter().try_for_each(|file| self.outside_the_trash(file))?;
        if !files.iter().all(is_file) {
            return Err(Refused::Cannot);
        }
        let album = self.album(album)?;
        for file in files {
            if !album.files.contains(file) {
                album.files.push(*file);
            }
        }
        Ok(())
    }

    pub(super) fn remove_from_album(&mut self, album: &Id, file: &Id) -> Outcome {
        self.album(album)?.files.retain(|other| other != file);
        Ok(())
    }

    pub(super) fn move_in_album(&mut self, album: &Id, file: &Id, before: Option<&Id>) -> Outcome {
        let files = &mut self.album(album)?.files;
        let from = files.iter().position(|other| other == file).ok_or(Refused::Cannot)?;
        files.remove(from);
        let to = match before {
            Some(before) => files.iter().position(|other| other == before).ok_or(Refused::Cannot)?,
            None => files.len(),
        };
        files.insert(to, *file);
        Ok(())
    }

    pub(super) fn delete_album(&mut self, album: &Id) -> Outcome {
        self.album(album)?;
        self.albums.retain(|other| other.id != *album);
        Ok(())
    }

    fn album(&mut self, album: &Id) -> Result<&mut Album, Refused> {
        self.albums.iter_mut().find(|other| other.id == *album).ok_or(Refused::Cannot)
    }

    pub(super) fn create(&mut self, id: Id, parent: &Id, name: &str, content: Option<Bytes>) -> Outcome {
        self.outside_the_trash(parent)?;
        self.refuse_taken(parent, name, None)?;
        let revisions = content.map(|content| BTreeMap::from([(1, content)]));
        self.made += 1;
        let node = Node { made: self.made, parent: Some(*parent), name: name.to_owned(), revisions, origin: None };
        self.nodes.insert(id, node);
        Ok(())
    }

    pub(super) fn replace(&mut self, file: &Id, content: Bytes) -> Outcome {
        self.outside_the_trash(file)?;
        let node = self.nodes.get_mut(file).ok_or(Refused::Cannot)?;
        let next = node.newest().ok_or(Refused::Cannot)?.0 + 1;
        node.revisions.as_mut().expect("it has a newest").insert(next, content);
        Ok(())
    }

    /// Goes back to a revision; nothing happens when it is the newest.
    pub(super) fn go_back(&mut self, file: &Id, number: u64) -> Outcome {
        let node = self.nodes.get(file).ok_or(Refused::Cannot)?;
        if node.newest().is_some_and(|(newest, _)| newest == number) {
            return Ok(());
        }
        let content = node.revisions.as_ref().and_then(|revisions| revisions.get(&number)).ok_or(Refused::Cannot)?;
        self.replace(file, *content)
    }

    /// Removes all but the newest revision and so many before it.
    pub(super) fn prune(&mut self, file: &Id, last: usize) -> Outcome {
        self.outside_the_trash(file)?;
        let revisions = self.nodes.get_mut(file).and_then(|node| node.revisions.as_mut()).ok_or(Refused::Cannot)?;
        while revisions.len() > last + 1 {
            revisions.pop_first();
        }
        Ok(())
    }

    /// The numbers of a file's revisions, the newest first.
    pub(super) fn numbers(&self, file: &Id) -> Vec<u64> {
        let revisions = self.nodes.get(file).and_then(|node| node.revisions.as_ref());
        revisions.into_iter().flat_map(|revisions| revisions.keys().rev().copied()).collect()
    }

    pub(super) fn rename(&mut self, id: &Id, name: &str) -> Outcome {
        self.outside_the_trash(id)?;
        let parent = self.nodes.get(id).and_then(|node| node.parent).ok_or(Refused::Cannot)?;
        self.refuse_taken(&parent, name, Some(id))?;
        self.nodes.get_mut(id).expect("it was there").name = name.to_owned();
        Ok(())
    }

    /// Moves nodes of which none is below another.
    pub(super) fn move_to(&mut self, ids: &[Id], folder: &Id, taken: OnTaken) -> Outcome {
        self.outside_the_trash(folder)?;
        for id in ids {
            self.outside_the_trash(id)?;
            if self.is_within(folder, id) || !self.nodes.contains_key(id) {
                return Err(Refused::Cannot);
            }
        }
        for id in ids {
            if self.nodes[id].parent == Some(*folder) {
                continue;
            }
            let mut name = self.nodes[id].name.clone();
            if let Some(there) = self.named(folder, &name, Some(id)) {
                match taken {
                    OnTaken::KeepBoth => name = self.free_name(folder, &name),
                    OnTaken::Replace if self.nodes[&there].revisions.is_some() => self.put_into_trash(&there),
                    _ => return Err(Refused::Taken),
                }
            }
            let node = self.nodes.get_mut(id).expect("it was there");
            (node.parent, node.name) = (Some(*folder), name);
        }
        Ok(())
    }

    /// Moves to the trash; what is below another goes with it.
    pub(super) fn trash_all(&mut self, ids: &[Id]) -> Outcome {
        ids.iter().try_for_each(|id| self.outside_the_trash(id))?;
        if ids.contains(&self.root) {
            return Err(Refused::Cannot);
        }
        let outermost = self.outermost(ids);
        outermost.iter().for_each(|id| self.put_into_trash(id));
        Ok(())
    }

    pub(super) fn restore(&mut self, id: &Id) -> Outcome {
        let node = self.nodes.get(id).filter(|node| node.parent.is_none()).ok_or(Refused::Cannot)?;
        let origin = node.origin.filter(|origin| self.outside_the_trash(origin).is_ok()).unwrap_or(self.root);
        let name = match self.named(&origin, &node.name, None) {
            Some(_) => self.free_name(&origin, &node.name),
            None => node.name.clone(),
        };
        let node = self.nodes.get_mut(id).expect("it was there");
        (node.parent, node.name, node.origin) = (Some(origin), name, None);
        Ok(())
    }

    pub(super) fn purge(&mut self, id: &Id) -> Outcome {
        self.nodes.get(id).filter(|node| node.parent.is_none()).ok_or(Refused::Cannot)?;
        let gone: BTreeSet<Id> = self.nodes.keys().filter(|other| self.is_within(other, id)).copied().collect();
        self.nodes.retain(|id, _| !gone.contains(id));
        self.albums.iter_mut().for_each(|album| album.files.retain(|file| !gone.contains(file)));
        Ok(())
    }

    /// Those that are not below another one of them, each once.
    pub(super) fn outermost(&self, ids: &[Id]) -> Vec<Id> {
        let below_another = |id: &Id| ids.iter().any(|other| other != id && self.is_within(id, other));
        let mut seen = BTreeSet::new();
        ids.iter().filter(|id| !below_another(id) && seen.insert(**id)).copied().collect()
    }

    /// The content of every file, by id.
    pub(super) fn contents(&self) -> impl Iterator<Item = (Id, &BTreeMap<u64, Bytes>)> {
        self.nodes.iter().filter_map(|(id, node)| Some((*id, node.revisions.as_ref()?)))
    }

    fn those(&self, which: impl Fn(&Node) -> bool) -> Vec<Id> {
        let mut found: Vec<_> = self.nodes.iter().filter(|(_, node)| which(node)).collect();
        found.sort_by_key(|(_, node)| node.made);
        found.into_iter().map(|(id, _)| *id).collect()
    }

    fn put_into_trash(&mut self, id: &Id) {
        let node = self.nodes.get_mut(id).expect("it was there");
        (node.origin, node.parent) = (node.parent, None);
    }

    /// Whether `id` is `above`, or lies below it.
    fn is_within(&self, id: &Id, above: &Id) -> bool {
        let mut next = Some(*id);
        while let Some(id) = next {
            if id == *above {
                return true;
            }
            next = self.nodes.get(&id).and_then(|node| node.parent);
        }
        false
    }

    fn outside_the_trash(&self, id: &Id) -> Outcome {
        if self.is_within(id, &self.root) { Ok(()) } else { Err(Refused::Cannot) }
    }

    fn named(&self, folder: &Id, name: &str, but: Option<&Id>) -> Option<Id> {
        let same = |(id, node): &(&Id, &Node)| {
            node.parent == Some(*folder) && Some(*id) != but && node.name.to_lowercase() == name.to_lowercase()
        };
        self.nodes.iter().find(same).map(|(id, _)| *id)
    }

    fn refuse_taken(&self, folder: &Id, name: &str, but: Option<&Id>) -> Outcome {
        if self.named(folder, name, but).is_some() { Err(Refused::Taken) } else { Ok(()) }
    }

    fn free_name(&self, folder: &Id, name: &str) -> String {
        let (stem, extension) = match name.rsplit_once('.') {
            Some((stem, extension)) => (stem, format!(".{extension}")),
            None => (name, String::new()),
        };
        let numbered = (2..).map(|number| format!("{stem} ({number}){extension}"));
        numbered.into_iter().find(|name| self.named(folder, name, None).is_none()).expect("there are numbers enough")
    }

    fn path(&self, id: &Id) -> String {
        match self.nodes.get(id) {
            None => String::new(),
            Some(Node { parent: None, name, .. }) => format!("{TRASH}/{name}"),
            Some(Node { parent: Some(parent), name, .. }) => format!("{}/{name}", self.path(parent)),
        }
    }
}

impl Bytes {
    pub(super) fn to_vec(self) -> Vec<u8> {
        crate::storage::bytes(self.len, self.seed)
    }

    /// Its thumbnail: every third content has one.
    pub(super) fn thumbnail(self) -> Option<Thumbnail> {
        let bytes = crate::storage::bytes(self.len % 5_000 + 1, self.seed);
        self.seed.is_multiple_of(3).then(|| Thumbnail { mime: "image/jpeg".to_owned(), bytes })
    }

    fn sha256(&self) -> [u8; 32] {
        *Hash::of(&self.to_vec()).as_bytes()
    }
}

/// What the path of something in the trash begins with. It sorts behind every path of the tree.
pub(super) const TRASH: &str = "trash";
/// What the line of an album begins with.
const ALBUM: &str = "album";
