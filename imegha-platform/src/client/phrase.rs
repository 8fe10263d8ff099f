//! A new recovery phrase.

use std::fmt;

use http::Method;
use imegha_crypto::{PhraseWrap, RecoveryPhrase, Sealed, Wrap};

use super::account::{Account, Known};
use super::password::{again, next_keys};
use super::platform::Platform;
use super::record::{Served, held};
use crate::error::{Error, ErrorKind, Result};
use crate::problem::ProblemCode;
use crate::protocol::{AddPhraseRequest, DropPhrasesRequest, RecoveryWrap};

/// A new recovery phrase, made on the device. The order in which it takes the place of the old one, so that at no moment none opens:
///
/// 1. the cloud keeps [`recovery_wrap`](Self::recovery_wrap) beside the old one,
/// 2. [`Platform::add_phrase`],
/// 3. the words are shown, and asked back,
/// 4. [`Platform::drop_other_phrases`] with the words as they were typed,
/// 5. the cloud drops the old wrap.
///
/// Broken off anywhere, the old phrase and, from 2 on, the new one open; begin again with another one.
pub struct NewPhrase {
    phrase: RecoveryPhrase,
    wrap: PhraseWrap,
    sealed: Sealed,
    dek_epoch: u32,
}

impl NewPhrase {
    /// Draws a phrase and wraps the account's key by it. Nothing is sent.
    ///
    /// # Errors
    /// [`ErrorKind::Device`] without randomness.
    pub fn prepare(account: &Account) -> Result<Self> {
        let phrase = RecoveryPhrase::generate()?;
        let wrap = account.keys.wrap_phrase(&phrase)?;
        let sealed = held(&wrap.wrap)?;
        Ok(Self { phrase, wrap, sealed, dek_epoch: account.dek_epoch })
    }

    /// The words, to be shown once.
    pub fn phrase(&self) -> &RecoveryPhrase {
        &self.phrase
    }

    /// The DEK wrapped by them: what the cloud is to keep.
    pub fn recovery_wrap(&self) -> &Sealed {
        &self.sealed
    }
}

impl Platform {
    /// Adds a recovery phrase to the account. The others open it as well until [`drop_other_phrases`](Self::drop_other_phrases). May be repeated.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`]: [`WrongPassword`](ProblemCode::WrongPassword), [`TooManyTries`](ProblemCode::TooManyTries),
    /// [`KeyRefused`](ProblemCode::KeyRefused) past the eighth phrase. [`ErrorKind::CannotOpen`] where the account's keys were
    /// [renewed](Self::renew) since the phrase was prepared: it wraps those of before.
    pub async fn add_phrase(&self, account: &Account, password: &str, new: &NewPhrase) -> Result<Known> {
        let auth_string = self.current_auth(account, password).await?;
        again(|| async {
            let keys = self.fresh(account).await?;
            if keys.record().phrases.iter().any(|wrap| wrap.id == new.wrap.id) {
                return Ok(Known::new(&keys, &account.kdf));
            }
            if new.dek_epoch != keys.record().dek_epoch {
                return Err(Error::new(ErrorKind::CannotOpen, "the phrase was made for earlier keys of the account"));
            }
            let added = match keys.add_phrase(new.wrap.clone()) {
                Err(imegha_crypto::Error::Bounds) => return Err(Error::refused(ProblemCode::KeyRefused)),
                added => added?,
            };
            let request = AddPhraseRequest {
                auth_string: auth_string.clone(),
                wrap: RecoveryWrap { id: new.wrap.id, wrap: new.sealed.clone(), public_key: new.wrap.public_key },
                next: next_keys(&added),
            };
            self.tell(Method::POST, "account/phrase", Some(&request)).await?;
            Ok(Known::new(&added, &account.kdf))
        })
        .await
    }

    /// Drops every recovery phrase but the new one, whose words were asked back: `words` is what was typed. May be repeated.
    ///
    /// # Errors
    /// [`ErrorKind::CannotOpen`] for other words, and nothing is dropped; [`ErrorKind::Refused`] with
    /// [`Conflict`](ProblemCode::Conflict) when the phrase was not added, or another device has dropped it.
    pub async fn drop_other_phrases(&self, account: &Account, new: &NewPhrase, words: &str) -> Result<Known> {
        let words = RecoveryPhrase::parse(words).map_err(|error| cannot_open().caused_by(error))?;
        let dropped = again(|| async {
            let keys = self.fresh_with(account, Served::Phrase(&new.sealed)).await?;
            let phrases = &keys.record().phrases;
            // Not there, it will not come: nobody is to be waited for.
            if !phrases.iter().any(|wrap| wrap.id == new.wrap.id && matches!(wrap.wrap, Wrap::Held(_))) {
                return Ok(None);
            }
            let dropped = keys.drop_other_phrases(&words)?;
            if phrases.len() == 1 {
                return Ok(Some(Known::new(&keys, &account.kdf)));
            }
            let request = DropPhrasesRequest { keep: new.wrap.id, next: next_keys(&dropped) };
            self.tell(Method::POST, "account/phrase/drop", Some(&request)).await?;
            Ok(Some(Known::new(&dropped, &account.kdf)))
        });
        dropped.await?.ok_or_else(|| Error::refused(ProblemCode::Conflict))
    }
}

impl fmt::Debug for NewPhrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPhrase(redacted)")
    }
}

fn cannot_open() -> Error {
    Error::new(ErrorKind::CannotOpen, "these are not the words of the new phrase")
}
