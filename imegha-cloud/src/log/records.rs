//! What the log says of the records, and reading none that it does not name.

use imegha_crypto::{Hash, Id};

use super::chain::Log;
use super::key::{self, CloudKey};
use crate::backend::Record;
use crate::error::{Error, ErrorKind, Result};
use crate::schema::{CloudSchema, CloudValue, Collection};

/// The records of one partition, as the log has them.
#[derive(Debug)]
pub(crate) struct Partition {
    pub(crate) collection: Collection,
    pub(crate) parts: Vec<CloudValue>,
    /// The bytes of each key, and the hash of the record under it.
    pub(crate) records: Vec<(Vec<u8>, Hash)>,
}

impl Log {
    /// The record under a key, if the log says that there is one.
    ///
    /// # Errors
    /// `Rollback` when storage shows an older record, or none where there is one; `CannotOpen` when it shows what never was.
    pub(crate) async fn read(&self, key: &CloudKey) -> Result<Option<Record<CloudSchema>>> {
        let name = key.to_bytes();
        for _ in 0..READS {
            let expected = self.hash(&name).await;
            let found = self.store.get(key).await?;
            let hash = found.as_ref().map(hash_of);
            if hash == expected {
                return Ok(found);
            }
            // Another device may have written it: then the log, read after the record, says so.
            self.refresh().await?;
            let latest = self.hash(&name).await;
            if hash == latest {
                return Ok(found);
            }
            if latest == expected {
                return Err(self.refused(&name, hash).await?);
            }
        }
        Err(Error::new(ErrorKind::Conflict, "a record changes faster than it can be read"))
    }

    /// The same for a record that was shown already: it is read again only when it is not the log's latest.
    ///
    /// # Errors
    /// As [`Log::read`].
    pub(crate) async fn confirm(
        &self,
        key: &CloudKey,
        shown: Option<Record<CloudSchema>>,
    ) -> Result<Option<Record<CloudSchema>>> {
        match shown {
            Some(shown) if shown.key == *key && Some(hash_of(&shown)) == self.hash(&key.to_bytes()).await => {
                Ok(Some(shown))
            }
            _ => self.read(key).await,
        }
    }

    /// The log's latest hash of the record under a key, given as [`Key::to_bytes`](crate::backend::Key::to_bytes).
    pub(crate) async fn hash(&self, name: &[u8]) -> Option<Hash> {
        self.state.lock().await.index.hash(name)
    }

    /// Keys and hashes of a partition, as the log has them.
    pub(crate) async fn hashes(
        &self,
        collection: Collection,
        partition: &[CloudValue],
    ) -> Result<Vec<(CloudKey, Hash)>> {
        let state = self.state.lock().await;
        let prefix = key::prefix(collection, partition);
        state.index.between(&prefix, None, None).map(|(name, hash)| Ok((key::known(name)?, hash))).collect()
    }

    /// Whether the log has a record in a partition.
    pub(crate) async fn has_any(&self, collection: Collection, partition: &[CloudValue]) -> bool {
        let prefix = key::prefix(collection, partition);
        self.state.lock().await.index.between(&prefix, None, None).next().is_some()
    }

    /// Every partition of a collection that this version knows and that the log has records in.
    pub(crate) async fn partitions(&self) -> Result<Vec<Partition>> {
        let state = self.state.lock().await;
        let mut partitions: Vec<Partition> = Vec::new();
        for (name, hash) in state.index.records() {
            let Some(key) = key::from_bytes(name)? else { continue };
            let record = (name.to_vec(), hash);
            match partitions.last_mut() {
                Some(last) if last.collection == key.collection && last.parts == key.partition => {
                    last.records.push(record);
                }
                _ => {
                    let records = vec![record];
                    partitions.push(Partition { collection: key.collection, parts: key.partition, records });
                }
            }
        }
        Ok(partitions)
    }

    /// Whether the log has records in collections that a later version has added.
    pub(crate) async fn has_unknown(&self) -> Result<bool> {
        let state = self.state.lock().await;
        for (name, _) in state.index.records() {
            if key::from_bytes(name)?.is_none() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The folder in which the log has a node.
    pub(crate) async fn parent(&self, node: &Id) -> Option<Id> {
        self.state.lock().await.index.parent(node)
    }

    /// The topmost of what each node is in: the root or the trash. Nothing for what is gone, or stands below itself.
    pub(crate) async fn tops(&self, nodes: &[Id]) -> Vec<Option<Id>> {
        let state = self.state.lock().await;
        nodes.iter().map(|node| state.index.top(node)).collect()
    }

    /// The log's latest epoch of a node or an album.
    pub(crate) async fn epoch(&self, node: &Id) -> Option<u32> {
        self.state.lock().await.index.epoch(node)
    }

    /// What to say of a record that is not the log's latest: whether it once was decides.
    async fn refused(&self, name: &[u8], hash: Option<Hash>) -> Result<Error> {
        let Some(hash) = hash else {
            return Ok(Error::new(ErrorKind::Rollback, "storage has lost a record that this device knows of"));
        };
        let (mut way, mut once) = (self.whole().await, false);
        while let Some(entries) = way.next().await? {
            let mut records = entries.iter().flat_map(|(_, entry)| entry.records());
            once |= records.any(|(key, written)| key == name && written == Some(hash));
        }
        Ok(match once {
            true => Error::new(ErrorKind::Rollback, "storage shows an older record than this device has seen"),
            false => Error::new(ErrorKind::CannotOpen, "storage shows a record that the owner did not write"),
        })
    }
}

/// How often a record is read that other devices change meanwhile.
const READS: u32 = 8;

pub(super) fn hash_of(record: &Record<CloudSchema>) -> Hash {
    Hash::of(&record.to_bytes())
}
