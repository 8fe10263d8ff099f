//! The keys and sealed formats of iMegha.
#![forbid(unsafe_code)]

mod error;
mod id;
mod sealed;

pub use error::{Error, PhraseError, Result};
pub use id::{Fingerprint, Hash, Id, Signature};
pub use sealed::{Sealed, SealedObject, SealedPart};
