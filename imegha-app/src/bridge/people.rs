//! Other people, as their pages ask for them.

use imegha_worker::protocol::{ConnectionAct, ErrorCode, Failure, Person, PersonView, Reply, Request};

use super::client::Client;
use super::message::failure;

impl Client {
    /// The people whom the account has to do with. [`Client::people_news`] grows when there may be something new.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn people(self) -> Result<Vec<Person>, Failure> {
        match self.ask(Request::People).await? {
            Reply::People { people } => Ok(people),
            _ => Err(failure(ErrorCode::Version)),
        }
    }

    /// Who has exactly this iMTag.
    ///
    /// # Errors
    /// As [`Client::ask`]; [`ErrorCode::NotFound`] when nobody has.
    pub(crate) async fn find_person(self, tag: String) -> Result<PersonView, Failure> {
        self.view(Request::FindPerson { tag }).await
    }

    /// One person, by the id of his account.
    ///
    /// # Errors
    /// As [`Client::ask`]; [`ErrorCode::NotFound`] for whom this device does not know.
    pub(crate) async fn person(self, id: String) -> Result<PersonView, Failure> {
        self.view(Request::Person { id }).await
    }

    /// Does something to the connection with a person.
    ///
    /// # Errors
    /// As [`Client::ask`]; [`ErrorCode::Conflict`] when it is otherwise meanwhile.
    pub(crate) async fn act_on_connection(self, id: String, act: ConnectionAct) -> Result<(), Failure> {
        self.ask(Request::Connection { id, act }).await.map(drop)
    }

    /// Marks a safety number, by its digits, as compared, or takes that back.
    ///
    /// # Errors
    /// As [`Client::ask`]; [`ErrorCode::KeyChanged`] when it is another one meanwhile.
    pub(crate) async fn compare(self, id: String, digits: String, same: bool) -> Result<(), Failure> {
        self.ask(Request::Compare { id, digits, same }).await.map(drop)
    }

    /// Takes a person's changed keys, whose number was compared.
    ///
    /// # Errors
    /// As [`Client::compare`].
    pub(crate) async fn take_keys(self, tag: String, digits: String) -> Result<PersonView, Failure> {
        self.view(Request::TakeKeys { tag, digits }).await
    }

    async fn view(self, request: Request) -> Result<PersonView, Failure> {
        match self.ask(request).await? {
            Reply::Person(view) => Ok(view),
            _ => Err(failure(ErrorCode::Version)),
        }
    }
}
