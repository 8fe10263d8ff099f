//! Bodies as anybody may send them: requests to a gateway and its answers, requests to the platform and its answers.
//!
//! Nothing panics. A record that is read from a body is the same in storage's bytes; a number or a name is read in one way only.
#![no_main]

use imegha_cloud::backend::Record;
use imegha_cloud::protocol as gateway;
use imegha_crypto::{AuthSecret, Email, KdfParams, KeyHistoryEntry, Password, PublicIdentity};
use imegha_platform::Tag;
use imegha_platform::protocol as platform;
use libfuzzer_sys::fuzz_target;
use serde::de::DeserializeOwned;

fuzz_target!(|input: (u8, &[u8])| {
    let (kind, body) = input;
    match kind % 18 {
        0 => {
            drop(read(body, |request: gateway::GetRequest| request.key.into_key()));
            drop(read(body, |request: gateway::GetAllRequest| request.into_keys()));
            drop(read(body, |answer: gateway::GetAllAnswer| answer.into_records()));
        }
        1 => drop(read(body, |query: gateway::QueryRequest| query.into_query())),
        2 => {
            if let Some(Ok(writes)) = read(body, |request: gateway::TransactRequest| request.into_writes()) {
                let again = gateway::TransactRequest::of(&writes).into_writes().expect("what is sent is read");
                assert_eq!(again, writes);
            }
        }
        3 => drop(read(body, |page: gateway::PageAnswer| page.into_page())),
        4 => {
            if let Some(Ok(record)) = read(body, |record: gateway::WireRecord| record.into_record()) {
                let stored = Record::from_key_and_fields(record.key.clone(), &record.fields_to_bytes());
                assert_eq!(stored.expect("what is written is read"), record);
            }
        }
        5 => {
            drop(read(body, |problem: gateway::Problem| problem.into_error()));
            drop(read(body, |request: gateway::HistoryRequest| request.into_told()));
        }
        6 => drop(read(body, |answer: gateway::VersionAnswer| answer.check())),
        7 => drop(read(body, |answer: gateway::ObjectAnswer| answer.into_meta())),
        8 => drop(read(body, |answer: gateway::UploadAnswer| answer.into_meta())),
        9 => drop(std::str::from_utf8(body).map(gateway::path::decode_id)),
        10 => drop(read(body, |request: platform::SignUpRequest| {
            let _ = KdfParams::try_from(&request.kdf);
            let _ = AuthSecret::parse_auth_string(request.auth_string.expose());
            history(&request.identity.history);
        })),
        11 => drop(read(body, |request: platform::SignInRequest| {
            AuthSecret::parse_auth_string(request.auth_string.expose()).is_ok()
        })),
        12 => drop(read(body, |reply: platform::SignInReply| reply.account.history.iter().for_each(history))),
        13 => drop(read(body, |reply: platform::PreloginReply| reply.kdf.iter().map(KdfParams::try_from).count())),
        14 => drop(read(body, |_: platform::Gateway| ())),
        15 => drop(read(body, |page: platform::ConnectionsReply| {
            for connection in &page.connections {
                let _ = Tag::from_stored(&connection.person.tag);
                connection.person.history.iter().for_each(history);
                let cards = connection.sent.iter().chain(&connection.received);
                cards.for_each(|card| assert_eq!(card.place().seq, card.seq));
            }
        })),
        16 => {
            drop(read(body, |request: platform::AcceptRequest| request.card.sealed.feed_hash()));
            let _ = read(body, |_: platform::DeviceRequest| ());
            let _ = read(body, |_: platform::PokeRequest| ());
        }
        _ => {
            let Ok(text) = std::str::from_utf8(body) else { return };
            if let Ok(email) = Email::parse(text) {
                // email' is what is stored: it is its own.
                assert_eq!(Email::parse(email.as_str()).expect("an address").as_str(), email.as_str());
            }
            if let Ok(tag) = Tag::parse(text) {
                assert_eq!(Tag::from_stored(tag.as_str()).expect("a tag"), tag);
            }
            let _ = Password::parse(text);
        }
    }
});

fn read<T: DeserializeOwned, R>(body: &[u8], then: impl FnOnce(T) -> R) -> Option<R> {
    serde_json::from_slice(body).ok().map(then)
}

fn history(entry: &platform::HistoryEntry) {
    let _ = PublicIdentity::parse(&entry.spki, &entry.ed25519);
    let _ = KeyHistoryEntry::try_from(entry);
}
