//! What page and worker say to each other.
//!
//! Each message is a JavaScript object `{ id: number, json: string, blob?: Blob, handle?: FileSystemHandle, port?: MessagePort }`. The page numbers its requests;
//! the worker answers each once with a [`Reply`] under the same number, and sends any number of [`Event`]s before that
//! with `id: 0`. A file travels beside the JSON as `blob`: towards the worker what is to be uploaded, towards the page
//! what was downloaded. Keys never cross.

mod account;
mod album;
mod audit;
mod check;
mod event;
mod export;
mod failure;
mod listing;
mod person;
mod photo;
mod place;
mod preview;
mod profile;
mod reply;
mod request;
mod revision;
mod transfer;
mod usage;

pub use account::{OpenSession, Openers, PhraseProblem, Recalled, Session};
pub use album::Album;
pub use audit::{AuditEntry, AuditFilter, AuditNode};
pub use check::{Fault, Problem, Report};
pub use event::Event;
pub use export::{ExportTo, Exported};
pub use failure::{ErrorCode, Failure};
pub use listing::{Crumb, Entry, Hit, Listing, Trashed};
pub use person::{Card, Code, Compared, ConnectionAct, Keys, Person, PersonView, Safety, Standing};
pub use photo::Photo;
pub use place::{Before, CloudPlace, Place, PublicPlace, Taken};
pub use preview::{NoPreview, Preview};
pub use profile::{PictureChange, Profile};
pub use reply::Reply;
pub use request::Request;
pub use revision::{Keep, Revision};
pub use transfer::{Interrupted, OnTaken, SaveTo};
pub use usage::{Amount, Estimate, Usage};
