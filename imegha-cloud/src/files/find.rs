//! Finding nodes by their names.

use std::collections::VecDeque;

use imegha_crypto::Id;

use super::entry::Entry;
use super::{list, name};
use crate::client::Cloud;
use crate::error::{Error, ErrorKind, Result};

/// Something that was found, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The file or folder.
    pub entry: Entry,
    /// The names of the folders that it is in, as they are shown, the outermost first; none for what is in the root.
    pub path: Vec<String>,
}

impl Cloud {
    /// The files and folders whose name has `text` in it, whatever the case and the form of its letters; those in the trash are not
    /// among them. At most `most`, those nearest to the root first. Nothing is found by an empty text.
    ///
    /// Names are looked through on this device: the storage learns nothing of what is looked for.
    ///
    /// # Errors
    /// As [`Cloud::list`]. What is damaged is left out.
    pub async fn find(&self, text: &str, most: usize) -> Result<Vec<Found>> {
        let text = name::fold(text);
        self.log().refresh().await?;
        let mut found = Vec::new();
        let mut folders = VecDeque::from([(self.root(), Vec::new())]);
        while let Some((folder, path)) = folders.pop_front() {
            let mut entries = match self.known_entries(&folder).await {
                Ok(entries) => entries,
                // Removed by another device meanwhile.
                Err(error) if error.kind() == ErrorKind::NotFound && folder != self.root() => continue,
                Err(error) => return Err(error),
            };
            entries.retain(|entry| entry.damaged.is_none());
            list::sort(&mut entries);
            for entry in entries {
                if found.len() >= most || text.is_empty() {
                    return Ok(found);
                }
                if entry.is_folder() {
                    let mut path = path.clone();
                    path.push(entry.shown_name.clone());
                    folders.push_back((entry.id, path));
                }
                if name::fold(&entry.shown_name).contains(&text) {
                    found.push(Found { entry, path: path.clone() });
                }
            }
        }
        Ok(found)
    }

    /// What a folder shows under a name, in any spelling that folds to the same.
    ///
    /// # Errors
    /// As [`Cloud::list`].
    pub async fn entry_named(&self, folder: &Id, name: &str) -> Result<Option<Entry>> {
        self.log().refresh().await?;
        let name = name::fold(name);
        let entries = self.known_entries(folder).await?;
        Ok(entries.into_iter().find(|entry| entry.damaged.is_none() && name::fold(&entry.shown_name) == name))
    }

    /// The folder at the end of `path`, which begins in `parent`: those on the way that are not there are made. `parent` itself for
    /// an empty path.
    ///
    /// # Errors
    /// `AlreadyExists` when there is a file on the way; otherwise as [`Cloud::create_folder`]. No folder is made when a name cannot
    /// be one.
    pub async fn ensure_folder(&self, parent: &Id, path: &[String]) -> Result<Entry> {
        path.iter().try_for_each(|name| name::check(name))?;
        let mut folder = self.entry(parent).await?;
        for name in path {
            folder = self.ensure_one(&folder.id, name).await?;
        }
        match folder.is_folder() {
            true => Ok(folder),
            false => Err(Error::new(ErrorKind::NotFound, "this is not a folder")),
        }
    }

    async fn ensure_one(&self, parent: &Id, name: &str) -> Result<Entry> {
        for last in [false, true] {
            match self.entry_named(parent, name).await? {
                Some(entry) if entry.is_folder() => return Ok(entry),
                Some(_) => break,
                None => {}
            }
            match self.create_folder(parent, name).await {
                // Made by another device, or another task, in between.
                Err(error) if error.kind() == ErrorKind::AlreadyExists && !last => {}
                result => return result,
            }
        }
        Err(list::taken())
    }

    /// Reads what other devices have written, and tells the number of the log's newest entry: it grows with every change.
    ///
    /// # Errors
    /// `Rollback` when storage shows an older state than this device has seen; `Unavailable` when the store stays away.
    pub async fn refresh(&self) -> Result<u64> {
        Ok(self.log().refresh().await?.seq)
    }
}
