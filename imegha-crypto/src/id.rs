//! Public values of fixed length: ids, hashes, fingerprints, signatures.

use std::fmt;

use crate::error::{Error, Result};

macro_rules! fixed {
    ($(#[$meta:meta])* $name:ident, $len:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $len]);

        impl $name {
            /// Its length in bytes.
            pub const LEN: usize = $len;

            /// The value of these bytes.
            pub const fn from_bytes(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }

            /// The bytes.
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }

            /// Reads lower-case hex.
            ///
            /// # Errors
            /// [`Error::Malformed`] for another length, another case, another digit.
            pub fn parse_hex(text: &str) -> Result<Self> {
                let mut bytes = [0; $len];
                if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
                    return Err(Error::Malformed);
                }
                hex::decode_to_slice(text, &mut bytes).map_err(|_| Error::Malformed)?;
                Ok(Self(bytes))
            }
        }

        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    };
}

fixed! {
    /// The id of an account, a cloud, a node, a grant: 16 random bytes, drawn by the client.
    Id, 16
}
fixed! {
    /// A SHA-256 hash (FIPS 180-4).
    Hash, 32
}
fixed! {
    /// The fingerprint of an identity: a SHA-256 hash of its public keys (FORMAT 7).
    Fingerprint, 32
}
fixed! {
    /// An Ed25519 signature (RFC 8032). Verified by [`PublicIdentity`](crate::PublicIdentity), never compared.
    Signature, 64
}

impl Id {
    /// The parent of a root node: 16 zero bytes.
    pub const ZERO: Self = Self([0; 16]);

    /// A fresh random id.
    ///
    /// # Errors
    /// [`Error::Platform`] when the platform has no randomness to give.
    pub fn generate() -> Result<Self> {
        let mut bytes = [0; 16];
        crate::primitives::fill_random(&mut bytes)?;
        Ok(Self(bytes))
    }
}

impl Hash {
    /// The hash before the first: 32 zero bytes.
    pub const ZERO: Self = Self([0; 32]);

    /// SHA-256 of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest as _;
        Self(sha2::Sha256::digest(bytes).into())
    }
}
