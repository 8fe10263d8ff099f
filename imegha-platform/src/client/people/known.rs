//! What a device remembers of other people.

use std::collections::BTreeMap;

use imegha_crypto::{Fingerprint, Hash, Id, KeyHistory};
use serde::{Deserialize, Serialize};

use crate::client::account::{entry_at, place};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::{base64url, decimal};
use crate::tag::Tag;

/// A person's keys as they were seen first, and how far they have come: with it the platform can neither replace nor roll back a
/// key unseen. Also which contact cards went from the one to the other. Keep it where the account's own [`Known`](crate::client::Known)
/// is, sealed if it may leave the device: it says whom the account knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownPerson {
    /// The account's id.
    #[serde(with = "base64url")]
    pub account: Id,
    /// The iMTag in its stored form.
    pub tag: String,
    /// The fingerprint of the first identity.
    #[serde(with = "base64url")]
    pub first: Fingerprint,
    /// The number of the newest entry of the key history that was seen.
    #[serde(with = "decimal")]
    pub seq: u64,
    /// The hash of that entry.
    #[serde(with = "base64url")]
    pub head: Hash,
    /// The newest contact card that came from the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<KnownCard>,
    /// The list of cards that this account began last for the person, as far as this device knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<KnownSent>,
}

/// A contact card that was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownCard {
    /// The list that it stands in.
    #[serde(with = "base64url")]
    pub feed: Id,
    /// Its place there.
    #[serde(with = "decimal")]
    pub seq: u64,
    /// Its hash.
    #[serde(with = "base64url")]
    pub hash: Hash,
    /// When its sender says that he made it, in milliseconds since 1970.
    #[serde(with = "decimal")]
    pub made_ms: u64,
}

/// A list of contact cards that this account began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownSent {
    /// The list.
    #[serde(with = "base64url")]
    pub feed: Id,
    /// When it was begun, in milliseconds since 1970.
    #[serde(with = "decimal")]
    pub made_ms: u64,
}

/// All the people whom a device knows, by account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<KnownPerson>", into = "Vec<KnownPerson>")]
pub struct KnownPeople(BTreeMap<Id, KnownPerson>);

impl KnownPerson {
    /// A person seen for the first time, with a history that was verified.
    pub(super) fn pin(account: Id, tag: &Tag, history: &KeyHistory) -> Self {
        let (seq, head) = place(history);
        let first = history.first().fingerprint();
        Self { account, tag: tag.as_str().to_owned(), first, seq, head, card: None, sent: None }
    }

    /// The same person with a history that was verified and goes on from what is known.
    ///
    /// # Errors
    /// [`ErrorKind::KeyChanged`]: somebody else, another first key, a history that is shorter than the known one or leads elsewhere.
    pub(super) fn follow(&self, account: &Id, tag: &Tag, history: &KeyHistory) -> Result<Self> {
        let changed =
            || Error::new(ErrorKind::KeyChanged, "this person's keys do not follow from those that are known");
        if self.account != *account || self.tag != tag.as_str() || self.first != history.first().fingerprint() {
            return Err(changed());
        }
        entry_at(history, account, tag, self.seq, &self.head).ok_or_else(changed)?;
        let (seq, head) = place(history);
        Ok(Self { seq, head, ..self.clone() })
    }
}

impl KnownPeople {
    /// What is known of a person.
    pub fn get(&self, account: &Id) -> Option<&KnownPerson> {
        self.0.get(account)
    }

    /// What is known of whoever had this iMTag.
    pub fn by_tag(&self, tag: &Tag) -> Option<&KnownPerson> {
        self.0.values().find(|known| known.tag == tag.as_str())
    }

    /// Remembers a person, in the place of what was known.
    pub fn remember(&mut self, known: KnownPerson) {
        self.0.insert(known.account, known);
    }

    /// Forgets a person. Whoever is seen under that tag next is somebody new.
    pub fn forget(&mut self, account: &Id) -> Option<KnownPerson> {
        self.0.remove(account)
    }

    /// Everybody, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &KnownPerson> {
        self.0.values()
    }
}

impl From<Vec<KnownPerson>> for KnownPeople {
    fn from(people: Vec<KnownPerson>) -> Self {
        Self(people.into_iter().map(|known| (known.account, known)).collect())
    }
}

impl From<KnownPeople> for Vec<KnownPerson> {
    fn from(people: KnownPeople) -> Self {
        people.0.into_values().collect()
    }
}
