//! FORMAT 8.

use imegha_crypto::{Error, FeedPlace, Hash, Id, Result, SealedTo, Subject, hazmat};

use super::Outcome;
use super::case::{Case, plaintext};
use super::people::People;

pub(crate) fn run(case: &Case<'_>, people: &People) -> Outcome {
    match case.result(&["ok", "refused"]) {
        "ok" => {
            let size = case.u32("size");
            let plain = plaintext(&[b"imegha-vector", b"sealed", &size.to_be_bytes()], size as usize);
            case.same("payload", case.opened(open_bare(case, people)), plain.clone());
            let subject = subject(case).unwrap_or_else(|| panic!("{}: no such subject", case.place()));
            case.same("payload", case.opened(open_typed(case, people, &subject)), plain.clone());
            check_made(case, people, &subject, &plain);
            Outcome::Opened
        }
        _ => {
            case.known("what", WHAT);
            case.known("kind", &["signature", "tag", "recipient", "length"]);
            if let Some(subject) = subject(case) {
                case.refused(open_typed(case, people, &subject), Error::CannotOpen);
            }
            case.refused(open_bare(case, people), Error::CannotOpen)
        }
    }
}

fn received(case: &Case<'_>) -> Result<SealedTo> {
    SealedTo::from_received(case.hex("sealed")).map_err(|_| Error::CannotOpen)
}

fn open_bare(case: &Case<'_>, people: &People) -> Result<Vec<u8>> {
    let (recipient, sender) = (people.of_name(case, "recipient"), people.of_name(case, "sender"));
    let opened = hazmat::open_from(recipient, sender.public(), case.text("purpose"), &case.parts(), &received(case)?)?;
    Ok(opened.to_vec())
}

fn open_typed(case: &Case<'_>, people: &People, subject: &Subject) -> Result<Vec<u8>> {
    let (recipient, sender) = (people.of_name(case, "recipient"), people.of_name(case, "sender"));
    Ok(recipient.open_from(sender.public(), subject, &received(case)?)?.to_vec())
}

/// Ours: of the same length and head, and opened by the parts of the vector.
fn check_made(case: &Case<'_>, people: &People, subject: &Subject, plain: &[u8]) {
    let (recipient, sender) = (people.of_name(case, "recipient"), people.of_name(case, "sender"));
    let made = case.opened(sender.seal_to(recipient.public(), subject, plain));
    let theirs = case.hex("sealed");
    case.same("length", made.as_bytes().len(), theirs.len());
    case.same("head", &made.as_bytes()[..72], &theirs[..72]);
    let opened = hazmat::open_from(recipient, sender.public(), case.text("purpose"), &case.parts(), &made);
    case.same("payload", case.opened(opened).to_vec(), plain.to_vec());
    // The signature is deterministic: ours over their body is theirs.
    let (body, signature) = theirs.split_at(theirs.len() - 64);
    let mut signed = case.parts();
    signed.push(body.to_vec());
    let label = format!("sealed-signature/{}", case.text("purpose"));
    case.same("signature", hazmat::sign_label(sender, &label, &signed).as_bytes().as_slice(), signature);
}

/// The subject that a purpose and its parts are, when there is one.
fn subject(case: &Case<'_>) -> Option<Subject> {
    let parts = case.parts();
    let id = |at: usize| Some(Id::from_bytes(parts.get(at)?.as_slice().try_into().ok()?));
    let at = FeedPlace {
        feed: id(0)?,
        seq: u64::from_be_bytes(parts.get(1)?.as_slice().try_into().ok()?),
        previous: Hash::from_bytes(parts.get(2)?.as_slice().try_into().ok()?),
    };
    match (case.text("purpose"), parts.len()) {
        ("contact", 3) => Some(Subject::Contact { at }),
        ("share", 5) => Some(Subject::Share { at, grant: id(3)?, node: id(4)? }),
        ("conversation", 5) => {
            let epoch = u32::from_be_bytes(parts[4].as_slice().try_into().ok()?);
            Some(Subject::Conversation { at, conversation: id(3)?, epoch })
        }
        _ => None,
    }
}

const WHAT: &[&str] = &[
    "signature flipped",
    "OAEP byte flipped",
    "body flipped",
    "signed by mallory",
    "stripped, sender replaced, signed by mallory",
    "for another recipient",
    "other purpose",
    "other context",
    "truncated",
    "empty",
];
