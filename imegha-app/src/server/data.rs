//! The folder of what the server keeps.
//!
//! ```text
//! <IMEGHA_DATA>/           0700
//!   lock                   held while a server runs
//!   platform.sqlite        accounts
//!   platform.secret        0600, 32 random bytes of the platform's own
//!   clouds/<fingerprint>/  one hosted cloud, by its owner's first fingerprint
//!   tls/                   a certificate that the server made for itself
//! ```

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

/// The folder, made if it was not there, and nobody else's to read. One server at a time has it.
#[derive(Debug)]
pub(crate) struct DataFolder {
    path: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Opens the folder.
    ///
    /// # Errors
    /// When it cannot be made, its rights cannot be set, or another server has it.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let context = || format!("the data folder {} cannot be used (IMEGHA_DATA)", path.display());
        let unfinished = unfinished_restore(path);
        if !path.exists() && unfinished.exists() {
            // Between moving the old folder aside and giving the new one its name. An empty server in its place would be a loss.
            bail!(
                "a restore was interrupted, and {} is not there: run restore again. What was there before is beside it",
                path.display()
            );
        }
        make_private(path).with_context(context)?;
        let lock = File::options().write(true).create(true).truncate(false).open(path.join("lock"));
        let lock = lock.with_context(context)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                bail!("another server uses the data folder {}: stop it, or set IMEGHA_DATA", path.display())
            }
            Err(TryLockError::Error(error)) => Err(error).with_context(context),
        }
    }

    /// The accounts.
    pub(crate) fn registry(&self) -> PathBuf {
        self.path.join(REGISTRY)
    }

    /// The hosted clouds, a folder each.
    pub(crate) fn clouds(&self) -> PathBuf {
        self.path.join(CLOUDS)
    }

    /// The platform's secret.
    pub(crate) fn secret(&self) -> PathBuf {
        self.path.join(SECRET)
    }
}

/// The accounts.
pub(crate) const REGISTRY: &str = "platform.sqlite";
/// The platform's secret.
pub(crate) const SECRET: &str = "platform.secret";
/// A certificate that the server made.
pub(crate) const TLS: &str = "tls";
/// The hosted clouds.
pub(crate) const CLOUDS: &str = "clouds";
/// Whose a hosted cloud is, in its folder.
pub(crate) const OWNER: &str = "owner.json";
/// The records of a hosted cloud, in its folder.
pub(crate) const CLOUD_DATABASE: &str = "cloud.sqlite";

/// Where a restore builds the data folder that will be at `path`.
pub(crate) fn unfinished_restore(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".restoring");
    path.with_file_name(name)
}

/// Makes a folder, and its missing parents, that only its owner may enter.
///
/// # Errors
/// As the file system gives them.
pub(crate) fn make_private(path: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)?;
    // Also one that was there before.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_at_a_time_and_nobody_else_reads_it() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let path = root.path().join("data");
        let first = DataFolder::open(&path).expect("opened");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o700);
        }
        assert!(DataFolder::open(&path).expect_err("in use").to_string().contains("another server"));
        drop(first);
        DataFolder::open(&path).expect("free again");
    }
}
