//! Sample values of a schema, so that the suite can run on any.

use std::sync::LazyLock;

use imegha_crypto::{Hash, Id, Identity, PublicIdentity, Sealed, Signature};

use crate::backend::Schema;
use crate::schema::{CloudSchema, CloudValue, Collection, Field};

/// A schema that can give values to test a store with.
pub trait SampleSchema: Schema + PartialEq {
    /// Two collections.
    const COLLECTIONS: [Self::Collection; 2];
    /// Two fields.
    const FIELDS: [Self::Field; 2];

    /// A value of eight bytes that sorts by size.
    fn number(number: u64) -> Self::Value;

    /// A value of `len` bytes or up to 16 fewer, where `len` is 128 or more.
    fn long(len: usize) -> Self::Value;

    /// One of each kind of value.
    fn every_value() -> Vec<Self::Value>;
}

impl SampleSchema for CloudSchema {
    const COLLECTIONS: [Collection; 2] = [Collection::Log, Collection::Revision];
    const FIELDS: [Field; 2] = [Field::Seq, Field::Entry];

    fn number(number: u64) -> CloudValue {
        CloudValue::U64(number)
    }

    fn long(len: usize) -> CloudValue {
        // No sealing has a length that is 0 to 15 bytes past its whole chunks.
        let sealed = Sealed::from_received(vec![7; len]).or_else(|_| Sealed::from_received(vec![7; len - 16]));
        CloudValue::Sealed(sealed.expect("one of two lengths 16 apart is that of a sealing"))
    }

    fn every_value() -> Vec<CloudValue> {
        vec![
            CloudValue::Id(Id::from_bytes([1; 16])),
            CloudValue::U64(0),
            CloudValue::U64(u64::MAX),
            CloudValue::Time(1_790_000_000_000),
            CloudValue::Hash(Hash::from_bytes([2; 32])),
            CloudValue::Signature(Signature::from_bytes([3; 64])),
            CloudValue::PublicKey([4; 32]),
            CloudValue::Salt([5; 24]),
            Self::long(200),
            CloudValue::Identity(Box::new(IDENTITY.clone())),
        ]
    }
}

/// Drawn once: that takes longer than a case of the suite.
static IDENTITY: LazyLock<PublicIdentity> =
    LazyLock::new(|| Identity::generate().expect("this machine draws keys").public().clone());
