//! FORMAT 7.

use imegha_crypto::hazmat::{self, HistoryLink};
use imegha_crypto::{Error, Fingerprint, Hash, PublicIdentity, Result, safety_number};

use super::Outcome;
use super::case::Case;
use super::people::People;

pub(crate) fn run(case: &Case<'_>, people: &People) -> Outcome {
    if case.has("safety_number") {
        return safety(case);
    }
    if case.has("entries") {
        return history(case);
    }
    if case.has("rsa_pkcs8") {
        return keys(case);
    }
    served_keys(case, people)
}

fn keys(case: &Case<'_>) -> Outcome {
    let (account, tag) = (case.id("account"), case.text("tag"));
    let public = case.opened(PublicIdentity::parse(&case.hex("rsa_spki"), &case.hex("ed25519_public")));
    case.same("fingerprint", public.fingerprint(), case.fingerprint("fingerprint"));
    let verified = public.verify_binding(&account, tag, &case.signature("binding"));
    match case.result(&["ok", "signature"]) {
        "ok" => {
            case.opened(verified);
            let private = case.opened(hazmat::identity(&case.hex("rsa_pkcs8"), &case.array("ed25519_seed")));
            case.same("public half", private.public(), &public);
            case.same("binding", private.sign_binding(&account, tag), case.signature("binding"));
            Outcome::Opened
        }
        _ => case.refused(verified, Error::Signature),
    }
}

fn history(case: &Case<'_>) -> Outcome {
    let entries = case.list("entries");
    let verified = verify_history(case, &entries);
    match case.result(&["ok", "signature"]) {
        "ok" => {
            let last = entries.last().unwrap_or_else(|| panic!("{}: no entries", case.place()));
            case.same("head", case.opened(verified), last.hash("hash"));
            for (shorter, entry) in entries.iter().enumerate() {
                let head = verify_history(case, &entries[..=shorter]);
                case.same("hash", case.opened(head), entry.hash("hash"));
            }
            Outcome::Opened
        }
        _ => case.refused(verified, Error::Signature),
    }
}

fn verify_history(case: &Case<'_>, entries: &[Case<'_>]) -> Result<Hash> {
    let links = entries.iter().map(|entry| HistoryLink {
        seq: entry.u64("seq"),
        previous: entry.hash("prev"),
        fingerprint: entry.fingerprint("fingerprint"),
        ed25519: entry.array("ed25519_public"),
        ms: entry.u64("ms"),
        by_previous: entry.has("by_previous").then(|| entry.signature("by_previous")),
        by_new: entry.signature("by_new"),
    });
    hazmat::verify_history_links(&case.id("account"), case.text("tag"), &links.collect::<Vec<_>>())
}

fn safety(case: &Case<'_>) -> Outcome {
    case.result(&["ok"]);
    let side = |field| {
        let side = case.value(field).as_array().unwrap_or_else(|| panic!("{}: no side {field}", case.place()));
        let (tag, fingerprint) = (side[0].as_str().unwrap(), side[1].as_str().unwrap());
        (tag, Fingerprint::parse_hex(fingerprint).unwrap())
    };
    let ((tag_a, a), (tag_b, b)) = (side("a"), side("b"));
    case.same("number", safety_number(tag_a, &a, tag_b, &b).as_str(), case.text("safety_number"));
    Outcome::Opened
}

/// One key of a pair that is refused, beside one of Alice's that is not.
fn served_keys(case: &Case<'_>, people: &People) -> Outcome {
    case.result(&["key"]);
    let alice = people.named("alice").public();
    case.opened(PublicIdentity::parse(alice.spki(), alice.ed25519()));
    let spki = if case.has("rsa_spki") { case.hex("rsa_spki") } else { alice.spki().to_vec() };
    let ed25519 = if case.has("ed25519_public") { case.hex("ed25519_public") } else { alice.ed25519().to_vec() };
    case.refused(PublicIdentity::parse(&spki, &ed25519), Error::Key)
}
