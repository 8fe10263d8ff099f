//! What a contact card says: whatever a person whose signature is right has sealed (FORMAT 8, `contact`).
//!
//! Nothing panics. A card that is read is written again and read as the same; whether an address is taken does not depend on how the card
//! is written, and none leads into a private network or to the reader's own cloud.
#![no_main]

use arbitrary::Arbitrary;
use imegha_crypto::{Hash, Id};
use imegha_platform::GatewayAddress;
use imegha_platform::contact::ContactCard;
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    /// Bytes of any form.
    Bytes(&'a [u8]),
    /// The fields that there are, each perhaps another than it should be.
    Fields {
        url: Url<'a>,
        profile: Option<u64>,
        seq: &'a str,
        made: &'a str,
        answers: Option<&'a str>,
        more: Vec<(&'a str, i64)>,
    },
}

#[derive(Arbitrary, Debug)]
enum Url<'a> {
    None,
    Any(&'a str),
    Host { secure: bool, host: &'a str, path: &'a str },
    V4([u8; 4]),
    V6([u16; 8]),
}

impl Url<'_> {
    fn text(&self) -> Option<String> {
        Some(match self {
            Self::None => return None,
            Self::Any(text) => (*text).to_owned(),
            Self::Host { secure, host, path } => format!("{}://{host}/{path}", if *secure { "https" } else { "http" }),
            Self::V4(address) => format!("https://{}/", std::net::Ipv4Addr::from(*address)),
            Self::V6(address) => format!("https://[{}]/", std::net::Ipv6Addr::from(*address)),
        })
    }
}

fuzz_target!(|input: Input| {
    let json = match input {
        Input::Bytes(bytes) => bytes.to_vec(),
        Input::Fields { url, profile, seq, made, answers, more } => {
            let mut card = Map::new();
            card.extend(more.into_iter().map(|(name, value)| (name.to_owned(), json!(value))));
            let hash = "A".repeat(43);
            card.insert("history".to_owned(), json!({ "seq": seq, "hash": hash }));
            card.insert("made".to_owned(), json!(made));
            if let Some(url) = url.text() {
                card.insert("gateway".to_owned(), json!({ "url": url, "cloud": "A".repeat(22) }));
            }
            if let Some(edit) = profile {
                card.insert("profile".to_owned(), json!({ "edit": edit.to_string(), "hash": hash }));
            }
            if let Some(answers) = answers {
                card.insert("answers".to_owned(), json!(answers));
            }
            Value::Object(card).to_string().into_bytes()
        }
    };
    let Ok(card) = ContactCard::from_json(&json, None) else { return };
    let again = card.to_json().expect("a card that is read is short");
    assert_eq!(ContactCard::from_json(&again, None).expect("what is written is read"), card);
    let Some(gateway) = &card.gateway else { return };
    assert_eq!(gateway.url.scheme(), "https");
    match gateway.url.host() {
        Some(url::Host::Ipv4(address)) => {
            assert!(!address.is_private() && !address.is_loopback() && !address.is_link_local())
        }
        Some(url::Host::Ipv6(address)) => assert!(!address.is_loopback() && !address.is_unique_local()),
        Some(url::Host::Domain(name)) => assert!(name.contains('.') && !name.ends_with(".localhost")),
        None => panic!("a host"),
    }
    // The same, read by whose it is.
    let own = GatewayAddress {
        url: gateway.url.clone(),
        cloud: Id::from_bytes(Hash::of(b"own").as_bytes()[..16].try_into().expect("16 bytes")),
    };
    assert!(ContactCard::from_json(&json, Some(&own)).is_err(), "not one's own");
});
