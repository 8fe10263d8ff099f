//! Albums: files put together under a title and in an order, without a copy of any.
//!
//! An album has a key of its own, and each of its items wraps a file's key under it, so that an album can be given to somebody who
//! has no key of any folder. What the owner is shown is the file as it is now, wherever it is. An item whose file is in the trash is
//! not shown and comes back with it; one whose file is gone is not shown, and is removed by the next change of what is in the album.

mod album;
mod changing;
mod editing;
mod item;
mod rank;
mod reading;
mod renewal;
mod seen;

pub(crate) use album::KnownAlbum;
pub use album::{Album, AlbumDraft};
pub(crate) use item::Item;
pub(crate) use seen::Seen;
