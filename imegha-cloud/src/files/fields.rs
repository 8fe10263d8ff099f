//! The fields of a node's records, as what they should be.

use imegha_crypto::{Hash, Id, Sealed, Signature};

use crate::backend::Record;
use crate::error::{Error, ErrorKind, Result};
use crate::schema::{CloudSchema, CloudValue, Field};

/// Takes the values of a record by field. What is missing or of another type is `CannotOpen`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a>(pub(crate) &'a Record<CloudSchema>);

impl<'a> Fields<'a> {
    pub(crate) fn id(self, field: Field) -> Result<Id> {
        match self.0.field(field) {
            Some(CloudValue::Id(id)) => Ok(*id),
            _ => Err(refused()),
        }
    }

    pub(crate) fn number(self, field: Field) -> Result<u64> {
        match self.0.field(field) {
            Some(CloudValue::U64(number)) => Ok(*number),
            _ => Err(refused()),
        }
    }

    pub(crate) fn epoch(self, field: Field) -> Result<u32> {
        u32::try_from(self.number(field)?).map_err(|_| refused())
    }

    pub(crate) fn time(self, field: Field) -> Result<u64> {
        match self.0.field(field) {
            Some(CloudValue::Time(ms)) => Ok(*ms),
            _ => Err(refused()),
        }
    }

    pub(crate) fn sealed(self, field: Field) -> Result<&'a Sealed> {
        match self.0.field(field) {
            Some(CloudValue::Sealed(sealed)) => Ok(sealed),
            _ => Err(refused()),
        }
    }

    pub(crate) fn signature(self, field: Field) -> Result<&'a Signature> {
        match self.0.field(field) {
            Some(CloudValue::Signature(signature)) => Ok(signature),
            _ => Err(refused()),
        }
    }

    pub(crate) fn hash(self, field: Field) -> Result<&'a Hash> {
        match self.0.field(field) {
            Some(CloudValue::Hash(hash)) => Ok(hash),
            _ => Err(refused()),
        }
    }

    pub(crate) fn salt(self, field: Field) -> Result<[u8; 24]> {
        match self.0.field(field) {
            Some(CloudValue::Salt(salt)) => Ok(*salt),
            _ => Err(refused()),
        }
    }
}

fn refused() -> Error {
    Error::new(ErrorKind::CannotOpen, "a record lacks a field that it should have")
}
