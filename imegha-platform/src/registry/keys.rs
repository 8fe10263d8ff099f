//! The keys of an account: wraps, identity, key history.

use imegha_cloud::backend::Record;
use imegha_crypto::{Email, Fingerprint, Hash, Id, KdfParams, PublicIdentity, Sealed};

use super::fields::{Fields, PlatformKey, PlatformRecord, damaged};
use super::schema::{Collection, Field, PlatformValue as V};
use crate::error::Result;
use crate::protocol::HistoryEntry;

/// A DEK wrapped by a password, with what tells which password.
#[derive(Clone, Debug, PartialEq)]
pub struct PasswordWrapRecord {
    /// Its id.
    pub id: Id,
    /// With which version of the keys it came: the order of the wraps.
    pub added: u64,
    /// The address that the password's keys are derived with.
    pub email: Email,
    /// The key derivation.
    pub kdf: KdfParams,
    /// H(auth) of the password.
    pub auth_hash: Hash,
    /// The epoch of the DEK.
    pub dek_epoch: u32,
    /// The wrap.
    pub wrap: Sealed,
}

/// A DEK wrapped by a recovery phrase.
#[derive(Clone, Debug, PartialEq)]
pub struct RecoveryWrapRecord {
    /// Its id.
    pub id: Id,
    /// With which version of the keys it came.
    pub added: u64,
    /// The phrase's Ed25519 public key.
    pub public_key: [u8; 32],
    /// The epoch of the DEK.
    pub dek_epoch: u32,
    /// The wrap.
    pub wrap: Sealed,
}

/// The DEK of an earlier epoch, wrapped by the DEK of the next.
#[derive(Clone, Debug, PartialEq)]
pub struct PreviousDekRecord {
    /// The epoch of the key inside.
    pub epoch: u32,
    /// The wrap.
    pub wrap: Sealed,
}

/// The wrapped private keys of an identity.
#[derive(Clone, Debug, PartialEq)]
pub struct IdentityRecord {
    /// Whose they are.
    pub fingerprint: Fingerprint,
    /// The epoch of the DEK that wraps them.
    pub dek_epoch: u32,
    /// The wrap.
    pub wrapped: Sealed,
}

impl PasswordWrapRecord {
    pub(super) fn key(account: &Id, id: &Id) -> PlatformKey {
        PlatformKey::new(Collection::PasswordWrap, [V::Id(*account)], [V::Id(*id)])
    }

    pub(super) fn to_record(&self, account: &Id) -> PlatformRecord {
        Record::new(Self::key(account, &self.id))
            .with(Field::Added, V::U64(self.added))
            .with(Field::Email, V::Email(self.email.clone()))
            .with(Field::KdfId, V::U64(self.kdf.kdf_id().into()))
            .with(Field::KdfIterations, V::U64(self.kdf.iterations().into()))
            .with(Field::KdfSalt, V::Salt(*self.kdf.salt()))
            .with(Field::AuthHash, V::Hash(self.auth_hash))
            .with(Field::DekEpoch, V::U64(self.dek_epoch.into()))
            .with(Field::Wrap, V::Sealed(self.wrap.clone()))
    }

    pub(super) fn from_record(record: &PlatformRecord) -> Result<Self> {
        let fields = Fields(record);
        let kdf_id = u8::try_from(fields.u64(Field::KdfId)?).map_err(|_| damaged())?;
        let iterations = fields.u32(Field::KdfIterations)?;
        let kdf = KdfParams::new(kdf_id, iterations, &fields.salt(Field::KdfSalt)?);
        Ok(Self {
            id: place_id(record)?,
            added: fields.u64(Field::Added)?,
            email: fields.email(Field::Email)?,
            kdf: kdf.map_err(|error| damaged().caused_by(error))?,
            auth_hash: fields.hash(Field::AuthHash)?,
            dek_epoch: fields.u32(Field::DekEpoch)?,
            wrap: fields.sealed(Field::Wrap)?,
        })
    }
}

impl RecoveryWrapRecord {
    pub(super) fn key(account: &Id, id: &Id) -> PlatformKey {
        PlatformKey::new(Collection::RecoveryWrap, [V::Id(*account)], [V::Id(*id)])
    }

    pub(super) fn to_record(&self, account: &Id) -> PlatformRecord {
        Record::new(Self::key(account, &self.id))
            .with(Field::Added, V::U64(self.added))
            .with(Field::RecoveryKey, V::PublicKey(self.public_key))
            .with(Field::DekEpoch, V::U64(self.dek_epoch.into()))
            .with(Field::Wrap, V::Sealed(self.wrap.clone()))
    }

    pub(super) fn from_record(record: &PlatformRecord) -> Result<Self> {
        let fields = Fields(record);
        Ok(Self {
            id: place_id(record)?,
            added: fields.u64(Field::Added)?,
            public_key: fields.public_key(Field::RecoveryKey)?,
            dek_epoch: fields.u32(Field::DekEpoch)?,
            wrap: fields.sealed(Field::Wrap)?,
        })
    }
}

impl PreviousDekRecord {
    pub(super) fn to_record(&self, account: &Id) -> PlatformRecord {
        let key = PlatformKey::new(Collection::PreviousDek, [V::Id(*account)], [V::U64(self.epoch.into())]);
        Record::new(key).with(Field::Wrap, V::Sealed(self.wrap.clone()))
    }

    pub(super) fn from_record(record: &PlatformRecord) -> Result<Self> {
        let [V::U64(epoch)] = record.key.sort.as_slice() else { return Err(damaged()) };
        let epoch = u32::try_from(*epoch).map_err(|_| damaged())?;
        Ok(Self { epoch, wrap: Fields(record).sealed(Field::Wrap)? })
    }
}

impl IdentityRecord {
    pub(super) fn key(account: &Id, fingerprint: &Fingerprint) -> PlatformKey {
        let place = V::Hash(Hash::from_bytes(*fingerprint.as_bytes()));
        PlatformKey::new(Collection::Identity, [V::Id(*account)], [place])
    }

    pub(super) fn to_record(&self, account: &Id) -> PlatformRecord {
        Record::new(Self::key(account, &self.fingerprint))
            .with(Field::DekEpoch, V::U64(self.dek_epoch.into()))
            .with(Field::Wrap, V::Sealed(self.wrapped.clone()))
    }

    pub(super) fn from_record(record: &PlatformRecord) -> Result<Self> {
        let fields = Fields(record);
        let fingerprint = place_hash(record)?;
        Ok(Self {
            fingerprint: Fingerprint::from_bytes(*fingerprint.as_bytes()),
            dek_epoch: fields.u32(Field::DekEpoch)?,
            wrapped: fields.sealed(Field::Wrap)?,
        })
    }
}

/// A key history's entry as a record.
pub(super) fn history_record(account: &Id, entry: &HistoryEntry) -> PlatformRecord {
    let record = Record::new(PlatformKey::new(Collection::History, [V::Id(*account)], [V::U64(entry.seq)]))
        .with(Field::Previous, V::Hash(entry.previous))
        .with(Field::Spki, V::Spki(entry.spki.clone()))
        .with(Field::Ed25519, V::PublicKey(entry.ed25519))
        .with(Field::Stated, V::Time(entry.ms))
        .with(Field::ByNew, V::Signature(entry.by_new))
        .with(Field::Binding, V::Signature(entry.binding));
    match entry.by_previous {
        Some(signature) => record.with(Field::ByPrevious, V::Signature(signature)),
        None => record,
    }
}

/// A record as a key history's entry, for those who check it: the clients.
pub(super) fn history_entry(record: &PlatformRecord) -> Result<HistoryEntry> {
    let fields = Fields(record);
    let [V::U64(seq)] = record.key.sort.as_slice() else { return Err(damaged()) };
    Ok(HistoryEntry {
        seq: *seq,
        previous: fields.hash(Field::Previous)?,
        spki: fields.spki(Field::Spki)?,
        ed25519: fields.public_key(Field::Ed25519)?,
        ms: fields.time(Field::Stated)?,
        by_previous: fields.optional(Field::ByPrevious, Fields::signature)?,
        by_new: fields.signature(Field::ByNew)?,
        binding: fields.signature(Field::Binding)?,
    })
}

/// The public keys of an entry of a key history.
pub(crate) fn public_identity(entry: &HistoryEntry) -> Result<PublicIdentity> {
    PublicIdentity::parse(&entry.spki, &entry.ed25519).map_err(|error| damaged().caused_by(error))
}

/// The hash by which a record stands in its partition.
pub(super) fn place_hash(record: &PlatformRecord) -> Result<Hash> {
    match record.key.sort.as_slice() {
        [V::Hash(hash)] => Ok(*hash),
        _ => Err(damaged()),
    }
}

/// The id at the end of a record's key.
pub(super) fn place_id(record: &PlatformRecord) -> Result<Id> {
    match record.key.sort.as_slice() {
        [V::Id(id)] => Ok(*id),
        _ => Err(damaged()),
    }
}
