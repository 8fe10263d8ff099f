//! Opening as a stream, from any position. Blocking here, for futures in `futures_io` and `tokio_io`.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};
use std::task::{Poll, ready};

use zeroize::Zeroize;

use crate::content::layout::{self, CHUNK_LEN, HEAD_LEN};
use crate::content::opener::ContentOpener;
use crate::content::prefix::ContentKind;
use crate::error::Error;
use crate::id::Id;
use crate::keys::file::FileKey;

/// Reads plaintext out of a sealed object, from any position.
///
/// It is a [`std::io::Read`] and [`Seek`] over one that is both; with the features `futures` and `tokio` also their
/// `AsyncRead` and `AsyncSeek`. It reads the chunks that a call asks for and no other, so the size of the caller's buffer
/// decides: a mebibyte or more at once is opened straight into that buffer, on the threads of
/// [`ContentOpener::with_threads`]; less than a chunk at a time goes through one chunk's buffer. The asynchronous ones open
/// where they are polled, and wait there for the threads.
///
/// Every byte that it gives was verified. That the object ends where it ends is known only when its last chunk has
/// opened: that happens before the first position from the end is worked out, and before reading says that there is no
/// more.
pub struct OpeningReader<R> {
    core: Core,
    reader: R,
}

impl<R: Read + Seek> OpeningReader<R> {
    /// Checks the head of the object that `reader` holds.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`] when it is not the object of that key, kind, node and revision.
    pub fn new(mut reader: R, file_key: &FileKey, kind: ContentKind, node: &Id, revision: u64) -> io::Result<Self> {
        let object_len = reader.seek(SeekFrom::End(0))?;
        layout::last_chunk(object_len).ok_or_else(|| super::to_io(Error::CannotOpen))?;
        reader.rewind()?;
        let mut head = [0; HEAD_LEN];
        reader.read_exact(&mut head)?;
        let opener = ContentOpener::new(file_key, kind, node, revision, &head).map_err(super::to_io)?;
        Self::from_opener(opener, reader, object_len)
    }

    /// The length of the plaintext: opens the last chunk when that has not been done.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`] when the last chunk does not open: the object was cut or goes on.
    pub fn plain_len(&mut self) -> io::Result<u64> {
        now(self.core.poll_plain_len(&mut Blocking(&mut self.reader)))
    }
}

impl<R> OpeningReader<R> {
    /// Over an object of which the first 88 bytes are known: `opener` was made from them. `object_len` is what storage says.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`] when no object has that length.
    pub fn from_opener(opener: ContentOpener, reader: R, object_len: u64) -> io::Result<Self> {
        Ok(Self { core: Core::new(opener, object_len)?, reader })
    }

    /// The commitment and salt stand here.
    pub fn opener(&self) -> &ContentOpener {
        &self.core.opener
    }

    #[cfg(any(feature = "futures", feature = "tokio"))]
    pub(super) fn parts(&mut self) -> (&mut Core, &mut R) {
        (&mut self.core, &mut self.reader)
    }
}

impl<R: Read + Seek> Read for OpeningReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        now(self.core.poll_read(out, &mut Blocking(&mut self.reader)))
    }
}

impl<R: Read + Seek> Seek for OpeningReader<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        now(self.core.poll_seek(to, &mut Blocking(&mut self.reader)))
    }
}

impl<R> fmt::Debug for OpeningReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpeningReader").field("position", &self.core.position).finish_non_exhaustive()
    }
}

/// A reader that may have to wait, of whatever kind.
pub(super) trait Source {
    /// Goes to `position`. What has `begun` is asked for with the same position until it is ready.
    fn poll_seek(&mut self, position: u64, begun: &mut bool) -> Poll<io::Result<()>>;
    fn poll_read(&mut self, out: &mut [u8]) -> Poll<io::Result<usize>>;
}

/// What all kinds of opening readers do. Can be called again after [`Poll::Pending`] or an error.
pub(super) struct Core {
    opener: ContentOpener,
    object_len: u64,
    last_chunk: u64,
    last_opened: bool,
    position: u64,
    #[cfg(feature = "tokio")]
    sought: Option<SeekFrom>,
    fetch: Fetch,
    /// The plaintext of one chunk, and which.
    buffer: Vec<u8>,
    buffer_chunk: Option<u64>,
}

impl Core {
    fn new(opener: ContentOpener, object_len: u64) -> io::Result<Self> {
        let last_chunk = layout::last_chunk(object_len).ok_or_else(|| super::to_io(Error::CannotOpen))?;
        Ok(Self {
            opener,
            object_len,
            last_chunk,
            last_opened: false,
            position: 0,
            #[cfg(feature = "tokio")]
            sought: None,
            fetch: Fetch::default(),
            buffer: Vec::new(),
            buffer_chunk: None,
        })
    }

    pub(super) fn poll_read(&mut self, out: &mut [u8], source: &mut impl Source) -> Poll<io::Result<usize>> {
        if out.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let chunk = layout::chunk_of(self.position);
        if chunk > self.last_chunk {
            // Nothing lies there, if the object ends where it seems to.
            ready!(self.poll_plain_len(source))?;
            return Poll::Ready(Ok(0));
        }
        let within = (self.position % CHUNK_LEN as u64) as usize;
        let len = if self.buffer_chunk != Some(chunk) && within == 0 && out.len() >= CHUNK_LEN {
            ready!(self.poll_chunks(chunk, out, source))?
        } else {
            ready!(self.poll_load(chunk, source))?;
            let rest = self.buffer.get(within..).unwrap_or_default();
            let len = rest.len().min(out.len());
            out[..len].copy_from_slice(&rest[..len]);
            len
        };
        self.position += len as u64;
        Poll::Ready(Ok(len))
    }

    pub(super) fn poll_seek(&mut self, to: SeekFrom, source: &mut impl Source) -> Poll<io::Result<u64>> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => ready!(self.poll_plain_len(source))?.checked_add_signed(by),
        };
        self.position = position.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Poll::Ready(Ok(self.position))
    }

    /// A seek in two steps. A new one takes the place of one that was not completed.
    #[cfg(feature = "tokio")]
    pub(super) fn start_seek(&mut self, to: SeekFrom) {
        self.sought = Some(to);
    }

    #[cfg(feature = "tokio")]
    pub(super) fn poll_complete(&mut self, source: &mut impl Source) -> Poll<io::Result<u64>> {
        let Some(to) = self.sought else { return Poll::Ready(Ok(self.position)) };
        let position = ready!(self.poll_seek(to, source));
        self.sought = None;
        Poll::Ready(position)
    }

    fn poll_plain_len(&mut self, source: &mut impl Source) -> Poll<io::Result<u64>> {
        if !self.last_opened {
            ready!(self.poll_load(self.last_chunk, source))?;
        }
        Poll::Ready(layout::plain_len(self.object_len).ok_or_else(|| super::to_io(Error::CannotOpen)))
    }

    /// Opens as many whole chunks as `out` has room for, straight into it.
    fn poll_chunks(&mut self, chunk: u64, out: &mut [u8], source: &mut impl Source) -> Poll<io::Result<usize>> {
        let most = (out.len() / CHUNK_LEN).min(self.opener.threads() * RUN_CHUNKS) as u64;
        let chunks = chunk..(chunk + most).min(self.last_chunk + 1);
        let holds_last = chunks.end > self.last_chunk;
        let sealed = ready!(self.fetch.poll(layout::sealed_range(chunks, self.object_len), source))?;
        let len = self.opener.open_chunks_to(chunk, sealed, holds_last, out).map_err(super::to_io)?;
        self.last_opened |= holds_last;
        Poll::Ready(Ok(len))
    }

    /// Makes `buffer` hold that chunk's plaintext.
    fn poll_load(&mut self, chunk: u64, source: &mut impl Source) -> Poll<io::Result<()>> {
        if self.buffer_chunk == Some(chunk) {
            return Poll::Ready(Ok(()));
        }
        let holds_last = chunk == self.last_chunk;
        let sealed = ready!(self.fetch.poll(layout::sealed_range(chunk..chunk + 1, self.object_len), source))?;
        self.buffer_chunk = None;
        self.buffer.resize(CHUNK_LEN, 0);
        let opened = self.opener.open_chunks_to(chunk, sealed, holds_last, &mut self.buffer);
        self.buffer.truncate(opened.map_err(super::to_io)?);
        self.buffer_chunk = Some(chunk);
        self.last_opened |= holds_last;
        Poll::Ready(Ok(()))
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        self.buffer.zeroize();
    }
}

/// Sealed chunks on their way from the source.
#[derive(Default)]
struct Fetch {
    buffer: Vec<u8>,
    /// Which bytes of the object are being read, and how many of them were.
    from: u64,
    len: usize,
    filled: usize,
    /// Where the source is going, and whether it has begun to.
    seeking: Option<(u64, bool)>,
    /// Where the source stands, as far as that is known.
    source_at: Option<u64>,
}

impl Fetch {
    /// Reads that range of the object. A call with another range than the one before begins anew.
    fn poll(&mut self, range: std::ops::Range<u64>, source: &mut impl Source) -> Poll<io::Result<&[u8]>> {
        let len = usize::try_from(range.end - range.start).expect("runs of chunks are short");
        if (self.from, self.len) != (range.start, len) {
            (self.from, self.len, self.filled) = (range.start, len, 0);
        }
        if self.buffer.len() < len {
            self.buffer.resize(len, 0);
        }
        while self.filled < len {
            let at = self.from + self.filled as u64;
            if self.source_at != Some(at) {
                self.source_at = None;
                // A call that was given up may have left the source on its way to somewhere else: that ends first.
                let (position, begun) = self.seeking.get_or_insert((at, false));
                let position = *position;
                let sought = ready!(source.poll_seek(position, begun));
                self.seeking = None;
                sought?;
                self.source_at = Some(position);
                continue;
            }
            match ready!(source.poll_read(&mut self.buffer[self.filled..len])) {
                Ok(0) => return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into())),
                Ok(more) => {
                    self.filled += more;
                    self.source_at = Some(at + more as u64);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.source_at = None;
                    return Poll::Ready(Err(error));
                }
            }
        }
        // What was read once is not kept: the same range may be asked for again.
        self.filled = 0;
        Poll::Ready(Ok(&self.buffer[..len]))
    }
}

struct Blocking<'a, R>(&'a mut R);

impl<R: Read + Seek> Source for Blocking<'_, R> {
    fn poll_seek(&mut self, position: u64, _begun: &mut bool) -> Poll<io::Result<()>> {
        Poll::Ready(self.0.seek(SeekFrom::Start(position)).map(drop))
    }

    fn poll_read(&mut self, out: &mut [u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(self.0.read(out))
    }
}

fn now<T>(poll: Poll<io::Result<T>>) -> io::Result<T> {
    match poll {
        Poll::Ready(result) => result,
        Poll::Pending => unreachable!("a blocking reader does not ask to wait"),
    }
}

/// Chunks that are read at once, for each thread: 1 MiB.
const RUN_CHUNKS: usize = 64;
