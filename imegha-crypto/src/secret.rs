//! 32 secret bytes, and the types made of them.

use std::fmt;

use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::error::{Error, Result};

/// 32 secret bytes: on the heap so that moving them leaves no copy behind, zeroized when dropped, compared in constant
/// time, never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Secret(Box<[u8; 32]>);

impl Secret {
    /// 32 random bytes.
    pub(crate) fn generate() -> Result<Self> {
        Self::filled_by(|bytes| crate::primitives::fill_random(bytes))
    }

    /// What `fill` writes, straight to where it stays.
    pub(crate) fn filled_by(fill: impl FnOnce(&mut [u8; 32]) -> Result<()>) -> Result<Self> {
        let mut secret = Self(Box::new([0; 32]));
        fill(&mut secret.0)?;
        Ok(secret)
    }

    /// The secret of these bytes.
    ///
    /// # Errors
    /// [`Error::CannotOpen`] when they are not 32: this is what an opened key must be.
    pub(crate) fn from_slice(bytes: &[u8]) -> Result<Self> {
        Self::filled_by(|secret| {
            *secret = *<&[u8; 32]>::try_from(bytes).map_err(|_| Error::CannotOpen)?;
            Ok(())
        })
    }

    /// The bytes, for a primitive to work with.
    pub(crate) fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl ConstantTimeEq for Secret {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&*other.0)
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other).into()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Declares key types over [`Secret`]: each its own type, so that a key is used for what it is for.
macro_rules! secret_keys {
    ($($(#[$meta:meta])* $name:ident;)+) => { $(
        $(#[$meta])*
        #[derive(Clone)]
        pub struct $name(pub(crate) $crate::secret::Secret);

        impl subtle::ConstantTimeEq for $name {
            fn ct_eq(&self, other: &Self) -> subtle::Choice {
                self.0.ct_eq(&other.0)
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                subtle::ConstantTimeEq::ct_eq(self, other).into()
            }
        }

        impl Eq for $name {}

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }

        impl zeroize::ZeroizeOnDrop for $name {}

        #[cfg(feature = "hazmat")]
        impl $crate::hazmat::RawKey for $name {
            fn from_raw(bytes: &[u8; 32]) -> Self {
                Self($crate::secret::Secret::from_slice(bytes).expect("32 bytes are 32 bytes"))
            }

            fn raw(&self) -> &[u8; 32] {
                self.0.expose()
            }
        }
    )+ };
}
pub(crate) use secret_keys;
