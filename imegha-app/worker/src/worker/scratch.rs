//! A file of this origin's own on the disk of this device, for what has to be whole before it is handed on.
//!
//! What is in it is plaintext. It is removed as soon as it is not needed; what a tab that died has left, the next one that opens removes.

use bytes::Bytes;
use futures::StreamExt as _;
use imegha_cloud::Download;
use js_sys::Promise;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, FileSystemDirectoryHandle, FileSystemFileHandle};

use super::disk::{Writing, refused};
use super::export_folder::of_failure;
use super::js;
use super::lock::Lock;
use crate::protocol::{ErrorCode, Failure};

/// The file. There is one in a browser at a time.
#[derive(Debug)]
pub(super) struct Scratch {
    folder: FileSystemDirectoryHandle,
    _lock: Lock,
}

impl Scratch {
    /// Takes it.
    ///
    /// # Errors
    /// `Busy` while another tab has it, `NotWritable` where the browser gives none.
    pub(super) async fn open() -> Result<Self, Failure> {
        let none = |_: JsValue| Failure::new(ErrorCode::NotWritable);
        let lock = Lock::take(LOCK).await.map_err(none)?.ok_or(Failure::new(ErrorCode::Busy))?;
        Ok(Self { folder: folder().await.map_err(none)?, _lock: lock })
    }

    /// Removes what a tab that died has left, if nobody is at it.
    pub(super) async fn sweep() {
        drop(Self::open().await);
    }

    /// Writes a file into it, in place of what was there, and gives it when it is whole and verified.
    pub(super) async fn fill(&self, mut download: Download) -> Result<Blob, imegha_cloud::Error> {
        let file = self.file().await.map_err(|error| of_failure(refused(&error)))?;
        // What is not whole goes once the browser has let go of it: before that it would not let the name be removed.
        let writing = Writing::begin(&file).await.map_err(of_failure)?.removing(self.folder.clone(), NAME);
        while let Some(bytes) = download.next().await {
            let bytes: Bytes = bytes?;
            writing.write(&bytes).await.map_err(of_failure)?;
        }
        writing.finish().await.map_err(of_failure)?;
        let whole = JsFuture::from(file.get_file().unchecked_into::<Promise>()).await;
        let whole = whole.map_err(|error| of_failure(refused(&error)))?;
        Ok(whole.unchecked_into())
    }

    async fn file(&self) -> Result<FileSystemFileHandle, JsValue> {
        let options = js::object(&[("create", true.into())]);
        let file = js::call(&self.folder, "getFileHandle", &[NAME.into(), options.into()])?;
        JsFuture::from(file.unchecked_into::<Promise>()).await.map(|file| file.unchecked_into())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let removed = self.folder.remove_entry(NAME);
        // Nothing was there, most often. What cannot be removed now, the next one to open it removes.
        wasm_bindgen_futures::spawn_local(
            async move { drop(JsFuture::from(removed.unchecked_into::<Promise>()).await) },
        );
    }
}

async fn folder() -> Result<FileSystemDirectoryHandle, JsValue> {
    let storage = js::of(&js::navigator(), "storage");
    let folder = js::call(&storage, "getDirectory", &[])?;
    JsFuture::from(folder.unchecked_into::<Promise>()).await.map(|folder| folder.unchecked_into())
}

const NAME: &str = "imegha-export.part";
const LOCK: &str = "imegha-export";
