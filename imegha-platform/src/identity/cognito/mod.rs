//! The identity that is a user pool of Amazon Cognito.
//!
//! Cognito stays behind the platform. The app client has a secret that only the platform holds, so nobody else can ask for anything,
//! and signing in takes AWS credentials beside it. A user's name is the id of an account; its password is `auth_string`; its address says
//! where Cognito mails to, and nothing else. Tokens are held against the pool's keys and dropped: none leaves the server.
//!
//! What the platform's credentials need on the pool: `cognito-idp:AdminInitiateAuth`, `AdminGetUser`, `AdminUpdateUserAttributes`,
//! `AdminDeleteUser`. `deploy/platform.yaml` makes pool, client and role.
//!
//! # Limits
//! Those of the embedded identity, counted in the platform's own records, for addresses with and without an account alike; they are
//! reached before Cognito's, which stay behind them.

mod client;
mod config;
mod error;
mod jwks;

use std::sync::Arc;

use async_trait::async_trait;
use aws_config::SdkConfig;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use imegha_cloud::backend::RecordStore;
use imegha_cloud::clock::Clock;
use imegha_crypto::{Email, Id};
use zeroize::Zeroizing;

use self::client::{Client, SignedUp};
pub use self::config::CognitoConfig;
use super::codes::{Codes, Tried};
use super::lockout::Lockouts;
use super::purpose::{Purpose, invented, nobody};
use super::{IdentityProvider, Recipient, Registration};
use crate::error::{Error, Result};
use crate::problem::ProblemCode;
use crate::protocol::AuthString;
use crate::registry::PlatformSchema;
use crate::secret::{ServerSecret, random};

/// Identities in a user pool, and the counts of tries and mails in `store`, which may be the registry's.
#[derive(Clone, Debug)]
pub struct CognitoIdentity {
    client: Arc<Client>,
    codes: Codes,
    lockouts: Lockouts,
    secret: ServerSecret,
}

impl CognitoIdentity {
    /// The identities in `config`'s pool, with the credentials of the default chain. Asks nothing of it yet.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) when the address of the tokens' keys cannot be used.
    pub async fn open(
        config: CognitoConfig,
        store: Arc<dyn RecordStore<PlatformSchema>>,
        clock: Arc<dyn Clock>,
        secret: ServerSecret,
    ) -> Result<Self> {
        let sdk = config.load().await;
        Self::with_sdk(config, &sdk, store, clock, secret)
    }

    /// The same with credentials, HTTP client and whatever else `sdk` says, but for region, retries and timeouts.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn with_sdk(
        config: CognitoConfig,
        sdk: &SdkConfig,
        store: Arc<dyn RecordStore<PlatformSchema>>,
        clock: Arc<dyn Clock>,
        secret: ServerSecret,
    ) -> Result<Self> {
        Ok(Self {
            client: Arc::new(Client::new(config, sdk)?),
            codes: Codes::new(store.clone(), clock.clone(), secret.clone()),
            lockouts: Lockouts::new(store, clock, secret.clone()),
            secret,
        })
    }

    /// That pool, app client, its secret and the credentials are right, and that Cognito does not tell who has an account. For the
    /// start of a server.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config), whose words say what is wrong; [`Unavailable`](ProblemCode::Unavailable) when
    /// Cognito cannot be reached.
    pub async fn check(&self) -> Result<()> {
        self.client.check(&self.nobody(b"check").to_string(), &random_auth()?).await
    }

    /// The code of a sign-up or of a move, which Cognito knows as the code of a user's sign-up.
    async fn confirm(&self, account: &Id, purpose: Purpose<'_>, user: &Id, code: &str) -> Result<()> {
        let tried = self.codes.count_try(account, purpose).await?;
        if self.codes.is(&tried, purpose, code) {
            // Right before, and the answer was lost.
            return Ok(());
        }
        let user = self.who(&tried, purpose, user);
        self.client.confirm_sign_up(&user.to_string(), digits(code)?).await?;
        self.codes.keep(&tried, purpose, code).await
    }

    /// Whom Cognito is asked about: the user whose code is awaited. Otherwise nobody, whose code is wrong at the same cost.
    fn who(&self, tried: &Tried, purpose: Purpose<'_>, user: &Id) -> Id {
        if self.codes.is_awaited(tried, purpose) { *user } else { self.nobody(user.as_bytes()) }
    }

    fn nobody(&self, what: &[u8]) -> Id {
        invented(&self.secret, "cognito-nobody", what)
    }

    /// The user that stands for the address to which an account is to move, until its code was given.
    fn newcomer(&self, account: &Id) -> Id {
        invented(&self.secret, "cognito-newcomer", account.as_bytes())
    }
}

#[async_trait]
impl IdentityProvider for CognitoIdentity {
    async fn register(&self, registration: &Registration<'_>) -> Result<()> {
        let Recipient { email, has_account } = registration.recipient;
        let is_counted = match self.codes.await_code(registration.account, Purpose::SignUp, has_account).await {
            Ok(()) => true,
            // The same sign-up again within the minute: its mail is on the way.
            Err(error) if error.code() == Some(ProblemCode::TooManyTries) => false,
            Err(error) => return Err(error),
        };
        // A decoy is a user without an address, to whom Cognito writes nothing.
        let name = registration.account.to_string();
        let signed_up = self.client.sign_up(&name, registration.auth_string, (!has_account).then_some(email)).await?;
        if signed_up == SignedUp::There && is_counted {
            self.client.resend(&name).await?;
        }
        Ok(())
    }

    async fn resend(&self, account: &Id, recipient: &Recipient<'_>) -> Result<()> {
        self.codes.await_code(account, Purpose::SignUp, recipient.has_account).await?;
        self.client.resend(&account.to_string()).await
    }

    async fn check_code(&self, account: &Id, code: &str) -> Result<()> {
        self.confirm(account, Purpose::SignUp, account, code).await
    }

    async fn check_auth(&self, email: &Email, account: Option<&Id>, auth_string: &AuthString) -> Result<()> {
        let attempt = self.lockouts.begin(email).await?;
        let user = account.copied().unwrap_or_else(|| nobody(&self.secret, email));
        self.client.sign_in(&user.to_string(), auth_string).await?;
        self.lockouts.clear(attempt).await
    }

    async fn change_auth(&self, email: &Email, account: &Id, old: &AuthString, new: &AuthString) -> Result<()> {
        let attempt = self.lockouts.begin(email).await?;
        let user = account.to_string();
        let is_wrong = |error: &Error| error.code() == Some(ProblemCode::WrongPassword);
        let changed = match self.client.sign_in(&user, old).await {
            Ok(token) => self.client.change_password(&token, old, new).await,
            Err(error) => Err(error),
        };
        match changed {
            // Changed already, by a request whose answer was lost, or by the SDK's own repetition of this one.
            Err(error) if is_wrong(&error) => drop(self.client.sign_in(&user, new).await?),
            changed => changed?,
        }
        self.lockouts.clear(attempt).await
    }

    async fn begin_recovery(&self, email: &Email, account: Option<&Id>) -> Result<()> {
        let user = account.copied().unwrap_or_else(|| nobody(&self.secret, email));
        self.codes.await_code(&user, Purpose::Recovery, account.is_none()).await?;
        // Where a move was broken off the user may have another address than the account: the code goes where it was asked for. For nobody the
        // same is tried, at the same cost.
        let set = self.client.set_email(&user.to_string(), email).await;
        if account.is_some() {
            set?;
        }
        self.client.forgot_password(&user.to_string()).await
    }

    async fn recover(&self, email: &Email, account: Option<&Id>, code: &str, new: &AuthString) -> Result<()> {
        let counted = account.copied().unwrap_or_else(|| nobody(&self.secret, email));
        let tried = self.codes.count_try(&counted, Purpose::Recovery).await?;
        let user = self.who(&tried, Purpose::Recovery, &counted);
        self.client.confirm_forgot_password(&user.to_string(), digits(code)?, new).await?;
        self.codes.use_up(&tried).await?;
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
        self.codes.await_code(account, Purpose::EmailChange(to.email), to.has_account).await?;
        // Cognito mails a code to an address that is not yet a user's only when somebody signs up with it.
        let newcomer = self.newcomer(account).to_string();
        self.client.delete(&newcomer).await?;
        self.client.sign_up(&newcomer, &random_auth()?, (!to.has_account).then_some(to.email)).await.map(drop)
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
        let newcomer = self.newcomer(account);
        self.confirm(account, Purpose::EmailChange(to), &newcomer, code).await?;
        self.client.set_email(&account.to_string(), to).await?;
        self.client.delete(&newcomer.to_string()).await
    }

    async fn forget(&self, account: &Id) -> Result<()> {
        self.client.delete(&account.to_string()).await?;
        self.client.delete(&self.newcomer(account).to_string()).await?;
        self.codes.forget(account).await
    }

    async fn sweep(&self, limit: usize) -> Result<()> {
        // Before the record that leads to it.
        for account in self.codes.moves_that_ended(limit).await? {
            self.client.delete(&self.newcomer(&account).to_string()).await?;
        }
        self.codes.sweep(limit).await?;
        self.lockouts.sweep(limit).await
    }
}

/// A code as Cognito takes one. Anything else is wrong, and is not sent.
fn digits(code: &str) -> Result<&str> {
    let is_code = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
    if is_code { Ok(code) } else { Err(Error::refused(ProblemCode::WrongCode)) }
}

/// A password that nobody has.
fn random_auth() -> Result<AuthString> {
    let bytes = Zeroizing::new(random::<32>()?);
    Ok(AuthString::new(Zeroizing::new(format!("iM1!{}", Base64UrlUnpadded::encode_string(bytes.as_slice())))))
}
