//! What can be shown of a file.

use serde::{Deserialize, Serialize};

/// What can be shown of a file without trusting it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Preview {
    /// An image that the browser may decode: its bytes begin like its type, and its size was checked. It comes as `blob`.
    Image {
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
    },
    /// Text, also the source of what is never rendered here (HTML, SVG).
    Text {
        /// Its beginning.
        text: String,
        /// Whether there is more.
        cut: bool,
    },
    /// A sound or a film. The service worker answers `/stream/` and the address, until something else is looked at.
    Media {
        /// Nobody can guess it.
        address: String,
        /// Whether there is something to see.
        film: bool,
    },
    /// It is not shown, and can be downloaded.
    Nothing {
        /// Why.
        why: NoPreview,
    },
}

/// Why a file is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NoPreview {
    /// It is of another kind.
    Kind,
    /// Its pixels would fill the device's memory.
    TooLarge,
    /// It is called an image and does not begin like one.
    Damaged,
    /// A PDF, which can hold script.
    Pdf,
    /// A sound or a film of a kind that browsers do not play.
    Unplayable,
}
