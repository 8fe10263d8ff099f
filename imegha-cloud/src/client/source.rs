//! Where an upload takes its bytes from.

use std::fmt;
use std::pin::Pin;

use async_trait::async_trait;
use bytes::Bytes;
use futures::{Stream, StreamExt as _};

use crate::error::{Error, ErrorKind, Result};

/// Bytes to upload, as they come.
///
/// `Send` on every target: what is not (a browser's `File`) is wrapped by its implementation.
#[async_trait]
pub trait Source: Send {
    /// How many bytes there are, where that is known. Fewer or more are an error of the upload.
    fn size(&self) -> Option<u64>;

    /// The next bytes, at most `max` of them (fewer are fine); none at the end.
    ///
    /// # Errors
    /// [`ErrorKind::Source`] when they cannot be read.
    async fn read(&mut self, max: usize) -> Result<Bytes>;

    /// Goes back to the first byte. An upload asks for it when it cannot go on from where an earlier one stood
    /// ([`Content::resumable`](crate::Content::resumable)): its source has changed since.
    ///
    /// # Errors
    /// [`ErrorKind::Source`] where that cannot be done, as is the case unless an implementation says otherwise. The next upload
    /// then begins anew.
    async fn rewind(&mut self) -> Result<()> {
        let context = "the source has changed since this upload began: begin it again";
        Err(Error::new(ErrorKind::Source, context))
    }
}

/// Bytes in memory.
#[derive(Clone)]
pub struct BytesSource {
    all: Bytes,
    rest: Bytes,
}

impl BytesSource {
    /// A source of these bytes.
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        let all = bytes.into();
        Self { rest: all.clone(), all }
    }
}

#[async_trait]
impl Source for BytesSource {
    fn size(&self) -> Option<u64> {
        Some(self.all.len() as u64)
    }

    async fn read(&mut self, max: usize) -> Result<Bytes> {
        Ok(self.rest.split_to(max.min(self.rest.len())))
    }

    async fn rewind(&mut self) -> Result<()> {
        self.rest = self.all.clone();
        Ok(())
    }
}

impl fmt::Debug for BytesSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BytesSource({} bytes)", self.all.len())
    }
}

/// A stream of bytes, of a length that may be known.
pub struct StreamSource {
    stream: Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>,
    size: Option<u64>,
    rest: Bytes,
}

impl StreamSource {
    /// A source of what `stream` yields.
    pub fn new(stream: impl Stream<Item = Result<Bytes>> + Send + 'static, size: Option<u64>) -> Self {
        Self { stream: Box::pin(stream), size, rest: Bytes::new() }
    }
}

#[async_trait]
impl Source for StreamSource {
    fn size(&self) -> Option<u64> {
        self.size
    }

    async fn read(&mut self, max: usize) -> Result<Bytes> {
        while self.rest.is_empty() {
            match self.stream.next().await {
                Some(bytes) => self.rest = bytes?,
                None => return Ok(Bytes::new()),
            }
        }
        Ok(self.rest.split_to(max.min(self.rest.len())))
    }
}

impl fmt::Debug for StreamSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamSource").field("size", &self.size).finish_non_exhaustive()
    }
}
