//! Changing the password, and how its keys are derived.

use http::Method;
use imegha_crypto::{KdfParams, Login, Password, device};

use super::account::{Account, Known, SignedIn};
use super::platform::{Platform, not_of_form};
use super::record::{Served, held, record};
use super::sign_in::{auth_string, unlocked};
use crate::error::{Error, ErrorKind, Result};
use crate::problem::ProblemCode;
use crate::protocol::{AddPassword, AuthString, ChangePasswordRequest, DropPasswordsRequest, NextKeys};

impl Platform {
    /// Replaces the password, and signs in with the new one. Sessions that the old one began end. May be repeated when the answer was lost.
    ///
    /// The new password's strength is the caller's to judge, as at sign-up.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`]: [`WrongPassword`](ProblemCode::WrongPassword) for the old one, also when another device has changed it
    /// meanwhile; [`TooManyTries`](ProblemCode::TooManyTries), also for a minute after a change that was broken off;
    /// [`PasswordRefused`](ProblemCode::PasswordRefused) for a new one that cannot be one. After [`ErrorKind::Network`] either password may be the right
    /// one.
    pub async fn change_password(&self, account: &Account, old: &str, new: &str) -> Result<SignedIn> {
        let new = Password::parse(new)?;
        let old = self.current_auth(account, old).await?;
        self.change(account, &old, &new, None).await
    }

    /// Has the keys derived from the same password by stronger parameters, and signs in with them. May be repeated.
    ///
    /// # Errors
    /// As [`change_password`](Self::change_password); [`ErrorKind::WeakKdf`] for fewer iterations than there are;
    /// [`ErrorKind::Refused`] with [`Malformed`](ProblemCode::Malformed) for a number that the platform does not take: 100,000, 300,000,
    /// 600,000 and 900,000 it does.
    pub async fn change_kdf(&self, account: &Account, password: &str, iterations: u32) -> Result<SignedIn> {
        let new = Password::parse(password)?;
        let old = self.current_auth(account, password).await?;
        self.change(account, &old, &new, Some(iterations)).await
    }

    /// Adds the password's wrap, has the platform take it as the proof, and signs in with it.
    async fn change(
        &self,
        account: &Account,
        old: &AuthString,
        new: &Password,
        iterations: Option<u32>,
    ) -> Result<SignedIn> {
        let (login, known) = again(|| async {
            let keys = self.fresh(account).await?;
            let (email, newest) = (keys.record().email.clone(), newest_params(&keys)?);
            let known = Known::new(&keys, &account.kdf);
            // What an earlier run has added has these iterations, and other kdf fields than the session signed in with.
            let again = iterations.is_none_or(|wanted| newest.iterations() == wanted && newest != account.kdf);
            let params = match iterations {
                Some(iterations) if !again => stronger(iterations)?,
                _ => newest,
            };
            let login = device::derive_login(new, &email, &params).await?;
            if again && keys.record().passwords.len() > 1 {
                // An earlier run, or one whose answer was lost, may have added it: the platform knows whether the newest is this one's.
                match self.replace_auth(old, &login, None).await {
                    Err(error) if error.code() == Some(ProblemCode::Conflict) => {}
                    done => return done.map(|()| (login, known)),
                }
            }
            let changed = match iterations {
                Some(_) if !again => keys.change_kdf(&login)?,
                _ => keys.change_password(&login)?,
            };
            self.replace_auth(old, &login, Some(added(&changed)?)).await?;
            Ok((login, known))
        })
        .await?;
        self.sign_in_by_login(&login, Some(&known)).await
    }

    /// Asks the platform to take a login as the proof of the password.
    pub(super) async fn replace_auth(&self, old: &AuthString, login: &Login, add: Option<AddPassword>) -> Result<()> {
        let request = ChangePasswordRequest { auth_string: old.clone(), new_auth_string: auth_string(login), add };
        self.tell(Method::POST, "account/password", Some(&request)).await
    }

    /// Brings a broken-off change to its end, as far as this sign-in may: drops the other passwords, where the account was opened by the newest.
    /// One that was added and never taken stands before that: then this password is added once more, behind it.
    pub(super) async fn tidied(&self, signed_in: SignedIn, login: &Login) -> SignedIn {
        if signed_in.account.password_count() < 2 {
            return signed_in;
        }
        let signed_in = match self.made_newest(&signed_in, login).await {
            Ok(Some(newest)) => newest,
            _ => signed_in,
        };
        // What does not work now is left to the next sign-in: this one has opened the account.
        match self.drop_passwords(&signed_in).await {
            Ok(tidied) => tidied,
            Err(_) => signed_in,
        }
    }

    async fn made_newest(&self, signed_in: &SignedIn, login: &Login) -> Result<Option<SignedIn>> {
        let keys = &signed_in.account.keys;
        let same = *login.email() == keys.record().email && newest_params(keys)? == *login.params();
        if !same || !matches!(keys.drop_other_passwords(), Err(imegha_crypto::Error::Key)) {
            return Ok(None);
        }
        let changed = keys.change_password(login)?;
        self.replace_auth(&auth_string(login), login, Some(added(&changed)?)).await?;
        self.sign_in_as_it_is(login, Some(&signed_in.known)).await.map(Some)
    }

    async fn drop_passwords(&self, signed_in: &SignedIn) -> Result<SignedIn> {
        let dropped = signed_in.account.keys.drop_other_passwords()?;
        let request = DropPasswordsRequest { next: next_keys(&dropped) };
        self.tell(Method::POST, "account/password/drop", Some(&request)).await?;
        let mut tidied = signed_in.clone();
        tidied.known = Known::new(&dropped, &tidied.account.kdf);
        tidied.account.keys = dropped;
        Ok(tidied)
    }

    /// The account as the platform has it now, opened by the key that this device has.
    pub(super) async fn fresh(&self, account: &Account) -> Result<imegha_crypto::Account> {
        self.fresh_with(account, Served::Nothing).await
    }

    /// The same, beside a wrap that this device holds.
    pub(super) async fn fresh_with(&self, account: &Account, served: Served<'_>) -> Result<imegha_crypto::Account> {
        let bundle = self.bundle(account).await?;
        let record = record(&bundle, served)?;
        let seen = account.keys.last_seen();
        imegha_crypto::Account::unlock_with_dek(&record, account.dek.clone(), Some(&seen)).map_err(unlocked)
    }

    /// What proves the password that this account signed in with.
    pub(super) async fn current_auth(&self, account: &Account, password: &str) -> Result<AuthString> {
        let login = device::derive_login(&Password::parse(password)?, &account.email, &account.kdf).await?;
        Ok(auth_string(&login))
    }
}

/// The password that a change has added.
pub(super) fn added(changed: &imegha_crypto::Account) -> Result<AddPassword> {
    let newest = changed.record().passwords.last().ok_or_else(not_of_form)?;
    Ok(AddPassword { id: newest.id, kdf: (&newest.params).into(), wrap: held(&newest.wrap)?, next: next_keys(changed) })
}

/// The version that a change makes.
pub(super) fn next_keys(changed: &imegha_crypto::Account) -> NextKeys {
    NextKeys { version: changed.record().version, signature: changed.record().signature }
}

/// Makes a change until it is made: the account is looked at again where somebody else changed it meanwhile, or an answer was lost.
pub(super) async fn again<T, F: Future<Output = Result<T>>>(mut change: impl FnMut() -> F) -> Result<T> {
    let mut failed = Error::refused(ProblemCode::Conflict);
    for _ in 0..ATTEMPTS {
        match change().await {
            Err(error) if error.kind() == ErrorKind::Network || error.code() == Some(ProblemCode::Conflict) => {
                failed = error;
            }
            done => return done,
        }
    }
    Err(failed)
}

pub(super) fn newest_params(keys: &imegha_crypto::Account) -> Result<KdfParams> {
    keys.record().passwords.last().map(|wrap| wrap.params.clone()).ok_or_else(not_of_form)
}

/// Parameters of so many iterations, with a salt of their own.
pub(super) fn stronger(iterations: u32) -> Result<KdfParams> {
    let fresh = KdfParams::generate()?;
    Ok(KdfParams::new(KdfParams::PBKDF2_HMAC_SHA256, iterations, fresh.salt())?)
}

/// How often a change that others came before, or whose answer was lost, is made again.
const ATTEMPTS: usize = 6;
