//! Signing in.

use std::fmt;

use imegha_crypto::{Id, Sealed};
use serde::{Deserialize, Serialize};

use super::{AuthString, Bundle, base64url};

/// Asks how keys are derived from the password.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PreloginRequest {
    /// email' of FORMAT 3.
    pub email: String,
}

/// How keys are derived from the password: one set, or two while a change of email or kdf is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PreloginReply {
    /// The sets.
    pub kdf: Vec<Kdf>,
}

/// The public fields of a key derivation (FORMAT 3), as they come: not checked yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Kdf {
    /// 1 is PBKDF2-HMAC-SHA256.
    pub kdf_id: u8,
    /// Iterations.
    pub iterations: u32,
    /// 32 random bytes.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes))]
    pub salt: Vec<u8>,
}

/// Signs in.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SignInRequest {
    /// email' of FORMAT 3.
    pub email: String,
    /// `auth_string` of FORMAT 3.
    pub auth_string: AuthString,
    /// How the session is carried.
    pub session: SessionKind,
}

/// How a session is carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SessionKind {
    /// In a cookie that no script reads: for pages of the platform's own origin.
    Cookie,
    /// As a bearer token in the answer: for native programs; refused to pages.
    Bearer,
}

/// Signed in.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SignInReply {
    /// The session's token, for [`SessionKind::Bearer`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The wrap that stands beside this `auth`, and no other.
    pub wrap: PasswordWrap,
    /// The rest of the account.
    pub account: Bundle,
}

/// The DEK wrapped by a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PasswordWrap {
    /// The wrap's id, drawn by the client.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes16))]
    pub id: Id,
    /// The epoch of the DEK: 1 at sign-up.
    pub dek_epoch: u32,
    /// The wrap (FORMAT 5, `dek-by-password`).
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes))]
    pub wrap: Sealed,
}

impl fmt::Debug for PreloginRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreloginRequest").finish_non_exhaustive()
    }
}

impl fmt::Debug for SignInRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignInRequest").field("session", &self.session).finish_non_exhaustive()
    }
}

impl fmt::Debug for SignInReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignInReply").field("account", &self.account.account).finish_non_exhaustive()
    }
}
