//! The folder that is exported to.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use imegha_crypto::{Hash, Id};
use sha2::{Digest as _, Sha256};

use super::manifest::Manifest;
use super::manifest_file;
use crate::client::{is_temporary, on_a_thread, unwritable};
use crate::error::{Error, ErrorKind, Result};

/// A folder that holds an export of one cloud, or is to.
#[derive(Clone, Debug)]
pub(super) struct Target(PathBuf);

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum There {
    Nothing,
    /// A file of that length with that hash.
    File(u64, Hash),
    /// A folder, a link, or something else.
    Other,
}

impl Target {
    /// Takes a folder for an export of `cloud`. It is made if it is not there.
    ///
    /// # Errors
    /// `AlreadyExists` when something is in it, and it is not an export of that cloud.
    pub(super) async fn open(folder: PathBuf, cloud: &Id, now_ms: u64) -> Result<Self> {
        let (path, expected) = (folder.clone(), cloud.to_string());
        let known = on_a_thread(move || {
            fs::create_dir_all(&path)?;
            match manifest_file::owner(&path)? {
                // A run that was killed may have left what it was writing.
                Some(owner) if owner == expected => sweep(&path).map(|()| true),
                None if fs::read_dir(&path)?.next().is_none() => Ok(false),
                _ => Err(io::ErrorKind::AlreadyExists.into()),
            }
        });
        let known = known.await?.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
                Error::new(ErrorKind::AlreadyExists, "this folder is neither empty nor an export of this cloud")
            }
            _ => unwritable(error),
        })?;
        if !known {
            Manifest::begin(&folder, cloud, now_ms).await?.persist(&folder).await?;
        }
        Ok(Self(folder))
    }

    pub(super) fn folder(&self) -> &Path {
        &self.0
    }

    /// A path below the folder as the system has it.
    pub(super) fn path(&self, path: &str) -> PathBuf {
        path.split('/').fold(self.0.clone(), |path, part| path.join(part))
    }

    /// Makes a folder, and those above it.
    ///
    /// # Errors
    /// `AlreadyExists` when there is something else: a link is not followed, so that nothing is written elsewhere.
    pub(super) async fn make_folder(&self, path: &str) -> Result<()> {
        let (top, path) = (self.0.clone(), path.to_owned());
        let made = on_a_thread(move || {
            let mut folder = top;
            for part in path.split('/') {
                folder.push(part);
                match fs::create_dir(&folder) {
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                        if !folder.symlink_metadata()?.is_dir() {
                            return Err(error);
                        }
                    }
                    made => made?,
                }
            }
            sweep(&folder)
        });
        made.await?.map_err(unwritable)
    }

    /// What is at a path.
    pub(super) async fn look(&self, path: &str) -> Result<There> {
        let path = self.path(path);
        let there = on_a_thread(move || {
            match path.symlink_metadata() {
                Ok(meta) if meta.is_file() => {}
                Ok(_) => return Ok(There::Other),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(There::Nothing),
                Err(error) => return Err(error),
            }
            let mut file = File::open(path)?;
            let (mut hasher, mut len) = (Sha256::new(), 0);
            let mut buffer = vec![0; READ_LEN];
            loop {
                match file.read(&mut buffer)? {
                    0 => return Ok(There::File(len, Hash::from_bytes(hasher.finalize().into()))),
                    read => {
                        hasher.update(&buffer[..read]);
                        len += read as u64;
                    }
                }
            }
        });
        there.await?.map_err(unwritable)
    }

    /// Whether the manifest of an earlier export says that the file at `path` has that hash.
    pub(super) async fn wrote(&self, path: &str, sha256: Hash) -> Result<bool> {
        let (folder, path) = (self.0.clone(), path.to_owned());
        on_a_thread(move || manifest_file::names(&folder, &path, &sha256)).await?.map_err(unwritable)
    }

    /// Gives a file the time that it had. Where a file system cannot hold it, the manifest does.
    pub(super) async fn set_modified(&self, path: &str, ms: u64) -> Result<()> {
        let path = self.path(path);
        let set = move || {
            let time = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(ms))?;
            if path.metadata().and_then(|meta| meta.modified()).ok()? != time {
                File::options().write(true).open(&path).and_then(|file| file.set_modified(time)).ok()?;
            }
            Some(())
        };
        on_a_thread(set).await.map(drop)
    }
}

/// Removes what a run that was killed was writing in a folder.
fn sweep(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(is_temporary) && entry.file_type()?.is_file() {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// How much of a file is read at once.
const READ_LEN: usize = 1024 * 1024;
