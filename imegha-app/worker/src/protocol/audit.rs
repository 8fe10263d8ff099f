//! What the owner did, as the log has it.

use serde::{Deserialize, Serialize};

/// Which entries are wanted: those that everything said here holds of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditFilter {
    /// Of that time or later, in milliseconds since 1970.
    pub since_ms: Option<u64>,
    /// Before that time.
    pub before_ms: Option<u64>,
    /// Of that action, by the log's name.
    pub action: Option<String>,
    /// About that file or folder, by its id in hex.
    pub node: Option<String>,
}

/// One change of the cloud.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// The number of the log's entry, from 1.
    pub seq: u64,
    /// When, in milliseconds since 1970 by the clock of the device that wrote it.
    pub time_ms: u64,
    /// The log's name of what was done.
    pub action: String,
    /// The first of the files and folders that it was done to.
    pub nodes: Vec<AuditNode>,
    /// How many there were in all.
    pub count: u64,
}

/// A file, folder or album that something was done to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditNode {
    /// Its id in hex.
    pub id: String,
    /// What it is called now and the folders that it is in, from the outermost, of an album its title alone; nothing when it is gone.
    pub path: Option<Vec<String>>,
}
