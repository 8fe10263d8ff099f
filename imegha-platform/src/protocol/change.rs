//! The changes that an account's owner makes.

use imegha_crypto::{Id, Sealed};
use serde::{Deserialize, Serialize};

use super::keys::{AddPassword, NewWrap, NextKeys};
use super::redacted::redacted;
use super::{AuthString, Gateway, HistoryEntry, RecoveryWrap, WrappedIdentity, base64url, decimal};

/// Replaces what proves the password: another password, or the same one derived by stronger parameters. The wraps that were there stay
/// until [`DropPasswordsRequest`].
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ChangePasswordRequest {
    /// `auth_string` of the password that is replaced.
    pub auth_string: AuthString,
    /// `auth_string` of the new one.
    pub new_auth_string: AuthString,
    /// The new password's wrap. Without it the newest one there must be that password's: a change that was broken off goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub add: Option<AddPassword>,
}

/// Drops every password but the one that the session began with, which must be the newest.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct DropPasswordsRequest {
    /// The version of the keys without them.
    pub next: NextKeys,
}

/// Has a code mailed to the address that the account is to move to.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ChangeEmailRequest {
    /// The new address, in the form that is stored.
    pub email: String,
    /// `auth_string` of the password.
    pub auth_string: AuthString,
}

/// Moves the account to another address, whose code this is. The old one leads to the account as well until [`DropPasswordsRequest`].
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ConfirmEmailRequest {
    /// The new address.
    pub email: String,
    /// Six digits.
    pub code: String,
    /// `auth_string` of the password with the old address.
    pub auth_string: AuthString,
    /// `auth_string` of the password with the new one.
    pub new_auth_string: AuthString,
    /// The wrap of the password with the new address.
    pub add: AddPassword,
}

/// Adds a recovery phrase. The others stay until [`DropPhrasesRequest`].
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct AddPhraseRequest {
    /// `auth_string` of the password.
    pub auth_string: AuthString,
    /// The phrase's wrap.
    pub wrap: RecoveryWrap,
    /// The version of the keys with it.
    pub next: NextKeys,
}

/// Drops every recovery phrase but one, whose words were asked back.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct DropPhrasesRequest {
    /// The wrap that stays.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes16))]
    pub keep: Id,
    /// The version of the keys without the others.
    pub next: NextKeys,
}

/// Begins a new epoch of the DEK, and a new identity with it, behind the one password and the one phrase that the account has. All other
/// sessions end; this one goes on.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RenewRequest {
    /// `auth_string` of the password. It stays what proves it.
    pub auth_string: AuthString,
    /// The new epoch: the one after that which is there.
    pub dek_epoch: u32,
    /// The new DEK by the password, in the place of its wrap.
    pub password: NewWrap,
    /// The new DEK by the recovery phrase, in the place of its wrap.
    pub phrase: NewWrap,
    /// The DEK that was current, wrapped by the new one (FORMAT 5, `dek-previous`).
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes))]
    pub previous: Sealed,
    /// Two wraps under the new DEK: of the identity that was current, and of the new one. Those of earlier identities stay.
    pub identities: Vec<WrappedIdentity>,
    /// The next entry of the key history.
    pub entry: HistoryEntry,
    /// How often the address of the cloud's gateway had been set when the client looked: 0 where there is none.
    #[serde(with = "decimal")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Decimal))]
    pub gateway_edit: u64,
    /// That address under the new DEK, set once more. Without it there is none from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway: Option<Gateway>,
    /// The version of the keys with all that, signed by the new identity.
    pub next: NextKeys,
}

/// Accepts the policy in force.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct AcceptPolicyRequest {
    /// Its version.
    pub policy_version: u32,
}

/// Deletes the account.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct DeleteAccountRequest {
    /// `auth_string` of the password.
    pub auth_string: AuthString,
}

redacted!(
    ChangePasswordRequest,
    ChangeEmailRequest,
    ConfirmEmailRequest,
    AddPhraseRequest,
    RenewRequest,
    DeleteAccountRequest
);
