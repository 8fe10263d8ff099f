//! Numbers and bytes as JSON strings (FORMAT 1).

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number of 64 bits as a decimal string, without sign, spaces or leading zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal(pub u64);

impl Decimal {
    /// Reads the one form of a number.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text == "0" || (!text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit()));
        if plain { text.parse().ok().map(Self) } else { None }
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Decimal;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number as a decimal string")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Decimal, E> {
                Decimal::parse(text).ok_or_else(|| E::custom("not a number as a decimal string"))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// Bytes as base64url without padding.
#[derive(Clone, PartialEq, Eq)]
pub struct Base64Url(pub Vec<u8>);

impl fmt::Debug for Base64Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Base64Url({} bytes)", self.0.len())
    }
}

impl Serialize for Base64Url {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Base64UrlUnpadded::encode_string(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64Url {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Base64Url;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes as base64url without padding")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Base64Url, E> {
                Base64UrlUnpadded::decode_vec(text).map(Base64Url).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// A map whose names each stand once; `serde_json` alone would take the last.
pub(super) fn unique<'de, D: Deserializer<'de>, V: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<(String, V)>, D::Error> {
    struct Members<V>(std::marker::PhantomData<V>);
    impl<'de, V: Deserialize<'de>> Visitor<'de> for Members<V> {
        type Value = Vec<(String, V)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members: Vec<(String, V)> = Vec::new();
            while let Some((name, value)) = map.next_entry::<String, V>()? {
                // More than there are fields of any record would be refused later anyway.
                if members.len() == MAX_MEMBERS || members.iter().any(|(other, _)| *other == name) {
                    return Err(A::Error::custom("a name twice, or too many of them"));
                }
                members.push((name, value));
            }
            Ok(members)
        }
    }
    deserializer.deserialize_map(Members(std::marker::PhantomData))
}

const MAX_MEMBERS: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_form() {
        for number in [0, 1, 10, u64::MAX] {
            let json = serde_json::to_string(&Decimal(number)).unwrap();
            assert_eq!(json, format!("\"{number}\""));
            assert_eq!(serde_json::from_str::<Decimal>(&json).unwrap(), Decimal(number));
        }
        for json in ["1", r#""""#, r#""01""#, r#""+1""#, r#""-1""#, r#"" 1""#, r#""18446744073709551616""#, r#""1e3""#]
        {
            assert!(serde_json::from_str::<Decimal>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn bytes_have_one_form() {
        let bytes = Base64Url(vec![0xfb, 0xff, 0xbf, 1]);
        assert_eq!(serde_json::to_string(&bytes).unwrap(), r#""-_-_AQ""#);
        assert_eq!(serde_json::from_str::<Base64Url>(r#""-_-_AQ""#).unwrap(), bytes);
        for json in [r#""-_-_AQ==""#, r#""+/+/AQ""#, r#""-_-_AR""#, r#""-_-_A""#, "[1]"] {
            assert!(serde_json::from_str::<Base64Url>(json).is_err(), "{json}");
        }
    }
}
