//! The streams for `futures::io`.

use std::io::{self, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncSeek, AsyncWrite};

use crate::content::reader::{OpeningReader, Source};
use crate::content::writer::{SealingWriter, Sink};

/// What is below, and who waits for it.
struct Waiting<'a, 'b, T>(&'a mut T, &'a mut Context<'b>);

impl<W: AsyncWrite + Unpin> Sink for Waiting<'_, '_, W> {
    fn poll_write(&mut self, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0).poll_write(self.1, bytes)
    }
}

impl<W: AsyncWrite + Unpin> AsyncWrite for SealingWriter<W> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let (core, writer) = self.parts();
        core.poll_write(bytes, &mut Waiting(writer, cx))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let (core, writer) = self.parts();
        ready!(core.poll_drain(&mut Waiting(writer, cx)))?;
        Pin::new(writer).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let (core, writer) = self.parts();
        ready!(core.poll_finish(&mut Waiting(writer, cx)))?;
        Pin::new(writer).poll_close(cx)
    }
}

impl<R: AsyncRead + AsyncSeek + Unpin> Source for Waiting<'_, '_, R> {
    fn poll_seek(&mut self, position: u64, _begun: &mut bool) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_seek(self.1, SeekFrom::Start(position)).map_ok(drop)
    }

    fn poll_read(&mut self, out: &mut [u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0).poll_read(self.1, out)
    }
}

impl<R: AsyncRead + AsyncSeek + Unpin> AsyncRead for OpeningReader<R> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut [u8]) -> Poll<io::Result<usize>> {
        let (core, reader) = self.parts();
        core.poll_read(out, &mut Waiting(reader, cx))
    }
}

impl<R: AsyncRead + AsyncSeek + Unpin> AsyncSeek for OpeningReader<R> {
    fn poll_seek(mut self: Pin<&mut Self>, cx: &mut Context<'_>, to: SeekFrom) -> Poll<io::Result<u64>> {
        let (core, reader) = self.parts();
        core.poll_seek(to, &mut Waiting(reader, cx))
    }
}
