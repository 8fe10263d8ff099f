//! The changes of an account. Each is one new version of its record, signed by its identity.

use std::sync::Arc;

use super::login::Login;
use super::record::{AccountRecord, IdentityWrap, PasswordWrap, PhraseWrap, PreviousWrap, Wrap};
use super::statement::RecoveryStatement;
use super::{Account, LastSeen, Opened};
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
    /// [`Error::Email`] for another address, [`Error::Params`] for other parameters, or for weaker ones than this account is known
    /// to have, [`Error::Bounds`] for an eighth wrap: the last place is a recovery's.
    pub fn change_password(&self, login: &Login) -> Result<Self> {
        if *login.params() != self.newest().params {
            return Err(Error::Params);
        }
        self.check_email(login)?;
        self.check_strength(login)?;
        self.check_place()?;
        self.add_password(login)
    }

    /// Moves the account to another address. Everything is derived anew, with a salt of its own: the address is part of it.
    ///
    /// # Errors
    /// [`Error::Email`] for the address that it has, [`Error::Params`] for fewer iterations or the same salt,
    /// [`Error::Bounds`] for an eighth wrap.
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
    /// [`Error::Email`] for another address, [`Error::Params`] for fewer iterations or the same salt, [`Error::Bounds`] for an
    /// eighth wrap.
    pub fn change_kdf(&self, login: &Login) -> Result<Self> {
        self.check_email(login)?;
        self.check_new_params(login)?;
        self.add_password(login)
    }

    /// Drops every password but the newest: the one that this value was changed to, or unlocked with. Send it once the platform
    /// has taken the change, and no step leaves an account that nothing opens.
    ///
    /// # Errors
    /// [`Error::Key`] when words opened it, or an older password than the newest did: a device that knows the old one alone would undo
    /// what another has changed. [`Error::Email`] when that password is of another address than the account's.
    pub fn drop_other_passwords(&self) -> Result<Self> {
        let opened_by = self.opened_by.as_ref().ok_or(Error::Key)?;
        let newest = self.newest();
        if newest.id != opened_by.wrap {
            return Err(Error::Key);
        }
        if opened_by.email != self.record.email {
            return Err(Error::Email);
        }
        let kept = newest.clone();
        self.changed(|record| record.passwords = vec![kept])
    }

    /// Adds a new recovery phrase. The old one opens the account until [`drop_other_phrases`](Self::drop_other_phrases).
    ///
    /// # Errors
    /// [`Error::Bounds`] for a ninth, [`Error::Platform`] without randomness.
    pub fn replace_phrase(&self) -> Result<(Self, RecoveryPhrase)> {
        let phrase = RecoveryPhrase::generate()?;
        Ok((self.add_phrase(self.wrap_phrase(&phrase)?)?, phrase))
    }

    /// Wraps the DEK by a new recovery phrase, for [`add_phrase`](Self::add_phrase): before the account has it, others may keep it.
    ///
    /// # Errors
    /// [`Error::Platform`] without randomness.
    pub fn wrap_phrase(&self, phrase: &RecoveryPhrase) -> Result<PhraseWrap> {
        PhraseWrap::new(&self.dek, &phrase.derive_keys(), self.id(), self.record.dek_epoch)
    }

    /// Adds a recovery phrase by its wrap. [`drop_other_phrases`](Self::drop_other_phrases) finds out whether its words open.
    ///
    /// # Errors
    /// [`Error::Bounds`] for a ninth.
    pub fn add_phrase(&self, wrap: PhraseWrap) -> Result<Self> {
        self.changed(|record| record.phrases.push(wrap))
    }

    /// Drops every recovery phrase but this one, whose words were asked back.
    ///
    /// # Errors
    /// [`Error::CannotOpen`] for words that do not open the account.
    pub fn drop_other_phrases(&self, words: &RecoveryPhrase) -> Result<Self> {
        let (kept, dek) = self.record.open_by_phrase(&words.derive_keys()).ok_or(Error::CannotOpen)?;
        if dek != self.dek {
            return Err(Error::CannotOpen);
        }
        let kept = kept.clone();
        self.changed(|record| record.phrases = vec![kept])
    }

    /// Recovers an account: its 24 words open it, a new password is added, and the phrase signs both for the platform.
    ///
    /// `origin` is the platform's, `challenge` what it asked with.
    ///
    /// # Errors
    /// As [`unlock_with_phrase`](Self::unlock_with_phrase), and [`Error::Email`] for another address than the account's,
    /// [`Error::Params`] for weaker parameters than the device remembers, or the record names, [`Error::Bounds`] for a ninth wrap.
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
        account.check_strength(login)?;
        let recovered = account.add_password(login)?;
        let newest = recovered.newest();
        let statement = RecoveryStatement {
            account: *account.id(),
            origin,
            challenge,
            new_auth: login.auth().hash(),
            new_wrap: newest.wrap.hash(),
        };
        let signature = statement.sign(&phrase.derive_keys());
        Ok((recovered, signature))
    }

    /// Goes on as a new identity, signed by the old one. `ms` is when. It is wrapped under the DEK as it is: who has that, from a lost
    /// device say, has the new identity too, so then [`renew`](Self::renew) is what is asked for.
    ///
    /// # Errors
    /// [`Error::Bounds`] past the most identities that a record has, [`Error::Platform`] when the platform's cryptography fails.
    pub fn change_identity(&self, identity: Identity, ms: u64) -> Result<Self> {
        self.with_identity(identity, ms)?.sign_next()
    }

    /// Everything anew, after a password, a phrase or a device was seen by somebody: a new epoch of the DEK, and under it a new
    /// identity, in one version. What is old stays readable; what the old password, words and device hold opens nothing that
    /// is written from then on. `ms` is when.
    ///
    /// # Errors
    /// As [`change_dek`](Self::change_dek) and [`change_identity`](Self::change_identity).
    pub fn renew(&self, login: &Login, phrase: &RecoveryKeys, identity: Identity, ms: u64) -> Result<Self> {
        self.with_dek(login, phrase)?.with_identity(identity, ms)?.sign_next()
    }

    /// As [`renew`](Self::renew), for an account whose password and phrase were replaced one after the other before: `login` and `phrase`
    /// are those that it has now, and the only ones. Whoever had an earlier password, phrase or DEK has the DEK that these opened until
    /// now, and not the one that they open from here on. `ms` is when.
    ///
    /// The password's wrap must be held, and open. The phrase's is not handed out to whoever has no more than a session: its public key, which
    /// the identity signed, says whose it is, and where the wrap is held it must open as well.
    ///
    /// # Errors
    /// [`Error::Key`] unless the account has one password and one phrase, and they are these. [`Error::Email`] for another address than
    /// the account's, [`Error::Params`] for weaker parameters than it is known to have, [`Error::Bounds`] past the last epoch or the most
    /// identities that a record has.
    ///
    /// ```
    /// use imegha_crypto::{Account, Email, Identity, KdfParams, Login, Password};
    ///
    /// let (password, email) = (Password::parse("correct horse")?, Email::parse("alice@example.com")?);
    /// let (account, phrase) = Account::create(&password, &email, &KdfParams::generate()?, "alice", 1_790_000_000_000)?;
    /// let login = Login::derive(&password, &email, &account.record().passwords[0].params)?;
    ///
    /// let identity = Identity::generate()?;
    /// let renewed = account.renew_behind(&login, &phrase.derive_keys(), identity, 1_790_000_060_000)?;
    /// assert_eq!((renewed.record().dek_epoch, renewed.previous_dek(1)), (2, Some(account.dek())));
    /// assert_ne!(renewed.dek(), account.dek());
    /// # Ok::<(), imegha_crypto::Error>(())
    /// ```
    pub fn renew_behind(&self, login: &Login, phrase: &RecoveryKeys, identity: Identity, ms: u64) -> Result<Self> {
        self.check_email(login)?;
        self.check_strength(login)?;
        self.check_only(login, phrase)?;
        self.with_next_dek(login, phrase)?.with_identity(identity, ms)?.sign_next()
    }

    /// Begins a new epoch of the DEK. What is old stays readable, the old password and words open nothing any more. The identity
    /// goes along as it is: who had the old DEK has it; [`renew`](Self::renew) replaces both.
    ///
    /// # Errors
    /// [`Error::Key`] for a login or words that open the account already: they would go on doing so; and for a login whose
    /// parameters are those of a password that is withheld, which is to be dropped first. (A login of the same password
    /// and another salt cannot be told from a new one: ask for a new password.) [`Error::Email`] for another address than the
    /// account's, [`Error::Params`] for weaker parameters, [`Error::Bounds`] past the last epoch.
    pub fn change_dek(&self, login: &Login, phrase: &RecoveryKeys) -> Result<Self> {
        self.with_dek(login, phrase)?.sign_next()
    }

    fn with_identity(&self, identity: Identity, ms: u64) -> Result<Self> {
        let (account, tag) = (self.id(), self.record.tag.as_str());
        let entry = KeyHistoryEntry::next(&self.history, &self.identity, &identity, account, tag, ms)?;
        let wrap = IdentityWrap::new(&identity, &self.dek, account, self.record.dek_epoch)?;
        let mut next = self.clone();
        next.record.identities.push(wrap);
        next.record.history.push(entry);
        next.history = KeyHistory::verify(account, tag, next.record.history.clone())?;
        next.identity = Arc::new(identity);
        Ok(next)
    }

    fn with_dek(&self, login: &Login, phrase: &RecoveryKeys) -> Result<Self> {
        self.check_email(login)?;
        self.check_strength(login)?;
        let (account, old) = (self.id(), self.record.dek_epoch);
        // By opening, and in either list: the wraps are signed, what the platform says beside them is not.
        let passwords = self.record.passwords.iter().map(|wrap| &wrap.wrap);
        let known =
            passwords.chain(self.record.phrases.iter().map(|wrap| &wrap.wrap)).filter_map(Wrap::held).any(|wrap| {
                Dek::unwrap_by_password(wrap, login.kek(), account, old, login.params()).is_ok()
                    || Dek::unwrap_by_recovery(wrap, &phrase.kek, account, old).is_ok()
            });
        // Of a wrap that is withheld nothing can be tried: what might be of the same password or words is taken for it.
        let maybe =
            self.record.passwords.iter().any(|wrap| wrap.wrap.held().is_none() && wrap.params == *login.params())
                || self.record.phrases.iter().any(|wrap| wrap.public_key == phrase.public_key());
        if known || maybe {
            return Err(Error::Key);
        }
        self.with_next_dek(login, phrase)
    }

    /// With the DEK of the next epoch, which this login and these words open and nothing else does.
    fn with_next_dek(&self, login: &Login, phrase: &RecoveryKeys) -> Result<Self> {
        let (account, old) = (self.id(), self.record.dek_epoch);
        let epoch = old.checked_add(1).ok_or(Error::Bounds)?;
        let dek = Dek::generate()?;
        let mut next = self.opened_with(PasswordWrap::new(&dek, login, account, epoch)?, login);
        next.record.passwords.drain(..self.record.passwords.len());
        next.record.dek_epoch = epoch;
        next.record.phrases = vec![PhraseWrap::new(&dek, phrase, account, epoch)?];
        next.record.previous.push(PreviousWrap::new(&dek, &self.dek, account, old)?);
        let current = self.identity.fingerprint();
        next.record.identities.retain(|wrap| wrap.fingerprint != current);
        next.record.identities.push(IdentityWrap::new(&self.identity, &dek, account, epoch)?);
        next.previous.insert(old, self.dek.clone());
        next.dek = dek;
        Ok(next)
    }

    fn add_password(&self, login: &Login) -> Result<Self> {
        let wrap = PasswordWrap::new(&self.dek, login, self.id(), self.record.dek_epoch)?;
        self.opened_with(wrap, login).sign_next()
    }

    /// With one password more, which is known from now on to be what opens the account.
    fn opened_with(&self, wrap: PasswordWrap, login: &Login) -> Self {
        let mut next = self.clone();
        next.opened_by = Some(Opened { wrap: wrap.id, email: login.email().clone() });
        next.strongest = Some(login.params().clone());
        next.record.passwords.push(wrap);
        next
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

    /// Not weaker than what this account is known to have, nor than what the platform says of its newest password.
    fn check_strength(&self, login: &Login) -> Result<()> {
        if let Some(strongest) = &self.strongest {
            login.params().check_not_weaker(strongest)?;
        }
        login.params().check_not_weaker(&self.newest().params)
    }

    /// That the account has no other password and no other phrase than these.
    fn check_only(&self, login: &Login, phrase: &RecoveryKeys) -> Result<()> {
        let (account, epoch) = (self.id(), self.record.dek_epoch);
        let is_this =
            |opened: Result<Dek>| if opened.is_ok_and(|dek| dek == self.dek) { Ok(()) } else { Err(Error::Key) };
        let ([password], [words]) = (self.record.passwords.as_slice(), self.record.phrases.as_slice()) else {
            return Err(Error::Key);
        };
        // Of one phrase alone the public key is the signed one.
        if password.params != *login.params() || words.public_key != phrase.public_key() {
            return Err(Error::Key);
        }
        let held = password.wrap.held().ok_or(Error::Key)?;
        is_this(Dek::unwrap_by_password(held, login.kek(), account, epoch, login.params()))?;
        match words.wrap.held() {
            Some(held) => is_this(Dek::unwrap_by_recovery(held, &phrase.kek, account, epoch)),
            None => Ok(()),
        }
    }

    /// One place is left for a recovery: who has the words alone cannot drop a password to make one.
    fn check_place(&self) -> Result<()> {
        if self.record.passwords.len() + 1 < AccountRecord::MAX_WRAPS { Ok(()) } else { Err(Error::Bounds) }
    }

    fn check_new_params(&self, login: &Login) -> Result<()> {
        self.check_strength(login)?;
        self.check_place()?;
        let reused = self.record.passwords.iter().any(|wrap| wrap.params.salt() == login.params().salt());
        if reused { Err(Error::Params) } else { Ok(()) }
    }
}
