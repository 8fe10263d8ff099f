//! Writing the object that holds a file's content, and reading it back (FORMAT 6).

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures::future::{BoxFuture, Either, select};
use futures::stream::{self, BoxStream, FuturesUnordered};
use futures::{FutureExt as _, StreamExt as _, TryFutureExt as _, TryStreamExt as _};
use imegha_crypto::{
    ContentKind, ContentOpener, ContentSealer, FileKey, Hash, Id, SealedObject, SealedPart, device, layout, object_head,
};
use sha2::{Digest as _, Sha256};

use super::parts::{Part, Parts};
use super::revision::Revision;
use crate::backend::{ObjectName, Upload};
use crate::client::local::sendable;
use crate::client::retry::{Attempts, persist};
use crate::client::{Source, Store, Watch};
use crate::error::{Error, ErrorKind, Result};

/// An object that was stored, and what its revision has to say of it.
pub(crate) struct Stored {
    pub(crate) file_key: FileKey,
    pub(crate) name: ObjectName,
    pub(crate) len: u64,
    pub(crate) commitment: [u8; 32],
    pub(crate) size: u64,
    pub(crate) sha256: Hash,
}

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

/// Removes an object that no record names. Best effort: one that stays is an orphan and is collected later.
pub(crate) async fn discard(store: &Store, name: &ObjectName) {
    let _ = store.blobs.delete(name).await;
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

/// The object of a revision, ready to be read.
pub(crate) struct Reader {
    store: Store,
    name: ObjectName,
    len: u64,
    chunks: u64,
    head: [u8; HEAD_LEN],
    opener: ContentOpener,
    size: u64,
    sha256: Hash,
}

impl Reader {
    /// Nothing is read yet: the head that the object must have follows from the record.
    pub(crate) fn new(store: &Store, revision: &Revision) -> Result<Self> {
        let Revision { node, number, object, commitment, .. } = revision;
        let head = object_head(ContentKind::Content, node, *number, object.as_bytes(), commitment);
        let opener = ContentOpener::new(&revision.file_key, ContentKind::Content, node, *number, &head)?;
        let last = layout::last_chunk(revision.object_len).ok_or_else(damaged)?;
        let (chunks, len) = (last + 1, revision.object_len);
        if layout::plain_len(len).is_none_or(|plain_len| revision.size > plain_len) {
            return Err(damaged());
        }
        Ok(Self {
            store: store.clone(),
            name: revision.object,
            len,
            chunks,
            head,
            opener,
            size: revision.size,
            sha256: revision.sha256,
        })
    }

    /// All of the plaintext. The stream ends with an error, before its last piece, unless size and SHA-256 are the record's.
    pub(crate) fn read(self) -> BoxStream<'static, Result<Bytes>> {
        let cut = Cut { skip: 0, left: self.size, windows: 0, hash: Some((Sha256::new(), self.sha256)) };
        let chunks = 0..self.chunks;
        self.stream(chunks, cut)
    }

    /// The plaintext of a range, which must lie within the file.
    pub(crate) fn read_range(self, range: Range<u64>) -> Result<BoxStream<'static, Result<Bytes>>> {
        if range.start > range.end || range.end > self.size {
            return Err(Error::new(ErrorKind::Malformed, "this range is not within the file"));
        }
        if range.is_empty() {
            return Ok(stream::empty().boxed());
        }
        let chunks = layout::chunk_of(range.start)..layout::chunk_of(range.end - 1) + 1;
        let skip = range.start - chunks.start * layout::CHUNK_LEN as u64;
        let cut = Cut { skip, left: range.end - range.start, windows: 0, hash: None };
        Ok(self.stream(chunks, cut))
    }

    fn stream(self, chunks: Range<u64>, mut cut: Cut) -> BoxStream<'static, Result<Bytes>> {
        let reader = Arc::new(self);
        let windows: Vec<Range<u64>> = windows(chunks).collect();
        cut.windows = windows.len();
        let fetched = stream::iter(windows).map(move |chunks| {
            let reader = reader.clone();
            async move {
                persist(Attempts::at_network(&reader.store.clock), &Watch::default(), |_| reader.fetch(chunks.clone()))
                    .await
            }
        });
        let fetched = fetched.buffered(WINDOWS_IN_FLIGHT).boxed();
        stream::try_unfold((fetched, cut), |(mut fetched, mut cut)| async move {
            while let Some(plaintext) = fetched.try_next().await? {
                let plaintext = cut.take(plaintext.into())?;
                if !plaintext.is_empty() {
                    return Ok(Some((plaintext, (fetched, cut))));
                }
            }
            Ok(None)
        })
        .boxed()
    }

    /// The plaintext of whole chunks. What the store says about what it sends is believed only as far as it fits.
    async fn fetch(&self, chunks: Range<u64>) -> Result<Vec<u8>> {
        let mut range = layout::sealed_range(chunks.clone(), self.len);
        let with_head = chunks.start == 0;
        if with_head {
            range.start = 0;
        }
        let body = self.store.blobs.get(&self.name, Some(range.clone())).await.map_err(|error| match error.kind() {
            ErrorKind::NotFound | ErrorKind::Malformed => {
                Error::with_source(ErrorKind::CannotOpen, "a file's object is missing or cut", error)
            }
            _ => error,
        })?;
        if body.size != self.len || body.range != range {
            return Err(damaged());
        }
        let len = usize::try_from(range.end - range.start).map_err(|_| damaged())?;
        let mut sealed = Vec::with_capacity(len);
        let mut stream = body.stream;
        while let Some(bytes) = stream.try_next().await? {
            if sealed.len() + bytes.len() > len {
                return Err(damaged());
            }
            sealed.extend_from_slice(&bytes);
        }
        if sealed.len() != len {
            return Err(damaged());
        }
        // Prefix, salt and commitment are those that the signed record names: not another object's, not another attempt's.
        if with_head && !sealed.drain(..HEAD_LEN).eq(self.head) {
            return Err(damaged());
        }
        let holds_last = chunks.end == self.chunks;
        Ok(sendable(device::open_chunks(&self.opener, chunks.start, sealed, holds_last)).await?)
    }
}

/// Cuts what was opened to what was asked for.
struct Cut {
    skip: u64,
    left: u64,
    /// How many pieces are to come.
    windows: usize,
    /// With a whole read: what was hashed so far, and what it must come to.
    hash: Option<(Sha256, Hash)>,
}

impl Cut {
    /// What of the next piece was asked for. The last is given only when everything before it was right.
    fn take(&mut self, mut plaintext: Bytes) -> Result<Bytes> {
        let skip = self.skip.min(plaintext.len() as u64);
        self.skip -= skip;
        let mut plaintext = plaintext.split_off(skip as usize);
        plaintext.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
        self.left -= plaintext.len() as u64;
        self.windows -= 1;
        if let Some((hasher, _)) = &mut self.hash {
            hasher.update(&plaintext);
        }
        if self.windows == 0 {
            let wrong = |(hasher, expected): (Sha256, Hash)| hasher.finalize()[..] != expected.as_bytes()[..];
            if self.left > 0 || self.hash.take().is_some_and(wrong) {
                return Err(damaged());
            }
        }
        Ok(plaintext)
    }
}

/// Prefix, salt and commitment: what stands before the first chunk.
const HEAD_LEN: usize = layout::HEAD_LEN;
/// Parts that are being sent at once. Each is held twice: sealed, and by the store that sends it.
const PARTS_IN_FLIGHT: usize = 2;
/// Chunks that are fetched by one request: 4 MiB.
const WINDOW_CHUNKS: u64 = 256;
/// Requests of one download at once.
const WINDOWS_IN_FLIGHT: usize = 3;

fn windows(chunks: Range<u64>) -> impl Iterator<Item = Range<u64>> {
    chunks.clone().step_by(WINDOW_CHUNKS as usize).map(move |start| start..(start + WINDOW_CHUNKS).min(chunks.end))
}

fn damaged() -> Error {
    Error::new(ErrorKind::CannotOpen, "a file's object is not what its record says")
}
