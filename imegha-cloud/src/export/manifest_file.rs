//! The manifest of an export as a file of this device.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::path::Path;

use async_trait::async_trait;
use imegha_crypto::{Hash, Id};
use serde::Deserialize;

use super::manifest::{Lines, Manifest, NAME};
use crate::client::{Temporary, on_a_thread, unwritable};
use crate::error::Result;

/// What is read of a line.
#[derive(Deserialize)]
struct Read {
    #[serde(default)]
    cloud: String,
    #[serde(default)]
    path: String,
    #[serde(default)]
    sha256: String,
}

/// A manifest in a file takes the place of the one before only when it is finished.
impl Manifest<Temporary> {
    pub(super) async fn begin(folder: &Path, cloud: &Id, begun: u64) -> Result<Self> {
        let path = folder.join(NAME);
        let file = on_a_thread(move || Temporary::beside(&path)).await?.map_err(unwritable)?;
        Ok(Self::write_to(file, cloud, begun))
    }

    /// Puts it, as it is, into its place in the folder that it is written in.
    pub(super) async fn persist(self, folder: &Path) -> Result<()> {
        let (path, file) = (folder.join(NAME), self.written().await?);
        on_a_thread(move || file.persist(&path, true)).await?.map_err(unwritable)
    }
}

/// A file that a failure leaves half written is removed with it.
#[async_trait]
impl Lines for Temporary {
    async fn append(&mut self, lines: Vec<u8>) -> Result<()> {
        let mut file = self.handle().map_err(unwritable)?;
        on_a_thread(move || io::Write::write_all(&mut file, &lines)).await?.map_err(unwritable)
    }
}

/// Whose export is in a folder, if it is one: the id of a cloud as text.
pub(super) fn owner(folder: &Path) -> io::Result<Option<String>> {
    let mut lines = match File::open(folder.join(NAME)) {
        Ok(file) => BufReader::new(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut line = Vec::new();
    io::Read::take(&mut lines, 4_096).read_until(b'\n', &mut line)?;
    // What is no line of ours is nobody's.
    Ok(Some(serde_json::from_slice(&line).map_or(String::new(), |line: Read| line.cloud)))
}

/// Whether the manifest that is in its place says that the file at `path` has that hash.
pub(super) fn names(folder: &Path, path: &str, sha256: &Hash) -> io::Result<bool> {
    let sha256 = sha256.to_string();
    for line in BufReader::new(File::open(folder.join(NAME))?).split(b'\n') {
        if serde_json::from_slice(&line?).is_ok_and(|line: Read| line.path == path && line.sha256 == sha256) {
            return Ok(true);
        }
    }
    Ok(false)
}
