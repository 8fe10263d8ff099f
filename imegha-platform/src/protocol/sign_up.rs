//! Signing up, and the code that confirms it.

use std::fmt;

use imegha_crypto::{Id, Sealed, Signature};
use serde::{Deserialize, Serialize};

use super::{AuthString, HistoryEntry, Kdf, PasswordWrap, base64url};

/// A new account, made whole on the device.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SignUpRequest {
    /// The account's id, drawn by the client.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes16))]
    pub account: Id,
    /// email' of FORMAT 3.
    pub email: String,
    /// The iMTag in its stored form.
    pub tag: String,
    /// `auth_string` of FORMAT 3: what the platform sees instead of the password.
    pub auth_string: AuthString,
    /// The key derivation of the password.
    pub kdf: Kdf,
    /// The DEK wrapped by the password.
    pub password_wrap: PasswordWrap,
    /// The DEK wrapped by the recovery phrase, and the phrase's public key.
    pub recovery: RecoveryWrap,
    /// The identity's public keys, and its private ones wrapped.
    pub identity: IdentityKeys,
    /// The identity's signature over version 1 of the keys (FORMAT 12, `account-keys`).
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes64))]
    pub keys_signature: Signature,
    /// The person says to be 13 or older.
    pub over_13: bool,
    /// The version of the policy that was accepted.
    pub policy_version: u32,
}

/// What stands beside the recovery phrase.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RecoveryWrap {
    /// The wrap's id, drawn by the client.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes16))]
    pub id: Id,
    /// The DEK wrapped by the phrase (FORMAT 5, `dek-by-recovery`).
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes))]
    pub wrap: Sealed,
    /// The phrase's Ed25519 public key (FORMAT 4).
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes32))]
    pub public_key: [u8; 32],
}

/// A new identity (FORMAT 7).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct IdentityKeys {
    /// The private keys, wrapped (FORMAT 5, `identity`).
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes))]
    pub wrapped: Sealed,
    /// Entry 0 of the key history: the public keys, signed, and bound to account and tag.
    pub history: HistoryEntry,
}

/// The code of the mail.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ConfirmRequest {
    /// The account.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes16))]
    pub account: Id,
    /// Six digits.
    pub code: String,
}

/// Asks for the mail again.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ResendRequest {
    /// The account.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes16))]
    pub account: Id,
}

impl fmt::Debug for SignUpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignUpRequest").field("account", &self.account).finish_non_exhaustive()
    }
}

impl fmt::Debug for ConfirmRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfirmRequest").field("account", &self.account).finish_non_exhaustive()
    }
}
