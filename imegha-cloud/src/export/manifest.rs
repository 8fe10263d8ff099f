//! The manifest of an export: a line of JSON for each thing that is in it.

use async_trait::async_trait;
use imegha_crypto::{Hash, Id};
use serde::Serialize;

use super::exported::{Exported, NotExported};
use crate::albums::Album;
use crate::error::Result;
use crate::files::Entry;
use crate::profile::{Payload, Profile};

/// The manifest's name in the folder of the export.
pub(super) const NAME: &str = "manifest.jsonl";

/// One line. Paths are parts joined by `/`, ids and hashes are hex, times milliseconds since 1970.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Line<'a> {
    /// The first: what this folder is.
    Export { version: u32, cloud: String, begun: u64 },
    /// What the owner says of himself, if he does.
    Profile(Payload),
    /// A folder.
    Folder { path: &'a str, cloud_path: &'a str, id: String, created: u64 },
    /// The newest revision of a file.
    File(About<'a>),
    /// An older one.
    Revision(About<'a>),
    /// An album: the paths of its files in the export, in its order.
    Album {
        id: String,
        title: &'a str,
        created: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        cover: Option<&'a str>,
        files: Vec<&'a str>,
    },
    /// What could not be exported.
    Failed {
        cloud_path: &'a str,
        id: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        revision: Option<u64>,
        why: String,
    },
    /// The last: a manifest without it is of an export that was not finished.
    End { folders: u64, files: u64, revisions: u64, bytes: u64, failed: u64 },
}

#[derive(Serialize)]
struct About<'a> {
    path: &'a str,
    cloud_path: &'a str,
    id: String,
    revision: u64,
    size: u64,
    sha256: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mime: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    modified: Option<u64>,
    written: u64,
    created: u64,
}

/// Where something is: on the disk, from the folder of the export on, and in the cloud, by the names that it has there.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    pub(super) path: String,
    pub(super) cloud_path: String,
}

impl Place {
    pub(super) fn inside(&self, name: &str, cloud_name: &str) -> Self {
        let join = |path: &str, name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
        Self { path: join(&self.path, name), cloud_path: join(&self.cloud_path, cloud_name) }
    }
}

/// What a manifest is written to.
#[async_trait]
pub(super) trait Lines: Send {
    async fn append(&mut self, lines: Vec<u8>) -> Result<()>;
}

/// A manifest that is being written.
pub(super) struct Manifest<L> {
    to: L,
    lines: Vec<u8>,
}

impl<L: Lines> Manifest<L> {
    pub(super) fn write_to(to: L, cloud: &Id, begun: u64) -> Self {
        let mut manifest = Self { to, lines: Vec::new() };
        manifest.write(&Line::Export { version: 1, cloud: cloud.to_string(), begun });
        manifest
    }

    pub(super) async fn profile(&mut self, profile: &Profile) -> Result<()> {
        self.write(&Line::Profile(Payload::of(profile)));
        self.flush(FLUSH_LEN).await
    }

    pub(super) async fn folder(&mut self, place: &Place, folder: &Entry) -> Result<()> {
        let Place { path, cloud_path } = place;
        self.write(&Line::Folder { path, cloud_path, id: folder.id.to_string(), created: folder.created_ms });
        self.flush(FLUSH_LEN).await
    }

    /// `file` as it was in the revision that is at `place`.
    pub(super) async fn file(&mut self, place: &Place, file: &Entry, newest: bool) -> Result<()> {
        let about = About {
            path: &place.path,
            cloud_path: &place.cloud_path,
            id: file.id.to_string(),
            revision: file.revision,
            size: file.size,
            sha256: file.sha256.unwrap_or(Hash::ZERO).to_string(),
            mime: file.mime.as_deref(),
            modified: file.modified_ms,
            written: file.written_ms,
            created: file.created_ms,
        };
        self.write(&if newest { Line::File(about) } else { Line::Revision(about) });
        self.flush(FLUSH_LEN).await
    }

    pub(super) async fn album(&mut self, album: &Album, cover: Option<&str>, files: Vec<&str>) -> Result<()> {
        let (id, title, created) = (album.id.to_string(), &album.title, album.created_ms);
        self.write(&Line::Album { id, title, created, cover, files });
        self.flush(FLUSH_LEN).await
    }

    pub(super) async fn failed(&mut self, failed: &NotExported) -> Result<()> {
        let NotExported { node, revision, cloud_path, why } = failed;
        self.write(&Line::Failed { cloud_path, id: node.to_string(), revision: *revision, why: format!("{why:?}") });
        self.flush(FLUSH_LEN).await
    }

    /// The last line.
    pub(super) fn end(&mut self, exported: &Exported) {
        self.write(&Line::End {
            folders: exported.folders,
            files: exported.files,
            revisions: exported.revisions,
            bytes: exported.bytes,
            failed: exported.failed.len() as u64,
        });
    }

    /// What all of it was written to.
    pub(super) async fn written(mut self) -> Result<L> {
        self.flush(0).await?;
        Ok(self.to)
    }

    fn write(&mut self, line: &Line<'_>) {
        serde_json::to_writer(&mut self.lines, line).expect("numbers and text are JSON");
        self.lines.push(b'\n');
    }

    /// Writes out what there is, if it is as much as that.
    async fn flush(&mut self, at_least: usize) -> Result<()> {
        if self.lines.len() < at_least {
            return Ok(());
        }
        self.to.append(std::mem::take(&mut self.lines)).await
    }
}

/// Lines that are held until the end.
#[async_trait]
impl Lines for Vec<u8> {
    async fn append(&mut self, mut lines: Vec<u8>) -> Result<()> {
        Self::append(self, &mut lines);
        Ok(())
    }
}

/// Lines are written out when they come to so many bytes.
const FLUSH_LEN: usize = 64 * 1024;
