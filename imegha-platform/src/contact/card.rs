//! What a contact card says.

use imegha_crypto::{Hash, Id};
use serde::{Deserialize, Serialize};
use url::Url;

use super::address::is_fit_for_a_peer;
use crate::error::{Error, ErrorKind, Result};
use crate::gateway_address::{GatewayAddress, WireAddress};
use crate::protocol::{base64url, base64url_option, decimal};

/// What one person says of himself to another. The platform carries it and cannot read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactCard {
    /// Where the person's cloud is, if he has one.
    pub gateway: Option<GatewayAddress>,
    /// Which state of his profile there is at least.
    pub profile: Option<ProfileHead>,
    /// The newest entry of his key history when he made the card.
    pub history: HistoryHead,
    /// When he made it by his clock, in milliseconds since 1970.
    pub made_ms: u64,
    /// The list of the other's cards that it answers; none in a request.
    pub answers: Option<Id>,
}

/// A state of a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileHead {
    /// How often it was changed.
    #[serde(with = "decimal")]
    pub edit: u64,
    /// The SHA-256 of its sealed record.
    #[serde(with = "base64url")]
    pub hash: Hash,
}

/// A place in a key history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryHead {
    /// The number of the entry.
    #[serde(with = "decimal")]
    pub seq: u64,
    /// Its hash.
    #[serde(with = "base64url")]
    pub hash: Hash,
}

impl ContactCard {
    /// The JSON that is sealed.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for an address that is too long.
    pub fn to_json(&self) -> Result<Vec<u8>> {
        let payload = Payload {
            gateway: self.gateway.as_ref().map(WireAddress::from),
            profile: self.profile.clone(),
            history: self.history.clone(),
            made: self.made_ms,
            answers: self.answers,
        };
        let json = serde_json::to_vec(&payload)
            .map_err(|error| Error::with_source(ErrorKind::Device, "the contact card cannot be written", error))?;
        if json.len() > MAX_JSON_LEN {
            return Err(Error::new(ErrorKind::Config, "the address of the cloud is too long for a contact card"));
        }
        Ok(json)
    }

    /// Reads what somebody sealed. `own` is where the reader's cloud is: another's address must lead elsewhere, and into the public
    /// network.
    ///
    /// # Errors
    /// [`ErrorKind::CannotOpen`] for everything else.
    pub fn from_json(json: &[u8], own: Option<&GatewayAddress>) -> Result<Self> {
        Self::read(json, own).ok_or_else(|| Error::new(ErrorKind::CannotOpen, "the contact card is not of its form"))
    }

    fn read(json: &[u8], own: Option<&GatewayAddress>) -> Option<Self> {
        if json.len() > MAX_JSON_LEN {
            return None;
        }
        let payload: Payload = serde_json::from_slice(json).ok()?;
        let gateway = match payload.gateway {
            Some(WireAddress { url, cloud }) => {
                let address = GatewayAddress { url: Url::parse(&url).ok()?, cloud };
                // Only as it is written: what is normalised by being read was not written by a client of ours.
                (address.url.as_str() == url && is_fit_for_a_peer(&address, own)).then_some(())?;
                Some(address)
            }
            None => None,
        };
        let Payload { profile, history, made, answers, .. } = payload;
        Some(Self { gateway, profile, history, made_ms: made, answers })
    }
}

#[derive(Serialize, Deserialize)]
struct Payload {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gateway: Option<WireAddress>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    profile: Option<ProfileHead>,
    history: HistoryHead,
    #[serde(with = "decimal")]
    made: u64,
    #[serde(default, with = "base64url_option", skip_serializing_if = "Option::is_none")]
    answers: Option<Id>,
}

/// The longest payload: sealed, it is shorter than the longest card that the platform keeps.
const MAX_JSON_LEN: usize = 2_048;

#[cfg(test)]
mod tests {
    use super::*;

    fn card() -> ContactCard {
        ContactCard {
            gateway: Some(GatewayAddress {
                url: Url::parse("https://bob.example/cloud").unwrap(),
                cloud: Id::from_bytes([1; 16]),
            }),
            profile: Some(ProfileHead { edit: 3, hash: Hash::of(b"profile") }),
            history: HistoryHead { seq: 0, hash: Hash::of(b"entry") },
            made_ms: 1_790_000_000_000,
            answers: Some(Id::from_bytes([2; 16])),
        }
    }

    #[test]
    fn a_card_survives() {
        let bare = ContactCard { gateway: None, profile: None, answers: None, ..card() };
        for card in [card(), bare] {
            assert_eq!(ContactCard::from_json(&card.to_json().unwrap(), None).unwrap(), card);
        }
    }

    #[test]
    fn what_is_not_of_the_form_does_not() {
        let json = String::from_utf8(card().to_json().unwrap()).unwrap();
        let with_more = json.replacen('{', "{\"later\":1,", 1);
        assert_eq!(ContactCard::from_json(with_more.as_bytes(), None).unwrap(), card(), "unknown names are ignored");
        for (what, wrong) in [
            ("plain http", json.replace("https:", "http:")),
            ("not normal", json.replace("bob.example", "BOB.example")),
            ("in a private network", json.replace("bob.example", "10.0.0.1")),
            ("a number for a decimal", json.replace("\"1790000000000\"", "1790000000000")),
            ("twice", json.replacen('{', "{\"made\":\"1\",", 1)),
            ("cut", json[..json.len() - 1].to_owned()),
            ("no history", json.replace("history", "hystory")),
            ("too long", format!("{json}{}", " ".repeat(2_048))),
            ("nothing", String::new()),
        ] {
            assert_ne!(wrong, json, "{what}");
            let error = ContactCard::from_json(wrong.as_bytes(), None).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::CannotOpen, "{what}");
        }
        let mut long = card();
        long.gateway = Some(GatewayAddress {
            url: Url::parse(&format!("https://bob.example/{}", "a".repeat(2_048))).unwrap(),
            cloud: Id::from_bytes([1; 16]),
        });
        assert_eq!(long.to_json().unwrap_err().kind(), ErrorKind::Config);
    }
}
