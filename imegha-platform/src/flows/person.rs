//! All that a platform holds on one person, for whoever must tell it to that person.

use imegha_cloud::backend::{Name as _, Record};
use imegha_crypto::Email;
use serde_json::{Map, Value, json};

use super::ServerParts;
use crate::error::Result;
use crate::identity::lockout_key;
use crate::registry::{Disclosure, PlatformSchema, PlatformValue, disclosure, key_disclosure};

/// One record on a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// The record.
    pub record: Record<PlatformSchema>,
}

impl ServerParts {
    /// Every record on the account of an address, and the count of failed sign-ins with it. None when it has no account that is confirmed,
    /// but for that count.
    ///
    /// What is left out repeats an id of these and a time, and is found by neither: the order in which things end, and what a recovery is
    /// to sign, for ten minutes.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`](crate::ErrorKind::Storage).
    pub async fn everything_on(&self, email: &Email) -> Result<Vec<Held>> {
        let mut records = match self.registry.account_id_by_email(email).await? {
            Some(account) => self.registry.everything_on(&account).await?,
            None => Vec::new(),
        };
        records.extend(self.registry.at(&lockout_key(&self.secret, email)).await?);
        Ok(records.into_iter().map(|record| Held { record }).collect())
    }
}

impl Held {
    /// The record by the names of the published policy: what its key is, what each field is, and the values. Bytes are hexadecimal.
    pub fn to_json(&self) -> Value {
        let collection = self.record.key.collection;
        let key = self.record.key.partition.iter().chain(&self.record.key.sort).map(shown).collect::<Vec<_>>();
        let fields = self.record.fields.iter().map(|(field, value)| {
            (field.name().to_owned(), json!({ "is": word(disclosure(*field)), "value": shown(value) }))
        });
        json!({
            "record": collection.name(),
            "is": word(key_disclosure(collection)),
            "key": key,
            "fields": fields.collect::<Map<_, _>>(),
        })
    }
}

/// What the policy calls it.
fn word(disclosure: Disclosure) -> &'static str {
    match disclosure {
        Disclosure::Email => "email",
        Disclosure::Tag => "iMTag",
        Disclosure::EncryptedKeys => "encrypted keys",
        Disclosure::PublicKeys => "public keys",
        Disclosure::Connections => "connections",
        Disclosure::PushTokens => "push tokens",
        Disclosure::Account => "account",
    }
}

fn shown(value: &PlatformValue) -> Value {
    match value {
        PlatformValue::U64(number) => json!(number),
        PlatformValue::Time(ms) => json!({ "ms_since_1970": ms }),
        PlatformValue::Email(email) => json!(email.as_str()),
        PlatformValue::Tag(tag) => json!(tag.as_str()),
        other => json!(hex::encode(imegha_cloud::backend::Value::to_bytes(other))),
    }
}
