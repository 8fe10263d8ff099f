//! What this device remembers of other people.

use std::collections::{BTreeMap, BTreeSet};

use imegha_crypto::{Hash, Id};
use imegha_platform::Tag;
use imegha_platform::client::{GatewayAddress, KnownPeople, KnownPerson};
use serde::{Deserialize, Serialize};

use crate::protocol::Compared;

/// Their keys, which safety numbers were compared, and what the account last told them. It says whom the account knows, so it is
/// kept sealed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Acquaintances {
    people: KnownPeople,
    /// The digits of the number that was compared, by account.
    #[serde(default)]
    compared: BTreeMap<String, String>,
    /// Whose keys were renewed, signed, since the person who is in was told.
    #[serde(default)]
    renewed: BTreeSet<String>,
    /// The SHA-256 of the gateway's address that stood in the last contact card for them, by account.
    #[serde(default)]
    told: BTreeMap<String, String>,
}

impl Acquaintances {
    /// Reads what was kept.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// What is to be kept.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("what is remembered has string keys and finite numbers")
    }

    /// Those whose keys this device knows.
    pub(crate) fn people(&self) -> &KnownPeople {
        &self.people
    }

    /// Remembers somebody whose keys hold. `is_renewed`: he has a new identity, which the one before signed.
    pub(crate) fn remember(&mut self, known: &KnownPerson, is_renewed: bool) {
        if is_renewed {
            self.renewed.insert(known.account.to_string());
        }
        if self.people.get(&known.account) != Some(known) {
            self.people.remember(known.clone());
        }
    }

    /// Takes keys that do not follow from those that were known, once their number was compared. Whoever had the iMTag before is
    /// forgotten.
    pub(crate) fn take(&mut self, tag: &Tag, known: KnownPerson, digits: &str) {
        while let Some(before) = self.people.by_tag(tag).map(|before| before.account) {
            self.people.forget(&before);
            let before = before.to_string();
            self.compared.remove(&before);
            self.renewed.remove(&before);
            self.told.remove(&before);
        }
        let account = known.account;
        self.people.remember(known);
        self.mark(&account, digits, true);
    }

    /// Whether another account had this iMTag when this device last saw it.
    pub(crate) fn is_another(&self, account: &Id, tag: &Tag) -> bool {
        self.people.by_tag(tag).is_some_and(|known| known.account != *account)
    }

    /// Marks a safety number, by its digits, as compared, or takes that back.
    pub(crate) fn mark(&mut self, account: &Id, digits: &str, is_same: bool) {
        let account = account.to_string();
        if is_same {
            self.renewed.remove(&account);
            self.compared.insert(account, digits.to_owned());
        } else {
            self.compared.remove(&account);
        }
    }

    /// Whether the number that somebody has now was compared.
    pub(crate) fn compared(&self, account: &Id, digits: &str) -> Compared {
        match self.compared.get(&account.to_string()) {
            None => Compared::Never,
            Some(compared) if compared == digits => Compared::Yes,
            Some(_) => Compared::Another,
        }
    }

    /// Whether somebody's keys were renewed since they were last compared.
    pub(crate) fn is_renewed(&self, account: &Id) -> bool {
        self.renewed.contains(&account.to_string())
    }

    /// Whether this device has told somebody that the account's cloud is there, or that it has none.
    pub(crate) fn has_told(&self, account: &Id, gateway: Option<&GatewayAddress>) -> bool {
        self.told.get(&account.to_string()) == Some(&name_of(gateway))
    }

    /// It has.
    pub(crate) fn tell(&mut self, account: &Id, gateway: Option<&GatewayAddress>) {
        self.told.insert(account.to_string(), name_of(gateway));
    }
}

/// Nothing else is asked of an address than whether it is the same.
fn name_of(gateway: Option<&GatewayAddress>) -> String {
    let name = gateway.map(|GatewayAddress { url, cloud }| format!("{cloud} {url}")).unwrap_or_default();
    Hash::of(name.as_bytes()).to_string()
}

#[cfg(test)]
mod tests {
    use imegha_crypto::Fingerprint;
    use url::Url;

    use super::*;

    fn known(account: u8, tag: &str, seq: u64) -> KnownPerson {
        KnownPerson {
            account: id(account),
            tag: tag.to_owned(),
            first: Fingerprint::from_bytes([account; 32]),
            seq,
            head: Hash::of(&[account]),
            card: None,
            sent: None,
        }
    }

    fn id(account: u8) -> Id {
        Id::from_bytes([account; 16])
    }

    fn tag() -> Tag {
        Tag::parse("alice").unwrap()
    }

    #[test]
    fn what_was_kept_is_read_again_and_nothing_else() {
        let mut all = Acquaintances::default();
        all.remember(&known(1, "alice", 0), false);
        all.mark(&id(1), "22222", true);
        all.tell(&id(1), None);
        let read = Acquaintances::parse(&all.to_bytes()).unwrap();
        assert!(read == all);
        assert!(Acquaintances::parse(b"{}").is_none() && Acquaintances::parse(b"").is_none());
    }

    #[test]
    fn another_number_than_the_compared_one_is_not_compared() {
        let mut all = Acquaintances::default();
        all.remember(&known(1, "alice", 0), false);
        assert_eq!(all.compared(&id(1), "22222"), Compared::Never);
        all.mark(&id(1), "22222", true);
        assert_eq!(all.compared(&id(1), "22222"), Compared::Yes);
        assert_eq!(all.compared(&id(1), "33333"), Compared::Another);
        assert_eq!(all.compared(&id(4), "22222"), Compared::Never);
        all.mark(&id(1), "22222", false);
        assert_eq!(all.compared(&id(1), "22222"), Compared::Never);
    }

    #[test]
    fn a_signed_change_is_told_until_its_number_is_compared() {
        let mut all = Acquaintances::default();
        all.remember(&known(1, "alice", 0), false);
        assert!(!all.is_renewed(&id(1)));
        all.remember(&known(1, "alice", 1), true);
        all.remember(&known(1, "alice", 1), false);
        assert!(all.is_renewed(&id(1)));
        all.mark(&id(1), "22222", true);
        assert!(!all.is_renewed(&id(1)));
    }

    #[test]
    fn who_takes_over_an_imtag_inherits_nothing() {
        let mut all = Acquaintances::default();
        all.remember(&known(1, "alice", 0), false);
        all.mark(&id(1), "22222", true);
        assert!(all.is_another(&id(7), &tag()) && !all.is_another(&id(1), &tag()));
        all.take(&tag(), known(7, "alice", 0), "33333");
        assert!(all.people().get(&id(1)).is_none());
        assert_eq!(all.compared(&id(1), "22222"), Compared::Never);
        assert_eq!(all.compared(&id(7), "33333"), Compared::Yes);
        assert!(!all.is_another(&id(7), &tag()));
    }

    #[test]
    fn an_address_is_told_once() {
        let at = |url: &str| GatewayAddress { url: Url::parse(url).unwrap(), cloud: id(9) };
        let (old, new) = (at("https://old.example/"), at("https://new.example/"));
        let mut all = Acquaintances::default();
        assert!(!all.has_told(&id(1), None), "a new device does not know");
        all.tell(&id(1), Some(&old));
        assert!(all.has_told(&id(1), Some(&old)));
        assert!(!all.has_told(&id(1), Some(&new)) && !all.has_told(&id(1), None) && !all.has_told(&id(2), Some(&old)));
    }
}
