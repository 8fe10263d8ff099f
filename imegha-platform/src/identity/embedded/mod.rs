//! The identity of one machine, in the same store as the registry.

mod code;
mod credential;
mod lockout;

use std::sync::Arc;

use async_trait::async_trait;
use imegha_cloud::backend::RecordStore;
use imegha_cloud::clock::Clock;
use imegha_crypto::{Email, Id};

use self::code::Codes;
pub use self::credential::Argon2Cost;
use self::credential::Credentials;
use self::lockout::Lockouts;
use super::{IdentityProvider, Recipient, Registration};
use crate::error::{Error, Result};
use crate::mail::{Mail, Mailer, Message};
use crate::problem::ProblemCode;
use crate::protocol::AuthString;
use crate::registry::PlatformSchema;
use crate::secret::ServerSecret;

/// `auth_string` by Argon2id (RFC 9106), codes by mail, a lock-out that grows.
///
/// Mails are sent behind the answer, so that neither its time nor a mail server's mood says who has an account.
#[derive(Clone, Debug)]
pub struct EmbeddedIdentity {
    credentials: Credentials,
    codes: Codes,
    lockouts: Lockouts,
    mailer: Arc<dyn Mailer>,
}

/// What can be chosen of an [`EmbeddedIdentity`].
#[derive(Clone, Copy, Debug, Default)]
pub struct EmbeddedOptions {
    /// What a guess costs.
    pub argon2: Argon2Cost,
}

impl EmbeddedIdentity {
    /// An identity over `store`, which may be the registry's.
    pub fn new(
        store: Arc<dyn RecordStore<PlatformSchema>>,
        clock: Arc<dyn Clock>,
        secret: ServerSecret,
        mailer: Arc<dyn Mailer>,
        options: EmbeddedOptions,
    ) -> Self {
        Self {
            credentials: Credentials::new(store.clone(), options.argon2),
            codes: Codes::new(store.clone(), clock.clone(), secret.clone()),
            lockouts: Lockouts::new(store, clock, secret),
            mailer,
        }
    }

    fn mail(&self, recipient: &Recipient<'_>, code: String) {
        let message = match recipient.has_account {
            true => Message::AlreadyRegistered,
            false => Message::Code { code, minutes: code::GOOD_FOR_MS / 60_000 },
        };
        let mail = Mail { to: recipient.email.clone(), message };
        let mailer = self.mailer.clone();
        tokio::spawn(async move {
            if let Err(error) = mailer.send(&mail).await {
                tracing::error!(?error, "a mail could not be sent");
            }
        });
    }
}

#[async_trait]
impl IdentityProvider for EmbeddedIdentity {
    async fn register(&self, registration: &Registration<'_>) -> Result<()> {
        // A decoy costs the same hash, which nothing ever reads: its address is not found by signing in.
        self.credentials.put(registration.account, registration.auth_string).await?;
        let code = self.codes.issue(registration.account, registration.recipient.has_account).await;
        match code {
            Ok(code) => self.mail(&registration.recipient, code),
            // The same sign-up again within the minute: its mail is on the way.
            Err(error) if error.code() == Some(ProblemCode::TooManyTries) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    async fn resend(&self, account: &Id, recipient: &Recipient<'_>) -> Result<()> {
        let code = self.codes.issue(account, recipient.has_account).await?;
        self.mail(recipient, code);
        Ok(())
    }

    async fn check_code(&self, account: &Id, code: &str) -> Result<()> {
        self.codes.check(account, code).await
    }

    async fn check_auth(&self, email: &Email, account: Option<&Id>, auth_string: &AuthString) -> Result<()> {
        let attempt = self.lockouts.begin(email).await?;
        if !self.credentials.check(account, auth_string).await? {
            return Err(Error::refused(ProblemCode::WrongPassword));
        }
        self.lockouts.clear(attempt).await
    }

    async fn forget(&self, account: &Id) -> Result<()> {
        self.codes.forget(account).await?;
        self.credentials.forget(account).await
    }

    async fn sweep(&self, limit: usize) -> Result<()> {
        self.codes.sweep(limit).await?;
        self.lockouts.sweep(limit).await
    }

    fn code_on_terminal(&self) -> bool {
        self.mailer.is_terminal()
    }
}
