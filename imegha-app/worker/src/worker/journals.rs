//! The journals of uploads, in IndexedDB, so that an upload goes on after its tab was closed.
//!
//! They are sealed by the library. Whoever works on one holds its Web Lock, so no two tabs seal parts of one upload. A journal is on
//! the disk before the part is sealed that it tells of: its transactions are strict, which IndexedDB's are not by themselves.

use async_trait::async_trait;
use imegha_cloud::{Error, ErrorKind, HeldJournal, JournalStore, Result};
use imegha_crypto::Id;
use send_wrapper::SendWrapper;

use super::database::{Database, Table};
use super::lock::Lock;

/// The journals of this browser.
#[derive(Clone, Debug)]
pub(crate) struct Journals(SendWrapper<Database>);

#[derive(Debug)]
struct Held {
    database: SendWrapper<Database>,
    place: String,
    _lock: SendWrapper<Lock>,
}

impl Journals {
    /// The journals in a database.
    pub(crate) fn new(database: Database) -> Self {
        Self(SendWrapper::new(database))
    }
}

/// Where what belongs to an upload is kept.
pub(crate) fn place(cloud: &Id, upload: &Id) -> String {
    format!("{cloud}.{upload}")
}

#[async_trait]
impl JournalStore for Journals {
    async fn hold(&self, cloud: &Id, upload: &Id) -> Result<Box<dyn HeldJournal>> {
        let place = place(cloud, upload);
        let name = format!("imegha-journal-{place}");
        let taken = SendWrapper::new(async {
            match Lock::take_patiently(&name).await {
                Ok(Some(lock)) => Ok(SendWrapper::new(lock)),
                Ok(None) => Err(Error::new(ErrorKind::Conflict, "another tab works on this upload")),
                Err(_) => Err(Error::new(ErrorKind::Backend, "the browser gives no locks")),
            }
        });
        let lock = taken.await?;
        Ok(Box::new(Held { database: self.0.clone(), place, _lock: lock }))
    }

    async fn list(&self, cloud: &Id) -> Result<Vec<Id>> {
        let keys = SendWrapper::new(self.0.keys(Table::Journals)).await.map_err(|_| failed())?;
        let prefix = format!("{cloud}.");
        Ok(keys.iter().filter_map(|key| Id::parse_hex(key.strip_prefix(&prefix)?).ok()).collect())
    }
}

#[async_trait]
impl HeldJournal for Held {
    async fn load(&self) -> Result<Option<Vec<u8>>> {
        SendWrapper::new(self.database.get(Table::Journals, &self.place)).await.map_err(|_| failed())
    }

    async fn save(&self, journal: Vec<u8>) -> Result<()> {
        SendWrapper::new(self.database.put(Table::Journals, &self.place, &journal)).await.map_err(|_| failed())
    }

    async fn remove(&self) -> Result<()> {
        SendWrapper::new(self.database.delete(Table::Journals, &self.place)).await.map_err(|_| failed())
    }
}

fn failed() -> Error {
    Error::new(ErrorKind::Backend, "the browser's storage could not be read or written")
}
