//! Recovery by the phrase: a code by mail, and two statements that the phrase signs (FORMAT 12).

use imegha_crypto::{Id, Sealed, Signature};
use serde::{Deserialize, Serialize};

use super::keys::AddPassword;
use super::redacted::redacted;
use super::{AuthString, Bundle, Kdf, SessionKind, base64url};

/// Asks for a recovery: a code is mailed to the address, if it is an account's.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RecoveryRequest {
    /// email' of FORMAT 3.
    pub email: String,
}

/// What every address is answered, whether or not it has an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RecoveryReply {
    /// What the first statement names in the account's place: an invented id, always the same for an address, whether or not it has an account.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes16))]
    pub account: Id,
    /// How the new password's keys are to be derived.
    pub kdf: Kdf,
    /// What the first statement is to name: single use, ten minutes.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes32))]
    pub challenge: [u8; 32],
}

/// Asks for the keys of the account, with the code and the first statement. From its success on the old password does not sign in any
/// more, and the new one not yet.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RecoveryOpenRequest {
    /// The id of [`RecoveryReply`].
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes16))]
    pub account: Id,
    /// What the platform asked with.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes32))]
    pub challenge: [u8; 32],
    /// Six digits.
    pub code: String,
    /// `auth_string` of the new password.
    pub new_auth_string: AuthString,
    /// By the phrase, over [`RecoveryStatement::to_open`](imegha_crypto::RecoveryStatement::to_open).
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes64))]
    pub signature: Signature,
}

/// The keys of the account.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RecoveryOpenReply {
    /// The wrap that stands beside the phrase's public key.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes))]
    pub wrap: Sealed,
    /// The rest of the account.
    pub account: Bundle,
    /// What the second statement is to name: single use, ten minutes.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes32))]
    pub challenge: [u8; 32],
}

/// Adds the new password. All sessions end, and a new one begins.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RecoveryFinishRequest {
    /// The account.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes16))]
    pub account: Id,
    /// The challenge of [`RecoveryOpenReply`].
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes32))]
    pub challenge: [u8; 32],
    /// The new password's wrap.
    pub add: AddPassword,
    /// By the phrase, over [`RecoveryStatement`](imegha_crypto::RecoveryStatement) with that challenge and the wrap.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes64))]
    pub signature: Signature,
    /// How the new session is carried.
    pub session: SessionKind,
}

/// Recovered.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RecoveryFinishReply {
    /// The session's token, for [`SessionKind::Bearer`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

redacted!(RecoveryRequest, RecoveryOpenRequest, RecoveryFinishRequest, RecoveryFinishReply);
