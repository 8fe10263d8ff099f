#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod backend;
#[cfg(feature = "client")]
mod client;
pub mod clock;
#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
#[cfg(feature = "client")]
mod files;
#[cfg(feature = "gateway")]
pub mod gateway;
#[cfg(feature = "client")]
mod log;
pub mod protocol;
pub mod schema;
#[cfg(feature = "server")]
pub mod serving;
#[cfg(any(feature = "client", feature = "remote"))]
mod timer;

#[cfg(feature = "client")]
pub use client::{
    BytesSource, CancelToken, Cloud, CloudKeys, Content, DeviceStore, HeldJournal, JournalStore, MemoryDevice,
    MemoryJournals, Source, Store, StreamSource,
};
#[cfg(all(feature = "client", not(target_arch = "wasm32")))]
pub use client::{FileDevice, FileSource, ToDisk};
pub use error::{Error, ErrorKind, Result};
#[cfg(feature = "client")]
pub use files::{
    Collected, Depth, Download, Entry, Fault, Found, MAX_NAME_LEN, NodeKind, OnTaken, Problem, Purged, Report,
    Revision, TRASH_DAYS, Unfinished,
};
