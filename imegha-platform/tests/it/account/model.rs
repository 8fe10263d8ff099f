//! What a person knows of an account, what may be done to it, and what must hold whenever it was stopped.

use std::sync::Mutex;

use imegha_cloud::clock::Clock as _;
use imegha_crypto::{Dek, RecoveryPhrase};
use imegha_platform::client::{Account, NewPhrase, Platform, SignedIn};
use imegha_platform::{ProblemCode, Result};

use crate::world::World;

/// What the person has that an account belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) phrase: RecoveryPhrase,
    /// How often the account's keys were made, the first time with it.
    pub(crate) epoch: u32,
}

/// A change of an account.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Password(String),
    Kdf,
    Email(String),
    Phrase,
    Recovery(String),
    /// All of it new: the password, the phrase, and the keys behind them.
    Renewal(String),
}

impl Op {
    /// How many kinds are numbered.
    pub(crate) const KINDS: u64 = 5;

    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Password(_) => "password",
            Self::Kdf => "kdf",
            Self::Email(_) => "email",
            Self::Phrase => "phrase",
            Self::Recovery(_) => "recovery",
            Self::Renewal(_) => "renewal",
        }
    }

    /// A change by its number, one kind after the other; `n` makes what is new of it a new one.
    pub(crate) fn numbered(kind: u64, n: u64) -> Self {
        match kind % Self::KINDS {
            0 => Self::Password(format!("password number {n} of many")),
            1 => Self::Email(format!("alice{n}@example.com")),
            2 => Self::Phrase,
            3 => Self::Recovery(format!("recovered for the {n}th time")),
            _ => Self::Renewal(format!("all new for the {n}th time")),
        }
    }
}

/// A change that is about to be made, with what the person has after it.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) op: Op,
    pub(crate) after: Person,
    new_phrase: Option<NewPhrase>,
    /// The code of a change of address, once it came.
    code: Mutex<Option<String>>,
    /// How far a renewal has come: the account under its new password, and whether the new phrase is its only one.
    renewal: Mutex<Option<(SignedIn, bool)>>,
}

impl Planned {
    pub(crate) fn new(op: Op, person: &Person, signed_in: &SignedIn) -> Self {
        let mut after = person.clone();
        let mut new_phrase = None;
        match &op {
            Op::Password(new) | Op::Recovery(new) => after.password.clone_from(new),
            Op::Kdf => {}
            Op::Email(new) => after.email.clone_from(new),
            Op::Phrase => {}
            Op::Renewal(new) => {
                after.password.clone_from(new);
                after.epoch += 1;
            }
        }
        if matches!(op, Op::Phrase | Op::Renewal(_)) {
            let new = NewPhrase::prepare(&signed_in.account).unwrap();
            after.phrase = new.phrase().clone();
            new_phrase = Some(new);
        }
        Self { op, after, new_phrase, code: Mutex::default(), renewal: Mutex::default() }
    }

    /// Makes the change, as a client does. Again it goes on where its answer was lost.
    pub(crate) async fn make(
        &self,
        world: &World,
        client: &Platform,
        signed_in: &SignedIn,
        person: &Person,
    ) -> Result<()> {
        let account = &signed_in.account;
        match &self.op {
            Op::Password(new) => client.change_password(account, &person.password, new).await.map(drop),
            Op::Kdf => client.change_kdf(account, &person.password, 300_000).await.map(drop),
            Op::Email(new) => {
                let known = self.code.lock().unwrap().clone();
                let code = match known {
                    Some(code) => code,
                    None => {
                        client.begin_email_change(account, &person.password, new).await?;
                        world.next_code().await
                    }
                };
                *self.code.lock().unwrap() = Some(code.clone());
                client.confirm_email_change(account, &person.password, new, &code).await.map(drop)
            }
            Op::Phrase => self.make_phrase(client, account, &person.password).await,
            Op::Renewal(new) => {
                let before = self.renewal.lock().unwrap().clone();
                let (changed, has_phrase) = match before {
                    Some(before) => before,
                    None => (client.change_password(account, &person.password, new).await?, false),
                };
                *self.renewal.lock().unwrap() = Some((changed.clone(), has_phrase));
                if !has_phrase {
                    self.make_phrase(client, &changed.account, new).await?;
                }
                *self.renewal.lock().unwrap() = Some((changed.clone(), true));
                client.renew(&changed.account, new, &self.after.phrase, world.clock.now_ms()).await.map(drop)
            }
            Op::Recovery(new) => {
                let recovery = client.begin_recovery(&person.email).await?;
                let code = world.next_code().await;
                client.recover(&recovery, &code, &person.phrase, new, None).await.map(drop)
            }
        }
    }
}

impl Planned {
    async fn make_phrase(&self, client: &Platform, account: &Account, password: &str) -> Result<()> {
        let new = self.new_phrase.as_ref().unwrap();
        let words: Vec<_> = new.phrase().words().collect();
        client.add_phrase(account, password, new).await?;
        client.drop_other_phrases(account, new, &words.join(" ")).await.map(drop)
    }
}

/// The DEK that an account was made with. Whatever it has come to, that opens: what was written under it is there.
pub(crate) fn first_dek(account: &Account) -> &Dek {
    account.previous_dek(1).unwrap_or(&account.dek)
}

/// A sign-in on a device that knows nothing: with the account, when the password proves it, and none when it does not.
pub(crate) async fn sign_in(world: &World, email: &str, password: &str) -> Option<(Platform, SignedIn)> {
    let client = world.client();
    match client.sign_in(email, password).await {
        Ok(signed_in) => Some((client, signed_in)),
        Err(error) if error.code() == Some(ProblemCode::WrongPassword) => None,
        Err(error) => panic!("neither right nor wrong: {error:?}"),
    }
}

/// Holds an account, after it was stopped at any moment between `before` and `after`, against what must be: one password at most proves it,
/// and opens the newest DEK, and by it the first, which is `dek`; one does, but in the middle of a recovery; one of the phrases recovers it, and
/// opens the same. Yields what the person has then, and whether the password was the new one.
pub(crate) async fn check(
    world: &World,
    dek: &Dek,
    before: &Person,
    after: &Person,
    in_a_recovery: bool,
    at: &str,
) -> (Person, bool) {
    let mut opened = Vec::new();
    for person in [after, before] {
        // Failures are counted for a day.
        world.clock.advance(crate::world::DAY);
        if let Some((_, signed_in)) = sign_in(world, &person.email, &person.password).await {
            assert!(first_dek(&signed_in.account) == dek, "{at}: another DEK");
            opened.push((person, signed_in));
        }
        if (&before.email, &before.password) == (&after.email, &after.password) {
            break;
        }
    }
    assert!(opened.len() <= 1, "{at}: two passwords prove the account");
    assert!(opened.len() == 1 || in_a_recovery, "{at}: no password proves the account");
    let is_new = opened.first().is_some_and(|(person, _)| std::ptr::eq(*person, after));
    let email = match opened.first() {
        Some((_, signed_in)) => signed_in.account.newest_email().as_str().to_owned(),
        None => before.email.clone(),
    };
    // The phrase opens whatever has become of the password.
    let mut password = opened.first().map(|(person, _)| person.password.clone()).unwrap_or_default();
    let (mut kept, mut epoch) = (None, 0);
    for phrase in [&after.phrase, &before.phrase] {
        world.clock.advance(crate::world::DAY);
        let client = world.client();
        let recovery = client.begin_recovery(&email).await.unwrap();
        let code = world.next_code().await;
        let new = format!("recovered by the test at {}", world.clock.now_ms());
        match client.recover(&recovery, &code, phrase, &new, None).await {
            Ok(recovered) => {
                let account = recovered.account;
                assert!(first_dek(&account) == dek, "{at}: another DEK by the phrase");
                assert!((before.epoch..=after.epoch).contains(&account.dek_epoch), "{at}: epoch {}", account.dek_epoch);
                for (_, signed_in) in &opened {
                    assert!(signed_in.account.dek == account.dek, "{at}: two newest DEKs");
                    assert_eq!(signed_in.account.identity.public(), account.identity.public(), "{at}");
                }
                epoch = account.dek_epoch;
                password = new;
                kept = Some(phrase.clone());
                break;
            }
            Err(error) => assert_eq!(error.code(), Some(ProblemCode::KeyRefused), "{at}"),
        }
    }
    let phrase = kept.unwrap_or_else(|| panic!("{at}: no phrase recovers the account"));
    let person = Person { email, password, phrase, epoch };
    (person, is_new)
}
