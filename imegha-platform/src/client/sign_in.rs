//! Signing in, and opening what the platform keeps.

use http::Method;
use imegha_crypto::{Dek, Email, KdfParams, Login, Password, device};
use zeroize::Zeroizing;

use super::account::{Account, Known, SignedIn, open_gateway, verify_history};
use super::platform::{Platform, not_of_form};
use super::record::{Served, record};
use super::sign_up::SignUp;
use crate::error::{Error, ErrorKind, Result};
use crate::problem::ProblemCode;
use crate::protocol::{AuthString, Bundle, PasswordWrap, PreloginReply, PreloginRequest, SignInReply, SignInRequest};
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
        self.sign_in_by_login(sign_up.login(), Some(sign_up.known())).await
    }

    async fn sign_in_by_password(&self, email: &str, password: &str, known: Option<&Known>) -> Result<SignedIn> {
        let email = Email::parse(email)?;
        let password = Password::parse(password)?;
        let sets = self.prelogin(&email, known).await?;
        let mut refused = Error::refused(ProblemCode::WrongPassword);
        // Several sets while a change of email or kdf is under way: the one of this password may be either.
        for kdf in &sets {
            let login = device::derive_login(&password, &email, kdf).await?;
            match self.sign_in_by_login(&login, known).await {
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
        let sets: Vec<_> = reply.kdf.iter().map(KdfParams::try_from).collect::<Result<_, _>>()?;
        let Some(known) = known else { return Ok(sets) };
        // A weaker one stands beside a stronger while the stronger is new. Alone, it is what a guesser would name.
        let last_seen = KdfParams::try_from(&known.kdf)?;
        let (mut strong, weak): (Vec<_>, Vec<_>) =
            sets.into_iter().partition(|kdf| kdf.check_not_weaker(&last_seen).is_ok());
        // What this device signed in with last most likely is what still does, and each failure counts.
        strong.sort_by_key(|kdf| *kdf != last_seen);
        match weak.first().filter(|_| strong.is_empty()) {
            Some(weak) => Err(weak.check_not_weaker(&last_seen).err().map_or_else(not_of_form, Error::from)),
            None => Ok(strong),
        }
    }

    /// Signs in, and brings to its end what a change of the password has left: other passwords are dropped.
    pub(super) async fn sign_in_by_login(&self, login: &Login, known: Option<&Known>) -> Result<SignedIn> {
        let signed_in = self.sign_in_as_it_is(login, known).await?;
        Ok(self.tidied(signed_in, login).await)
    }

    /// Signs in, and leaves the account as it is.
    pub(super) async fn sign_in_as_it_is(&self, login: &Login, known: Option<&Known>) -> Result<SignedIn> {
        let request = SignInRequest {
            email: login.email().as_str().to_owned(),
            auth_string: auth_string(login),
            session: self.session_kind(),
        };
        let mut reply: SignInReply = self.ask(Method::POST, "sign-in", Some(&request)).await?;
        self.set_token(reply.token.take().map(Zeroizing::new));
        let by = Opener::Password(login, &reply.wrap);
        let opened = open_bundle(login.email(), by, known, &reply.account);
        if opened.is_err() {
            // The session is of no use to anybody; that it may not end now changes nothing for the caller.
            let _ = self.sign_out().await;
        }
        opened
    }
}

/// `auth_string` of a login.
pub(super) fn auth_string(login: &Login) -> AuthString {
    AuthString::new(login.auth().to_auth_string())
}

/// What opens a bundle.
pub(super) enum Opener<'a> {
    /// The password, and the wrap that was served for it.
    Password(&'a Login, &'a PasswordWrap),
    /// The DEK of an epoch, by a device that kept it, and the kdf fields that it signed in with.
    Dek(Dek, u32, &'a KdfParams),
    /// What another way opened: a recovery.
    Opened(&'a Login, Box<imegha_crypto::Account>),
}

/// Opens everything of an account. Every step fails closed, and nothing of it is used before all of it has held.
pub(super) fn open_bundle(email: &Email, by: Opener<'_>, known: Option<&Known>, bundle: &Bundle) -> Result<SignedIn> {
    let tag = Tag::from_stored(&bundle.tag).map_err(|error| not_of_form().caused_by(error))?;
    let id = bundle.account;
    let epoch = match &by {
        Opener::Password(_, wrap) => wrap.dek_epoch,
        Opener::Dek(_, epoch, _) => *epoch,
        Opener::Opened(_, account) => account.record().dek_epoch,
    };
    if bundle.dek_epoch != epoch || bundle.identity.dek_epoch != epoch {
        return Err(not_of_form());
    }
    let history = verify_history(&id, &tag, &bundle.history)?;
    if let Some(known) = known {
        known.check(bundle, &tag, &history)?;
    }
    if bundle.identity.fingerprint != history.current().fingerprint() {
        return Err(Error::new(ErrorKind::KeyChanged, "the private keys are not those of the current identity"));
    }
    let seen = known.map(Known::last_seen).transpose()?;
    let (keys, kdf) = match by {
        // The wrap's context holds account, epoch and kdf fields: another account's wrap does not open.
        Opener::Password(login, wrap) => {
            let record = record(bundle, Served::Password(login, wrap))?;
            (imegha_crypto::Account::unlock(&record, login, seen.as_ref()).map_err(unlocked)?, login.params().clone())
        }
        Opener::Dek(dek, _, kdf) => {
            let record = record(bundle, Served::Nothing)?;
            (imegha_crypto::Account::unlock_with_dek(&record, dek, seen.as_ref()).map_err(unlocked)?, kdf.clone())
        }
        Opener::Opened(login, account) => (*account, login.params().clone()),
    };
    // Whoever holds a session could leave something there that does not open. That costs the way to the cloud, which its owner finds again, and
    // never the way in.
    let gateway = bundle.gateway.as_ref().and_then(|gateway| open_gateway(keys.dek(), &id, gateway).ok());
    Ok(SignedIn {
        known: Known::new(&keys, &kdf),
        policy_version: bundle.policy_version,
        current_policy_version: bundle.current_policy_version,
        account: Account {
            id,
            email: email.clone(),
            tag,
            dek: keys.dek().clone(),
            dek_epoch: epoch,
            identity: keys.identity().clone(),
            history,
            gateway,
            keys,
            kdf,
        },
    })
}

/// What is wrong with a record that does not open. One without what every account has is not of its form.
pub(super) fn unlocked(error: imegha_crypto::Error) -> Error {
    match error {
        imegha_crypto::Error::Malformed => not_of_form().caused_by(error),
        error => error.into(),
    }
}

/// The most sets of kdf fields: those of the changes that a platform lets stand beside each other.
const MAX_SETS: usize = 4;
