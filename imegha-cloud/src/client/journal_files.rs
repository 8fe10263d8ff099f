//! Journals of uploads as files, held by a lock of the operating system.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use imegha_crypto::Id;

use super::disk::{Temporary, on_a_thread, sync_folder_of, unreadable_memory, unwritable};
use super::journal::{HeldJournal, JournalStore, held_elsewhere};
use crate::error::Result;

/// Journals in a folder: `<cloud>.<upload>.journal`, and beside each, while it is held, a `.lock`.
#[derive(Clone, Debug)]
pub(super) struct JournalFiles {
    folder: PathBuf,
}

impl JournalFiles {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }
}

#[async_trait]
impl JournalStore for JournalFiles {
    async fn hold(&self, cloud: &Id, upload: &Id) -> Result<Box<dyn HeldJournal>> {
        let path = self.folder.join(format!("{cloud}.{upload}.{EXTENSION}"));
        match on_a_thread(move || Held::take(path)).await?.map_err(unwritable)? {
            Some(held) => Ok(Box::new(Holder { held: Arc::new(held), turns: AtomicU64::new(0) })),
            None => Err(held_elsewhere()),
        }
    }

    async fn list(&self, cloud: &Id) -> Result<Vec<Id>> {
        let (folder, prefix) = (self.folder.clone(), format!("{cloud}."));
        let listed = on_a_thread(move || {
            let files = match fs::read_dir(folder) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
                files => files?,
            };
            let mut uploads = Vec::new();
            for file in files {
                let name = file?.file_name();
                let upload = name.to_str().and_then(|name| name.strip_prefix(&prefix)?.strip_suffix(EXTENSION));
                let upload = upload.and_then(|upload| upload.strip_suffix('.'));
                uploads.extend(upload.and_then(|upload| Id::parse_hex(upload).ok()));
            }
            uploads.sort();
            Ok(uploads)
        });
        listed.await?.map_err(unreadable_memory)
    }
}

/// What a caller holds. Work that it no longer waits for may still go on: the lock is let go when that has ended too.
#[derive(Debug)]
struct Holder {
    held: Arc<Held>,
    turns: AtomicU64,
}

#[derive(Debug)]
struct Held {
    path: PathBuf,
    /// The turn that was done last. One that was begun before it, and that nobody waits for any more, is not done after it.
    done: Mutex<u64>,
    lock_path: PathBuf,
    _lock: File,
}

impl Held {
    /// Makes the lock's file and locks it. `None` when somebody has, and keeps it longer than the work of a future that was dropped
    /// takes to end.
    fn take(path: PathBuf) -> io::Result<Option<Self>> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let lock_path = path.with_extension("lock");
        let begun = Instant::now();
        loop {
            let lock = File::options().write(true).create(true).truncate(false).open(&lock_path)?;
            match lock.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) if begun.elapsed() < LONGEST_WAIT => {
                    std::thread::sleep(LONGEST_WAIT / 50);
                    continue;
                }
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error),
            }
            // Whoever held it before may have removed the file between opening and locking: then this locks nothing.
            if is_at(&lock, &lock_path)? {
                return Ok(Some(Self { path, done: Mutex::new(0), lock_path, _lock: lock }));
            }
        }
    }

    /// Runs `work`, unless a later turn was done already.
    fn in_turn(&self, turn: u64, work: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        if turn < *done {
            return Ok(());
        }
        *done = turn;
        work(&self.path)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // Still locked. Where a file's identity cannot be compared the empty file stays.
        if cfg!(unix) {
            let _ = fs::remove_file(&self.lock_path);
        }
    }
}

impl Holder {
    async fn in_turn(&self, work: impl FnOnce(&Path) -> io::Result<()> + Send + 'static) -> Result<()> {
        let (held, turn) = (self.held.clone(), self.turns.fetch_add(1, Ordering::SeqCst) + 1);
        on_a_thread(move || held.in_turn(turn, work)).await?.map_err(unwritable)
    }
}

#[async_trait]
impl HeldJournal for Holder {
    async fn load(&self) -> Result<Option<Vec<u8>>> {
        let path = self.held.path.clone();
        match on_a_thread(move || fs::read(path)).await? {
            Ok(journal) => Ok(Some(journal)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unreadable_memory(error)),
        }
    }

    async fn save(&self, journal: Vec<u8>) -> Result<()> {
        self.in_turn(move |path| Temporary::beside(path)?.write(&journal)?.persist(path, true)).await
    }

    async fn remove(&self) -> Result<()> {
        let remove = |path: &Path| match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed.and_then(|()| sync_folder_of(path)),
        };
        self.in_turn(remove).await
    }
}

/// Whether the opened file is the one that stands at `path`.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let opened = file.metadata()?;
        match fs::metadata(path) {
            Ok(there) => Ok((there.dev(), there.ino()) == (opened.dev(), opened.ino())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
    #[cfg(not(unix))]
    {
        let _ = (file, path);
        Ok(true)
    }
}

const EXTENSION: &str = "journal";
const LONGEST_WAIT: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn ids() -> (Id, Id) {
        (Id::generate().unwrap(), Id::generate().unwrap())
    }

    #[tokio::test]
    async fn a_journal_is_held_by_one() {
        let folder = tempfile::tempdir().unwrap();
        let [one, other] = [0, 1].map(|_| JournalFiles::new(folder.path().join("device")));
        let (cloud, upload) = ids();
        for _ in 0..3 {
            let held = one.hold(&cloud, &upload).await.unwrap();
            assert_eq!(other.hold(&cloud, &upload).await.unwrap_err().kind(), ErrorKind::Conflict);
            assert_eq!(one.hold(&cloud, &upload).await.unwrap_err().kind(), ErrorKind::Conflict);
            other.hold(&cloud, &Id::generate().unwrap()).await.unwrap();
            drop(held);
        }
        assert!(fs::read_dir(folder.path().join("device")).unwrap().next().is_none(), "no lock is left behind");
    }

    #[tokio::test]
    async fn what_is_saved_is_listed_until_it_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let files = JournalFiles::new(folder.path().join("device"));
        let (cloud, upload) = ids();
        assert_eq!(files.list(&cloud).await.unwrap(), []);
        let held = files.hold(&cloud, &upload).await.unwrap();
        assert_eq!(held.load().await.unwrap(), None);
        assert_eq!(files.list(&cloud).await.unwrap(), []);
        for journal in [b"one", b"two"] {
            held.save(journal.to_vec()).await.unwrap();
            assert_eq!(held.load().await.unwrap().as_deref(), Some(&journal[..]));
        }
        assert_eq!(files.list(&cloud).await.unwrap(), [upload]);
        assert_eq!(files.list(&Id::generate().unwrap()).await.unwrap(), []);
        held.remove().await.unwrap();
        held.remove().await.unwrap();
        assert_eq!(held.load().await.unwrap(), None);
        assert_eq!(files.list(&cloud).await.unwrap(), []);
    }

    /// A save that nobody waits for any more runs on its thread, and may come last.
    #[tokio::test]
    async fn a_save_that_was_given_up_brings_nothing_back() {
        let folder = tempfile::tempdir().unwrap();
        let (cloud, upload) = ids();
        for _ in 0..20 {
            let files = JournalFiles::new(folder.path().to_owned());
            let held = files.hold(&cloud, &upload).await.unwrap();
            let mut save = held.save(vec![1; 100_000]);
            assert!(futures::poll!(&mut save).is_pending());
            drop(save);
            held.remove().await.unwrap();
            drop(held);
            // Whoever comes next comes after it.
            let held = files.hold(&cloud, &upload).await.unwrap();
            assert_eq!(held.load().await.unwrap(), None);
        }
    }
}
