//! A new account, made on the device.

use std::fmt;

use imegha_crypto::{
    Dek, Email, Id, KdfParams, KeyHistory, KeyHistoryEntry, Password, PasswordKeys, RecoveryPhrase, Sealed, device,
};

use super::account::Known;
use crate::error::Result;
use crate::protocol::{
    AuthString, FIRST_DEK_EPOCH, HistoryEntry, IdentityKeys, PasswordWrap, RecoveryWrap, SignUpRequest,
};
use crate::tag::Tag;

/// A new account with all its keys, before the platform knows of it.
///
/// Keep it until the code of the mail is confirmed: [`Platform::sign_in_first`](super::Platform::sign_in_first)
/// then signs in without the password being typed or derived again.
pub struct SignUp {
    request: SignUpRequest,
    phrase: RecoveryPhrase,
    email: Email,
    keys: PasswordKeys,
    kdf: KdfParams,
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
        let account = Id::generate()?;

        let kdf = KdfParams::generate()?;
        let keys = device::derive_password_keys(&password, &email, &kdf).await?;
        let phrase = RecoveryPhrase::generate()?;
        let recovery = phrase.derive_keys();
        let identity = device::generate_identity().await?;
        let entry = KeyHistoryEntry::first(&identity, &account, tag.as_str(), now_ms);
        let dek = Dek::generate()?;

        let request = SignUpRequest {
            account,
            email: email.as_str().to_owned(),
            tag: tag.as_str().to_owned(),
            auth_string: AuthString::new(keys.auth.to_auth_string()),
            kdf: (&kdf).into(),
            password_wrap: PasswordWrap {
                id: Id::generate()?,
                dek_epoch: FIRST_DEK_EPOCH,
                wrap: dek.wrap_by_password(&keys.kek, &account, FIRST_DEK_EPOCH, &kdf)?,
            },
            recovery: RecoveryWrap {
                id: Id::generate()?,
                wrap: dek.wrap_by_recovery(&recovery.kek, &account, FIRST_DEK_EPOCH)?,
                public_key: recovery.public_key(),
            },
            identity: IdentityKeys {
                wrapped: identity.wrap(&dek, &account, FIRST_DEK_EPOCH)?,
                history: HistoryEntry::from(&entry),
            },
            over_13: false,
            policy_version: 0,
        };
        let history = KeyHistory::verify(&account, tag.as_str(), vec![entry])?;
        let known = Known::new(account, &kdf, &history);
        Ok(Self { request, phrase, email, keys, kdf, known })
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
        &self.email
    }

    /// What the device knows of the account from having made it.
    pub fn known(&self) -> &Known {
        &self.known
    }

    pub(super) fn keys(&self) -> (&PasswordKeys, &KdfParams) {
        (&self.keys, &self.kdf)
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
