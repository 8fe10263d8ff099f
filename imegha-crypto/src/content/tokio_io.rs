//! The streams for `tokio::io`.

use std::io::{self, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncSeek, AsyncWrite, ReadBuf};

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

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let (core, writer) = self.parts();
        ready!(core.poll_finish(&mut Waiting(writer, cx)))?;
        Pin::new(writer).poll_shutdown(cx)
    }
}

impl<R: AsyncRead + AsyncSeek + Unpin> Source for Waiting<'_, '_, R> {
    fn poll_seek(&mut self, position: u64, begun: &mut bool) -> Poll<io::Result<()>> {
        if !*begun {
            // A read that was given up may still be going on, and a file does not begin to seek before it has ended.
            ready!(Pin::new(&mut *self.0).poll_complete(self.1))?;
            Pin::new(&mut *self.0).start_seek(SeekFrom::Start(position))?;
            *begun = true;
        }
        Pin::new(&mut *self.0).poll_complete(self.1).map_ok(drop)
    }

    fn poll_read(&mut self, out: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(out);
        ready!(Pin::new(&mut *self.0).poll_read(self.1, &mut buffer))?;
        Poll::Ready(Ok(buffer.filled().len()))
    }
}

impl<R: AsyncRead + AsyncSeek + Unpin> AsyncRead for OpeningReader<R> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let (core, reader) = self.parts();
        let len = ready!(core.poll_read(out.initialize_unfilled(), &mut Waiting(reader, cx)))?;
        out.advance(len);
        Poll::Ready(Ok(()))
    }
}

impl<R: AsyncRead + AsyncSeek + Unpin> AsyncSeek for OpeningReader<R> {
    fn start_seek(mut self: Pin<&mut Self>, to: SeekFrom) -> io::Result<()> {
        self.parts().0.start_seek(to);
        Ok(())
    }

    fn poll_complete(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        let (core, reader) = self.parts();
        core.poll_complete(&mut Waiting(reader, cx))
    }
}
