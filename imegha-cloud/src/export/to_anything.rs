//! An export to whatever takes files.

use async_trait::async_trait;
use futures::future::BoxFuture;

use super::exported::Exported;
use super::exporting::{Export, Sink};
use super::manifest::{self, Manifest};
use super::options::ExportOptions;
use crate::client::Cloud;
use crate::error::Result;
use crate::files::{Download, Entry};

/// What [`Cloud::export_to`] writes to. Paths are parts joined by `/`, each a name that every disk can hold, and in no folder are there
/// two that some disk would take for one.
#[async_trait]
pub trait ExportTarget: Send {
    /// Makes a folder, and those above it that are not there yet: of the folders that hold older revisions only the lowest is told.
    async fn make_folder(&mut self, path: &str, modified_ms: u64) -> Result<()>;

    /// Writes a file, whose name, size and times [`Download::entry`] tells: to its end, or not at all. The stream may fail at its last
    /// piece, so nothing of it counts as the file before that.
    ///
    /// # Errors
    /// Those of the stream as they are: one that is about this file alone is reported, and the next file comes. `Backend`, or another
    /// kind that is not about one file, ends the export.
    async fn write(&mut self, path: &str, file: Download) -> Result<()>;

    /// Writes the manifest, which is the last: an export without it was not finished.
    async fn finish(&mut self, path: &str, manifest: Vec<u8>, modified_ms: u64) -> Result<()>;
}

impl Cloud {
    /// Writes what [`Cloud::export`] writes, under the same names, to anything that takes files: where a browser lets a page write, an
    /// archive that is sent somewhere. Nothing is kept from an earlier export.
    ///
    /// Memory holds the entries of one folder, the folders that are still to be visited, and the manifest, some 300 bytes a file.
    ///
    /// # Errors
    /// Those of `target`; otherwise as [`Cloud::export`].
    pub async fn export_to(&self, target: &mut dyn ExportTarget, options: &ExportOptions) -> Result<Exported> {
        self.log().refresh().await?;
        let now_ms = self.store().clock.now_ms();
        let manifest = Manifest::write_to(Vec::new(), &self.id(), now_ms);
        let mut to = To(target);
        let (exported, manifest) = Export::run(self, options, &mut to, manifest).await?;
        to.0.finish(manifest::NAME, manifest.written().await?, now_ms).await?;
        Ok(exported)
    }
}

struct To<'a>(&'a mut dyn ExportTarget);

#[async_trait]
impl Sink for To<'_> {
    async fn make_folder(&mut self, path: &str, modified_ms: u64) -> Result<()> {
        self.0.make_folder(path, modified_ms).await
    }

    async fn put(
        &mut self,
        _file: &Entry,
        path: &str,
        download: BoxFuture<'_, Result<Download>>,
    ) -> Result<(Entry, bool)> {
        let download = download.await?;
        let entry = download.entry().clone();
        self.0.write(path, download).await?;
        Ok((entry, false))
    }
}
