//! An export as an archive, out through the service worker.

use std::io;

use async_trait::async_trait;
use imegha_cloud::{Download, Error, ErrorKind, ExportTarget, Result};
use js_sys::Uint8Array;
use send_wrapper::SendWrapper;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::export_folder::of_failure;
use super::outlet::{Head, Outlet};
use super::scratch::Scratch;

/// A tar archive. What is in it cannot be taken out again, so each file is whole and verified before its first byte goes out: small ones in
/// memory, others in a file of this origin's own.
#[derive(Debug)]
pub(super) struct ExportTar {
    outlet: SendWrapper<Outlet>,
    scratch: SendWrapper<Scratch>,
}

impl ExportTar {
    pub(super) fn begin(outlet: Outlet, name: &str, scratch: Scratch) -> Self {
        outlet.begin(&Head { mime: None, name, start: 0, len: None, size: 0 });
        Self { outlet: SendWrapper::new(outlet), scratch: SendWrapper::new(scratch) }
    }

    async fn bytes(&mut self, path: &str, bytes: &[u8], modified_ms: u64) -> Result<()> {
        let mut entry = head(tar::EntryType::Regular, path, bytes.len() as u64, modified_ms)?;
        entry.extend_from_slice(bytes);
        entry.resize(entry.len().next_multiple_of(BLOCK), 0);
        self.give(&entry).await
    }

    async fn large(&mut self, path: &str, file: Download) -> Result<()> {
        let (size, modified_ms) = (file.len(), modified_ms(&file));
        let whole = self.scratch.fill(file).await?;
        self.give(&head(tar::EntryType::Regular, path, size, modified_ms)?).await?;
        let mut given = 0;
        while given < size {
            let end = (given + PIECE).min(size);
            let piece = slice(&whole, given, end).await?;
            self.give(&piece).await?;
            given = end;
        }
        let rest = (size.next_multiple_of(BLOCK as u64) - size) as usize;
        self.give(&vec![0; rest]).await
    }

    async fn give(&mut self, bytes: &[u8]) -> Result<()> {
        match bytes.is_empty() {
            true => Ok(()),
            false => self.outlet.give(bytes).await.map_err(of_failure),
        }
    }
}

#[async_trait]
impl ExportTarget for ExportTar {
    async fn make_folder(&mut self, path: &str, modified_ms: u64) -> Result<()> {
        let head = head(tar::EntryType::Directory, &format!("{path}/"), 0, modified_ms)?;
        SendWrapper::new(self.give(&head)).await
    }

    async fn write(&mut self, path: &str, file: Download) -> Result<()> {
        SendWrapper::new(async {
            if file.len() > MOST_IN_MEMORY {
                return self.large(path, file).await;
            }
            let modified_ms = modified_ms(&file);
            let bytes = file.bytes().await?;
            self.bytes(path, &bytes, modified_ms).await
        })
        .await
    }

    async fn finish(&mut self, path: &str, manifest: Vec<u8>, modified_ms: u64) -> Result<()> {
        SendWrapper::new(async {
            self.bytes(path, &manifest, modified_ms).await?;
            // Two blocks of nothing end an archive.
            self.give(&[0; 2 * BLOCK]).await?;
            self.outlet.end().await.map_err(of_failure)
        })
        .await
    }
}

fn modified_ms(file: &Download) -> u64 {
    file.entry().modified_ms.unwrap_or(file.entry().written_ms)
}

/// What stands before an entry's bytes; a path that its header has no room for goes before that.
fn head(kind: tar::EntryType, path: &str, size: u64, modified_ms: u64) -> Result<Vec<u8>> {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(if kind == tar::EntryType::Directory { 0o700 } else { 0o600 });
    header.set_size(size);
    header.set_mtime(modified_ms / 1_000);
    let mut archive = tar::Builder::new(Vec::new());
    let appended = archive.append_data(&mut header, path, io::empty());
    appended.map_err(|_| Error::new(ErrorKind::Backend, "a path that archives do not hold"))?;
    Ok(std::mem::take(archive.get_mut()))
}

async fn slice(whole: &Blob, start: u64, end: u64) -> Result<Vec<u8>> {
    let lost = |_| Error::new(ErrorKind::Backend, "the browser has lost what was written");
    let slice = whole.slice_with_f64_and_f64(start as f64, end as f64).map_err(lost)?;
    let bytes = Uint8Array::new(&JsFuture::from(slice.array_buffer()).await.map_err(lost)?).to_vec();
    if bytes.len() as u64 == end - start { Ok(bytes) } else { Err(lost(Default::default())) }
}

const BLOCK: usize = 512;
/// 4 MiB.
const PIECE: u64 = 4 * 1024 * 1024;
/// 8 MiB.
const MOST_IN_MEMORY: u64 = 8 * 1024 * 1024;
