//! The revisions of a file.

use serde::{Deserialize, Serialize};

/// One revision of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// Its number, from 1.
    pub number: u64,
    /// Bytes of plaintext.
    pub size: u64,
    /// When it was written to the cloud, in milliseconds since 1970 by the writer's clock.
    pub written_ms: u64,
}

/// Which older revisions stay when others are removed: what one of the two wants to keep. The newest always does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keep {
    /// The last so many before the newest.
    pub last: u32,
    /// Those of the last so many days.
    pub days: u32,
}
