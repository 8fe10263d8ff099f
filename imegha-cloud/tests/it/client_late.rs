//! A write whose answer was lost, and which arrives after the store has refused the next attempt.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use imegha_cloud::backend::memory::{MemoryBlobs, MemoryRecords};
use imegha_cloud::backend::{Key, Page, Query, Record, RecordStore, Write};
use imegha_cloud::clock::ManualClock;
use imegha_cloud::schema::CloudSchema;
use imegha_cloud::{BytesSource, Cloud, CloudKeys, Content, Error, ErrorKind, MemoryDevice, Result, Store};
use imegha_crypto::{Dek, Id, Identity};

/// A store behind a network that keeps the first transaction back, and a store that is full at the second.
#[derive(Debug, Default)]
struct Late {
    inner: MemoryRecords<CloudSchema>,
    script: Mutex<Script>,
}

#[derive(Debug, Default)]
enum Script {
    #[default]
    Through,
    KeepBack,
    Full(Vec<Write<CloudSchema>>),
}

#[async_trait]
impl RecordStore<CloudSchema> for Late {
    async fn get(&self, key: &Key<CloudSchema>) -> Result<Option<Record<CloudSchema>>> {
        self.inner.get(key).await
    }

    async fn query(&self, query: &Query<CloudSchema>) -> Result<Page<CloudSchema>> {
        self.inner.query(query).await
    }

    async fn transact(&self, writes: &[Write<CloudSchema>]) -> Result<()> {
        {
            let mut script = self.script.lock().unwrap();
            match &*script {
                Script::Through => {}
                Script::KeepBack => {
                    *script = Script::Full(writes.to_vec());
                    return Err(Error::new(ErrorKind::Unavailable, "no answer"));
                }
                Script::Full(_) => return Err(Error::new(ErrorKind::StorageFull, "there is no room")),
            }
        }
        self.inner.transact(writes).await
    }
}

/// Turns red without `unanswered` in `Log::append`: the refusal of the second attempt would be taken for the fate of the first, and
/// the object dropped that a record comes to name.
#[tokio::test]
async fn an_object_stays_while_an_unanswered_write_may_still_arrive() {
    let records = Arc::new(Late::default());
    let store = Store {
        records: records.clone(),
        blobs: Arc::new(MemoryBlobs::new()),
        clock: Arc::new(ManualClock::new(1_790_000_000_000)),
        device: Arc::new(MemoryDevice::new()),
    };
    let identity = Arc::new(Identity::generate().unwrap());
    let keys = CloudKeys::new(Id::generate().unwrap(), Dek::generate().unwrap(), 1, identity);
    let cloud = Cloud::create(keys, store).await.unwrap();

    *records.script.lock().unwrap() = Script::KeepBack;
    let refused = cloud.upload(&cloud.root(), "only copy.jpg", Content::new(BytesSource::new("a photo"))).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::StorageFull);
    assert!(cloud.list(&cloud.root()).await.unwrap().is_empty());

    let Script::Full(kept_back) = std::mem::take(&mut *records.script.lock().unwrap()) else { panic!("two attempts") };
    records.transact(&kept_back).await.unwrap();
    let [file] = &cloud.list(&cloud.root()).await.unwrap()[..] else { panic!("it has arrived") };
    assert_eq!(cloud.download(&file.id).await.unwrap().bytes().await.unwrap(), b"a photo");
}
