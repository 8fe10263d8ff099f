//! The tree of nodes: where each stands, and the keys on the way to it.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use imegha_crypto::{Hash, Id};

use super::entry::{Entry, NodeKind};
use super::fields::Fields;
use super::node::Node;
use super::parent_key::ParentKey;
use super::revision::Revision;
use super::thumbnail::KeptThumbnail;
use crate::backend::Record;
use crate::client::{CloudKeys, Deks, Owners};
use crate::error::{Error, ErrorKind, Result};
use crate::log::{Log, key};
use crate::schema::{CloudSchema, Field};

/// Opens nodes. What it has opened it keeps for as long as the log's latest hashes stay the same.
pub(crate) struct Tree {
    cloud: Id,
    deks: Deks,
    owners: Owners,
    log: Arc<Log>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    folders: HashMap<Id, SeenFolder>,
    entries: HashMap<Id, (Hash, Entry)>,
    /// Of files that have one, each with the hash of the record that names it.
    thumbnails: HashMap<Id, (Hash, KeptThumbnail)>,
}

struct SeenFolder {
    record: Hash,
    folder: Folder,
}

/// What is to be known of a folder on the way to what lies in it.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    pub(crate) id: Id,
    pub(crate) parent: Id,
    pub(crate) key: ParentKey,
    /// Whether its keys are to be replaced, or wrapped again to the end, before anything more is sealed under them.
    pub(crate) outdated: bool,
}

/// A node with the record that it was opened from.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) node: Node,
    pub(crate) record: Record<CloudSchema>,
    pub(crate) parent_key: ParentKey,
}

impl Tree {
    pub(crate) fn new(cloud: Id, keys: &CloudKeys, log: Arc<Log>) -> Self {
        Self { cloud, deks: Deks::of(keys), owners: Owners::of(keys), log, seen: Mutex::default() }
    }

    /// The node of that id.
    ///
    /// # Errors
    /// `NotFound` when the log knows of none.
    pub(crate) async fn open(&self, id: &Id) -> Result<Opened> {
        self.in_one_state(|| self.open_now(id, None)).await
    }

    /// The same after the log was read up to its head: one request for both, where the folder is known.
    ///
    /// # Errors
    /// As [`Tree::open`] and [`Log::refresh`].
    pub(crate) async fn open_latest(&self, id: &Id) -> Result<Opened> {
        let shown = match self.log.parent(id).await {
            Some(parent) => self.log.refresh_with(&key::child(&parent, id)).await?,
            None => self.log.refresh().await.map(|_| None)?,
        };
        self.open_shown(id, shown).await
    }

    /// The same from the record that was shown of it, if that is the log's latest.
    ///
    /// # Errors
    /// As [`Tree::open`].
    pub(crate) async fn open_shown(&self, id: &Id, shown: Option<Record<CloudSchema>>) -> Result<Opened> {
        self.in_one_state(|| self.open_now(id, shown.clone())).await
    }

    /// The key of a folder, which holds those of its children. Of 16 zero bytes it is the DEK, which holds the root's and the trash's.
    ///
    /// # Errors
    /// `NotFound` when there is no such folder.
    pub(crate) async fn folder_key(&self, folder: &Id) -> Result<ParentKey> {
        match *folder {
            Id::ZERO => Ok(ParentKey::Dek(self.deks.clone())),
            _ => Ok(self.in_one_state(|| self.folder(folder)).await?.key),
        }
    }

    /// The folders from the root, or from the trash, to a folder, which is the last.
    ///
    /// # Errors
    /// `NotFound` when there is no such folder.
    pub(crate) async fn lineage(&self, folder: &Id) -> Result<Vec<Folder>> {
        self.in_one_state(|| self.lineage_of(*folder)).await
    }

    /// Runs `read` again when the log went on meanwhile and it failed: it may have read one record before and one after a move, or a
    /// new key.
    pub(crate) async fn in_one_state<T, F: Future<Output = Result<T>>>(&self, read: impl Fn() -> F) -> Result<T> {
        for _ in 0..READS {
            let before = self.log.position().await;
            match read().await {
                Err(_) if self.log.position().await != before => {}
                result => return result,
            }
        }
        Err(Error::new(ErrorKind::Conflict, "the cloud changes faster than it can be read"))
    }

    /// The newest revision of an opened file.
    pub(crate) fn revision(&self, opened: &Opened) -> Result<Revision> {
        self.revision_in(&opened.record, &opened.node)
    }

    /// The revision that stands in `record`.
    pub(crate) fn revision_in(&self, record: &Record<CloudSchema>, node: &Node) -> Result<Revision> {
        let key = node.key_of(Fields(record).epoch(Field::RevisionEpoch)?)?;
        Revision::open_signed_by(record, &self.cloud, &node.id, key, &self.owners)
    }

    /// What a person sees of the node in `record`, which `parent_key` opens.
    pub(crate) fn entry(&self, record: &Record<CloudSchema>, parent_key: &ParentKey) -> Result<Entry> {
        let (_, id) = super::node::place(record)?;
        let hash = Hash::of(&record.to_bytes());
        if let Some(entry) = self.seen_entry(&id, hash) {
            return Ok(entry);
        }
        let node = Node::open(record, parent_key)?;
        let revision = match node.kind {
            NodeKind::Folder => None,
            NodeKind::File => Some(self.revision_in(record, &node)?),
        };
        let entry = node.to_entry(record, revision.as_ref())?;
        self.remember(hash, entry.clone());
        if let Some(revision) = &revision {
            self.remember_thumbnail(hash, revision);
        }
        Ok(entry)
    }

    /// The entry that was made of a record of that hash.
    pub(crate) fn seen_entry(&self, id: &Id, hash: Hash) -> Option<Entry> {
        let seen = self.seen();
        seen.entries.get(id).filter(|(known, _)| *known == hash).map(|(_, entry)| entry.clone())
    }

    /// Keeps the entry of a record of that hash.
    pub(crate) fn remember(&self, hash: Hash, entry: Entry) {
        let mut seen = self.seen();
        if seen.entries.len() >= MOST_ENTRIES {
            seen.entries.clear();
        }
        seen.entries.insert(entry.id, (hash, entry));
    }

    /// The thumbnail that the log's latest record of a file names, if this device has met it.
    pub(crate) async fn seen_thumbnail(&self, file: &Id) -> Option<KeptThumbnail> {
        let parent = self.log.parent(file).await?;
        let latest = self.log.hash(&key::child(&parent, file).to_bytes()).await?;
        let seen = self.seen();
        seen.thumbnails.get(file).filter(|(record, _)| *record == latest).map(|(_, kept)| kept.clone())
    }

    /// Keeps the thumbnail of the revision in a record of that hash, if it has one.
    pub(crate) fn remember_thumbnail(&self, hash: Hash, revision: &Revision) {
        let mut seen = self.seen();
        if seen.thumbnails.len() >= MOST_ENTRIES {
            seen.thumbnails.clear();
        }
        match KeptThumbnail::of(revision) {
            Some(kept) => seen.thumbnails.insert(revision.node, (hash, kept)),
            None => seen.thumbnails.remove(&revision.node),
        };
    }

    /// Climbs to the first folder that is known, and opens what lies between on the way down. Not by calling itself: a stack ends
    /// before folders do.
    async fn open_now(&self, id: &Id, shown: Option<Record<CloudSchema>>) -> Result<Opened> {
        let mut way = Vec::new();
        let mut next = *id;
        let mut key = loop {
            if next == Id::ZERO {
                break ParentKey::Dek(self.deks.clone());
            }
            if !way.is_empty()
                && let Some(folder) = self.seen_folder(&next).await
            {
                break folder.key;
            }
            if way.len() >= DEEPEST {
                return Err(endless());
            }
            let parent = self.log.parent(&next).await.ok_or_else(no_such_node)?;
            way.push((next, parent));
            next = parent;
        };
        while way.len() > 1 {
            let (id, parent) = way.pop().ok_or_else(no_such_node)?;
            key = Folder::of(&self.open_in(&parent, key, &id, None).await?.node)?.key;
        }
        let (id, parent) = way.pop().ok_or_else(no_such_node)?;
        self.open_in(&parent, key, &id, shown).await
    }

    /// Opens a node in a folder whose key is known, from the record that was shown if that is the log's latest.
    async fn open_in(
        &self,
        parent: &Id,
        parent_key: ParentKey,
        id: &Id,
        shown: Option<Record<CloudSchema>>,
    ) -> Result<Opened> {
        let record = self.log.confirm(&key::child(parent, id), shown).await?.ok_or_else(no_such_node)?;
        let node = Node::open(&record, &parent_key)?;
        if self.log.epoch(id).await != Some(node.epoch) {
            return Err(Error::new(ErrorKind::CannotOpen, "a node is not of the epoch that the log says"));
        }
        if let Ok(folder) = Folder::of(&node) {
            let record = Hash::of(&record.to_bytes());
            self.seen().folders.insert(*id, SeenFolder { record, folder });
        }
        Ok(Opened { node, record, parent_key })
    }

    async fn folder(&self, id: &Id) -> Result<Folder> {
        match self.seen_folder(id).await {
            Some(folder) => Ok(folder),
            None => Folder::of(&self.open_now(id, None).await?.node),
        }
    }

    async fn lineage_of(&self, folder: Id) -> Result<Vec<Folder>> {
        let mut lineage: Vec<Folder> = Vec::new();
        let mut next = folder;
        while next != Id::ZERO {
            if lineage.len() >= DEEPEST {
                return Err(endless());
            }
            let folder = self.folder(&next).await?;
            next = folder.parent;
            lineage.push(folder);
        }
        lineage.reverse();
        Ok(lineage)
    }

    /// A folder from memory, unless the log has a newer record of it. A new key above it would have re-wrapped its own.
    async fn seen_folder(&self, id: &Id) -> Option<Folder> {
        let (record, folder) = {
            let seen = self.seen();
            let seen = seen.folders.get(id)?;
            (seen.record, seen.folder.clone())
        };
        let unchanged = self.log.parent(id).await == Some(folder.parent)
            && self.log.hash(&key::child(&folder.parent, id).to_bytes()).await == Some(record);
        unchanged.then_some(folder)
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Folder {
    /// # Errors
    /// `NotFound` for a file.
    fn of(node: &Node) -> Result<Self> {
        if node.kind == NodeKind::File {
            return Err(Error::new(ErrorKind::NotFound, "this is not a folder"));
        }
        let key = ParentKey::Node(node.epoch_key(), node.former.clone());
        Ok(Self { id: node.id, parent: node.parent, key, outdated: node.is_outdated() })
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree").field("cloud", &self.cloud).finish_non_exhaustive()
    }
}

/// Deeper than any folder that people make; a loop that storage made up ends here.
pub(crate) const DEEPEST: usize = 256;
/// How often something is read that other devices change meanwhile.
const READS: u32 = 8;
/// Entries kept in memory: some 10 MB.
const MOST_ENTRIES: usize = 20_000;

/// What is said of folders that nest deeper than that.
pub(crate) fn endless() -> Error {
    Error::new(ErrorKind::CannotOpen, "folders are nested without end")
}

fn no_such_node() -> Error {
    Error::new(ErrorKind::NotFound, "there is no such file or folder")
}
