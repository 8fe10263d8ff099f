//! FORMAT 10.

use imegha_crypto::hazmat::{self, RawKey as _};
use imegha_crypto::{Error, LinkKeys, Password, PublicLink};

use super::Outcome;
use super::case::{Case, sealed};
use super::people::People;

pub(crate) fn run(case: &Case<'_>, people: &People) -> Outcome {
    let link = PublicLink::parse_fragment(case.text("fragment"));
    match case.result(&["ok", "refused"]) {
        "ok" => {
            let link = case.opened(link);
            check_fields(case, &link);
            let keys = link_keys(case, &link);
            case.same("key", *keys.key.raw(), case.array("key"));
            case.same("access", *keys.access.raw(), case.array("access"));
            let (owner, payload) = (people.of_name(case, "owner"), case.opened(sealed(case.hex("payload"))));
            let json = case.text("json").as_bytes();
            let opened = case.opened(keys.key.open_payload(&payload, owner.public(), link.grant()));
            case.same("json", opened.as_slice(), json);

            // The same payload to the byte: sealed again with their salt, it is theirs.
            let made = case.opened(keys.key.seal_payload(owner, link.grant(), json));
            let context = hazmat::label("link", &[link.grant()]);
            let inner = case.opened(hazmat::open(keys.key.raw(), &context, made.as_bytes()));
            let salt = *payload.as_bytes().first_chunk().unwrap();
            let again = case.opened(hazmat::seal_with_salt(keys.key.raw(), &context, &inner, salt));
            case.same("payload", again, payload.into_bytes());
            Outcome::Opened
        }
        _ if case.has("payload") => {
            case.known("what", &["signed by a stranger", "payload of another grant"]);
            let link = case.opened(link);
            check_fields(case, &link);
            let owner = people.of_name(case, "owner").public();
            let payload = sealed(case.hex("payload"));
            let keys = link_keys(case, &link);
            let opened = payload.and_then(|payload| keys.key.open_payload(&payload, owner, link.grant()));
            case.refused(opened, Error::CannotOpen)
        }
        _ => {
            case.known("what", &["version 2", "truncated", "not base64url", "empty"]);
            case.refused(link, Error::Malformed)
        }
    }
}

fn check_fields(case: &Case<'_>, link: &PublicLink) {
    case.same("fragment", link.to_fragment().as_str(), case.text("fragment"));
    case.same("grant", *link.grant(), case.id("grant"));
    case.same("owner", *link.owner(), case.fingerprint("owner_first_fingerprint"));
    case.same("gateway", link.gateway(), case.text("gateway"));
    case.same("password", link.needs_password(), case.u32("iterations") != 0);
}

fn link_keys(case: &Case<'_>, link: &PublicLink) -> LinkKeys {
    let password = case.value("password").as_str().map(|password| case.opened(Password::parse(password)));
    case.opened(link.derive_keys(password.as_ref()))
}
