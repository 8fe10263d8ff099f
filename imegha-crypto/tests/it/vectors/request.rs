//! FORMAT 13.

use imegha_crypto::request::{Received, ReceivedHeaders, RequestParts, sign};
use imegha_crypto::{Error, Hash, Result};

use super::Outcome;
use super::case::Case;
use super::people::People;

pub(crate) fn run(case: &Case<'_>, people: &People) -> Outcome {
    match case.result(&["ok", "refused"]) {
        "ok" => {
            case.opened(verify(case, people));
            check_made(case, people);
            Outcome::Opened
        }
        _ => {
            case.known("what", &["other method", "other address", "other body", "other audience", "other signer"]);
            case.refused(verify(case, people), Error::Signature)
        }
    }
}

fn verify(case: &Case<'_>, people: &People) -> Result<()> {
    let headers = case.inner("headers");
    let received = Received::parse(&received_headers(&headers))?;
    let signer = people.of_name(case, "signer").public();
    let audience = people.of_name(case, "audience").fingerprint();
    received.verify(&parts(case, &headers), signer, &audience)
}

fn check_made(case: &Case<'_>, people: &People) {
    let headers = case.inner("headers");
    let theirs = received_headers(&headers);
    let received = Received::parse(&theirs).unwrap();
    let signer = people.of_name(case, "signer");
    let audience = people.of_name(case, "audience").fingerprint();
    let made = sign(signer, &parts(case, &headers), &audience, received.created(), received.nonce()).unwrap();
    case.same("content-digest", made.content_digest.as_str(), theirs.content_digest);
    case.same("imegha-audience", made.imegha_audience.as_str(), theirs.imegha_audience);
    case.same("signature-input", made.signature_input.as_str(), theirs.signature_input);
    case.same("signature", made.signature.as_str(), theirs.signature);
    case.same("time", received.created(), 1_790_000_000);
}

fn received_headers<'a>(headers: &Case<'a>) -> ReceivedHeaders<'a> {
    ReceivedHeaders {
        content_digest: headers.text("content-digest"),
        imegha_audience: headers.text("imegha-audience"),
        signature_input: headers.text("signature-input"),
        signature: headers.text("signature"),
    }
}

fn parts<'a>(case: &Case<'a>, headers: &Case<'a>) -> RequestParts<'a> {
    let header = |name| headers.has(name).then(|| headers.text(name));
    RequestParts {
        method: case.text("method"),
        target_uri: case.text("uri"),
        body_digest: Hash::of(&case.hex("body")),
        range: header("range"),
        if_match: header("if-match"),
        if_none_match: header("if-none-match"),
    }
}
