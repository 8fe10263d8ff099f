//! Uploads that stop anywhere and go on: what arrived is not sent again, and what comes out is what went in.

mod changed;
mod journal;
mod paused;
mod stopped;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use imegha_cloud::clock::{Clock as _, ManualClock, SystemClock};
use imegha_cloud::{
    BytesSource, CancelToken, Cloud, Content, ErrorKind, FileDevice, Result, Source, Store, StreamSource,
};
use imegha_crypto::Id;

use crate::adversary::{Failing, Plan};
use crate::storage::{Blobs, Storage, keys};

pub(crate) const PART: usize = 8 * 1024 * 1024;

pub(crate) fn resumable(data: &Bytes, upload: &Id) -> Content {
    Content::new(BytesSource::new(data.clone())).resumable(upload)
}

pub(crate) fn stream(data: &Bytes, size: Option<u64>) -> StreamSource {
    let pieces: Vec<_> = data.chunks(1_000_003).map(|piece| Ok(data.slice_ref(piece))).collect();
    StreamSource::new(futures::stream::iter(pieces), size)
}

pub(crate) async fn read(cloud: &Cloud, file: &Id) -> Vec<u8> {
    cloud.download(file).await.unwrap().bytes().await.unwrap()
}

/// What a device sees that remembers in a folder. Its clock does not wait, and shows the time that the backends' clocks show.
fn store(storage: &Storage, device: &Path) -> Store {
    let clock = Arc::new(ManualClock::new(SystemClock.now_ms()));
    Store { clock, ..storage.store_of(Arc::new(FileDevice::new(device))) }
}

/// A process that starts: nothing is left of the one before but what is on the device's disk.
pub(crate) async fn start(storage: &Storage, device: &Path, blobs: Arc<Blobs>) -> Cloud {
    Cloud::open(keys(), Store { blobs, ..store(storage, device) }).await.unwrap()
}

/// The same with both stores behind `plan`. Nothing when it does not even open.
pub(crate) async fn start_failing(
    storage: &Storage,
    device: &Path,
    blobs: Arc<Blobs>,
    plan: &Arc<Plan>,
) -> Option<Cloud> {
    let (records, blobs) = (Failing::new(&storage.records, plan), Failing::new(&blobs, plan));
    Cloud::open(keys(), Store { records, blobs, ..store(storage, device) }).await.ok()
}

pub(crate) fn journals(device: &Path) -> usize {
    let files = std::fs::read_dir(device).unwrap().map(|file| file.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "journal" || extension == "lock")).count()
}

/// Uploads until `at` bytes are stored, and pauses there.
pub(crate) async fn pause_at(cloud: &Cloud, name: &str, content: Content, at: u64) -> CancelToken {
    let token = CancelToken::new();
    let pulled = token.clone();
    let content = content.cancel(&token).progress(move |done, _| {
        if done >= at {
            pulled.pause();
        }
    });
    let error = cloud.upload(&cloud.root(), name, content).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    token
}

/// A source that can go back and does not say how long it is.
pub(crate) struct Unsized(pub(crate) BytesSource);

#[async_trait]
impl Source for Unsized {
    fn size(&self) -> Option<u64> {
        None
    }

    async fn read(&mut self, max: usize) -> Result<Bytes> {
        self.0.read(max).await
    }

    async fn rewind(&mut self) -> Result<()> {
        self.0.rewind().await
    }
}
