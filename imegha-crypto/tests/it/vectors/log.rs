//! FORMAT 11.

use imegha_crypto::hazmat::{self, RawKey as _};
use imegha_crypto::{Dek, Error, Hash, Purpose, Result, log};

use super::Outcome;
use super::case::{Case, sealed};
use super::people::People;

pub(crate) fn run(case: &Case<'_>, people: &People) -> Outcome {
    match case.result(&["ok", "refused"]) {
        "ok" => {
            let opened = case.opened(open(case, people));
            case.same("payload", opened.as_slice(), case.text("payload").as_bytes());
            check_made(case, people);
            Outcome::Opened
        }
        _ => {
            let what = case.known("what", WHAT);
            let error = if what.starts_with("head") { Error::Signature } else { Error::CannotOpen };
            case.refused(open(case, people), error)
        }
    }
}

/// Opens an entry as a device does: the payload, the hash that the head names, the head's signature.
fn open(case: &Case<'_>, people: &People) -> Result<Vec<u8>> {
    let (cloud, seq, previous, entry) =
        (case.id("cloud"), case.u64("seq"), case.hash("prev"), sealed(case.hex("entry"))?);
    let key = Dek::from_raw(&case.array("dek")).derive_purpose_key(Purpose::Log, &cloud);
    let payload = log::open_entry(&entry, &key, &cloud, seq, &previous)?;
    let hash = log::entry_hash(&cloud, seq, &previous, &entry);
    case.same("hash", hash, case.hash("hash"));
    let owner = people.of_name(case, "owner").public();
    owner.verify_head(&cloud, seq, &hash, case.u64("ms"), &case.signature("head_signature"))?;
    Ok(payload.to_vec())
}

fn check_made(case: &Case<'_>, people: &People) {
    let (cloud, seq, previous) = (case.id("cloud"), case.u64("seq"), case.hash("prev"));
    let key = Dek::from_raw(&case.array("dek")).derive_purpose_key(Purpose::Log, &cloud);
    let entry = case.hex("entry");
    let salt = *entry.first_chunk().unwrap();
    let context = hazmat::label("log-entry", &[cloud.as_bytes() as &[u8], &seq.to_be_bytes(), previous.as_bytes()]);
    let payload = case.text("payload").as_bytes();
    let made = hazmat::seal_with_salt(hazmat::raw_purpose_key(&key), &context, payload, salt);
    case.same("entry", case.opened(made), entry);
    let signature = people.of_name(case, "owner").sign_head(&cloud, seq, &case.hash("hash"), case.u64("ms"));
    case.same("signature", signature, case.signature("head_signature"));
    // Sealed by the API, with a salt of its own, it opens too.
    let fresh = log::seal_entry(&key, &cloud, seq, &previous, payload).unwrap();
    assert!(*log::open_entry(&fresh, &key, &cloud, seq, &previous).unwrap() == payload);
    assert!(log::entry_hash(&cloud, seq, &previous, &fresh) != Hash::ZERO);
}

const WHAT: &[&str] = &[
    "other place in the chain",
    "other previous hash",
    "other cloud",
    "head signed by a stranger",
    "head with another time",
];
