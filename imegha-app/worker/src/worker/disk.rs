//! A file on this device that the person chose, written while it is opened.

use bytes::Bytes;
use js_sys::{Promise, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemWritableFileStream};

use crate::protocol::{ErrorCode, Failure};

/// A file that is being written. The browser writes beside it; what was there stays until [`Writing::finish`], and is what is there when
/// this is dropped before.
#[derive(Debug)]
pub(super) struct Writing {
    stream: Option<FileSystemWritableFileStream>,
    /// The folder and the name of a file that is to be taken away again when it is not finished.
    made: Option<(FileSystemDirectoryHandle, String)>,
}

impl Writing {
    /// Begins to write.
    pub(super) async fn begin(file: &FileSystemFileHandle) -> Result<Self, Failure> {
        let stream = JsFuture::from(file.create_writable()).await.map_err(|error| refused(&error))?;
        Ok(Self { stream: Some(stream.unchecked_into()), made: None })
    }

    /// The same of a file that was made for it: unless it is finished, nothing stays under its name.
    pub(super) fn removing(mut self, folder: FileSystemDirectoryHandle, name: &str) -> Self {
        self.made = Some((folder, name.to_owned()));
        self
    }

    /// Writes at the end.
    pub(super) async fn write(&self, bytes: &Bytes) -> Result<(), Failure> {
        let stream = self.stream.as_ref().expect("it is there until it is finished");
        // A copy: memory of this worker may move while it is written.
        let written = stream.write_with_js_u8_array(&Uint8Array::from(&bytes[..])).map_err(|error| refused(&error))?;
        JsFuture::from(written.unchecked_into::<Promise>()).await.map(drop).map_err(|error| refused(&error))
    }

    /// Puts what was written in its place.
    pub(super) async fn finish(mut self) -> Result<(), Failure> {
        let stream = self.stream.as_ref().expect("it is there until it is finished");
        JsFuture::from(stream.close().unchecked_into::<Promise>()).await.map_err(|error| refused(&error))?;
        self.stream = None;
        Ok(())
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if let Some(stream) = self.stream.take() {
            let (aborted, made) = (stream.abort(), self.made.take());
            // Nobody waits for it; without anybody the browser would report what fails.
            wasm_bindgen_futures::spawn_local(async move {
                drop(JsFuture::from(aborted.unchecked_into::<Promise>()).await);
                if let Some((folder, name)) = made {
                    drop(JsFuture::from(folder.remove_entry(&name).unchecked_into::<Promise>()).await);
                }
            });
        }
    }
}

/// The disk is full, or the browser's leave to write there was taken back.
pub(super) fn refused(error: &JsValue) -> Failure {
    let name = super::js::of(error, "name").as_string().unwrap_or_default();
    Failure::new(if name == "QuotaExceededError" { ErrorCode::DeviceFull } else { ErrorCode::NotWritable })
}
