//! What an export has written, and what it could not.

use imegha_crypto::Id;

use crate::error::ErrorKind;

/// What [`Cloud::export`](crate::Cloud::export) or [`Cloud::export_tar`](crate::Cloud::export_tar) has written.
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
    /// The file or folder; 16 zero bytes for the profile.
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
