//! The folder as it was when this was compiled, for targets without files.

use super::Folder;

/// Every file of `tests/vectors`; a native test holds the list against the folder.
pub(crate) fn folder() -> Folder {
    EMBEDDED.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

macro_rules! embed {
    ($($name:literal)+) => {
        &[$(($name, include_str!(concat!("../../vectors/", $name)))),+]
    };
}

const EMBEDDED: &[(&str, &str)] = embed! {
    "file.json"
    "identity.json"
    "link.json"
    "log.json"
    "message.json"
    "password.json"
    "recovery.json"
    "request.json"
    "seal.json"
    "sealed.json"
    "statement.json"
    "wrap.json"
};
