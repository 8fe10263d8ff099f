//! The bytes of a download, kept outside of this worker's memory.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;
use web_sys::{Blob, BlobPropertyBag};

use crate::protocol::{ErrorCode, Failure};

/// Collects bytes into blobs, which browsers keep in another process or on disk.
pub(crate) struct Parts {
    blobs: Array,
    bytes: Vec<u8>,
}

impl Parts {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Self { blobs: Array::new(), bytes: Vec::new() }
    }

    /// Adds bytes at the end.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() >= PART {
            self.flush()?;
        }
        Ok(())
    }

    /// All of it, under a type. A blob has the page's origin, and content is not to be run there: so the type is never the one that
    /// somebody named, but [`UNKNOWN`], or that of an image by its own bytes.
    pub(crate) fn join(mut self, mime: &str) -> Result<Blob, Failure> {
        self.flush()?;
        let options = BlobPropertyBag::new();
        options.set_type(mime);
        Blob::new_with_blob_sequence_and_options(&self.blobs, &options).map_err(full)
    }

    fn flush(&mut self) -> Result<(), Failure> {
        let copied = Array::of1(&Uint8Array::from(self.bytes.as_slice()));
        self.blobs.push(&Blob::new_with_u8_array_sequence(&copied).map_err(full)?.into());
        self.bytes.clear();
        Ok(())
    }
}

fn full(_: JsValue) -> Failure {
    Failure::new(ErrorCode::StorageFull)
}

/// The type that says nothing of what is in it.
pub(crate) const UNKNOWN: &str = "application/octet-stream";

/// 4 MiB.
const PART: usize = 4 * 1024 * 1024;
