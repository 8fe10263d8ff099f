//! Accounts, and who has an email address or an iMTag.

use imegha_cloud::backend::{Condition, Record};
use imegha_crypto::{Email, Fingerprint, Hash, Id, Sealed, Signature};

use super::fields::{Fields, PlatformKey, PlatformRecord, damaged};
use super::schema::{Collection, Field, PlatformSchema, PlatformValue as V};
use crate::error::Result;
use crate::tag::Tag;

/// An account as the registry keeps it, without its wraps.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountRecord {
    /// Its id.
    pub id: Id,
    /// Its email address; while it moves to another one, the new.
    pub email: Email,
    /// Its iMTag.
    pub tag: Tag,
    /// How often the record was written.
    pub version: u64,
    /// Whether the code of the mail was given.
    pub state: AccountState,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: u64,
    /// The version of the policy that it accepted.
    pub policy_version: u32,
    /// The epoch of its DEK.
    pub dek_epoch: u32,
    /// The version of its keys (FORMAT 12): 1 at sign-up.
    pub keys_version: u64,
    /// Its identity's signature over them.
    pub keys_signature: Signature,
    /// The fingerprint of its current identity.
    pub fingerprint: Fingerprint,
    /// A change of the password that may be under way.
    pub pending: Option<Pending>,
    /// How often all its sessions were ended.
    pub sessions_ended: u64,
    /// The sealed address of its gateway, and how often it was set.
    pub gateway: Option<(u64, Sealed)>,
}

/// A change of what proves the password, between the wrap that was added for it and the identity provider's word that it took it. No other
/// change comes between the two: the wrap of what is about to prove the password would else be dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The wrap that was added.
    pub wrap: Id,
    /// When the request that added it has certainly ended.
    pub until_ms: u64,
}

/// How far an account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountState {
    /// The code of the mail is awaited.
    Unconfirmed,
    /// Complete.
    Confirmed,
    /// As unconfirmed from outside, but another account has its email address: it is never confirmed. It stands there so that
    /// signing up with a taken address looks as with a free one.
    Decoy,
    /// Its owner has deleted it. It has no address, no tag and no sessions any more, and its records go.
    Deleting,
}

impl AccountState {
    pub(super) fn number(self) -> u64 {
        match self {
            Self::Unconfirmed => 0,
            Self::Confirmed => 1,
            Self::Decoy => 2,
            Self::Deleting => 3,
        }
    }

    fn from_number(number: u64) -> Result<Self> {
        match number {
            0 => Ok(Self::Unconfirmed),
            1 => Ok(Self::Confirmed),
            2 => Ok(Self::Decoy),
            3 => Ok(Self::Deleting),
            _ => Err(damaged()),
        }
    }
}

impl AccountRecord {
    pub(super) fn key(id: &Id) -> PlatformKey {
        PlatformKey::new(Collection::Account, [V::Id(*id)], [])
    }

    pub(super) fn to_record(&self) -> PlatformRecord {
        let record = Record::new(Self::key(&self.id))
            .with(Field::Email, V::Email(self.email.clone()))
            .with(Field::Tag, V::Tag(self.tag.clone()))
            .with(Field::Version, V::U64(self.version))
            .with(Field::State, V::U64(self.state.number()))
            .with(Field::Created, V::Time(self.created_ms))
            .with(Field::PolicyVersion, V::U64(self.policy_version.into()))
            .with(Field::DekEpoch, V::U64(self.dek_epoch.into()))
            .with(Field::KeysVersion, V::U64(self.keys_version))
            .with(Field::KeysSignature, V::Signature(self.keys_signature))
            .with(Field::SessionsEnded, V::U64(self.sessions_ended))
            .with(Field::Fingerprint, V::Hash(Hash::from_bytes(*self.fingerprint.as_bytes())));
        let record = match &self.pending {
            Some(Pending { wrap, until_ms }) => {
                record.with(Field::PendingWrap, V::Id(*wrap)).with(Field::PendingUntil, V::Time(*until_ms))
            }
            None => record,
        };
        match &self.gateway {
            Some((edit, sealed)) => {
                record.with(Field::GatewayEdit, V::U64(*edit)).with(Field::Gateway, V::Sealed(sealed.clone()))
            }
            None => record,
        }
    }

    pub(super) fn from_record(id: &Id, record: &PlatformRecord) -> Result<Self> {
        let fields = Fields(record);
        let edit = fields.optional(Field::GatewayEdit, Fields::u64)?;
        let sealed = fields.optional(Field::Gateway, Fields::sealed)?;
        let pending = fields.optional(Field::PendingWrap, Fields::id)?;
        let until_ms = fields.optional(Field::PendingUntil, Fields::time)?;
        Ok(Self {
            id: *id,
            email: fields.email(Field::Email)?,
            tag: fields.tag(Field::Tag)?,
            version: fields.u64(Field::Version)?,
            state: AccountState::from_number(fields.u64(Field::State)?)?,
            created_ms: fields.time(Field::Created)?,
            policy_version: fields.u32(Field::PolicyVersion)?,
            dek_epoch: fields.u32(Field::DekEpoch)?,
            keys_version: fields.u64(Field::KeysVersion)?,
            keys_signature: fields.signature(Field::KeysSignature)?,
            fingerprint: Fingerprint::from_bytes(*fields.hash(Field::Fingerprint)?.as_bytes()),
            pending: pending.zip(until_ms).map(|(wrap, until_ms)| Pending { wrap, until_ms }),
            sessions_ended: fields.u64(Field::SessionsEnded)?,
            gateway: edit.zip(sealed),
        })
    }

    /// That nobody has written the record since it was read.
    pub(super) fn unchanged(&self) -> Condition<PlatformSchema> {
        Condition::Equals(Field::Version, V::U64(self.version))
    }

    /// The change that may still be under way at `now_ms`.
    pub(crate) fn pending_at(&self, now_ms: u64) -> Option<Pending> {
        self.pending.filter(|pending| pending.until_ms > now_ms)
    }

    /// When an account that is not confirmed ends.
    pub(super) fn expires_ms(&self) -> u64 {
        self.created_ms.saturating_add(UNCONFIRMED_MS)
    }
}

/// Who has, or is claiming, an email address or an iMTag.
///
/// A claim that is not confirmed belongs to a mailbox, not to an account: whoever signs up again with the same address takes it
/// over, since only the mailbox can confirm any of them, and the first that does has it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Claim {
    pub(super) account: Id,
    pub(super) email: Email,
    /// When it ends; `None` once it is confirmed.
    pub(super) expires_ms: Option<u64>,
}

impl Claim {
    pub(super) fn email_key(email: &Email) -> PlatformKey {
        PlatformKey::new(Collection::Email, [V::Email(email.clone())], [])
    }

    pub(super) fn tag_key(tag: &Tag) -> PlatformKey {
        PlatformKey::new(Collection::Tag, [V::Tag(tag.clone())], [])
    }

    pub(super) fn to_record(&self, key: PlatformKey) -> PlatformRecord {
        let record =
            Record::new(key).with(Field::Account, V::Id(self.account)).with(Field::Email, V::Email(self.email.clone()));
        match self.expires_ms {
            Some(expires_ms) => record.with(Field::Expires, V::Time(expires_ms)),
            None => record,
        }
    }

    pub(super) fn from_record(record: &PlatformRecord) -> Result<Self> {
        let fields = Fields(record);
        Ok(Self {
            account: fields.id(Field::Account)?,
            email: fields.email(Field::Email)?,
            expires_ms: fields.optional(Field::Expires, Fields::time)?,
        })
    }

    /// Whether the mailbox of `email` may claim what this claim holds.
    pub(super) fn yields_to(&self, email: &Email, now_ms: u64) -> bool {
        self.expires_ms.is_some_and(|expires_ms| expires_ms <= now_ms || self.email == *email)
    }

    /// That the claim is still that account's.
    pub(super) fn is_of(account: &Id) -> Condition<PlatformSchema> {
        Condition::Equals(Field::Account, V::Id(*account))
    }

    /// What must still hold of the claim that was read, for another to take its place. A confirmed one has no end, and so never fits.
    pub(super) fn unchanged(claim: Option<&Self>) -> Condition<PlatformSchema> {
        match claim.and_then(|claim| claim.expires_ms) {
            Some(expires_ms) => Condition::Equals(Field::Expires, V::Time(expires_ms)),
            None => Condition::Absent,
        }
    }
}

/// How long email and tag are kept for an account that is not confirmed: 24 hours.
pub(super) const UNCONFIRMED_MS: u64 = 24 * 60 * 60 * 1000;
