//! Two devices write at the same moment.

use std::fmt;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::future::BoxFuture;
use imegha_cloud::backend::{Condition, Key, Page, Query, Record, RecordStore, Write};
use imegha_cloud::schema::CloudSchema;
use imegha_cloud::{BytesSource, Cloud, Content, Depth, ErrorKind, OnTaken, Result, Store};

use crate::storage::{Records, Storage, keys};

/// A real record store at which something happens right before a transaction, when it is too late to look again.
struct Meanwhile {
    inner: Arc<Records>,
    happens: Mutex<Option<BoxFuture<'static, ()>>>,
    /// Whether the store keeps to the conditions of transactions.
    honest: bool,
}

impl Meanwhile {
    fn new(inner: &Arc<Records>, honest: bool) -> Arc<Self> {
        Arc::new(Self { inner: inner.clone(), happens: Mutex::new(None), honest })
    }

    fn next(&self, happens: impl Future<Output = ()> + Send + 'static) {
        *self.happens.lock().unwrap() = Some(Box::pin(happens));
    }
}

impl fmt::Debug for Meanwhile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meanwhile")
    }
}

#[async_trait]
impl RecordStore<CloudSchema> for Meanwhile {
    async fn get(&self, key: &Key<CloudSchema>) -> Result<Option<Record<CloudSchema>>> {
        self.inner.get(key).await
    }

    async fn query(&self, query: &Query<CloudSchema>) -> Result<Page<CloudSchema>> {
        self.inner.query(query).await
    }

    async fn transact(&self, writes: &[Write<CloudSchema>]) -> Result<()> {
        let happens = self.happens.lock().unwrap().take();
        if let Some(happens) = happens {
            happens.await;
        }
        let mut writes = writes.to_vec();
        if !self.honest {
            for write in &mut writes {
                let (Write::Put(_, condition) | Write::Delete(_, condition) | Write::Check(_, condition)) = write;
                *condition = Condition::None;
            }
        }
        self.inner.transact(&writes).await
    }
}

fn content(text: &'static str) -> Content {
    Content::new(BytesSource::new(text))
}

/// One wins, the other is told. Stopped by the conditions of the transaction: that the head is the one that was read and that the log has
/// no entry of this number (`Log::append`), and that the newest revision is the one that was read (`commit_replace`, twice). It turns red
/// only without all of them.
#[tokio::test]
async fn a17_two_writers_of_one_revision() {
    for storage in Storage::all().await {
        let records = Meanwhile::new(&storage.records, true);
        let slow = Cloud::create(keys(), Store { records: records.clone(), ..storage.store() }).await.unwrap();
        let quick = Cloud::open(keys(), storage.store()).await.unwrap();
        let file = slow.upload(&slow.root(), "letter", content("1")).await.unwrap().id;
        // The control: nothing happens meanwhile.
        assert_eq!(slow.replace(&file, content("2")).await.unwrap().revision, 2);
        assert_eq!(quick.download(&file).await.unwrap().bytes().await.unwrap(), b"2");

        let meanwhile = quick.clone();
        records.next(async move {
            assert_eq!(meanwhile.replace(&file, content("quick")).await.unwrap().revision, 3);
        });
        let error = slow.replace(&file, content("slow")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict, "{}", storage.name);
        for device in [&slow, &quick, &Cloud::open(keys(), storage.store()).await.unwrap()] {
            assert_eq!(device.download(&file).await.unwrap().bytes().await.unwrap(), b"quick");
            assert_eq!(device.revisions(&file).await.unwrap().len(), 3);
            assert_eq!(device.verify(Depth::Deep).await.unwrap().problems, []);
        }
        assert_eq!(storage.objects().await, (3, 0), "the loser's object is gone");
        assert_eq!(slow.replace(&file, content("slow")).await.unwrap().revision, 4);

        // What does not exclude each other is done one after the other, and neither is lost.
        let meanwhile = quick.clone();
        records.next(async move {
            meanwhile.replace(&file, content("quicker")).await.unwrap();
        });
        assert_eq!(slow.rename(&file, "note").await.unwrap().revision, 5);
        let folder = quick.create_folder(&quick.root(), "folder").await.unwrap().id;
        let meanwhile = quick.clone();
        records.next(async move {
            meanwhile.rename(&file, "message").await.unwrap();
        });
        let moved = slow.move_to(&[file], &folder, OnTaken::Refuse).await.unwrap();
        assert_eq!((moved[0].name.as_str(), moved[0].parent), ("message", folder));
        let meanwhile = quick.clone();
        records.next(async move {
            meanwhile.trash(&[file]).await.unwrap();
        });
        assert_eq!(slow.rename(&file, "late").await.unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(quick.download(&file).await.unwrap().bytes().await.unwrap(), b"quicker");
        assert_eq!(quick.verify(Depth::Deep).await.unwrap().problems, []);
    }
}

/// A store that keeps to no condition takes both: then there are two histories, and whoever saw the one that was written over reports
/// it. Stopped by the end that must be the head (`last != to` in `Walk::next`): without that line this turns red.
#[tokio::test]
async fn a17_a_store_that_takes_both_is_reported() {
    for storage in Storage::all().await {
        let records = Meanwhile::new(&storage.records, false);
        let slow = Cloud::create(keys(), Store { records: records.clone(), ..storage.store() }).await.unwrap();
        let quick = Cloud::open(keys(), storage.store()).await.unwrap();
        let file = slow.upload(&slow.root(), "letter", content("1")).await.unwrap().id;
        assert_eq!(quick.list(&quick.root()).await.unwrap().len(), 1);
        let meanwhile = quick.clone();
        records.next(async move {
            meanwhile.replace(&file, content("quick")).await.unwrap();
        });
        // It believes what the store says; who lost does not.
        slow.replace(&file, content("slow")).await.unwrap();
        assert_eq!(quick.list(&quick.root()).await.unwrap_err().kind(), ErrorKind::Rollback, "{}", storage.name);
        assert_eq!(quick.download(&file).await.unwrap_err().kind(), ErrorKind::Rollback);
        assert_eq!(quick.rename(&file, "note").await.unwrap_err().kind(), ErrorKind::Rollback);
    }
}
