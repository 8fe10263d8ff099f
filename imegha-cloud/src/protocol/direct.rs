//! Objects that go straight between a client and the bucket, past the gateway.
//!
//! The gateway answers with an address that is good for one object and 300 seconds ([`Presign`](crate::backend::Presign)); it redirects
//! nobody. To it the client sends nothing of a gateway's: no signature, no audience. A `GET` may have a `Range`. A `PUT` has the length
//! and [`CHECKSUM`] of the body that was announced, that of an object also `If-None-Match: *`. The bucket's answer is told
//! by its status alone.

use serde::{Deserialize, Serialize};

use super::Decimal;
use crate::backend::Announced;

/// The header of a signed request's answer by which a gateway says that it has such addresses: the fewest bytes that should go straight.
pub const DIRECT: &str = "imegha-direct";

/// The header of a body's CRC-32: its 4 bytes, the highest first, in base64.
pub const CHECKSUM: &str = "x-amz-checksum-crc32";

/// Asks for an address to put an object or a part to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectRequest {
    /// How many bytes it will be.
    pub len: Decimal,
    /// Their CRC-32, as in gzip.
    pub crc32: u32,
}

impl DirectRequest {
    /// What is announced.
    pub fn announced(&self) -> Announced {
        Announced { len: self.len.0, crc32: self.crc32 }
    }

    /// The value of [`CHECKSUM`].
    pub fn checksum(&self) -> String {
        self.announced().checksum()
    }
}

/// Where the bytes are, or go.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectAnswer {
    /// The address: a secret as long as it is good.
    pub url: String,
}

impl std::fmt::Debug for DirectAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DirectAnswer(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_asked_for_and_answered_in_one_form() {
        let request = DirectRequest { len: Decimal(9), crc32: 0xcbf4_3926 };
        assert_eq!(serde_json::to_string(&request).unwrap(), r#"{"len":"9","crc32":3421780262}"#);
        assert_eq!(request.checksum(), "y/Q5Jg==");
        assert!(serde_json::from_str::<DirectRequest>(r#"{"len":"9","crc32":1,"more":1}"#).is_err());
        let answer: DirectAnswer = serde_json::from_str(r#"{"url":"https://x.example/secret","more":1}"#).unwrap();
        assert!(!format!("{answer:?}").contains("secret"));
    }
}
