//! Folders and files, as they are listed.

use serde::{Deserialize, Serialize};

/// A folder and what is in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Listing {
    /// The folder's id in hex.
    pub folder: String,
    /// The way from the root to the folder, the folder last; empty at the root.
    pub path: Vec<Crumb>,
    /// Folders and files, folders first, then by name.
    pub entries: Vec<Entry>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Crumb {
    /// The folder's id in hex.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A folder or a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its id in hex.
    pub id: String,
    /// Its name as it is shown.
    pub name: String,
    /// Whether it is a folder.
    pub folder: bool,
    /// Bytes of plaintext; 0 for a folder.
    pub size: u64,
    /// Its MIME type; empty for a folder.
    pub mime: String,
    /// When it was last modified, in milliseconds since 1970.
    pub modified_ms: u64,
    /// Whether it could not be opened: shown as damaged, with its id for a name.
    pub damaged: bool,
    /// The number of the revision that there is a thumbnail of, if there is one: [`Request::Thumbnail`](super::Request::Thumbnail).
    #[serde(default)]
    pub thumbnail: Option<u64>,
}

/// Something in the trash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trashed {
    /// What it is.
    pub entry: Entry,
    /// When it was put there, in milliseconds since 1970.
    pub trashed_ms: u64,
    /// When it is removed for good, in milliseconds since 1970.
    pub purged_ms: u64,
    /// The names of the folders where it was, from the outermost; nothing when its folder is gone.
    pub origin: Option<Vec<String>>,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// What it is.
    pub entry: Entry,
    /// The folder that it is in, in hex.
    pub folder: String,
    /// The names of the folders that it is in, from the outermost; empty at the root.
    pub path: Vec<String>,
}
