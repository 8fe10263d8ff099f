//! Where a device keeps the journals of its uploads.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use imegha_crypto::Id;

use crate::error::{Error, ErrorKind, Result};

/// Keeps what an interrupted upload needs to go on: one sealed value for each upload, held by one process at a time.
///
/// A journal says what was sealed under an upload's key already. Whoever puts an older one back (a backup of this folder, a copy of it on
/// a second device) takes that away: an upload that goes on from it could seal two plaintexts under one nonce. So journals
/// stay on the device, and are left out of what is backed up. Like the rest of [`DeviceStore`](crate::DeviceStore) they must not
/// lie in the cloud's storage.
#[async_trait]
pub trait JournalStore: Send + Sync + fmt::Debug {
    /// Takes hold of the journal of an upload, whether there is one yet or not.
    ///
    /// # Errors
    /// `Conflict` when it is held already, by this process or another.
    async fn hold(&self, cloud: &Id, upload: &Id) -> Result<Box<dyn HeldJournal>>;

    /// The uploads of a cloud that have a journal.
    async fn list(&self, cloud: &Id) -> Result<Vec<Id>>;
}

/// A journal that nobody else can touch until this is dropped.
#[async_trait]
pub trait HeldJournal: Send + Sync + fmt::Debug {
    /// What was saved last; nothing when there is no journal.
    async fn load(&self) -> Result<Option<Vec<u8>>>;

    /// Saves in place of what was saved before. When this returns it is on the disk for good; when it fails, or the device dies
    /// meanwhile, what was saved before is there, or this.
    ///
    /// A future that is dropped half-way must not undo a later [`save`](Self::save) or [`remove`](Self::remove).
    async fn save(&self, journal: Vec<u8>) -> Result<()>;

    /// Removes the journal; removing what is not there is no error.
    async fn remove(&self) -> Result<()>;
}

/// Journals that are kept until the process ends.
#[derive(Clone, Default)]
pub struct MemoryJournals(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    journals: BTreeMap<(Id, Id), Vec<u8>>,
    held: BTreeSet<(Id, Id)>,
}

impl MemoryJournals {
    /// No journals yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Each change is one insert or remove, so a poisoned state is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl JournalStore for MemoryJournals {
    async fn hold(&self, cloud: &Id, upload: &Id) -> Result<Box<dyn HeldJournal>> {
        let place = (*cloud, *upload);
        if !self.lock().held.insert(place) {
            return Err(held_elsewhere());
        }
        Ok(Box::new(Held { journals: self.clone(), place }))
    }

    async fn list(&self, cloud: &Id) -> Result<Vec<Id>> {
        Ok(self.lock().journals.keys().filter(|(of, _)| of == cloud).map(|(_, upload)| *upload).collect())
    }
}

impl fmt::Debug for MemoryJournals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemoryJournals({})", self.lock().journals.len())
    }
}

#[derive(Debug)]
struct Held {
    journals: MemoryJournals,
    place: (Id, Id),
}

#[async_trait]
impl HeldJournal for Held {
    async fn load(&self) -> Result<Option<Vec<u8>>> {
        Ok(self.journals.lock().journals.get(&self.place).cloned())
    }

    async fn save(&self, journal: Vec<u8>) -> Result<()> {
        self.journals.lock().journals.insert(self.place, journal);
        Ok(())
    }

    async fn remove(&self) -> Result<()> {
        self.journals.lock().journals.remove(&self.place);
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.journals.lock().held.remove(&self.place);
    }
}

pub(super) fn held_elsewhere() -> Error {
    Error::new(ErrorKind::Conflict, "this upload is being worked on already")
}
