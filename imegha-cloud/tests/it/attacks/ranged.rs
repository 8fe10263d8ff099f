//! Storage answers a read of a range with something else.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::StreamExt as _;
use imegha_cloud::backend::{BlobBody, BlobMeta, BlobStore, ObjectName, Upload, UploadId, UploadMeta};
use imegha_cloud::{BytesSource, Cloud, Content, ErrorKind, Result, Store};
use imegha_crypto::SealedObject;

use crate::adversary::read_object;
use crate::storage::{Blobs, Storage, bytes, keys};

/// Given the range that was asked for and the whole object: the size and the range that are claimed, and the bytes that are sent.
type Answer = Box<dyn Fn(Range<u64>, &[u8]) -> (u64, Range<u64>, Vec<u8>) + Send>;

/// A real blob store whose answers to reads are made up.
struct Answering {
    inner: Arc<Blobs>,
    answer: Mutex<Option<Answer>>,
}

impl Answering {
    fn answer(&self, answer: impl Fn(Range<u64>, &[u8]) -> (u64, Range<u64>, Vec<u8>) + Send + 'static) {
        *self.answer.lock().unwrap() = Some(Box::new(answer));
    }
}

impl fmt::Debug for Answering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answering")
    }
}

#[async_trait]
impl BlobStore for Answering {
    async fn put(&self, name: &ObjectName, object: SealedObject) -> Result<()> {
        self.inner.put(name, object).await
    }

    async fn get(&self, name: &ObjectName, range: Option<Range<u64>>) -> Result<BlobBody> {
        let object = read_object(&*self.inner, name).await?;
        let asked = range.clone().unwrap_or(0..object.len() as u64);
        let made_up = self.answer.lock().unwrap().as_ref().map(|answer| answer(asked, &object));
        match made_up {
            Some((size, range, sent)) => {
                Ok(BlobBody { size, range, stream: futures::stream::iter([Ok(sent.into())]).boxed() })
            }
            None => self.inner.get(name, range).await,
        }
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

const CHUNK: u64 = 16_400;

/// What a store claims is compared with what was asked for, and what it sends with what it claims (`Reader::fetch`: size and range,
/// then twice the length); what fits all of that is stopped by the nonce of each chunk, which is its place, and by the file's key
/// (`device::open_chunks`). The whole body under a range turns red without the bound inside the loop of `Reader::fetch` and the
/// length behind it; the shifted range without the nonces.
#[tokio::test]
async fn a10_a_range_answered_with_something_else() {
    for storage in Storage::all().await {
        let answering = Arc::new(Answering { inner: storage.blobs.clone(), answer: Mutex::new(None) });
        let cloud = Cloud::create(keys(), Store { blobs: answering.clone(), ..storage.store() }).await.unwrap();
        let (old, data) = (bytes(100_000, 1), bytes(100_000, 2));
        let file = cloud.upload(&cloud.root(), "x", Content::new(BytesSource::new(old))).await.unwrap();
        let old_name = cloud.revisions(&file.id).await.unwrap()[0].object;
        cloud.replace(&file.id, Content::new(BytesSource::new(data.clone()))).await.unwrap();
        let old_object = read_object(&*storage.blobs, &old_name).await.unwrap();
        let ranges = [0..1, 100..200, 16_000..17_000, 40_000..80_000, 99_999..100_000];
        let read = async |range: Range<u64>| {
            let download = cloud.download_range(&file.id, range).await.map_err(|error| error.kind())?;
            download.bytes().await.map_err(|error| error.kind())
        };
        let cut = |range: Range<u64>, object: &[u8]| {
            let end = (object.len() as u64).min(range.end);
            object[range.start.min(end) as usize..end as usize].to_vec()
        };
        let control = async || {
            for range in ranges.clone() {
                let expected = &data[range.start as usize..range.end as usize];
                assert!(read(range).await.unwrap() == expected, "{}", storage.name);
            }
        };
        control().await;
        answering.answer(move |range, object| (object.len() as u64, range.clone(), cut(range, object)));
        control().await;

        let refused = async |what: &str| {
            for range in ranges.clone() {
                let result = read(range.clone()).await;
                assert_eq!(result, Err(ErrorKind::CannotOpen), "{}: {what} {range:?}", storage.name);
            }
        };
        // Another chunk, said to be the one that was asked for: the next, or the one before where there is none.
        let shifted = move |range: Range<u64>, object: &[u8]| {
            let len = object.len() as u64;
            let start = if range.end + CHUNK <= len { range.start + CHUNK } else { range.start.saturating_sub(CHUNK) };
            let mut sent = cut(start..start + (range.end - range.start), object);
            sent.resize((range.end - range.start) as usize, 0);
            (len, range, sent)
        };
        answering.answer(shifted);
        refused("shifted by a chunk").await;
        answering.answer(move |range, object| {
            let sent = cut(range.start + 1..range.end + 1, object);
            (object.len() as u64, range, sent)
        });
        refused("shifted by a byte").await;
        // The whole body: as a server answers that knows no ranges, and said to be what was asked for.
        answering.answer(|_, object| (object.len() as u64, 0..object.len() as u64, object.to_vec()));
        refused("all of it, and it says so").await;
        answering.answer(|range, object| (object.len() as u64, range, object.to_vec()));
        refused("all of it as the range").await;
        // A short body, and an empty one.
        for short in [1, 16, 17, u64::MAX] {
            answering.answer(move |range, object| {
                let mut sent = cut(range.clone(), object);
                sent.truncate((sent.len() as u64).saturating_sub(short) as usize);
                (object.len() as u64, range, sent)
            });
            refused("short").await;
        }
        // The right bytes under a wrong range or size.
        answering
            .answer(move |range, object| (object.len() as u64, range.start + 1..range.end + 1, cut(range, object)));
        refused("another range").await;
        answering.answer(move |range, object| (object.len() as u64, range.start..range.end - 1, cut(range, object)));
        refused("a shorter range").await;
        answering.answer(move |range, object| (object.len() as u64 + 1, range.clone(), cut(range, object)));
        refused("another size").await;
        // The version before, of the same length.
        answering.answer(move |range, object| (object.len() as u64, range.clone(), cut(range, &old_object)));
        refused("another version").await;
        *answering.answer.lock().unwrap() = None;
        control().await;
    }
}
