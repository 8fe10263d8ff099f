//! The journal itself: who holds it, what it is like when it is damaged, and when there is no room for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use imegha_cloud::{
    Cloud, Content, DeviceStore, Error, ErrorKind, FileDevice, HeldJournal, JournalStore, MemoryDevice, Result, Store,
    StreamSource,
};
use imegha_crypto::Id;

use super::{PART, journals, pause_at, read, resumable, start};
use crate::storage::{Storage, bytes, keys};
use crate::watched::Watched;

#[tokio::test]
async fn a_small_file_has_no_journal() {
    let storage = Storage::memory();
    let device = tempfile::tempdir().unwrap();
    let cloud = Cloud::create(keys(), storage.store_of(Arc::new(FileDevice::new(device.path())))).await.unwrap();
    let upload = Id::generate().unwrap();
    for (name, len) in [("a", 0), ("b", 100), ("c", PART)] {
        let data = bytes(len, 1).into();
        let entry = cloud.upload(&cloud.root(), name, resumable(&data, &upload)).await.unwrap();
        assert!(read(&cloud, &entry.id).await == data);
        assert_eq!(journals(device.path()), 0);
    }
}

#[tokio::test]
async fn a_journal_is_worked_on_by_one() {
    let storage = Storage::memory();
    let folder = tempfile::tempdir().unwrap();
    let memory: Arc<dyn DeviceStore> = Arc::new(MemoryDevice::new());
    let file = || -> Arc<dyn DeviceStore> { Arc::new(FileDevice::new(folder.path())) };
    Cloud::create(keys(), storage.store()).await.unwrap();
    let data: Bytes = bytes(2 * PART, 1).into();
    // Two processes have each a device of their own on one folder.
    for (number, devices) in [[memory.clone(), memory], [file(), file()]].into_iter().enumerate() {
        let [one, other] = devices.map(|device| storage.store_of(device));
        let (one, other) = (Cloud::open(keys(), one).await.unwrap(), Cloud::open(keys(), other).await.unwrap());
        let (upload, name) = (Id::generate().unwrap(), number.to_string());
        // It waits for its source behind the first part.
        let first = futures::stream::iter([Ok(data.slice(..PART + 1))]);
        let source = StreamSource::new(futures::StreamExt::chain(first, futures::stream::pending()), None);
        let (root, content) = (one.root(), Content::new(source).resumable(&upload));
        let working = one.upload(&root, &name, content);
        let others = async {
            while storage.objects().await.1 == 0 {
                tokio::task::yield_now().await;
            }
            for refused in [
                other.upload(&root, &name, resumable(&data, &upload)).await.map(drop),
                other.discard_upload(&upload).await,
            ] {
                assert_eq!(refused.unwrap_err().kind(), ErrorKind::Conflict);
            }
            assert_eq!(other.unfinished().await.unwrap(), [], "it is being worked on");
        };
        tokio::select! {
            result = working => panic!("its source never ends: {result:?}"),
            () = others => {}
        }
        // The one that worked on it is gone.
        let entry = other.upload(&root, &name, resumable(&data, &upload)).await.unwrap();
        assert!(read(&other, &entry.id).await == data);
        assert_eq!(storage.objects().await.1, 0);
    }
}

#[tokio::test]
async fn a_damaged_journal_begins_anew_and_loses_nothing() {
    let storage = Storage::memory();
    let folder = tempfile::tempdir().unwrap();
    storage.create().await;
    let data: Bytes = bytes(2 * PART + 5, 1).into();
    let damages: [fn(&mut Vec<u8>); 4] =
        [|journal| journal[100] ^= 1, |journal| journal.truncate(50), Vec::clear, |journal| journal.extend([0; 9])];
    for (number, damage) in damages.iter().enumerate() {
        let cloud = start(&storage, folder.path(), storage.blobs.clone()).await;
        let (upload, other, name) = (Id::generate().unwrap(), Id::generate().unwrap(), number.to_string());
        let path = |upload: &Id| folder.path().join(format!("{}.{upload}.journal", cloud.id()));
        pause_at(&cloud, &name, resumable(&data, &upload), PART as u64).await;
        let mut journal = std::fs::read(path(&upload)).unwrap();
        // Neither does it say its name, nor does it open as another upload's.
        assert!(!journal.windows(name.len() + 2).any(|window| window == format!("\"{name}\"").as_bytes()));
        std::fs::write(path(&other), &journal).unwrap();
        damage(&mut journal);
        std::fs::write(path(&upload), journal).unwrap();

        let left = storage.objects().await.1;
        let entry = cloud.upload(&cloud.root(), &name, resumable(&data, &upload)).await.unwrap();
        assert!(read(&cloud, &entry.id).await == data);
        // What nobody knows of any more is for `gc` to collect.
        assert_eq!(storage.objects().await.1, left);
        assert_eq!(cloud.unfinished().await.unwrap(), [], "another upload's journal is none");
        assert_eq!(journals(folder.path()), 0);
    }
}

/// A device whose disk is full for journals after some saves.
#[derive(Debug)]
struct Filling {
    inner: MemoryDevice,
    left: Arc<AtomicUsize>,
}

#[derive(Debug)]
struct FillingJournal {
    inner: Box<dyn HeldJournal>,
    left: Arc<AtomicUsize>,
}

#[async_trait]
impl DeviceStore for Filling {
    async fn load(&self, cloud: &Id) -> Result<Option<Vec<u8>>> {
        self.inner.load(cloud).await
    }

    async fn save(&self, cloud: &Id, state: Vec<u8>) -> Result<()> {
        self.inner.save(cloud, state).await
    }

    fn journals(&self) -> &dyn JournalStore {
        self
    }
}

#[async_trait]
impl JournalStore for Filling {
    async fn hold(&self, cloud: &Id, upload: &Id) -> Result<Box<dyn HeldJournal>> {
        let inner = self.inner.journals().hold(cloud, upload).await?;
        Ok(Box::new(FillingJournal { inner, left: self.left.clone() }))
    }

    async fn list(&self, cloud: &Id) -> Result<Vec<Id>> {
        self.inner.journals().list(cloud).await
    }
}

#[async_trait]
impl HeldJournal for FillingJournal {
    async fn load(&self) -> Result<Option<Vec<u8>>> {
        self.inner.load().await
    }

    async fn save(&self, journal: Vec<u8>) -> Result<()> {
        let taken = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        taken.map_err(|_| Error::new(ErrorKind::StorageFull, "a disk that a test fills"))?;
        self.inner.save(journal).await
    }

    async fn remove(&self) -> Result<()> {
        self.inner.remove().await
    }
}

/// Turns red when `Resumption::enter` does not wait for the journal to be saved.
#[tokio::test]
async fn no_part_is_sent_before_the_journal_is_on_the_disk() {
    let data: Bytes = bytes(3 * PART + 1, 1).into();
    // One save for each of four parts, and one before the transaction.
    for saves in 0..5 {
        let storage = Storage::memory();
        let watched = Watched::new(&storage.blobs);
        let left = Arc::new(AtomicUsize::new(saves));
        let device = Arc::new(Filling { inner: MemoryDevice::new(), left: left.clone() });
        let store = Store { blobs: watched.clone(), ..storage.store_of(device) };
        let cloud = Cloud::create(keys(), store).await.unwrap();
        let upload = Id::generate().unwrap();
        let error = cloud.upload(&cloud.root(), "x", resumable(&data, &upload)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StorageFull, "{saves}");
        assert!(watched.numbers().iter().all(|number| *number as usize <= saves), "{saves}: {:?}", watched.numbers());
        assert_eq!(
            storage.objects().await,
            if saves == 0 { (0, 0) } else { (0, usize::from(saves < 4)) }.max((usize::from(saves == 4), 0))
        );
        assert_eq!(cloud.list(&cloud.root()).await.unwrap(), []);

        left.store(100, Ordering::SeqCst);
        let entry = cloud.upload(&cloud.root(), "x", resumable(&data, &upload)).await.unwrap();
        assert!(read(&cloud, &entry.id).await == data);
        assert_eq!(storage.objects().await, (1, 0));
    }
}
