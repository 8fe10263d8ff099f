//! Sealing as a stream: what is written comes out sealed. Blocking here, for futures in `futures_io` and `tokio_io`.

use std::fmt;
use std::io::{self, Write};
use std::task::{Poll, ready};

use crate::content::layout::CHUNK_LEN;
use crate::content::part::PartBuffer;
use crate::content::sealer::ContentSealer;
use crate::error::Error;

/// Writes plaintext, sealed, to another writer.
///
/// It is a [`std::io::Write`] over one; with the feature `futures` also a `futures::io::AsyncWrite` over one, with `tokio` a
/// `tokio::io::AsyncWrite`. It holds one buffer, of 256 KiB, and of 1 MiB for each thread when the sealer has more than one
/// ([`ContentSealer::with_threads`]): plaintext is copied to where it will be sealed, and from there written.
///
/// The asynchronous ones seal where they are polled: a buffer of 256 KiB takes some 0.1 ms. With more threads a poll waits for
/// them, so that it belongs on a thread that may block.
///
/// [`finish`](Self::finish) writes the last chunk, as closing or shutting down does where that is asynchronous. Without it
/// the object is cut, and does not open: dropping a writer never makes a file that looks whole.
pub struct SealingWriter<W> {
    core: Core,
    writer: W,
}

impl<W> SealingWriter<W> {
    /// Seals by `sealer` into `writer`.
    pub fn new(sealer: ContentSealer, writer: W) -> Self {
        Self { core: Core::new(sealer), writer }
    }

    /// The object's commitment and salt stand here.
    pub fn sealer(&self) -> &ContentSealer {
        &self.core.sealer
    }

    /// The writer below. What was not finished, closed or shut down before stays cut.
    pub fn into_inner(self) -> W {
        self.writer
    }

    #[cfg(any(feature = "futures", feature = "tokio"))]
    pub(super) fn parts(&mut self) -> (&mut Core, &mut W) {
        (&mut self.core, &mut self.writer)
    }
}

impl<W: Write> SealingWriter<W> {
    /// Writes the last chunk and gives the writer back.
    ///
    /// # Errors
    /// What the writer fails with.
    pub fn finish(mut self) -> io::Result<W> {
        now(self.core.poll_finish(&mut Blocking(&mut self.writer)))?;
        self.writer.flush()?;
        Ok(self.writer)
    }
}

impl<W: Write> Write for SealingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        now(self.core.poll_write(bytes, &mut Blocking(&mut self.writer)))
    }

    /// Flushes what is sealed. Up to a buffer of plaintext waits for more, or for [`finish`](Self::finish).
    fn flush(&mut self) -> io::Result<()> {
        now(self.core.poll_drain(&mut Blocking(&mut self.writer)))?;
        self.writer.flush()
    }
}

impl<W> fmt::Debug for SealingWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealingWriter").field("sealer", &self.core.sealer).finish_non_exhaustive()
    }
}

/// A writer that may have to wait, of whatever kind.
pub(super) trait Sink {
    fn poll_write(&mut self, bytes: &[u8]) -> Poll<io::Result<usize>>;
}

/// What all kinds of sealing writers do. Can be called again after [`Poll::Pending`] or an error: it goes on where it stood.
pub(super) struct Core {
    sealer: ContentSealer,
    part: PartBuffer,
    state: State,
}

#[derive(Clone, Copy)]
enum State {
    /// The buffer holds plaintext.
    Filling,
    /// It holds a sealed part, and so much of that was written.
    Draining {
        written: usize,
        last: bool,
    },
    Finished,
    /// Sealing failed: nothing can follow, and the object stays cut.
    Failed,
}

impl Core {
    fn new(sealer: ContentSealer) -> Self {
        let capacity = match sealer.threads() {
            1 => BUFFER_LEN,
            threads => threads * BUFFER_LEN_OF_THREAD,
        };
        let part = if sealer.offset() == 0 { PartBuffer::first(capacity) } else { PartBuffer::next(capacity) };
        Self { sealer, part, state: State::Filling }
    }

    pub(super) fn poll_write(&mut self, bytes: &[u8], sink: &mut impl Sink) -> Poll<io::Result<usize>> {
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        ready!(self.poll_drain(sink))?;
        if matches!(self.state, State::Finished) {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let taken = self.part.push(bytes);
        if self.part.is_full() {
            // Never the last part: that ends with less than a chunk. It is written by the next call, which can say what fails.
            self.seal(false)?;
        }
        Poll::Ready(Ok(taken))
    }

    /// Writes what is sealed.
    pub(super) fn poll_drain(&mut self, sink: &mut impl Sink) -> Poll<io::Result<()>> {
        while let State::Draining { written, last } = self.state {
            let rest = &self.part.bytes()[written..];
            if rest.is_empty() {
                self.part.reuse();
                self.state = if last { State::Finished } else { State::Filling };
                break;
            }
            match ready!(sink.poll_write(rest)) {
                Ok(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Ok(more) => self.state = State::Draining { written: written + more, last },
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        match self.state {
            State::Failed => Poll::Ready(Err(super::to_io(Error::Bounds))),
            State::Filling | State::Draining { .. } | State::Finished => Poll::Ready(Ok(())),
        }
    }

    /// Writes the last chunk, and all that is before it.
    pub(super) fn poll_finish(&mut self, sink: &mut impl Sink) -> Poll<io::Result<()>> {
        ready!(self.poll_drain(sink))?;
        if matches!(self.state, State::Filling) {
            self.seal(true)?;
        }
        self.poll_drain(sink)
    }

    fn seal(&mut self, last: bool) -> io::Result<()> {
        // What is sealed already must not go through the cipher again, which would open it: there is no second attempt.
        self.state = State::Failed;
        self.sealer.seal_in_place(&mut self.part, last).map_err(super::to_io)?;
        self.state = State::Draining { written: 0, last };
        Ok(())
    }
}

struct Blocking<'a, W>(&'a mut W);

impl<W: Write> Sink for Blocking<'_, W> {
    fn poll_write(&mut self, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(self.0.write(bytes))
    }
}

fn now<T>(poll: Poll<io::Result<T>>) -> io::Result<T> {
    match poll {
        Poll::Ready(result) => result,
        Poll::Pending => unreachable!("a blocking writer does not ask to wait"),
    }
}

/// Sixteen chunks.
const BUFFER_LEN: usize = 16 * CHUNK_LEN;
/// What a thread that is started for it should find to do.
const BUFFER_LEN_OF_THREAD: usize = 64 * CHUNK_LEN;
