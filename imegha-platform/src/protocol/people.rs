//! People: the directory, connections, devices, pokes.

use imegha_crypto::{FeedPlace, Hash, Id, SealedTo};
use serde::{Deserialize, Serialize};

use super::{HistoryEntry, base64url, decimal};

/// A person as the directory has him: the answer to `GET /people/{tag}`. Nothing of it is verified yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PersonReply {
    /// The account's id.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes16))]
    pub account: Id,
    /// The iMTag.
    pub tag: String,
    /// The key history, whole, from entry 0.
    pub history: Vec<HistoryEntry>,
}

/// A contact card (FORMAT 8, `contact`), sealed by one person to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct WireCard {
    /// The list that it stands in, drawn by the sender with each request and each answer.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes16))]
    pub feed: Id,
    /// The place there, from 1.
    #[serde(with = "decimal")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Decimal))]
    pub seq: u64,
    /// The hash of the card before; 32 zero bytes at 1.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes32))]
    pub previous: Hash,
    /// The card.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes))]
    pub sealed: SealedTo,
}

impl WireCard {
    /// Where it stands.
    pub fn place(&self) -> FeedPlace {
        FeedPlace { feed: self.feed, seq: self.seq, previous: self.previous }
    }
}

/// What another person is to the account that asks, by the platform's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// The account asked, and waits.
    Asked,
    /// The other asked, and waits.
    Incoming,
    /// Both agreed.
    Connected,
    /// The account blocks the other.
    Blocked,
}

/// One connection of the account that asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ConnectionReply {
    /// The other person.
    pub person: PersonReply,
    /// What he is to the account.
    pub state: ConnectionState,
    /// Since when, in milliseconds since 1970.
    #[serde(with = "decimal")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Decimal))]
    pub since_ms: u64,
    /// The account's own card, as it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<WireCard>,
    /// The other's card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<WireCard>,
}

/// A page of connections: the answer to `GET /connections`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ConnectionsReply {
    /// Each of them.
    pub connections: Vec<ConnectionReply>,
    /// What to ask for the next page with (`?after=`), in hex, if there may be one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// `POST /connections/{account}/request` and `PUT /connections/{account}/card`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct CardRequest {
    /// The card.
    pub card: WireCard,
}

/// `POST /connections/{account}/accept`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct AcceptRequest {
    /// The account's own card.
    pub card: WireCard,
    /// The list of the other's card, which this answers.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes16))]
    pub answers: Id,
}

/// What an action has made of a connection; nothing where there is none any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ActionReply {
    /// What the other is to the account now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<ConnectionState>,
}

/// `POST /devices`: a device that wants notifications, for as long as the session that registers it.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct DeviceRequest {
    /// Who carries them.
    pub service: PushServiceName,
    /// What the service knows the device by: 16 to 200 bytes.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes))]
    pub token: Vec<u8>,
}

/// Who carries notifications.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PushServiceName {
    /// Apple's push notification service.
    Apns,
}

/// The devices of an account: the answer to `GET /devices`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct DevicesReply {
    /// Each of them.
    pub devices: Vec<RegisteredDevice>,
}

/// A device, without its token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RegisteredDevice {
    /// Names it, for removing: the hash of its token.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes32))]
    pub id: Hash,
    /// Who carries its notifications.
    pub service: PushServiceName,
    /// When it was registered last, in milliseconds since 1970.
    #[serde(with = "decimal")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Decimal))]
    pub created_ms: u64,
    /// Whether it belongs to the session that asks.
    pub current: bool,
}

/// `POST /pokes`: there is something new for a connection.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PokeRequest {
    /// Whom to tell.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes16))]
    pub to: Id,
    /// What of. `connection` is the platform's own to say.
    pub kind: PokeName,
}

/// What there is something new of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PokeName {
    /// A message: devices show a notification.
    Message,
    /// The feed that the one keeps for the other.
    Feed,
    /// The connection itself.
    Connection,
    /// A kind of a later version.
    #[serde(other)]
    Unknown,
}

/// The data of an event `poke` in the stream `GET /events`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PokeEvent {
    /// Who has something new.
    #[serde(with = "base64url")]
    #[cfg_attr(feature = "server", schema(value_type = super::schema::Bytes16))]
    pub from: Id,
    /// What of.
    pub kind: PokeName,
}

/// Without the token.
impl std::fmt::Debug for DeviceRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeviceRequest").field("service", &self.service).finish_non_exhaustive()
    }
}
