//! Listing folders and making them.

use imegha_crypto::{Hash, Id};

use super::entry::{Entry, NodeKind};
use super::name;
use super::names::{self, Names};
use super::node::Node;
use super::tree::DEEPEST;
use crate::backend::{Condition, Write};
use crate::client::Cloud;
use crate::client::retry::Attempts;
use crate::error::{Error, ErrorKind, Result};
use crate::log::{Action, Change};
use crate::schema::{CloudValue, Collection};

impl Cloud {
    /// What a folder holds: folders first, then files, by name.
    ///
    /// What is damaged, older than this device has seen, or withheld by storage is in the list with
    /// [`Entry::damaged`](field@Entry::damaged), so that the rest of a folder stays readable.
    ///
    /// # Errors
    /// `NotFound` when there is no such folder; `Rollback` when storage shows an older state of the whole cloud, or one
    /// beside what this device has seen.
    pub async fn list(&self, folder: &Id) -> Result<Vec<Entry>> {
        self.log().refresh().await?;
        self.list_known(folder).await
    }

    /// One file or folder.
    ///
    /// # Errors
    /// `NotFound`, and `CannotOpen` or `Rollback` for what [`Cloud::list`] shows as damaged.
    pub async fn entry(&self, node: &Id) -> Result<Entry> {
        let opened = self.tree().open_latest(node).await?;
        self.tree().entry(&opened.record, &opened.parent_key)
    }

    /// The folders from the root or the trash, which is not among them, to a node, which is the last.
    ///
    /// # Errors
    /// As [`Cloud::entry`].
    pub async fn path(&self, node: &Id) -> Result<Vec<Entry>> {
        self.log().refresh().await?;
        let mut path = Vec::new();
        let mut next = *node;
        while next != self.root() {
            let opened = self.tree().open(&next).await?;
            if opened.node.parent == Id::ZERO {
                break;
            }
            let entry = self.tree().entry(&opened.record, &opened.parent_key)?;
            next = entry.parent;
            path.push(entry);
        }
        path.reverse();
        Ok(path)
    }

    /// Makes an empty folder.
    ///
    /// # Errors
    /// `AlreadyExists` when the name is taken, in any spelling that folds to the same (NFC, upper and lower case);
    /// `Malformed` for a name of no bytes, of more than [`MAX_NAME_LEN`](crate::MAX_NAME_LEN), with control characters or `/`, and
    /// for `.` and `..`.
    pub async fn create_folder(&self, parent: &Id, name: &str) -> Result<Entry> {
        name::check(name)?;
        let id = Id::generate()?;
        let _writer = self.writer().lock().await;
        let mut attempts = Attempts::at_race(&self.store().clock);
        loop {
            let base = self.log().refresh().await?;
            let depth = self.living(parent).await?.len();
            refuse_depth(depth + 1)?;
            self.refuse_taken(parent, name).await?;
            if self.renew(parent, None, base, &mut attempts).await? {
                continue;
            }
            let parent_key = self.tree().folder_key(parent).await?;

            let now_ms = self.store().clock.now_ms();
            let node = Node::generate(id, *parent, NodeKind::Folder, name, now_ms)?;
            let record = node.to_record(&parent_key, now_ms)?;
            let entry = node.to_entry(&record, None)?;
            let hash = Hash::of(&record.to_bytes());
            let change = Change {
                action: Action::CreateFolder,
                nodes: vec![(id, node.epoch)],
                writes: vec![Write::Put(record, Condition::Absent), Write::Put(node.to_locator(), Condition::Absent)],
            };
            if self.land(base, &change, &entry, hash, &mut attempts).await? {
                return Ok(entry);
            }
        }
    }

    /// `name`, or the first of "name (2)", "name (3)" … that is free in the folder.
    ///
    /// # Errors
    /// `Malformed` when it cannot be a name; otherwise as [`Cloud::list`].
    pub async fn free_name(&self, folder: &Id, name: &str) -> Result<String> {
        name::check(name)?;
        self.log().refresh().await?;
        Ok(self.names(folder).await?.free(name))
    }

    /// Refuses a name that the folder has, as far as the log has been read.
    pub(crate) async fn refuse_taken(&self, folder: &Id, name: &str) -> Result<()> {
        match self.names(folder).await?.holder(name) {
            Some(_) => Err(taken()),
            None => Ok(()),
        }
    }

    /// The names in a folder.
    pub(crate) async fn names(&self, folder: &Id) -> Result<Names> {
        Ok(Names::of(self.known_children(folder).await?))
    }

    /// The names in a folder that others than `node` have.
    pub(crate) async fn names_beside(&self, folder: &Id, node: &Id) -> Result<Names> {
        let others = self.known_children(folder).await?.into_iter().filter(|entry| entry.id != *node);
        Ok(Names::of(others.collect()))
    }

    /// What a folder holds, as it is shown. Nothing is read when all of it is in memory still.
    pub(crate) async fn known_entries(&self, folder: &Id) -> Result<Vec<Entry>> {
        let mut entries = self.known_children(folder).await?;
        names::show(&mut entries);
        Ok(entries)
    }

    async fn known_children(&self, folder: &Id) -> Result<Vec<Entry>> {
        let known = self.log().hashes(Collection::Children, &[CloudValue::Id(*folder)]).await?;
        let seen: Option<Vec<Entry>> = known
            .iter()
            .map(|(key, hash)| match key.sort[..] {
                [CloudValue::Id(id)] => self.tree().seen_entry(&id, *hash),
                _ => None,
            })
            .collect();
        match seen {
            Some(entries) => Ok(entries),
            None => self.read_children(folder).await,
        }
    }

    /// What storage has in a folder, each under the name that it has.
    pub(crate) async fn read_children(&self, folder: &Id) -> Result<Vec<Entry>> {
        let mut reads = 1;
        loop {
            let before = self.log().position().await;
            let key = self.tree().folder_key(folder).await?;
            let mut entries = Vec::new();
            for (place, record) in self.log().list(Collection::Children, &[CloudValue::Id(*folder)]).await? {
                let [CloudValue::Id(id)] = place.sort[..] else {
                    return Err(Error::new(ErrorKind::CannotOpen, "storage lists a node without an id"));
                };
                let entry = record.and_then(|record| self.tree().entry(&record, &key));
                entries.push(entry.unwrap_or_else(|error| Entry::damaged(id, *folder, error.kind())));
            }
            // Another device may have replaced the key between the two.
            let sound = entries.iter().all(|entry| entry.damaged.is_none());
            if sound || reads == READS || self.log().position().await == before {
                return Ok(entries);
            }
            reads += 1;
        }
    }

    async fn list_known(&self, folder: &Id) -> Result<Vec<Entry>> {
        let mut entries = self.read_children(folder).await?;
        names::show(&mut entries);
        sort(&mut entries);
        Ok(entries)
    }
}

/// Folders first, then files, by the names that they are shown under.
pub(crate) fn sort(entries: &mut [Entry]) {
    entries.sort_by_cached_key(|entry| (!entry.is_folder(), name::fold(&entry.shown_name), entry.id));
}

/// How often a folder is read that other devices change meanwhile.
const READS: u32 = 8;

/// What is said of a name that somebody holds.
pub(crate) fn taken() -> Error {
    Error::new(ErrorKind::AlreadyExists, "this name is taken")
}

/// Refuses what would lie so deep that nobody opens it.
pub(crate) fn refuse_depth(depth: usize) -> Result<()> {
    match depth > DEEPEST {
        true => Err(Error::new(ErrorKind::Malformed, "folders are nested too deep")),
        false => Ok(()),
    }
}
