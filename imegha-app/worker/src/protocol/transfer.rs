//! Where uploads and downloads go, and the uploads that were interrupted.

use serde::{Deserialize, Serialize};

/// Where a download goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "save", rename_all = "snake_case")]
#[non_exhaustive]
pub enum SaveTo {
    /// Back to the page as `blob`, which browsers hold in memory or on disk.
    Blob,
    /// To the file on this device that comes as `handle`.
    File,
    /// Out through the service worker, which has the browser save it.
    Stream {
        /// The address that the page is about to ask for. Nobody can guess it, and it is answered once.
        address: String,
        /// What the file is to be called on this device.
        name: String,
    },
}

/// What to do when a name is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OnTaken {
    /// Nothing is done; the answer is [`ErrorCode::NameTaken`](super::ErrorCode::NameTaken).
    Ask,
    /// Both stay; the new one becomes "name (2)".
    KeepBoth,
    /// An uploaded file becomes the newest revision of the one that is there. What is moved takes the place of a file that is
    /// there, which goes to the trash.
    Replace,
}

/// An upload that was interrupted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interrupted {
    /// What this device calls it, in hex.
    pub upload: String,
    /// The folder that it goes to, in hex.
    pub folder: String,
    /// The name that it is stored under.
    pub name: String,
    /// Bytes of plaintext in all.
    pub size: u64,
    /// Bytes of plaintext that are stored.
    pub sent: u64,
    /// Whether it becomes the newest revision of a file.
    pub replaces: bool,
}
