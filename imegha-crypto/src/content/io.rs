//! Content as `std::io` streams: a writer that seals, a reader that opens and seeks.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom, Write};

use zeroize::Zeroize as _;

use crate::content::layout::{self, CHUNK_LEN, HEAD_LEN};
use crate::content::opener::ContentOpener;
use crate::content::prefix::ContentKind;
use crate::content::sealer::ContentSealer;
use crate::id::Id;
use crate::keys::file::FileKey;

/// Writes plaintext, sealed, to another writer.
///
/// [`finish`](Self::finish) writes the last chunk. Without it the object is cut, and does not open: dropping a writer
/// never makes a file that looks whole.
pub struct SealingWriter<W: Write> {
    sealer: ContentSealer,
    writer: W,
    buffer: Vec<u8>,
}

impl<W: Write> SealingWriter<W> {
    /// Seals by `sealer` into `writer`.
    pub fn new(sealer: ContentSealer, writer: W) -> Self {
        Self { sealer, writer, buffer: Self::empty_buffer() }
    }

    /// The object's commitment and salt stand here.
    pub fn sealer(&self) -> &ContentSealer {
        &self.sealer
    }

    /// Writes the last chunk and gives the writer back.
    ///
    /// # Errors
    /// What the writer fails with.
    pub fn finish(mut self) -> io::Result<W> {
        let rest = std::mem::take(&mut self.buffer);
        let part = self.sealer.seal_part(rest, true).map_err(to_io)?;
        self.writer.write_all(part.as_bytes())?;
        self.writer.flush()?;
        Ok(self.writer)
    }

    fn seal_buffer(&mut self) -> io::Result<()> {
        let full = std::mem::replace(&mut self.buffer, Self::empty_buffer());
        let part = self.sealer.seal_part(full, false).map_err(to_io)?;
        self.writer.write_all(part.as_bytes())
    }

    fn empty_buffer() -> Vec<u8> {
        Vec::with_capacity(layout::part_capacity(BUFFER_LEN))
    }
}

impl<W: Write> Write for SealingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(BUFFER_LEN - self.buffer.len());
        self.buffer.extend_from_slice(&bytes[..taken]);
        if self.buffer.len() == BUFFER_LEN {
            self.seal_buffer()?;
        }
        Ok(taken)
    }

    /// Flushes what is sealed. Up to a buffer of plaintext waits for more, or for [`finish`](Self::finish).
    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl<W: Write> fmt::Debug for SealingWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealingWriter").field("sealer", &self.sealer).finish_non_exhaustive()
    }
}

/// Reads plaintext out of a sealed object, from any position.
///
/// Every byte that it gives was verified. That the object ends where it ends is known only when its last chunk has
/// opened: that happens before the first position from the end is worked out, and before reading says that there is no
/// more.
pub struct OpeningReader<R: Read + Seek> {
    opener: ContentOpener,
    reader: R,
    object_len: u64,
    last_chunk: u64,
    last_opened: bool,
    position: u64,
    buffer: Vec<u8>,
    buffer_chunk: Option<u64>,
}

impl<R: Read + Seek> OpeningReader<R> {
    /// Checks the head of the object that `reader` holds.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`] when it is not the object of that key, kind, node and revision.
    pub fn new(mut reader: R, file_key: &FileKey, kind: ContentKind, node: &Id, revision: u64) -> io::Result<Self> {
        let object_len = reader.seek(SeekFrom::End(0))?;
        let last_chunk = layout::last_chunk(object_len).ok_or_else(|| to_io(crate::Error::CannotOpen))?;
        reader.rewind()?;
        let mut head = [0; HEAD_LEN];
        reader.read_exact(&mut head)?;
        let opener = ContentOpener::new(file_key, kind, node, revision, &head).map_err(to_io)?;
        Ok(Self {
            opener,
            reader,
            object_len,
            last_chunk,
            last_opened: false,
            position: 0,
            buffer: Vec::new(),
            buffer_chunk: None,
        })
    }

    /// The commitment and salt stand here.
    pub fn opener(&self) -> &ContentOpener {
        &self.opener
    }

    /// The length of the plaintext: opens the last chunk when that has not been done.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`] when the last chunk does not open: the object was cut or goes on.
    pub fn plain_len(&mut self) -> io::Result<u64> {
        if !self.last_opened {
            self.load(self.last_chunk)?;
        }
        layout::plain_len(self.object_len).ok_or_else(|| to_io(crate::Error::CannotOpen))
    }

    /// Makes `buffer` hold that chunk's plaintext.
    fn load(&mut self, chunk: u64) -> io::Result<()> {
        if self.buffer_chunk == Some(chunk) {
            return Ok(());
        }
        let range = layout::sealed_range(chunk..chunk + 1, self.object_len);
        let holds_last = chunk == self.last_chunk;
        let mut sealed = std::mem::take(&mut self.buffer);
        self.buffer_chunk = None;
        sealed.clear();
        sealed.resize(usize::try_from(range.end - range.start).expect("a chunk is 16,400 bytes at most"), 0);
        self.reader.seek(SeekFrom::Start(range.start))?;
        self.reader.read_exact(&mut sealed)?;
        self.buffer = self.opener.open_chunks(chunk, sealed, holds_last).map_err(to_io)?;
        self.buffer_chunk = Some(chunk);
        self.last_opened |= holds_last;
        Ok(())
    }
}

impl<R: Read + Seek> Read for OpeningReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        let chunk = layout::chunk_of(self.position);
        if chunk > self.last_chunk {
            // Nothing lies there, if the object ends where it seems to.
            self.plain_len()?;
            return Ok(0);
        }
        self.load(chunk)?;
        let within = (self.position % CHUNK_LEN as u64) as usize;
        let rest = self.buffer.get(within..).unwrap_or_default();
        let len = rest.len().min(out.len());
        out[..len].copy_from_slice(&rest[..len]);
        self.position += len as u64;
        Ok(len)
    }
}

impl<R: Read + Seek> Seek for OpeningReader<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.plain_len()?.checked_add_signed(by),
        };
        self.position = position.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}

impl<R: Read + Seek> Drop for OpeningReader<R> {
    fn drop(&mut self) {
        self.buffer.zeroize();
    }
}

impl<R: Read + Seek> fmt::Debug for OpeningReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpeningReader").field("position", &self.position).finish_non_exhaustive()
    }
}

fn to_io(error: crate::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

/// Sixteen chunks.
const BUFFER_LEN: usize = 16 * CHUNK_LEN;
