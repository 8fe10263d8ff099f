//! What can be done about a connection, and what each of it means.

use imegha_worker::protocol::{ConnectionAct, Keys, Person, Standing};

/// What can be done about the connection with somebody, the first the most likely.
pub(super) fn acts(person: &Person) -> Vec<ConnectionAct> {
    let acts: &[ConnectionAct] = match person.standing {
        // Whom it would be about is just what is not known.
        Standing::Nobody if person.keys == Keys::Changed => &[],
        Standing::Nobody => &[ConnectionAct::Ask, ConnectionAct::Block],
        Standing::Asked => &[ConnectionAct::Cancel, ConnectionAct::Block],
        Standing::Incoming => &[ConnectionAct::Accept, ConnectionAct::Decline, ConnectionAct::Block],
        Standing::Connected => &[ConnectionAct::Remove, ConnectionAct::Block],
        Standing::Blocked => &[ConnectionAct::Unblock],
        _ => &[],
    };
    let sends = |act: &ConnectionAct| matches!(act, ConnectionAct::Ask | ConnectionAct::Accept);
    // Nothing is sealed to keys that do not hold, and nothing is agreed to that is not proved.
    let may = |act: &ConnectionAct| !sends(act) || (person.proved && person.keys != Keys::Changed);
    acts.iter().copied().filter(may).collect()
}

/// An act in words.
pub(super) struct Act {
    /// On its button.
    pub(super) label: &'static str,
    /// What it does, as its button's title says it.
    pub(super) means: &'static str,
    /// What was done.
    pub(super) done: &'static str,
    /// What is asked before: the heading, and what it says.
    pub(super) asks: Option<(&'static str, &'static str)>,
    /// Its name for tests.
    pub(super) testid: &'static str,
}

impl Act {
    /// The words for an act.
    pub(super) fn of(act: ConnectionAct) -> Self {
        let (label, means, done, asks, testid) = match act {
            ConnectionAct::Ask => (
                "Ask to connect",
                "Sends a request with where your cloud is, sealed to this person. Nothing is shared by it.",
                "Asked to connect",
                None,
                "person-ask",
            ),
            ConnectionAct::Accept => (
                "Accept",
                "Connects you both. Each can then share with the other; nothing is shared by it alone.",
                "Connected",
                None,
                "person-accept",
            ),
            ConnectionAct::Decline => (
                "Decline",
                "The request goes, which the other can see. The same person can ask again.",
                "Request declined",
                None,
                "person-decline",
            ),
            ConnectionAct::Cancel => (
                "Take the request back",
                "Your request goes. You can ask again.",
                "Request taken back",
                None,
                "person-cancel",
            ),
            ConnectionAct::Remove => (
                "Remove…",
                "Ends the connection on both sides.",
                "Connection ended",
                Some((
                    "End this connection?",
                    "It ends on both sides at once, which the other can see. To connect again one of you has to ask and the other to accept.",
                )),
                "person-remove",
            ),
            ConnectionAct::Block => (
                "Block…",
                "You hear nothing of this person any more, who is not told.",
                "Blocked",
                Some((
                    "Block this person?",
                    "A connection or request between you ends. Requests from this person are not shown to you any more, and nobody tells the person why you do not answer.",
                )),
                "person-block",
            ),
            ConnectionAct::Unblock => (
                "Unblock",
                "Requests of this person are shown to you again, also one that waits.",
                "Not blocked any more",
                None,
                "person-unblock",
            ),
            // What a later worker may add.
            _ => ("", "", "", None, "person-act"),
        };
        Self { label, means, done, asks, testid }
    }
}

/// What somebody is to the account, in a word or two, and what that means.
pub(super) fn standing(person: &Person) -> (&'static str, &'static str) {
    match (person.keys, person.standing, person.proved) {
        (_, Standing::Blocked, _) => {
            ("Blocked", "You hear nothing of this person, who is not told. Requests are not shown to you.")
        }
        (Keys::Changed, ..) => {
            ("Keys have changed", "Nothing is sent to this person until you have compared and taken the new keys.")
        }
        (Keys::CardRefused, ..) => (
            "Card refused",
            "What the server shows does not open, or is older than what this device has seen. It counts as nothing.",
        ),
        (_, Standing::Nobody, _) => ("Not connected", "There is nothing between you and this person."),
        (_, Standing::Asked, _) => ("Asked", "You asked, and wait for an answer. Whether it was seen is not told."),
        (_, Standing::Incoming, true) => {
            ("Wants to connect", "This person asked to be connected with you. Accept only whom you know.")
        }
        (_, Standing::Connected, true) => ("Connected", "You both agreed. Nothing is shared by it alone."),
        (_, _, false) => (
            "Waits for a new card",
            "The server says that this person asked or agreed, and nothing of the person's own proves it. Nothing is shared until a new card comes.",
        ),
        _ => ("", ""),
    }
}

#[cfg(test)]
pub(super) fn sample(standing: Standing, proved: bool, keys: Keys) -> Person {
    use imegha_worker::protocol::Compared;
    Person {
        id: String::new(),
        tag: "alice".to_owned(),
        standing,
        proved,
        since_ms: None,
        keys,
        compared: Compared::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STANDINGS: [Standing; 5] =
        [Standing::Nobody, Standing::Asked, Standing::Incoming, Standing::Connected, Standing::Blocked];
    const KEYS: [Keys; 4] = [Keys::Hold, Keys::Renewed, Keys::Changed, Keys::CardRefused];

    #[test]
    fn nothing_is_sent_to_keys_that_have_changed_and_nothing_is_agreed_to_unproved() {
        for standing in STANDINGS {
            for keys in KEYS {
                for proved in [false, true] {
                    let acts = acts(&sample(standing, proved, keys));
                    let sends = acts.iter().any(|act| matches!(act, ConnectionAct::Ask | ConnectionAct::Accept));
                    let may = matches!(standing, Standing::Nobody | Standing::Incoming);
                    assert_eq!(sends, may && proved && keys != Keys::Changed, "{standing:?} {keys:?} {proved}");
                    let is_unknown = standing == Standing::Nobody && keys == Keys::Changed;
                    let may_block = standing != Standing::Blocked && !is_unknown;
                    assert_eq!(acts.contains(&ConnectionAct::Block), may_block, "{standing:?} {keys:?} {proved}");
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_taken_back_is_asked_about() {
        for act in [ConnectionAct::Remove, ConnectionAct::Block] {
            assert!(Act::of(act).asks.is_some() && Act::of(act).label.ends_with('…'));
        }
        for act in [ConnectionAct::Ask, ConnectionAct::Accept, ConnectionAct::Decline, ConnectionAct::Unblock] {
            assert!(Act::of(act).asks.is_none() && !Act::of(act).label.ends_with('…'));
        }
    }

    #[test]
    fn every_standing_has_words_and_only_what_is_proved_is_a_connection() {
        for at in STANDINGS {
            for keys in KEYS {
                for proved in [false, true] {
                    let (title, text) = standing(&sample(at, proved, keys));
                    assert!(!title.is_empty() && text.ends_with('.'), "{at:?} {keys:?} {proved}");
                    let connected = at == Standing::Connected && proved && matches!(keys, Keys::Hold | Keys::Renewed);
                    assert_eq!(title == "Connected", connected, "{at:?} {keys:?} {proved}");
                }
            }
        }
    }
}
