//! Recovery: no device and no password, but the mailbox and the 24 words.

use std::fmt;

use http::Method;
use imegha_crypto::{Email, Id, KdfParams, Login, Password, RecoveryPhrase, RecoveryStatement, device};
use zeroize::Zeroizing;

use super::account::{Known, SignedIn};
use super::password::added;
use super::platform::Platform;
use super::record::{Served, record};
use super::sign_in::{Opener, auth_string, open_bundle, unlocked};
use crate::error::{ErrorKind, Result};
use crate::protocol::{
    RecoveryFinishReply, RecoveryFinishRequest, RecoveryOpenReply, RecoveryOpenRequest, RecoveryReply, RecoveryRequest,
};

/// A recovery that was asked for: a code is on its way, if the address has an account.
pub struct Recovery {
    email: Email,
    account: Id,
    kdf: KdfParams,
    challenge: [u8; 32],
}

impl Platform {
    /// Asks for a recovery, and has a code mailed to the address, if it has an account. Whether it has is not told.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`]: [`TooManyTries`](crate::ProblemCode::TooManyTries), [`EmailInvalid`](crate::ProblemCode::EmailInvalid);
    /// [`ErrorKind::WeakKdf`] when the platform names a derivation that is not allowed.
    pub async fn begin_recovery(&self, email: &str) -> Result<Recovery> {
        let email = Email::parse(email)?;
        let request = RecoveryRequest { email: email.as_str().to_owned() };
        let reply: RecoveryReply = self.ask(Method::POST, "recovery", Some(&request)).await?;
        Ok(Recovery {
            email,
            account: reply.account,
            kdf: KdfParams::try_from(&reply.kdf)?,
            challenge: reply.challenge,
        })
    }

    /// Recovers the account: the code of the mail, the 24 words, and a new password, which signs in from then on. All sessions
    /// end, on every device. White space in the code is dropped. `known` is what this device knows of the account, if it does.
    ///
    /// The phrase signs twice (FORMAT 12): that the wraps are asked for with this new password, and that its wrap is to be added. Stopped
    /// in between the old password does not sign in any more: [`begin_recovery`](Self::begin_recovery) again, with the same words.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`]: [`KeyRefused`](crate::ProblemCode::KeyRefused) for words that are not the account's, or no account, [`WrongCode`](crate::ProblemCode::WrongCode),
    /// [`CodeExpired`](crate::ProblemCode::CodeExpired) when it was ten minutes ago, [`Conflict`](crate::ProblemCode::Conflict) when another device changed the
    /// keys meanwhile: begin again. [`ErrorKind::CannotOpen`] and [`ErrorKind::KeyChanged`] when the platform served keys that are not this account's.
    pub async fn recover(
        &self,
        recovery: &Recovery,
        code: &str,
        phrase: &RecoveryPhrase,
        new_password: &str,
        known: Option<&Known>,
    ) -> Result<SignedIn> {
        let seen = known.map(Known::last_seen).transpose()?;
        if let Some(params) = seen.as_ref().and_then(|seen| seen.params.as_ref()) {
            recovery.kdf.check_not_weaker(params)?;
        }
        let login = device::derive_login(&Password::parse(new_password)?, &recovery.email, &recovery.kdf).await?;
        let origin = self.origin();
        let signer = phrase.derive_keys();
        let statement = RecoveryStatement::to_open(recovery.account, &origin, &recovery.challenge, login.auth().hash());
        let request = RecoveryOpenRequest {
            account: recovery.account,
            challenge: recovery.challenge,
            code: code.chars().filter(|c| !c.is_whitespace()).collect(),
            new_auth_string: auth_string(&login),
            signature: statement.sign(&signer),
        };
        let opened: RecoveryOpenReply = self.ask(Method::POST, "recovery/open", Some(&request)).await?;
        // Which account it is nobody said before. The words open no other's, and a device that knows it finds it to be the same.
        let record = record(&opened.account, Served::Phrase(&opened.wrap))?;
        let (account, signature) =
            imegha_crypto::Account::recover(&record, phrase, &login, &origin, &opened.challenge, seen.as_ref())
                .map_err(unlocked)?;
        // Everything that was served has to hold before anything is added to it.
        let signed_in =
            open_bundle(&recovery.email, Opener::Opened(&login, Box::new(account.clone())), known, &opened.account)?;
        let request = RecoveryFinishRequest {
            account: opened.account.account,
            challenge: opened.challenge,
            add: added(&account)?,
            signature,
            session: self.session_kind(),
        };
        self.finish(&request, signed_in, &login, known).await
    }

    async fn finish(
        &self,
        request: &RecoveryFinishRequest,
        signed_in: SignedIn,
        login: &Login,
        known: Option<&Known>,
    ) -> Result<SignedIn> {
        let reply: Result<RecoveryFinishReply> = self.ask(Method::POST, "recovery/finish", Some(request)).await;
        match reply {
            Ok(reply) => {
                self.set_token(reply.token.map(Zeroizing::new));
                Ok(self.tidied(signed_in, login).await)
            }
            // An answer was lost: if it was done, the new password signs in.
            Err(error) if error.kind() == ErrorKind::Network => {
                self.sign_in_by_login(login, known).await.map_err(|_| error)
            }
            Err(error) => Err(error),
        }
    }
}

impl fmt::Debug for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recovery").field("account", &self.account).finish_non_exhaustive()
    }
}
