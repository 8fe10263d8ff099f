//! Whether everything is there that should be.

use serde::{Deserialize, Serialize};

/// What a check has seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Whether every byte was read.
    pub deep: bool,
    /// Records that are as they should be.
    pub records: u64,
    /// Files and folders that opened.
    pub nodes: u64,
    /// Objects that are as they should be.
    pub objects: u64,
    /// How many bytes these have.
    pub bytes: u64,
    /// What is not as it should be, the first of it.
    pub problems: Vec<Problem>,
    /// How many there are in all.
    pub count: u64,
}

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The id in hex of the file or folder that it is about; nothing when it is about the cloud.
    pub node: Option<String>,
    /// What it is called and the folders that it is in, from the outermost; nothing where that cannot be read.
    pub path: Option<Vec<String>>,
    /// What is wrong.
    pub what: Fault,
}

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fault {
    /// The log is not there from its beginning to its end, or says something else than this device knows.
    Log,
    /// Storage shows an older record than it should, or none at all.
    Withheld,
    /// It cannot be opened.
    CannotOpen,
    /// No folder leads to it.
    Unreachable,
    /// Its content is not there.
    Missing,
    /// Its content is damaged.
    Damaged,
    /// Its thumbnail is not there or damaged; the file itself is not touched by that.
    Thumbnail,
    /// Something that this page has no word for.
    Other,
}
