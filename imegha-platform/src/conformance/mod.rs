//! What every [`IdentityProvider`] does, as tests: one suite, for whoever writes a provider.
//!
//! The functions of [`identity`] are plain async functions that take a [`Subject`] and panic where its provider misbehaves.
//! [`identity_conformance!`](crate::identity_conformance) gives each of them a test of its own.
//!
//! ```
//! # #[cfg(feature = "conformance")] {
//! use async_trait::async_trait;
//! use imegha_platform::conformance::{CodeFor, Subject};
//! use imegha_platform::identity::IdentityProvider;
//!
//! # #[expect(dead_code)]
//! #[derive(Debug)]
//! struct Mine(Box<dyn IdentityProvider>);
//!
//! #[async_trait]
//! impl Subject for Mine {
//!     fn provider(&self) -> &dyn IdentityProvider { self.0.as_ref() }
//!     async fn mailed(&self, _to: &imegha_crypto::Email, _of: CodeFor) -> String { "123456".to_owned() }
//!     fn advance(&self, _ms: u64) {}
//! }
//!
//! // async fn mine() -> Mine { … }
//! // imegha_platform::identity_conformance!(my_identity, mine);
//! # }
//! ```

pub mod identity;
mod naming;

use std::fmt;

use async_trait::async_trait;
use imegha_crypto::Email;

use crate::identity::IdentityProvider;

/// A provider under test, and what a test needs beside it: a mailbox and a clock.
#[async_trait]
pub trait Subject: Send + Sync + fmt::Debug {
    /// The provider. Its store, if it has one, is this test's own.
    fn provider(&self) -> &dyn IdentityProvider;

    /// Waits for the next mail to an address, which must carry a code for that, and yields the code: six digits.
    async fn mailed(&self, to: &Email, of: CodeFor) -> String;

    /// Lets time pass for the provider.
    fn advance(&self, ms: u64);
}

/// What a code was mailed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeFor {
    /// To confirm a sign-up.
    SignUp,
    /// To replace what proves the password.
    Recovery,
    /// To move an account to another address.
    EmailChange,
}
