//! Where an upload takes its bytes from.

use std::fmt;
use std::pin::Pin;

use async_trait::async_trait;
use bytes::Bytes;
use futures::{Stream, StreamExt as _};

use crate::error::Result;

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
    /// [`ErrorKind::Source`](crate::ErrorKind::Source) when they cannot be read.
    async fn read(&mut self, max: usize) -> Result<Bytes>;
}

/// Bytes in memory.
#[derive(Clone)]
pub struct BytesSource(Bytes);

impl BytesSource {
    /// A source of these bytes.
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self(bytes.into())
    }
}

#[async_trait]
impl Source for BytesSource {
    fn size(&self) -> Option<u64> {
        Some(self.0.len() as u64)
    }

    async fn read(&mut self, max: usize) -> Result<Bytes> {
        Ok(self.0.split_to(max.min(self.0.len())))
    }
}

impl fmt::Debug for BytesSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BytesSource({} bytes)", self.0.len())
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
