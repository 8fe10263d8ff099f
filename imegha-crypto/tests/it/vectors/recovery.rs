//! FORMAT 4.

use imegha_crypto::hazmat::{self, RawKey as _};
use imegha_crypto::{Error, RecoveryPhrase};

use super::Outcome;
use super::case::Case;
use super::people::People;

pub(crate) fn run(case: &Case<'_>, _: &People) -> Outcome {
    let phrase = RecoveryPhrase::parse(case.text("phrase"));
    match case.result(&["ok", "phrase"]) {
        "ok" => {
            let phrase = case.opened(phrase);
            let keys = phrase.derive_keys();
            case.same("kek", *keys.kek.raw(), case.array("kek"));
            case.same("auth_seed", *hazmat::recovery_auth_seed(&keys), case.array("auth_seed"));
            case.same("auth_public", keys.public_key(), case.array("auth_public"));
            let words: Vec<_> = phrase.words().collect();
            let typed: Vec<_> = case.text("phrase").split_ascii_whitespace().map(str::to_lowercase).collect();
            assert!(words == typed, "{}: other words", case.place());
            Outcome::Opened
        }
        _ => match phrase {
            Err(error @ Error::Phrase(_)) => case.refused::<(), _>(Err(error), error),
            other => panic!("{}: must be refused as a phrase, but: {other:?}", case.place()),
        },
    }
}
