//! The client: makes and opens an account's keys on the device, natively and in the browser.

mod account;
mod deletion;
mod email;
mod http;
mod kept;
mod locked;
mod password;
mod people;
mod phrase;
mod platform;
mod record;
mod recovery;
mod renewal;
mod sign_in;
mod sign_up;
#[cfg(feature = "strength")]
mod strength;
mod transport;

pub use account::{Account, EarlierKeys, Known, SignedIn};
pub use http::HttpTransport;
pub use kept::Kept;
pub use locked::Locked;
pub use people::{
    Connection, Events, Introduction, KnownCard, KnownPeople, KnownPerson, KnownSent, Listed, Person, SafetyNumber,
    Sent, Standing,
};
pub use phrase::NewPhrase;
pub use platform::{HostedCloud, Platform};
pub use recovery::Recovery;
pub use sign_up::SignUp;
#[cfg(feature = "strength")]
pub use strength::check_strength;
pub use transport::{ByteStream, MAX_RESPONSE_LEN, Request, Response, Streamed, Transport};

pub use crate::contact::{ContactCard, HistoryHead, ProfileHead};
pub use crate::gateway_address::GatewayAddress;
