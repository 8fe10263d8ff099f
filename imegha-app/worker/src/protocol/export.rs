//! An export of everything that the cloud keeps.

use serde::{Deserialize, Serialize};

/// Where an export goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "export", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ExportTo {
    /// To a new folder of this name in the folder of this device that comes as `handle`.
    Folder {
        /// With a number behind it, if it is taken.
        name: String,
    },
    /// As a tar archive, out through the service worker, which has the browser save it.
    Archive {
        /// As of [`SaveTo::Stream`](super::SaveTo::Stream).
        address: String,
        /// What the archive is to be called on this device.
        name: String,
    },
}

/// What an export has written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Exported {
    /// Folders.
    pub folders: u64,
    /// Files, older revisions among them.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How many files and folders could not be exported. The manifest, which is the last that is written, names all of them.
    pub failed: u64,
    /// Where the first of these are in the cloud.
    pub named: Vec<String>,
    /// Whether the cloud was changed meanwhile.
    pub changed: bool,
}
