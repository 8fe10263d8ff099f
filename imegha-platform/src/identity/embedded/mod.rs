//! The identity of one machine, in the same store as the registry.

mod credential;

use std::sync::Arc;

use async_trait::async_trait;
use imegha_cloud::backend::RecordStore;
use imegha_cloud::clock::Clock;
use imegha_crypto::{Email, Id};

pub use self::credential::Argon2Cost;
use self::credential::Credentials;
use super::codes::{Codes, GOOD_FOR_MS};
use super::lockout::Lockouts;
use super::purpose::{Purpose, nobody};
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
    store: Arc<dyn RecordStore<PlatformSchema>>,
    secret: ServerSecret,
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
            lockouts: Lockouts::new(store.clone(), clock, secret.clone()),
            store,
            secret,
            mailer,
        }
    }

    fn mail(&self, to: &Email, message: Message) {
        let mail = Mail { to: to.clone(), message };
        let mailer = self.mailer.clone();
        tokio::spawn(async move {
            if let Err(error) = mailer.send(&mail).await {
                tracing::error!(?error, "a mail could not be sent");
            }
        });
    }

    fn mail_sign_up(&self, recipient: &Recipient<'_>, code: String) {
        let message = match recipient.has_account {
            true => Message::AlreadyRegistered,
            false => Message::Code { code, minutes: GOOD_FOR_MINUTES },
        };
        self.mail(recipient.email, message);
    }
}

#[async_trait]
impl IdentityProvider for EmbeddedIdentity {
    async fn register(&self, registration: &Registration<'_>) -> Result<()> {
        // A decoy costs the same hash, which nothing ever reads: its address is not found by signing in.
        self.credentials.put(registration.account, registration.auth_string).await?;
        let code = self.codes.issue(registration.account, Purpose::SignUp, registration.recipient.has_account).await;
        match code {
            Ok(code) => self.mail_sign_up(&registration.recipient, code),
            // The same sign-up again within the minute: its mail is on the way.
            Err(error) if error.code() == Some(ProblemCode::TooManyTries) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    async fn resend(&self, account: &Id, recipient: &Recipient<'_>) -> Result<()> {
        let code = self.codes.issue(account, Purpose::SignUp, recipient.has_account).await?;
        self.mail_sign_up(recipient, code);
        Ok(())
    }

    async fn check_code(&self, account: &Id, code: &str) -> Result<()> {
        self.codes.check(account, Purpose::SignUp, code).await.map(drop)
    }

    async fn check_auth(&self, email: &Email, account: Option<&Id>, auth_string: &AuthString) -> Result<()> {
        let attempt = self.lockouts.begin(email).await?;
        if !self.credentials.check(account, auth_string).await? {
            return Err(Error::refused(ProblemCode::WrongPassword));
        }
        self.lockouts.clear(attempt).await
    }

    async fn change_auth(&self, email: &Email, account: &Id, old: &AuthString, new: &AuthString) -> Result<()> {
        let attempt = self.lockouts.begin(email).await?;
        if !self.credentials.change(account, old, new).await? {
            return Err(Error::refused(ProblemCode::WrongPassword));
        }
        self.lockouts.clear(attempt).await
    }

    async fn begin_recovery(&self, email: &Email, account: Option<&Id>) -> Result<()> {
        let nobody = nobody(&self.secret, email);
        let code = self.codes.issue(account.unwrap_or(&nobody), Purpose::Recovery, account.is_none()).await?;
        if account.is_some() {
            self.mail(email, Message::RecoveryCode { code, minutes: GOOD_FOR_MINUTES });
        }
        Ok(())
    }

    async fn recover(&self, email: &Email, account: Option<&Id>, code: &str, new: &AuthString) -> Result<()> {
        let nobody = nobody(&self.secret, email);
        let right = self.codes.check(account.unwrap_or(&nobody), Purpose::Recovery, code).await?;
        let account = account.ok_or_else(|| Error::refused(ProblemCode::WrongCode))?;
        let writes = [self.credentials.replacing(account, new).await?, right.used_up()];
        match self.store.transact(&writes).await {
            // Another has used it up, or the account is gone.
            Err(error) if error.kind() == imegha_cloud::ErrorKind::Conflict => {
                return Err(Error::refused(ProblemCode::CodeExpired));
            }
            done => done?,
        }
        self.lockouts.forget(email).await
    }

    async fn begin_email_change(
        &self,
        account: &Id,
        current: &Email,
        auth: &AuthString,
        to: &Recipient<'_>,
    ) -> Result<()> {
        self.check_auth(current, Some(account), auth).await?;
        let code = self.codes.issue(account, Purpose::EmailChange(to.email), to.has_account).await?;
        let message = match to.has_account {
            true => Message::AddressWanted,
            false => Message::EmailChangeCode { code, minutes: GOOD_FOR_MINUTES },
        };
        self.mail(to.email, message);
        Ok(())
    }

    async fn confirm_email_change(
        &self,
        account: &Id,
        current: &Email,
        auth: &AuthString,
        to: &Email,
        code: &str,
    ) -> Result<()> {
        self.check_auth(current, Some(account), auth).await?;
        self.codes.check(account, Purpose::EmailChange(to), code).await.map(drop)
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

const GOOD_FOR_MINUTES: u64 = GOOD_FOR_MS / 60_000;
