//! The client of a cloud: keys, storage, clock and the memory of a device, put together.

pub(crate) mod beside;
mod cancel;
mod cloud;
#[cfg(feature = "remote")]
mod connect;
mod content;
mod device;
#[cfg(not(target_arch = "wasm32"))]
mod disk;
mod epochs;
mod journal;
#[cfg(not(target_arch = "wasm32"))]
mod journal_files;
pub(crate) mod json;
pub(crate) mod keys;
pub(crate) mod local;
mod recovery;
mod renewal;
pub(crate) mod retry;
mod source;
pub(crate) mod store;
mod temporary;

pub use cancel::CancelToken;
pub use cloud::Cloud;
#[cfg(feature = "remote")]
pub use connect::Connected;
pub use content::Content;
pub(crate) use content::{About, Watch};
pub use device::{DeviceStore, MemoryDevice};
#[cfg(not(target_arch = "wasm32"))]
pub use disk::{FileDevice, FileSource, ToDisk};
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use disk::{Temporary, on_a_thread, unwritable};
pub use epochs::EarlierKeys;
pub(crate) use epochs::{Deks, Owners, PurposeKeys, check_signer};
pub use journal::{HeldJournal, JournalStore, MemoryJournals};
pub use keys::CloudKeys;
pub use source::{BytesSource, Source, StreamSource};
pub use store::Store;
pub(crate) use temporary::is_temporary;
