//! An export into a folder of this device.

use std::path::PathBuf;

use async_trait::async_trait;
use futures::future::BoxFuture;
use imegha_crypto::Hash;

use super::exported::Exported;
use super::exporting::{Export, Sink, is_of_one};
use super::manifest::Manifest;
use super::options::ExportOptions;
use super::target::{Target, There};
use crate::client::Cloud;
use crate::error::{Error, ErrorKind, Result};
use crate::files::{Download, Entry};

impl Cloud {
    /// Writes everything that the cloud keeps into a folder of this device, as plain files that need neither this library nor the
    /// account. What is in the trash is not among it.
    ///
    /// | in the folder | what it is |
    /// |---|---|
    /// | `files/` | the tree, each file in its newest revision and with the time that it was last modified |
    /// | `revisions/` | with [`ExportOptions::revisions`] the older ones: of `files/Photos/sea.jpg` the first is `revisions/Photos/sea.jpg/1.jpg` |
    /// | `manifest.jsonl` | a line of JSON for everything: path, path in the cloud, id, revision, size, SHA-256, MIME type, times |
    ///
    /// A file stands there only when it is whole and its SHA-256 compared; until then it has a temporary name beside it.
    ///
    /// **Names** that Linux, macOS or Windows could not hold, or would take for something else, get a substitute: forbidden characters,
    /// and those that turn the direction of writing, become `_`, devices (`con.txt`) get a `_` in front, what is longer than 200
    /// bytes is cut, and `~` with the first digits of the id is added before the extension. The manifest has the true name. No name leads
    /// out of the folder.
    ///
    /// **Again** into the same folder it goes on: a file that is there with the size and SHA-256 that it should have is kept, one that
    /// an earlier export wrote and that changed since is replaced, and what somebody else put in its place is left alone and reported.
    /// What was removed from the cloud since stays in the folder, and is not in the new manifest. One export at a time writes into a folder.
    ///
    /// **Lines of the manifest** have a `kind`: `export` (the first: `version`, `cloud`, `begun`), `folder`, `file`, `revision`, `failed`
    /// (`cloud_path`, `id`, `revision`, `why` as in [`NotExported`](crate::NotExported)) and `end` (the last, with the numbers of
    /// [`Exported`]; while it is missing the export is not finished). Times are milliseconds since 1970. Later versions may add names
    /// and kinds.
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
    /// # let folder = temporary.path();
    /// let letters = cloud.create_folder(&cloud.root(), "Letters").await?;
    /// cloud.upload(&letters.id, "To: Ada.txt", Content::new(BytesSource::new("Dear Ada"))).await?;
    ///
    /// let exported = cloud.export(folder, &ExportOptions::new().revisions()).await?;
    /// assert_eq!((exported.folders, exported.files, exported.failed.len()), (1, 1, 0));
    /// // A file of that name could not be copied to every disk.
    /// let manifest = std::fs::read_to_string(folder.join("manifest.jsonl"))?;
    /// assert!(manifest.contains(r#""path":"files/Letters/To_ Ada~"#) && manifest.contains(r#""cloud_path":"Letters/To: Ada.txt""#));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Memory holds the entries of one folder and the folders that are still to be visited, and of files a few MiB at a time.
    ///
    /// # Errors
    /// `AlreadyExists` when the folder is neither empty nor an export of this cloud; `StorageFull` when the disk is; `Cancelled`;
    /// `Rollback` when storage shows an older state of the whole cloud; `Unavailable` when the store stays away. What cannot be opened
    /// is no error: it is in [`Exported::failed`].
    pub async fn export(&self, folder: impl Into<PathBuf>, options: &ExportOptions) -> Result<Exported> {
        self.log().refresh().await?;
        let now_ms = self.store().clock.now_ms();
        let target = Target::open(folder.into(), &self.id(), now_ms).await?;
        let manifest = Manifest::begin(target.folder(), &self.id(), now_ms).await?;
        let mut folder = Folder { cloud: self, options, target };
        let (exported, manifest) = Export::run(self, options, &mut folder, manifest).await?;
        manifest.persist(folder.target.folder()).await?;
        Ok(exported)
    }
}

/// The folder, as what an export is written to.
struct Folder<'a> {
    cloud: &'a Cloud,
    options: &'a ExportOptions,
    target: Target,
}

#[async_trait]
impl Sink for Folder<'_> {
    async fn make_folder(&mut self, path: &str, _modified_ms: u64) -> Result<()> {
        self.target.make_folder(path).await
    }

    async fn put(
        &mut self,
        file: &Entry,
        path: &str,
        download: BoxFuture<'_, Result<Download>>,
    ) -> Result<(Entry, bool)> {
        let should_be = (file.size, file.sha256.unwrap_or(Hash::ZERO));
        let there = self.target.look(path).await?;
        let (kept, overwrite) = match there {
            There::Nothing => (false, false),
            There::File(size, hash) if (size, hash) == should_be => (true, false),
            There::File(_, hash) if self.wrote(file, path, hash).await? => (false, true),
            There::File(..) | There::Other => {
                return Err(Error::new(ErrorKind::AlreadyExists, "something else is in the place of a file"));
            }
        };
        let written = match kept {
            true => file.clone(),
            false => self.options.to_disk(overwrite).save(download, self.target.path(path)).await?,
        };
        self.target.set_modified(path, written.modified_ms.unwrap_or(written.written_ms)).await?;
        Ok((written, kept))
    }
}

impl Folder<'_> {
    /// Whether what is in the place of a file was written by an export: it is an older revision, or the manifest has it.
    async fn wrote(&self, file: &Entry, path: &str, hash: Hash) -> Result<bool> {
        let older = match self.cloud.revisions(&file.id).await {
            Ok(revisions) => revisions.iter().any(|revision| revision.sha256 == hash),
            Err(error) if is_of_one(&error) => false,
            Err(error) => return Err(error),
        };
        Ok(older || self.target.wrote(path, hash).await?)
    }
}
