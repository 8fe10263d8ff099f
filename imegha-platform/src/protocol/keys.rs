//! The keys of an account as its sessions see them: what is signed, without the wraps that are not theirs to have.

use imegha_crypto::{Hash, Id, Sealed, Signature};
use serde::{Deserialize, Serialize};

use super::{Kdf, WrappedIdentity, base64url, decimal};

/// One version of an account's keys (FORMAT 12). The wrap of a password comes with signing in by it, that of a phrase with recovering
/// by it; of all others there are the hashes, so that a client can check what is signed, and sign what follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Keys {
    /// Counts the changes; 1 is the account as it was made.
    #[serde(with = "decimal")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Decimal))]
    pub version: u64,
    /// The identity's signature over this version.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes64))]
    pub signature: Signature,
    /// The DEK by passwords, the newest last.
    pub passwords: Vec<PasswordWrapShown>,
    /// The DEK by recovery phrases, the newest last.
    pub phrases: Vec<PhraseWrapShown>,
    /// The wrapped private keys of earlier identities.
    pub earlier: Vec<WrappedIdentity>,
    /// The DEKs of earlier epochs, from the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub previous: Vec<PreviousDek>,
}

/// The DEK of an earlier epoch, wrapped by the DEK of the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PreviousDek {
    /// The epoch of the key inside.
    pub dek_epoch: u32,
    /// The wrap (FORMAT 5, `dek-previous`).
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes))]
    pub wrap: Sealed,
}

/// What is shown of a wrap by password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PasswordWrapShown {
    /// Its id.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes16))]
    pub id: Id,
    /// How its key is derived.
    pub kdf: Kdf,
    /// The SHA-256 of the wrap.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes32))]
    pub hash: Hash,
}

/// What is shown of a wrap by recovery phrase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PhraseWrapShown {
    /// Its id.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes16))]
    pub id: Id,
    /// What the phrase signs with.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes32))]
    pub public_key: [u8; 32],
    /// The SHA-256 of the wrap.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes32))]
    pub hash: Hash,
}

/// The version that a change makes, signed by the account's identity over the keys as they are after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct NextKeys {
    /// One more than the version that is there.
    #[serde(with = "decimal")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Decimal))]
    pub version: u64,
    /// The signature (FORMAT 12, `account-keys`).
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes64))]
    pub signature: Signature,
}

/// The DEK of a new epoch, wrapped by the password or the phrase that the account has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct NewWrap {
    /// The wrap's id, drawn by the client.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes16))]
    pub id: Id,
    /// The wrap (FORMAT 5).
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes))]
    pub wrap: Sealed,
}

/// A password that is added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct AddPassword {
    /// The wrap's id, drawn by the client.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes16))]
    pub id: Id,
    /// How its key is derived.
    pub kdf: Kdf,
    /// The DEK wrapped by the password.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes))]
    pub wrap: Sealed,
    /// The version of the keys with it.
    pub next: NextKeys,
}
