//! Listing folders and making them.

use std::collections::HashSet;

use imegha_crypto::{Hash, Id};

use super::entry::{Entry, NodeKind};
use super::name;
use super::node::Node;
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
        self.log().refresh().await?;
        let opened = self.tree().open(node).await?;
        self.tree().entry(&opened.record, &opened.parent_key)
    }

    /// The folders from the root, which is not among them, to a node, which is the last.
    ///
    /// # Errors
    /// As [`Cloud::entry`].
    pub async fn path(&self, node: &Id) -> Result<Vec<Entry>> {
        self.log().refresh().await?;
        let mut path = Vec::new();
        let mut next = *node;
        while next != self.root() {
            let opened = self.tree().open(&next).await?;
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
            let parent_key = self.tree().folder_key(parent).await?;
            self.refuse_taken(parent, name).await?;

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
        let taken = self.taken_names(folder).await?;
        Ok(if taken.contains(&name::fold(name)) { name::number(name, &taken) } else { name.to_owned() })
    }

    /// Refuses a name that the folder has, as far as the log has been read.
    pub(crate) async fn refuse_taken(&self, folder: &Id, name: &str) -> Result<()> {
        match self.taken_names(folder).await?.contains(&name::fold(name)) {
            true => Err(Error::new(ErrorKind::AlreadyExists, "this name is taken")),
            false => Ok(()),
        }
    }

    async fn list_known(&self, folder: &Id) -> Result<Vec<Entry>> {
        let key = self.tree().folder_key(folder).await?;
        let mut entries = Vec::new();
        for (place, record) in self.log().list(Collection::Children, &[CloudValue::Id(*folder)]).await? {
            let [CloudValue::Id(id)] = place.sort[..] else {
                return Err(Error::new(ErrorKind::CannotOpen, "storage lists a node without an id"));
            };
            let entry = record.and_then(|record| self.tree().entry(&record, &key));
            entries.push(entry.unwrap_or_else(|error| Entry::damaged(id, *folder, error.kind())));
        }
        show_names(&mut entries);
        entries.sort_by_cached_key(|entry| (!entry.is_folder(), name::fold(&entry.shown_name), entry.id));
        Ok(entries)
    }

    /// The folded names in a folder, as they are and as they are shown. Nothing is read when all of them are in memory still.
    async fn taken_names(&self, folder: &Id) -> Result<HashSet<String>> {
        let known = self.log().hashes(Collection::Children, &[CloudValue::Id(*folder)]).await?;
        let seen: Option<Vec<Entry>> = known
            .iter()
            .map(|(key, hash)| match key.sort[..] {
                [CloudValue::Id(id)] => self.tree().seen_entry(&id, *hash),
                _ => None,
            })
            .collect();
        let mut entries = match seen {
            Some(entries) => entries,
            None => self.list_known(folder).await?,
        };
        show_names(&mut entries);
        Ok(entries.iter().flat_map(|entry| [name::fold(&entry.name), name::fold(&entry.shown_name)]).collect())
    }
}

/// Of several entries of one name the one that was created first keeps it, and every device agrees on which that is.
fn show_names(entries: &mut [Entry]) {
    let mut taken: HashSet<String> = entries.iter().map(|entry| name::fold(&entry.name)).collect();
    entries.sort_by_key(|entry| (entry.created_ms, entry.id));
    let mut shown = HashSet::new();
    for entry in entries.iter_mut().filter(|entry| entry.damaged.is_none()) {
        if !shown.insert(name::fold(&entry.name)) {
            entry.shown_name = name::number(&entry.name, &taken);
            taken.insert(name::fold(&entry.shown_name));
        }
    }
}
