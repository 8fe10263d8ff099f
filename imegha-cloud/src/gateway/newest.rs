//! The newest identity of the owner, and the record that it stands in.

use imegha_crypto::{Fingerprint, Hash, Id, KeyHistory, PublicIdentity};

use crate::backend::{Condition, Key, Record};
use crate::error::{Error, ErrorKind, Result};
use crate::schema::{CloudSchema, CloudValue, Collection, Field};

/// An identity, and its place in the owner's key history (FORMAT 7).
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Newest {
    seq: u64,
    /// The hash of its entry. Of the first the gateway knows none: it was deployed with the keys alone.
    hash: Option<Hash>,
    identity: PublicIdentity,
}

impl Newest {
    /// The identity that the deployment pins.
    pub(super) fn first(identity: PublicIdentity) -> Self {
        Self { seq: 0, hash: None, identity }
    }

    /// The end of a history that holds.
    pub(super) fn of(history: &KeyHistory) -> Self {
        match history.entries().len() as u64 - 1 {
            0 => Self::first(history.current().clone()),
            seq => Self { seq, hash: Some(history.head()), identity: history.current().clone() },
        }
    }

    pub(super) fn seq(&self) -> u64 {
        self.seq
    }

    pub(super) fn identity(&self) -> &PublicIdentity {
        &self.identity
    }

    pub(super) fn fingerprint(&self) -> Fingerprint {
        self.identity.fingerprint()
    }

    /// Whether a history has this identity at its place: it goes on from here, or ends here.
    pub(super) fn is_in(&self, history: &KeyHistory, account: &Id, tag: &str) -> bool {
        let entry = usize::try_from(self.seq).ok().and_then(|seq| history.entries().get(seq));
        entry.is_some_and(|entry| {
            entry.identity == self.identity && self.hash.is_none_or(|hash| entry.hash(account, tag) == hash)
        })
    }

    /// Where it stands.
    pub(super) fn key() -> Key<CloudSchema> {
        Key::new(Collection::Owner, [], [CloudValue::U64(1)])
    }

    /// The record of any but the first, which has none.
    pub(super) fn to_record(&self) -> Option<Record<CloudSchema>> {
        let hash = self.hash?;
        Some(
            Record::new(Self::key())
                .with(Field::Seq, CloudValue::U64(self.seq))
                .with(Field::Hash, CloudValue::Hash(hash))
                .with(Field::Owner, CloudValue::Identity(Box::new(self.identity.clone()))),
        )
    }

    /// Reads the record, strictly.
    ///
    /// # Errors
    /// `Backend` for a record of another form: whom to serve is not known then, and nobody is.
    pub(super) fn from_record(record: &Record<CloudSchema>) -> Result<Self> {
        let fields = (record.field(Field::Seq), record.field(Field::Hash), record.field(Field::Owner));
        match fields {
            (Some(CloudValue::U64(seq @ 1..)), Some(CloudValue::Hash(hash)), Some(CloudValue::Identity(identity)))
                if record.fields.len() == 3 =>
            {
                Ok(Self { seq: *seq, hash: Some(*hash), identity: (**identity).clone() })
            }
            _ => Err(Error::new(ErrorKind::Backend, DAMAGED)),
        }
    }

    /// What holds of the record as long as it is the one that was read.
    pub(super) fn unchanged(read: Option<&Self>) -> Condition<CloudSchema> {
        match read {
            Some(read) => Condition::Equals(Field::Seq, CloudValue::U64(read.seq)),
            None => Condition::Absent,
        }
    }
}

/// What is wrong with a record that cannot be read.
pub(super) const DAMAGED: &str = "the record `owner` in the cloud's storage is damaged: nobody is served until it is removed; the owner's next \
     device then tells the key history again";

#[cfg(test)]
mod tests {
    use imegha_crypto::Identity;

    use super::*;

    #[test]
    fn a_record_is_of_its_form_or_damaged() {
        let identity = Identity::generate().unwrap().public().clone();
        let newest = Newest { seq: 3, hash: Some(Hash::of(b"entry")), identity: identity.clone() };
        let record = newest.to_record().unwrap();
        assert_eq!(Newest::from_record(&record).unwrap(), newest);
        let stored = Record::from_key_and_fields(record.key.clone(), &record.fields_to_bytes()).unwrap();
        assert_eq!(Newest::from_record(&stored).unwrap(), newest, "as storage has it");
        assert_eq!(Newest::first(identity).to_record(), None);

        let damaged = |change: &dyn Fn(&mut Record<CloudSchema>)| {
            let mut record = record.clone();
            change(&mut record);
            assert_eq!(Newest::from_record(&record).unwrap_err().kind(), ErrorKind::Backend, "{record:?}");
        };
        for field in [Field::Seq, Field::Hash, Field::Owner] {
            damaged(&|record| drop(record.fields.remove(&field)));
            damaged(&|record| drop(record.fields.insert(field, CloudValue::Time(1))));
        }
        damaged(&|record| drop(record.fields.insert(Field::Seq, CloudValue::U64(0))));
        damaged(&|record| drop(record.fields.insert(Field::Written, CloudValue::Time(1))));
        // What is no identity is no value either.
        let mut bytes = record.fields_to_bytes();
        let spki = bytes.windows(2).position(|window| window == [0x30, 0x82]).unwrap();
        bytes[spki] ^= 1;
        assert!(Record::<CloudSchema>::from_key_and_fields(record.key.clone(), &bytes).is_err());
    }
}
