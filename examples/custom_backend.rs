//! A backend of one's own: the records of a cloud in one file, and the suite that says whether it is one.
//!
//! ```text
//! cargo run -p imegha-examples --example custom_backend      # a cloud on it
//! cargo test -p imegha-examples --example custom_backend     # the conformance suite: a test for each behaviour
//! ```
//!
//! `RecordStore` has three methods that must be written. What it promises is in the traits' documentation and nowhere else than in that
//! suite; what it stores is sealed, so a backend is trusted with nothing but keeping it. This one writes everything at each change: right for
//! a lesson and for a few thousand files. Objects have a trait of the same kind (`BlobStore`), for which memory does here.
#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Result, ensure};
use async_trait::async_trait;
use imegha_cloud::backend::memory::MemoryBlobs;
use imegha_cloud::backend::records::{MAX_PAGE_LEN, check_writes};
use imegha_cloud::backend::{Key, Page, Query, Record, RecordStore, Schema, Write};
use imegha_cloud::clock::SystemClock;
use imegha_cloud::schema::CloudSchema;
use imegha_cloud::{Cloud, CloudKeys, Error, ErrorKind, MemoryDevice, Store};
use imegha_crypto::{Dek, Id, Identity};

/// Records by partition and place, in memory and in a file.
#[derive(Debug)]
struct OneFile<S: Schema> {
    path: PathBuf,
    records: Mutex<Records<S>>,
}

type Records<S> = BTreeMap<(Vec<u8>, Vec<u8>), Record<S>>;

impl<S: Schema> OneFile<S> {
    fn open(path: PathBuf) -> Result<Self> {
        let mut records = Records::new();
        let file = std::fs::read(&path).unwrap_or_default();
        let mut rest = &file[..];
        while !rest.is_empty() {
            let [partition, sort, fields] = [take(&mut rest)?, take(&mut rest)?, take(&mut rest)?];
            let record = Record::from_key_and_fields(Key::from_parts(partition, sort)?, fields)?;
            records.insert(place(&record.key), record);
        }
        Ok(Self { path, records: Mutex::new(records) })
    }

    /// All of it or what was there before: a new file takes the old one's name.
    fn save(&self, records: &Records<S>) -> std::io::Result<()> {
        let mut file = Vec::new();
        for ((partition, sort), record) in records {
            for bytes in [partition, sort, &record.fields_to_bytes()] {
                file.extend((bytes.len() as u32).to_be_bytes());
                file.extend(bytes);
            }
        }
        let new = self.path.with_extension("new");
        std::fs::write(&new, file)?;
        std::fs::File::open(&new)?.sync_all()?;
        std::fs::rename(new, &self.path)
    }
}

#[async_trait]
impl<S: Schema> RecordStore<S> for OneFile<S> {
    async fn get(&self, key: &Key<S>) -> imegha_cloud::Result<Option<Record<S>>> {
        key.check()?;
        Ok(self.records.lock().unwrap_or_else(PoisonError::into_inner).get(&place(key)).cloned())
    }

    async fn query(&self, query: &Query<S>) -> imegha_cloud::Result<Page<S>> {
        query.check()?;
        let (partition, after) = (query.partition_bytes(), query.after_bytes());
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found: Vec<_> = records.iter().filter(|((of, _), _)| *of == partition).collect();
        if query.descending {
            found.reverse();
        }
        found.retain(|((_, sort), _)| match &after {
            Some(after) if query.descending => sort < after,
            Some(after) => sort > after,
            None => true,
        });
        let mut len = 0;
        let fits = found.iter().take(query.limit).take_while(|(_, record)| {
            len += record.to_bytes().len();
            len <= MAX_PAGE_LEN
        });
        // A record longer than a page is one all the same.
        let count = fits.count().max(1).min(found.len());
        let next = (count < found.len()).then(|| found[count - 1].1.key.sort.clone());
        Ok(Page { records: found[..count].iter().map(|(_, record)| (*record).clone()).collect(), next })
    }

    async fn transact(&self, writes: &[Write<S>]) -> imegha_cloud::Result<()> {
        check_writes(writes)?;
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        // Every condition is looked at before anything is written, and nobody else writes meanwhile.
        let failed = writes.iter().position(|write| !write.condition().holds(records.get(&place(write.key()))));
        if let Some(index) = failed {
            return Err(Error::failed_condition(index));
        }
        let mut changed = records.clone();
        for write in writes {
            match write {
                Write::Put(record, _) => drop(changed.insert(place(&record.key), record.clone())),
                Write::Delete(key, _) => drop(changed.remove(&place(key))),
                Write::Check(..) => {}
            }
        }
        self.save(&changed)
            .map_err(|error| Error::with_source(ErrorKind::Backend, "the file cannot be written", error))?;
        *records = changed;
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let path = std::env::temp_dir().join(format!("imegha-{}.records", Id::generate()?));
    let keys = CloudKeys::new(Id::generate()?, Dek::generate()?, 1, Arc::new(Identity::generate()?));
    let blobs = Arc::new(MemoryBlobs::new());
    let store = || -> Result<Store> {
        let records: Arc<dyn RecordStore<CloudSchema>> = Arc::new(OneFile::open(path.clone())?);
        let device = Arc::new(MemoryDevice::new());
        Ok(Store { records, blobs: blobs.clone(), clock: Arc::new(SystemClock), device })
    };
    let cloud = Cloud::create(keys.clone(), store()?).await?;
    cloud.create_folder(&cloud.root(), "Photos").await?;
    let again = Cloud::open(keys, store()?).await?;
    ensure!(again.list(&again.root()).await?.len() == 1, "the file has forgotten the folder");
    println!("a cloud in {} bytes of one file", std::fs::metadata(&path)?.len());
    Ok(std::fs::remove_file(path)?)
}

fn place<S: Schema>(key: &Key<S>) -> (Vec<u8>, Vec<u8>) {
    (key.partition_bytes(), key.sort_bytes())
}

fn take<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8]> {
    let cut = || anyhow::anyhow!("the file is cut");
    let (len, after) = rest.split_first_chunk::<4>().ok_or_else(cut)?;
    let (bytes, after) = after.split_at_checked(u32::from_be_bytes(*len) as usize).ok_or_else(cut)?;
    *rest = after;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An empty store, and the folder that it lies in, which is kept until a test ends.
    async fn new_records() -> (Arc<dyn RecordStore<CloudSchema>>, tempfile::TempDir) {
        let folder = tempfile::tempdir().expect("a folder");
        (Arc::new(OneFile::open(folder.path().join("records")).expect("an empty store")), folder)
    }

    imegha_cloud::record_conformance!(one_file, new_records);
}
