//! People on a platform, each with a client and what a device remembers of the others.

use imegha_crypto::Id;
use imegha_platform::client::{
    Account, Connection, GatewayAddress, Introduction, KnownPeople, KnownPerson, Person, Platform, Sent, Standing,
};
use imegha_platform::protocol::ConnectionState;
use imegha_platform::{Result, Tag};
use url::Url;

use crate::world::{NOW, World};

/// Somebody who is signed in.
#[derive(Debug)]
pub(crate) struct Somebody {
    pub(crate) client: Platform,
    pub(crate) account: Account,
    pub(crate) known: KnownPeople,
    /// By the own clock; each card is a second later.
    pub(crate) now_ms: u64,
}

impl Somebody {
    pub(crate) async fn new(world: &World, tag: &str) -> Self {
        let (client, signed_in) = world.signed_in(&format!("{tag}@example.com"), tag).await;
        Self { client, account: signed_in.account, known: KnownPeople::default(), now_ms: NOW }
    }

    /// The same person on a device that remembers nobody.
    pub(crate) fn without_memory(&self, client: Platform) -> Self {
        Self { client, account: self.account.clone(), known: KnownPeople::default(), now_ms: self.now_ms }
    }

    pub(crate) fn id(&self) -> Id {
        self.account.id
    }

    pub(crate) fn introduction(&self) -> Introduction {
        let url = Url::parse(&format!("https://clouds.example/{}", self.account.tag)).unwrap();
        let mut cloud = *self.id().as_bytes();
        cloud[0] ^= 1;
        Introduction { gateway: Some(GatewayAddress { url, cloud: Id::from_bytes(cloud) }), profile: None }
    }

    fn tick(&mut self) -> u64 {
        self.now_ms += 1_000;
        self.now_ms
    }

    fn remember(&mut self, known: &KnownPerson) {
        self.known.remember(known.clone());
    }

    /// Finds somebody, as one who is known if he is.
    pub(crate) async fn find(&mut self, tag: &str) -> Result<Person> {
        let tag = Tag::parse(tag)?;
        let person = self.client.find(&tag, &self.known).await?;
        self.remember(person.known());
        Ok(person)
    }

    pub(crate) async fn ask(&mut self, tag: &str) -> Result<Option<ConnectionState>> {
        let person = self.find(tag).await?;
        let (introduction, now_ms) = (self.introduction(), self.tick());
        let sent = self.client.request_connection(&self.account, &person, &introduction, now_ms).await?;
        Ok(self.sent(sent))
    }

    pub(crate) async fn accept(&mut self, other: &Id) -> Result<Option<ConnectionState>> {
        let request = self.connection(other).await?;
        let (introduction, now_ms) = (self.introduction(), self.tick());
        let sent = self.client.accept_connection(&self.account, &request, &introduction, now_ms).await?;
        Ok(self.sent(sent))
    }

    pub(crate) async fn put_card(&mut self, other: &Id) -> Result<Option<ConnectionState>> {
        let connection = self.connection(other).await?;
        let (introduction, now_ms) = (self.introduction(), self.tick());
        let sent = self.client.put_card(&self.account, &connection, &introduction, now_ms).await?;
        Ok(self.sent(sent))
    }

    fn sent(&mut self, sent: Sent) -> Option<ConnectionState> {
        self.remember(&sent.known);
        sent.state
    }

    pub(crate) async fn connection(&mut self, other: &Id) -> Result<Connection> {
        let connection = self.client.connection(&self.account, other, self.known.get(other)).await?;
        self.remember(connection.known());
        Ok(connection)
    }

    /// What another is; nothing where there is no connection.
    pub(crate) async fn standing(&mut self, other: &Id) -> Option<Standing> {
        let listed = self.client.connections(&self.account, &self.known).await.unwrap();
        let mut standing = None;
        for listed in listed {
            let connection = listed.connection.unwrap();
            self.remember(connection.known());
            if listed.account == *other {
                standing = Some(connection.standing());
            }
        }
        standing
    }
}

/// Alice and Bob, who are connected.
pub(crate) async fn connected(world: &World) -> (Somebody, Somebody) {
    connected_as(world, "alice", "bob").await
}

/// Two people who are connected.
pub(crate) async fn connected_as(world: &World, one: &str, two: &str) -> (Somebody, Somebody) {
    let mut alice = Somebody::new(world, one).await;
    let mut bob = Somebody::new(world, two).await;
    assert_eq!(alice.ask(two).await.unwrap(), Some(ConnectionState::Asked));
    assert_eq!(bob.accept(&alice.id()).await.unwrap(), Some(ConnectionState::Connected));
    assert_eq!(alice.standing(&bob.id()).await, Some(Standing::Connected));
    (alice, bob)
}
