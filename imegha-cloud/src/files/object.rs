//! The object that holds a file's content: what there is to say of it, and reading it (FORMAT 6).

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::{self, BoxStream};
use futures::{StreamExt as _, TryStreamExt as _, future};
use imegha_crypto::{ContentKind, ContentOpener, FileKey, Hash, Id, device, layout, object_head};
use sha2::{Digest as _, Sha256};

use super::revision::Revision;
use super::thumbnail::{KeptThumbnail, ThumbnailPart};
use crate::backend::ObjectName;
use crate::client::beside::Beside;
use crate::client::local::sendable;
use crate::client::retry::{Attempts, persist};
use crate::client::{Store, Watch};
use crate::error::{Error, ErrorKind, Result};
use crate::photos::Thumbnail;

/// An object that was stored, and what its revision has to say of it.
pub(crate) struct Stored {
    /// The file that it is sealed for.
    pub(crate) node: Id,
    pub(crate) file_key: FileKey,
    pub(crate) name: ObjectName,
    pub(crate) len: u64,
    /// A time at which it was not stored yet.
    pub(crate) since_ms: u64,
    pub(crate) commitment: [u8; 32],
    pub(crate) size: u64,
    pub(crate) sha256: Hash,
    /// The object of its thumbnail, once that is stored.
    pub(crate) thumbnail: Option<ThumbnailPart>,
}

impl Stored {
    /// Removes it, and its thumbnail: no record names them. Best effort, as [`discard`].
    pub(crate) async fn discard(&self, store: &Store) {
        discard(store, &self.name).await;
        if let Some(thumbnail) = &self.thumbnail {
            discard(store, &thumbnail.object).await;
        }
    }
}

/// Removes an object that no record names. Best effort: one that stays is an orphan and is collected later.
pub(crate) async fn discard(store: &Store, name: &ObjectName) {
    let _ = store.blobs.delete(name).await;
}

/// The object of a revision, its content or its thumbnail, ready to be read.
pub(crate) struct Reader {
    store: Store,
    name: ObjectName,
    len: u64,
    chunks: u64,
    head: [u8; HEAD_LEN],
    opener: ContentOpener,
    size: u64,
    /// What the whole of it hashes to, where the record says so.
    sha256: Option<Hash>,
}

impl Reader {
    /// The content of a revision. Nothing is read yet: the head that the object must have follows from the record.
    pub(crate) fn new(store: &Store, revision: &Revision) -> Result<Self> {
        let stored = Stored {
            node: revision.node,
            file_key: revision.file_key.clone(),
            name: revision.object,
            len: revision.object_len,
            since_ms: 0,
            commitment: revision.commitment,
            size: revision.size,
            sha256: revision.sha256,
            thumbnail: None,
        };
        Self::of_stored(store, &stored, revision.number)
    }

    /// What was stored as the content of a revision of that number.
    pub(crate) fn of_stored(store: &Store, stored: &Stored, number: u64) -> Result<Self> {
        let Stored { node, ref file_key, name, len, commitment, size, sha256, .. } = *stored;
        let head = object_head(ContentKind::Content, &node, number, name.as_bytes(), &commitment);
        let opener = ContentOpener::new(file_key, ContentKind::Content, &node, number, &head)?;
        let (store, sha256) = (store.clone(), Some(sha256));
        Self { store, name, len, chunks: 0, head, opener, size, sha256 }.of_its_length()
    }

    /// The thumbnail of a revision, of which nothing is read yet either.
    pub(crate) fn of_thumbnail(store: &Store, kept: &KeptThumbnail) -> Result<Self> {
        let KeptThumbnail { node, number, ref file_key, ref part } = *kept;
        let ThumbnailPart { object, object_len, size, commitment, .. } = *part;
        let head = object_head(ContentKind::Thumbnail, &node, number, object.as_bytes(), &commitment);
        let opener = ContentOpener::new(file_key, ContentKind::Thumbnail, &node, number, &head)?;
        if size > Thumbnail::MAX_LEN as u64 {
            return Err(damaged());
        }
        let store = store.clone();
        Self { store, name: object, len: object_len, chunks: 0, head, opener, size, sha256: None }.of_its_length()
    }

    /// The same with its chunks counted, if the length that the record says is one that the object can have.
    fn of_its_length(self) -> Result<Self> {
        let last = layout::last_chunk(self.len).ok_or_else(damaged)?;
        match layout::plain_len(self.len).is_some_and(|plain_len| self.size <= plain_len) {
            true => Ok(Self { chunks: last + 1, ..self }),
            false => Err(damaged()),
        }
    }

    /// All of the plaintext. The stream ends with an error, before its last piece, unless size and SHA-256 are the record's.
    pub(crate) fn read(self) -> BoxStream<'static, Result<Bytes>> {
        let cut = Cut { skip: 0, left: self.size, windows: 0, hash: self.sha256.map(|sha256| (Sha256::new(), sha256)) };
        let chunks = 0..self.chunks;
        self.stream(chunks, cut)
    }

    /// All of the plaintext in memory. For what is known to be small.
    pub(crate) async fn read_whole(self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut pieces = self.read();
        while let Some(piece) = pieces.try_next().await? {
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes)
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
        let is_long = cut.hash.is_some() && windows.len() > 1;
        let from = reader.clone();
        let fetched = stream::iter(windows).map(move |chunks| {
            let reader = from.clone();
            async move {
                persist(Attempts::at_network(&reader.store.clock), &Watch::default(), |_| reader.fetch(chunks.clone()))
                    .await
            }
        });
        let fetched = fetched.buffered(WINDOWS_IN_FLIGHT).boxed();
        let opened = match is_long && cfg!(not(target_arch = "wasm32")) {
            true => open_beside(reader, fetched, cut),
            false => open_between(reader, fetched, cut),
        };
        opened.try_filter(|piece| future::ready(!piece.is_empty())).boxed()
    }

    /// Whole chunks, as they are stored. What the store says about what it sends is believed only as far as it fits.
    async fn fetch(&self, chunks: Range<u64>) -> Result<Fetched> {
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
        Ok(Fetched { first: chunks.start, sealed, holds_last: chunks.end == self.chunks })
    }
}

/// Some chunks of an object.
struct Fetched {
    first: u64,
    sealed: Vec<u8>,
    holds_last: bool,
}

/// Opens each window between two others: where there is one thread, and where there is not enough of it to be worth another.
fn open_between(
    reader: Arc<Reader>,
    fetched: BoxStream<'static, Result<Fetched>>,
    cut: Cut,
) -> BoxStream<'static, Result<Bytes>> {
    let start = (reader, fetched, cut);
    stream::try_unfold(start, |(reader, mut fetched, mut cut)| async move {
        let Some(Fetched { first, sealed, holds_last }) = fetched.try_next().await? else { return Ok(None) };
        let opened = sendable(device::open_chunks(&reader.opener, first, sealed, holds_last)).await?;
        let piece = cut.take(opened.into())?;
        Ok(Some((piece, (reader, fetched, cut))))
    })
    .boxed()
}

/// Opens and hashes on another thread what has come, while more is coming: together they take as long as a fast network does.
fn open_beside(
    reader: Arc<Reader>,
    fetched: BoxStream<'static, Result<Fetched>>,
    mut cut: Cut,
) -> BoxStream<'static, Result<Bytes>> {
    let work = move |Fetched { first, sealed, holds_last }: Fetched| {
        cut.take(reader.opener.open_chunks(first, sealed, holds_last)?.into())
    };
    match Beside::start(work) {
        Ok(beside) => fetched
            .map(move |fetched| {
                let opened = fetched.map(|fetched| beside.run(fetched));
                async move { opened?.await? }
            })
            .buffered(WINDOWS_BESIDE)
            .boxed(),
        Err(mut work) => fetched.map(move |fetched| work(fetched?)).boxed(),
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
/// Chunks that are fetched by one request: 4 MiB.
const WINDOW_CHUNKS: u64 = 256;
/// Requests of one download at once.
const WINDOWS_IN_FLIGHT: usize = 3;
/// Windows that are opened, or wait for it, while others are on their way.
const WINDOWS_BESIDE: usize = 2;

fn windows(chunks: Range<u64>) -> impl Iterator<Item = Range<u64>> {
    chunks.clone().step_by(WINDOW_CHUNKS as usize).map(move |start| start..(start + WINDOW_CHUNKS).min(chunks.end))
}

fn damaged() -> Error {
    Error::new(ErrorKind::CannotOpen, "a file's object is not what its record says")
}
