//! The changes of an account. Each is one new version of its record, signed by its identity.

use std::sync::Arc;

use super::login::Login;
use super::record::{AccountRecord, IdentityWrap, PasswordWrap, PhraseWrap, PreviousWrap};
use super::statement::RecoveryStatement;
use super::{Account, LastSeen};
use crate::error::{Error, Result};
use crate::id::Signature;
use crate::keys::dek::Dek;
use crate::keys::history::{KeyHistory, KeyHistoryEntry};
use crate::keys::identity::Identity;
use crate::keys::recovery::{RecoveryKeys, RecoveryPhrase};

impl Account {
    /// Adds a new password. It keeps the address and the parameters of the newest, salt included, so that whoever asks how to
    /// sign in sees no difference. The old one opens the account until [`drop_other_passwords`](Self::drop_other_passwords).
    ///
    /// # Errors
    /// [`Error::Email`] for another address, [`Error::Params`] for other parameters, [`Error::Bounds`] for a ninth wrap.
    pub fn change_password(&self, login: &Login) -> Result<Self> {
        if *login.params() != *self.newest_params() {
            return Err(Error::Params);
        }
        self.check_email(login)?;
        self.add_password(login)
    }

    /// Moves the account to another address. Everything is derived anew, with a salt of its own: the address is part of it.
    ///
    /// # Errors
    /// [`Error::Email`] for the address that it has, [`Error::Params`] for fewer iterations or the same salt,
    /// [`Error::Bounds`] for a ninth wrap.
    pub fn change_email(&self, login: &Login) -> Result<Self> {
        if *login.email() == self.record.email {
            return Err(Error::Email);
        }
        self.check_new_params(login)?;
        let mut changed = self.add_password(login)?;
        changed.record.email = login.email().clone();
        Ok(changed)
    }

    /// Adds a wrap of stronger parameters for the same address; weaker ones are refused.
    ///
    /// # Errors
    /// [`Error::Email`] for another address, [`Error::Params`] for fewer iterations or the same salt, [`Error::Bounds`] for a
    /// ninth wrap.
    pub fn change_kdf(&self, login: &Login) -> Result<Self> {
        self.check_email(login)?;
        self.check_new_params(login)?;
        self.add_password(login)
    }

    /// Drops every password but the one that opened this value. So a new password has opened the account before the old one
    /// goes, and no step between leaves none that does.
    ///
    /// # Errors
    /// [`Error::Key`] when words opened it, or when that password is gone.
    pub fn drop_other_passwords(&self) -> Result<Self> {
        let opened_by = self.opened_by.ok_or(Error::Key)?;
        let kept = self.record.passwords.iter().find(|wrap| wrap.id == opened_by).ok_or(Error::Key)?.clone();
        self.changed(|record| record.passwords = vec![kept])
    }

    /// Adds a new recovery phrase. The old one opens the account until [`drop_other_phrases`](Self::drop_other_phrases).
    ///
    /// # Errors
    /// [`Error::Bounds`] for a ninth, [`Error::Platform`] without randomness.
    pub fn replace_phrase(&self) -> Result<(Self, RecoveryPhrase)> {
        let phrase = RecoveryPhrase::generate()?;
        let wrap = PhraseWrap::new(&self.dek, &phrase.derive_keys(), self.id(), self.record.dek_epoch)?;
        Ok((self.changed(|record| record.phrases.push(wrap))?, phrase))
    }

    /// Drops every recovery phrase but this one, whose words were asked back.
    ///
    /// # Errors
    /// [`Error::CannotOpen`] for words that do not open the account.
    pub fn drop_other_phrases(&self, words: &RecoveryPhrase) -> Result<Self> {
        let keys = words.derive_keys();
        let opens = |wrap: &&PhraseWrap| {
            let dek = Dek::unwrap_by_recovery(&wrap.wrap, &keys.kek, self.id(), self.record.dek_epoch);
            dek.is_ok_and(|dek| dek == self.dek)
        };
        let kept = self.record.phrases.iter().find(opens).ok_or(Error::CannotOpen)?.clone();
        self.changed(|record| record.phrases = vec![kept])
    }

    /// Recovers an account: its 24 words open it, a new password is added, and the phrase signs both for the platform.
    ///
    /// `origin` is the platform's, `challenge` what it asked with.
    ///
    /// # Errors
    /// As [`unlock_with_phrase`](Self::unlock_with_phrase), and [`Error::Email`] for another address than the account's,
    /// [`Error::Params`] for weaker parameters.
    pub fn recover(
        record: &AccountRecord,
        phrase: &RecoveryPhrase,
        login: &Login,
        origin: &str,
        challenge: &[u8; 32],
        last_seen: Option<&LastSeen>,
    ) -> Result<(Self, Signature)> {
        let account = Self::unlock_with_phrase(record, phrase, last_seen)?;
        account.check_email(login)?;
        login.params().check_not_weaker(account.newest_params())?;
        let recovered = account.add_password(login)?;
        let newest = recovered.record.passwords.last().expect("one was added");
        let statement = RecoveryStatement {
            account: *account.id(),
            origin,
            challenge,
            new_auth: newest.auth,
            new_wrap: newest.wrap.hash(),
        };
        let signature = statement.sign(&phrase.derive_keys());
        Ok((recovered, signature))
    }

    /// Goes on as a new identity, signed by the old one: after a device was lost. `ms` is when.
    ///
    /// # Errors
    /// [`Error::Platform`] when the platform's cryptography fails.
    pub fn change_identity(&self, identity: Identity, ms: u64) -> Result<Self> {
        let (account, tag) = (self.id(), self.record.tag.as_str());
        let entry = KeyHistoryEntry::next(&self.history, &self.identity, &identity, account, tag, ms)?;
        let wrap = IdentityWrap::new(&identity, &self.dek, account, self.record.dek_epoch)?;
        let mut next = self.clone();
        next.record.identities.push(wrap);
        next.record.history.push(entry);
        next.history = KeyHistory::verify(account, tag, next.record.history.clone())?;
        next.identity = Arc::new(identity);
        next.sign_next()
    }

    /// Begins a new epoch of the DEK: after a password or a phrase was seen by somebody. What is old stays readable, the old
    /// password and words open nothing any more. The identity goes along; change it as well.
    ///
    /// # Errors
    /// [`Error::Email`] for another address than the account's, [`Error::Params`] for weaker parameters, [`Error::Bounds`]
    /// past the last epoch.
    pub fn change_dek(&self, login: &Login, phrase: &RecoveryKeys) -> Result<Self> {
        self.check_email(login)?;
        login.params().check_not_weaker(self.newest_params())?;
        let (account, old) = (self.id(), self.record.dek_epoch);
        let epoch = old.checked_add(1).ok_or(Error::Bounds)?;
        let dek = Dek::generate()?;
        let password = PasswordWrap::new(&dek, login, account, epoch)?;
        let mut next = self.clone();
        next.opened_by = Some(password.id);
        next.record.dek_epoch = epoch;
        next.record.passwords = vec![password];
        next.record.phrases = vec![PhraseWrap::new(&dek, phrase, account, epoch)?];
        next.record.previous.push(PreviousWrap::new(&dek, &self.dek, account, old)?);
        let current = self.identity.fingerprint();
        next.record.identities.retain(|wrap| wrap.fingerprint != current);
        next.record.identities.push(IdentityWrap::new(&self.identity, &dek, account, epoch)?);
        next.previous.insert(old, self.dek.clone());
        next.dek = dek;
        next.sign_next()
    }

    fn add_password(&self, login: &Login) -> Result<Self> {
        let wrap = PasswordWrap::new(&self.dek, login, self.id(), self.record.dek_epoch)?;
        self.changed(|record| record.passwords.push(wrap))
    }

    fn changed(&self, change: impl FnOnce(&mut AccountRecord)) -> Result<Self> {
        let mut next = self.clone();
        change(&mut next.record);
        next.sign_next()
    }

    /// The next version of the record, signed.
    fn sign_next(mut self) -> Result<Self> {
        self.record.version = self.record.version.checked_add(1).ok_or(Error::Bounds)?;
        self.record.check_bounds().map_err(|_| Error::Bounds)?;
        self.record.signature = self.record.statement()?.sign(&self.identity);
        Ok(self)
    }

    fn check_email(&self, login: &Login) -> Result<()> {
        if *login.email() == self.record.email { Ok(()) } else { Err(Error::Email) }
    }

    fn check_new_params(&self, login: &Login) -> Result<()> {
        login.params().check_not_weaker(self.newest_params())?;
        let reused = self.record.passwords.iter().any(|wrap| wrap.params.salt() == login.params().salt());
        if reused { Err(Error::Params) } else { Ok(()) }
    }
}
