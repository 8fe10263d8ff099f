//! Collecting what no record names: objects and uploads that were begun and never became a file.

use std::collections::{HashMap, HashSet};

use imegha_crypto::Hash;

use super::purge::named_objects;
use crate::backend::{BlobMeta, ObjectName, UploadMeta};
use crate::client::Cloud;
use crate::error::{Error, ErrorKind, Result};
use crate::schema::Collection;

/// What was collected, or would be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// Objects that no record names.
    pub objects: u64,
    /// How many bytes they had.
    pub bytes: u64,
    /// Uploads that nobody finished.
    pub uploads: u64,
}

impl Collected {
    fn of(objects: &[(ObjectName, u64)]) -> Self {
        Self { objects: objects.len() as u64, bytes: objects.iter().map(|(_, size)| size).sum(), uploads: 0 }
    }
}

impl Cloud {
    /// Removes the objects that no record names and that were stored more than a day ago, and drops uploads that were begun more
    /// than a week ago and not finished. Such are left by a device that died, or lost its connection, half-way.
    ///
    /// The backend says how old an object is, this device's clock what time it is: a gateway refuses a device whose clock is wrong.
    ///
    /// # Errors
    /// `CannotOpen` or `Rollback` when a single record that may name objects cannot be read: then nothing is removed.
    /// `Version` when a later version keeps records here that this one does not know: they may name objects.
    /// `Moved` where this cloud has left: what lies there may be on its way back.
    /// `Unavailable` when the store stays away; what was removed before was nobody's.
    pub async fn gc(&self) -> Result<Collected> {
        let now_ms = self.store().clock.now_ms();
        let orphans = self.orphans(now_ms).await?;
        let mut collected = Collected::of(&self.delete_objects(orphans).await);
        let blobs = &self.store().blobs;
        for meta in self.forgotten_uploads(now_ms).await? {
            match blobs.resume_upload(&meta.name, &meta.id).await {
                Ok(upload) => upload.abort().await?,
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            }
            collected.uploads += 1;
        }
        Ok(collected)
    }

    /// What [`Cloud::gc`] would remove. Nothing is changed.
    ///
    /// # Errors
    /// As [`Cloud::gc`].
    pub async fn collectable(&self) -> Result<Collected> {
        let now_ms = self.store().clock.now_ms();
        let orphans = self.orphans(now_ms).await?;
        let uploads = self.forgotten_uploads(now_ms).await?.len() as u64;
        Ok(Collected { uploads, ..Collected::of(&orphans) })
    }

    /// Refuses to name an object that was stored so long ago that [`Cloud::gc`] of another device may have removed it, or may be
    /// about to. `since_ms` is a time at which it was not stored yet, or just so; nobody is asked for as long as that is recent.
    pub(crate) async fn refuse_forgotten(&self, object: &ObjectName, since_ms: u64) -> Result<()> {
        let now_ms = self.store().clock.now_ms();
        if now_ms.saturating_sub(since_ms) < GRACE_MS / 2 {
            return Ok(());
        }
        match self.store().head(object).await {
            Ok(meta) if !is_forgotten(&meta, now_ms) => Ok(()),
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Err(Error::new(ErrorKind::NotFound, "what was uploaded has waited too long and is collected")),
        }
    }

    /// The objects that no record names and nobody will name any more.
    async fn orphans(&self, now_ms: u64) -> Result<Vec<(ObjectName, u64)>> {
        let mut named = Named::default();
        named.read(self).await?;
        // Where it is being moved back to, what was copied there already is named by no entry that is there yet.
        if self.left_for().await?.is_some() {
            return Err(Error::new(ErrorKind::Moved, "this cloud has left: what lies here may be on its way back"));
        }
        let mut orphans = self.objects_before(now_ms.saturating_sub(GRACE_MS), &named).await?;
        // What other devices named while the objects were listed. What they name from now on is younger: `refuse_forgotten`.
        named.read(self).await?;
        orphans.retain(|(object, _)| !named.objects.contains(object));
        Ok(orphans)
    }

    /// The objects that were stored before a time and that nobody has named.
    async fn objects_before(&self, before_ms: u64, named: &Named) -> Result<Vec<(ObjectName, u64)>> {
        let mut orphans = Vec::new();
        let mut objects = self.store().objects();
        while let Some(page) = objects.next().await? {
            let forgotten =
                page.iter().filter(|meta| meta.stored_ms <= before_ms && !named.objects.contains(&meta.name));
            orphans.extend(forgotten.map(|meta| (meta.name, meta.size)));
        }
        Ok(orphans)
    }

    /// The uploads that nobody goes on with any more.
    async fn forgotten_uploads(&self, now_ms: u64) -> Result<Vec<UploadMeta>> {
        let before_ms = now_ms.saturating_sub(UPLOAD_GRACE_MS);
        let mut uploads = self.store().uploads().await?;
        uploads.retain(|meta| meta.begun_ms <= before_ms);
        Ok(uploads)
    }
}

/// Whether an object that nobody has named is too old to be named: some hours before [`Cloud::gc`] may remove it, which are left for the
/// transaction.
pub(super) fn is_forgotten(meta: &BlobMeta, now_ms: u64) -> bool {
    now_ms.saturating_sub(meta.stored_ms) >= GRACE_MS / 4 * 3
}

/// The objects that records name.
#[derive(Default)]
struct Named {
    /// The records that were read, by the bytes of their keys.
    read: HashMap<Vec<u8>, Hash>,
    objects: HashSet<ObjectName>,
}

impl Named {
    /// Reads every record that may name an object and that was not read yet in the state that the log says.
    async fn read(&mut self, cloud: &Cloud) -> Result<()> {
        cloud.log().refresh().await?;
        if cloud.log().has_unknown().await? {
            return Err(Error::new(
                ErrorKind::Version,
                "a later version keeps things here that this one does not know",
            ));
        }
        // One that was replaced meanwhile is nobody's any more: then it is collected the next time.
        self.objects.extend(cloud.log().checkpoint().await?.map(|checkpoint| checkpoint.object));
        for partition in cloud.log().partitions().await? {
            let names_objects = matches!(partition.collection, Collection::Children | Collection::Revision);
            if !names_objects || partition.records.iter().all(|(key, hash)| self.read.get(key) == Some(hash)) {
                continue;
            }
            for (key, record) in cloud.log().list(partition.collection, &partition.parts).await? {
                // What it names is not known: nothing may be taken for an orphan.
                let record = record?;
                self.objects.extend(named_objects(&record).into_iter().map(|(object, _)| object));
                self.read.insert(key.to_bytes(), Hash::of(&record.to_bytes()));
            }
        }
        Ok(())
    }
}

/// How long an object stays that nobody names: an upload that is under way names its object once it is complete.
const GRACE_MS: u64 = 24 * 60 * 60 * 1_000;
/// How long an upload stays that is not finished.
const UPLOAD_GRACE_MS: u64 = 7 * 24 * 60 * 60 * 1_000;
