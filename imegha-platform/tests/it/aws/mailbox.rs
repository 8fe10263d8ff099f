//! The mails that Cognito has sent, as MiniStack shows them.

use serde_json::Value;

use super::peers::{COGNITO, endpoint};

/// A mail with a code.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) code: String,
}

/// All mails of all tests, the oldest first.
pub(crate) async fn mailbox() -> Vec<Received> {
    let address = endpoint(COGNITO).join("/_ministack/ses/messages").unwrap();
    let shown = reqwest::get(address).await.unwrap().text().await.unwrap();
    let shown: Value = serde_json::from_str(&shown).unwrap();
    let mut mails = Vec::new();
    for mail in shown["messages"].as_object().unwrap().values().flat_map(|mails| mails.as_array().unwrap()) {
        let text = mail["BodyText"].as_str().unwrap();
        // As `deploy/platform.yaml` words it.
        let (_, rest) = text.split_once("Your code for iMegha is ").unwrap_or_else(|| panic!("another mail: {text}"));
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        mails.push(Received { from: text(&mail["Source"]), to: text(&mail["To"][0]), code: rest[..6].to_owned() });
    }
    mails
}
