//! What the platform knows of people, as its policy publishes it.

use super::schema::{Collection, Field, PlatformValue};

/// What a stored value is, in the words of the published policy. There is nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Disclosure {
    /// The email address.
    Email,
    /// The iMTag.
    Tag,
    /// Encrypted keys, what they are derived with, and what proves a password or phrase without being it.
    EncryptedKeys,
    /// Public keys and their history.
    PublicKeys,
    /// That there is an account: its random id, its times, the policy that it accepted, its sessions and lock-outs.
    Account,
    /// The connection graph: who asked, knows or blocks whom, since when, and the sealed contact cards.
    Connections,
    /// The push tokens of devices.
    PushTokens,
}

/// What a field discloses.
pub fn disclosure(field: Field) -> Disclosure {
    match field {
        Field::Email => Disclosure::Email,
        Field::Tag => Disclosure::Tag,
        Field::DekEpoch
        | Field::KeysVersion
        | Field::KeysSignature
        | Field::Added
        | Field::Gateway
        | Field::GatewayEdit
        | Field::Wrap
        | Field::AuthHash
        | Field::KdfId
        | Field::KdfIterations
        | Field::KdfSalt
        | Field::RecoveryKey
        | Field::AuthMemory
        | Field::AuthPasses
        | Field::AuthSalt
        | Field::AuthVerifier => Disclosure::EncryptedKeys,
        Field::Fingerprint
        | Field::Spki
        | Field::Ed25519
        | Field::Previous
        | Field::Stated
        | Field::ByPrevious
        | Field::ByNew
        | Field::Binding => Disclosure::PublicKeys,
        Field::Account
        | Field::State
        | Field::Version
        | Field::Created
        | Field::Expires
        | Field::PolicyVersion
        | Field::WrapId
        | Field::PendingWrap
        | Field::PendingUntil
        | Field::SessionsEnded
        | Field::Step
        | Field::CodeHash
        | Field::Tries
        | Field::Sends
        | Field::Sent
        | Field::LockedUntil => Disclosure::Account,
        Field::ConnectionState
        | Field::ConnectionSince
        | Field::Card
        | Field::CardFeed
        | Field::CardSeq
        | Field::CardPrevious
        | Field::Asked
        | Field::Incoming
        | Field::Connected
        | Field::Blocked
        | Field::Poked => Disclosure::Connections,
        Field::Devices | Field::PushToken | Field::PushService | Field::PushSession => Disclosure::PushTokens,
    }
}

/// What the key of a record discloses: its parts are ids, hashes, times and, for claims, the email or the tag itself.
pub fn key_disclosure(collection: Collection) -> Disclosure {
    match collection {
        Collection::Email => Disclosure::Email,
        Collection::Tag => Disclosure::Tag,
        Collection::PasswordWrap | Collection::RecoveryWrap | Collection::PreviousDek | Collection::Credential => {
            Disclosure::EncryptedKeys
        }
        Collection::Identity | Collection::History => Disclosure::PublicKeys,
        Collection::Account
        | Collection::Session
        | Collection::AccountSession
        | Collection::Challenge
        | Collection::Due
        | Collection::Code
        | Collection::Lockout => Disclosure::Account,
        Collection::Connection | Collection::People | Collection::Poke => Disclosure::Connections,
        Collection::Device | Collection::DeviceOwner => Disclosure::PushTokens,
    }
}

/// Whether a value of that type may stand where `disclosure` is: an address only as an address, a tag only as a tag.
pub fn allows(disclosure: Disclosure, value: &PlatformValue) -> bool {
    use PlatformValue as V;
    match disclosure {
        Disclosure::Email => matches!(value, V::Email(_)),
        Disclosure::Tag => matches!(value, V::Tag(_)),
        Disclosure::EncryptedKeys => {
            matches!(
                value,
                V::Id(_) | V::U64(_) | V::Hash(_) | V::Signature(_) | V::Salt(_) | V::Sealed(_) | V::PublicKey(_)
            )
        }
        Disclosure::PublicKeys => matches!(
            value,
            V::Id(_) | V::U64(_) | V::Time(_) | V::Hash(_) | V::Signature(_) | V::PublicKey(_) | V::Spki(_)
        ),
        Disclosure::Account => matches!(value, V::Id(_) | V::U64(_) | V::Time(_) | V::Hash(_)),
        Disclosure::Connections => {
            matches!(value, V::Id(_) | V::U64(_) | V::Time(_) | V::Hash(_) | V::Card(_))
        }
        Disclosure::PushTokens => matches!(value, V::Id(_) | V::U64(_) | V::Hash(_) | V::PushToken(_)),
    }
}
