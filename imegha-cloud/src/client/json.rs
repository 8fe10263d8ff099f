//! Payloads: strict JSON (FORMAT 1).
//!
//! UTF-8, no name twice in one object at any level, unknown names ignored. A `u64` is a decimal string, because a reader
//! in JavaScript loses what is above 2^53 - 1; bytes are base64url without padding.

use std::collections::HashSet;
use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde::de::{self, DeserializeOwned, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind, Result};

/// The JSON of a payload. It is about to be sealed, so it is wiped afterwards.
pub(crate) fn encode<T: Serialize>(payload: &T) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(serde_json::to_vec(payload).expect("payloads have string keys and no maps that fail"))
}

/// The same in a buffer that has room for `room` bytes from the beginning: one that grows leaves copies behind.
pub(crate) fn encode_in<T: Serialize>(room: usize, payload: &T) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    serde_json::to_writer(&mut *bytes, payload)
        .expect("payloads have no maps that fail, and memory takes what is written");
    bytes
}

/// Reads the JSON of a payload.
///
/// # Errors
/// `CannotOpen` for what is not JSON, has a name twice, or lacks what the payload needs.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let refused =
        |error| Error::with_source(ErrorKind::CannotOpen, "a payload is not of its form", Refused::of(&error));
    // serde keeps the last of two unknown names, so that two readers could see two things: a pass of its own refuses them.
    serde_json::from_slice::<NoNameTwice>(bytes).map_err(refused)?;
    serde_json::from_slice(bytes).map_err(refused)
}

/// A `u64` as a decimal string: no sign, no leading zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decimal(pub(crate) u64);

/// Bytes of a fixed length as base64url without padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fixed<const N: usize>(pub(crate) [u8; N]);

/// Bytes of any length as base64url without padding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Base64(pub(crate) Vec<u8>);

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let plain = text == "0" || (!text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit()));
        match text.parse() {
            Ok(number) if plain => Ok(Self(number)),
            _ => Err(de::Error::custom("not a decimal number")),
        }
    }
}

impl<const N: usize> Serialize for Fixed<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Base64UrlUnpadded::encode_string(&self.0))
    }
}

impl<'de, const N: usize> Deserialize<'de> for Fixed<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Base64(bytes) = Base64::deserialize(deserializer)?;
        Ok(Self(bytes.try_into().map_err(|_| de::Error::custom("not of the length that it should have"))?))
    }
}

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Base64UrlUnpadded::encode_string(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = Base64UrlUnpadded::decode_vec(&text).map_err(|_| de::Error::custom("not base64url"))?;
        Ok(Self(bytes))
    }
}

/// Where a payload is not of its form, without what stands there: it was sealed, and errors are printed.
#[derive(Debug)]
struct Refused {
    line: usize,
    column: usize,
}

impl Refused {
    fn of(error: &serde_json::Error) -> Self {
        Self { line: error.line(), column: error.column() }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

impl std::error::Error for Refused {}

/// Any JSON in which no object has a name twice.
struct NoNameTwice;

impl<'de> Deserialize<'de> for NoNameTwice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Walk)
    }
}

struct Walk;

impl<'de> Visitor<'de> for Walk {
    type Value = NoNameTwice;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without a name twice")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<NoNameTwice, A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if !names.insert(name) {
                return Err(de::Error::custom("a name stands twice"));
            }
            map.next_value::<NoNameTwice>()?;
        }
        Ok(NoNameTwice)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<NoNameTwice, A::Error> {
        while seq.next_element::<NoNameTwice>()?.is_some() {}
        Ok(NoNameTwice)
    }

    fn visit_bool<E>(self, _: bool) -> Result<NoNameTwice, E> {
        Ok(NoNameTwice)
    }

    fn visit_i64<E>(self, _: i64) -> Result<NoNameTwice, E> {
        Ok(NoNameTwice)
    }

    fn visit_u64<E>(self, _: u64) -> Result<NoNameTwice, E> {
        Ok(NoNameTwice)
    }

    fn visit_f64<E>(self, _: f64) -> Result<NoNameTwice, E> {
        Ok(NoNameTwice)
    }

    fn visit_str<E>(self, _: &str) -> Result<NoNameTwice, E> {
        Ok(NoNameTwice)
    }

    fn visit_unit<E>(self) -> Result<NoNameTwice, E> {
        Ok(NoNameTwice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Payload {
        size: Decimal,
        id: Fixed<3>,
        key: Base64,
    }

    fn read(text: &str) -> Result<Payload> {
        decode(text.as_bytes())
    }

    #[test]
    fn a_payload_survives_the_round_trip() {
        let payload = Payload { size: Decimal(u64::MAX), id: Fixed([0xfb, 0xff, 0]), key: Base64(vec![0]) };
        let json = encode(&payload);
        assert_eq!(&json[..], br#"{"size":"18446744073709551615","id":"-_8A","key":"AA"}"#);
        assert_eq!(decode::<Payload>(&json).unwrap(), payload);
    }

    #[test]
    fn unknown_names_are_ignored() {
        read(r#"{"size":"1","id":"-_8A","key":"","later":[{"a":1,"b":null},2.5,true,-3]}"#).unwrap();
    }

    #[test]
    fn a_name_twice_is_refused_at_every_level() {
        for text in [
            r#"{"size":"1","id":"-_8A","key":"","size":"1"}"#,
            r#"{"size":"1","id":"-_8A","key":"","x":1,"x":1}"#,
            r#"{"size":"1","id":"-_8A","key":"","x":{"y":[{"z":1,"z":2}]}}"#,
            r#"{"size":"1","id":"-_8A","key":"","x":{"a":1,"\u0061":2}}"#,
        ] {
            assert_eq!(read(text).unwrap_err().kind(), ErrorKind::CannotOpen, "{text}");
        }
    }

    #[test]
    fn numbers_and_bytes_have_one_spelling() {
        for (size, id) in [
            ("01", "-_8A"),
            ("+1", "-_8A"),
            ("-1", "-_8A"),
            ("", "-_8A"),
            (" 1", "-_8A"),
            ("18446744073709551616", "-_8A"),
            ("1", "-_8A="),
            ("1", "+/8A"),
            ("1", "-_8"),
            ("1", "-_8AAA"),
        ] {
            let text = format!(r#"{{"size":"{size}","id":"{id}","key":""}}"#);
            assert_eq!(read(&text).unwrap_err().kind(), ErrorKind::CannotOpen, "{text}");
        }
        // Bits that the last digit has to spare must be zero.
        assert!(read(r#"{"size":"1","id":"-_8A","key":"AB"}"#).is_err());
        assert!(read(r#"{"size":1,"id":"-_8A","key":""}"#).is_err());
    }

    #[test]
    fn what_is_not_json_is_refused() {
        assert!(decode::<Payload>(b"\xff").is_err());
        assert!(read("").is_err());
        assert!(read(r#"{"size":"1","id":"-_8A","key":""} x"#).is_err());
        assert!(read(r#"{"size":"1","id":"-_8A"}"#).is_err());
    }
}
