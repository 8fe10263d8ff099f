//! What the page is told of people.

use imegha_crypto::Id;
use imegha_platform::ErrorKind;
use imegha_platform::client::{Account, Connection, Listed, Person, SafetyNumber, Standing as Proved};
use imegha_platform::protocol::ConnectionState;
use url::Url;

use crate::acquaintances::Acquaintances;
use crate::code;
use crate::protocol::{self, Card, Compared, Keys, PersonView, Safety, Standing};

/// Who looks, and what is remembered.
pub(super) struct View<'a> {
    pub(super) account: &'a Account,
    pub(super) known: &'a Acquaintances,
}

impl View<'_> {
    /// A line of the list.
    pub(super) fn line(&self, listed: &Listed) -> protocol::Person {
        let (keys, proved, since_ms, compared) = match &listed.connection {
            Ok(connection) => {
                let person = connection.person();
                let proved = connection.standing() != Proved::Unproven;
                (self.keys(person), proved, Some(connection.since_ms()), self.compared(person))
            }
            Err(error) if error.kind() == ErrorKind::KeyChanged => (Keys::Changed, false, None, Compared::Never),
            Err(_) => (Keys::CardRefused, false, None, Compared::Never),
        };
        protocol::Person {
            id: listed.account.to_string(),
            tag: self.tag_of(listed),
            standing: standing(listed.claimed),
            proved,
            since_ms,
            keys,
            compared,
        }
    }

    /// What he is called: as this device knows him, whatever the platform calls him now.
    pub(super) fn tag_of(&self, listed: &Listed) -> String {
        self.known.people().get(&listed.account).map_or_else(|| listed.tag.clone(), |known| known.tag.clone())
    }

    /// Somebody with whom there is something, and whose keys hold.
    pub(super) fn connected(&self, listed: &Listed, connection: &Connection) -> PersonView {
        let card = connection.card().map(|card| Card {
            gateway: card.gateway.as_ref().and_then(|gateway| host_of(&gateway.url)),
            made_ms: card.made_ms,
        });
        PersonView { person: self.line(listed), safety: self.safety(connection.person()), card }
    }

    /// Somebody with whom there is something, and whose keys have changed. `new` is who the platform shows as to a device that never saw him.
    pub(super) fn changed_of(&self, listed: &Listed, new: Option<&Person>) -> PersonView {
        let new = new.filter(|new| new.account() == listed.account);
        PersonView { person: self.line(listed), safety: new.and_then(|new| self.safety(new)), card: None }
    }

    /// Somebody with whom there is something, and whose card is refused.
    pub(super) fn card_refused(&self, listed: &Listed, person: Option<&Person>) -> PersonView {
        let mut line = self.line(listed);
        if let Some(person) = person {
            line.compared = self.compared(person);
        }
        PersonView { person: line, safety: person.and_then(|person| self.safety(person)), card: None }
    }

    /// Somebody with whom there is nothing.
    pub(super) fn stranger(&self, person: &Person) -> PersonView {
        let line = protocol::Person {
            id: person.account().to_string(),
            tag: person.tag().as_str().to_owned(),
            standing: Standing::Nobody,
            proved: true,
            since_ms: None,
            keys: self.keys(person),
            compared: self.compared(person),
        };
        PersonView { person: line, safety: self.safety(person), card: None }
    }

    /// The same, of somebody whom this device knows as `before` and whose keys have changed.
    pub(super) fn changed(&self, person: &Person, before: &Id) -> PersonView {
        let mut view = self.stranger(person);
        view.person.id = before.to_string();
        view.person.keys = Keys::Changed;
        view.person.proved = false;
        view.person.compared = Compared::Never;
        view
    }

    fn keys(&self, person: &Person) -> Keys {
        let is_renewed = person.has_signed_change() || self.known.is_renewed(&person.account());
        if is_renewed { Keys::Renewed } else { Keys::Hold }
    }

    fn compared(&self, person: &Person) -> Compared {
        self.known.compared(&person.account(), &digits(&person.safety_number(self.account)))
    }

    fn safety(&self, person: &Person) -> Option<Safety> {
        let number = person.safety_number(self.account);
        let code = code::draw(&number.to_qr_text())?;
        Some(Safety { groups: number.groups().map(str::to_owned).collect(), code })
    }
}

/// The digits of a number.
pub(super) fn digits(number: &SafetyNumber) -> String {
    number.groups().collect()
}

/// Who runs the place: what comes behind the host says nothing to a person.
fn host_of(address: &Url) -> Option<String> {
    let host = address.host_str()?;
    Some(address.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// Those first who wait for an answer.
pub(super) fn in_order(mut people: Vec<protocol::Person>) -> Vec<protocol::Person> {
    let rank = |person: &protocol::Person| match person.standing {
        Standing::Incoming => 0,
        Standing::Connected => 1,
        Standing::Asked => 2,
        Standing::Blocked => 3,
        Standing::Nobody => 4,
    };
    people.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.tag.cmp(&b.tag)));
    people
}

fn standing(claimed: ConnectionState) -> Standing {
    match claimed {
        ConnectionState::Asked => Standing::Asked,
        ConnectionState::Incoming => Standing::Incoming,
        ConnectionState::Connected => Standing::Connected,
        ConnectionState::Blocked => Standing::Blocked,
    }
}
