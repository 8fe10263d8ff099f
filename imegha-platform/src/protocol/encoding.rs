//! How values stand in JSON (FORMAT 1): bytes as base64url without padding, 64-bit numbers as decimal strings.

use imegha_crypto::{Fingerprint, Hash, Id, Sealed, SealedTo, Signature};

/// A value that goes over the wire as its bytes.
pub trait WireBytes: Sized {
    /// The bytes.
    fn wire(&self) -> &[u8];

    /// The value of these bytes, if they are of its form.
    fn from_wire(bytes: Vec<u8>) -> Option<Self>;
}

macro_rules! fixed {
    ($($name:ident),+) => {
        $(impl WireBytes for $name {
            fn wire(&self) -> &[u8] {
                self.as_bytes()
            }

            fn from_wire(bytes: Vec<u8>) -> Option<Self> {
                bytes.try_into().ok().map(Self::from_bytes)
            }
        })+
    };
}

fixed!(Id, Hash, Fingerprint, Signature);

impl<const N: usize> WireBytes for [u8; N] {
    fn wire(&self) -> &[u8] {
        self
    }

    fn from_wire(bytes: Vec<u8>) -> Option<Self> {
        bytes.try_into().ok()
    }
}

impl WireBytes for Vec<u8> {
    fn wire(&self) -> &[u8] {
        self
    }

    fn from_wire(bytes: Vec<u8>) -> Option<Self> {
        Some(bytes)
    }
}

impl WireBytes for Sealed {
    fn wire(&self) -> &[u8] {
        self.as_bytes()
    }

    fn from_wire(bytes: Vec<u8>) -> Option<Self> {
        Self::from_received(bytes).ok()
    }
}

impl WireBytes for SealedTo {
    fn wire(&self) -> &[u8] {
        self.as_bytes()
    }

    fn from_wire(bytes: Vec<u8>) -> Option<Self> {
        Self::from_received(bytes).ok()
    }
}

/// For `#[serde(with = "base64url")]`.
pub(crate) mod base64url {
    use base64ct::{Base64UrlUnpadded, Encoding as _};
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    use super::WireBytes;

    pub(crate) fn serialize<T: WireBytes, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Base64UrlUnpadded::encode_string(value.wire()))
    }

    pub(crate) fn deserialize<'de, T: WireBytes, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        decode(&String::deserialize(deserializer)?).ok_or_else(|| D::Error::custom("not bytes of that form"))
    }

    pub(super) fn decode<T: WireBytes>(text: &str) -> Option<T> {
        Base64UrlUnpadded::decode_vec(text).ok().and_then(T::from_wire)
    }
}

/// For `#[serde(default, with = "base64url_option")]`: a missing value is left out.
pub(crate) mod base64url_option {
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    use super::{WireBytes, base64url};

    pub(crate) fn serialize<T: WireBytes, S: Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => base64url::serialize(value, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, T: WireBytes, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
        let text: Option<String> = Option::deserialize(deserializer)?;
        text.map(|text| base64url::decode(&text).ok_or_else(|| D::Error::custom("not bytes of that form"))).transpose()
    }
}

/// For `#[serde(with = "decimal")]`.
pub(crate) mod decimal {
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    pub(crate) fn serialize<S: Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&value.to_string())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        let text = String::deserialize(deserializer)?;
        let number: u64 = text.parse().map_err(D::Error::custom)?;
        // One way to write each number: no sign, no zeros before it.
        if number.to_string() == text { Ok(number) } else { Err(D::Error::custom("not a decimal number")) }
    }
}
