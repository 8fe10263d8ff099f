//! The tree of nodes: where each stands, and the keys on the way to it.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use imegha_crypto::{Hash, Id};

use super::entry::{Entry, NodeKind};
use super::fields::Fields;
use super::node::{Node, ParentKey};
use super::revision::Revision;
use crate::backend::Record;
use crate::client::keys::CloudKeys;
use crate::error::{Error, ErrorKind, Result};
use crate::log::{Log, key};
use crate::schema::{CloudSchema, Field};

/// Opens nodes. What it has opened it keeps for as long as the log's latest hashes stay the same.
pub(crate) struct Tree {
    cloud: Id,
    keys: CloudKeys,
    log: Arc<Log>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    folders: HashMap<Id, Folder>,
    entries: HashMap<Id, (Hash, Entry)>,
}

struct Folder {
    locator: Hash,
    record: Hash,
    parent: Id,
    key: ParentKey,
}

/// A node with the record that it was opened from.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) node: Node,
    pub(crate) record: Record<CloudSchema>,
    pub(crate) parent_key: ParentKey,
}

impl Tree {
    pub(crate) fn new(cloud: Id, keys: CloudKeys, log: Arc<Log>) -> Self {
        Self { cloud, keys, log, seen: Mutex::default() }
    }

    /// The node of that id.
    ///
    /// # Errors
    /// `NotFound` when the log knows of none.
    pub(crate) async fn open(&self, id: &Id) -> Result<Opened> {
        self.open_at(id, 0).await
    }

    /// The key of a folder, which holds those of its children.
    ///
    /// # Errors
    /// `NotFound` when there is no such folder.
    pub(crate) async fn folder_key(&self, folder: &Id) -> Result<ParentKey> {
        self.folder_key_at(*folder, 0).await
    }

    /// The newest revision of an opened file.
    pub(crate) fn revision(&self, opened: &Opened) -> Result<Revision> {
        self.revision_in(&opened.record, &opened.node)
    }

    /// The revision that stands in `record`.
    pub(crate) fn revision_in(&self, record: &Record<CloudSchema>, node: &Node) -> Result<Revision> {
        Revision::open(record, &self.cloud, &node.id, &node.key, self.keys.identity.public())
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

    async fn open_at(&self, id: &Id, depth: u32) -> Result<Opened> {
        if depth > DEEPEST {
            return Err(Error::new(ErrorKind::CannotOpen, "folders are nested without end"));
        }
        let locator = self.log.read(&key::locator(id)).await?.ok_or_else(no_such_node)?;
        let parent = Fields(&locator).id(Field::Parent)?;
        let parent_key = self.folder_key_at(parent, depth + 1).await?;
        let record = self.log.read(&key::child(&parent, id)).await?.ok_or_else(no_such_node)?;
        let node = Node::open(&record, &parent_key)?;
        if self.log.epoch(id).await != Some(node.epoch) {
            return Err(Error::new(ErrorKind::CannotOpen, "a node is not of the epoch that the log says"));
        }
        if node.kind == NodeKind::Folder {
            let folder = Folder {
                locator: Hash::of(&locator.to_bytes()),
                record: Hash::of(&record.to_bytes()),
                parent,
                key: ParentKey::Node(node.key.clone(), node.epoch),
            };
            self.seen().folders.insert(*id, folder);
        }
        Ok(Opened { node, record, parent_key })
    }

    fn folder_key_at(&self, folder: Id, depth: u32) -> BoxFuture<'_, Result<ParentKey>> {
        async move {
            if folder == Id::ZERO {
                return Ok(ParentKey::Dek(self.keys.dek.clone(), self.keys.dek_epoch));
            }
            if let Some(key) = self.seen_key(&folder).await {
                return Ok(key);
            }
            let Opened { node, .. } = self.open_at(&folder, depth).await?;
            match node.kind {
                NodeKind::Folder => Ok(ParentKey::Node(node.key, node.epoch)),
                NodeKind::File => Err(Error::new(ErrorKind::NotFound, "this is not a folder")),
            }
        }
        .boxed()
    }

    /// A folder's key from memory, unless the log has a newer record of it. A new key above it would have re-wrapped its own.
    async fn seen_key(&self, folder: &Id) -> Option<ParentKey> {
        let (locator, record, parent, key) = {
            let seen = self.seen();
            let folder = seen.folders.get(folder)?;
            (folder.locator, folder.record, folder.parent, folder.key.clone())
        };
        let unchanged = self.log.hash(&key::locator(folder).to_bytes()).await == Some(locator)
            && self.log.hash(&key::child(&parent, folder).to_bytes()).await == Some(record);
        unchanged.then_some(key)
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree").field("cloud", &self.cloud).finish_non_exhaustive()
    }
}

/// Deeper than any folder that people make; a loop that storage made up ends here.
const DEEPEST: u32 = 256;
/// Entries kept in memory: some 10 MB.
const MOST_ENTRIES: usize = 20_000;

fn no_such_node() -> Error {
    Error::new(ErrorKind::NotFound, "there is no such file or folder")
}
