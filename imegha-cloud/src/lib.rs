#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

#[cfg(feature = "client")]
mod albums;
#[cfg(feature = "client")]
mod audit;
pub mod backend;
#[cfg(feature = "client")]
mod client;
pub mod clock;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod deploy;
mod error;
#[cfg(feature = "client")]
mod export;
#[cfg(feature = "client")]
mod files;
#[cfg(feature = "gateway")]
pub mod gateway;
#[cfg(feature = "client")]
mod log;
#[cfg(feature = "client")]
mod migrate;
#[cfg(feature = "client")]
mod photos;
#[cfg(feature = "client")]
mod profile;
pub mod protocol;
pub mod schema;
#[cfg(feature = "program")]
pub mod serving;
#[cfg(any(feature = "client", feature = "remote"))]
mod timer;
#[cfg(feature = "client")]
mod usage;

#[cfg(feature = "client")]
pub use albums::{Album, AlbumDraft};
#[cfg(feature = "client")]
pub use audit::{Audit, AuditAction, AuditEntry, AuditFilter};
#[cfg(all(feature = "client", feature = "remote"))]
pub use client::Connected;
#[cfg(feature = "client")]
pub use client::{
    BytesSource, CancelToken, Cloud, CloudKeys, Content, DeviceStore, EarlierKeys, HeldJournal, JournalStore,
    MemoryDevice, MemoryJournals, Source, Store, StreamSource,
};
#[cfg(all(feature = "client", not(target_arch = "wasm32")))]
pub use client::{FileDevice, FileSource, ToDisk};
pub use error::{Error, ErrorKind, Result};
#[cfg(feature = "client")]
pub use export::{ExportOptions, ExportTarget, Exported, NotExported};
#[cfg(feature = "client")]
pub use files::{
    Collected, Depth, Download, Entry, Fault, Found, KeepRevisions, Looked, MAX_NAME_LEN, NodeKind, OnTaken, Problem,
    Purged, Report, Revision, TRASH_DAYS, Unfinished,
};
#[cfg(feature = "client")]
pub use log::Action;
#[cfg(feature = "client")]
pub use migrate::{MigrateProgress, Migrated};
#[cfg(all(feature = "thumbnails", not(target_arch = "wasm32")))]
pub use photos::Pictured;
#[cfg(feature = "client")]
pub use photos::{Photo, Thumbnail};
#[cfg(feature = "client")]
pub use profile::{Picture, Profile};
#[cfg(feature = "client")]
pub use usage::{Amount, Estimate, MicroDollars, PriceList, Requests, Usage};
