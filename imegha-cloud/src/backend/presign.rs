//! [`Presign`]: addresses by which others read and write single objects, without a key to the store.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use base64ct::{Base64, Encoding as _};

use super::ObjectName;
use crate::error::Result;

/// A store that can let somebody else reach one object for a while, past whoever asks it to.
///
/// Parts of uploads are [`Upload::presign_part`](super::Upload::presign_part)'s: the handle knows what they join to.
#[async_trait]
pub trait Presign: Send + Sync + fmt::Debug {
    /// An address whose `GET` reads just this object, with any `Range`. Whether it is there is not looked at.
    async fn presign_get(&self, name: &ObjectName) -> Result<PresignedUrl>;

    /// An address whose `PUT`, with `If-None-Match: *` and the checksum, stores this object unless there is one of that name.
    async fn presign_put(&self, name: &ObjectName, announced: &Announced) -> Result<PresignedUrl>;
}

/// How long such an address is good for. What has begun by then is finished.
pub const PRESIGNED_FOR: Duration = Duration::from_secs(300);

/// The bytes that are going to be put. They are signed with the address: other bytes are not taken there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announced {
    /// How many they are.
    pub len: u64,
    /// Their CRC-32, as in gzip.
    pub crc32: u32,
}

impl Announced {
    /// The CRC-32 as headers of S3 have it: its 4 bytes, the highest first, in base64.
    pub fn checksum(&self) -> String {
        Base64::encode_string(&self.crc32.to_be_bytes())
    }
}

/// An address that is a key to one object: who has it needs nothing else. It shows in no `Debug`, and belongs in no log.
#[derive(Clone, PartialEq, Eq)]
pub struct PresignedUrl(String);

impl PresignedUrl {
    /// An address that somebody signed.
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// The address, to be handed to whoever may use it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PresignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PresignedUrl(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_shows_nowhere() {
        let url = PresignedUrl::new("https://bucket.example/secret");
        assert!(!format!("{url:?} {:#?}", Some(&url)).contains("secret"));
    }
}
