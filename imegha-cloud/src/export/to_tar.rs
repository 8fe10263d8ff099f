//! An export as an archive.

use std::io::{self, Read as _, Seek as _, Write};
use std::path::PathBuf;

use async_trait::async_trait;
use futures::future::BoxFuture;

use super::exported::Exported;
use super::exporting::{Export, Sink};
use super::manifest::{self, Manifest};
use super::options::ExportOptions;
use crate::client::{Cloud, Temporary, on_a_thread};
use crate::error::{Error, ErrorKind, Result};
use crate::files::{Download, Entry};

impl Cloud {
    /// Writes what [`Cloud::export`] writes, under the same names, as a tar archive: to a file, a pipe, a socket. The manifest is the last
    /// that is in it; an archive without it was not finished. Gives `archive` back, flushed.
    ///
    /// What is in an archive cannot be taken out again. So each file is written to a temporary file in `scratch` first, a folder of this
    /// device, and from there into the archive when it is whole and verified; it is removed then. `scratch` needs room for the largest
    /// file, and for the manifest; what is there nobody else should be able to read.
    ///
    /// Nothing is kept from an earlier archive. Names of any length are in it; not every disk will take them.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use imegha_cloud::backend::memory::{MemoryBlobs, MemoryRecords};
    /// # use imegha_cloud::clock::SystemClock;
    /// # use imegha_cloud::{CloudKeys, MemoryDevice, Store};
    /// # use imegha_crypto::{Dek, Id, Identity};
    /// use imegha_cloud::{BytesSource, Cloud, Content, ExportOptions};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// # let keys = CloudKeys::new(Id::generate()?, Dek::generate()?, 1, Arc::new(Identity::generate()?));
    /// # let store = Store {
    /// #     records: Arc::new(MemoryRecords::default()),
    /// #     blobs: Arc::new(MemoryBlobs::default()),
    /// #     clock: Arc::new(SystemClock),
    /// #     device: Arc::new(MemoryDevice::new()),
    /// # };
    /// # let cloud = Cloud::create(keys, store).await?;
    /// # let temporary = tempfile::tempdir()?;
    /// # let scratch = temporary.path();
    /// cloud.upload(&cloud.root(), "letter.txt", Content::new(BytesSource::new("Dear Ada"))).await?;
    ///
    /// let (exported, archive) = cloud.export_tar(Vec::new(), scratch, &ExportOptions::new()).await?;
    /// assert!(exported.files == 1 && exported.failed.is_empty());
    /// assert!(archive.starts_with(b"files/"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// `Backend` when the archive cannot be written; otherwise as [`Cloud::export`], for a folder that is empty.
    pub async fn export_tar<W: Write + Send + 'static>(
        &self,
        archive: W,
        scratch: impl Into<PathBuf>,
        options: &ExportOptions,
    ) -> Result<(Exported, W)> {
        self.log().refresh().await?;
        let (scratch, now_ms) = (scratch.into(), self.store().clock.now_ms());
        let manifest = Manifest::begin(&scratch, &self.id(), now_ms).await?;
        let mut tar = Tar { options, scratch, archive: Some(tar::Builder::new(archive)) };
        let (exported, manifest) = Export::run(self, options, &mut tar, manifest).await?;
        tar.append(manifest::NAME, now_ms, manifest.written().await?).await?;
        let archive = tar.archive.take().ok_or_else(given_up)?;
        let archive = on_a_thread(move || {
            let mut archive = archive.into_inner()?;
            archive.flush().map(|()| archive)
        });
        Ok((exported, archive.await?.map_err(unwritable)?))
    }
}

/// The archive, as what an export is written to.
struct Tar<'a, W: Write> {
    options: &'a ExportOptions,
    scratch: PathBuf,
    /// Nothing once writing has failed.
    archive: Option<tar::Builder<W>>,
}

#[async_trait]
impl<W: Write + Send + 'static> Sink for Tar<'_, W> {
    async fn make_folder(&mut self, path: &str, modified_ms: u64) -> Result<()> {
        let path = format!("{path}/");
        self.write(move |archive| {
            let mut header = header(tar::EntryType::Directory, 0o700, 0, modified_ms);
            archive.append_data(&mut header, path, io::empty())
        })
        .await
    }

    async fn put(
        &mut self,
        _file: &Entry,
        path: &str,
        download: BoxFuture<'_, Result<Download>>,
    ) -> Result<(Entry, bool)> {
        let beside = self.scratch.join(manifest::NAME);
        let (file, temporary) = self.options.to_disk(true).write_beside(download, &beside).await?;
        self.append(path, file.modified_ms.unwrap_or(file.written_ms), temporary).await?;
        Ok((file, false))
    }
}

impl<W: Write + Send + 'static> Tar<'_, W> {
    async fn append(&mut self, path: &str, modified_ms: u64, file: Temporary) -> Result<()> {
        let path = path.to_owned();
        self.write(move |archive| {
            let mut content = file.handle()?;
            let size = content.seek(io::SeekFrom::End(0))?;
            content.rewind()?;
            let mut header = header(tar::EntryType::Regular, 0o600, size, modified_ms);
            archive.append_data(&mut header, path, content.take(size))
        })
        .await
    }

    async fn write(
        &mut self,
        work: impl FnOnce(&mut tar::Builder<W>) -> io::Result<()> + Send + 'static,
    ) -> Result<()> {
        let mut archive = self.archive.take().ok_or_else(given_up)?;
        let written = on_a_thread(move || work(&mut archive).map(|()| archive));
        self.archive = Some(written.await?.map_err(unwritable)?);
        Ok(())
    }
}

fn header(kind: tar::EntryType, mode: u32, size: u64, modified_ms: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size);
    header.set_mtime(modified_ms / 1_000);
    header
}

/// An error of whoever takes the archive: never that of one file alone, which is what a source of this kind would be taken for.
fn unwritable(error: io::Error) -> Error {
    Error::with_source(ErrorKind::Backend, "the archive cannot be written", error.to_string())
}

fn given_up() -> Error {
    Error::new(ErrorKind::Backend, "the archive could not be written")
}
