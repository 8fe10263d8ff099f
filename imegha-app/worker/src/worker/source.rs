//! A file of the page as the source of an upload, read slice by slice.

use async_trait::async_trait;
use bytes::Bytes;
use imegha_cloud::{Error, ErrorKind, Source};
use js_sys::Uint8Array;
use send_wrapper::SendWrapper;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

/// Reads a `File` or `Blob` from its beginning to its end.
#[derive(Debug)]
pub(crate) struct FileSource {
    file: SendWrapper<Blob>,
    size: u64,
    position: u64,
}

impl FileSource {
    /// A source of all of `file`.
    pub(crate) fn new(file: Blob) -> Self {
        // A file's size is a whole number below 2^53.
        let size = file.size() as u64;
        Self { file: SendWrapper::new(file), size, position: 0 }
    }
}

#[async_trait]
impl Source for FileSource {
    fn size(&self) -> Option<u64> {
        Some(self.size)
    }

    async fn read(&mut self, max: usize) -> Result<Bytes, Error> {
        let end = self.position.saturating_add(max as u64).min(self.size);
        if end == self.position {
            return Ok(Bytes::new());
        }
        let bytes = SendWrapper::new(read(&self.file, self.position, end)).await?;
        self.position = end;
        Ok(bytes)
    }

    async fn rewind(&mut self) -> Result<(), Error> {
        self.position = 0;
        Ok(())
    }
}

/// Bytes `start..end`. A browser refuses to read a file that was moved or changed since the person chose it.
async fn read(file: &Blob, start: u64, end: u64) -> Result<Bytes, Error> {
    let changed = |_| Error::new(ErrorKind::Source, "the file can no longer be read");
    let slice = file.slice_with_f64_and_f64(start as f64, end as f64).map_err(changed)?;
    let buffer = JsFuture::from(slice.array_buffer()).await.map_err(changed)?;
    let bytes = Uint8Array::new(&buffer).to_vec();
    if bytes.len() as u64 != end - start {
        return Err(Error::new(ErrorKind::Source, "the file is shorter than it was"));
    }
    Ok(bytes.into())
}
