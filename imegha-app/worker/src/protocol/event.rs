//! What the worker says unasked.

use serde::{Deserialize, Serialize};

use super::Session;

/// What the worker says unasked.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// How far a transfer is.
    Progress {
        /// Its number.
        transfer: u32,
        /// Bytes of plaintext done.
        done: u64,
        /// Bytes of plaintext in all.
        total: u64,
    },
    /// The connection is gone; a transfer waits and tries again.
    Waiting {
        /// Its number.
        transfer: u32,
    },
    /// How far an export is. How much there is in all nobody knows before its end.
    Exporting {
        /// Its number.
        transfer: u32,
        /// Files that are written, older revisions among them.
        files: u64,
        /// Their bytes.
        bytes: u64,
    },
    /// How far the check is.
    Checked {
        /// Objects that were looked at.
        objects: u64,
        /// Objects that there should be.
        of_objects: u64,
        /// How many bytes were looked at.
        bytes: u64,
        /// How many bytes there should be.
        of_bytes: u64,
    },
    /// How far the move to another place is, in bytes of what is sealed.
    Moved {
        /// Those that are there.
        done: u64,
        /// All of them.
        total: u64,
    },
    /// Another tab or device has changed the cloud: what is on the screen may be old.
    Changed,
    /// Another tab has changed the account: its password, its address, what it accepted.
    Renewed(Session),
    /// There may be something new between the account and other people.
    People,
    /// Another tab has signed out or locked. This worker has wiped its keys.
    Left {
        /// Whether it has locked: the person is expected back.
        locked: bool,
    },
}
