//! A photo in the timeline.

use serde::{Deserialize, Serialize};

use super::Entry;

/// An image, with when it was taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Photo {
    /// The file.
    pub entry: Entry,
    /// When it was taken, in milliseconds since 1970; when the file was last modified, where no camera says.
    pub taken_ms: u64,
    /// Width and height as it is shown, in pixels, if they are known.
    pub sides: Option<(u32, u32)>,
}
