//! An identity provider whose answers fail when a test says so.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use imegha_crypto::{Email, Id};
use imegha_platform::identity::{IdentityProvider, Recipient, Registration};
use imegha_platform::protocol::AuthString;
use imegha_platform::{Error, ErrorKind, Result};

/// Fails the calls that it was told to, before anything is done.
#[derive(Clone, Debug)]
pub(crate) struct Faulty {
    inner: Arc<dyn IdentityProvider>,
    next: Arc<Mutex<BTreeSet<&'static str>>>,
}

impl Faulty {
    pub(crate) fn new(inner: Arc<dyn IdentityProvider>) -> Self {
        Self { inner, next: Arc::default() }
    }

    /// The next call of that name fails, once.
    pub(crate) fn fail_next(&self, call: &'static str) {
        self.next.lock().unwrap().insert(call);
    }

    fn pass(&self, call: &'static str) -> Result<()> {
        match self.next.lock().unwrap().remove(call) {
            true => Err(Error::new(ErrorKind::Storage, "the test has this fail")),
            false => Ok(()),
        }
    }
}

#[async_trait]
impl IdentityProvider for Faulty {
    async fn register(&self, registration: &Registration<'_>) -> Result<()> {
        self.inner.register(registration).await
    }

    async fn resend(&self, account: &Id, recipient: &Recipient<'_>) -> Result<()> {
        self.inner.resend(account, recipient).await
    }

    async fn check_code(&self, account: &Id, code: &str) -> Result<()> {
        self.inner.check_code(account, code).await
    }

    async fn check_auth(&self, email: &Email, account: Option<&Id>, auth_string: &AuthString) -> Result<()> {
        self.inner.check_auth(email, account, auth_string).await
    }

    async fn change_auth(&self, email: &Email, account: &Id, old: &AuthString, new: &AuthString) -> Result<()> {
        self.pass("change_auth")?;
        self.inner.change_auth(email, account, old, new).await
    }

    async fn begin_recovery(&self, email: &Email, account: Option<&Id>) -> Result<()> {
        self.inner.begin_recovery(email, account).await
    }

    async fn recover(&self, email: &Email, account: Option<&Id>, code: &str, new: &AuthString) -> Result<()> {
        self.inner.recover(email, account, code, new).await
    }

    async fn begin_email_change(
        &self,
        account: &Id,
        current: &Email,
        auth: &AuthString,
        to: &Recipient<'_>,
    ) -> Result<()> {
        self.inner.begin_email_change(account, current, auth, to).await
    }

    async fn confirm_email_change(
        &self,
        account: &Id,
        current: &Email,
        auth: &AuthString,
        to: &Email,
        code: &str,
    ) -> Result<()> {
        self.inner.confirm_email_change(account, current, auth, to, code).await
    }

    async fn forget(&self, account: &Id) -> Result<()> {
        self.pass("forget")?;
        self.inner.forget(account).await
    }

    async fn sweep(&self, limit: usize) -> Result<()> {
        self.inner.sweep(limit).await
    }
}
