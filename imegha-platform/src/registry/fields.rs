//! Reading a record's fields as what they must be.

use imegha_cloud::backend::{Key, Record};
use imegha_crypto::{Email, Hash, Id, Sealed, SealedTo, Signature};

use super::schema::{Field, PlatformSchema, PlatformValue};
use crate::error::{Error, ErrorKind, Result};
use crate::tag::Tag;

/// A record of the platform.
pub(crate) type PlatformRecord = Record<PlatformSchema>;
/// A key of the platform.
pub(crate) type PlatformKey = Key<PlatformSchema>;

/// The typed fields of a record. A field that is missing or of another type means that the storage is damaged.
pub(crate) struct Fields<'a>(pub(crate) &'a PlatformRecord);

macro_rules! typed {
    ($($method:ident: $variant:ident => $type:ty),+ $(,)?) => {
        $(pub(crate) fn $method(&self, field: Field) -> Result<$type> {
            match self.0.field(field) {
                Some(PlatformValue::$variant(value)) => Ok(value.clone()),
                _ => Err(damaged()),
            }
        })+
    };
}

impl Fields<'_> {
    typed! {
        id: Id => Id,
        u64: U64 => u64,
        time: Time => u64,
        hash: Hash => Hash,
        signature: Signature => Signature,
        public_key: PublicKey => [u8; 32],
        spki: Spki => Vec<u8>,
        salt: Salt => [u8; 32],
        sealed: Sealed => Sealed,
        email: Email => Email,
        tag: Tag => Tag,
        card: Card => SealedTo,
        push_token: PushToken => Vec<u8>,
    }

    pub(crate) fn u32(&self, field: Field) -> Result<u32> {
        u32::try_from(self.u64(field)?).map_err(|_| damaged())
    }

    /// `None` when the field is not there; damaged when it is there and of another type.
    pub(crate) fn optional<T>(&self, field: Field, read: impl FnOnce(&Self, Field) -> Result<T>) -> Result<Option<T>> {
        self.0.field(field).map(|_| read(self, field)).transpose()
    }
}

/// The storage holds what this version does not write.
pub(crate) fn damaged() -> Error {
    Error::new(ErrorKind::Storage, "a record of the registry is damaged")
}
