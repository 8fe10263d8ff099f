//! What a backup says of itself, so that one that is damaged is noticed before it takes the place of anything.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use imegha_cloud::backend::embedded::CloudCopy;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::server::data::write_private;

/// The file `manifest.json`.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// The version of this format. A reader refuses one that it does not know.
    pub(super) format: u32,
    /// Every file but the objects, by its path in the backup.
    pub(super) files: BTreeMap<String, Entry>,
    /// The objects of each cloud, by the name of its folder. Which they are stands in its database.
    pub(super) clouds: BTreeMap<String, Objects>,
}

/// One file.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    size: u64,
    /// In hex.
    sha256: String,
}

/// The objects of a cloud.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Objects {
    pub(super) count: u64,
    pub(super) bytes: u64,
    /// Those that were lost before the backup was made, by their names.
    pub(super) lost: Vec<String>,
}

impl Manifest {
    /// One of nothing yet.
    pub(super) fn new() -> Self {
        Self { format: FORMAT, files: BTreeMap::new(), clouds: BTreeMap::new() }
    }

    /// Reads the manifest of the backup in `folder`.
    ///
    /// # Errors
    /// In words, when there is none, or one that this version does not know.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(NAME);
        let bytes = fs::read(&path)
            .with_context(|| format!("{} is no backup: {} cannot be read", folder.display(), path.display()))?;
        let manifest: Self =
            serde_json::from_slice(&bytes).with_context(|| format!("{} is damaged", path.display()))?;
        ensure!(
            manifest.format == FORMAT,
            "{} is of format {}, which this version does not know",
            path.display(),
            manifest.format
        );
        // The paths are followed: none leads out of the backup.
        let inside =
            |path: &String| Path::new(path).components().all(|part| matches!(part, std::path::Component::Normal(_)));
        ensure!(manifest.files.keys().chain(manifest.clouds.keys()).all(inside), "{} is damaged", path.display());
        Ok(manifest)
    }

    /// Writes it, durably.
    ///
    /// # Errors
    /// As the file system gives them.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        Ok(write_private(&folder.join(NAME), &serde_json::to_vec_pretty(self)?)?)
    }

    /// Takes in a file that is in `folder`.
    ///
    /// # Errors
    /// As the file system gives them.
    pub(super) fn add_file(&mut self, folder: &Path, path: &str) -> io::Result<()> {
        self.files.insert(path.to_owned(), Entry::of(&folder.join(path))?);
        Ok(())
    }

    /// Checks the files, and says every one that is not as it was.
    ///
    /// # Errors
    /// When a file is there and cannot be read.
    pub(super) fn changed_files(&self, folder: &Path) -> Result<Vec<String>> {
        let mut changed = Vec::new();
        for (path, entry) in &self.files {
            match Entry::of(&folder.join(path)) {
                Ok(now) if now == *entry => {}
                Ok(_) => changed.push(format!("{path} is not as it was when the backup was made")),
                Err(error) if error.kind() == io::ErrorKind::NotFound => changed.push(format!("{path} is missing")),
                Err(error) => return Err(error).with_context(|| format!("{path} cannot be read")),
            }
        }
        Ok(changed)
    }
}

impl Entry {
    fn of(path: &Path) -> io::Result<Self> {
        let mut hash = Sha256::new();
        let mut file = fs::File::open(path)?;
        let mut piece = vec![0; 256 * 1024];
        let mut size = 0;
        loop {
            match io::Read::read(&mut file, &mut piece)? {
                0 => break,
                read => {
                    hash.update(&piece[..read]);
                    size += read as u64;
                }
            }
        }
        Ok(Self { size, sha256: hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect() })
    }
}

impl Objects {
    /// What a copy of a cloud holds.
    pub(super) fn of(copy: &CloudCopy) -> Self {
        Self { count: copy.objects, bytes: copy.bytes, lost: copy.lost.iter().map(ToString::to_string).collect() }
    }
}

const NAME: &str = "manifest.json";
const FORMAT: u32 = 1;
