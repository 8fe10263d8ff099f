//! The primitives, behind a small seam so that more than one library can provide them.
//!
//! | file | what | standard |
//! |---|---|---|
//! | `seal` | the one construction that seals everything | C2SP chunked-encryption, Cobblestone-256 |
//! | `run` | its chunks in bulk, on as many threads as one likes | |
//! | `aead` | AES-256-GCM | NIST SP 800-38D |
//! | `kdf` | HKDF and PBKDF2 | RFC 5869, RFC 8018 |
//! | `mnemonic` | 24 words | BIP39 |
//! | `sign` | Ed25519, strict | RFC 8032 |
//! | `rsa` | RSA-2048 key pairs, canonical DER only | RFC 8017, RFC 5958, RFC 5280 |
//! | `oaep` | RSA-OAEP with SHA-256 and a label | RFC 8017, 7.1 |
//! | `webcrypto` | the browser's own, asynchronous | W3C Web Cryptography API |

pub(crate) mod aead;
pub(crate) mod kdf;
pub(crate) mod mnemonic;
pub(crate) mod oaep;
pub mod provider;
pub(crate) mod rsa;
pub(crate) mod run;
pub(crate) mod seal;
pub(crate) mod sign;
#[cfg(target_arch = "wasm32")]
pub(crate) mod webcrypto;

use crate::error::{Error, Result};

/// Fills `bytes` from the platform's source of randomness.
pub(crate) fn fill_random(bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes).map_err(|_| Error::Platform)
}

/// An array of random bytes, for what is not secret: salts and nonces.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    fill_random(&mut bytes)?;
    Ok(bytes)
}
