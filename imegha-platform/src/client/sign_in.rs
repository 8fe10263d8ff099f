//! Signing in, and opening what the platform keeps.

use std::sync::Arc;

use http::Method;
use imegha_crypto::{Dek, Email, Identity, KdfParams, Password, PasswordKeys, device};
use zeroize::Zeroizing;

use super::account::{Account, Known, SignedIn, open_gateway, verify_history};
use super::platform::{Platform, not_of_form};
use super::sign_up::SignUp;
use crate::error::{Error, ErrorKind, Result};
use crate::problem::ProblemCode;
use crate::protocol::{AuthString, Bundle, PreloginReply, PreloginRequest, SignInReply, SignInRequest};
use crate::tag::Tag;

impl Platform {
    /// Signs in on a device that does not know the account yet.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`]: [`WrongPassword`](ProblemCode::WrongPassword), [`TooManyTries`](ProblemCode::TooManyTries);
    /// [`ErrorKind::WeakKdf`], and nothing was derived or sent; [`ErrorKind::CannotOpen`] and [`ErrorKind::KeyChanged`]
    /// when the platform served keys that are not this account's.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<SignedIn> {
        self.sign_in_by_password(email, password, None).await
    }

    /// Signs in on a device that knows the account: a key derivation weaker than it last saw is refused before anything
    /// is sent, and so is a key history that does not go on from the one that it saw.
    ///
    /// # Errors
    /// As [`Platform::sign_in`].
    pub async fn sign_in_known(&self, email: &str, password: &str, known: &Known) -> Result<SignedIn> {
        self.sign_in_by_password(email, password, Some(known)).await
    }

    /// Signs in to an account that this device has just made and confirmed, with the keys that it already derived.
    ///
    /// # Errors
    /// As [`Platform::sign_in`].
    pub async fn sign_in_first(&self, sign_up: &SignUp) -> Result<SignedIn> {
        let (keys, kdf) = sign_up.keys();
        self.sign_in_by_keys(sign_up.email(), keys, kdf, Some(sign_up.known())).await
    }

    async fn sign_in_by_password(&self, email: &str, password: &str, known: Option<&Known>) -> Result<SignedIn> {
        let email = Email::parse(email)?;
        let password = Password::parse(password)?;
        let sets = self.prelogin(&email, known).await?;
        let mut refused = Error::refused(ProblemCode::WrongPassword);
        // Two sets while a change of email or kdf is under way: the one of the new password may be either.
        for kdf in &sets {
            let keys = device::derive_password_keys(&password, &email, kdf).await?;
            match self.sign_in_by_keys(&email, &keys, kdf, known).await {
                Err(error) if error.code() == Some(ProblemCode::WrongPassword) => refused = error,
                done => return done,
            }
        }
        Err(refused)
    }

    /// Asks for the kdf fields and checks every set before anything is derived from the password.
    async fn prelogin(&self, email: &Email, known: Option<&Known>) -> Result<Vec<KdfParams>> {
        let request = PreloginRequest { email: email.as_str().to_owned() };
        let reply: PreloginReply = self.ask(Method::POST, "prelogin", Some(&request)).await?;
        if !(1..=MAX_SETS).contains(&reply.kdf.len()) {
            return Err(not_of_form());
        }
        let last_seen = known.map(|known| KdfParams::try_from(&known.kdf)).transpose()?;
        let mut sets = Vec::new();
        for kdf in &reply.kdf {
            let kdf = KdfParams::try_from(kdf)?;
            if let Some(last_seen) = &last_seen {
                kdf.check_not_weaker(last_seen)?;
            }
            sets.push(kdf);
        }
        Ok(sets)
    }

    async fn sign_in_by_keys(
        &self,
        email: &Email,
        keys: &PasswordKeys,
        kdf: &KdfParams,
        known: Option<&Known>,
    ) -> Result<SignedIn> {
        let request = SignInRequest {
            email: email.as_str().to_owned(),
            auth_string: AuthString::new(keys.auth.to_auth_string()),
            session: self.session_kind(),
        };
        let mut reply: SignInReply = self.ask(Method::POST, "sign-in", Some(&request)).await?;
        self.set_token(reply.token.take().map(Zeroizing::new));
        let opened = open(email, keys, kdf, known, &reply);
        if opened.is_err() {
            // The session is of no use to anybody; that it may not end now changes nothing for the caller.
            let _ = self.sign_out().await;
        }
        opened
    }
}

/// Opens an account with the password's keys.
fn open(
    email: &Email,
    keys: &PasswordKeys,
    kdf: &KdfParams,
    known: Option<&Known>,
    reply: &SignInReply,
) -> Result<SignedIn> {
    let dek_epoch = reply.wrap.dek_epoch;
    // The wrap's context holds account, epoch and kdf fields: another account's wrap does not open.
    let dek = Dek::unwrap_by_password(&reply.wrap.wrap, &keys.kek, &reply.account.account, dek_epoch, kdf)?;
    open_bundle(email, dek, dek_epoch, kdf, known, &reply.account)
}

/// Opens everything that hangs on the DEK. Every step fails closed, and nothing of it is used before all of it has held.
pub(super) fn open_bundle(
    email: &Email,
    dek: Dek,
    dek_epoch: u32,
    kdf: &KdfParams,
    known: Option<&Known>,
    bundle: &Bundle,
) -> Result<SignedIn> {
    let tag = Tag::from_stored(&bundle.tag).map_err(|error| not_of_form().caused_by(error))?;
    let id = bundle.account;
    if bundle.dek_epoch != dek_epoch || bundle.identity.dek_epoch != dek_epoch {
        return Err(not_of_form());
    }
    let history = verify_history(&id, &tag, &bundle.history)?;
    if let Some(known) = known {
        known.check(bundle, &tag, &history)?;
    }
    let fingerprint = history.current().fingerprint();
    if bundle.identity.fingerprint != fingerprint {
        return Err(Error::new(ErrorKind::KeyChanged, "the private keys are not those of the current identity"));
    }
    let identity = Identity::unwrap(&bundle.identity.wrapped, &dek, &id, dek_epoch, &fingerprint)?;
    let gateway = bundle.gateway.as_ref().map(|gateway| open_gateway(&dek, &id, gateway)).transpose()?;
    Ok(SignedIn {
        known: Known::new(id, kdf, &history),
        policy_version: bundle.policy_version,
        account: Account {
            id,
            email: email.clone(),
            tag,
            dek,
            dek_epoch,
            identity: Arc::new(identity),
            history,
            gateway,
        },
    })
}

/// The most sets of kdf fields: the old and the new of a change.
const MAX_SETS: usize = 2;
