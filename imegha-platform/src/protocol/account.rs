//! An account as the platform knows it.

use imegha_crypto::{Fingerprint, Hash, Id, Sealed, Signature};
use serde::{Deserialize, Serialize};

use super::encoding::base64url_option;
use super::{Keys, base64url, decimal};

/// What a client needs to know of a platform before anybody signs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Config {
    /// The version of the policy in force.
    pub policy_version: u32,
    /// Codes are printed on the server's terminal, since it has no mail server.
    pub code_on_terminal: bool,
    /// The platform hosts clouds.
    pub hosted_clouds: bool,
    /// The most bytes of objects that a cloud hosted by it holds, if there is such a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hosted_bytes: Option<u64>,
}

/// Everything of an account but its wraps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Bundle {
    /// The account's id.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes16))]
    pub account: Id,
    /// The address that codes go to: while the account moves to another one, the new.
    pub email: String,
    /// The iMTag.
    pub tag: String,
    /// The epoch of the DEK.
    pub dek_epoch: u32,
    /// The version of its keys, and what is shown of its wraps.
    pub keys: Keys,
    /// The wrapped private keys of the current identity.
    pub identity: WrappedIdentity,
    /// The key history, whole, from entry 0.
    pub history: Vec<HistoryEntry>,
    /// The sealed address of the cloud's gateway, if one is connected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway: Option<Gateway>,
    /// The version of the policy that was accepted.
    pub policy_version: u32,
    /// The version of the policy in force: an account that accepted an older one is shown the change.
    pub current_policy_version: u32,
}

/// The wrapped private keys of an identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct WrappedIdentity {
    /// Whose they are.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes32))]
    pub fingerprint: Fingerprint,
    /// The epoch of the DEK that wraps them.
    pub dek_epoch: u32,
    /// The wrap (FORMAT 5, `identity`).
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes))]
    pub wrapped: Sealed,
}

/// One entry of a key history (FORMAT 7), as it comes: not verified yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct HistoryEntry {
    /// Counted from 0.
    #[serde(with = "decimal")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Decimal))]
    pub seq: u64,
    /// The hash of the entry before; 32 zero bytes at seq 0.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes32))]
    pub previous: Hash,
    /// The RSA public key, DER SubjectPublicKeyInfo.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes))]
    pub spki: Vec<u8>,
    /// The Ed25519 public key.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes32))]
    pub ed25519: [u8; 32],
    /// When, in milliseconds since 1970.
    #[serde(with = "decimal")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Decimal))]
    pub ms: u64,
    /// By the previous identity, from seq 1 on.
    #[serde(default, with = "base64url_option", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<super::schema::Bytes64>))]
    pub by_previous: Option<Signature>,
    /// By this identity.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes64))]
    pub by_new: Signature,
    /// The signature that binds the keys to account and tag.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes64))]
    pub binding: Signature,
}

/// The address of the cloud's gateway, sealed with the DEK.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Gateway {
    /// How often it was set: 1 for the first.
    #[serde(with = "decimal")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Decimal))]
    pub edit: u64,
    /// The sealing (FORMAT 5, `settings`, the account's id in the cloud id's place).
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes))]
    pub sealed: Sealed,
}

/// A cloud that the platform's host made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct HostedCloudReply {
    /// The address of its gateway.
    pub url: String,
}

/// The sessions of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Sessions {
    /// Each of them.
    pub sessions: Vec<Session>,
}

/// One session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Session {
    /// Names it, for revoking: the hash of its token.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes32))]
    pub id: Hash,
    /// When it began, in milliseconds since 1970.
    #[serde(with = "decimal")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Decimal))]
    pub created_ms: u64,
    /// When it ends, in milliseconds since 1970.
    #[serde(with = "decimal")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Decimal))]
    pub expires_ms: u64,
    /// Whether it is the one that asks.
    pub current: bool,
}
