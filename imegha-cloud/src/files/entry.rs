//! What a folder holds, as a person sees it.

use imegha_crypto::{Hash, Id};

use crate::error::ErrorKind;

/// Whether a node is a folder or a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeKind {
    /// A folder.
    Folder,
    /// A file.
    File,
}

/// A folder or a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: Id,
    /// The folder that it is in; 16 zero bytes for the root.
    pub parent: Id,
    /// Whether it is a folder.
    pub kind: NodeKind,
    /// Its name. Empty for the root, and for what is damaged.
    pub name: String,
    /// Its name as a list shows it: unique in its folder. Two devices that upload one name at the same moment leave both
    /// files; the later is shown as "name (2)".
    pub shown_name: String,
    /// Bytes of plaintext; 0 for a folder.
    pub size: u64,
    /// The file's MIME type, if whoever uploaded it knew.
    pub mime: Option<String>,
    /// When the file was last modified before it was uploaded, in milliseconds since 1970, if that is known.
    pub modified_ms: Option<u64>,
    /// When a photo was taken, in milliseconds since 1970, if that is known.
    pub taken_ms: Option<u64>,
    /// Width and height of an image or video as it is shown, in pixels, if they are known.
    pub dimensions: Option<(u32, u32)>,
    /// Whether the file has a thumbnail: [`Cloud::thumbnail`](crate::Cloud::thumbnail).
    pub has_thumbnail: bool,
    /// SHA-256 of the file's plaintext; nothing for a folder.
    pub sha256: Option<Hash>,
    /// The number of the newest revision, from 1; 0 for a folder.
    pub revision: u64,
    /// When it was written to the cloud, in milliseconds since 1970 by the writer's clock.
    pub written_ms: u64,
    /// When it was created, in milliseconds since 1970 by the creator's clock.
    pub created_ms: u64,
    /// When it was moved to the trash, in milliseconds since 1970 by the clock of whoever did; nothing for what is not in it, or lies
    /// in a folder that is.
    pub trashed_ms: Option<u64>,
    /// The folder that it was in before it was moved to the trash.
    pub origin: Option<Id>,
    /// Why it cannot be shown, if it cannot: `CannotOpen` for what is damaged, `Rollback` for what storage shows in an older
    /// state or not at all. Everything else but `id` and `parent` is empty then.
    pub damaged: Option<ErrorKind>,
}

impl Entry {
    /// An entry for what is there and cannot be opened.
    pub(crate) fn damaged(id: Id, parent: Id, why: ErrorKind) -> Self {
        Self {
            id,
            parent,
            kind: NodeKind::File,
            name: String::new(),
            shown_name: id.to_string(),
            size: 0,
            mime: None,
            modified_ms: None,
            taken_ms: None,
            dimensions: None,
            has_thumbnail: false,
            sha256: None,
            revision: 0,
            written_ms: 0,
            created_ms: 0,
            trashed_ms: None,
            origin: None,
            damaged: Some(why),
        }
    }

    /// Whether it is a folder.
    pub fn is_folder(&self) -> bool {
        self.kind == NodeKind::Folder
    }
}
