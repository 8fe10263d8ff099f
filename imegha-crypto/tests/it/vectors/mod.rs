//! The vectors: every JSON file of a folder, dispatched by its name.
//!
//! Natively the folder is `tests/vectors`, or the one that `IMEGHA_VECTORS` names. In the browser it is the one that
//! was embedded when compiling. An unknown file, result, op or `what` is a failure.

mod case;
pub(crate) mod embedded;
mod file;
#[cfg(not(target_arch = "wasm32"))]
mod folder;
mod identity;
mod link;
mod log;
mod message;
mod password;
mod people;
mod recovery;
mod request;
mod seal;
mod sealed;
mod statement;
mod wrap;

use case::Case;
#[cfg(target_arch = "wasm32")]
pub(crate) use file::object_cases;
#[cfg(target_arch = "wasm32")]
pub(crate) use password::password_cases;
use people::People;
use serde_json::Value;

/// What became of the cases of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) opened: usize,
    pub(crate) refused: usize,
}

/// What a case must come to, and did.
pub(crate) enum Outcome {
    Opened,
    Refused,
}

/// A folder of vectors: names and texts.
pub(crate) type Folder = Vec<(String, String)>;

/// Runs every file, prints a line for each, and gives the number of files.
pub(crate) fn run_folder(folder: &Folder, print: impl Fn(&str)) -> usize {
    let people = People::of(folder);
    for (name, text) in folder {
        let tally = run_file(name, text, &people);
        let Tally { opened, refused } = tally;
        let provider = imegha_crypto::provider::Provider::current();
        print(&format!("vectors {name} ({provider:?}): {opened} opened, {refused} refused"));
    }
    folder.len()
}

fn run_file(name: &str, text: &str, people: &People) -> Tally {
    let json: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(json["format"], "imegha-v1", "{name}: another format");
    let cases = json["cases"].as_array().unwrap_or_else(|| panic!("{name}: no cases"));
    let run: fn(&Case<'_>, &People) -> Outcome = match name {
        "file.json" => file::run,
        "identity.json" => identity::run,
        "link.json" => link::run,
        "log.json" => log::run,
        "message.json" => message::run,
        "password.json" => password::run,
        "recovery.json" => recovery::run,
        "request.json" => request::run,
        "seal.json" => seal::run,
        "sealed.json" => sealed::run,
        "statement.json" => statement::run,
        "wrap.json" => wrap::run,
        _ => panic!("{name}: vectors of this name are not known"),
    };
    let mut tally = Tally::default();
    for (index, case) in cases.iter().enumerate() {
        match run(&Case::new(name, index, case), people) {
            Outcome::Opened => tally.opened += 1,
            Outcome::Refused => tally.refused += 1,
        }
    }
    assert_eq!(tally.opened + tally.refused, cases.len(), "{name}: a case was lost");
    tally
}
