//! Writing the tree of a cloud into a folder.

use std::error::Error as _;
use std::io;
use std::path::PathBuf;

use imegha_crypto::{Hash, Id};

use super::disk_name::{DiskNames, extension};
use super::manifest::{Manifest, Place};
use super::options::ExportOptions;
use super::target::{Target, There};
use crate::client::Cloud;
use crate::error::{Error, ErrorKind, Result};
use crate::files::{Download, Entry};

/// What [`Cloud::export`] has written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exported {
    /// Folders, but for the root.
    pub folders: u64,
    /// Files: their newest revisions.
    pub files: u64,
    /// Older revisions of files.
    pub revisions: u64,
    /// How many bytes these and the files have.
    pub bytes: u64,
    /// How many of them were there from an earlier export.
    pub kept: u64,
    /// What could not be exported; everything else was.
    pub failed: Vec<NotExported>,
    /// Whether the cloud was changed meanwhile, by this device or another: another export into the same folder adds what is new.
    pub changed: bool,
}

/// Something that could not be exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotExported {
    /// The file or folder.
    pub node: Id,
    /// Which older revision of it. Nothing for the newest, for older ones that cannot even be listed, and for a folder with everything
    /// in it.
    pub revision: Option<u64>,
    /// Where it is in the cloud: names joined by `/`, and in the place of a name that cannot be opened its id.
    pub cloud_path: String,
    /// Why: `CannotOpen` for what is damaged, `Rollback` for what storage shows in an older state, `NotFound` for what was removed
    /// meanwhile, `AlreadyExists` for another file, or something that is none, that is in its place on the disk, `Backend` for a path
    /// that the disk does not take.
    pub why: ErrorKind,
}

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
    /// (`cloud_path`, `id`, `revision`, `why` as in [`NotExported`]) and `end` (the last, with the numbers of [`Exported`]; while it is
    /// missing the export is not finished). Times are milliseconds since 1970. Later versions may add names and kinds.
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
        let begun = self.log().refresh().await?;
        let now_ms = self.store().clock.now_ms();
        let target = Target::open(folder.into(), &self.id(), now_ms).await?;
        let manifest = Manifest::begin(target.folder(), &self.id(), now_ms).await?;
        let mut export = Export { cloud: self, options, target, manifest, exported: Exported::default() };
        export.tree().await?;
        let Export { manifest, mut exported, .. } = export;
        exported.changed = self.log().refresh().await? != begun;
        manifest.finish(&exported).await?;
        Ok(exported)
    }
}

/// A run of [`Cloud::export`].
struct Export<'a> {
    cloud: &'a Cloud,
    options: &'a ExportOptions,
    target: Target,
    manifest: Manifest,
    exported: Exported,
}

impl Export<'_> {
    async fn tree(&mut self) -> Result<()> {
        self.target.make_folder(FILES).await?;
        let root = self.cloud.list(&self.cloud.root()).await?;
        let mut folders = self.folder(root, &Place { path: FILES.to_owned(), ..Place::default() }).await?;
        while let Some((folder, place)) = folders.pop() {
            match self.open_folder(&folder, &place).await {
                Ok(entries) => {
                    self.exported.folders += 1;
                    self.manifest.folder(&place, &folder).await?;
                    folders.extend(self.folder(entries, &place).await?);
                }
                Err(error) => self.failed(&folder, None, &place, error).await?,
            }
        }
        Ok(())
    }

    async fn open_folder(&self, folder: &Entry, place: &Place) -> Result<Vec<Entry>> {
        let entries = self.cloud.list(&folder.id).await?;
        self.target.make_folder(&place.path).await?;
        Ok(entries)
    }

    /// Writes the files in a folder, and gives the folders, those that are to be visited first at the end.
    async fn folder(&mut self, mut entries: Vec<Entry>, place: &Place) -> Result<Vec<(Entry, Place)>> {
        let mut names = DiskNames::default();
        entries.sort_by_key(|entry| (entry.created_ms, entry.id));
        // Whoever keeps its own name comes before whoever gets a substitute.
        let own: Vec<_> = entries.iter().map(|entry| names.own(&entry.shown_name)).collect();
        let mut folders = Vec::new();
        for (entry, own) in entries.into_iter().zip(own) {
            let name = own.unwrap_or_else(|| names.substitute(&entry.shown_name, &entry.id));
            let true_name = if entry.damaged.is_some() { &entry.shown_name } else { &entry.name };
            let place = place.inside(&name, true_name);
            match entry.damaged {
                Some(why) => {
                    self.report(NotExported { node: entry.id, revision: None, cloud_path: place.cloud_path, why })
                        .await?
                }
                None if entry.is_folder() => folders.push((entry, place)),
                None => self.file(&entry, &place).await?,
            }
        }
        folders.reverse();
        Ok(folders)
    }

    async fn file(&mut self, file: &Entry, place: &Place) -> Result<()> {
        match self.write(file, self.cloud.download(&file.id), place).await {
            Ok(file) => {
                self.exported.files += 1;
                self.manifest.file(place, &file, true).await?;
            }
            Err(error) => self.failed(file, None, place, error).await?,
        }
        if self.options.revisions && file.revision > 1 {
            self.revisions(file, place).await?;
        }
        Ok(())
    }

    async fn revisions(&mut self, file: &Entry, place: &Place) -> Result<()> {
        let inner = place.path.strip_prefix(FILES).unwrap_or(&place.path);
        let folder = Place { path: format!("{REVISIONS}{inner}"), cloud_path: place.cloud_path.clone() };
        let revisions = match self.cloud.revisions(&file.id).await {
            Ok(revisions) => self.target.make_folder(&folder.path).await.map(|()| revisions),
            Err(error) => Err(error),
        };
        let revisions = match revisions {
            Ok(revisions) => revisions,
            Err(error) => return self.failed(file, None, place, error).await,
        };
        let extension = extension(inner.rsplit('/').next().unwrap_or_default());
        for revision in revisions.into_iter().filter(|revision| revision.number < file.revision) {
            let name = format!("{}{extension}", revision.number);
            let place = Place { path: format!("{}/{name}", folder.path), ..folder.clone() };
            let mut then = Entry { size: revision.size, sha256: Some(revision.sha256), ..file.clone() };
            (then.revision, then.mime, then.modified_ms) = (revision.number, revision.mime, revision.modified_ms);
            then.written_ms = revision.written_ms;
            match self.write(&then, self.cloud.download_revision(&file.id, revision.number), &place).await {
                Ok(file) => {
                    self.exported.revisions += 1;
                    self.manifest.file(&place, &file, false).await?;
                }
                Err(error) => self.failed(file, Some(revision.number), &place, error).await?,
            }
        }
        Ok(())
    }

    /// Writes a file to its place, unless it is there, and gives it as it is now.
    async fn write(
        &mut self,
        file: &Entry,
        download: impl Future<Output = Result<Download>> + Send,
        place: &Place,
    ) -> Result<Entry> {
        self.options.watch.cancel.check()?;
        let sha256 = file.sha256.unwrap_or(Hash::ZERO);
        let written = match self.target.look(&place.path).await? {
            There::File(size, hash) if (size, hash) == (file.size, sha256) => {
                self.exported.kept += 1;
                file.clone()
            }
            There::File(_, hash) if self.wrote(file, place, hash).await? => self.save(download, place, true).await?,
            There::Nothing => self.save(download, place, false).await?,
            There::File(..) | There::Other => {
                return Err(Error::new(ErrorKind::AlreadyExists, "something else is in the place of a file"));
            }
        };
        self.target.set_modified(&place.path, written.modified_ms.unwrap_or(written.written_ms)).await?;
        self.exported.bytes += written.size;
        self.options.watch.progress(self.exported.files + self.exported.revisions + 1, self.exported.bytes);
        Ok(written)
    }

    async fn save(
        &self,
        download: impl Future<Output = Result<Download>> + Send,
        place: &Place,
        overwrite: bool,
    ) -> Result<Entry> {
        self.options.to_disk(overwrite).save(download, self.target.path(&place.path)).await
    }

    /// Whether what is in the place of a file was written by an export: it is an older revision, or the manifest has it.
    async fn wrote(&self, file: &Entry, place: &Place, hash: Hash) -> Result<bool> {
        let older = match self.cloud.revisions(&file.id).await {
            Ok(revisions) => revisions.iter().any(|revision| revision.sha256 == hash),
            Err(error) if is_of_one(&error) => false,
            Err(error) => return Err(error),
        };
        Ok(older || self.target.wrote(&place.path, hash).await?)
    }

    /// Takes note of what cannot be exported.
    ///
    /// # Errors
    /// Gives `error` back when it is not about that one file or folder.
    async fn failed(&mut self, entry: &Entry, revision: Option<u64>, place: &Place, error: Error) -> Result<()> {
        if !is_of_one(&error) {
            return Err(error);
        }
        if error.kind() == ErrorKind::Rollback {
            // Not the state of the whole cloud: of that the caller is told.
            self.cloud.log().refresh().await?;
        }
        let cloud_path = place.cloud_path.clone();
        self.report(NotExported { node: entry.id, revision, cloud_path, why: error.kind() }).await
    }

    async fn report(&mut self, failed: NotExported) -> Result<()> {
        self.manifest.failed(&failed).await?;
        self.exported.failed.push(failed);
        Ok(())
    }
}

/// Whether an error is about one file or folder, and others can be exported all the same.
fn is_of_one(error: &Error) -> bool {
    // A path that is too long is told in more than one way.
    let path = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    matches!(error.kind(), ErrorKind::CannotOpen | ErrorKind::Rollback | ErrorKind::NotFound | ErrorKind::AlreadyExists)
        || path.is_some_and(|error| matches!(error.kind(), io::ErrorKind::InvalidFilename | io::ErrorKind::NotFound))
}

/// The folder of the tree.
const FILES: &str = "files";
/// The folder of older revisions.
const REVISIONS: &str = "revisions";
