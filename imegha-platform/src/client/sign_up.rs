//! A new account, made on the device.

use std::fmt;

use imegha_crypto::{Email, Id, KdfParams, Login, Password, RecoveryPhrase, Sealed, device};

use super::account::Known;
use super::record::held;
use super::sign_in::auth_string;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::{FIRST_DEK_EPOCH, HistoryEntry, IdentityKeys, PasswordWrap, RecoveryWrap, SignUpRequest};
use crate::tag::Tag;

/// A new account with all its keys, before the platform knows of it.
///
/// Keep it until the code of the mail is confirmed: [`Platform::sign_in_first`](super::Platform::sign_in_first)
/// then signs in without the password being typed or derived again.
pub struct SignUp {
    request: SignUpRequest,
    phrase: RecoveryPhrase,
    login: Login,
    known: Known,
}

impl SignUp {
    /// Draws and wraps every key of a new account. Takes a second or two: an RSA key is made and the password derived.
    ///
    /// The password's strength is the caller's to judge, since the platform never sees it. Natively `check_strength`
    /// (feature `strength`) judges it as the web app does. `now_ms`, milliseconds since 1970, dates the identity.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) with
    /// [`EmailInvalid`](crate::ProblemCode::EmailInvalid), [`TagInvalid`](crate::ProblemCode::TagInvalid) or
    /// [`PasswordRefused`](crate::ProblemCode::PasswordRefused) for what was typed.
    pub async fn prepare(email: &str, tag: &str, password: &str, now_ms: u64) -> Result<Self> {
        let email = Email::parse(email)?;
        let tag = Tag::parse(tag)?;
        let password = Password::parse(password)?;
        let login = device::derive_login(&password, &email, &KdfParams::generate()?).await?;
        let identity = device::generate_identity().await?;
        let (account, phrase) = imegha_crypto::Account::assemble(&login, identity, tag.as_str(), now_ms)?;
        let known = Known::new(&account, login.params());
        let record = account.record();
        let (Some(password), Some(recovery), Some(identity), Some(entry)) =
            (record.passwords.first(), record.phrases.first(), record.identities.first(), record.history.first())
        else {
            return Err(Error::new(ErrorKind::Device, "a new account has one of each"));
        };
        let request = SignUpRequest {
            account: record.account,
            email: email.as_str().to_owned(),
            tag: tag.as_str().to_owned(),
            auth_string: auth_string(&login),
            kdf: login.params().into(),
            password_wrap: PasswordWrap { id: password.id, dek_epoch: FIRST_DEK_EPOCH, wrap: held(&password.wrap)? },
            recovery: RecoveryWrap { id: recovery.id, wrap: held(&recovery.wrap)?, public_key: recovery.public_key },
            identity: IdentityKeys { wrapped: identity.wrap.clone(), history: HistoryEntry::from(entry) },
            keys_signature: record.signature,
            over_13: false,
            policy_version: 0,
        };
        Ok(Self { request, phrase, login, known })
    }

    /// The recovery phrase: shown to the person once, and then only on paper.
    pub fn phrase(&self) -> &RecoveryPhrase {
        &self.phrase
    }

    /// The DEK wrapped by the phrase: what a new cloud is to keep, so that phrase and storage open it without the platform.
    pub fn recovery_wrap(&self) -> &Sealed {
        &self.request.recovery.wrap
    }

    /// The account's id.
    pub fn account(&self) -> Id {
        self.request.account
    }

    /// The email address that the code goes to.
    pub fn email(&self) -> &Email {
        self.login.email()
    }

    /// What the device knows of the account from having made it.
    pub fn known(&self) -> &Known {
        &self.known
    }

    pub(super) fn login(&self) -> &Login {
        &self.login
    }

    pub(super) fn request(&self, over_13: bool, policy_version: u32) -> SignUpRequest {
        SignUpRequest { over_13, policy_version, ..self.request.clone() }
    }
}

impl fmt::Debug for SignUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignUp").field("account", &self.request.account).finish_non_exhaustive()
    }
}
