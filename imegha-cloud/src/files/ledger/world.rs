//! A device and a storage that fail, and the ledger of what left the device.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Poll;

use async_trait::async_trait;
use imegha_crypto::{SealedObject, SealedPart, layout};

use super::Random;
use crate::backend::{BlobBody, BlobMeta, BlobStore, ObjectName, Upload, UploadId, UploadMeta};
use crate::client::{CancelToken, HeldJournal};
use crate::error::{Error, ErrorKind, Result};

/// A storage that fails, and the ledger of what was sent to it.
#[derive(Clone, Default)]
pub(super) struct World(Arc<Mutex<State>>);

#[derive(Default)]
pub(super) struct State {
    random: Option<Random>,
    /// The number of the run, and of the call in it.
    run: u32,
    calls: u64,
    /// From which call on storage is away.
    gone_at: u64,
    /// At which call the token is pulled, and whether for good.
    pub(super) stop: Option<(u64, bool, CancelToken)>,
    objects: HashMap<ObjectName, u64>,
    uploads: HashMap<String, (ObjectName, HashMap<u32, u64>)>,
    /// Of each object and chunk: the tag, what was sealed (the byte and how often), and the run that sent it last.
    ledger: HashMap<(ObjectName, u64), Sealing>,
    /// What the source of this run yielded, chunk by chunk.
    pub(super) yielded: Vec<(u8, usize)>,
    pub(super) sent_now: HashSet<ObjectName>,
    pub(super) changed_within: bool,
    pub(super) sealed_again: u64,
}

struct Sealing {
    tag: [u8; 16],
    plaintext: (u8, usize),
    run: u32,
}

impl State {
    pub(super) fn begin_run(&mut self, random: &mut Random, run: u32) {
        self.random = Some(Random(random.below(u64::MAX >> 1) | 1));
        (self.run, self.calls, self.stop) = (run, 0, None);
        self.gone_at = if random.one_in(3) { random.below(25) } else { u64::MAX };
        self.yielded.clear();
        self.sent_now.clear();
    }

    /// Enters sealed chunks, and compares each with what its key and nonce sealed before.
    fn enter(&mut self, object: &ObjectName, offset: u64, sealed: &[u8]) {
        let (first, chunks) = match offset {
            0 => (0, &sealed[layout::HEAD_LEN..]),
            _ => ((offset - layout::HEAD_LEN as u64) / layout::SEALED_CHUNK_LEN as u64, sealed),
        };
        self.sent_now.insert(*object);
        for (at, chunk) in chunks.chunks(layout::SEALED_CHUNK_LEN).enumerate() {
            let number = first + at as u64;
            let tag = *chunk.last_chunk().expect("a chunk ends with its tag");
            // The empty chunk behind a full last one is sealed too.
            let plaintext = self.yielded.get(number as usize).copied().unwrap_or((0, 0));
            assert_eq!(chunk.len() - tag.len(), plaintext.1, "the source yielded what is sealed");
            let sealing = Sealing { tag, plaintext, run: self.run };
            if let Some(before) = self.ledger.insert((*object, number), sealing) {
                let same = before.tag == tag && before.plaintext == plaintext;
                assert!(same, "a nonce seals two plaintexts: {:?}, {plaintext:?}", before.plaintext);
                self.sealed_again += u64::from(before.run != self.run);
            }
        }
    }

    /// Whether the object is what the source of this run yielded. Gives the chunks that an earlier run had sent.
    pub(super) fn verify(&self, object: &ObjectName, size: u64) -> u64 {
        assert_eq!(self.objects.get(object), Some(&layout::sealed_len(size)), "the object is there");
        assert_eq!(self.yielded.iter().map(|(_, len)| *len as u64).sum::<u64>(), size);
        let mut passed = 0;
        for (number, plaintext) in self.yielded.iter().enumerate() {
            let sealing = &self.ledger[&(*object, number as u64)];
            assert_eq!(sealing.plaintext, *plaintext, "what was passed over is what the source yields");
            passed += u64::from(sealing.run != self.run);
        }
        passed
    }

    pub(super) fn salts(&self) -> HashSet<ObjectName> {
        self.ledger.keys().map(|(object, _)| *object).collect()
    }
}

impl World {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// What happens to every call: it waits its turn, it may be the one at which the person stops the upload, and it may fail.
    pub(super) async fn call(&self) -> Result<()> {
        let waits = {
            let mut state = self.lock();
            state.calls += 1;
            let calls = state.calls;
            if let Some((_, for_good, token)) = state.stop.take_if(|(at, ..)| calls > *at) {
                if for_good { token.cancel() } else { token.pause() }
            }
            if calls > state.gone_at {
                return Err(Error::new(ErrorKind::Unavailable, "storage is away"));
            }
            state.random.as_mut().expect("a run began").below(3)
        };
        for _ in 0..waits {
            yield_once().await;
        }
        match self.lock().random.as_mut().expect("a run began").one_in(12) {
            true => Err(Error::new(ErrorKind::Unavailable, "a call is lost")),
            false => Ok(()),
        }
    }

    /// Whether an answer is lost after all was done.
    async fn answer(&self) -> Result<()> {
        yield_once().await;
        match self.lock().random.as_mut().expect("a run began").one_in(12) {
            true => Err(Error::new(ErrorKind::Unavailable, "an answer is lost")),
            false => Ok(()),
        }
    }
}

async fn yield_once() {
    let mut yielded = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("World")
    }
}

fn not_there() -> Error {
    Error::new(ErrorKind::NotFound, "not there")
}

#[async_trait]
impl BlobStore for World {
    async fn put(&self, name: &ObjectName, object: SealedObject) -> Result<()> {
        self.lock().enter(name, 0, object.as_bytes());
        self.call().await?;
        if self.lock().objects.insert(*name, object.as_bytes().len() as u64).is_some() {
            return Err(Error::new(ErrorKind::AlreadyExists, "it is there"));
        }
        self.answer().await
    }

    async fn get(&self, _: &ObjectName, _: Option<Range<u64>>) -> Result<BlobBody> {
        Err(not_there())
    }

    async fn head(&self, name: &ObjectName) -> Result<BlobMeta> {
        self.call().await?;
        let size = *self.lock().objects.get(name).ok_or_else(not_there)?;
        Ok(BlobMeta { name: *name, size, stored_ms: 0 })
    }

    async fn delete(&self, name: &ObjectName) -> Result<()> {
        self.call().await?;
        self.lock().objects.remove(name);
        self.answer().await
    }

    async fn list(&self, _: Option<&ObjectName>, _: usize) -> Result<Vec<BlobMeta>> {
        Ok(Vec::new())
    }

    async fn begin_upload(&self, name: &ObjectName) -> Result<Box<dyn Upload>> {
        self.call().await?;
        let id = {
            let mut state = self.lock();
            let id = state.uploads.len().to_string();
            state.uploads.insert(id.clone(), (*name, HashMap::new()));
            id
        };
        self.answer().await?;
        Ok(Box::new(WorldUpload { world: self.clone(), name: *name, id: UploadId::parse(&id)? }))
    }

    async fn resume_upload(&self, name: &ObjectName, id: &UploadId) -> Result<Box<dyn Upload>> {
        self.call().await?;
        let mut state = self.lock();
        // Sometimes it was collected because it lay there too long.
        if state.random.as_mut().expect("a run began").one_in(20) {
            state.uploads.remove(id.as_str());
        }
        state.uploads.get(id.as_str()).filter(|(of, _)| of == name).ok_or_else(not_there)?;
        Ok(Box::new(WorldUpload { world: self.clone(), name: *name, id: id.clone() }))
    }

    async fn uploads(&self) -> Result<Vec<UploadMeta>> {
        Ok(Vec::new())
    }
}

#[derive(Debug)]
struct WorldUpload {
    world: World,
    name: ObjectName,
    id: UploadId,
}

#[async_trait]
impl Upload for WorldUpload {
    fn id(&self) -> &UploadId {
        &self.id
    }

    async fn put_part(&self, number: u32, offset: u64, part: SealedPart) -> Result<()> {
        // It has left the device, whatever becomes of it.
        self.world.lock().enter(&self.name, offset, part.as_bytes());
        self.world.call().await?;
        {
            let mut state = self.world.lock();
            let (_, parts) = state.uploads.get_mut(self.id.as_str()).ok_or_else(not_there)?;
            parts.insert(number, part.as_bytes().len() as u64);
            // Sometimes a part is acknowledged and lost.
            if state.random.as_mut().expect("a run began").one_in(100) {
                state.uploads.get_mut(self.id.as_str()).ok_or_else(not_there)?.1.remove(&number);
            }
        }
        self.world.answer().await
    }

    async fn complete(&self, parts: u32, size: u64) -> Result<()> {
        self.world.call().await?;
        {
            let mut state = self.world.lock();
            let (_, sent) = state.uploads.get(self.id.as_str()).ok_or_else(not_there)?;
            let len = (1..=parts).map(|number| sent.get(&number).copied()).sum::<Option<u64>>();
            if len != Some(size) {
                return Err(Error::new(ErrorKind::Malformed, "the parts do not join"));
            }
            state.uploads.remove(self.id.as_str());
            state.objects.insert(self.name, size);
        }
        self.world.answer().await
    }

    async fn abort(&self) -> Result<()> {
        self.world.call().await?;
        self.world.lock().uploads.remove(self.id.as_str());
        Ok(())
    }
}

/// A journal on a disk that fails, before or after it has written.
#[derive(Debug)]
pub(super) struct FlakyJournal {
    pub(super) inner: Box<dyn HeldJournal>,
    pub(super) world: World,
}

#[async_trait]
impl HeldJournal for FlakyJournal {
    async fn load(&self) -> Result<Option<Vec<u8>>> {
        self.inner.load().await
    }

    async fn save(&self, journal: Vec<u8>) -> Result<()> {
        let full = |_| Error::new(ErrorKind::StorageFull, "the disk is full");
        self.world.answer().await.map_err(full)?;
        self.inner.save(journal).await?;
        self.world.answer().await.map_err(full)
    }

    async fn remove(&self) -> Result<()> {
        self.world.answer().await?;
        self.inner.remove().await
    }
}
