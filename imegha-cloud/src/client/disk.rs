//! What touches the device's own disk: reading files to upload, writing downloads, remembering clouds. Not in a browser.
//!
//! Blocking calls run on a thread of their own, so that any executor will do.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::TryStreamExt as _;
use futures::channel::oneshot;
use imegha_crypto::Id;

use super::cancel::CancelToken;
use super::content::Watch;
use super::device::DeviceStore;
use super::journal::JournalStore;
use super::journal_files::JournalFiles;
use super::{Cloud, Source, temporary};
use crate::error::{Error, ErrorKind, Result};
use crate::files::{Download, Entry};

/// A file of the device, to upload.
pub struct FileSource {
    file: Arc<File>,
    size: u64,
}

impl FileSource {
    /// Opens the file at `path`. Its length of this moment is what an upload must find in it.
    ///
    /// # Errors
    /// `Source` when it cannot be opened, or is not a file.
    pub async fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let opened = on_a_thread(move || {
            let file = File::open(path)?;
            let meta = file.metadata()?;
            match meta.is_file() {
                true => Ok((file, meta.len())),
                false => Err(io::Error::other("not a file")),
            }
        });
        let (file, size) = opened.await?.map_err(unreadable)?;
        Ok(Self { file: Arc::new(file), size })
    }
}

#[async_trait]
impl Source for FileSource {
    fn size(&self) -> Option<u64> {
        Some(self.size)
    }

    async fn read(&mut self, max: usize) -> Result<Bytes> {
        let file = self.file.clone();
        let mut buffer = vec![0; max];
        let read = on_a_thread(move || {
            let len = (&*file).read(&mut buffer)?;
            buffer.truncate(len);
            Ok(buffer)
        });
        Ok(read.await?.map_err(unreadable)?.into())
    }

    async fn rewind(&mut self) -> Result<()> {
        let file = self.file.clone();
        on_a_thread(move || (&*file).rewind()).await?.map_err(unreadable)
    }
}

impl fmt::Debug for FileSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileSource").field("size", &self.size).finish_non_exhaustive()
    }
}

/// How [`Cloud::download_to_path`] writes, who hears of it, and who stops it.
#[derive(Clone, Default)]
pub struct ToDisk {
    overwrite: bool,
    watch: Watch,
}

impl ToDisk {
    /// Refuses to replace a file.
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces a file that is there.
    #[must_use]
    pub fn overwrite(mut self) -> Self {
        self.overwrite = true;
        self
    }

    /// Calls `progress` with the bytes that are written, and those that there are in all.
    #[must_use]
    pub fn progress(mut self, progress: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        self.watch.progress = Some(Arc::new(progress));
        self
    }

    /// Stops when `token` is cancelled, and leaves no file.
    #[must_use]
    pub fn cancel(mut self, token: &CancelToken) -> Self {
        self.watch.cancel = token.clone();
        self
    }
}

impl fmt::Debug for ToDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToDisk").field("overwrite", &self.overwrite).finish_non_exhaustive()
    }
}

impl Cloud {
    /// Writes a file's content to `path`. It stands there only when it is whole: it is written under a temporary name in the same
    /// folder, and renamed after the last chunk was verified and the SHA-256 compared.
    ///
    /// `path` is the caller's: a name from a cloud ([`Entry::name`]) is not checked for what it means on this system.
    ///
    /// # Errors
    /// `AlreadyExists` when there is something at `path`, unless told to overwrite; `StorageFull` when the disk is; `Cancelled`;
    /// otherwise as [`Cloud::download`].
    pub async fn download_to_path(&self, file: &Id, path: impl Into<PathBuf>, to: ToDisk) -> Result<Entry> {
        to.save(self.download(file), path.into()).await
    }
}

impl ToDisk {
    /// Writes what `download` reads, whole and verified, to `path`.
    pub(crate) async fn save(self, download: impl Future<Output = Result<Download>>, path: PathBuf) -> Result<Entry> {
        let (entry, temporary) = self.write_beside(download, &path).await?;
        // From here on it cannot be cancelled, so that "cancelled" means that there is no file.
        on_a_thread(move || temporary.persist(&path, self.overwrite)).await?.map_err(unwritable)?;
        Ok(entry)
    }

    /// Writes it to a temporary name beside `path`.
    pub(crate) async fn write_beside(
        &self,
        download: impl Future<Output = Result<Download>>,
        path: &Path,
    ) -> Result<(Entry, Temporary)> {
        self.watch.cancel.guard(self.write_uncancelled(download, path)).await
    }

    async fn write_uncancelled(
        &self,
        download: impl Future<Output = Result<Download>>,
        path: &Path,
    ) -> Result<(Entry, Temporary)> {
        let mut download = download.await?;
        let (target, overwrite) = (path.to_owned(), self.overwrite);
        let temporary = on_a_thread(move || {
            // Told at once, not after the whole file was read. It is persisting that decides.
            if !overwrite && target.symlink_metadata().is_ok() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            Temporary::beside(&target)
        });
        let mut temporary = temporary.await?.map_err(unwritable)?;
        let (mut done, total) = (0, download.len());
        self.watch.progress(done, total);
        while let Some(bytes) = download.try_next().await? {
            done += bytes.len() as u64;
            temporary = on_a_thread(move || temporary.write(&bytes)).await?.map_err(unwritable)?;
            self.watch.progress(done, total);
        }
        Ok((download.entry().clone(), temporary))
    }
}

/// A file that is removed unless it is persisted.
pub(crate) struct Temporary {
    path: PathBuf,
    file: File,
    persisted: bool,
}

impl Temporary {
    pub(crate) fn beside(path: &Path) -> io::Result<Self> {
        let id = Id::generate().map_err(io::Error::other)?;
        let path = path.with_file_name(temporary::name(&id));
        let file = File::options().read(true).write(true).create_new(true).open(&path)?;
        Ok(Self { path, file, persisted: false })
    }

    pub(crate) fn write(mut self, bytes: &[u8]) -> io::Result<Self> {
        self.file.write_all(bytes)?;
        Ok(self)
    }

    /// The file, to be written or read by somebody else.
    pub(crate) fn handle(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Moves it to its place, on the disk for good.
    pub(crate) fn persist(mut self, path: &Path, overwrite: bool) -> io::Result<()> {
        self.file.sync_all()?;
        if overwrite {
            fs::rename(&self.path, path)?;
            self.persisted = true;
        } else {
            // A link fails where a rename would replace what came there meanwhile.
            match fs::hard_link(&self.path, path) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
                // File systems without links (FAT) leave a moment between looking and renaming.
                Err(_) if path.symlink_metadata().is_ok() => return Err(io::ErrorKind::AlreadyExists.into()),
                Err(_) => {
                    fs::rename(&self.path, path)?;
                    self.persisted = true;
                }
            }
        }
        sync_folder_of(path)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.persisted {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// A device that remembers in a folder: one small file for each cloud, and one for each unfinished upload, sealed.
#[derive(Clone, Debug)]
pub struct FileDevice {
    folder: PathBuf,
    journals: JournalFiles,
}

impl FileDevice {
    /// A device that remembers in `folder`, which is made at the first save.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        Self { journals: JournalFiles::new(folder.clone()), folder }
    }

    fn path(&self, cloud: &Id) -> PathBuf {
        self.folder.join(format!("{cloud}.index"))
    }
}

#[async_trait]
impl DeviceStore for FileDevice {
    async fn load(&self, cloud: &Id) -> Result<Option<Vec<u8>>> {
        let path = self.path(cloud);
        match on_a_thread(move || fs::read(path)).await? {
            Ok(state) => Ok(Some(state)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unreadable_memory(error)),
        }
    }

    async fn save(&self, cloud: &Id, state: Vec<u8>) -> Result<()> {
        let path = self.path(cloud);
        let saved = on_a_thread(move || {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            Temporary::beside(&path)?.write(&state)?.persist(&path, true)
        });
        saved.await?.map_err(unwritable)
    }

    fn journals(&self) -> &dyn JournalStore {
        &self.journals
    }
}

/// Runs what blocks on a thread of its own.
pub(crate) async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let (done, result) = oneshot::channel();
    let started = std::thread::Builder::new().name("imegha-disk".to_owned()).spawn(move || {
        // Nobody waits any more when the work was cancelled.
        let _ = done.send(work());
    });
    started.map_err(|error| Error::with_source(ErrorKind::Backend, "no thread could be started", error))?;
    result.await.map_err(|error| Error::with_source(ErrorKind::Backend, "work on the disk ended early", error))
}

/// Makes a rename last, where a folder can be synced (not on Windows).
pub(super) fn sync_folder_of(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

fn unreadable(error: io::Error) -> Error {
    Error::with_source(ErrorKind::Source, "the file cannot be read", error)
}

pub(super) fn unreadable_memory(error: io::Error) -> Error {
    Error::with_source(ErrorKind::Backend, "the device's memory cannot be read", error)
}

pub(crate) fn unwritable(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::AlreadyExists => Error::new(ErrorKind::AlreadyExists, "there is a file at that path already"),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            Error::with_source(ErrorKind::StorageFull, "the disk is full", error)
        }
        _ => Error::with_source(ErrorKind::Backend, "a file cannot be written on this device", error),
    }
}
