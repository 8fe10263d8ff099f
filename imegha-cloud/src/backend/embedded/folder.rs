//! Folders and files that survive a crash.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::error::file;
use crate::error::Result;

/// Makes a folder that only its owner may enter, and the ones above it, and syncs the one that it stands in.
pub(super) fn create(folder: &Path) -> Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    create_unsynced(folder)?;
    sync_parent(folder)
}

/// The same for whoever syncs the one that it stands in later, once for many.
pub(super) fn create_unsynced(folder: &Path) -> Result<()> {
    if let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        fs::create_dir_all(parent).map_err(file("making a folder"))?;
    }
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        result => result.map_err(file("making a folder")),
    }
}

/// Makes an empty file that only its owner may read, if there is none.
pub(super) fn create_file(path: &Path) -> Result<()> {
    let mut options = File::options();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.write(true).create(true).truncate(false).open(path).map(drop).map_err(file("making a file"))
}

/// Makes the entry of `path` in its folder durable.
pub(super) fn sync_parent(path: &Path) -> Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    sync(parent)
}

/// Makes the entries of a folder durable. Where folders cannot be opened as files (Windows) the system sees to it.
pub(super) fn sync(folder: &Path) -> Result<()> {
    if cfg!(unix) {
        let opened = File::open(folder).map_err(file("opening a folder"))?;
        opened.sync_all().map_err(file("syncing a folder"))?;
    }
    Ok(())
}

/// Dates a file.
pub(super) fn set_time(of: &File, ms: u64) -> Result<()> {
    of.set_modified(UNIX_EPOCH + Duration::from_millis(ms)).map_err(file("dating a file"))
}

/// A file's date in milliseconds since 1970.
pub(super) fn time(metadata: &fs::Metadata) -> u64 {
    let since = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH).duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as u64)
}
