//! New keys behind what opens the account, after a password, a phrase or a device was seen.

use http::Method;
use imegha_crypto::{IdentityWrap, Login, Password, RecoveryKeys, RecoveryPhrase, device};

use super::account::{Account, Known, SignedIn, open_gateway};
use super::password::{again, next_keys};
use super::platform::Platform;
use super::record::held;
use super::sign_in::auth_string;
use crate::error::{Error, ErrorKind, Result};
use crate::problem::ProblemCode;
use crate::protocol::{AuthString, Gateway, HistoryEntry, NewWrap, RenewRequest, WrappedIdentity};

impl Platform {
    /// Begins a new epoch of the account's DEK, with a new identity, and ends all other sessions. Whoever had an earlier password, phrase or device of
    /// the account opens nothing that is written from then on. The order in which everything becomes new:
    ///
    /// 1. [`change_password`](Self::change_password), which ends the sessions of the old one,
    /// 2. [`add_phrase`](Self::add_phrase) and [`drop_other_phrases`](Self::drop_other_phrases) with a [`NewPhrase`](super::NewPhrase),
    /// 3. this, with both as they are now,
    /// 4. the cloud goes over to the new keys, and keeps [`Account::recovery_wrap`]; connections get new cards
    ///    ([`Connection::needs_card`](super::Connection::needs_card)).
    ///
    /// It signs in anew, since the password's wrap comes with that alone. It may be repeated with the same `account` when the answer was lost: where
    /// the account has come to a newer epoch than that one, it is given as it is, and nothing is renewed. `now_ms`, milliseconds since 1970,
    /// dates the identity.
    ///
    /// # Errors
    /// [`ErrorKind::CannotOpen`] for words that are not the account's phrase's. [`ErrorKind::Refused`]:
    /// [`WrongPassword`](ProblemCode::WrongPassword); [`Conflict`](ProblemCode::Conflict) where there is another phrase beside, or a change
    /// of the password has been broken off; [`TooManyTries`](ProblemCode::TooManyTries), also for a minute after such a one;
    /// [`LimitReached`](ProblemCode::LimitReached) past the two-hundredth epoch. After [`ErrorKind::Network`] it may be done or not.
    pub async fn renew(
        &self,
        account: &Account,
        password: &str,
        phrase: &RecoveryPhrase,
        now_ms: u64,
    ) -> Result<SignedIn> {
        let login = device::derive_login(&Password::parse(password)?, &account.email, &account.kdf).await?;
        let (words, known) = (phrase.derive_keys(), Known::new(&account.keys, &account.kdf));
        let renewed = again(|| async {
            let signed_in = self.sign_in_by_login(&login, Some(&known)).await?;
            if signed_in.account.dek_epoch > account.dek_epoch {
                return Ok(Some(signed_in));
            }
            let record = signed_in.account.keys.record();
            // What stands beside does not go by waiting.
            if record.passwords.len() != 1 || record.phrases.len() != 1 {
                return Ok(None);
            }
            match self.renew_once(signed_in, &login, &words, now_ms).await {
                // An earlier attempt whose answer was lost ended this session as it was done.
                Err(error) if error.code() == Some(ProblemCode::SignedOut) => {
                    Err(Error::refused(ProblemCode::Conflict).caused_by(error))
                }
                renewed => renewed.map(Some),
            }
        });
        renewed.await?.ok_or_else(|| Error::refused(ProblemCode::Conflict))
    }

    async fn renew_once(
        &self,
        mut signed_in: SignedIn,
        login: &Login,
        words: &RecoveryKeys,
        now_ms: u64,
    ) -> Result<SignedIn> {
        let account = &mut signed_in.account;
        if account.keys.record().phrases.iter().any(|wrap| wrap.public_key != words.public_key()) {
            return Err(Error::new(ErrorKind::CannotOpen, "these are not the words of the account's phrase"));
        }
        let identity = device::generate_identity().await?;
        let renewed = account.keys.renew_behind(login, words, identity, now_ms)?;
        let present = self.bundle(account).await?.gateway;
        let gateway_edit = present.as_ref().map_or(0, |gateway| gateway.edit);
        // What does not open is nobody's address, and goes.
        let address = present.and_then(|present| open_gateway(&account.dek, &account.id, &present).ok());
        let gateway = address.as_ref().map(|address| {
            let edit = gateway_edit + 1;
            let sealed = renewed.dek().seal_gateway_address(&account.id, edit, &address.to_json()?)?;
            Ok::<_, Error>(Gateway { edit, sealed })
        });
        let request = request(&renewed, auth_string(login), gateway_edit, gateway.transpose()?)?;
        self.tell(Method::POST, "account/renew", Some(&request)).await?;

        account.gateway = address;
        account.dek = renewed.dek().clone();
        account.dek_epoch = renewed.record().dek_epoch;
        account.identity = renewed.identity().clone();
        account.history = renewed.history().clone();
        account.keys = renewed;
        signed_in.known = Known::new(&signed_in.account.keys, &signed_in.account.kdf);
        Ok(signed_in)
    }
}

/// What of the renewed keys is new to the platform.
fn request(
    renewed: &imegha_crypto::Account,
    auth_string: AuthString,
    gateway_edit: u64,
    gateway: Option<Gateway>,
) -> Result<RenewRequest> {
    let record = renewed.record();
    let (Some(password), Some(phrase), Some(previous), Some(entry)) =
        (record.passwords.last(), record.phrases.last(), record.previous.last(), record.history.last())
    else {
        return Err(Error::new(ErrorKind::Device, "a renewed account has one of each"));
    };
    let identities = record.identities.iter().filter(|wrap| wrap.dek_epoch == record.dek_epoch);
    Ok(RenewRequest {
        auth_string,
        dek_epoch: record.dek_epoch,
        password: NewWrap { id: password.id, wrap: held(&password.wrap)? },
        phrase: NewWrap { id: phrase.id, wrap: held(&phrase.wrap)? },
        previous: previous.wrap.clone(),
        identities: identities.map(shown).collect(),
        entry: HistoryEntry::from(entry),
        gateway_edit,
        gateway,
        next: next_keys(renewed),
    })
}

fn shown(wrap: &IdentityWrap) -> WrappedIdentity {
    WrappedIdentity { fingerprint: wrap.fingerprint, dek_epoch: wrap.dek_epoch, wrapped: wrap.wrap.clone() }
}
