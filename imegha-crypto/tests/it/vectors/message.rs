//! FORMAT 9.

use imegha_crypto::hazmat::{self, RawKey as _};
use imegha_crypto::{Epoch, EpochDraft, EpochKey, Error, Hash, MessagePlace, Result, SenderHead, message_hash};

use super::Outcome;
use super::case::{Case, sealed};
use super::people::People;

pub(crate) fn run(case: &Case<'_>, people: &People) -> Outcome {
    match (case.known("what", WHAT), case.result(&["ok", "refused"])) {
        ("epoch", "ok") => epoch(case, people),
        ("message", "ok") => message(case, people),
        (what, "refused") if what.starts_with("epoch") => case.refused(open_epoch(case, people), Error::CannotOpen),
        (_, "refused") => case.refused(open_message(case, people), Error::CannotOpen),
        (what, result) => panic!("{}: {what} is {result}", case.place()),
    }
}

fn open_epoch(case: &Case<'_>, people: &People) -> Result<(Epoch, EpochKey)> {
    let starter = people.of_name(case, "starter").public();
    let reader = people.named("bob").fingerprint();
    Epoch::open_payload(&case.hex("payload"), starter, &case.id("conversation"), case.u32("epoch"), &reader)
}

fn epoch(case: &Case<'_>, people: &People) -> Outcome {
    let (opened, key) = case.opened(open_epoch(case, people));
    case.same("key", *key.raw(), case.array("key"));
    case.same("hash", opened.hash(), case.hash("epoch_hash"));
    let draft = EpochDraft {
        conversation: case.id("conversation"),
        number: case.u32("epoch"),
        previous: case.hash("prev"),
        members: names(case, "members").iter().map(|name| people.named(name).fingerprint()).collect(),
        senders: senders(case, people),
    };
    let made = case.opened(draft.start(people.of_name(case, "starter"), &key));
    case.same("epoch", &made, &opened);
    let payload = case.opened(made.to_payload(&key));
    case.same("payload", payload.to_vec(), case.hex("payload"));
    case.same("record", payload[4..payload.len() - 96].to_vec(), case.hex("record"));
    Outcome::Opened
}

fn names<'a>(case: &Case<'a>, field: &str) -> Vec<&'a str> {
    let list = case.value(field).as_array().unwrap_or_else(|| panic!("{}: {field} is no list", case.place()));
    list.iter().map(|name| name.as_str().unwrap()).collect()
}

fn senders(case: &Case<'_>, people: &People) -> Vec<SenderHead> {
    let senders = case.value("senders").as_array().unwrap_or_else(|| panic!("{}: no senders", case.place()));
    senders
        .iter()
        .map(|sender| SenderHead {
            sender: people.named(sender[0].as_str().unwrap()).fingerprint(),
            seq: sender[1].as_u64().unwrap(),
            hash: Hash::parse_hex(sender[2].as_str().unwrap()).unwrap(),
        })
        .collect()
}

fn place(case: &Case<'_>) -> MessagePlace {
    MessagePlace {
        conversation: case.id("conversation"),
        epoch: case.u32("epoch"),
        epoch_hash: case.hash("epoch_hash"),
        key_hash: EpochKey::from_raw(&case.array("key")).hash(),
        seq: case.u64("seq"),
        previous: case.hash("prev"),
    }
}

fn open_message(case: &Case<'_>, people: &People) -> Result<Vec<u8>> {
    let key = EpochKey::from_raw(&case.array("key"));
    let sender = people.of_name(case, "sender").public();
    Ok(key.open_message(&sealed(case.hex("sealed"))?, sender, &place(case))?.to_vec())
}

fn message(case: &Case<'_>, people: &People) -> Outcome {
    let body = case.text("body").as_bytes();
    case.same("body", case.opened(open_message(case, people)).as_slice(), body);
    let theirs = case.opened(sealed(case.hex("sealed")));
    case.same("hash", message_hash(&theirs), case.hash("hash"));

    // The same payload to the byte: sealed again with their salt, it is their message.
    let (key, sender, place) = (EpochKey::from_raw(&case.array("key")), people.of_name(case, "sender"), place(case));
    let made = case.opened(key.seal_message(sender, &place, body));
    let context = hazmat::label(
        "message",
        &[
            place.conversation.as_bytes().as_slice(),
            &place.epoch.to_be_bytes(),
            place.epoch_hash.as_bytes(),
            sender.fingerprint().as_bytes(),
            &place.seq.to_be_bytes(),
            place.previous.as_bytes(),
        ],
    );
    let payload = case.opened(hazmat::open(key.raw(), &context, made.as_bytes()));
    let salt = *theirs.as_bytes().first_chunk().unwrap();
    let again = case.opened(hazmat::seal_with_salt(key.raw(), &context, &payload, salt));
    case.same("message", again, theirs.into_bytes());
    Outcome::Opened
}

const WHAT: &[&str] = &[
    "epoch",
    "epoch: another key in the payload",
    "epoch: signed by a stranger",
    "epoch: truncated",
    "message",
    "other sequence",
    "other epoch",
    "other conversation",
    "other previous hash",
    "other epoch hash",
    "a member forges another",
    "sender replaced",
    "flipped",
    "padding without its mark",
    "signed words moved to another epoch of the same number",
];
