//! The folder of what the server keeps.
//!
//! ```text
//! <IMEGHA_DATA>/           0700
//!   platform.sqlite        accounts
//!   prelogin.key           0600, 32 random bytes: what an unknown address is answered is drawn from it
//!   clouds/<fingerprint>/  one hosted cloud, by its owner's first fingerprint
//! ```

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// The folder, made if it was not there, and nobody else's to read.
#[derive(Clone, Debug)]
pub(crate) struct DataFolder {
    path: PathBuf,
}

impl DataFolder {
    /// Opens the folder.
    ///
    /// # Errors
    /// When it cannot be made or its rights cannot be set.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        make_private(path)
            .with_context(|| format!("the data folder {} cannot be made (IMEGHA_DATA)", path.display()))?;
        Ok(Self { path: path.to_owned() })
    }

    /// The accounts.
    pub(crate) fn registry(&self) -> PathBuf {
        self.path.join("platform.sqlite")
    }

    /// The hosted clouds, a folder each.
    pub(crate) fn clouds(&self) -> PathBuf {
        self.path.join("clouds")
    }

    /// The secret that fake answers are drawn from, made at the first start: were it new at each start, whoever asks
    /// twice could tell a fake.
    ///
    /// # Errors
    /// When it cannot be read or written, or is not 32 bytes.
    pub(crate) fn prelogin_key(&self) -> Result<[u8; 32]> {
        let path = self.path.join("prelogin.key");
        let context = || format!("{} cannot be read or written", path.display());
        match fs::read(&path) {
            Ok(bytes) => bytes.try_into().ok().with_context(|| format!("{} is not 32 bytes", path.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let mut key = [0; 32];
                getrandom::fill(&mut key).map_err(|_| anyhow::anyhow!("this machine has no randomness to give"))?;
                // Under a temporary name first: a crash in between must not leave half a key.
                let unfinished = path.with_extension("new");
                write_private(&unfinished, &key).with_context(context)?;
                fs::rename(&unfinished, &path).with_context(context)?;
                Ok(key)
            }
            Err(error) => Err(error).with_context(context),
        }
    }
}

/// Makes a folder, and its missing parents, that only its owner may enter.
///
/// # Errors
/// As the file system gives them.
pub(crate) fn make_private(path: &Path) -> std::io::Result<()> {
    fs::create_dir_all(path)?;
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
}

/// Writes a file that only its owner may read, and waits until it is on the disk.
///
/// # Errors
/// As the file system gives them.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file: File = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
