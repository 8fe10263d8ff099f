//! Sending a file's content to storage: sealed part by part, a few parts at a time.

use futures::future::{BoxFuture, Either, select};
use futures::stream::FuturesUnordered;
use futures::{FutureExt as _, TryFutureExt as _, TryStreamExt as _};
use imegha_crypto::{ContentKind, ContentSealer, FileKey, Id, SealedObject, SealedPart, device};

use super::object::{Stored, discard};
use super::parts::{Part, Parts};
use crate::backend::{ObjectName, Upload};
use crate::client::local::sendable;
use crate::client::retry::{Attempts, persist};
use crate::client::{Source, Store, Watch};
use crate::error::{ErrorKind, Result};

/// Seals what `source` holds under a fresh key and stores it. When this fails nothing is left to see.
pub(crate) async fn store(
    store: &Store,
    node: &Id,
    revision: u64,
    mut source: Box<dyn Source>,
    watch: &Watch,
) -> Result<Stored> {
    let total = source.size().unwrap_or(0);
    let file_key = FileKey::generate()?;
    let mut sealer = ContentSealer::new(&file_key, ContentKind::Content, node, revision)?;
    let (name, commitment) = (ObjectName::from_salt(sealer.salt()), sealer.commitment());
    let mut parts = Parts::new(&mut *source);

    watch.progress(0, total);
    let first = watch.cancel.guard(parts.next()).await?;
    let len = if first.last {
        store_whole(store, watch, &name, &mut sealer, first).await?
    } else {
        let upload = persist(Attempts::at_network(&store.clock), watch, |_| store.blobs.begin_upload(&name));
        let upload = watch.cancel.guard(upload).await?;
        let in_flight = FuturesUnordered::new();
        let mut sending = Sending { store, watch, upload: &*upload, in_flight, done: 0, total };
        let sent = watch.cancel.guard(sending.run(&name, &mut sealer, &mut parts, first)).await;
        // What is on its way still must not arrive after the upload was dropped.
        drop(sending);
        if sent.is_err() {
            // Best effort: what cannot be dropped now is unfinished and invisible, and is collected later.
            let _ = upload.abort().await;
            discard(store, &name).await;
        }
        sent?
    };
    let (size, sha256) = parts.finish();
    watch.progress(size, total);
    Ok(Stored { file_key, name, len, commitment, size, sha256 })
}

async fn store_whole(
    store: &Store,
    watch: &Watch,
    name: &ObjectName,
    sealer: &mut ContentSealer,
    part: Part,
) -> Result<u64> {
    let sealed = sendable(device::seal_part(sealer, part.plaintext, true)).await?;
    let len = sealed.as_bytes().len() as u64;
    let object = SealedObject::from_received(sealed.into_bytes())?;
    let put = persist(Attempts::at_network(&store.clock), watch, |again| {
        let object = object.clone();
        async move {
            match store.blobs.put(name, object).await {
                // The name is random: what is there is what the attempt before put there.
                Err(error) if again && error.kind() == ErrorKind::AlreadyExists => Ok(()),
                result => result,
            }
        }
    });
    let result = watch.cancel.guard(put).await;
    if result.is_err() {
        discard(store, name).await;
    }
    result.map(|()| len)
}

/// The state of one upload in parts.
struct Sending<'a> {
    store: &'a Store,
    watch: &'a Watch,
    upload: &'a dyn Upload,
    /// Each yields how much plaintext it has brought.
    in_flight: FuturesUnordered<BoxFuture<'a, Result<u64>>>,
    done: u64,
    total: u64,
}

impl Sending<'_> {
    /// Sends all parts, a few at a time, and completes the upload. Gives the object's length. A part that does not arrive is
    /// sent again with the same bytes: sealing it anew could seal two plaintexts under one nonce, when the source has changed
    /// meanwhile.
    async fn run(
        &mut self,
        name: &ObjectName,
        sealer: &mut ContentSealer,
        parts: &mut Parts<'_>,
        first: Part,
    ) -> Result<u64> {
        let mut part = first;
        let (count, object_len) = loop {
            let (number, len, last, offset) = (part.number, part.plaintext.len() as u64, part.last, sealer.offset());
            let sealed = self.alongside(sendable(device::seal_part(sealer, part.plaintext, last)).err_into()).await?;
            let end = offset + sealed.as_bytes().len() as u64;
            self.send(number, offset, sealed, len);
            if last {
                break (number, end);
            }
            while self.in_flight.len() >= PARTS_IN_FLIGHT {
                self.land().await?;
            }
            part = self.alongside(parts.next()).await?;
        };
        while !self.in_flight.is_empty() {
            self.land().await?;
        }
        let (store, upload) = (self.store, self.upload);
        persist(Attempts::at_network(&store.clock), self.watch, |again| async move {
            match upload.complete(count, object_len).await {
                // The answer to the attempt before was lost, not the attempt.
                Err(error) if again && matches!(error.kind(), ErrorKind::AlreadyExists | ErrorKind::NotFound) => {
                    match store.blobs.head(name).await {
                        Ok(meta) if meta.size == object_len => Ok(()),
                        _ => Err(error),
                    }
                }
                result => result,
            }
        })
        .await?;
        Ok(object_len)
    }

    fn send(&mut self, number: u32, offset: u64, sealed: SealedPart, len: u64) {
        let (store, watch, upload) = (self.store, self.watch, self.upload);
        let sent = async move {
            let attempts = Attempts::at_network(&store.clock);
            persist(attempts, watch, |_| upload.put_part(number, offset, sealed.clone())).await?;
            Ok(len)
        };
        self.in_flight.push(sent.boxed());
    }

    /// Waits for one part to arrive.
    async fn land(&mut self) -> Result<()> {
        if let Some(len) = self.in_flight.try_next().await? {
            self.done += len;
            self.watch.progress(self.done, self.total);
        }
        Ok(())
    }

    /// Does `work` while parts are on their way.
    async fn alongside<T>(&mut self, work: impl Future<Output = Result<T>> + Send) -> Result<T> {
        let mut work = std::pin::pin!(work);
        loop {
            if self.in_flight.is_empty() {
                return work.await;
            }
            match select(work.as_mut(), std::pin::pin!(self.land())).await {
                Either::Left((result, _)) => return result,
                Either::Right((landed, _)) => landed?,
            }
        }
    }
}

/// Parts that are being sent at once. Each is held twice: sealed, and by the store that sends it.
const PARTS_IN_FLIGHT: usize = 2;
