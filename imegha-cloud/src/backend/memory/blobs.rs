//! [`MemoryBlobs`]: a [`BlobStore`] that is a map.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Bound, Range};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream;
use imegha_crypto::{Id, SealedObject, SealedPart};

use crate::backend::blobs::{check_join, check_limit, check_part, cut_range};
use crate::backend::{BlobBody, BlobMeta, BlobStore, ObjectName, Upload, UploadId, UploadMeta};
use crate::clock::{Clock, SystemClock};
use crate::error::{Error, ErrorKind, Result};

/// Objects in memory.
#[derive(Clone)]
pub struct MemoryBlobs {
    state: Arc<Mutex<State>>,
    clock: Arc<dyn Clock>,
}

#[derive(Default)]
struct State {
    objects: BTreeMap<ObjectName, Object>,
    uploads: BTreeMap<String, Unfinished>,
}

struct Object {
    bytes: Bytes,
    stored_ms: u64,
}

struct Unfinished {
    name: ObjectName,
    begun_ms: u64,
    /// Offset and bytes of each part by its number.
    parts: BTreeMap<u32, (u64, Bytes)>,
}

impl MemoryBlobs {
    /// An empty store on the machine's clock.
    pub fn new() -> Self {
        Self::with_clock(Arc::new(SystemClock))
    }

    /// An empty store on another clock.
    pub fn with_clock(clock: Arc<dyn Clock>) -> Self {
        Self { state: Arc::default(), clock }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Each change of the maps is one insert or remove, so a poisoned state is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryBlobs {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryBlobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("MemoryBlobs")
            .field("objects", &state.objects.len())
            .field("uploads", &state.uploads.len())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl BlobStore for MemoryBlobs {
    async fn put(&self, name: &ObjectName, object: SealedObject) -> Result<()> {
        let stored_ms = self.clock.now_ms();
        self.lock().insert(name, object.into_bytes().into(), stored_ms)
    }

    async fn get(&self, name: &ObjectName, range: Option<Range<u64>>) -> Result<BlobBody> {
        let bytes = self.lock().objects.get(name).ok_or_else(no_object)?.bytes.clone();
        let size = bytes.len() as u64;
        let range = cut_range(range, size)?;
        // In pieces, as it comes from a disk or a network: nobody may count on one.
        let pieces: Vec<Result<Bytes>> = (range.start..range.end)
            .step_by(PIECE_LEN)
            .map(|start| Ok(bytes.slice(start as usize..range.end.min(start + PIECE_LEN as u64) as usize)))
            .collect();
        Ok(BlobBody { size, range, stream: stream::iter(pieces).boxed() })
    }

    async fn head(&self, name: &ObjectName) -> Result<BlobMeta> {
        let state = self.lock();
        let object = state.objects.get(name).ok_or_else(no_object)?;
        Ok(BlobMeta { name: *name, size: object.bytes.len() as u64, stored_ms: object.stored_ms })
    }

    async fn delete(&self, name: &ObjectName) -> Result<()> {
        self.lock().objects.remove(name);
        Ok(())
    }

    async fn list(&self, after: Option<&ObjectName>, limit: usize) -> Result<Vec<BlobMeta>> {
        check_limit(limit)?;
        let start = after.map_or(Bound::Unbounded, |after| Bound::Excluded(*after));
        let state = self.lock();
        let objects = state.objects.range((start, Bound::Unbounded)).take(limit);
        Ok(objects
            .map(|(name, object)| BlobMeta {
                name: *name,
                size: object.bytes.len() as u64,
                stored_ms: object.stored_ms,
            })
            .collect())
    }

    async fn begin_upload(&self, name: &ObjectName) -> Result<Box<dyn Upload>> {
        let id = Id::generate()?.to_string();
        let upload = Unfinished { name: *name, begun_ms: self.clock.now_ms(), parts: BTreeMap::new() };
        self.lock().uploads.insert(id.clone(), upload);
        Ok(Box::new(MemoryUpload { store: self.clone(), name: *name, id: UploadId::parse(&id)? }))
    }

    async fn resume_upload(&self, name: &ObjectName, id: &UploadId) -> Result<Box<dyn Upload>> {
        self.lock().upload(name, id)?;
        Ok(Box::new(MemoryUpload { store: self.clone(), name: *name, id: id.clone() }))
    }

    async fn uploads(&self) -> Result<Vec<UploadMeta>> {
        let state = self.lock();
        let uploads = state.uploads.iter();
        uploads
            .map(|(id, upload)| {
                Ok(UploadMeta { name: upload.name, id: UploadId::parse(id)?, begun_ms: upload.begun_ms })
            })
            .collect()
    }
}

impl State {
    fn insert(&mut self, name: &ObjectName, bytes: Bytes, stored_ms: u64) -> Result<()> {
        if self.objects.contains_key(name) {
            return Err(Error::new(ErrorKind::AlreadyExists, "an object of this name is there"));
        }
        self.objects.insert(*name, Object { bytes, stored_ms });
        Ok(())
    }

    fn upload(&mut self, name: &ObjectName, id: &UploadId) -> Result<&mut Unfinished> {
        self.uploads
            .get_mut(id.as_str())
            .filter(|upload| upload.name == *name)
            .ok_or_else(|| Error::new(ErrorKind::NotFound, "no such upload"))
    }
}

#[derive(Debug)]
struct MemoryUpload {
    store: MemoryBlobs,
    name: ObjectName,
    id: UploadId,
}

#[async_trait]
impl Upload for MemoryUpload {
    fn id(&self) -> &UploadId {
        &self.id
    }

    async fn put_part(&self, number: u32, offset: u64, part: SealedPart) -> Result<()> {
        check_part(number)?;
        let mut state = self.store.lock();
        state.upload(&self.name, &self.id)?.parts.insert(number, (offset, part.into_bytes().into()));
        Ok(())
    }

    async fn complete(&self, parts: u32, size: u64) -> Result<()> {
        let stored_ms = self.store.clock.now_ms();
        let mut state = self.store.lock();
        let upload = state.upload(&self.name, &self.id)?;
        check_join(parts, size, |number| upload.parts.get(&number).map(|(offset, part)| (*offset, part.len() as u64)))?;
        let bytes: Vec<u8> = upload.parts.range(..=parts).flat_map(|(_, (_, part))| part.to_vec()).collect();
        state.insert(&self.name, bytes.into(), stored_ms)?;
        state.uploads.remove(self.id.as_str());
        Ok(())
    }

    async fn abort(&self) -> Result<()> {
        let mut state = self.store.lock();
        if state.upload(&self.name, &self.id).is_ok() {
            state.uploads.remove(self.id.as_str());
        }
        Ok(())
    }
}

fn no_object() -> Error {
    Error::new(ErrorKind::NotFound, "no such object")
}

const PIECE_LEN: usize = 64 * 1024;
