//! What a device remembers between two runs.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use imegha_crypto::Id;

use super::journal::{JournalStore, MemoryJournals};
use crate::error::Result;

/// Keeps what this device has seen of its clouds: the newest head and the hash of every record, sealed; and the journals of
/// its uploads.
///
/// This memory is what makes a rollback visible. A device that forgets it sees whole and signed state, and cannot tell an
/// older one from the newest. It holds no plaintext, so it may lie in any file or database of the device; it must not lie in
/// the cloud's storage.
#[async_trait]
pub trait DeviceStore: Send + Sync + Debug {
    /// What was saved last for that cloud; nothing on a device that has not seen it.
    async fn load(&self, cloud: &Id) -> Result<Option<Vec<u8>>>;

    /// Saves in place of what was saved before: all of it, or, when the device dies meanwhile, nothing.
    async fn save(&self, cloud: &Id, state: Vec<u8>) -> Result<()>;

    /// The journals of uploads. A device that has no place for them gives [`MemoryJournals`]: an upload then goes on after a
    /// pause, and not after the process ended.
    fn journals(&self) -> &dyn JournalStore;
}

/// A device that remembers until the process ends.
#[derive(Debug, Default)]
pub struct MemoryDevice {
    clouds: Mutex<HashMap<Id, Vec<u8>>>,
    journals: MemoryJournals,
}

impl MemoryDevice {
    /// A device that has seen nothing yet.
    pub fn new() -> Self {
        Self::default()
    }
}

#[async_trait]
impl DeviceStore for MemoryDevice {
    async fn load(&self, cloud: &Id) -> Result<Option<Vec<u8>>> {
        Ok(self.clouds.lock().unwrap_or_else(PoisonError::into_inner).get(cloud).cloned())
    }

    async fn save(&self, cloud: &Id, state: Vec<u8>) -> Result<()> {
        self.clouds.lock().unwrap_or_else(PoisonError::into_inner).insert(*cloud, state);
        Ok(())
    }

    fn journals(&self) -> &dyn JournalStore {
        &self.journals
    }
}
