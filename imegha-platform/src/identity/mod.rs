//! Who proves how that an account is theirs.
//!
//! An [`IdentityProvider`] knows accounts by their ids only: it keeps what proves `auth_string`, mails codes and counts failures.
//! The registry keeps everything else. [`EmbeddedIdentity`] is the one of a single machine; with the feature `aws`, `CognitoIdentity` is a user
//! pool of Amazon Cognito.

mod codes;
#[cfg(feature = "aws")]
mod cognito;
mod embedded;
mod lockout;
mod purpose;

use std::fmt;

use async_trait::async_trait;
use imegha_crypto::{Email, Id};

#[cfg(feature = "aws")]
pub use cognito::{CognitoConfig, CognitoIdentity};
pub use embedded::{Argon2Cost, EmbeddedIdentity, EmbeddedOptions};

pub(crate) use lockout::lockout_key;

use crate::error::Result;
use crate::protocol::AuthString;

/// A service that proves who somebody is. The password never reaches it, only `auth_string` (FORMAT 3).
#[async_trait]
pub trait IdentityProvider: Send + Sync + fmt::Debug {
    /// Takes an account up, not confirmed yet, and mails a code. Again for the same account is no error.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`](crate::ErrorKind::Storage). That a mail was not delivered is no error: it can be sent again.
    async fn register(&self, registration: &Registration<'_>) -> Result<()>;

    /// Mails another code; the one before is void. An account that awaits none gets none, and no error.
    ///
    /// # Errors
    /// [`TooManyTries`](crate::ProblemCode::TooManyTries) when the last mail is too young or there were too many.
    async fn resend(&self, account: &Id, recipient: &Recipient<'_>) -> Result<()>;

    /// Whether `code` is the one that was mailed last. Counts the try before it looks. Right again while it is good.
    ///
    /// # Errors
    /// [`WrongCode`](crate::ProblemCode::WrongCode), [`CodeExpired`](crate::ProblemCode::CodeExpired).
    async fn check_code(&self, account: &Id, code: &str) -> Result<()>;

    /// Whether `auth_string` is the account's. Counts failures for each address, whether or not it has an account, and costs the
    /// same with `account: None`, which is never right.
    ///
    /// # Errors
    /// [`WrongPassword`](crate::ProblemCode::WrongPassword), [`TooManyTries`](crate::ProblemCode::TooManyTries).
    async fn check_auth(&self, email: &Email, account: Option<&Id>, auth_string: &AuthString) -> Result<()>;

    /// Replaces what proves the password. `old` is looked at as by [`check_auth`](Self::check_auth), and its failures count under
    /// `email`. When `new` is what stands already and `old` is no longer right, an answer was lost: no error, at the same cost.
    ///
    /// # Errors
    /// As [`check_auth`](Self::check_auth).
    async fn change_auth(&self, email: &Email, account: &Id, old: &AuthString, new: &AuthString) -> Result<()>;

    /// Mails a code for [`recover`](Self::recover). With `account: None` nothing is mailed, no code will ever be right, and
    /// everything else costs and answers alike.
    ///
    /// # Errors
    /// As [`resend`](Self::resend).
    async fn begin_recovery(&self, email: &Email, account: Option<&Id>) -> Result<()>;

    /// Replaces what proves the password, by the code that was mailed. To be called only once the phrase's signature was verified:
    /// the mailbox alone must replace nothing. Right, it uses the code up and ends the address's lock-out.
    ///
    /// # Errors
    /// As [`check_code`](Self::check_code); [`WrongCode`](crate::ProblemCode::WrongCode) with `account: None`.
    async fn recover(&self, email: &Email, account: Option<&Id>, code: &str, new: &AuthString) -> Result<()>;

    /// Mails a code to the address that an account is to move to. `auth` is looked at as by [`check_auth`](Self::check_auth), and
    /// its failures count under `current`.
    ///
    /// # Errors
    /// As [`check_auth`](Self::check_auth) and [`resend`](Self::resend).
    async fn begin_email_change(
        &self,
        account: &Id,
        current: &Email,
        auth: &AuthString,
        to: &Recipient<'_>,
    ) -> Result<()>;

    /// Whether `code` is the one that was mailed to `to`; from then on the account's mails go there. `auth` as in
    /// [`begin_email_change`](Self::begin_email_change). Right again while the code is good: an answer may have been lost.
    ///
    /// # Errors
    /// As [`check_auth`](Self::check_auth) and [`check_code`](Self::check_code).
    async fn confirm_email_change(
        &self,
        account: &Id,
        current: &Email,
        auth: &AuthString,
        to: &Email,
        code: &str,
    ) -> Result<()>;

    /// Forgets an account. One that is not known is no error.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`](crate::ErrorKind::Storage).
    async fn forget(&self, account: &Id) -> Result<()>;

    /// Removes what has ended by itself, at most about `limit` of it. For a provider that sees to it itself: nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`](crate::ErrorKind::Storage).
    async fn sweep(&self, limit: usize) -> Result<()>;

    /// Whether codes are printed on the server's terminal.
    fn code_on_terminal(&self) -> bool {
        false
    }
}

/// A new account, for an identity provider.
#[derive(Clone, Copy, Debug)]
pub struct Registration<'a> {
    /// The account.
    pub account: &'a Id,
    /// Whom to write to.
    pub recipient: Recipient<'a>,
    /// What proves the password.
    pub auth_string: &'a AuthString,
}

/// Whom a code is mailed to.
#[derive(Clone, Copy, Debug)]
pub struct Recipient<'a> {
    /// The address.
    pub email: &'a Email,
    /// The address has another account already: no code will ever be right, and the mail, if there is one, says that somebody tried.
    pub has_account: bool,
}
