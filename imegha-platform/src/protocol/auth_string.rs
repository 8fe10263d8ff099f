//! The one secret that goes over the wire in the clear of TLS.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

/// `auth_string` of FORMAT 3: what the platform sees instead of the password. Wiped when it is dropped, redacted in `Debug`;
/// unlike other secrets it serialises, since being sent is its whole purpose.
#[derive(Clone)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "server", schema(value_type = super::schema::AuthStringForm))]
pub struct AuthString(Zeroizing<String>);

impl AuthString {
    /// Takes a string that [`AuthSecret::to_auth_string`](imegha_crypto::AuthSecret::to_auth_string) made.
    pub fn new(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    /// The string itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AuthString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthString(redacted)")
    }
}

impl Serialize for AuthString {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for AuthString {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Zeroizing::new(text)))
    }
}
