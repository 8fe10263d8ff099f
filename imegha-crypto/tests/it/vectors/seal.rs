//! FORMAT 2.

use imegha_crypto::{Error, Hash, hazmat};

use super::Outcome;
use super::case::{Case, plaintext, sealed};
use super::people::People;

pub(crate) fn run(case: &Case<'_>, _: &People) -> Outcome {
    let key = case.array("key");
    let context = hazmat::label(case.text("name"), &case.parts());
    match case.result(&["ok", "refused"]) {
        "ok" => {
            let size = case.usize("size");
            let plain = plaintext(&[b"imegha-vector", &case.u32("size").to_be_bytes()], size);
            let made = case.opened(hazmat::seal_with_salt(&key, &context, &plain, case.array("salt")));
            case.same("length", made.len(), case.usize("sealed_len"));
            case.same("hash", Hash::of(&made), case.hash("sealed_sha256"));
            if case.has("sealed") {
                case.same("sealing", &made, &case.hex("sealed"));
            }
            let opened = case.opened(hazmat::open(&key, &context, &made));
            assert!(*opened == plain, "{}: another plaintext", case.place());
            Outcome::Opened
        }
        _ => {
            case.known("what", WHAT);
            let outcome = sealed(case.hex("sealed")).and_then(|sealed| hazmat::open(&key, &context, sealed.as_bytes()));
            // Below the type that checks lengths, the same.
            assert!(hazmat::open(&key, &context, &case.hex("sealed")).is_err(), "{}: opened", case.place());
            case.refused(outcome, Error::CannotOpen)
        }
    }
}

const WHAT: &[&str] = &[
    "first salt byte flipped",
    "last commitment byte flipped",
    "first body byte flipped",
    "last tag byte flipped",
    "one byte short",
    "one byte long",
    "only the header",
    "empty",
    "other purpose",
    "parts regrouped",
    "other key",
];
