//! Where this program keeps what it keeps.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::failure::{Code, Failure, Result};

/// Two folders of this user's: one for the session, one for what the device remembers of its clouds, which no backup should have.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    config: PathBuf,
    state: PathBuf,
}

impl Folder {
    /// `$IMEGHA_CONFIG` for both; else the folders of the system.
    pub(crate) fn find() -> Result<Self> {
        if let Some(folder) = var("IMEGHA_CONFIG") {
            return Ok(Self { config: folder.clone(), state: folder });
        }
        let (config, state) = match cfg!(windows) {
            true => (var("APPDATA"), var("LOCALAPPDATA")),
            false => (
                var("XDG_CONFIG_HOME").or_else(|| Some(std::env::home_dir()?.join(".config"))),
                var("XDG_STATE_HOME").or_else(|| Some(std::env::home_dir()?.join(".local").join("state"))),
            ),
        };
        match (config, state) {
            (Some(config), Some(state)) => Ok(Self { config: config.join("imegha"), state: state.join("imegha") }),
            _ => Err(Failure::usage("this user has no home folder: set IMEGHA_CONFIG to one")),
        }
    }

    /// The file of the session.
    pub(crate) fn session(&self) -> PathBuf {
        self.config.join("session.json")
    }

    /// The folder of what the device remembers, which is made if there is none.
    pub(crate) fn device(&self) -> Result<PathBuf> {
        let folder = self.state.join("device");
        make(&folder).map_err(|error| Failure::disk(&folder, &error))?;
        Ok(folder)
    }

    /// A new folder that only its owner can look into, for what must not lie open for a moment.
    pub(crate) fn scratch(&self) -> Result<Scratch> {
        let name = format!("scratch-{}", imegha_crypto::Id::generate().map_err(imegha_cloud::Error::from)?);
        let folder = self.state.join(name);
        make(&folder).map_err(|error| Failure::disk(&folder, &error))?;
        Ok(Scratch(folder))
    }
}

/// A folder that is removed with what is in it.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Writes a file that only its owner reads: all of it, or what was there stays.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || {
        path.parent().map_or(Ok(()), make)?;
        let unfinished = path.with_extension(format!("{}.new", std::process::id()));
        let mut options = fs::File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        // One that a dead process of this number left; whose it was nobody asks any more.
        let _ = fs::remove_file(&unfinished);
        let mut file = options.open(&unfinished)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&unfinished, path)
    };
    write().map_err(|error| Failure::disk(path, &error))
}

/// Reads a private file; nothing when it is not there.
///
/// # Errors
/// When others can read it, too: then it is private no longer, and its owner should hear of it.
pub(crate) fn read_private(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => {
            refuse_open(path)?;
            Ok(Some(bytes))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::disk(path, &error)),
    }
}

#[cfg(unix)]
fn refuse_open(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path).map_err(|error| Failure::disk(path, &error))?.permissions().mode();
    match mode & 0o077 {
        0 => Ok(()),
        _ => {
            let message = "others can read this file: sign out everywhere, then `chmod 600` or remove it";
            Err(Failure::new(Code::Failed, message).about(&path.to_string_lossy()))
        }
    }
}

/// Elsewhere a user's own folders are closed to others by what they inherit.
#[cfg(not(unix))]
fn refuse_open(_: &Path) -> Result<()> {
    Ok(())
}

fn make(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn var(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}
