//! Backups: all that the server keeps, copied while it runs, and brought back.
//!
//! ```text
//! <folder>/                       0700, given to `backup`
//!   lock                          held while a backup is made
//!   2026-11-25T01-22-05Z/         one backup, in UTC
//!     manifest.json               what is in it; see `manifest`
//!     platform.sqlite …           as in the data folder
//!   2026-11-25T02-00-00Z.partial/ one that was interrupted; the next `backup` removes it
//! ```
//!
//! Everything in it is sealed as it is in the data folder, so whoever has a backup has what a thief of the server would have, and
//! no more. Nothing is opened to make one. Unfinished uploads are not in it.

mod bring_back;
mod made;
mod make;
mod manifest;

pub(crate) use bring_back::bring_back;
pub(crate) use made::Made;
pub(crate) use make::make;
