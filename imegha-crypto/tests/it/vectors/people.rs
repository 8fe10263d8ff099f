//! Alice, Bob and Mallory, whom other files name: from `identity.json` of the same folder.

use std::collections::HashMap;

use imegha_crypto::{Identity, hazmat};
use serde_json::Value;

use super::Folder;
use super::case::Case;

pub(crate) struct People(HashMap<String, Identity>);

impl People {
    pub(crate) fn of(folder: &Folder) -> Self {
        let Some((name, text)) = folder.iter().find(|(name, _)| name == "identity.json") else {
            return Self(HashMap::new());
        };
        let json: Value = serde_json::from_str(text).unwrap();
        let cases = json["cases"].as_array().unwrap().iter().enumerate();
        let named = cases.filter(|(_, case)| case["result"] == "ok" && case.get("rsa_pkcs8").is_some());
        let people = named.map(|(index, case)| {
            let case = Case::new(name, index, case);
            let identity = case.opened(hazmat::identity(&case.hex("rsa_pkcs8"), &case.array("ed25519_seed")));
            (case.text("name").to_owned(), identity)
        });
        Self(people.collect())
    }

    /// Who is named in a field.
    pub(crate) fn of_name(&self, case: &Case<'_>, field: &str) -> &Identity {
        self.named(case.text(field))
    }

    pub(crate) fn named(&self, name: &str) -> &Identity {
        self.0.get(name).unwrap_or_else(|| panic!("nobody is called {name} in identity.json"))
    }
}
