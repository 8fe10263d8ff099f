//! Malicious storage: real backends behind wrappers that change what is read, or fail.

use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::future::Either;
use futures::{StreamExt as _, TryStreamExt as _};
use imegha_cloud::backend::memory::MemoryRecords;
use imegha_cloud::backend::{
    BlobBody, BlobMeta, BlobStore, Key, ObjectName, Page, Query, Record, RecordStore, Upload, UploadId, UploadMeta,
    Write,
};
use imegha_cloud::schema::CloudSchema;
use imegha_cloud::{DeviceStore, Error, ErrorKind, JournalStore, MemoryDevice, Result};
use imegha_crypto::{Id, SealedObject, SealedPart};

use crate::storage::{Blobs, Records};

/// Given each record that is read (none where there is none), says what is shown.
pub(crate) type RecordAttack =
    Box<dyn Fn(&Key<CloudSchema>, Option<Record<CloudSchema>>) -> Option<Record<CloudSchema>> + Send>;

/// Given the bytes of an object, says what is shown.
type Change = dyn Fn(&ObjectName, Vec<u8>) -> Vec<u8> + Send;

/// What is done to objects.
pub(crate) struct BlobAttack {
    change: Box<Change>,
    /// Whether the store claims that size and range are the object's, whatever it sends.
    lie: bool,
}

/// A real record store in malicious hands.
pub(crate) type TamperingRecords = Tampering<Records, RecordAttack>;
/// A real blob store in malicious hands.
pub(crate) type TamperingBlobs = Tampering<Blobs, BlobAttack>;

/// A real backend that shows something else than it has, while it is told to.
pub(crate) struct Tampering<B: ?Sized, A> {
    inner: Arc<B>,
    attack: Mutex<Option<A>>,
}

impl<B: ?Sized, A> Tampering<B, A> {
    pub(crate) fn new(inner: &Arc<B>) -> Arc<Self> {
        Arc::new(Self { inner: inner.clone(), attack: Mutex::new(None) })
    }

    pub(crate) fn attack(&self, attack: A) {
        *self.attack.lock().unwrap() = Some(attack);
    }

    pub(crate) fn stop(&self) {
        *self.attack.lock().unwrap() = None;
    }
}

impl TamperingBlobs {
    /// Changes what is shown of every object.
    pub(crate) fn change(&self, lie: bool, change: impl Fn(&ObjectName, Vec<u8>) -> Vec<u8> + Send + 'static) {
        self.attack(BlobAttack { change: Box::new(change), lie });
    }
}

impl TamperingRecords {
    /// Shows `stale` in the place of the record that is there.
    pub(crate) fn replay(&self, stale: Record<CloudSchema>) {
        self.attack(Box::new(move |key, record| if *key == stale.key { Some(stale.clone()) } else { record }));
    }
}

impl<B: ?Sized, A> fmt::Debug for Tampering<B, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tampering")
    }
}

#[async_trait]
impl RecordStore<CloudSchema> for TamperingRecords {
    async fn get(&self, key: &Key<CloudSchema>) -> Result<Option<Record<CloudSchema>>> {
        let record = self.inner.get(key).await?;
        Ok(match &*self.attack.lock().unwrap() {
            Some(attack) => attack(key, record),
            None => record,
        })
    }

    async fn query(&self, query: &Query<CloudSchema>) -> Result<Page<CloudSchema>> {
        let mut page = self.inner.query(query).await?;
        if let Some(attack) = &*self.attack.lock().unwrap() {
            let records = page.records.into_iter();
            page.records = records.filter_map(|record| attack(&record.key.clone(), Some(record))).collect();
        }
        Ok(page)
    }

    async fn transact(&self, writes: &[Write<CloudSchema>]) -> Result<()> {
        self.inner.transact(writes).await
    }
}

#[async_trait]
impl BlobStore for TamperingBlobs {
    async fn put(&self, name: &ObjectName, object: SealedObject) -> Result<()> {
        self.inner.put(name, object).await
    }

    async fn get(&self, name: &ObjectName, range: Option<Range<u64>>) -> Result<BlobBody> {
        if self.attack.lock().unwrap().is_none() {
            return self.inner.get(name, range).await;
        }
        let object = read_object(&*self.inner, name).await?;
        let len = object.len() as u64;
        let attack = self.attack.lock().unwrap();
        let attack = attack.as_ref().expect("nobody stops an attack meanwhile");
        let shown = (attack.change)(name, object);
        let size = if attack.lie { len } else { shown.len() as u64 };
        let range = range.unwrap_or(0..size);
        let range = range.start..range.end.min(size);
        if range.is_empty() {
            return Err(Error::new(ErrorKind::Malformed, "past the end"));
        }
        // A liar who has more than he says sends that too, behind the end.
        let end = if range.end == size { shown.len() } else { (range.end as usize).min(shown.len()) };
        let sent = shown.get(range.start as usize..end).unwrap_or_default().to_vec();
        Ok(BlobBody { size, range, stream: futures::stream::iter([Ok(sent.into())]).boxed() })
    }

    async fn head(&self, name: &ObjectName) -> Result<BlobMeta> {
        self.inner.head(name).await
    }

    async fn delete(&self, name: &ObjectName) -> Result<()> {
        self.inner.delete(name).await
    }

    async fn list(&self, after: Option<&ObjectName>, limit: usize) -> Result<Vec<BlobMeta>> {
        self.inner.list(after, limit).await
    }

    async fn begin_upload(&self, name: &ObjectName) -> Result<Box<dyn Upload>> {
        self.inner.begin_upload(name).await
    }

    async fn resume_upload(&self, name: &ObjectName, id: &UploadId) -> Result<Box<dyn Upload>> {
        self.inner.resume_upload(name, id).await
    }

    async fn uploads(&self) -> Result<Vec<UploadMeta>> {
        self.inner.uploads().await
    }
}

/// The bytes of an object as they are stored.
pub(crate) async fn read_object(blobs: &Blobs, name: &ObjectName) -> Result<Vec<u8>> {
    let pieces: Vec<_> = blobs.get(name, None).await?.stream.try_collect().await?;
    Ok(pieces.concat())
}

/// When a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Before the backend hears of it.
    Before,
    /// After the backend has done it: the answer is lost.
    After,
    /// Before, and so does every call after it.
    Gone,
    /// After the backend has done it, and every call after it is not heard.
    Lost,
    /// Never answers, and the backend does not hear of it: whoever asks is about to die.
    DiesBefore,
    /// Never answers, after the backend has done it.
    DiesAfter,
}

/// Counts the calls to both stores of a cloud, and fails the one that it is told to.
#[derive(Debug)]
pub(crate) struct Plan {
    calls: AtomicU32,
    fail_at: AtomicU32,
    failure: Failure,
    /// Whether only transactions count.
    of_writes: bool,
    died: tokio::sync::Notify,
}

impl Plan {
    pub(crate) fn new(fail_at: u32, failure: Failure) -> Arc<Self> {
        Self::counting(false, fail_at, failure)
    }

    /// The same for the transactions alone: other calls are not counted, and fail only with everything after one that did.
    pub(crate) fn of_writes(fail_at: u32, failure: Failure) -> Arc<Self> {
        Self::counting(true, fail_at, failure)
    }

    fn counting(of_writes: bool, fail_at: u32, failure: Failure) -> Arc<Self> {
        let (calls, fail_at) = (AtomicU32::new(0), AtomicU32::new(fail_at));
        Arc::new(Self { calls, fail_at, failure, of_writes, died: tokio::sync::Notify::new() })
    }

    /// How many calls there were.
    pub(crate) fn calls(&self) -> u32 {
        self.calls.load(Ordering::SeqCst)
    }

    /// Whether the call that was to fail has come.
    pub(crate) fn failed(&self) -> bool {
        self.calls.load(Ordering::SeqCst) > self.fail_at.load(Ordering::SeqCst)
    }

    /// The next call is the one that fails.
    pub(crate) fn fail_now(&self) {
        self.fail_after(0);
    }

    /// So many calls go well from now on, and the next is the one that fails.
    pub(crate) fn fail_after(&self, calls: u32) {
        self.fail_at.store(self.calls.load(Ordering::SeqCst) + calls, Ordering::SeqCst);
    }

    /// No call fails any more.
    pub(crate) fn recover(&self) {
        self.fail_at.store(u32::MAX, Ordering::SeqCst);
    }

    /// Runs `process` until it ends, or comes to the call that it dies at: then nothing of it is left.
    pub(crate) async fn until_death<T>(&self, process: impl Future<Output = T>) -> Option<T> {
        let (process, death) = (std::pin::pin!(process), std::pin::pin!(self.died.notified()));
        match futures::future::select(process, death).await {
            Either::Left((ended, _)) => Some(ended),
            Either::Right(_) => None,
        }
    }

    async fn run<T>(&self, call: impl Future<Output = Result<T>>) -> Result<T> {
        if self.of_writes {
            return match self.failure {
                Failure::Gone | Failure::Lost if self.failed() => lost(),
                _ => call.await,
            };
        }
        self.run_counted(call).await
    }

    async fn run_counted<T>(&self, call: impl Future<Output = Result<T>>) -> Result<T> {
        let number = self.calls.fetch_add(1, Ordering::SeqCst);
        let fail_at = self.fail_at.load(Ordering::SeqCst);
        match self.failure {
            Failure::Before if number == fail_at => lost(),
            Failure::Gone if number >= fail_at => lost(),
            Failure::Lost if number > fail_at => lost(),
            Failure::After | Failure::Lost if number == fail_at => call.await.and_then(|_| lost()),
            Failure::DiesBefore | Failure::DiesAfter if number == fail_at => {
                if self.failure == Failure::DiesAfter {
                    call.await?;
                }
                self.died.notify_one();
                std::future::pending().await
            }
            _ => call.await,
        }
    }
}

fn lost<T>() -> Result<T> {
    Err(Error::new(ErrorKind::Unavailable, "a call that a test lets fail"))
}

/// A real backend some of whose calls fail.
#[derive(Debug)]
pub(crate) struct Failing<B: ?Sized> {
    inner: Arc<B>,
    plan: Arc<Plan>,
}

impl<B: ?Sized> Failing<B> {
    pub(crate) fn new(inner: &Arc<B>, plan: &Arc<Plan>) -> Arc<Self> {
        Arc::new(Self { inner: inner.clone(), plan: plan.clone() })
    }
}

#[async_trait]
impl RecordStore<CloudSchema> for Failing<Records> {
    async fn get(&self, key: &Key<CloudSchema>) -> Result<Option<Record<CloudSchema>>> {
        self.plan.run(self.inner.get(key)).await
    }

    async fn query(&self, query: &Query<CloudSchema>) -> Result<Page<CloudSchema>> {
        self.plan.run(self.inner.query(query)).await
    }

    async fn transact(&self, writes: &[Write<CloudSchema>]) -> Result<()> {
        self.plan.run_counted(self.inner.transact(writes)).await
    }
}

#[async_trait]
impl BlobStore for Failing<Blobs> {
    async fn put(&self, name: &ObjectName, object: SealedObject) -> Result<()> {
        self.plan.run(self.inner.put(name, object)).await
    }

    async fn get(&self, name: &ObjectName, range: Option<Range<u64>>) -> Result<BlobBody> {
        self.plan.run(self.inner.get(name, range)).await
    }

    async fn head(&self, name: &ObjectName) -> Result<BlobMeta> {
        self.plan.run(self.inner.head(name)).await
    }

    async fn delete(&self, name: &ObjectName) -> Result<()> {
        self.plan.run(self.inner.delete(name)).await
    }

    async fn list(&self, after: Option<&ObjectName>, limit: usize) -> Result<Vec<BlobMeta>> {
        self.plan.run(self.inner.list(after, limit)).await
    }

    async fn begin_upload(&self, name: &ObjectName) -> Result<Box<dyn Upload>> {
        let inner = self.plan.run(self.inner.begin_upload(name)).await?;
        Ok(Box::new(FailingUpload { inner, plan: self.plan.clone() }))
    }

    async fn resume_upload(&self, name: &ObjectName, id: &UploadId) -> Result<Box<dyn Upload>> {
        self.plan.run(self.inner.resume_upload(name, id)).await
    }

    async fn uploads(&self) -> Result<Vec<UploadMeta>> {
        self.plan.run(self.inner.uploads()).await
    }
}

#[derive(Debug)]
struct FailingUpload {
    inner: Box<dyn Upload>,
    plan: Arc<Plan>,
}

#[async_trait]
impl Upload for FailingUpload {
    fn id(&self) -> &UploadId {
        self.inner.id()
    }

    async fn put_part(&self, number: u32, offset: u64, part: SealedPart) -> Result<()> {
        self.plan.run(self.inner.put_part(number, offset, part)).await
    }

    async fn complete(&self, parts: u32, size: u64) -> Result<()> {
        self.plan.run(self.inner.complete(parts, size)).await
    }

    async fn abort(&self) -> Result<()> {
        self.plan.run(self.inner.abort()).await
    }
}

/// A real backend that remembers every transaction, so that any older state can be shown again.
#[derive(Debug)]
pub(crate) struct Recorded {
    inner: Arc<Records>,
    transactions: Mutex<Vec<Vec<Write<CloudSchema>>>>,
}

impl Recorded {
    pub(crate) fn new(inner: &Arc<Records>) -> Arc<Self> {
        Arc::new(Self { inner: inner.clone(), transactions: Mutex::default() })
    }

    /// How many transactions there were.
    pub(crate) fn count(&self) -> usize {
        self.transactions.lock().unwrap().len()
    }

    /// Every record that was ever written.
    pub(crate) fn written(&self) -> Vec<Record<CloudSchema>> {
        let transactions = self.transactions.lock().unwrap();
        let puts = transactions.iter().flatten().filter_map(|write| match write {
            Write::Put(record, _) => Some(record.clone()),
            Write::Delete(..) | Write::Check(..) => None,
        });
        puts.collect()
    }

    /// A store in the state after the first `count` transactions.
    pub(crate) async fn state_after(&self, count: usize) -> Arc<Records> {
        let store = MemoryRecords::new();
        let transactions = self.transactions.lock().unwrap()[..count].to_vec();
        for writes in transactions {
            store.transact(&writes).await.expect("what was written once can be written again");
        }
        Arc::new(store)
    }
}

#[async_trait]
impl RecordStore<CloudSchema> for Recorded {
    async fn get(&self, key: &Key<CloudSchema>) -> Result<Option<Record<CloudSchema>>> {
        self.inner.get(key).await
    }

    async fn query(&self, query: &Query<CloudSchema>) -> Result<Page<CloudSchema>> {
        self.inner.query(query).await
    }

    async fn transact(&self, writes: &[Write<CloudSchema>]) -> Result<()> {
        self.inner.transact(writes).await?;
        self.transactions.lock().unwrap().push(writes.to_vec());
        Ok(())
    }
}

/// A real backend that gives three records at a time.
#[derive(Debug)]
pub(crate) struct SmallPages(pub(crate) Arc<Records>);

#[async_trait]
impl RecordStore<CloudSchema> for SmallPages {
    async fn get(&self, key: &Key<CloudSchema>) -> Result<Option<Record<CloudSchema>>> {
        self.0.get(key).await
    }

    async fn query(&self, query: &Query<CloudSchema>) -> Result<Page<CloudSchema>> {
        let limit = query.limit.min(3);
        self.0.query(&Query { limit, ..query.clone() }).await
    }

    async fn transact(&self, writes: &[Write<CloudSchema>]) -> Result<()> {
        self.0.transact(writes).await
    }
}

/// A device whose disk is full: it remembers what it did before.
#[derive(Debug, Default)]
pub(crate) struct FullDevice {
    pub(crate) inner: MemoryDevice,
    pub(crate) full: AtomicBool,
}

#[async_trait]
impl DeviceStore for FullDevice {
    async fn load(&self, cloud: &Id) -> Result<Option<Vec<u8>>> {
        self.inner.load(cloud).await
    }

    async fn save(&self, cloud: &Id, state: Vec<u8>) -> Result<()> {
        if self.full.load(Ordering::SeqCst) {
            return Err(Error::new(ErrorKind::StorageFull, "a device that a test fills"));
        }
        self.inner.save(cloud, state).await
    }

    fn journals(&self) -> &dyn JournalStore {
        self.inner.journals()
    }
}
