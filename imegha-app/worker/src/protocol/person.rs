//! Other people.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A person, as a list shows him.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Person {
    /// The id of his account, in hex.
    pub id: String,
    /// His iMTag.
    pub tag: String,
    /// What he is to the account.
    pub standing: Standing,
    /// Whether that is proved. Where it is not, it is the platform's word, and nothing may be shared on it.
    pub proved: bool,
    /// Since when, in milliseconds since 1970, by the platform's word.
    pub since_ms: Option<u64>,
    /// How it stands with his keys.
    pub keys: Keys,
    /// Whether the safety number was compared.
    pub compared: Compared,
}

/// Names nobody: whom one knows is in no log.
impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person").field("standing", &self.standing).field("keys", &self.keys).finish_non_exhaustive()
    }
}

/// What a person is to the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Standing {
    /// There is nothing between the two.
    Nobody,
    /// The account asked, and waits.
    Asked,
    /// The other asked, and waits.
    Incoming,
    /// Both want it.
    Connected,
    /// The account blocks the other.
    Blocked,
}

/// How it stands with a person's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Keys {
    /// They are those that this device knows, or it sees him for the first time.
    Hold,
    /// He has a new identity, signed by the one that this device knew.
    Renewed,
    /// They do not follow from those that this device knows. Nothing is sent to him until the new ones are compared and taken.
    Changed,
    /// They hold, and what came from him does not open, or is older than what this device knows.
    CardRefused,
}

/// Whether the safety number that there is now was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Compared {
    /// It never was.
    Never,
    /// It was.
    Yes,
    /// Another one was: the keys have changed since.
    Another,
}

/// A person, as his own page shows him.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonView {
    /// Who it is.
    pub person: Person,
    /// The number to compare: of the new keys where they have [changed](Keys::Changed). None where no keys hold by themselves.
    pub safety: Option<Safety>,
    /// What his contact card says, where there is one.
    pub card: Option<Card>,
}

/// A safety number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Safety {
    /// Its twelve groups of five digits.
    pub groups: Vec<String>,
    /// The same as a QR code.
    pub code: Code,
}

impl Safety {
    /// Its digits, by which page and worker say which number they mean.
    pub fn digits(&self) -> String {
        self.groups.concat()
    }
}

/// A QR code, as it is drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// How many modules a side has, the quiet zone with it.
    pub side: usize,
    /// Its dark modules: the path of an SVG image whose unit is a module.
    pub path: String,
}

/// What a contact card says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// The host at which the person's cloud is, if he has one.
    pub gateway: Option<String>,
    /// When he made the card by his clock, in milliseconds since 1970.
    pub made_ms: u64,
}

/// Says nothing of it.
impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Card").finish_non_exhaustive()
    }
}

/// What is done to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ConnectionAct {
    /// Asks to be connected.
    Ask,
    /// Agrees to what the other asked.
    Accept,
    /// Does not agree.
    Decline,
    /// Takes back what was asked.
    Cancel,
    /// Ends the connection, on both sides.
    Remove,
    /// Wants nothing of the other any more, and does not tell him.
    Block,
    /// Ends that.
    Unblock,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_stands_in_a_log() {
        let person = Person {
            id: "00112233445566778899aabbccddeeff".to_owned(),
            tag: "alice".to_owned(),
            standing: Standing::Connected,
            proved: true,
            since_ms: None,
            keys: Keys::Hold,
            compared: Compared::Never,
        };
        let card = Card { gateway: Some("https://alice.example/".to_owned()), made_ms: 0 };
        let view = PersonView { person, safety: None, card: Some(card) };
        let text = format!("{view:?}");
        assert!(!text.contains("alice") && !text.contains("0011"), "{text}");
    }
}
