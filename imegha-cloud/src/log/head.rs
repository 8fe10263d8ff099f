//! The signed head of the log.

use imegha_crypto::{Id, Identity, Signature};

use super::index::Position;
use super::key;
use crate::backend::Record;
use crate::client::Owners;
use crate::error::{Error, ErrorKind, Result};
use crate::schema::{CloudSchema, CloudValue, Field};

/// Where the log ends, as the owner signed it (FORMAT 11).
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) position: Position,
    ms: u64,
    signature: Signature,
}

impl Head {
    pub(crate) fn sign(identity: &Identity, cloud: &Id, position: Position, ms: u64) -> Self {
        Self { position, ms, signature: identity.sign_head(cloud, position.seq, &position.hash, ms) }
    }

    pub(crate) fn to_record(&self) -> Record<CloudSchema> {
        Record::new(key::head())
            .with(Field::Seq, CloudValue::U64(self.position.seq))
            .with(Field::Hash, CloudValue::Hash(self.position.hash))
            .with(Field::Written, CloudValue::Time(self.ms))
            .with(Field::Signature, CloudValue::Signature(self.signature))
    }

    /// Reads the head from its record, and refuses it unless an identity of the owner signed it for that cloud. Gives the DEK epoch of that
    /// identity too: it is to be that of the entry where the log ends.
    pub(crate) fn open(record: &Record<CloudSchema>, owners: &Owners, cloud: &Id) -> Result<(Self, u32)> {
        let (
            Some(CloudValue::U64(seq)),
            Some(CloudValue::Hash(hash)),
            Some(CloudValue::Time(ms)),
            Some(CloudValue::Signature(signature)),
        ) = (
            record.field(Field::Seq),
            record.field(Field::Hash),
            record.field(Field::Written),
            record.field(Field::Signature),
        )
        else {
            return Err(Error::new(ErrorKind::CannotOpen, "the head of the log is not of its form"));
        };
        let signed_in = owners.verify(|owner| owner.verify_head(cloud, *seq, hash, *ms, signature))?;
        Ok((Self { position: Position { seq: *seq, hash: *hash }, ms: *ms, signature: *signature }, signed_in))
    }
}
