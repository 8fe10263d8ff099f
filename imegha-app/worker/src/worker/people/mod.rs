//! Other people: who they are, what they are to the account, and what is done about it.

mod book;
mod cards;
mod events;
mod view;

use std::rc::Rc;

use imegha_cloud::clock::{Clock as _, SystemClock};
use imegha_crypto::Id;
use imegha_platform::client::{Account, Connection, Introduction, KnownPerson, Listed, Person};
use imegha_platform::{ErrorKind, ProblemCode, Tag};

use super::Worker;
use super::tabs::Word;
use crate::protocol::{ConnectionAct, ErrorCode, Failure, PersonView, Reply};
use book::Book;
use view::{View, digits};

impl Worker {
    pub(super) async fn people(self: &Rc<Self>) -> Result<Reply, Failure> {
        let account = self.account()?;
        let mut book = self.book(&account).await?;
        let listed = self.read_people(&account, &mut book).await?;
        let view = View { account: &account, known: &book.known };
        let people = view::in_order(listed.iter().map(|listed| view.line(listed)).collect());
        book.keep(self).await?;
        self.renew_cards(listed.into_iter().filter_map(|listed| listed.connection.ok()).collect());
        self.listen_to_people();
        Ok(Reply::People { people })
    }

    pub(super) async fn find_person(self: &Rc<Self>, tag: &str) -> Result<Reply, Failure> {
        let account = self.account()?;
        let tag = Tag::parse(tag)?;
        let mut book = self.book(&account).await?;
        let known = book.known.people().by_tag(&tag).cloned();
        let view = match self.platform()?.find(&tag, book.known.people()).await {
            Ok(person) => {
                book.remember(person.known(), person.has_signed_change());
                self.view_of(&account, &mut book, &person.account(), Some(&person)).await?
            }
            Err(error) => match known {
                Some(known) if error.kind() == ErrorKind::KeyChanged => {
                    self.changed(&account, &book, &tag, known.account).await?
                }
                _ => return Err(error.into()),
            },
        };
        book.keep(self).await?;
        self.listen_to_people();
        Ok(Reply::Person(view))
    }

    pub(super) async fn person(self: &Rc<Self>, id: &str) -> Result<Reply, Failure> {
        let (account, id) = (self.account()?, id_of(id)?);
        let mut book = self.book(&account).await?;
        let view = self.view_of(&account, &mut book, &id, None).await?;
        book.keep(self).await?;
        self.listen_to_people();
        Ok(Reply::Person(view))
    }

    pub(super) async fn act_on_connection(&self, id: &str, act: ConnectionAct) -> Result<Reply, Failure> {
        let (account, platform, id) = (self.account()?, self.platform()?, id_of(id)?);
        let mut book = self.book(&account).await?;
        let told = match act {
            ConnectionAct::Ask => {
                let known = book.known.people().get(&id).cloned().ok_or(Failure::new(ErrorCode::Conflict))?;
                let person = self.known_person(&mut book, &known).await?;
                Some(platform.request_connection(&account, &person, &introduction(&account), now_ms()).await?)
            }
            ConnectionAct::Accept => {
                let request = self.proved(&account, &mut book, &id).await?;
                Some(platform.accept_connection(&account, &request, &introduction(&account), now_ms()).await?)
            }
            ConnectionAct::Decline => platform.decline_connection(&id).await.map(|_| None)?,
            ConnectionAct::Cancel => platform.cancel_connection(&id).await.map(|_| None)?,
            ConnectionAct::Remove => platform.remove_connection(&id).await.map(|_| None)?,
            ConnectionAct::Block => platform.block(&id).await.map(|_| None)?,
            ConnectionAct::Unblock => platform.unblock(&id).await.map(|_| None)?,
        };
        if let Some(sent) = told {
            book.remember(&sent.known, false);
            book.known.tell(&id, account.gateway.as_ref());
        }
        book.keep(self).await?;
        self.tell_of_people();
        Ok(Reply::Done)
    }

    pub(super) async fn compare(&self, id: &str, shown: &str, is_same: bool) -> Result<Reply, Failure> {
        let (account, id) = (self.account()?, id_of(id)?);
        let mut book = self.book(&account).await?;
        let person = match self.proved(&account, &mut book, &id).await {
            Ok(connection) => connection.person().clone(),
            // There is nothing between the two, or nothing that opens: his keys may hold all the same.
            Err(Failure { code: ErrorCode::NotFound | ErrorCode::CannotOpen, .. }) => {
                let known = book.known.people().get(&id).cloned().ok_or(Failure::new(ErrorCode::NotFound))?;
                self.known_person(&mut book, &known).await?
            }
            Err(failure) => return Err(failure),
        };
        // What was on the screen is what was compared.
        if digits(&person.safety_number(&account)) != shown {
            return Err(Failure::new(ErrorCode::KeyChanged));
        }
        book.known.mark(&id, shown, is_same);
        book.keep(self).await?;
        self.tell_of_people();
        Ok(Reply::Done)
    }

    /// Answers who it is from now on: with the keys the account may be another one.
    pub(super) async fn take_keys(&self, tag: &str, shown: &str) -> Result<Reply, Failure> {
        let account = self.account()?;
        let tag = Tag::from_stored(tag)?;
        let mut book = self.book(&account).await?;
        let person = self.platform()?.look_up(&tag).await?;
        // Other ones than those that were compared are not taken.
        if digits(&person.safety_number(&account)) != shown {
            return Err(Failure::new(ErrorCode::KeyChanged));
        }
        // Nor those of an account that is somebody else: what is known of him would be lost.
        if book.known.people().get(&person.account()).is_some_and(|known| known.tag != tag.as_str()) {
            return Err(Failure::new(ErrorCode::KeyChanged));
        }
        book.known.take(&tag, person.known().clone(), shown);
        let view = self.view_of(&account, &mut book, &person.account(), Some(&person)).await?;
        book.keep(self).await?;
        self.tell_of_people();
        Ok(Reply::Person(view))
    }

    /// Everybody whom the platform lists, remembered as far as their keys hold.
    async fn read_people(&self, account: &Account, book: &mut Book<'_>) -> Result<Vec<Listed>, Failure> {
        let listed = self.platform()?.connections(account, book.known.people()).await?;
        for connection in listed.iter().filter_map(|listed| listed.connection.as_ref().ok()) {
            book.remember(connection.known(), connection.person().has_signed_change());
        }
        Ok(listed)
    }

    /// One person, listed, known, or found just now. What the list says of him counts as in the list: the answers to single questions need not
    /// be looked at in another way.
    async fn view_of(
        &self,
        account: &Account,
        book: &mut Book<'_>,
        id: &Id,
        found: Option<&Person>,
    ) -> Result<PersonView, Failure> {
        let listed = self.read_people(account, book).await?;
        let Some(listed) = listed.into_iter().find(|listed| listed.account == *id) else {
            if let Some(person) = found {
                return Ok(View { account, known: &book.known }.stranger(person));
            }
            let known = book.known.people().get(id).cloned().ok_or(Failure::new(ErrorCode::NotFound))?;
            return match self.platform()?.look_up_known(&known).await {
                Ok(person) => {
                    book.remember(person.known(), person.has_signed_change());
                    Ok(View { account, known: &book.known }.stranger(&person))
                }
                Err(error) if error.kind() == ErrorKind::KeyChanged => {
                    self.changed(account, book, &Tag::from_stored(&known.tag)?, *id).await
                }
                Err(error) => Err(error.into()),
            };
        };
        let view = View { account, known: &book.known };
        match &listed.connection {
            Ok(connection) => Ok(view.connected(&listed, connection)),
            Err(error) if error.kind() == ErrorKind::KeyChanged => {
                // That they have changed is said also where the new ones cannot be had.
                let new = self.new_keys(&view.tag_of(&listed)).await.unwrap_or_default();
                Ok(view.changed_of(&listed, new.as_ref()))
            }
            Err(_) => {
                let known = book.known.people().get(id);
                let person = match known {
                    Some(known) => self.platform()?.look_up_known(known).await.ok(),
                    None => None,
                };
                Ok(view.card_refused(&listed, person.as_ref()))
            }
        }
    }

    /// Somebody who is not listed and whose keys have changed. He is called by the id that this device knows until the new ones are taken.
    async fn changed(&self, account: &Account, book: &Book<'_>, tag: &Tag, before: Id) -> Result<PersonView, Failure> {
        let person = self.new_keys(tag.as_str()).await?.ok_or(Failure::new(ErrorCode::KeyChanged))?;
        Ok(View { account, known: &book.known }.changed(&person, &before))
    }

    /// Who has an iMTag by the platform's word, as to a device that never saw him. None where nobody has, or not even those keys hold.
    async fn new_keys(&self, tag: &str) -> Result<Option<Person>, Failure> {
        match self.platform()?.look_up(&Tag::from_stored(tag)?).await {
            Ok(person) => Ok(Some(person)),
            Err(error) if error.kind() == ErrorKind::KeyChanged || error.code() == Some(ProblemCode::NotFound) => {
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn known_person(&self, book: &mut Book<'_>, known: &KnownPerson) -> Result<Person, Failure> {
        let person = self.platform()?.look_up_known(known).await?;
        book.remember(person.known(), person.has_signed_change());
        Ok(person)
    }

    /// The connection with somebody, whose keys hold.
    async fn proved(&self, account: &Account, book: &mut Book<'_>, id: &Id) -> Result<Connection, Failure> {
        let connection = self.platform()?.connection(account, id, book.known.people().get(id)).await?;
        if book.known.is_another(id, connection.person().tag()) {
            return Err(Failure::new(ErrorCode::KeyChanged));
        }
        book.remember(connection.known(), connection.person().has_signed_change());
        Ok(connection)
    }

    /// Tells the other tabs to look again.
    fn tell_of_people(&self) {
        let called = self.inside.borrow().as_ref().map(super::Inside::called);
        if let Some(called) = called {
            self.tell(Word::People, &called);
        }
    }
}

/// What the account says of itself. The state of its profile is not in it yet: nobody else can read a profile.
fn introduction(account: &Account) -> Introduction {
    Introduction { gateway: account.gateway.clone(), profile: None }
}

fn now_ms() -> u64 {
    SystemClock.now_ms()
}

fn id_of(id: &str) -> Result<Id, Failure> {
    Id::parse_hex(id).map_err(|_| Failure::new(ErrorCode::NotFound))
}
