//! A backup that was made.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use imegha_cloud::backend::embedded::{check_cloud, check_database};

use super::manifest::{Manifest, Objects};
use crate::server::data::{CLOUDS, REGISTRY};

/// A backup that was made, and how much is in it.
#[derive(Debug)]
pub(crate) struct Made {
    /// Where it is.
    pub(crate) folder: PathBuf,
    /// What is in it.
    pub(super) manifest: Manifest,
}

impl Made {
    /// The one at `folder`; of a folder of several, the newest.
    ///
    /// # Errors
    /// In words, when there is none.
    pub(crate) fn find(folder: &Path) -> Result<Self> {
        let folder = match newest(folder)? {
            Some(newest) if !folder.join("manifest.json").exists() => newest,
            _ => folder.to_owned(),
        };
        Ok(Self { manifest: Manifest::read(&folder)?, folder })
    }

    /// Checks that everything is there and as it was: each file by its hash, each database by SQLite, each object by its name and
    /// length. What an object holds is checked by whoever opens it; nobody else can change it unnoticed.
    ///
    /// # Errors
    /// In words, with everything that is wrong.
    pub(crate) fn check(&self) -> Result<()> {
        let mut wrong = self.manifest.changed_files(&self.folder)?;
        if wrong.is_empty() {
            if self.manifest.files.contains_key(REGISTRY) {
                check_database(&self.folder.join(REGISTRY)).context(REGISTRY)?;
            }
            for (name, expected) in &self.manifest.clouds {
                let copy = check_cloud(&self.folder.join(CLOUDS).join(name))
                    .with_context(|| format!("the cloud {name} is damaged"))?;
                let lost = Objects::of(&copy).lost;
                let lost = lost.iter().filter(|object| !expected.lost.contains(object));
                wrong.extend(lost.map(|object| format!("the object {object} of the cloud {name} is missing or cut")));
            }
        }
        ensure!(wrong.is_empty(), "the backup {} is damaged:\n  {}", self.folder.display(), wrong.join("\n  "));
        Ok(())
    }

    /// How many objects the clouds had lost before.
    pub(crate) fn lost(&self) -> usize {
        self.manifest.clouds.values().map(|cloud| cloud.lost.len()).sum()
    }
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clouds = &self.manifest.clouds;
        let (objects, bytes) =
            clouds.values().fold((0, 0), |(objects, bytes), cloud| (objects + cloud.count, bytes + cloud.bytes));
        write!(f, "{}: {} clouds, {objects} objects of {bytes} bytes", self.folder.display(), clouds.len())
    }
}

/// The newest backup in a folder of backups. Their names sort by time.
///
/// # Errors
/// When the folder cannot be read.
pub(super) fn newest(folder: &Path) -> Result<Option<PathBuf>> {
    let context = || format!("{} cannot be read", folder.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).with_context(context)? {
        let path = entry.with_context(context)?.path();
        if path.join("manifest.json").exists() && path.extension().is_none() {
            names.push(path);
        }
    }
    Ok(names.into_iter().max())
}
