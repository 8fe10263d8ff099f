//! A person with keys that hold.

use http::Method;
use imegha_crypto::{Id, KeyHistory, PublicIdentity};

use super::known::{KnownPeople, KnownPerson};
use super::safety::SafetyNumber;
use crate::client::account::{Account, verify_history};
use crate::client::platform::{Platform, not_of_form};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::PersonReply;
use crate::tag::Tag;

/// Another person, whose key history was verified from the first entry on, and held against what the device knows.
///
/// It is made by looking up and by listing connections only, so that nothing is sealed to a key that was not looked at.
#[derive(Clone, Debug)]
pub struct Person {
    account: Id,
    tag: Tag,
    history: KeyHistory,
    known: KnownPerson,
    signed_change: bool,
}

impl Person {
    /// Verifies a person as he came.
    pub(super) fn verify(reply: &PersonReply, known: Option<&KnownPerson>) -> Result<Self> {
        let tag = Tag::from_stored(&reply.tag).map_err(|error| not_of_form().caused_by(error))?;
        let history = verify_history(&reply.account, &tag, &reply.history)?;
        let now = match known {
            Some(known) => known.follow(&reply.account, &tag, &history)?,
            None => KnownPerson::pin(reply.account, &tag, &history),
        };
        let signed_change = known.is_some_and(|known| known.seq < now.seq);
        Ok(Self { account: reply.account, tag, history, known: now, signed_change })
    }

    /// The account's id.
    pub fn account(&self) -> Id {
        self.account
    }

    /// The iMTag.
    pub fn tag(&self) -> &Tag {
        &self.tag
    }

    /// The identities that there were.
    pub fn history(&self) -> &KeyHistory {
        &self.history
    }

    /// The identity that counts now.
    pub fn identity(&self) -> &PublicIdentity {
        self.history.current()
    }

    /// What the device should remember of the person from now on.
    pub fn known(&self) -> &KnownPerson {
        &self.known
    }

    /// Whether the person has a new identity since the device last saw him, signed by the one before: to be shown, and no obstacle. The
    /// safety number is another one then.
    pub fn has_signed_change(&self) -> bool {
        self.signed_change
    }

    /// The number that the two compare, to know that nobody stands between them.
    pub fn safety_number(&self, account: &Account) -> SafetyNumber {
        let mine = account.history.current().fingerprint();
        SafetyNumber::new(account.tag.as_str(), &mine, self.tag.as_str(), &self.identity().fingerprint())
    }
}

impl Platform {
    /// Finds who has exactly this iMTag. Whom the device knows must be who he was; of somebody new the keys are the platform's word, until the
    /// two compare their [safety number](Person::safety_number).
    ///
    /// # Errors
    /// As [`Platform::look_up_known`]; [`ErrorKind::KeyChanged`] also where the platform gives the account of a person whom the device knows
    /// under another iMTag: an account has one for good, and what is known of the person would be lost.
    pub async fn find(&self, tag: &Tag, known: &KnownPeople) -> Result<Person> {
        if let Some(known) = known.by_tag(tag) {
            return self.look_up_known(known).await;
        }
        let person = self.look_up(tag).await?;
        match known.get(&person.account()) {
            Some(_) => Err(Error::new(ErrorKind::KeyChanged, "this account was known under another iMTag")),
            None => Ok(person),
        }
    }

    /// Finds who has exactly this iMTag, as to a device that knows nobody: [`Platform::find`] is for one that does. His keys are the platform's word until the two compare their
    /// [safety number](Person::safety_number).
    ///
    /// Also what a user does who was told of [`ErrorKind::KeyChanged`], has compared, and takes the person for the same.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`]: [`NotFound`](crate::ProblemCode::NotFound), [`TooManyTries`](crate::ProblemCode::TooManyTries);
    /// [`ErrorKind::KeyChanged`] when the keys do not hold by themselves.
    pub async fn look_up(&self, tag: &Tag) -> Result<Person> {
        self.look_up_as(tag, None).await
    }

    /// Finds a person whom the device knows.
    ///
    /// # Errors
    /// As [`Platform::look_up`], and [`ErrorKind::KeyChanged`] when the keys do not follow from those that are known. Nothing must be
    /// sent to the person then until the user has compared the safety number and taken the new keys.
    pub async fn look_up_known(&self, known: &KnownPerson) -> Result<Person> {
        let tag = Tag::from_stored(&known.tag)?;
        self.look_up_as(&tag, Some(known)).await
    }

    async fn look_up_as(&self, tag: &Tag, known: Option<&KnownPerson>) -> Result<Person> {
        let reply: PersonReply = self.ask(Method::GET, &format!("people/{tag}"), None::<&()>).await?;
        if reply.tag != tag.as_str() {
            return Err(Error::new(ErrorKind::KeyChanged, "this is not the person that was asked for"));
        }
        Person::verify(&reply, known)
    }
}
