//! Objects of a cloud, copied to another place as they are.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use imegha_crypto::{SealedObject, SealedPart};

use super::MigrateProgress;
use super::copying::Copying;
use crate::backend::blobs::MAX_PARTS;
use crate::backend::{ObjectName, Upload};
use crate::client::retry::{Attempts, persist};
use crate::client::{Store, Watch};
use crate::error::{Error, ErrorKind, Result};

impl Copying<'_> {
    /// Copies every object that a record names and that is not there.
    ///
    /// # Errors
    /// `NotFound` when the source does not have one of them.
    pub(super) async fn copy_objects(&mut self) -> Result<()> {
        let named = self.named();
        let of = named.values().sum();
        let mut there = match self.objects_there.take() {
            Some(there) => there,
            None => {
                self.drop_uploads(&named).await?;
                listed(self.to).await?
            }
        };
        let missing: Vec<_> = named
            .iter()
            .filter(|(name, size)| there.get(name) != Some(size))
            .map(|(name, size)| (*name, *size))
            .collect();
        let left: u64 = missing.iter().map(|(_, size)| size).sum();
        let done = AtomicU64::new(of - left);
        (self.progress)(MigrateProgress { bytes: of - left, of });
        let (this, seen) = (&*self, &there);
        let copied = stream::iter(missing).map(|(name, size)| {
            let done = &done;
            async move {
                if seen.contains_key(&name) {
                    // Of another length: no object of ours, and its name belongs to one.
                    this.to.blobs.delete(&name).await?;
                }
                this.copy_object(&name, size).await?;
                let bytes = done.fetch_add(size, Ordering::Relaxed) + size;
                (this.progress)(MigrateProgress { bytes, of });
                Ok::<_, Error>((name, size))
            }
        });
        let copied: Vec<_> = copied.buffer_unordered(AT_ONCE).try_collect().await?;
        if !copied.is_empty() {
            self.copied.objects += copied.len() as u64;
            self.copied.bytes += copied.iter().map(|(_, size)| size).sum::<u64>();
            // What the place shows counts, not what it has acknowledged.
            there = listed(self.to).await?;
            if named.iter().any(|(name, size)| there.get(name) != Some(size)) {
                return Err(Error::new(ErrorKind::CannotOpen, "the new place does not show what was copied to it"));
            }
        }
        self.objects_there = Some(there);
        Ok(())
    }

    /// Drops what an earlier run has begun and not finished.
    async fn drop_uploads(&self, named: &BTreeMap<ObjectName, u64>) -> Result<()> {
        for upload in self.to.uploads().await?.into_iter().filter(|upload| named.contains_key(&upload.name)) {
            match self.to.blobs.resume_upload(&upload.name, &upload.id).await {
                Ok(upload) => upload.abort().await?,
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn copy_object(&self, name: &ObjectName, size: u64) -> Result<()> {
        let stored =
            if size <= HEAD_LEN + PART_LEN { self.put(name, size).await } else { self.put_parts(name, size).await };
        match stored {
            // By an attempt whose answer was lost, or by another run. Under a salt's name there is one object.
            Err(error) if error.kind() == ErrorKind::AlreadyExists && self.to.head(name).await?.size == size => Ok(()),
            stored => stored,
        }
    }

    async fn put(&self, name: &ObjectName, size: u64) -> Result<()> {
        let bytes = self.read(name, 0..size, size).await?;
        let object = SealedObject::from_received(bytes).map_err(|_| damaged())?;
        let attempts = Attempts::at_network(&self.to.clock);
        persist(attempts, &Watch::default(), |_| self.to.blobs.put(name, object.clone())).await
    }

    async fn put_parts(&self, name: &ObjectName, size: u64) -> Result<()> {
        let attempts = || Attempts::at_network(&self.to.clock);
        let upload = persist(attempts(), &Watch::default(), |_| self.to.blobs.begin_upload(name)).await?;
        let sent = self.send(&*upload, name, size).await;
        let completed = match sent {
            Ok(parts) => {
                let completed = persist(attempts(), &Watch::default(), |_| upload.complete(parts, size)).await;
                match completed {
                    // Completed by an attempt whose answer was lost.
                    Err(error) if error.kind() == ErrorKind::NotFound && self.is_there(name, size).await? => Ok(()),
                    completed => completed,
                }
            }
            Err(error) => Err(error),
        };
        if completed.is_err() {
            // What is left here would be billed until somebody collects it.
            let _ = upload.abort().await;
        }
        completed
    }

    async fn send(&self, upload: &dyn Upload, name: &ObjectName, size: u64) -> Result<u32> {
        let (mut parts, mut range) = (0, 0..0);
        while range.end < size {
            range = range.end..(HEAD_LEN + u64::from(parts + 1) * part_len(size)).min(size);
            parts += 1;
            let bytes = self.read(name, range.clone(), size).await?;
            let part = SealedPart::from_received(bytes).map_err(|_| damaged())?;
            let attempts = Attempts::at_network(&self.to.clock);
            persist(attempts, &Watch::default(), |_| upload.put_part(parts, range.start, part.clone())).await?;
        }
        Ok(parts)
    }

    /// Reads a range of an object that has `size` bytes, again for a while when the store goes away meanwhile.
    async fn read(&self, name: &ObjectName, range: Range<u64>, size: u64) -> Result<Vec<u8>> {
        let from = self.from.store();
        let once = |_| async {
            let body = from.blobs.get(name, Some(range.clone())).await?;
            if body.size != size || body.range != range {
                return Err(damaged());
            }
            let mut stream = body.stream;
            let mut bytes = Vec::with_capacity(usize::try_from(range.end - range.start).unwrap_or_default());
            while let Some(piece) = stream.try_next().await? {
                bytes.extend_from_slice(&piece);
            }
            Ok(bytes)
        };
        persist(Attempts::at_network(&from.clock), &Watch::default(), once).await
    }

    async fn is_there(&self, name: &ObjectName, size: u64) -> Result<bool> {
        match self.to.head(name).await {
            Ok(meta) => Ok(meta.size == size),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// All objects of a place, with their lengths.
async fn listed(store: &Store) -> Result<BTreeMap<ObjectName, u64>> {
    let (mut objects, mut there) = (store.objects(), BTreeMap::new());
    while let Some(page) = objects.next().await? {
        there.extend(page.into_iter().map(|meta| (meta.name, meta.size)));
    }
    Ok(there)
}

/// How long the parts of an object are that is copied: whole chunks, the first behind the head, and so long that [`MAX_PARTS`] hold it.
fn part_len(size: u64) -> u64 {
    let mut len = PART_LEN;
    while len.saturating_mul(MAX_PARTS.into()) < size {
        len = len.saturating_mul(2);
    }
    len
}

fn damaged() -> Error {
    Error::new(ErrorKind::CannotOpen, "an object is not as its record says")
}

/// What comes before an object's first chunk (FORMAT 6).
const HEAD_LEN: u64 = 88;
/// 512 chunks. An object that has no more goes whole.
const PART_LEN: u64 = 512 * 16_400;
/// Objects under way at a time, each with a part in memory.
const AT_ONCE: usize = 4;
