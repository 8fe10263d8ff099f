//! Objects and uploads, as JSON where they are not raw bytes.

use serde::{Deserialize, Serialize};

use super::Decimal;
use crate::backend::{BlobMeta, ObjectName, UploadId, UploadMeta};
use crate::error::Result;

/// What is known of an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectAnswer {
    /// 48 lower-case hex digits.
    pub name: String,
    /// Its length in bytes.
    pub size: Decimal,
    /// When it was stored, in milliseconds since 1970.
    pub stored_ms: Decimal,
}

impl ObjectAnswer {
    /// As it goes over the wire.
    pub fn of(meta: &BlobMeta) -> Self {
        Self { name: meta.name.to_string(), size: Decimal(meta.size), stored_ms: Decimal(meta.stored_ms) }
    }

    /// As it comes from the wire.
    ///
    /// # Errors
    /// `Malformed` when the name is none.
    pub fn into_meta(self) -> Result<BlobMeta> {
        Ok(BlobMeta { name: ObjectName::parse(&self.name)?, size: self.size.0, stored_ms: self.stored_ms.0 })
    }
}

/// A page of objects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectsAnswer {
    /// The objects in the order of their names.
    pub objects: Vec<ObjectAnswer>,
}

/// An unfinished upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadAnswer {
    /// The name that the object will have.
    pub name: String,
    /// The upload's id as it is, not as in a path.
    pub id: String,
    /// When it was begun, in milliseconds since 1970.
    pub begun_ms: Decimal,
}

impl UploadAnswer {
    /// As it goes over the wire.
    pub fn of(meta: &UploadMeta) -> Self {
        Self { name: meta.name.to_string(), id: meta.id.as_str().to_owned(), begun_ms: Decimal(meta.begun_ms) }
    }

    /// As it comes from the wire.
    ///
    /// # Errors
    /// `Malformed` when the name or the id is none.
    pub fn into_meta(self) -> Result<UploadMeta> {
        Ok(UploadMeta {
            name: ObjectName::parse(&self.name)?,
            id: UploadId::parse(&self.id)?,
            begun_ms: self.begun_ms.0,
        })
    }
}

/// The unfinished uploads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadsAnswer {
    /// All of them, in no order.
    pub uploads: Vec<UploadAnswer>,
}

/// An upload that was begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BegunAnswer {
    /// The upload's id as it is, not as in a path.
    pub id: String,
}

/// Completes an upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompleteRequest {
    /// How many parts there are.
    pub parts: u32,
    /// The length of the object in bytes.
    pub size: Decimal,
}
