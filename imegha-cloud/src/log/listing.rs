//! Reading a partition of the records, a page at a time, and leaving out none that the log names.

use std::collections::BTreeMap;

use imegha_crypto::Hash;

use super::chain::Log;
use super::key::{self, CloudKey};
use super::records::hash_of;
use crate::backend::{Query, Record};
use crate::error::{Error, ErrorKind, Result};
use crate::schema::{CloudSchema, CloudValue, Collection};

/// A record that the log has, under its key; or why it cannot be taken.
pub(crate) type Listed = (CloudKey, Result<Record<CloudSchema>>);

/// The records of a partition, a page at a time.
pub(crate) struct Listing<'a> {
    log: &'a Log,
    query: Query<CloudSchema>,
    ended: bool,
}

impl Log {
    /// The records of a partition as the log has them at each page.
    pub(crate) fn listing(&self, collection: Collection, partition: &[CloudValue]) -> Listing<'_> {
        Listing { log: self, query: Query::new(collection, partition), ended: false }
    }

    /// All records of a partition, each as [`Log::read`] gives it; those that storage leaves out among them.
    pub(crate) async fn list(&self, collection: Collection, partition: &[CloudValue]) -> Result<Vec<Listed>> {
        self.refresh().await?;
        let mut listing = self.listing(collection, partition);
        let mut listed = Vec::new();
        while let Some(page) = listing.next().await? {
            listed.extend(page);
        }
        Ok(listed)
    }
}

impl Listing<'_> {
    /// The next records, each as [`Log::read`] gives it; those that storage leaves out among them. Nothing after the last page.
    ///
    /// # Errors
    /// `CannotOpen` when storage lists them out of order.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<Listed>>> {
        if self.ended {
            return Ok(None);
        }
        let after = self.query.after_bytes();
        let shown = self.page(after.as_deref()).await?;
        let mut expected: BTreeMap<Vec<u8>, Hash> = {
            let prefix = key::prefix(self.query.collection, &self.query.partition);
            let upto = (!self.ended).then(|| self.query.after_bytes()).flatten();
            let state = self.log.state.lock().await;
            let known = state.index.between(&prefix, after.as_deref(), upto.as_deref());
            known.map(|(name, hash)| (name.to_vec(), hash)).collect()
        };
        let mut listed = Vec::with_capacity(expected.len());
        let mut doubtful = Vec::new();
        for record in shown {
            if expected.remove(&record.key.to_bytes()) == Some(hash_of(&record)) {
                listed.push((record.key.clone(), Ok(record)));
            } else {
                doubtful.push(record.key);
            }
        }
        for name in expected.keys() {
            doubtful.push(key::known(name)?);
        }
        for key in doubtful {
            match self.log.read(&key).await {
                Ok(Some(record)) => listed.push((key, Ok(record))),
                Ok(None) => {}
                Err(error) if matches!(error.kind(), ErrorKind::Rollback | ErrorKind::CannotOpen) => {
                    listed.push((key, Err(error)));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Some(listed))
    }

    /// A page as storage has it, after which the query stands at the next one. Nothing of it is verified but that it lies where it was
    /// asked for, so that the pages end.
    async fn page(&mut self, after: Option<&[u8]>) -> Result<Vec<Record<CloudSchema>>> {
        let disordered = || Error::new(ErrorKind::CannotOpen, "storage lists records out of order");
        let page = self.log.store.query(&self.query).await?;
        let mut last = after.map(<[u8]>::to_vec);
        for record in &page.records {
            let sort = Some(record.key.sort_bytes());
            let of_the_partition =
                record.key.collection == self.query.collection && record.key.partition == self.query.partition;
            if sort <= last || !of_the_partition {
                return Err(disordered());
            }
            last = sort;
        }
        match page.next {
            None => self.ended = true,
            Some(next) => {
                self.query.after = Some(next);
                let next = self.query.after_bytes();
                if next < last || next.as_deref() <= after {
                    return Err(disordered());
                }
            }
        }
        Ok(page.records)
    }
}
