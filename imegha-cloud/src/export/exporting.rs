//! The way through a cloud's tree, and what of it is written where.

use std::collections::HashMap;
use std::error::Error as _;
use std::io;

use async_trait::async_trait;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use imegha_crypto::Id;

use super::disk_name::{DiskNames, extension};
use super::exported::{Exported, NotExported};
use super::manifest::{Lines, Manifest, Place};
use super::options::ExportOptions;
use crate::albums::Album;
use crate::client::Cloud;
use crate::error::{Error, ErrorKind, Result};
use crate::files::{Download, Entry};
use crate::profile::Profile;

/// What an export is written to. Paths are parts joined by `/`, each a name that disks can hold.
#[async_trait]
pub(super) trait Sink: Send {
    /// Makes a folder, and those above it.
    async fn make_folder(&mut self, path: &str, modified_ms: u64) -> Result<()>;

    /// Puts a file, as it was in a revision, to its place: whole and verified, or not at all. Gives it as it was read, and whether it was
    /// there already.
    async fn put(
        &mut self,
        file: &Entry,
        path: &str,
        download: BoxFuture<'_, Result<Download>>,
    ) -> Result<(Entry, bool)>;
}

/// A run of an export.
pub(super) struct Export<'a, S, L> {
    cloud: &'a Cloud,
    options: &'a ExportOptions,
    sink: &'a mut S,
    manifest: Manifest<L>,
    exported: Exported,
    /// Where the files are that albums have, once they were exported.
    paths: HashMap<Id, Option<String>>,
}

impl<'a, S: Sink, L: Lines> Export<'a, S, L> {
    /// Writes everything, and gives the manifest, which is whole then.
    pub(super) async fn run(
        cloud: &'a Cloud,
        options: &'a ExportOptions,
        sink: &'a mut S,
        manifest: Manifest<L>,
    ) -> Result<(Exported, Manifest<L>)> {
        let begun = cloud.log().position().await;
        let mut export = Self { cloud, options, sink, manifest, exported: Exported::default(), paths: HashMap::new() };
        export.profile().await?;
        let albums = export.albums().await?;
        export.tree().await?;
        export.write_albums(albums).await?;
        let Self { mut manifest, mut exported, .. } = export;
        exported.changed = cloud.log().refresh().await? != begun;
        manifest.end(&exported);
        Ok((exported, manifest))
    }

    async fn profile(&mut self) -> Result<()> {
        match self.cloud.profile().await {
            Ok(profile) if profile == Profile::default() => Ok(()),
            Ok(profile) => self.manifest.profile(&profile).await,
            Err(error) if is_of_one(&error) => {
                let (cloud_path, why) = (PROFILE.to_owned(), error.kind());
                self.report(NotExported { node: Id::ZERO, revision: None, cloud_path, why }).await
            }
            Err(error) => Err(error),
        }
    }

    /// The albums that can be opened, with their files, whose paths are to be remembered.
    async fn albums(&mut self) -> Result<Vec<(Album, Vec<Id>)>> {
        let mut albums = Vec::new();
        for (album, files) in self.cloud.albums_with_files().await? {
            match files {
                Ok(files) => {
                    self.paths.extend(files.iter().map(|file| (*file, None)));
                    albums.push((album, files));
                }
                Err(error) if is_of_one(&error) => {
                    let (cloud_path, why) = (format!("the album {}", album.id), error.kind());
                    self.report(NotExported { node: album.id, revision: None, cloud_path, why }).await?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(albums)
    }

    /// Says in the manifest what is in each album. A file that could not be exported is not.
    async fn write_albums(&mut self, albums: Vec<(Album, Vec<Id>)>) -> Result<()> {
        for (album, files) in albums {
            let path = |file: &Id| self.paths.get(file).and_then(Option::as_deref);
            let (cover, files) = (album.cover.as_ref().and_then(path), files.iter().filter_map(path).collect());
            self.manifest.album(&album, cover, files).await?;
        }
        Ok(())
    }

    async fn tree(&mut self) -> Result<()> {
        let (top, root) = (self.cloud.entry(&self.cloud.root()).await?, self.cloud.list(&self.cloud.root()).await?);
        self.sink.make_folder(FILES, top.written_ms).await?;
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

    async fn open_folder(&mut self, folder: &Entry, place: &Place) -> Result<Vec<Entry>> {
        let entries = self.cloud.list(&folder.id).await?;
        self.sink.make_folder(&place.path, folder.written_ms).await?;
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
        match self.write(file, self.cloud.download(&file.id).boxed(), place).await {
            Ok(file) => {
                self.exported.files += 1;
                self.manifest.file(place, &file, true).await?;
                if let Some(path) = self.paths.get_mut(&file.id) {
                    *path = Some(place.path.clone());
                }
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
            Ok(revisions) => self.sink.make_folder(&folder.path, file.written_ms).await.map(|()| revisions),
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
            match self.write(&then, self.cloud.download_revision(&file.id, revision.number).boxed(), &place).await {
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
    async fn write(&mut self, file: &Entry, download: BoxFuture<'_, Result<Download>>, place: &Place) -> Result<Entry> {
        self.options.watch.cancel.check()?;
        let (written, kept) = self.sink.put(file, &place.path, download).await?;
        self.exported.kept += u64::from(kept);
        self.exported.bytes += written.size;
        self.options.watch.progress(self.exported.files + self.exported.revisions + 1, self.exported.bytes);
        Ok(written)
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
pub(super) fn is_of_one(error: &Error) -> bool {
    // A path that is too long is told in more than one way.
    let path = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    matches!(error.kind(), ErrorKind::CannotOpen | ErrorKind::Rollback | ErrorKind::NotFound | ErrorKind::AlreadyExists)
        || path.is_some_and(|error| matches!(error.kind(), io::ErrorKind::InvalidFilename | io::ErrorKind::NotFound))
}

/// What a profile that cannot be exported is called.
const PROFILE: &str = "the profile";
/// The folder of the tree.
const FILES: &str = "files";
/// The folder of older revisions.
const REVISIONS: &str = "revisions";
