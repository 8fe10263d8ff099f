//! Storing a folder without what the cloud has already.

use std::collections::HashSet;
use std::io::Read as _;
use std::path::Path;

use imegha_cloud::{CancelToken, Cloud};
use imegha_crypto::Hash;
use sha2::{Digest as _, Sha256};

use super::put::put_tree;
use super::storing::Storing;
use crate::arguments::{ForAll, Import};
use crate::cloud_path::CloudPath;
use crate::failure::{Failure, Result};
use crate::walk::Walk;

/// Stores what is in a folder. A file whose content is in the cloud already, under any name, is left out.
pub(super) async fn import(cloud: Cloud, import: Import, all: ForAll, token: CancelToken) -> Result<()> {
    let meta = std::fs::metadata(&import.source).map_err(|error| Failure::disk(&import.source, &error))?;
    if !meta.is_dir() {
        return Err(
            Failure::usage("this is not a folder: `imegha put` stores files").about(&import.source.to_string_lossy())
        );
    }
    let contents = contents(&cloud).await?;
    let folder = cloud.ensure_folder(&cloud.root(), import.to.names()).await?;
    let mut storing = Storing::new(cloud, import.if_exists, all, token).without(contents);
    put_tree(&mut storing, &import.source, &folder.id, &import.to).await?;
    storing.finish()
}

/// The SHA-256 of every file in the cloud.
async fn contents(cloud: &Cloud) -> Result<HashSet<Hash>> {
    let root = cloud.entry(&cloud.root()).await?;
    let mut walk = Walk::begin(cloud, &CloudPath::default(), &root).await?;
    let mut contents = HashSet::new();
    while let Some((_, entry)) = walk.next(cloud).await? {
        contents.extend(entry.sha256);
    }
    Ok(contents)
}

/// The SHA-256 of a file of this device.
pub(super) async fn hash_file(path: &Path) -> Result<Hash> {
    let owned = path.to_owned();
    let hash = tokio::task::spawn_blocking(move || {
        let mut file = std::fs::File::open(owned)?;
        let (mut hash, mut buffer) = (Sha256::new(), vec![0; 1024 * 1024]);
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(Hash::from_bytes(hash.finalize().into())),
                len => hash.update(&buffer[..len]),
            }
        }
    });
    match hash.await {
        Ok(hash) => hash.map_err(|error: std::io::Error| Failure::disk(path, &error)),
        Err(_) => Err(Failure::new(crate::failure::Code::Failed, "hashing ended early")),
    }
}
