//! Who proves how that an account is theirs.
//!
//! An [`IdentityProvider`] knows accounts by their ids only: it keeps what proves `auth_string`, mails codes and counts failures.
//! The registry keeps everything else. [`EmbeddedIdentity`] is the one of a single machine.

mod embedded;

use std::fmt;

use async_trait::async_trait;
use imegha_crypto::{Email, Id};

pub use embedded::{Argon2Cost, EmbeddedIdentity, EmbeddedOptions};

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
    /// The address has another account already: no code will ever be right, and the mail says that somebody tried.
    pub has_account: bool,
}
