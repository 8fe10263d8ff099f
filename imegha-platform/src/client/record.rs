//! From what is served to the record that `imegha-crypto` checks and opens.

use imegha_crypto::{
    AccountRecord, Email, IdentityWrap, KdfParams, KeyHistoryEntry, Login, PhraseWrap, PreviousWrap, Sealed, Wrap,
};

use super::platform::not_of_form;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::{Bundle, PasswordWrap, WrappedIdentity};

/// The wrap that was served beside a bundle.
#[derive(Clone, Copy)]
pub(super) enum Served<'a> {
    /// None: a session has none.
    Nothing,
    /// That of a password.
    Password(&'a Login, &'a PasswordWrap),
    /// That of a phrase.
    Phrase(&'a Sealed),
}

/// The record of a bundle, as it came: only its forms are checked. A wrap that was served stands in its place, if it is the one whose hash
/// stands there.
pub(super) fn record(bundle: &Bundle, served: Served<'_>) -> Result<AccountRecord> {
    let malformed = |error: imegha_crypto::Error| not_of_form().caused_by(error);
    let mut passwords = Vec::new();
    for shown in &bundle.keys.passwords {
        let mut wrap = imegha_crypto::PasswordWrap {
            id: shown.id,
            params: KdfParams::try_from(&shown.kdf)?,
            auth: None,
            wrap: Wrap::Withheld(shown.hash),
        };
        if let Served::Password(login, own) = served
            && own.id == shown.id
            && own.wrap.hash() == shown.hash
        {
            wrap.auth = Some(login.auth().hash());
            wrap.wrap = Wrap::Held(own.wrap.clone());
        }
        passwords.push(wrap);
    }
    let phrases = bundle.keys.phrases.iter().map(|shown| PhraseWrap {
        id: shown.id,
        public_key: shown.public_key,
        wrap: Wrap::Withheld(shown.hash),
    });
    let previous = bundle.keys.previous.iter();
    let previous = previous.map(|shown| PreviousWrap { epoch: shown.dek_epoch, wrap: shown.wrap.clone() });
    let identities = bundle.keys.earlier.iter().chain([&bundle.identity]).map(identity);
    let history: Result<Vec<_>, _> = bundle.history.iter().map(KeyHistoryEntry::try_from).collect();
    let mut record = AccountRecord {
        account: bundle.account,
        email: Email::parse(&bundle.email).map_err(malformed)?,
        tag: bundle.tag.clone(),
        version: bundle.keys.version,
        dek_epoch: bundle.dek_epoch,
        passwords,
        phrases: phrases.collect(),
        previous: previous.collect(),
        identities: identities.collect(),
        history: history.map_err(malformed)?,
        signature: bundle.keys.signature,
    };
    if let Served::Phrase(wrap) = served {
        record.hold_phrase(wrap);
    }
    Ok(record)
}

/// A wrap that this device has made.
pub(super) fn held(wrap: &Wrap) -> Result<Sealed> {
    let held = wrap.held().cloned();
    held.ok_or_else(|| Error::new(ErrorKind::Device, "this device made the wrap"))
}

fn identity(wrapped: &WrappedIdentity) -> IdentityWrap {
    let WrappedIdentity { fingerprint, dek_epoch, wrapped } = wrapped.clone();
    IdentityWrap { fingerprint, dek_epoch, wrap: wrapped }
}
