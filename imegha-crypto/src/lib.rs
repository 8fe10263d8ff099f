#![doc = include_str!("../README.md")]
//! # Map
//!
//! | to | use |
//! |---|---|
//! | make, unlock and change an account | [`Account`]: what goes to the platform is its [`AccountRecord`] |
//! | turn what was typed into keys | [`Password`], [`Email`], [`KdfParams`], [`Login`], [`PasswordKeys`], [`RecoveryPhrase`] |
//! | keep the one key of an account | [`Dek`]: wrapped by password and by phrase |
//! | sign and check what changes an account | [`KeysStatement`], [`RecoveryStatement`] |
//! | be somebody, know somebody | [`Identity`], [`PublicIdentity`], [`KeyHistory`], [`safety_number`] |
//! | name things, in folders | [`NodeKey`], [`MetadataKey`] |
//! | seal content | [`FileKey`], [`ContentSealer`], [`ContentOpener`], [`PartBuffer`], [`SealingWriter`], [`OpeningReader`], [`layout`] |
//! | seal something to somebody, signed | [`Identity::seal_to`], [`Identity::open_from`], [`Subject`], [`SealedTo`] |
//! | talk, two or more | [`EpochDraft`], [`Epoch`], [`EpochKey`], [`SenderHead`] |
//! | show something to whoever has a link | [`PublicLink`], [`LinkKey`], [`LinkAccess`] |
//! | report accesses to a cloud's owner | [`GatewayKey`], [`Identity::open_access`] |
//! | keep a cloud's own records | [`PurposeKey`], [`AlbumKey`] |
//! | prove that nothing was rolled back | [`mod@log`] |
//! | sign a request to a gateway | [`request`] |
//! | do the dear work, in a browser too | [`device`] |
//! | hand something to storage | [`Sealed`], [`SealedObject`], [`SealedPart`] |
#![forbid(unsafe_code)]

mod account;
mod content;
pub mod device;
mod envelope;
mod error;
pub mod format;
#[cfg(feature = "hazmat")]
#[doc(hidden)]
pub mod hazmat;
mod id;
mod keys;
mod label;
pub mod log;
mod primitives;
pub mod request;
mod sealed;
mod secret;

pub use account::login::Login;
pub use account::record::{AccountRecord, IdentityWrap, PasswordWrap, PhraseWrap, PreviousWrap, Wrap};
pub use account::statement::{KeysStatement, RecoveryStatement};
pub use account::{Account, LastSeen};
pub use content::{
    ContentKind, ContentOpener, ContentSealer, OpeningReader, PartBuffer, SealingWriter, layout, object_head,
};
pub use envelope::access::{AccessPlace, GatewayKey, GatewayPublicKey};
pub use envelope::epoch::{Epoch, EpochDraft};
pub use envelope::link::{LinkAccess, LinkKey, LinkKeys, PublicLink};
pub use envelope::message::{MessagePlace, SenderHead, message_hash};
pub use envelope::sealed_to::SealedTo;
pub use envelope::subject::{FeedPlace, Subject};
pub use error::{Error, PhraseError, Result};
pub use id::{Fingerprint, Hash, Id, Signature};
pub use keys::album::{AlbumItem, AlbumKey, AlbumMetadataKey};
pub use keys::dek::Dek;
pub use keys::file::{FileKey, ThumbnailKey};
pub use keys::history::{KeyHistory, KeyHistoryEntry, safety_number};
pub use keys::identity::{Identity, PublicIdentity};
pub use keys::metadata::MetadataKey;
pub use keys::node::NodeKey;
pub use keys::password::{AuthSecret, Email, KdfParams, Password, PasswordKek, PasswordKeys};
pub use keys::purpose::{Purpose, PurposeKey, RecordKind};
pub use keys::received::EpochKey;
pub use keys::recovery::{RecoveryKek, RecoveryKeys, RecoveryPhrase, RecoveryPublicKey};
pub use primitives::provider;
pub use sealed::{Sealed, SealedObject, SealedPart};
