//! Objects: the content of files and thumbnails, sealed in chunks, so that any part can be read (FORMAT 6).
//!
//! ```text
//! object = prefix(32) || salt(24) || commitment(32) || chunk_0 || … || chunk_last
//! ```

#[cfg(feature = "futures")]
mod futures_io;
pub mod layout;
mod opener;
mod part;
mod prefix;
mod reader;
mod sealer;
#[cfg(feature = "tokio")]
mod tokio_io;
mod writer;

pub use opener::ContentOpener;
pub use part::PartBuffer;
pub use prefix::{ContentKind, object_head};
pub use reader::OpeningReader;
pub use sealer::ContentSealer;
pub use writer::SealingWriter;

/// The crate's error in what `std::io` has for one.
fn to_io(error: crate::Error) -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidData, error)
}
