//! An export to a folder that the person chose.

use std::collections::HashMap;
use std::io;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt as _;
use imegha_cloud::{Download, Error, ErrorKind, ExportTarget, Result};
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{FileSystemDirectoryHandle, FileSystemFileHandle};

use super::disk::Writing;
use super::js;
use crate::protocol::{ErrorCode, Failure};

/// A new folder in the one that was chosen, so that nothing in that is written over.
#[derive(Debug)]
pub(super) struct ExportFolder {
    folders: SendWrapper<HashMap<String, FileSystemDirectoryHandle>>,
}

impl ExportFolder {
    /// Makes it; with a number after its name, when that is taken.
    pub(super) async fn make(
        chosen: Option<FileSystemDirectoryHandle>,
        name: &str,
    ) -> std::result::Result<Self, Failure> {
        let chosen = chosen.ok_or(Failure::new(ErrorCode::NotWritable))?;
        for number in 1.. {
            let name = if number == 1 { name.to_owned() } else { format!("{name} ({number})") };
            // Whatever has that name is left alone, a file too.
            let taken = JsFuture::from(chosen.get_directory_handle(&name)).await;
            if taken.is_ok() || taken.is_err_and(|error| js::of(&error, "name") != JsValue::from_str("NotFoundError")) {
                if number < MOST_OF_A_NAME {
                    continue;
                }
                return Err(Failure::new(ErrorCode::NotWritable));
            }
            let top = folder_in(&chosen, &name).await.map_err(|error| super::disk::refused(&error))?;
            return Ok(Self { folders: SendWrapper::new(HashMap::from([(String::new(), top)])) });
        }
        Err(Failure::new(ErrorCode::NotWritable))
    }

    /// The folder of a path, made with those above it, and the last name.
    async fn place<'p>(&mut self, path: &'p str) -> std::result::Result<(FileSystemDirectoryHandle, &'p str), JsValue> {
        let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
        if let Some(folder) = self.folders.get(above) {
            return Ok((folder.clone(), name));
        }
        let mut folder = self.folders[""].clone();
        let mut made = String::new();
        for part in above.split('/') {
            folder = folder_in(&folder, part).await?;
            made = if made.is_empty() { part.to_owned() } else { format!("{made}/{part}") };
            self.folders.insert(made.clone(), folder.clone());
        }
        Ok((folder, name))
    }

    async fn begin(&mut self, path: &str) -> Result<Writing> {
        let (folder, name) = self.place(path).await.map_err(|error| unwritable(&error))?;
        let options = js::object(&[("create", true.into())]);
        let file =
            js::call(&folder, "getFileHandle", &[name.into(), options.into()]).map_err(|error| unwritable(&error))?;
        let file =
            JsFuture::from(file.unchecked_into::<js_sys::Promise>()).await.map_err(|error| refused_name(&error))?;
        let writing = Writing::begin(&file.unchecked_into::<FileSystemFileHandle>()).await.map_err(of_failure)?;
        // What is not finished leaves an empty file under its name, which the browser made: that is taken away again.
        Ok(writing.removing(folder, name))
    }

    async fn write_all(&mut self, path: &str, mut file: Download) -> Result<()> {
        let writing = self.begin(path).await?;
        while let Some(bytes) = file.next().await {
            writing.write(&bytes?).await.map_err(of_failure)?;
        }
        writing.finish().await.map_err(of_failure)
    }
}

#[async_trait]
impl ExportTarget for ExportFolder {
    async fn make_folder(&mut self, path: &str, _modified_ms: u64) -> Result<()> {
        let inside = format!("{path}/");
        SendWrapper::new(self.place(&inside)).await.map(drop).map_err(|error| unwritable(&error))
    }

    async fn write(&mut self, path: &str, file: Download) -> Result<()> {
        SendWrapper::new(self.write_all(path, file)).await
    }

    async fn finish(&mut self, path: &str, manifest: Vec<u8>, _modified_ms: u64) -> Result<()> {
        SendWrapper::new(async {
            let writing = self.begin(path).await?;
            writing.write(&Bytes::from(manifest)).await.map_err(of_failure)?;
            writing.finish().await.map_err(of_failure)
        })
        .await
    }
}

async fn folder_in(
    folder: &FileSystemDirectoryHandle,
    name: &str,
) -> std::result::Result<FileSystemDirectoryHandle, JsValue> {
    let options = js::object(&[("create", true.into())]);
    let made = js::call(folder, "getDirectoryHandle", &[name.into(), options.into()])?;
    JsFuture::from(made.unchecked_into::<js_sys::Promise>()).await.map(|made| made.unchecked_into())
}

/// What the browser says, as an error that ends the export: it is not about one file.
fn unwritable(error: &JsValue) -> Error {
    of_failure(super::disk::refused(error))
}

/// Browsers write no files of some names, such as those of links. Then it is about that one file.
fn refused_name(error: &JsValue) -> Error {
    if error.has_type::<js_sys::TypeError>() {
        let source = io::Error::from(io::ErrorKind::InvalidFilename);
        return Error::with_source(ErrorKind::Backend, "the browser writes no file of that name", source);
    }
    unwritable(error)
}

/// What an export ends with when the device takes nothing any more.
pub(super) fn of_failure(failure: Failure) -> Error {
    match failure.code {
        ErrorCode::DeviceFull => Error::new(ErrorKind::StorageFull, "this device is full"),
        ErrorCode::Cancelled => Error::new(ErrorKind::Cancelled, "nobody takes it any more"),
        _ => Error::new(ErrorKind::Backend, "this device does not let it be written there"),
    }
}

/// Of a folder's name that is taken.
const MOST_OF_A_NAME: u32 = 1_000;
