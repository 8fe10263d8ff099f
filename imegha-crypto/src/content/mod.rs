//! Objects: the content of files and thumbnails, sealed in chunks, so that any part can be read (FORMAT 6).
//!
//! ```text
//! object = prefix(32) || salt(24) || commitment(32) || chunk_0 || … || chunk_last
//! ```

mod io;
pub mod layout;
mod opener;
mod prefix;
mod sealer;

pub use io::{OpeningReader, SealingWriter};
pub use opener::ContentOpener;
pub use prefix::{ContentKind, object_head};
pub use sealer::ContentSealer;
