//! An account as one value: made, unlocked, changed (FORMAT 3 to 5, 7, 12).

mod change;
pub(crate) mod login;
pub(crate) mod record;
pub(crate) mod statement;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::account::login::Login;
use crate::account::record::{AccountRecord, IdentityWrap, PasswordWrap, PhraseWrap, PreviousWrap, Wrap};
use crate::error::{Error, Result};
use crate::id::{Hash, Id, Signature};
use crate::keys::dek::Dek;
use crate::keys::history::{KeyHistory, KeyHistoryEntry};
use crate::keys::identity::Identity;
use crate::keys::password::{Email, KdfParams, Password};
use crate::keys::recovery::{RecoveryKeys, RecoveryPhrase};

/// An account that is open on this device: its DEK, its identity, and the record that the platform keeps.
///
/// A change gives a new value and leaves this one as it was: send the new one's [`record`](Self::record), and take the new
/// one when the platform took it. Times are handed in, in milliseconds since 1970.
///
/// ```
/// use imegha_crypto::{Account, Email, KdfParams, Login, Password};
///
/// let (password, email) = (Password::parse("correct horse")?, Email::parse("alice@example.com")?);
/// let (account, phrase) = Account::create(&password, &email, &KdfParams::generate()?, "alice", 1_790_000_000_000)?;
/// let at_the_platform = account.record().clone();
///
/// // A new password: its wrap is added, and the old one dropped once the new one opened the account.
/// let new = Password::parse("battery staple")?;
/// let login = Login::derive(&new, &email, &account.record().passwords[0].params)?;
/// let at_the_platform = account.change_password(&login)?.record().clone();
/// let account = Account::unlock(&at_the_platform, &login, Some(&account.last_seen()))?;
/// let at_the_platform = account.drop_other_passwords()?.record().clone();
/// assert!(Account::unlock_with_password(&at_the_platform, &password, &email, None).is_err());
///
/// // All devices lost: the 24 words.
/// let recovered = Account::unlock_with_phrase(&at_the_platform, &phrase, None)?;
/// assert_eq!(recovered.dek(), account.dek());
/// # Ok::<(), imegha_crypto::Error>(())
/// ```
#[derive(Clone)]
pub struct Account {
    record: AccountRecord,
    history: KeyHistory,
    identity: Arc<Identity>,
    dek: Dek,
    previous: BTreeMap<u32, Dek>,
    /// The password that opened it, or that it was last given. None: words opened it.
    opened_by: Option<Opened>,
    /// The strongest parameters that this account is known to have: of a wrap that opened, or as the device remembers.
    strongest: Option<KdfParams>,
}

/// A password that is known to open an account, by its wrap.
#[derive(Clone)]
struct Opened {
    wrap: Id,
    email: Email,
}

/// What a device remembers of an account, so that it is not shown an older or weaker one. Nothing in it is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastSeen {
    /// The account.
    pub account: Id,
    /// The version of its record.
    pub version: u64,
    /// The hash of that version's [`statement`](AccountRecord::statement): two records of one version are not the same account.
    pub statement: Hash,
    /// The head of its key history.
    pub history: Hash,
    /// The strongest parameters that it is known to have. None as long as words alone have opened it: what the platform says of
    /// a password is worth something only when that password opens.
    pub params: Option<KdfParams>,
}

impl Account {
    /// A new account: keys, 24 words, and what goes to the platform. It takes as long as a derivation and the search for two
    /// primes; in a browser derive the login and the identity by [`device`](crate::device) and use
    /// [`assemble`](Self::assemble).
    ///
    /// # Errors
    /// [`Error::Platform`] when the platform's randomness or cryptography fails.
    pub fn create(
        password: &Password,
        email: &Email,
        params: &KdfParams,
        tag: &str,
        ms: u64,
    ) -> Result<(Self, RecoveryPhrase)> {
        Self::assemble(&Login::derive(password, email, params)?, Identity::generate()?, tag, ms)
    }

    /// A new account of a login and an identity that were made for it.
    ///
    /// # Errors
    /// [`Error::Platform`] when the platform's randomness or cryptography fails.
    pub fn assemble(login: &Login, identity: Identity, tag: &str, ms: u64) -> Result<(Self, RecoveryPhrase)> {
        let account = Id::generate()?;
        let phrase = RecoveryPhrase::generate()?;
        let dek = Dek::generate()?;
        let entry = KeyHistoryEntry::first(&identity, &account, tag, ms);
        let password = PasswordWrap::new(&dek, login, &account, FIRST_EPOCH)?;
        let opened_by = Some(Opened { wrap: password.id, email: login.email().clone() });
        let strongest = Some(login.params().clone());
        let mut record = AccountRecord {
            account,
            email: login.email().clone(),
            tag: tag.to_owned(),
            version: 1,
            dek_epoch: FIRST_EPOCH,
            passwords: vec![password],
            phrases: vec![PhraseWrap::new(&dek, &phrase.derive_keys(), &account, FIRST_EPOCH)?],
            previous: Vec::new(),
            identities: vec![IdentityWrap::new(&identity, &dek, &account, FIRST_EPOCH)?],
            history: vec![entry.clone()],
            signature: Signature::from_bytes([0; Signature::LEN]),
        };
        record.signature = record.statement()?.sign(&identity);
        let history = KeyHistory::verify(&account, tag, vec![entry])?;
        let identity = Arc::new(identity);
        Ok((Self { record, history, identity, dek, previous: BTreeMap::new(), opened_by, strongest }, phrase))
    }

    /// Unlocks an account with its password. `last_seen` is what this device remembers of it, when it does.
    ///
    /// # Errors
    /// [`Error::Params`] when every password that is offered has weaker parameters than were last seen, before anything is derived;
    /// [`Error::CannotOpen`] for a wrong password or address, or keys that do not open; [`Error::Signature`] for a record that is
    /// older than the last seen, or another of that version, or not signed by the account's identity; [`Error::Malformed`] for one
    /// without passwords or phrases, or with more than a record has.
    pub fn unlock_with_password(
        record: &AccountRecord,
        password: &Password,
        email: &Email,
        last_seen: Option<&LastSeen>,
    ) -> Result<Self> {
        record.check_bounds()?;
        let mut tried: Vec<&KdfParams> = Vec::new();
        // The newest first: who has one password for two wraps, while its parameters change, is to be opened by the one that stays.
        for params in record.passwords.iter().rev().map(|wrap| &wrap.params) {
            // A weaker one stands beside a stronger while the stronger is new, and is not derived with any more.
            if tried.contains(&params) || check_params(params, last_seen).is_err() {
                continue;
            }
            tried.push(params);
            match Self::unlock(record, &Login::derive(password, email, params)?, last_seen) {
                Err(Error::CannotOpen) => {}
                outcome => return outcome,
            }
        }
        if tried.is_empty() { Err(Error::Params) } else { Err(Error::CannotOpen) }
    }

    /// Unlocks an account with a login that was derived already.
    ///
    /// # Errors
    /// As [`unlock_with_password`](Self::unlock_with_password).
    pub fn unlock(record: &AccountRecord, login: &Login, last_seen: Option<&LastSeen>) -> Result<Self> {
        record.check_bounds()?;
        check_params(login.params(), last_seen)?;
        let auth = login.auth().hash();
        // The newest of them: a change whose answer was lost, and that was made again, leaves two of one password.
        let wrap = record.passwords.iter().rfind(|wrap| wrap.auth == Some(auth) && wrap.params == *login.params());
        let wrap = wrap.ok_or(Error::CannotOpen)?;
        let held = wrap.wrap.held().ok_or(Error::CannotOpen)?;
        let dek = Dek::unwrap_by_password(held, login.kek(), &record.account, record.dek_epoch, login.params())?;
        let mut opened = Self::open(record, dek, last_seen)?;
        opened.opened_by = Some(Opened { wrap: wrap.id, email: login.email().clone() });
        // The wrap is bound to its parameters, and it opened.
        opened.strongest = Some(login.params().clone());
        Ok(opened)
    }

    /// Unlocks an account with its 24 words.
    ///
    /// # Errors
    /// [`Error::CannotOpen`] for the words of another account, or words that were replaced; else as
    /// [`unlock_with_password`](Self::unlock_with_password).
    pub fn unlock_with_phrase(
        record: &AccountRecord,
        phrase: &RecoveryPhrase,
        last_seen: Option<&LastSeen>,
    ) -> Result<Self> {
        record.check_bounds()?;
        let keys = phrase.derive_keys();
        let (_, dek) = record.open_by_phrase(&keys).ok_or(Error::CannotOpen)?;
        Self::open(record, dek, last_seen)
    }

    /// Unlocks an account with its DEK, which this device kept. What is dropped later is dropped by a password that opened it:
    /// this value drops none.
    ///
    /// # Errors
    /// [`Error::CannotOpen`] for another account's DEK, or one of an earlier epoch; else as
    /// [`unlock_with_password`](Self::unlock_with_password).
    pub fn unlock_with_dek(record: &AccountRecord, dek: Dek, last_seen: Option<&LastSeen>) -> Result<Self> {
        record.check_bounds()?;
        Self::open(record, dek, last_seen)
    }

    fn open(record: &AccountRecord, dek: Dek, last_seen: Option<&LastSeen>) -> Result<Self> {
        let history = KeyHistory::verify(&record.account, &record.tag, record.history.clone())?;
        let previous = record.open_previous(&dek)?;
        let fingerprint = history.current().fingerprint();
        let wrap = record.identities.iter().find(|wrap| wrap.fingerprint == fingerprint).ok_or(Error::CannotOpen)?;
        // A new epoch takes the current identity along.
        let identity = Identity::unwrap(&wrap.wrap, &dek, &record.account, record.dek_epoch, &fingerprint)?;
        record.verify(identity.public())?;
        if let Some(seen) = last_seen {
            let goes_on = history.contains(&record.account, &record.tag, &seen.history);
            let is_another = record.version == seen.version && record.statement()?.hash() != seen.statement;
            if seen.account != record.account || record.version < seen.version || is_another || !goes_on {
                return Err(Error::Signature);
            }
        }
        let strongest = last_seen.and_then(|seen| seen.params.clone());
        let (record, identity) = (record.clone(), Arc::new(identity));
        Ok(Self { record, history, identity, dek, previous, opened_by: None, strongest })
    }

    /// The account's id.
    pub fn id(&self) -> &Id {
        &self.record.account
    }

    /// What goes to the platform.
    pub fn record(&self) -> &AccountRecord {
        &self.record
    }

    /// The DEK.
    pub fn dek(&self) -> &Dek {
        &self.dek
    }

    /// The DEK of an earlier epoch, for what was wrapped under it.
    pub fn previous_dek(&self, epoch: u32) -> Option<&Dek> {
        self.previous.get(&epoch)
    }

    /// The DEKs of all earlier epochs, from the first.
    pub fn previous_deks(&self) -> impl Iterator<Item = (u32, &Dek)> {
        self.previous.iter().map(|(epoch, dek)| (*epoch, dek))
    }

    /// The identity.
    pub fn identity(&self) -> &Arc<Identity> {
        &self.identity
    }

    /// Opens an identity that this account had before, to read what was sealed to it.
    ///
    /// # Errors
    /// [`Error::CannotOpen`] for one that it never had.
    pub fn open_earlier_identity(&self, fingerprint: &crate::Fingerprint) -> Result<Identity> {
        let wrap = self.record.identities.iter().find(|wrap| wrap.fingerprint == *fingerprint);
        let wrap = wrap.ok_or(Error::CannotOpen)?;
        let current = (wrap.dek_epoch == self.record.dek_epoch).then_some(&self.dek);
        let dek = current.or_else(|| self.previous_dek(wrap.dek_epoch)).ok_or(Error::CannotOpen)?;
        Identity::unwrap(&wrap.wrap, dek, self.id(), wrap.dek_epoch, fingerprint)
    }

    /// The history of its identities.
    pub fn history(&self) -> &KeyHistory {
        &self.history
    }

    /// What to remember of it on this device, once the platform has this record.
    pub fn last_seen(&self) -> LastSeen {
        let statement = self.record.statement().expect("a record that was opened or made has a phrase");
        LastSeen {
            account: self.record.account,
            version: self.record.version,
            statement: statement.hash(),
            history: self.history.head(),
            params: self.strongest.clone(),
        }
    }

    fn newest(&self) -> &PasswordWrap {
        self.record.passwords.last().expect("a record that was opened or made has a password")
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account({}, version {}, [redacted])", self.record.account, self.record.version)
    }
}

impl zeroize::ZeroizeOnDrop for Account {}

/// What is derived with is as strong as the strongest that was seen: a platform that offers a weaker one wants to guess.
fn check_params(params: &KdfParams, last_seen: Option<&LastSeen>) -> Result<()> {
    match last_seen.and_then(|seen| seen.params.as_ref()) {
        Some(seen) => params.check_not_weaker(seen),
        None => Ok(()),
    }
}

impl AccountRecord {
    /// The wrap that these words open, and the DEK in it. A wrap beside another phrase's public key is none of theirs: that key
    /// would be signed for once the others are dropped.
    fn open_by_phrase(&self, keys: &RecoveryKeys) -> Option<(&PhraseWrap, Dek)> {
        let theirs = self.phrases.iter().filter(|wrap| wrap.public_key == keys.public_key());
        theirs
            .filter_map(|wrap| {
                let dek = Dek::unwrap_by_recovery(wrap.wrap.held()?, &keys.kek, &self.account, self.dek_epoch);
                Some((wrap, dek.ok()?))
            })
            .next()
    }

    /// The DEKs of all earlier epochs, opened from the newest down.
    fn open_previous(&self, dek: &Dek) -> Result<BTreeMap<u32, Dek>> {
        let mut opened: BTreeMap<u32, Dek> = BTreeMap::new();
        for epoch in (FIRST_EPOCH..self.dek_epoch).rev() {
            let wrap = self.previous.iter().find(|wrap| wrap.epoch == epoch).ok_or(Error::CannotOpen)?;
            let next = opened.get(&(epoch + 1)).unwrap_or(dek);
            let key = next.unwrap_previous(&wrap.wrap, &self.account, epoch, epoch + 1)?;
            opened.insert(epoch, key);
        }
        Ok(opened)
    }
}

impl PasswordWrap {
    fn new(dek: &Dek, login: &Login, account: &Id, dek_epoch: u32) -> Result<Self> {
        Ok(Self {
            id: Id::generate()?,
            params: login.params().clone(),
            auth: Some(login.auth().hash()),
            wrap: Wrap::Held(dek.wrap_by_password(login.kek(), account, dek_epoch, login.params())?),
        })
    }
}

impl PhraseWrap {
    fn new(dek: &Dek, phrase: &RecoveryKeys, account: &Id, dek_epoch: u32) -> Result<Self> {
        Ok(Self {
            id: Id::generate()?,
            public_key: phrase.public_key(),
            wrap: Wrap::Held(dek.wrap_by_recovery(&phrase.kek, account, dek_epoch)?),
        })
    }
}

impl PreviousWrap {
    fn new(dek: &Dek, previous: &Dek, account: &Id, epoch: u32) -> Result<Self> {
        Ok(Self { epoch, wrap: dek.wrap_previous(previous, account, epoch, epoch + 1)? })
    }
}

impl IdentityWrap {
    fn new(identity: &Identity, dek: &Dek, account: &Id, dek_epoch: u32) -> Result<Self> {
        Ok(Self { fingerprint: identity.fingerprint(), dek_epoch, wrap: identity.wrap(dek, account, dek_epoch)? })
    }
}

const FIRST_EPOCH: u32 = 1;
