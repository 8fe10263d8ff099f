//! The keys, one file a kind (FORMAT 3 to 5, 7).
//!
//! ```text
//! password ─ PBKDF2 ─> PasswordKek ─┐
//!                                   ├─ wraps ─> Dek ─┬─ wraps ─> Identity
//! 24 words ──────────> RecoveryKek ─┘                ├─ wraps ─> Dek of the epoch before
//!                                                    ├─ derives ─> PurposeKey (log, profile, settings, …)
//!                                                    │    └─ wraps ─> AlbumKey, EpochKey, keys received from others
//!                                                    └─ wraps ─> NodeKey of the root
//!                                                         └─ wraps ─> NodeKey of a child …
//!                                                              ├─ derives ─> MetadataKey (names, kinds)
//!                                                              └─ wraps ─> FileKey ─ derives ─> ThumbnailKey
//! ```

pub(crate) mod album;
pub(crate) mod dek;
pub(crate) mod file;
pub(crate) mod history;
pub(crate) mod identity;
pub(crate) mod metadata;
pub(crate) mod node;
pub(crate) mod password;
pub(crate) mod purpose;
pub(crate) mod received;
pub(crate) mod recovery;
