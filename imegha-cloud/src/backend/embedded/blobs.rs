//! [`EmbeddedBlobs`]: a [`BlobStore`] that is a folder.
//!
//! ```text
//! lock                     held while the store is open
//! objects/ab/ab01…         an object, in the folder of its name's first two digits
//! uploads/<id>/            an unfinished upload
//! workshop/                what is being written; emptied at the start
//! ```

use std::collections::HashMap;
use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use imegha_crypto::{Id, SealedObject, SealedPart};
use tempfile::TempPath;

use super::error::{file, object as object_error};
use super::upload::Unfinished;
use super::{EmbeddedConfig, blocking, folder};
use crate::backend::blobs::{check_limit, check_part, cut_range};
use crate::backend::{BlobBody, BlobMeta, BlobStore, ObjectName, Upload, UploadId, UploadMeta};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result};

/// Objects in a folder. A handle: a clone is the same store.
#[derive(Clone)]
pub struct EmbeddedBlobs {
    store: Arc<Store>,
}

struct Store {
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    quota: Option<u64>,
    /// Bytes of objects and parts. What was there at the start is counted only under a quota.
    used: Mutex<u64>,
    uploads: Mutex<HashMap<String, Arc<Mutex<Unfinished>>>>,
    /// Held until the last handle, upload and stream is dropped.
    _lock: File,
}

impl EmbeddedBlobs {
    /// Opens the store in `folder`, and makes it when there is none. Blocks.
    ///
    /// # Errors
    /// `Unavailable` when it is open already, in this process or another; `Backend` when files cannot be read.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(folder, &EmbeddedConfig::default())
    }

    /// The same with a quota and a clock.
    ///
    /// # Errors
    /// As [`EmbeddedBlobs::open`].
    pub fn open_with(folder: impl AsRef<Path>, config: &EmbeddedConfig) -> Result<Self> {
        // Whole, so that a later change of the working folder does not move the store.
        let folder = std::path::absolute(folder).map_err(file("finding the folder"))?;
        folder::create(&folder)?;
        let lock = lock_folder(&folder)?;
        match fs::remove_dir_all(folder.join("workshop")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(file("clearing up")(error)),
            _ => {}
        }
        for inner in ["objects", "uploads", "workshop"] {
            folder::create(&folder.join(inner))?;
        }
        let uploads = load_uploads(&folder.join("uploads"))?;
        let mut used = 0;
        if config.blob_quota.is_some() {
            used = uploads.values().map(|upload| lock_mutex(upload).len()).sum();
            for prefix in 0..=u8::MAX {
                used += read_folder(&folder, prefix)?.into_iter().map(|object| object.size).sum::<u64>();
            }
        }
        let store = Store {
            folder,
            clock: config.clock.clone(),
            quota: config.blob_quota,
            used: Mutex::new(used),
            uploads: Mutex::new(uploads),
            _lock: lock,
        };
        Ok(Self { store: Arc::new(store) })
    }
}

impl fmt::Debug for EmbeddedBlobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedBlobs").field("folder", &self.store.folder).finish()
    }
}

#[async_trait]
impl BlobStore for EmbeddedBlobs {
    async fn put(&self, name: &ObjectName, object: SealedObject) -> Result<()> {
        let (store, name) = (self.store.clone(), *name);
        blocking(move || store.put(&name, object.as_bytes())).await
    }

    async fn get(&self, name: &ObjectName, range: Option<Range<u64>>) -> Result<BlobBody> {
        let (store, name) = (self.store.clone(), *name);
        blocking(move || {
            let mut object = File::open(store.path(&name)).map_err(store.not_read("opening an object"))?;
            let size = object.metadata().map_err(file("reading an object"))?.len();
            let range = cut_range(range, size)?;
            object.seek(SeekFrom::Start(range.start)).map_err(file("reading an object"))?;
            Ok(BlobBody { size, range: range.clone(), stream: pieces(object, range.end - range.start) })
        })
        .await
    }

    async fn head(&self, name: &ObjectName) -> Result<BlobMeta> {
        let (store, name) = (self.store.clone(), *name);
        blocking(move || {
            let metadata = fs::metadata(store.path(&name)).map_err(store.not_read("reading an object"))?;
            Ok(BlobMeta { name, size: metadata.len(), stored_ms: folder::time(&metadata) })
        })
        .await
    }

    async fn delete(&self, name: &ObjectName) -> Result<()> {
        let (store, name) = (self.store.clone(), *name);
        blocking(move || store.delete(&name)).await
    }

    async fn list(&self, after: Option<&ObjectName>, limit: usize) -> Result<Vec<BlobMeta>> {
        check_limit(limit)?;
        let (store, after) = (self.store.clone(), after.copied());
        blocking(move || {
            store.find_objects()?;
            let mut page = Vec::new();
            for prefix in after.map_or(0, |after| after.as_bytes()[0])..=u8::MAX {
                let mut objects = read_folder(&store.folder, prefix)?;
                objects.retain(|object| after.is_none_or(|after| object.name > after));
                objects.sort_by_key(|object| object.name);
                page.extend(objects);
                if page.len() >= limit {
                    page.truncate(limit);
                    break;
                }
            }
            Ok(page)
        })
        .await
    }

    async fn begin_upload(&self, name: &ObjectName) -> Result<Box<dyn Upload>> {
        let (store, name) = (self.store.clone(), *name);
        blocking(move || {
            let id = Id::generate()?.to_string();
            let folder = store.folder.join("uploads").join(&id);
            let upload = Unfinished::begin(&store.folder.join("workshop"), folder, name, store.clock.now_ms())?;
            let upload = Arc::new(Mutex::new(upload));
            lock_mutex(&store.uploads).insert(id.clone(), upload.clone());
            Ok(Box::new(EmbeddedUpload { store, id: UploadId::parse(&id)?, upload }) as Box<dyn Upload>)
        })
        .await
    }

    async fn resume_upload(&self, name: &ObjectName, id: &UploadId) -> Result<Box<dyn Upload>> {
        // The id is looked up and never becomes a path.
        let found = lock_mutex(&self.store.uploads).get(id.as_str()).cloned();
        let (store, name, id) = (self.store.clone(), *name, id.clone());
        blocking(move || {
            let upload = found.filter(|upload| lock_mutex(upload).name == name).ok_or_else(no_upload)?;
            Ok(Box::new(EmbeddedUpload { store, id, upload }) as Box<dyn Upload>)
        })
        .await
    }

    async fn uploads(&self) -> Result<Vec<UploadMeta>> {
        let uploads: Vec<_> = lock_mutex(&self.store.uploads).clone().into_iter().collect();
        blocking(move || {
            let meta = |(id, upload): (String, Arc<Mutex<Unfinished>>)| {
                let upload = lock_mutex(&upload);
                let meta =
                    || Ok(UploadMeta { name: upload.name, id: UploadId::parse(&id)?, begun_ms: upload.begun_ms });
                (!upload.done).then(meta)
            };
            uploads.into_iter().filter_map(meta).collect()
        })
        .await
    }
}

impl Store {
    fn path(&self, name: &ObjectName) -> PathBuf {
        object_path(&self.folder, name)
    }

    /// Whether the folder of the objects is there: without it nobody can say which there are.
    fn find_objects(&self) -> Result<()> {
        fs::symlink_metadata(self.folder.join("objects")).map(drop).map_err(file("finding the objects"))
    }

    /// The error of an object that cannot be read.
    fn not_read(&self, context: &'static str) -> impl Fn(io::Error) -> Error {
        move |error| match self.find_objects() {
            Err(gone) if error.kind() == io::ErrorKind::NotFound => gone,
            _ => object_error(context)(error),
        }
    }

    fn put(&self, name: &ObjectName, bytes: &[u8]) -> Result<()> {
        self.reserve(bytes.len() as u64)?;
        let result = self.write(name, bytes);
        if result.is_err() {
            self.release(bytes.len() as u64);
        }
        result
    }

    fn write(&self, name: &ObjectName, bytes: &[u8]) -> Result<()> {
        let failed = file("writing an object");
        // Removed again unless it is published.
        let mut object = tempfile::NamedTempFile::new_in(self.folder.join("workshop")).map_err(&failed)?;
        object.write_all(bytes).map_err(&failed)?;
        folder::set_time(object.as_file(), self.clock.now_ms())?;
        object.as_file().sync_all().map_err(&failed)?;
        self.publish(object.into_temp_path(), name).map_err(|(error, _)| error)
    }

    /// Moves a file that is on the disk to the place of its name, unless the name is taken.
    fn publish(&self, from: TempPath, name: &ObjectName) -> Result<(), (Error, Option<TempPath>)> {
        let path = self.path(name);
        let prefix = path.parent().expect("an object lies in the folder of its prefix");
        if let Err(error) = folder::create(prefix) {
            return Err((error, Some(from)));
        }
        // Never over a file that is there, whoever else writes: renameat2(RENAME_NOREPLACE), or link.
        match from.persist_noclobber(&path) {
            Ok(()) => folder::sync(prefix).map_err(|error| (error, None)),
            Err(refused) => Err((object_error("publishing an object")(refused.error), Some(refused.path))),
        }
    }

    fn delete(&self, name: &ObjectName) -> Result<()> {
        let path = self.path(name);
        let len = fs::metadata(&path).map(|metadata| metadata.len());
        match fs::remove_file(&path) {
            Ok(()) => {
                self.release(len.unwrap_or(0));
                folder::sync_parent(&path)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(file("deleting an object")(error)),
        }
    }

    fn put_part(&self, upload: &Mutex<Unfinished>, number: u32, offset: u64, bytes: &[u8]) -> Result<()> {
        check_part(number)?;
        let past_the_end = || Error::new(ErrorKind::Malformed, "a part past what a file can hold");
        let len = bytes.len() as u64;
        let end = offset.checked_add(len).filter(|end| i64::try_from(*end).is_ok()).ok_or_else(past_the_end)?;
        // One part after the other: two at once may be for the same place.
        let mut upload = lock_mutex(upload);
        if upload.done {
            return Err(no_upload());
        }
        let replaced = upload.replaced_by(number, &(offset..end));
        let before = upload.len();
        upload.remove(&replaced)?;
        self.release(before - upload.len());
        self.reserve(len)?;
        let result = upload.write(number, offset, bytes);
        if result.is_err() {
            self.release(len);
        }
        result
    }

    fn complete(&self, id: &UploadId, upload: &Mutex<Unfinished>, parts: u32, size: u64) -> Result<()> {
        let mut upload = lock_mutex(upload);
        if upload.done {
            return Err(no_upload());
        }
        let before = upload.len();
        let data = upload.join(parts, size, self.clock.now_ms())?;
        self.release(before - upload.len());
        let data = TempPath::try_from_path(data).map_err(file("completing an upload"))?;
        match self.publish(data, &upload.name) {
            Err((error, Some(data))) => {
                // The upload goes on: its bytes stay where they are.
                data.keep().map_err(|kept| file("completing an upload")(kept.error))?;
                Err(error)
            }
            published => {
                upload.done = true;
                lock_mutex(&self.uploads).remove(id.as_str());
                // The object is there. What cannot be removed of the upload now is swept away at the next start.
                if let Err(error) = upload.clear() {
                    tracing::warn!(error = %error, "an upload's folder is left");
                }
                published.map_err(|(error, _)| error)
            }
        }
    }

    fn abort(&self, id: &UploadId, upload: &Mutex<Unfinished>) -> Result<()> {
        let mut upload = lock_mutex(upload);
        if upload.done {
            return Ok(());
        }
        upload.clear()?;
        lock_mutex(&self.uploads).remove(id.as_str());
        self.release(upload.len());
        Ok(())
    }

    fn reserve(&self, len: u64) -> Result<()> {
        let mut used = lock_mutex(&self.used);
        match self.quota {
            Some(quota) if used.saturating_add(len) > quota => {
                Err(Error::new(ErrorKind::StorageFull, "the quota is used up"))
            }
            _ => {
                *used = used.saturating_add(len);
                Ok(())
            }
        }
    }

    fn release(&self, len: u64) {
        let mut used = lock_mutex(&self.used);
        *used = used.saturating_sub(len);
    }
}

#[derive(Clone)]
struct EmbeddedUpload {
    store: Arc<Store>,
    id: UploadId,
    upload: Arc<Mutex<Unfinished>>,
}

impl fmt::Debug for EmbeddedUpload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedUpload").field("id", &self.id).finish_non_exhaustive()
    }
}

#[async_trait]
impl Upload for EmbeddedUpload {
    fn id(&self) -> &UploadId {
        &self.id
    }

    async fn put_part(&self, number: u32, offset: u64, part: SealedPart) -> Result<()> {
        let this = self.clone();
        blocking(move || this.store.put_part(&this.upload, number, offset, part.as_bytes())).await
    }

    async fn complete(&self, parts: u32, size: u64) -> Result<()> {
        let this = self.clone();
        blocking(move || this.store.complete(&this.id, &this.upload, parts, size)).await
    }

    async fn abort(&self) -> Result<()> {
        let this = self.clone();
        blocking(move || this.store.abort(&this.id, &this.upload)).await
    }
}

/// The next `len` bytes of a file, piece by piece.
fn pieces(object: File, len: u64) -> BoxStream<'static, Result<Bytes>> {
    stream::try_unfold((object, len), |(mut object, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        blocking(move || {
            let mut piece = vec![0; left.min(PIECE_LEN) as usize];
            object.read_exact(&mut piece).map_err(file("reading an object"))?;
            let left = left - piece.len() as u64;
            Ok(Some((Bytes::from(piece), (object, left))))
        })
        .await
    })
    .boxed()
}

fn lock_folder(folder: &Path) -> Result<File> {
    let lock = File::options().write(true).create(true).truncate(false).open(folder.join("lock"));
    let lock = lock.map_err(file("opening the lock"))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(Error::new(ErrorKind::Unavailable, "the folder is in use already")),
        Err(TryLockError::Error(error)) => Err(file("locking the folder")(error)),
    }
}

fn load_uploads(uploads: &Path) -> Result<HashMap<String, Arc<Mutex<Unfinished>>>> {
    let failed = file("reading the uploads");
    let mut found = HashMap::new();
    for entry in fs::read_dir(uploads).map_err(&failed)? {
        let entry = entry.map_err(&failed)?;
        let Ok(id) = entry.file_name().into_string() else { continue };
        if Id::parse_hex(&id).is_err() {
            continue;
        }
        match Unfinished::load(entry.path())? {
            Some(upload) => {
                found.insert(id, Arc::new(Mutex::new(upload)));
            }
            None => fs::remove_dir_all(entry.path()).map_err(file("clearing up"))?,
        }
    }
    Ok(found)
}

/// Where an object lies in the store's folder.
pub(super) fn object_path(folder: &Path, name: &ObjectName) -> PathBuf {
    let name = name.to_string();
    folder.join("objects").join(&name[..2]).join(name)
}

/// The objects whose names begin with the byte `prefix`, in no order.
pub(super) fn read_folder(folder: &Path, prefix: u8) -> Result<Vec<BlobMeta>> {
    let failed = file("listing the objects");
    let entries = match fs::read_dir(folder.join("objects").join(hex::encode([prefix]))) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(&failed)?,
    };
    let mut objects = Vec::new();
    for entry in entries {
        let entry = entry.map_err(&failed)?;
        let Some(name) = entry.file_name().to_str().and_then(|name| ObjectName::parse(name).ok()) else { continue };
        match entry.metadata() {
            Ok(metadata) => {
                objects.push(BlobMeta { name, size: metadata.len(), stored_ms: folder::time(&metadata) });
            }
            // Deleted since the folder was read.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
    }
    Ok(objects)
}

fn lock_mutex<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn no_upload() -> Error {
    Error::new(ErrorKind::NotFound, "no such upload")
}

const PIECE_LEN: u64 = 256 * 1024;
